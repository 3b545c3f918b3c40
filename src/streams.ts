/**
 * Signed uploads in chunks, and event streams.
 *
 * @module
 */

export type { Credentials, CredentialsSource, ScopedCredentials, SigningKey } from './async/credentials.ts'
export { crc32 } from './checksums/crc32.ts'
export { crc32c } from './checksums/crc32c.ts'
export { crc64nvme } from './checksums/crc64nvme.ts'
export { md5 } from './checksums/md5.ts'
export { sha1 } from './checksums/sha1.ts'
export { sha256 } from './checksums/sha256.ts'
export { sha512 } from './checksums/sha512.ts'
export type { Now } from './core/encoding/time.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { BodySource, StreamSource } from './core/http/body.ts'
export type { HeaderSelection, HeadersInput } from './core/http/headers.ts'
export type { Bytes, WebRequest, WebStream, WritableWebStream } from './core/http/platform.ts'
export type { UrlLike } from './core/http/url.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type {
  Checksum,
  ChecksumAlgorithm,
  RegionSet,
  RunningChecksum,
  SessionTokenName,
  SessionTokenPlacement,
  SigningOptions,
} from './core/signing/options.ts'
export type { Scope } from './core/signing/scope.ts'
export type { SignatureAlgorithm, Verifier } from './crypto/algorithm.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export type { ReceivedHeaders, ReceivedRequest } from './received/request.ts'
export type { Encode, EncodingStream } from './streams/encode.ts'
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
export { type VerifyEventsOptions, verifyEvents } from './streams/events/verify.ts'
export { type ResignChunksOptions, resignChunks, type VerifiedChunks } from './streams/resign-chunks.ts'
export type { ChunkedRequest, ChunkSigningOptions, SignedSeed } from './streams/seed.ts'
export { type SignChunksOptions, type SignedChunks, signChunks } from './streams/sign-chunks.ts'
