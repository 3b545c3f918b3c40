import type { ScopedCredentials, SecretCredentials } from '../../core/signing/credentials.ts'
import type { WebCryptoKey } from '../../crypto/webcrypto.ts'
import type {
  LoginOptions as CoreLoginOptions,
  RegionOptions as CoreRegionOptions,
  TokenOptions as CoreTokenOptions,
} from '../recipe/recipe.ts'
import type { SesOptions as CoreSesOptions } from '../services/ses.ts'
import type { WebSocketOptions as CoreWebSocketOptions } from '../services/web-socket.ts'

/** Credentials to sign with: the secret access key, or a key derived from it. */
export type Credentials = SecretCredentials | ScopedCredentials<Uint8Array | WebCryptoKey>

/** Credentials, or a function that returns them: the credential providers of the AWS SDK can be passed unchanged. */
export type CredentialsSource = Credentials | (() => Credentials | Promise<Credentials>)

/** Credentials with the secret, or a function that returns them. */
export type SecretCredentialsSource = SecretCredentials | (() => SecretCredentials | Promise<SecretCredentials>)

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
