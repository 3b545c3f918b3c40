/**
 * Verifies signed requests and forms on a server.
 *
 * @module
 */

export type { Credentials, ScopedCredentials, SigningKey } from './async/credentials.ts'
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
export type { BodySource, StreamSource } from './core/http/body.ts'
export type { Bytes, WebRequest, WebStream } from './core/http/platform.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type { Checksum, ChecksumAlgorithm, RunningChecksum, SessionTokenPlacement } from './core/signing/options.ts'
export type { Scope } from './core/signing/scope.ts'
export type { SignatureAlgorithm, Verifier } from './crypto/algorithm.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export type { Location } from './received/claim.ts'
export type { ReceivedHeaders, ReceivedRequest } from './received/request.ts'
export type { FormDetails, FormFields } from './s3/post/form.ts'
export type { CredentialsLookup, FoundCredentials } from './verify/authenticate.ts'
export type { AcceptanceOptions } from './verify/claim.ts'
export { type ErrorResponse, type ErrorResponseOptions, toErrorResponse } from './verify/error-response.ts'
export type { Body, VerifyOptions } from './verify/options.ts'
export type { CheckedBody } from './verify/payload.ts'
export { type VerifiedPost, type VerifyPostOptions, verifyPost } from './verify/post.ts'
export { type VerifiedRequest, verify } from './verify/verify.ts'
export { type ErrorDetails, type ExpectedStrings, SigV4VerifyError } from './verify/verify-error.ts'
