import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import { formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import { isSameScope, type Scope, scopeParts, signingContext } from '../core/signing/scope.ts'
import { type AnyContext, formatStringToSign, type Unsigned } from '../core/signing/string-to-sign.ts'
import type { Signing } from './algorithm.ts'
import { forgetKey, type KeyCache, keyBytes, scopedKey, signingCache } from './key-cache.ts'
import { nodeCrypto } from './runtime.ts'

// The counterpart of sha256.ts: the same names, and every function that hashes, derives or signs returns a promise. In Node,
// Bun and Deno, the runtime has functions that need no promise: they compute the same bytes in a tenth of the time. Web Crypto
// does the rest.

/** The bytes of a key, or a `CryptoKey`. */
export type HmacKey = Uint8Array | CryptoKey

/** A `CryptoKey` in the types of the user's project, inferred because Node's types do not declare it globally. */
export type WebCryptoKey = typeof globalThis extends {
  crypto: { subtle: { importKey(...args: never): Promise<infer Key> } }
}
  ? Key
  : never

const cache: KeyCache<Promise<HmacKey>> = /* @__PURE__ */ signingCache(isSameScope)

/** Returns whether the runtime has Web Crypto. */
export function hasSubtle(): boolean {
  return globalThis.crypto?.subtle !== undefined
}

/** Returns `crypto.subtle`, which `http://` pages and React Native lack even if they have `crypto`. */
export function subtle(): SubtleCrypto {
  return (
    globalThis.crypto?.subtle ??
    fail('ERR_SIGV4_CRYPTO_UNAVAILABLE', 'crypto.subtle', 'missing', "Import from 'sigv4/sync'.")
  )
}

export function utf8(message: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(message)
}

/** Formats bytes in lowercase hex. */
export function hex(bytes: ArrayBuffer | Uint8Array): string {
  let message = ''
  for (const byte of new Uint8Array(bytes)) message += (256 + byte).toString(16).slice(1)
  return message
}

export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/**
 * Computes the SHA-256 of bytes, or of a string as UTF-8, in lowercase hex, with `node:crypto` where it exists: Web Crypto
 * takes many times as long for a short string, and copies a long one first, which takes as long as most of the hash.
 */
export async function sha256Hex(data: string | Uint8Array): Promise<string> {
  return (
    nodeCrypto()?.hash?.('sha256', data, 'hex') ??
    hex(await subtle().digest('SHA-256', typeof data === 'string' ? utf8(data) : (data as BufferSource)))
  )
}

/** Imports the bytes of a key, which cannot be read back. */
export async function hmacKey(bytes: Uint8Array): Promise<CryptoKey> {
  return subtle().importKey('raw', bytes as BufferSource, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

async function webKey(key: HmacKey): Promise<CryptoKey> {
  return ArrayBuffer.isView(key) ? hmacKey(key) : key
}

/** Computes the HMAC-SHA-256 of a string, in lowercase hex. */
export async function hmacHex(key: HmacKey, message: string): Promise<string> {
  const createHmac = ArrayBuffer.isView(key) && nodeCrypto()?.createHmac
  if (createHmac)
    return createHmac('sha256', key as Uint8Array)
      .update(message)
      .digest('hex')
  return hex(await subtle().sign('HMAC', await webKey(key), utf8(message)))
}

export function randomBytes(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(32))
}

/** Returns the bytes of a signature in lowercase hex; `undefined` if it is malformed. */
export function signatureBytes(signature: string): Uint8Array<ArrayBuffer> | undefined {
  return /^[\da-f]{64}$/.test(signature) ? fromHex(signature) : undefined
}

/** Returns whether `signature` is the HMAC of a string. The runtime performs the comparison. */
export async function verifyHmac(key: HmacKey, message: string, signature: string): Promise<boolean> {
  const bytes = signatureBytes(signature)
  if (bytes === undefined) return false
  const { createHmac, timingSafeEqual } = (ArrayBuffer.isView(key) && nodeCrypto()) || {}
  if (createHmac && timingSafeEqual)
    return timingSafeEqual(
      createHmac('sha256', key as Uint8Array)
        .update(message)
        .digest(),
      bytes,
    )
  return subtle().verify('HMAC', await webKey(key), bytes, utf8(message))
}

/** Derives the signing key of a secret for the parts of a scope: one day, one region and one service. */
export async function deriveSigningKey(secretAccessKey: string, parts: readonly string[]): Promise<Uint8Array> {
  const createHmac = nodeCrypto()?.createHmac
  let key: string | Uint8Array | ArrayBuffer = `AWS4${secretAccessKey}`
  for (const part of parts)
    key = createHmac
      ? createHmac('sha256', key as Uint8Array)
          .update(part)
          .digest()
      : await subtle().sign(
          'HMAC',
          await hmacKey(typeof key === 'string' ? utf8(key) : (key as Uint8Array)),
          utf8(part),
        )
  return new Uint8Array(key as Uint8Array) // not a Buffer
}

/** Returns the key for a scope: derived from the secret, or given as bytes or as a `CryptoKey`. */
export async function importKey(secret: string | undefined, given: unknown, scope: Scope): Promise<HmacKey> {
  if (hasTag(given, 'CryptoKey')) return given as CryptoKey
  const bytes = secret ? await deriveSigningKey(secret, scopeParts(scope)) : keyBytes(given)
  return nodeCrypto()?.createHmac ? bytes : hmacKey(bytes)
}

/** Returns the signing key of credentials for a scope. It is derived once per secret, or object, and scope. */
export function signingKey(credentials: Credentials<unknown>, scope: Scope, from = cache): Promise<HmacKey> {
  return scopedKey(from, credentials, scope, (secret, given) => {
    const key = importKey(secret, given, scope)
    key.catch(() => forgetKey(from, credentials, key)) // failures are not cached
    return key
  })
}

/** Computes the signature of a request. With Web Crypto, the request is hashed while the key is being derived. */
export async function signature<Context extends AnyContext>(
  { context, parts }: Unsigned<Context>,
  credentials: Credentials<unknown>,
  algorithm: Pick<Signing<never, Context>, 'key' | 'sign'>,
): Promise<string> {
  const key = algorithm.key(credentials, context)
  const hash = await sha256Hex(formatCanonicalRequest(parts))
  return algorithm.sign(await key, formatStringToSign(context, hash))
}

/** Computes the signature of a string that does not belong to a request. */
export async function signString(message: string, scope: Scope, credentials: Credentials<unknown>): Promise<string> {
  return hmacHex(await signingKey(credentials, scope), message)
}

/** Signature Version 4. */
export const SIGV4: Signing = { context: signingContext, key: signingKey, sign: hmacHex }
