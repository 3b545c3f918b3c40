import { toOctets } from '../core/encoding/utf8.ts'
import { type Credentials, cachedKey, type KeyCache, keyBytes } from '../core/signing/credentials.ts'
import { formatStringToSign, type Unsigned } from '../core/signing/string-to-sign.ts'
import { compress, INITIAL } from './compress.ts'
import { runtimeHash } from './runtime.ts'

// SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1) in JavaScript, for engines and pages without Web Crypto.

/** An HMAC key: the states after its inner and outer blocks, so that these are hashed only once. */
export interface HmacKey {
  readonly inner: Words
  readonly outer: Words
  /** Number of signatures created with it. */
  uses: number
}

/** The eight words of a state. A plain array is created faster than a typed one. */
type Words = Readonly<ArrayLike<number>>

const cache: KeyCache<HmacKey> = /* @__PURE__ */ new WeakMap()

// Scratch memory. Every call is synchronous and writes what it reads, so no data passes from one call to the next.
const memory = /* @__PURE__ */ new ArrayBuffer(4096)
const scratch = /* @__PURE__ */ new Uint8Array(memory)
const scratchView = /* @__PURE__ */ new DataView(memory)
const state = /* @__PURE__ */ new Int32Array(8)

/** Undefined in bare engines such as Hermes and QuickJS. */
const encoder = /* @__PURE__ */ createEncoder()

function createEncoder(): TextEncoder | undefined {
  return typeof TextEncoder === 'function' ? new TextEncoder() : undefined
}

/** Writes a string as UTF-8 and returns its length. */
function write(text: string, bytes: Uint8Array): number {
  if (encoder) return encoder.encodeInto(text, bytes).written
  const octets = toOctets(text)
  for (let i = 0; i < octets.length; i++) bytes[i] = octets.charCodeAt(i)
  return octets.length
}

function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.subarray(0, write(text, bytes))
}

/** Sets the state. A loop, because `set` is slower for eight words. */
function start(from: Words): void {
  for (let i = 0; i < 8; i++) state[i] = from[i]!
}

/** Hashes the last part of a message into the state. `from` is the state after `before` bytes. */
function hash(data: string | Uint8Array, from: Words, before: number): void {
  const size = (typeof data === 'string' ? data.length * 3 : data.length) + 72
  const bytes = size > scratch.length ? new Uint8Array(size) : scratch
  let length = data.length
  if (typeof data === 'string') length = write(data, bytes)
  else bytes.set(data)
  hashBytes(bytes, length, from, before)
}

/** Pads the message at the start of `bytes` (FIPS 180-4 section 5.1.1) and hashes it. */
function hashBytes(bytes: Uint8Array, length: number, from: Words, before: number): void {
  const view = bytes === scratch ? scratchView : new DataView(bytes.buffer)
  const end = (length + 72) & ~63
  bytes.fill(0, length, end)
  bytes[length] = 128
  view.setInt32(end - 8, (before + length) / 0x20000000)
  view.setInt32(end - 4, (before + length) << 3)
  start(from)
  for (let offset = 0; offset < end; offset += 64) compress(state, view, offset)
}

/** Writes the digest into the scratch memory. */
function writeDigest(): void {
  for (let i = 0; i < 8; i++) scratchView.setInt32(i * 4, state[i]!)
}

function digestBytes(): Uint8Array {
  writeDigest()
  return scratch.slice(0, 32)
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
  return 48 + bits + 39 * ((bits + 6) >> 4) // no branch: half of the predictions would fail
}

/** From this length on, the runtime's hash is worth loading, which takes 2 ms. */
const LONG = 16_384

/** After this many signatures with a key it is worth loading for short messages, too: it saves 1 µs each. */
const MANY = 1000

/** Computes the SHA-256 of bytes, or of a string as UTF-8, in lower-case hex. */
export function sha256Hex(data: string | Uint8Array, isNative = data.length >= LONG): string {
  const native = isNative ? runtimeHash() : undefined
  if (native) return native('sha256', data, 'hex')
  hash(data, INITIAL, 0)
  return digestHex()
}

/** Prepares the bytes of a key for {@link hmacHex}. */
export function hmacKey(bytes: Uint8Array): HmacKey {
  let key = bytes
  if (key.length > 64) {
    hash(key, INITIAL, 0)
    key = digestBytes()
  }
  return { inner: padded(key, 0x36), outer: padded(key, 0x5c), uses: 0 }
}

/** Computes the state after a key's first block (RFC 2104). */
function padded(key: Uint8Array, pad: number): Words {
  scratch.fill(pad, 0, 64)
  for (let i = 0; i < key.length; i++) scratch[i]! ^= key[i]!
  start(INITIAL)
  compress(state, scratchView, 0)
  return [state[0]!, state[1]!, state[2]!, state[3]!, state[4]!, state[5]!, state[6]!, state[7]!]
}

/** Computes the HMAC of a string into the state. */
function hmac(key: HmacKey, text: string): void {
  hash(text, key.inner, 64)
  writeDigest()
  hashBytes(scratch, 32, key.outer, 64)
}

/** Computes the HMAC-SHA-256 of a string, in lower-case hex. */
export function hmacHex(key: HmacKey, text: string): string {
  hmac(key, text)
  return digestHex()
}

/** Returns whether `signature` is the HMAC of a string. The comparison does not stop at the first difference. */
export function verifyHmac(key: HmacKey, text: string, signature: string): boolean {
  const expected = hmacHex(key, text)
  let difference = expected.length ^ signature.length
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ signature.charCodeAt(i)
  return difference === 0
}

/** Derives the signing key of a secret, for one day, one region and one service. */
export function deriveSigningKey(secretAccessKey: string, scope: string): Uint8Array {
  let key = utf8(`AWS4${secretAccessKey}`)
  for (const part of scope.split('/')) {
    hmac(hmacKey(key), part)
    key = digestBytes()
  }
  return key
}

/** Returns the key for a scope: derived from the secret, or given as bytes. */
export function importKey(secret: string | undefined, given: unknown, scope: string): HmacKey {
  return hmacKey(secret === undefined ? keyBytes(given) : deriveSigningKey(secret, scope))
}

/** Returns the signing key of credentials for a scope. It is derived once per credentials object, day and scope. */
export function signingKey(credentials: Credentials<unknown>, scope: string): HmacKey {
  return cachedKey(cache, credentials, scope, (secret, given) => importKey(secret, given, scope))
}

/** Computes the signature of a request. */
export function signature(request: Unsigned, credentials: Credentials<unknown>): string {
  const key = signingKey(credentials, request.scope)
  const isNative = ++key.uses > MANY || request.canonicalRequest.length >= LONG
  return hmacHex(key, formatStringToSign(request, sha256Hex(request.canonicalRequest, isNative)))
}

/** Computes the signature of a string that does not belong to a request. */
export function signText(text: string, scope: string, credentials: Credentials<unknown>): string {
  return hmacHex(signingKey(credentials, scope), text)
}
