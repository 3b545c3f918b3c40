import { toOctets } from '../core/encoding/utf8.ts'
import { formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import { isSameScope, type Scope, type ScopeInput, scopeParts, signingContext } from '../core/signing/scope.ts'
import {
  type AnyContext,
  formatStringToSign,
  type RequestContext,
  type Unsigned,
} from '../core/signing/string-to-sign.ts'
import type { Signing } from './algorithm.ts'
import { compress, INITIAL } from './compress.ts'
import { type KeyCache, keyBytes, scopedKey, signingCache } from './key-cache.ts'
import { countSignature, hashForBody, loaded, type NativeKey, nativeHmacHex } from './native-hmac.ts'
import { type Hash, nodeCrypto } from './runtime.ts'

// SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1) in JavaScript, for engines and pages without Web Crypto.

/** An HMAC key: the states after its inner and outer blocks, so that these are hashed only once. */
export interface HmacKey extends NativeKey {
  readonly inner: Int32Array
  readonly outer: Int32Array
}

const cache: KeyCache<HmacKey> = /* @__PURE__ */ signingCache(isSameScope)

// Scratch memory. Every call is synchronous and writes what it reads, so no data passes from one call to the next.
const memory = /* @__PURE__ */ new ArrayBuffer(4096)
const scratch = /* @__PURE__ */ new Uint8Array(memory)
const scratchView = /* @__PURE__ */ new DataView(memory)
const block = /* @__PURE__ */ new Int32Array(memory, 0, 16)
const digest = /* @__PURE__ */ new Uint8Array(memory, 0, 32)
const state = /* @__PURE__ */ new Int32Array(8)

/** Undefined in bare engines such as Hermes and QuickJS. */
const encoder = /* @__PURE__ */ createEncoder()

function createEncoder(): TextEncoder | undefined {
  return typeof TextEncoder === 'function' ? new TextEncoder() : undefined
}

/** Writes a string as UTF-8 and returns its length. */
function write(message: string, bytes: Uint8Array): number {
  if (encoder) return encoder.encodeInto(message, bytes).written
  const octets = toOctets(message)
  for (let i = 0; i < octets.length; i++) bytes[i] = octets.charCodeAt(i)
  return octets.length
}

function utf8(message: string): Uint8Array {
  const bytes = new Uint8Array(message.length * 3)
  return bytes.subarray(0, write(message, bytes))
}

/** Sets the state. A loop, because `set` is slower for eight words. */
function start(from: Int32Array): void {
  for (let i = 0; i < 8; i++) state[i] = from[i]!
}

/** Hashes the last part of a message into the state. `from` is the state after `before` bytes. */
function hash(data: string | Uint8Array, from: Int32Array, before: number): void {
  const size = (typeof data === 'string' ? data.length * 3 : data.length) + 72
  const bytes = size > scratch.length ? new Uint8Array(size) : scratch
  let length = data.length
  if (typeof data === 'string') length = write(data, bytes)
  else bytes.set(data)
  hashBytes(bytes, length, from, before)
}

/** Pads the message at the start of `bytes` (FIPS 180-4 section 5.1.1) and hashes it. */
function hashBytes(bytes: Uint8Array, length: number, from: Int32Array, before: number): void {
  const view = bytes === scratch ? scratchView : new DataView(bytes.buffer)
  const end = (length + 72) & ~63
  bytes.fill(0, length, end)
  bytes[length] = 128
  view.setInt32(end - 8, (before + length) / 0x20000000)
  view.setInt32(end - 4, (before + length) << 3)
  start(from)
  for (let offset = 0; offset < end; offset += 64) compress(state, view, offset)
}

function writeDigest(): void {
  for (let i = 0; i < 8; i++) scratchView.setInt32(i * 4, state[i]!)
}

function digestHex(): string {
  let hex = ''
  for (const word of state)
    hex += String.fromCharCode(
      digit(word >>> 28),
      digit(word >>> 24),
      digit(word >>> 20),
      digit(word >>> 16),
      digit(word >>> 12),
      digit(word >>> 8),
      digit(word >>> 4),
      digit(word),
    )
  return hex
}

/** Returns the character code of the last four bits in hex. */
function digit(bits: number): number {
  bits &= 15
  return 48 + bits + 39 * ((bits + 6) >> 4) // without a branch: half of the predictions would fail
}

/** Computes the SHA-256 of bytes, or of a string as UTF-8, in lowercase hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return hashWith(hashForBody(data.length), data)
}

/** The same for one of thousands of strings: the runtime's hash is worth loading for them, however short they are. */
export function sha256HexOfMany(text: string): string {
  return hashWith(nodeCrypto('short')?.hash, text)
}

/** Computes a SHA-256 with the runtime's hash, or in JavaScript if there is none. */
export function hashWith(native: Hash | undefined, data: string | Uint8Array): string {
  if (native) return native('sha256', data, 'hex')
  hash(data, INITIAL, 0)
  return digestHex()
}

/** Prepares the bytes of a key for {@link hmacHex}. */
export function hmacKey(bytes: Uint8Array): HmacKey {
  const key = { inner: new Int32Array(8), outer: new Int32Array(8), bytes, blocks: undefined }
  setKey(key, bytes)
  return key
}

function setKey({ inner, outer }: HmacKey, bytes: Uint8Array): void {
  if (bytes.length > 64) {
    hash(bytes, INITIAL, 0)
    writeDigest()
    bytes = digest
  }
  scratch.set(bytes)
  scratch.fill(0, bytes.length, 64)
  setPadded(inner, 0x36363636)
  setPadded(outer, 0x36363636 ^ 0x5c5c5c5c)
}

/** Changes the block of a key by a pad (RFC 2104) and sets `to` to the state after it. */
function setPadded(to: Int32Array, pad: number): void {
  for (let i = 0; i < 16; i++) block[i]! ^= pad
  start(INITIAL)
  compress(state, scratchView, 0)
  to.set(state)
}

function hmac({ inner, outer }: HmacKey, message: string | Uint8Array): void {
  hash(message, inner, 64)
  writeDigest()
  hashBytes(scratch, 32, outer, 64)
}

/** Computes the HMAC-SHA-256 of a string or bytes, in lowercase hex. */
export function hmacHex(key: HmacKey, message: string | Uint8Array): string {
  hmac(key, message)
  return digestHex()
}

/** Returns whether `signature` is the HMAC of a string. The comparison does not stop at the first difference. */
export function verifyHmac(key: HmacKey, message: string, signature: string): boolean {
  const expected = hmacHex(key, message)
  let difference = expected.length ^ signature.length
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ signature.charCodeAt(i)
  return difference === 0
}

/** Derives the signing key of a secret for the parts of a scope: one day, one region and one service. */
export function deriveSigningKey(secretAccessKey: string, parts: readonly string[]): Uint8Array {
  return deriveKey(`AWS4${secretAccessKey}`, parts)
}

/** Derives a key step by step: each part is signed with the result of the part before. */
export function deriveKey(first: string, parts: readonly string[]): Uint8Array {
  let bytes = utf8(first)
  const key = hmacKey(bytes)
  for (const part of parts) {
    if (bytes === digest) setKey(key, bytes)
    hmac(key, part)
    writeDigest()
    bytes = digest
  }
  return bytes.slice()
}

/** Returns the key for a scope: derived from the secret, or given as bytes. */
export function importKey(secret: string | undefined, given: unknown, scope: Scope): HmacKey {
  return hmacKey(secret === undefined ? keyBytes(given) : deriveSigningKey(secret, scopeParts(scope)))
}

/** Returns the signing key of credentials for a scope. It is derived once per secret, or object, and scope. */
export function signingKey(credentials: Credentials<unknown>, scope: Scope): HmacKey {
  return scopedKey(cache, credentials, scope, importKey)
}

/** Computes the signature of a request. */
export function signature<Context extends AnyContext>(
  { context, parts }: Unsigned<Context>,
  credentials: Credentials<unknown>,
  algorithm: Pick<Signing<never, Context, string>, 'key' | 'sign'>,
): string {
  const key = algorithm.key(credentials, context)
  const canonicalRequest = formatCanonicalRequest(parts)
  const hash = hashWith(loaded.hash ?? hashForBody(canonicalRequest.length), canonicalRequest)
  return algorithm.sign(key, formatStringToSign(context, hash))
}

/** Computes the signature of an ASCII string that does not belong to a request. */
export function signString(message: string, scope: Scope, credentials: Credentials<unknown>): string {
  return sign(signingKey(credentials, scope), message)
}

function sign(key: HmacKey, message: string): string {
  if (loaded.hash) return nativeHmacHex(loaded.hash, key, message, write)
  countSignature()
  return hmacHex(key, message)
}

/** Signature Version 4. */
export const SIGV4: Signing<ScopeInput, RequestContext, string> = {
  context: signingContext,
  key: signingKey,
  sign,
}
