import { keyBytes } from '../core/body.ts'
import { compress, INITIAL } from './compress.ts'

// SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1) in plain JavaScript, for engines and places without Web Crypto.

/** The eight words between two blocks. */
type State = Int32Array

/** An HMAC key as the states behind its inner and its outer block, so that no signature hashes these again. */
export interface HmacKey {
  readonly inner: State
  readonly outer: State
  /** What the last signature shares with the next, most likely. */
  last?: Shared
}

/** A prefix and a tail of {@link signatureHex}; encoded when they come again. */
interface Shared {
  readonly prefix: string
  readonly tail: string
  encoded?: Encoded
}

interface Encoded {
  /** The inner state behind the whole blocks of the prefix, and how many bytes it has taken. */
  readonly state: State
  readonly taken: number
  readonly rest: Uint8Array
  readonly tailBytes: Uint8Array
}

// Scratch memory. Every call is synchronous and writes what it reads: nothing passes from one call to another.
const memory = /* @__PURE__ */ new ArrayBuffer(4096)
const scratch = /* @__PURE__ */ new Uint8Array(memory)
const scratchView = /* @__PURE__ */ new DataView(memory)
const state = /* @__PURE__ */ new Int32Array(8)

/** Writes text as UTF-8 and gives its length. Bare engines such as Hermes and QuickJS have no `TextEncoder`. */
function write(text: string, bytes: Uint8Array): number {
  if (typeof TextEncoder === 'function') return new TextEncoder().encodeInto(text, bytes).written
  const octets = unescape(encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')))
  for (let i = 0; i < octets.length; i++) bytes[i] = octets.charCodeAt(i)
  return octets.length
}

/** Starts from a state: the initial one, or one that has taken some blocks already. */
function start(from: State): void {
  for (let i = 0; i < 8; i++) state[i] = from[i]!
}

/** Takes text or bytes, the last of the message; `before` bytes were taken before. */
function finish(data: string | Uint8Array, before: number): void {
  const size = (typeof data === 'string' ? data.length * 3 : data.length) + 72
  const bytes = size > scratch.length ? new Uint8Array(size) : scratch
  let length = data.length
  if (typeof data === 'string') length = write(data, bytes)
  else bytes.set(data)
  finishBytes(bytes, length, before)
}

/** Pads the message at the start of `bytes` (FIPS 180-4 section 5.1.1) and takes it. */
function finishBytes(bytes: Uint8Array, length: number, before: number): void {
  const view = bytes === scratch ? scratchView : new DataView(bytes.buffer)
  const end = (length + 72) & ~63
  bytes.fill(0, length, end)
  bytes[length] = 128
  view.setInt32(end - 8, (before + length) / 0x20000000)
  view.setInt32(end - 4, (before + length) << 3)
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
  for (let i = 0; i < 8; i++) {
    const word = state[i]!
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
  }
  return hex
}

/** The character code of the last four bits in hex. */
function digit(bits: number): number {
  bits &= 15
  return 48 + bits + 39 * ((bits + 6) >> 4) // no branch: half of the guesses at one would fail
}

/** SHA-256 of bytes, or of text as UTF-8, in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  start(INITIAL)
  finish(data, 0)
  return digestHex()
}

/** Prepares the bytes of a key for {@link hmacHex}. */
export function hmacKey(bytes: Uint8Array): HmacKey {
  let key = bytes
  if (key.length > 64) {
    start(INITIAL)
    finish(key, 0)
    key = digestBytes()
  }
  const padded = (pad: number): State => {
    scratch.fill(pad, 0, 64)
    for (let i = 0; i < key.length; i++) scratch[i]! ^= key[i]!
    start(INITIAL)
    compress(state, scratchView, 0)
    return state.slice()
  }
  return { inner: padded(0x36), outer: padded(0x5c) }
}

/** Leaves the HMAC of the text in the state. */
function hmac(key: HmacKey, text: string): void {
  start(key.inner)
  finish(text, 64)
  finishOuter(key)
}

/** Takes the inner digest, which is the state, into the outer hash. */
function finishOuter(key: HmacKey): void {
  writeDigest()
  start(key.outer)
  finishBytes(scratch, 32, 64)
}

/** HMAC-SHA-256 of a text, in lower-case hex. */
export function hmacHex(key: HmacKey, text: string): string {
  hmac(key, text)
  return digestHex()
}

/**
 * `hmacHex(key, prefix + sha256Hex(head + tail))`, which is a signature, without making these texts: prefix and tail
 * stay encoded while they come again.
 */
export function signatureHex(key: HmacKey, prefix: string, head: string, tail: string): string {
  const { last } = key
  if (last?.prefix !== prefix || last.tail !== tail || (head.length + tail.length) * 3 + 72 > scratch.length) {
    key.last = { prefix, tail }
    return hmacHex(key, prefix + sha256Hex(head + tail))
  }
  last.encoded ??= encode(key, prefix, tail)
  const { state: prefixState, taken, rest, tailBytes } = last.encoded
  const length = write(head, scratch)
  scratch.set(tailBytes, length)
  start(INITIAL)
  finishBytes(scratch, length + tailBytes.length, 0)
  scratch.set(rest)
  let at = rest.length
  for (let i = 0; i < 8; i++) for (let bits = 28; bits >= 0; bits -= 4) scratch[at++] = digit(state[i]! >>> bits)
  start(prefixState)
  finishBytes(scratch, rest.length + 64, taken)
  finishOuter(key)
  return digestHex()
}

function encode(key: HmacKey, prefix: string, tail: string): Encoded {
  const bytes = utf8(prefix)
  const whole = bytes.length & ~63
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  start(key.inner)
  for (let offset = 0; offset < whole; offset += 64) compress(state, view, offset)
  return { state: state.slice(), taken: 64 + whole, rest: bytes.subarray(whole), tailBytes: utf8(tail) }
}

function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.subarray(0, write(text, bytes))
}

/** Whether `signature` is the HMAC of the text. The comparison does not stop at the first difference. */
export function verifyHmac(key: HmacKey, text: string, signature: string): boolean {
  const expected = hmacHex(key, text)
  let difference = expected.length ^ signature.length
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ signature.charCodeAt(i)
  return difference === 0
}

/** The signing key of a secret: good for one day, one region, one service. */
export function deriveSigningKey(secretAccessKey: string, credentialScope: string): Uint8Array {
  let key = utf8(`AWS4${secretAccessKey}`)
  for (const part of credentialScope.split('/')) {
    hmac(hmacKey(key), part)
    key = digestBytes()
  }
  return key
}

/** The key for a scope: derived from the secret, or given as bytes. */
export function importKey(secret: string | undefined, derived: unknown, credentialScope: string): HmacKey {
  return hmacKey(secret === undefined ? keyBytes(derived) : deriveSigningKey(secret, credentialScope))
}
