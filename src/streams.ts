/**
 * Signed uploads in chunks, and event streams.
 *
 * @module
 */

export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'

// event streams
export type { Bytes, WebRequest, WebStream } from './core/http/platform.ts'
export type { UrlLike } from './core/http/url.ts'
export type { ReceivedHeaders, ReceivedRequest } from './core/received/request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type { EventSeed } from './streams/events/chain.ts'
export {
  type DecodedEvent,
  decodeEvent,
  decodeEvents,
  type EventMessage,
  encodeEvent,
} from './streams/events/event.ts'
export type { EventHeader, EventHeaders } from './streams/events/headers.ts'
export { type EventSigner, type SignEventsOptions, signEvents } from './streams/events/sign.ts'
export type { StreamSource } from './streams/events/source.ts'
export { type VerifyEventsOptions, verifyEvents } from './streams/events/verify.ts'
