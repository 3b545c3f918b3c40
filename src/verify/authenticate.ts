import type { Credentials, SigningKey } from '../async/credentials.ts'
import { fail } from '../core/errors.ts'
import { hasTag, isObject } from '../core/kind.ts'
import { isExpired } from '../core/signing/credentials.ts'
import { credentialScope, type Scope } from '../core/signing/scope.ts'
import type { Verifier, Verifying } from '../crypto/algorithm.ts'
import { SIGV4_VERIFYING } from '../crypto/verifying.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import { hideRuns } from '../received/key-id.ts'
import { KEY_UNKNOWN, SCOPE_KEY, SIGNATURE, TOKEN_EXPIRED, TOKEN_INVALID } from '../received/refusals.ts'
import { type ClaimLocation, refuse } from './refuse.ts'
import type { ExpectedStrings } from './verify-error.ts'

/** The result of a lookup for an access key ID: the secret access key, a signing key, or credentials. */
export type FoundCredentials = string | SigningKey | Credentials

/** A function that returns the secret for an access key ID, or nothing for an unknown one. */
export type CredentialsLookup = (
  accessKeyId: string,
  scope: Scope,
) => FoundCredentials | null | undefined | Promise<FoundCredentials | null | undefined>

/** The claimed signature of a request or form. */
export interface ClaimedSignature {
  readonly location: ClaimLocation
  readonly accessKeyId: string
  readonly scope: Scope
  readonly sessionToken?: string | undefined
  /** As received. */
  readonly signature: string
  readonly algorithm: Verifying
}

interface AuthenticateOptions {
  readonly credentials: CredentialsLookup
  readonly hideUnknownKeys?: boolean | undefined
}

/**
 * Verifies that a holder of the key created the signature, for both `verify` and `verifyPost`: looks up the key, compares
 * the signature, then checks token and expiration, in this order. Without a key, this function always throws.
 *
 * @param strings - The strings that should have been signed.
 * @param now - Epoch milliseconds.
 * @returns A function that verifies the signatures of the chunks of a body.
 */
export async function authenticate(
  claim: ClaimedSignature,
  strings: ExpectedStrings,
  options: AuthenticateOptions,
  now: number,
): Promise<Verifier> {
  const { location, accessKeyId, scope, signature, sessionToken = '', algorithm } = claim
  const result = (await options.credentials(accessKeyId, scope)) ?? undefined
  const found = result === undefined ? undefined : toCredentials(result, accessKeyId)
  // a lookup may ignore the ID
  const known = found?.accessKeyId === accessKeyId ? found : undefined
  const { signingKey } = known ?? {}
  const isOther =
    signingKey && (algorithm !== SIGV4_VERIFYING || credentialScope(signingKey) !== credentialScope(scope))
  const usable = isOther ? undefined : known
  const details = { AWSAccessKeyId: hideRuns(accessKeyId), SignatureProvided: signature }
  // a secret or a key alone does not specify a token, so the caller must check it
  const expectedToken = known === result ? (known?.sessionToken ?? '') : sessionToken
  const hasExpired = isExpired(known?.expiration, now)

  const { hideUnknownKeys = false } = options
  if (!hideUnknownKeys) {
    if (!known) refuse(KEY_UNKNOWN, { AWSAccessKeyId: details.AWSAccessKeyId })
    if (!usable) refuse(SCOPE_KEY, { scope: credentialScope(scope) }, location)
  }
  const verifier = await algorithm.verifier(usable, hideUnknownKeys, scope)
  const isSigned = (await verifier(strings.stringToSign, signature)) && usable !== undefined
  // the time must not show that a key has no token
  const hasToken = hideUnknownKeys || expectedToken !== '' || sessionToken !== ''
  const isSameToken = !hasToken || (await isEqual(expectedToken, sessionToken))
  if (!isSigned || (hideUnknownKeys && (!isSameToken || hasExpired))) refuse(SIGNATURE, details, location, strings)
  // S3 knows temporary keys only with their tokens
  if (!isSameToken && sessionToken === '') refuse(KEY_UNKNOWN, { AWSAccessKeyId: details.AWSAccessKeyId })
  if (!isSameToken) refuse(TOKEN_INVALID, { 'Token-0': sessionToken })
  if (hasExpired) refuse(TOKEN_EXPIRED, { 'Token-0': sessionToken })
  return verifier
}

/** Converts a lookup result to credentials. Invalid keys could be guessed: `''`, or a member of `Object.prototype`. */
function toCredentials(found: FoundCredentials, accessKeyId: string): Credentials {
  if (typeof found === 'string' && found) return { accessKeyId, secretAccessKey: found }
  if (isObject(found)) {
    const credentials = 'key' in found ? { accessKeyId, signingKey: found } : found
    const { secretAccessKey, signingKey } = credentials
    const hasKey = signingKey ? isSigningKey(signingKey) : typeof secretAccessKey === 'string' && secretAccessKey
    if (hasKey && typeof credentials.accessKeyId === 'string') return credentials
  }
  return fail(
    'ERR_INVALID_ARG_TYPE',
    'The result of options.credentials',
    'type',
    'Return a secret access key, a signing key, credentials with their accessKeyId, or undefined for an unknown key.',
  )
}

function isSigningKey({ key, date, region, service }: SigningKey): boolean {
  if (![date, region, service].every((part) => typeof part === 'string' && part)) return false
  if (ArrayBuffer.isView(key)) return key.byteLength === 32
  if (!hasTag(key, 'CryptoKey')) return false
  const { algorithm, usages } = key as { algorithm?: Partial<HmacKeyAlgorithm>; usages?: readonly string[] }
  return algorithm?.name === 'HMAC' && algorithm.hash?.name === 'SHA-256' && usages?.includes('verify') === true
}

/** Compares hashes, whose bytes an attacker cannot choose. */
async function isEqual(one: string, other: string): Promise<boolean> {
  return (await sha256Hex(one)) === (await sha256Hex(other))
}
