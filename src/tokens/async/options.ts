import type { CredentialsSource, SecretCredentialsSource } from '../../async/credentials.ts'
import type {
  LoginOptions as CoreLoginOptions,
  RegionOptions as CoreRegionOptions,
  TokenOptions as CoreTokenOptions,
} from '../recipe/recipe.ts'
import type { SesOptions as CoreSesOptions } from '../services/ses.ts'
import type { WebSocketOptions as CoreWebSocketOptions } from '../services/web-socket.ts'

export type { Credentials, CredentialsSource, SecretCredentialsSource } from '../../async/credentials.ts'

/** Who signs, and when. */
export interface LoginOptions extends CoreLoginOptions<CredentialsSource> {}

/** Who signs, when, and for how long. */
export interface TokenOptions extends CoreTokenOptions<CredentialsSource> {}

/** Who signs, when, and where the service is. */
export interface RegionOptions extends CoreRegionOptions<CredentialsSource> {}

/** Who signs the URL of a WebSocket, for which service, and for how long. */
export interface WebSocketOptions extends CoreWebSocketOptions<CredentialsSource> {}

/** Whose password to create. */
export interface SesOptions extends CoreSesOptions<SecretCredentialsSource> {}
