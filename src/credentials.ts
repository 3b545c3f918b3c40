/**
 * Credentials for a signed fetch: from the environment, from the endpoint of a container, and for the token of an identity
 * provider.
 *
 * @module
 */

export type { CredentialsProvider } from './async/credentials.ts'
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
export { fromWebIdentity, type WebIdentityOptions } from './credentials/web-identity.ts'
