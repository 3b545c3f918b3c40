import { fail } from '../core/errors.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkSecret } from '../core/signing/credentials.ts'
import { type KeyScope, parseKeyScope, scopeParts } from '../core/signing/scope.ts'
import { deriveSigningKey as derive, hmacKey, type WebCryptoKey } from '../crypto/webcrypto.ts'
import type { SecretCredentialsSource, SigningKey } from './credentials.ts'

/** Options of `deriveSigningKey`. */
export interface SigningKeyOptions<Extractable extends boolean = boolean> {
  /** Credentials with the secret, or a function that returns them. */
  readonly credentials: SecretCredentialsSource
  /** `false` returns a `CryptoKey` that signs but cannot be read. @default `true` */
  readonly extractable?: Extractable | undefined
}

const OPTIONS = /* @__PURE__ */ members('credentials extractable')

/**
 * Derives the key that signs for one day, one region and one service, and nothing else. Keep the secret on the server and
 * pass the key to the process that signs, as `credentials: { accessKeyId, signingKey }`.
 *
 * @param scope - Region, service, and the day in UTC, by default today.
 * @param options - Credentials with the secret; `extractable: false` returns a `CryptoKey` that signs but cannot be read.
 * @returns `{ date, region, service, key }`; `key` is a secret.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING`; `TypeError` with `ERR_INVALID_ARG_VALUE` if the scope is invalid.
 * @example
 * ```ts
 * import { deriveSigningKey, presignGet } from 'sigv4'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const signingKey = await deriveSigningKey({ region: 'eu-west-1', service: 's3' }, { credentials })
 * const { url } = await presignGet('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', signingKey },
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key
 */
export function deriveSigningKey(
  scope: KeyScope,
  options: SigningKeyOptions<false> & { readonly extractable: false },
): Promise<SigningKey<WebCryptoKey>>
export function deriveSigningKey(scope: KeyScope, options: SigningKeyOptions): Promise<SigningKey<Uint8Array>>
export async function deriveSigningKey(scope: KeyScope, options: SigningKeyOptions): Promise<SigningKey> {
  const parsed = parseKeyScope(scope, Date.now())
  checkMembers('options', options, OPTIONS)
  const { credentials, extractable = true } = options
  if (typeof extractable !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'options.extractable', 'type', 'Pass a boolean.')
  const resolved = typeof credentials === 'function' ? await credentials() : credentials
  checkSecret(resolved, Date.now(), parsed.service)
  const key = await derive(resolved.secretAccessKey, scopeParts(parsed))
  return { ...parsed, key: extractable ? key : await hmacKey(key) }
}
