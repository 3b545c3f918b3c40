import { checkMembers, members } from '../core/members.ts'
import { checkSecret, resolved, type SecretCredentials, type SigningKey } from '../core/signing/credentials.ts'
import { type KeyScope, parseKeyScope, scopeParts } from '../core/signing/scope.ts'
import { deriveSigningKey as derive } from '../crypto/sha256.ts'

/** Options of `deriveSigningKey`. */
export interface SigningKeyOptions {
  /** Credentials with the secret. */
  readonly credentials: SecretCredentials
}

const OPTIONS = /* @__PURE__ */ members('credentials')

/**
 * Derives the key that signs for one day, one region and one service, and nothing else.
 *
 * @example
 * ```ts
 * import { deriveSigningKey, presignGet } from 'sigv4/sync'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const signingKey = deriveSigningKey({ region: 'eu-west-1', service: 's3' }, { credentials })
 * const { url } = presignGet('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', signingKey },
 * })
 * ```
 * @see `deriveSigningKey` of `sigv4` for the full documentation.
 */
export function deriveSigningKey(scope: KeyScope, options: SigningKeyOptions): SigningKey {
  const parsed = parseKeyScope(scope, Date.now())
  checkMembers('options', options, OPTIONS)
  const credentials = resolved(options.credentials)
  checkSecret(credentials, Date.now(), parsed.service)
  return { ...parsed, key: derive(credentials.secretAccessKey, scopeParts(parsed)) }
}
