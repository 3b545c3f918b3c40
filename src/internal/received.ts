export { type Coverage, canonicalRequestOf, receivedUri, statedHash } from '../received/canonicalize.ts'
export {
  CLOCK_SKEW,
  checkClock,
  checkExpires,
  checkLifetime,
  checkScopeDate,
  checkSignedHeaders,
  checkUnsigned,
  includesRegion,
  parseCredential,
  parseHeaderDate,
  queryParameters,
  readSignature,
} from '../received/claim.ts'
export { type ReceivedHeaders, type ReceivedRequest, readReceived } from '../received/request.ts'
