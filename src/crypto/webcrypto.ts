import { isA, keyBytes } from '../core/body.ts'
import { SigV4Error } from '../core/errors.ts'

// The twin of sha256.ts: the same names on Web Crypto, so every function gives a promise.

export type HmacKey = CryptoKey

/** A `CryptoKey` in the types of users: those of Node know it only by what makes it, and others not at all. */
export type WebCryptoKey = typeof globalThis extends {
  crypto: { subtle: { importKey(...args: never): Promise<infer Key> } }
}
  ? Key
  : never

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** `crypto.subtle`, which is missing on `http://` pages and in React Native even where `crypto` is there. */
function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle
  if (!found)
    throw new SigV4Error(
      'ERR_SIGV4_CRYPTO_UNAVAILABLE',
      "crypto.subtle is not available here (http:// page, React Native?): import the same functions from 'sigv4/sync'",
    )
  return found
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

function hex(bytes: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += (256 + byte).toString(16).slice(1)
  return text
}

/** SHA-256 of bytes, or of text as UTF-8, in lower-case hex. */
export async function sha256Hex(data: string | Uint8Array | ArrayBuffer): Promise<string> {
  return hex(await subtle().digest('SHA-256', typeof data === 'string' ? utf8(data) : (data as BufferSource)))
}

/** Prepares the bytes of a key for {@link hmacHex}; they cannot be read back. */
export async function hmacKey(bytes: Uint8Array): Promise<HmacKey> {
  return subtle().importKey('raw', bytes as BufferSource, HMAC, false, ['sign', 'verify'])
}

/** HMAC-SHA-256 of a text, in lower-case hex. */
export async function hmacHex(key: HmacKey, text: string): Promise<string> {
  return hex(await subtle().sign('HMAC', key, utf8(text)))
}

/** `hmacHex(key, prefix + sha256Hex(head + tail))`, which is a signature; hashes while the key is still being derived. */
export async function signatureHex(
  key: HmacKey | Promise<HmacKey>,
  prefix: string,
  head: string,
  tail: string,
): Promise<string> {
  const [hash, ready] = await Promise.all([sha256Hex(head + tail), key])
  return hmacHex(ready, prefix + hash)
}

/** Whether `signature` is the HMAC of the text, compared by Web Crypto itself. */
export async function verifyHmac(key: HmacKey, text: string, signature: string): Promise<boolean> {
  if (!/^[\da-f]{64}$/.test(signature)) return false
  const bytes = Uint8Array.from(signature.match(/../g)!, (pair) => Number.parseInt(pair, 16))
  return subtle().verify('HMAC', key, bytes, utf8(text))
}

/** The signing key of a secret: good for one day, one region, one service. */
export async function deriveSigningKey(secretAccessKey: string, credentialScope: string): Promise<Uint8Array> {
  let key: Uint8Array = utf8(`AWS4${secretAccessKey}`)
  for (const part of credentialScope.split('/'))
    key = new Uint8Array(await subtle().sign('HMAC', await hmacKey(key), utf8(part)))
  return key
}

/** The key for a scope: derived from the secret, or given as bytes or as a `CryptoKey`. */
export async function importKey(
  secret: string | undefined,
  derived: unknown,
  credentialScope: string,
): Promise<HmacKey> {
  if (isA(derived, 'CryptoKey')) return derived as CryptoKey
  return hmacKey(secret === undefined ? keyBytes(derived) : await deriveSigningKey(secret, credentialScope))
}
