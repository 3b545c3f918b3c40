/**
 * Tokens, headers and URLs to log in to databases, Kafka, Kubernetes and other services with AWS credentials. Functions
 * return a promise, and accept a function that provides credentials.
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
export type { HeadersInput } from './core/http/headers.ts'
export type { UrlLike } from './core/http/url.ts'
export type { ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { QueryInput } from './core/signing/options.ts'
export type { SignedRequest } from './core/signing/sign.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export type { S3ExpressTarget, SessionMode } from './s3/create-session.ts'
export {
  bedrockKey,
  cacheToken,
  codecommitCredentials,
  dsqlToken,
  eksToken,
  keyspacesResponse,
  mskToken,
  rdsToken,
  sesSmtpPassword,
} from './tokens/async/logins.ts'
export type {
  Credentials,
  CredentialsSource,
  LoginOptions,
  RegionOptions,
  S3ExpressSessionOptions,
  SecretCredentialsSource,
  SesOptions,
  TokenOptions,
  WebSocketOptions,
} from './tokens/async/options.ts'
export { appSyncProtocols, callerIdentity, s3ExpressSession, webSocketUrl } from './tokens/async/requests.ts'
export type { Lifetime, Token } from './tokens/recipe/recipe.ts'
export type { AppSyncConnection } from './tokens/services/app-sync.ts'
export type { BedrockTarget } from './tokens/services/bedrock.ts'
export type { CallerIdentity, CallerIdentityTarget } from './tokens/services/caller-identity.ts'
export type { CodeCommitCredentials } from './tokens/services/codecommit.ts'
export type { CacheTarget, DsqlTarget, RdsTarget } from './tokens/services/databases.ts'
export type { EksTarget } from './tokens/services/eks.ts'
export type { MskTarget, MskToken } from './tokens/services/kafka.ts'
export type { KeyspacesTarget } from './tokens/services/keyspaces.ts'
export type { SesSmtpCredentials, SesTarget } from './tokens/services/ses.ts'
export type { WebSocketUrl } from './tokens/services/web-socket.ts'
