/**
 * The functions of `sigv4/tokens`, synchronous: `sigv4/tokens` has the full documentation. Credentials cannot be a
 * function.
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
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { QueryInput } from './core/signing/options.ts'
export type { SignedRequest } from './core/signing/sign.ts'
export type { S3ExpressTarget, SessionMode } from './s3/create-session.ts'
export type { Lifetime, LoginOptions, RegionOptions, Token, TokenOptions } from './tokens/recipe/recipe.ts'
export type { AppSyncConnection } from './tokens/services/app-sync.ts'
export type { BedrockTarget } from './tokens/services/bedrock.ts'
export type { CallerIdentity, CallerIdentityTarget } from './tokens/services/caller-identity.ts'
export type { CodeCommitCredentials } from './tokens/services/codecommit.ts'
export type { CacheTarget, DsqlTarget, RdsTarget } from './tokens/services/databases.ts'
export type { EksTarget } from './tokens/services/eks.ts'
export type { MskTarget, MskToken } from './tokens/services/kafka.ts'
export type { KeyspacesTarget } from './tokens/services/keyspaces.ts'
export type { S3ExpressSessionOptions } from './tokens/services/s3-express.ts'
export type { SesOptions, SesSmtpCredentials, SesTarget } from './tokens/services/ses.ts'
export type { WebSocketOptions, WebSocketUrl } from './tokens/services/web-socket.ts'
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
} from './tokens/sync/logins.ts'
export { appSyncProtocols, callerIdentity, s3ExpressSession, webSocketUrl } from './tokens/sync/requests.ts'
