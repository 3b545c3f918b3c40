import { hasTag } from '../core/kind.ts'
import { type Credentials as CoreCredentials, cachedKey, type KeyCache, keyBytes } from '../core/signing/credentials.ts'
import { type Scope, scopeParts } from '../core/signing/scope.ts'
import { nodeCrypto } from './runtime.ts'
import * as webcrypto from './webcrypto.ts'

// The crypto of Node, Bun and Deno where it exists, because it needs no promise: Web Crypto takes ten times as long for a
// short string.

/** A key that verifies signatures: its bytes or, without `node:crypto` or if it cannot be read, a `CryptoKey`. */
export type VerifyingKey = Uint8Array | webcrypto.HmacKey

type Credentials = CoreCredentials<Uint8Array | webcrypto.WebCryptoKey>

const cache: KeyCache<Uint8Array> = /* @__PURE__ */ new WeakMap()

/** Computes an HMAC-SHA-256 with `node:crypto`. */
function hmac(key: string | Uint8Array, message: string): Uint8Array {
  return nodeCrypto()!.createHmac('sha256', key).update(message).digest()
}

/** Returns the bytes of a key for a scope: derived from the secret, or given. */
function bytesOf(secret: string | undefined, given: unknown, scope: Scope): Uint8Array {
  if (!secret) return keyBytes(given)
  return scopeParts(scope).reduce<string | Uint8Array>(hmac, `AWS4${secret}`) as Uint8Array
}

/** Returns the key of credentials for a scope. It is derived once per credentials object, day and scope. */
export async function verifyingKey(credentials: Credentials, scope: Scope): Promise<VerifyingKey> {
  return nodeCrypto() && !hasTag(credentials.signingKey?.key, 'CryptoKey')
    ? cachedKey(cache, credentials, scope, bytesOf)
    : webcrypto.signingKey(credentials, scope)
}

/** Computes the HMAC-SHA-256 of a string, in lowercase hex. */
export async function signHmac(key: VerifyingKey, message: string): Promise<string> {
  return ArrayBuffer.isView(key) ? webcrypto.hex(hmac(key, message)) : webcrypto.hmacHex(key, message)
}

/** Returns whether `signature` is the HMAC of a string. The runtime performs the comparison. */
export async function verifyHmac(key: VerifyingKey, message: string, signature: string): Promise<boolean> {
  if (!ArrayBuffer.isView(key)) return webcrypto.verifyHmac(key, message, signature)
  const bytes = webcrypto.signatureBytes(signature)
  return bytes !== undefined && nodeCrypto()!.timingSafeEqual(hmac(key, message), bytes)
}

/**
 * Returns the key of credentials if `signature` is the HMAC of a string, after the same work for any kind of credentials
 * or none: with a key of each kind, random where there is none. A random key is never returned.
 */
export async function verifyAfterEqualWork(
  credentials: Credentials | undefined,
  scope: Scope,
  message: string,
  signature: string,
): Promise<VerifyingKey | undefined> {
  const random = webcrypto.randomBytes()
  const { secretAccessKey, signingKey } = credentials ?? {}
  const given = signingKey?.key
  const isBytes = ArrayBuffer.isView(given)
  const importKey = nodeCrypto() ? bytesOf : webcrypto.importKey
  // at once, because the bytes of a key may be overwritten later
  const keys: VerifyingKey[] = await Promise.all([
    importKey(secretAccessKey ?? String(random).slice(0, 40), undefined, scope),
    importKey(undefined, isBytes ? given : random, scope),
    webcrypto.hmacKey(random),
  ])
  if (given && !isBytes) keys[2] = given as webcrypto.HmacKey
  const valid = await Promise.all(keys.map((key) => verifyHmac(key, message, signature)))
  const used = signingKey ? (isBytes ? 1 : 2) : 0
  return credentials && valid[used] ? keys[used] : undefined
}
