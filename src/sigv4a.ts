/**
 * Signs and presigns requests with Signature Version 4a, which are valid in several regions.
 *
 * @module
 */

export type { Duration } from './core/durations.ts'
export type { Expires, Now } from './core/encoding/time.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { HeaderSelection, HeadersInput } from './core/http/headers.ts'
export type { WebRequest, WebStream } from './core/http/platform.ts'
export type { UrlLike } from './core/http/url.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type {
  Checksum,
  ChecksumAlgorithm,
  QueryInput,
  RegionSet,
  RunningChecksum,
  SessionTokenPlacement,
} from './core/signing/options.ts'
export type { PresignedRequest } from './core/signing/presign.ts'
export type { SignedRequest, UnsignedRequest } from './core/signing/sign.ts'
export type { S3Object, Target } from './core/signing/target.ts'
export type { SignatureAlgorithm, Verifier } from './crypto/algorithm.ts'
export { sigv4a } from './sigv4a/algorithm.ts'
export {
  type CredentialsSource,
  deriveSigningKey,
  type PresignOptions,
  presign,
  presignDelete,
  presignGet,
  presignHead,
  presignPut,
  type SigningKeyOptions,
  type SignOptions,
  sign,
} from './sigv4a/async.ts'
