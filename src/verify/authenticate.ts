import { type ClaimLocation, mismatch } from '../core/authorization.ts'
import { isA, isObject } from '../core/body.ts'
import {
  type Credentials as CoreCredentials,
  type SigningKey as CoreSigningKey,
  cachedKey,
  credentialScope,
  isExpired,
  type KeyCache,
  type Scope,
} from '../core/credentials.ts'
import { fail } from '../core/errors.ts'
import { memoOf } from '../core/memo.ts'
import { type ExpectedStrings, refuse, refuseSignature, tokenDetails } from '../core/refusal.ts'
import { type HmacKey, importKey, sha256Hex, verifyHmac, type WebCryptoKey } from '../crypto/webcrypto.ts'

/** A derived key; its `key` is bytes, or a `CryptoKey` that cannot be read. */
export type SigningKey = CoreSigningKey<Uint8Array | WebCryptoKey>

export type Credentials = CoreCredentials<Uint8Array | WebCryptoKey>

/** What a lookup returns for an access key id: the secret access key, a signing key, or credentials. */
export type FoundCredentials = string | SigningKey | Credentials

/** Returns the secret of an access key id, or nothing for an unknown one. */
export type CredentialsLookup = (
  accessKeyId: string,
  scope: Scope,
) => FoundCredentials | null | undefined | Promise<FoundCredentials | null | undefined>

/** What a request or form claims about its signature. */
export interface Claim {
  readonly location: ClaimLocation
  readonly accessKeyId: string
  readonly scope: Scope
  readonly sessionToken?: string | undefined
  /** As received. */
  readonly signature: string
}

interface AuthenticateOptions {
  readonly credentials: CredentialsLookup
  readonly hideUnknownKeys?: boolean | undefined
}

const cache = /* @__PURE__ */ new WeakMap<object, KeyCache<Promise<HmacKey>>>()

/**
 * Proves that a holder of the key made the signature, for `verify` and `verifyPost` alike: looks up the key, compares the
 * signature, then checks token and expiration, in this order. There is no other place where the signature of a request
 * meets a key, and without a key there is no way to the end.
 *
 * @param strings - What should have been signed.
 * @param now - Epoch milliseconds.
 * @returns The key, which also signs the chunks of a body.
 */
export async function authenticate(
  claim: Claim,
  strings: ExpectedStrings,
  options: AuthenticateOptions,
  now: number,
): Promise<HmacKey> {
  const { accessKeyId, signature, sessionToken = '' } = claim
  const { hideUnknownKeys = false } = options
  const scope = credentialScope(claim.scope)
  const result = (await options.credentials(accessKeyId, claim.scope)) ?? undefined
  const found = result === undefined ? undefined : readFound(result, accessKeyId)
  // a lookup may ignore the id that it is given
  const known = found?.accessKeyId === accessKeyId ? found : undefined
  const isForScope = !known?.signingKey || credentialScope(known.signingKey) === scope
  const usable = isForScope ? known : undefined
  const refused = { AWSAccessKeyId: accessKeyId, SignatureProvided: signature }
  // a secret or a key alone says nothing of a token, which is then for the caller to judge
  const expectedToken = known === result ? (known?.sessionToken ?? '') : sessionToken
  const hasExpired = isExpired(known?.expiration, now)

  if (hideUnknownKeys) {
    const { key, decoy } = await keyAfterEqualWork(usable, scope)
    const isRight = await verifyHmac(key ?? decoy, strings.stringToSign, signature)
    const isSameToken = await isSame(expectedToken, sessionToken)
    if (!key || !isRight || !isSameToken || hasExpired) refuseSignature(refused, strings)
    return key
  }

  if (!known)
    refuse(
      'ERR_SIGV4_ACCESS_KEY_UNKNOWN',
      'InvalidAccessKeyId',
      403,
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: accessKeyId },
    )
  if (!usable) mismatch(claim.location, `the key of this credential cannot sign for ${scope}.`)
  const key = await cachedKey(memoOf(cache, usable), usable, scope, (secret, derived) => {
    const made = importKey(secret, derived, scope)
    made.catch(() => cache.delete(usable)) // a failure is not kept
    return made
  })
  if (!(await verifyHmac(key, strings.stringToSign, signature))) refuseSignature(refused, strings)
  if ((expectedToken || sessionToken) && !(await isSame(expectedToken, sessionToken)))
    refuse(
      'ERR_SIGV4_ACCESS_KEY_UNKNOWN',
      'InvalidToken',
      400,
      'The provided token is malformed or otherwise invalid.',
      tokenDetails(sessionToken),
    )
  if (hasExpired)
    refuse('ERR_SIGV4_EXPIRED', 'ExpiredToken', 400, 'The provided token has expired.', tokenDetails(sessionToken))
  return key
}

/** The result of a lookup as credentials. What cannot be a key could be guessed: `''`, or a member of `Object.prototype`. */
function readFound(found: FoundCredentials, accessKeyId: string): Credentials {
  if (typeof found === 'string' && found) return { accessKeyId, secretAccessKey: found }
  if (isObject(found)) {
    const credentials = 'key' in found ? { accessKeyId, signingKey: found } : found
    const { secretAccessKey, signingKey } = credentials
    const hasKey = signingKey ? isSigningKey(signingKey) : typeof secretAccessKey === 'string' && secretAccessKey
    if (hasKey && typeof credentials.accessKeyId === 'string') return credentials
  }
  return fail(
    'ERR_INVALID_ARG_TYPE',
    'options.credentials must return a secret access key, a signing key, or credentials with either of them and their accessKeyId; undefined for an unknown key',
  )
}

function isSigningKey({ key, date, region, service }: SigningKey): boolean {
  if (![date, region, service].every((part) => typeof part === 'string' && part)) return false
  if (ArrayBuffer.isView(key)) return key.byteLength === 32
  if (!isA(key, 'CryptoKey')) return false
  const { algorithm, usages } = key as { algorithm?: Partial<HmacKeyAlgorithm>; usages?: readonly string[] }
  return algorithm?.name === 'HMAC' && algorithm.hash?.name === 'SHA-256' && usages?.includes('verify') === true
}

/**
 * The key of credentials, after the same calls of Web Crypto whether there are any. `decoy` is random in every call where
 * there is no key, is good for nothing but the work, and is never returned to a caller.
 */
async function keyAfterEqualWork(
  credentials: Credentials | undefined,
  scope: string,
): Promise<{ readonly key: HmacKey | undefined; readonly decoy: HmacKey }> {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(32))
  const { secretAccessKey, signingKey } = credentials ?? {}
  const isBytes = signingKey && ArrayBuffer.isView(signingKey.key)
  const fromSecret = await importKey(
    secretAccessKey ?? String.fromCharCode(...random.map((byte) => 48 + (byte & 63))),
    undefined,
    scope,
  )
  const fromBytes = await importKey(undefined, isBytes ? signingKey.key : random, scope)
  if (!credentials) return { key: undefined, decoy: fromBytes }
  const key = !signingKey ? fromSecret : isBytes ? fromBytes : await importKey(undefined, signingKey.key, scope)
  return { key, decoy: fromBytes }
}

/** Compares hashes, whose bytes nobody can choose. */
async function isSame(one: string, other: string): Promise<boolean> {
  return (await sha256Hex(one)) === (await sha256Hex(other))
}
