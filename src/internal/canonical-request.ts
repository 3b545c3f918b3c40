export {
  type CanonicalRequest,
  canonicalHeaders,
  canonicalUri,
  EMPTY_HASH,
  formatCanonicalRequest,
  type PathEncoding,
  type PathNormalization,
} from '../core/signing/canonical-request.ts'
export { EVENTS_PAYLOAD, type Payload, parsePayload, UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
export { ALGORITHM, ALGORITHM_4A, formatStringToSign, type SigningContext } from '../core/signing/string-to-sign.ts'
