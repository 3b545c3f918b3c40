import { type Credentials as CoreCredentials, type KeyCache, verifyingCache } from '../core/signing/credentials.ts'
import { isSameScope, type Scope } from '../core/signing/scope.ts'
import * as webcrypto from './webcrypto.ts'

// Keys of credentials that an application looks up for requests of others.

type Credentials = CoreCredentials<Uint8Array | webcrypto.WebCryptoKey>

const cache: KeyCache<Promise<webcrypto.HmacKey>> = /* @__PURE__ */ verifyingCache(isSameScope)

/** Returns the key of credentials for a scope. It is derived once per credentials object, day and scope. */
export async function verifyingKey(credentials: Credentials, scope: Scope): Promise<webcrypto.HmacKey> {
  return webcrypto.signingKey(credentials, scope, cache)
}

/**
 * Returns the key of credentials if `signature` is the HMAC of a string, after the same work for any kind of credentials
 * or none: with a key of each kind, random where there is none. A random key is never returned, and no cache is read.
 */
export async function verifyAfterEqualWork(
  credentials: Credentials | undefined,
  scope: Scope,
  message: string,
  signature: string,
): Promise<webcrypto.HmacKey | undefined> {
  const random = webcrypto.randomBytes()
  const { secretAccessKey, signingKey } = credentials ?? {}
  const given = signingKey?.key
  const isBytes = ArrayBuffer.isView(given)
  // at once, because the bytes of a key may be overwritten later
  const keys = await Promise.all([
    webcrypto.importKey(secretAccessKey ?? String(random).slice(0, 40), undefined, scope),
    webcrypto.importKey(undefined, isBytes ? given : random, scope),
    webcrypto.hmacKey(random),
  ])
  if (given && !isBytes) keys[2] = given as CryptoKey
  const valid = await Promise.all(keys.map((key) => webcrypto.verifyHmac(key, message, signature)))
  const used = signingKey ? (isBytes ? 1 : 2) : 0
  return credentials && valid[used] ? keys[used] : undefined
}
