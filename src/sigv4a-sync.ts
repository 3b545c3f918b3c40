/**
 * The functions of `sigv4/sigv4a`, synchronous, with the `node:crypto` of Node, Deno and Bun. `sigv4/sigv4a` has the full
 * documentation; here, credentials cannot be a function, and a body cannot be a `Blob`.
 *
 * @module
 */

export type { Expires } from './core/encoding/time.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { HeaderSelection, HeadersInput } from './core/http/headers.ts'
export type { UrlLike } from './core/http/url.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { Checksum, QueryInput, RunningChecksum, SessionTokenPlacement } from './core/signing/options.ts'
export type { PresignedRequest } from './core/signing/presign.ts'
export type { SignedRequest, UnsignedRequest } from './core/signing/sign.ts'
export type { S3Object, Target } from './core/signing/target.ts'
export type { PresignOptions, RegionSet, SignOptions } from './sigv4a/input.ts'
export { deriveSigningKey4a, presign, presignGet, presignPut, sign } from './sigv4a/sync.ts'
