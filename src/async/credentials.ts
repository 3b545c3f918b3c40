import type {
  ScopedCredentials as CoreScopedCredentials,
  SigningKey as CoreSigningKey,
  SecretCredentials,
} from '../core/signing/credentials.ts'
import type { WebCryptoKey } from '../crypto/webcrypto.ts'

/** A key for one day, one region and one service; its `key` is bytes, or a non-extractable `CryptoKey`. */
export interface SigningKey<Key = Uint8Array | WebCryptoKey> extends CoreSigningKey<Key> {}

/** Credentials with a derived key in place of the secret. */
export interface ScopedCredentials extends CoreScopedCredentials<Uint8Array | WebCryptoKey> {}

/** Credentials to sign with: the secret access key, or a key derived from it. */
export type Credentials = SecretCredentials | ScopedCredentials

/** Credentials, or a function that returns them: the credential providers of the AWS SDK can be passed unchanged. */
export type CredentialsSource = Credentials | (() => Credentials | Promise<Credentials>)

/** Credentials with the secret, or a function that returns them. */
export type SecretCredentialsSource = SecretCredentials | (() => SecretCredentials | Promise<SecretCredentials>)

/**
 * A function that returns credentials, such as a credential provider of the AWS SDK, for functions that keep its result and
 * refresh it.
 */
export type CredentialsProvider<Result = Credentials | Promise<Credentials>> = (options?: {
  /** `true` if a service rejected the credentials as expired: return others. Set at most once in 10 seconds. */
  readonly forceRefresh?: boolean
}) => Result
