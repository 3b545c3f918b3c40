import type { CredentialsSource, SecretCredentialsSource } from '../../async/credentials.ts'
import type {
  LoginOptions as CoreLoginOptions,
  RegionOptions as CoreRegionOptions,
  TokenOptions as CoreTokenOptions,
} from '../recipe/recipe.ts'
import type { S3ExpressSessionOptions as CoreS3ExpressSessionOptions } from '../services/s3-express.ts'
import type { SesOptions as CoreSesOptions } from '../services/ses.ts'
import type { WebSocketOptions as CoreWebSocketOptions } from '../services/web-socket.ts'

export type { Credentials, CredentialsSource, SecretCredentialsSource } from '../../async/credentials.ts'

/** Signing options: credentials and time. */
export interface LoginOptions extends CoreLoginOptions<CredentialsSource> {}

/** Signing options: credentials, time, and lifetime. */
export interface TokenOptions extends CoreTokenOptions<CredentialsSource> {}

/** Signing options: credentials, time, and region. */
export interface RegionOptions extends CoreRegionOptions<CredentialsSource> {}

/** Options of `s3ExpressSession`. */
export interface S3ExpressSessionOptions extends CoreS3ExpressSessionOptions<CredentialsSource> {}

/** Options for the URL of a WebSocket: credentials, scope, and lifetime. */
export interface WebSocketOptions extends CoreWebSocketOptions<CredentialsSource> {}

/** Options of `sesSmtpPassword`. */
export interface SesOptions extends CoreSesOptions<SecretCredentialsSource> {}
