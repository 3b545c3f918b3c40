import type { Credentials as CoreCredentials } from '../core/signing/credentials.ts'
import { isSameScope, type Scope } from '../core/signing/scope.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import type { Verifier, Verifying } from './algorithm.ts'
import { type KeyCache, verifyingCache } from './key-cache.ts'
import * as webcrypto from './webcrypto.ts'

// Keys of credentials that an application looks up for requests of others.

type Credentials = CoreCredentials<Uint8Array | webcrypto.WebCryptoKey>

const cache: KeyCache<Promise<webcrypto.HmacKey>> = /* @__PURE__ */ verifyingCache(isSameScope)

/** Returns the key of credentials for a scope. It is derived once per credentials object, day and scope. */
export async function verifyingKey(credentials: Credentials, scope: Scope): Promise<webcrypto.HmacKey> {
  return webcrypto.signingKey(credentials, scope, cache)
}

/**
 * Returns a verifier for the HMACs of credentials. With `equalWork`, it does the same work for any kind of credentials or
 * none: it reads no cache, and compares with a key of each kind, which is random where there is none.
 */
async function verifier(credentials: Credentials | undefined, equalWork: boolean, scope: Scope): Promise<Verifier> {
  if (credentials && !equalWork) {
    const key = await verifyingKey(credentials, scope)
    return (message, signature) => webcrypto.verifyHmac(key, message, signature)
  }
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
  const used = signingKey ? (isBytes ? 1 : 2) : 0
  // once a signature was valid, the client knows that the key exists: those of chunks need no equal work
  let isKnown = false
  return async (message, signature) => {
    if (isKnown) return webcrypto.verifyHmac(keys[used]!, message, signature)
    const valid = await Promise.all(keys.map((key) => webcrypto.verifyHmac(key, message, signature)))
    isKnown = credentials !== undefined && valid[used]!
    return isKnown
  }
}

/** The part of Signature Version 4 that verifies. */
export const SIGV4_VERIFYING: Verifying = { name: ALGORITHM, verifier }
