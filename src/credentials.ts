/**
 * Credentials for a signed fetch: from the environment, from the endpoint of a container, for the token of an identity
 * provider, and for S3 Express sessions.
 *
 * @module
 */

export type { Credentials, CredentialsProvider, ScopedCredentials, SigningKey } from './async/credentials.ts'
export type { Duration } from './core/durations.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { UrlLike } from './core/http/url.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export { fromContainer } from './credentials/container.ts'
export { type CredentialVariables, fromEnvironment } from './credentials/environment.ts'
export { fromS3Express, type S3ExpressOptions } from './credentials/s3-express.ts'
export { fromWebIdentity, type WebIdentityOptions } from './credentials/web-identity.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export type { S3ExpressTarget, SessionMode } from './s3/create-session.ts'
