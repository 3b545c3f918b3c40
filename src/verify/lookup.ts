import {
  type Credentials as CoreCredentials,
  type SigningKey as CoreSigningKey,
  cachedKey,
  credentialScope,
  type KeyCache,
  type Scope,
} from '../core/credentials.ts'
import { fail } from '../core/errors.ts'
import { memoOf } from '../core/memo.ts'
import { refuse } from '../core/refusal.ts'
import type { SignedStatement } from '../core/verification.ts'
import { type HmacKey, importKey, sha256Hex, type WebCryptoKey } from '../crypto/webcrypto.ts'

/** A derived key; its `key` is bytes, or a `CryptoKey` that cannot be read. */
export type SigningKey = CoreSigningKey<Uint8Array | WebCryptoKey>

export type Credentials = CoreCredentials<Uint8Array | WebCryptoKey>

/** What a lookup finds for a key id: the secret access key, a derived key, or credentials. */
export type FoundCredentials = string | SigningKey | Credentials

/** Finds the secret of a key id. */
export type CredentialsLookup = (
  accessKeyId: string,
  scope: Scope,
) => FoundCredentials | null | undefined | Promise<FoundCredentials | null | undefined>

/** The key that a signature should be made with, and what else is wrong with its credentials. */
export interface LookedUp {
  readonly key: HmacKey
  readonly problem: 'unknown' | 'foreign token' | 'expired' | undefined
}

/** The secret of nobody: a key of it stands in for one that is not known. */
const NOBODY = 'unknown'

const cache = /* @__PURE__ */ new WeakMap<object, KeyCache<Promise<HmacKey>>>()

/**
 * Looks up the credentials of a request. `now` in milliseconds. `uniform`: the same work is done whatever is found, and
 * nothing is kept, so that time does not tell which key ids are known.
 */
export async function lookUp(
  options: { readonly credentials: CredentialsLookup },
  { accessKeyId, scope, sessionToken = '' }: Pick<SignedStatement, 'accessKeyId' | 'scope' | 'sessionToken'>,
  now: number,
  uniform: boolean,
): Promise<LookedUp> {
  const found = (await options.credentials(accessKeyId, scope)) ?? undefined
  const credentials = found === undefined ? undefined : readFound(found, accessKeyId)
  // somebody else's credentials, which a lookup gave without looking
  const isKnown = credentials !== undefined && (credentials.accessKeyId ?? accessKeyId) === accessKeyId
  const known = isKnown ? credentials : undefined
  const key = await keyFor(known, credentialScope(scope), uniform)
  const expected = known === found ? (known?.sessionToken ?? '') : sessionToken
  const hasToken = (!uniform && !expected && !sessionToken) || (await isSame(expected, sessionToken))
  const isOver = known?.expiration !== undefined && !(Number(known.expiration) > now)
  return { key, problem: !known ? 'unknown' : !hasToken ? 'foreign token' : isOver ? 'expired' : undefined }
}

/** What was found, as credentials. Anything else would make a key that can be guessed: `''`, or what a prototype has. */
function readFound(found: FoundCredentials, accessKeyId: string): Credentials {
  if (typeof found === 'string' && found) return { accessKeyId, secretAccessKey: found }
  if (typeof found === 'object') {
    if ('key' in found) return { accessKeyId, signingKey: found }
    const { secretAccessKey, signingKey } = found
    if (signingKey ? typeof signingKey === 'object' : typeof secretAccessKey === 'string' && secretAccessKey)
      return found
  }
  return fail(
    'ERR_INVALID_ARG_TYPE',
    'options.credentials must give a secret access key, a signing key, or credentials that hold one of them; undefined for a key id that is not known',
  )
}

/** The key that the signature should be made with. For a key id that is not known: a key of nobody, after the same work. */
async function keyFor(credentials: Credentials | undefined, scope: string, uniform: boolean): Promise<HmacKey> {
  const { secretAccessKey = NOBODY, signingKey } = credentials ?? {}
  const isForScope = signingKey && credentialScope(signingKey) === scope
  if (uniform) {
    const derived = await importKey(secretAccessKey, undefined, scope)
    const isBytes = isForScope && ArrayBuffer.isView(signingKey.key)
    const imported = await importKey(undefined, isBytes ? signingKey.key : new Uint8Array(32), scope)
    if (!isForScope) return derived
    return isBytes ? imported : importKey(undefined, signingKey.key, scope)
  }
  if (!credentials || (signingKey && !isForScope)) return importKey(NOBODY, undefined, scope)
  return cachedKey(memoOf(cache, credentials), credentials, scope, (secret, derived) => {
    const made = importKey(secret, derived, scope)
    made.catch(() => cache.delete(credentials)) // a failure is not kept
    return made
  })
}

/** Compares hashes, whose bytes nobody can choose. */
async function isSame(one: string, other: string): Promise<boolean> {
  return (await sha256Hex(one)) === (await sha256Hex(other))
}

/** Refuses credentials; the signature is wrong or right. */
export function refuseCredentials(problem: NonNullable<LookedUp['problem']>, accessKeyId: string): never {
  if (problem === 'foreign token')
    refuse('ERR_SIGV4_ACCESS_KEY_UNKNOWN', 'InvalidToken', 400, 'The provided token is malformed or otherwise invalid.')
  if (problem === 'expired') refuse('ERR_SIGV4_EXPIRED', 'ExpiredToken', 400, 'The provided token has expired.')
  return refuse(
    'ERR_SIGV4_ACCESS_KEY_UNKNOWN',
    'InvalidAccessKeyId',
    403,
    'The AWS Access Key Id you provided does not exist in our records.',
    { AWSAccessKeyId: accessKeyId },
  )
}
