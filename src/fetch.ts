/**
 * A `fetch` that signs requests, repeats those that failed, refreshes credentials, and corrects the clock.
 *
 * @module
 */

export type { Credentials, CredentialsProvider, ScopedCredentials, SigningKey } from './async/credentials.ts'
export type { Duration } from './core/durations.ts'
export type { Now } from './core/encoding/time.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { HeaderSelection } from './core/http/headers.ts'
export type { WebFetch } from './core/http/platform.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type {
  Checksum,
  ChecksumAlgorithm,
  RunningChecksum,
  SessionTokenName,
  SessionTokenPlacement,
  SigningOptions,
  SignOptions,
} from './core/signing/options.ts'
export type { KeyScope, Scope } from './core/signing/scope.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export type {
  Attempt,
  RetryOptions,
  RetryReason,
  SignedFetch,
  SignedFetchOptions,
  SignedRequestOptions,
} from './fetch/options.ts'
export { createSignedFetch } from './fetch/signed-fetch.ts'
