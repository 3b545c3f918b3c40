// SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1) in plain JavaScript, for engines and places without Web Crypto.

/**
 * The first 32 bits of the fractional parts of the `root`-th roots of the first `count` primes (FIPS 180-4 sections
 * 4.2.2 and 5.3.3): less code than the list, and a test holds them against it.
 */
function fractions(count: number, root: number): Int32Array {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) {
    let divisor = 2
    while (n % divisor) divisor++
    if (divisor === n) found.push((n ** (1 / root) * 0x100000000) | 0)
  }
  return Int32Array.from(found)
}

const K = /* @__PURE__ */ fractions(64, 3)
const INITIAL = /* @__PURE__ */ fractions(8, 2)

/** The eight words between two blocks. */
type State = Int32Array

/** An HMAC key as the states behind its inner and its outer block, so that no signature hashes these again. */
export interface HmacKey {
  readonly inner: State
  readonly outer: State
  /** What the last signature shares with the next, most likely. */
  last?: Encoded
}

/** A prefix and a tail of {@link signatureHex}, encoded. */
interface Encoded {
  readonly prefix: string
  readonly tail: string
  /** The inner state behind the whole blocks of the prefix, and how many bytes it has taken. */
  readonly state: State
  readonly taken: number
  readonly rest: Uint8Array
  readonly tailBytes: Uint8Array
}

// Scratch memory. Every call is synchronous and writes what it reads: nothing passes from one call to another.
const scratch = /* @__PURE__ */ new Uint8Array(4096)
const scratchView = /* @__PURE__ */ new DataView(scratch.buffer)
const state = /* @__PURE__ */ new Int32Array(8)

/** Character codes of `0` to `9` and `a` to `f`. */
const DIGITS = /* @__PURE__ */ Uint8Array.from({ length: 16 }, (_, i) => (i < 10 ? 48 : 87) + i)

/**
 * Takes a block into the state (FIPS 180-4 section 6.2.2). Sixteen rounds a turn, so that the variables change their
 * roles instead of their values, and sixteen words of the schedule are all that is kept.
 */
// biome-ignore format: a round is three lines
function compress(block: DataView, offset: number): void {
  let w0 = block.getInt32(offset)
  let w1 = block.getInt32(offset + 4)
  let w2 = block.getInt32(offset + 8)
  let w3 = block.getInt32(offset + 12)
  let w4 = block.getInt32(offset + 16)
  let w5 = block.getInt32(offset + 20)
  let w6 = block.getInt32(offset + 24)
  let w7 = block.getInt32(offset + 28)
  let w8 = block.getInt32(offset + 32)
  let w9 = block.getInt32(offset + 36)
  let w10 = block.getInt32(offset + 40)
  let w11 = block.getInt32(offset + 44)
  let w12 = block.getInt32(offset + 48)
  let w13 = block.getInt32(offset + 52)
  let w14 = block.getInt32(offset + 56)
  let w15 = block.getInt32(offset + 60)
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let t = 0; ; t += 16) {
    h = h + w0 + K[t]! + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) | 0
    d = d + h | 0
    h = h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0
    g = g + w1 + K[t + 1]! + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ d & (e ^ f)) | 0
    c = c + g | 0
    g = g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + (h & a ^ b & (h ^ a)) | 0
    f = f + w2 + K[t + 2]! + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ c & (d ^ e)) | 0
    b = b + f | 0
    f = f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + (g & h ^ a & (g ^ h)) | 0
    e = e + w3 + K[t + 3]! + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ b & (c ^ d)) | 0
    a = a + e | 0
    e = e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + (f & g ^ h & (f ^ g)) | 0
    d = d + w4 + K[t + 4]! + ((a >>> 6 | a << 26) ^ (a >>> 11 | a << 21) ^ (a >>> 25 | a << 7)) + (c ^ a & (b ^ c)) | 0
    h = h + d | 0
    d = d + ((e >>> 2 | e << 30) ^ (e >>> 13 | e << 19) ^ (e >>> 22 | e << 10)) + (e & f ^ g & (e ^ f)) | 0
    c = c + w5 + K[t + 5]! + ((h >>> 6 | h << 26) ^ (h >>> 11 | h << 21) ^ (h >>> 25 | h << 7)) + (b ^ h & (a ^ b)) | 0
    g = g + c | 0
    c = c + ((d >>> 2 | d << 30) ^ (d >>> 13 | d << 19) ^ (d >>> 22 | d << 10)) + (d & e ^ f & (d ^ e)) | 0
    b = b + w6 + K[t + 6]! + ((g >>> 6 | g << 26) ^ (g >>> 11 | g << 21) ^ (g >>> 25 | g << 7)) + (a ^ g & (h ^ a)) | 0
    f = f + b | 0
    b = b + ((c >>> 2 | c << 30) ^ (c >>> 13 | c << 19) ^ (c >>> 22 | c << 10)) + (c & d ^ e & (c ^ d)) | 0
    a = a + w7 + K[t + 7]! + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (h ^ f & (g ^ h)) | 0
    e = e + a | 0
    a = a + ((b >>> 2 | b << 30) ^ (b >>> 13 | b << 19) ^ (b >>> 22 | b << 10)) + (b & c ^ d & (b ^ c)) | 0
    h = h + w8 + K[t + 8]! + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g)) | 0
    d = d + h | 0
    h = h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0
    g = g + w9 + K[t + 9]! + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ d & (e ^ f)) | 0
    c = c + g | 0
    g = g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + (h & a ^ b & (h ^ a)) | 0
    f = f + w10 + K[t + 10]! + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ c & (d ^ e)) | 0
    b = b + f | 0
    f = f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + (g & h ^ a & (g ^ h)) | 0
    e = e + w11 + K[t + 11]! + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ b & (c ^ d)) | 0
    a = a + e | 0
    e = e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + (f & g ^ h & (f ^ g)) | 0
    d = d + w12 + K[t + 12]! + ((a >>> 6 | a << 26) ^ (a >>> 11 | a << 21) ^ (a >>> 25 | a << 7)) + (c ^ a & (b ^ c)) | 0
    h = h + d | 0
    d = d + ((e >>> 2 | e << 30) ^ (e >>> 13 | e << 19) ^ (e >>> 22 | e << 10)) + (e & f ^ g & (e ^ f)) | 0
    c = c + w13 + K[t + 13]! + ((h >>> 6 | h << 26) ^ (h >>> 11 | h << 21) ^ (h >>> 25 | h << 7)) + (b ^ h & (a ^ b)) | 0
    g = g + c | 0
    c = c + ((d >>> 2 | d << 30) ^ (d >>> 13 | d << 19) ^ (d >>> 22 | d << 10)) + (d & e ^ f & (d ^ e)) | 0
    b = b + w14 + K[t + 14]! + ((g >>> 6 | g << 26) ^ (g >>> 11 | g << 21) ^ (g >>> 25 | g << 7)) + (a ^ g & (h ^ a)) | 0
    f = f + b | 0
    b = b + ((c >>> 2 | c << 30) ^ (c >>> 13 | c << 19) ^ (c >>> 22 | c << 10)) + (c & d ^ e & (c ^ d)) | 0
    a = a + w15 + K[t + 15]! + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (h ^ f & (g ^ h)) | 0
    e = e + a | 0
    a = a + ((b >>> 2 | b << 30) ^ (b >>> 13 | b << 19) ^ (b >>> 22 | b << 10)) + (b & c ^ d & (b ^ c)) | 0
    if (t === 48) break
    w0 = w0 + ((w1 >>> 7 | w1 << 25) ^ (w1 >>> 18 | w1 << 14) ^ w1 >>> 3) + w9 + ((w14 >>> 17 | w14 << 15) ^ (w14 >>> 19 | w14 << 13) ^ w14 >>> 10) | 0
    w1 = w1 + ((w2 >>> 7 | w2 << 25) ^ (w2 >>> 18 | w2 << 14) ^ w2 >>> 3) + w10 + ((w15 >>> 17 | w15 << 15) ^ (w15 >>> 19 | w15 << 13) ^ w15 >>> 10) | 0
    w2 = w2 + ((w3 >>> 7 | w3 << 25) ^ (w3 >>> 18 | w3 << 14) ^ w3 >>> 3) + w11 + ((w0 >>> 17 | w0 << 15) ^ (w0 >>> 19 | w0 << 13) ^ w0 >>> 10) | 0
    w3 = w3 + ((w4 >>> 7 | w4 << 25) ^ (w4 >>> 18 | w4 << 14) ^ w4 >>> 3) + w12 + ((w1 >>> 17 | w1 << 15) ^ (w1 >>> 19 | w1 << 13) ^ w1 >>> 10) | 0
    w4 = w4 + ((w5 >>> 7 | w5 << 25) ^ (w5 >>> 18 | w5 << 14) ^ w5 >>> 3) + w13 + ((w2 >>> 17 | w2 << 15) ^ (w2 >>> 19 | w2 << 13) ^ w2 >>> 10) | 0
    w5 = w5 + ((w6 >>> 7 | w6 << 25) ^ (w6 >>> 18 | w6 << 14) ^ w6 >>> 3) + w14 + ((w3 >>> 17 | w3 << 15) ^ (w3 >>> 19 | w3 << 13) ^ w3 >>> 10) | 0
    w6 = w6 + ((w7 >>> 7 | w7 << 25) ^ (w7 >>> 18 | w7 << 14) ^ w7 >>> 3) + w15 + ((w4 >>> 17 | w4 << 15) ^ (w4 >>> 19 | w4 << 13) ^ w4 >>> 10) | 0
    w7 = w7 + ((w8 >>> 7 | w8 << 25) ^ (w8 >>> 18 | w8 << 14) ^ w8 >>> 3) + w0 + ((w5 >>> 17 | w5 << 15) ^ (w5 >>> 19 | w5 << 13) ^ w5 >>> 10) | 0
    w8 = w8 + ((w9 >>> 7 | w9 << 25) ^ (w9 >>> 18 | w9 << 14) ^ w9 >>> 3) + w1 + ((w6 >>> 17 | w6 << 15) ^ (w6 >>> 19 | w6 << 13) ^ w6 >>> 10) | 0
    w9 = w9 + ((w10 >>> 7 | w10 << 25) ^ (w10 >>> 18 | w10 << 14) ^ w10 >>> 3) + w2 + ((w7 >>> 17 | w7 << 15) ^ (w7 >>> 19 | w7 << 13) ^ w7 >>> 10) | 0
    w10 = w10 + ((w11 >>> 7 | w11 << 25) ^ (w11 >>> 18 | w11 << 14) ^ w11 >>> 3) + w3 + ((w8 >>> 17 | w8 << 15) ^ (w8 >>> 19 | w8 << 13) ^ w8 >>> 10) | 0
    w11 = w11 + ((w12 >>> 7 | w12 << 25) ^ (w12 >>> 18 | w12 << 14) ^ w12 >>> 3) + w4 + ((w9 >>> 17 | w9 << 15) ^ (w9 >>> 19 | w9 << 13) ^ w9 >>> 10) | 0
    w12 = w12 + ((w13 >>> 7 | w13 << 25) ^ (w13 >>> 18 | w13 << 14) ^ w13 >>> 3) + w5 + ((w10 >>> 17 | w10 << 15) ^ (w10 >>> 19 | w10 << 13) ^ w10 >>> 10) | 0
    w13 = w13 + ((w14 >>> 7 | w14 << 25) ^ (w14 >>> 18 | w14 << 14) ^ w14 >>> 3) + w6 + ((w11 >>> 17 | w11 << 15) ^ (w11 >>> 19 | w11 << 13) ^ w11 >>> 10) | 0
    w14 = w14 + ((w15 >>> 7 | w15 << 25) ^ (w15 >>> 18 | w15 << 14) ^ w15 >>> 3) + w7 + ((w12 >>> 17 | w12 << 15) ^ (w12 >>> 19 | w12 << 13) ^ w12 >>> 10) | 0
    w15 = w15 + ((w0 >>> 7 | w0 << 25) ^ (w0 >>> 18 | w0 << 14) ^ w0 >>> 3) + w8 + ((w13 >>> 17 | w13 << 15) ^ (w13 >>> 19 | w13 << 13) ^ w13 >>> 10) | 0
  }
  state[0] = state[0]! + a | 0
  state[1] = state[1]! + b | 0
  state[2] = state[2]! + c | 0
  state[3] = state[3]! + d | 0
  state[4] = state[4]! + e | 0
  state[5] = state[5]! + f | 0
  state[6] = state[6]! + g | 0
  state[7] = state[7]! + h | 0
}

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
  for (let offset = 0; offset < end; offset += 64) compress(view, offset)
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
  return DIGITS[bits & 15]!
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
    for (let i = 0; i < 64; i++) scratch[i] = key[i]! ^ pad
    start(INITIAL)
    compress(scratchView, 0)
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
 * stay encoded while they stay the same.
 */
export function signatureHex(key: HmacKey, prefix: string, head: string, tail: string): string {
  if (key.last?.prefix !== prefix || key.last.tail !== tail) key.last = encode(key, prefix, tail)
  const { state: prefixState, taken, rest, tailBytes } = key.last
  if (head.length * 3 + tailBytes.length + 72 > scratch.length) return hmacHex(key, prefix + sha256Hex(head + tail))
  const length = write(head, scratch)
  scratch.set(tailBytes, length)
  start(INITIAL)
  finishBytes(scratch, length + tailBytes.length, 0)
  scratch.set(rest)
  let at = rest.length
  for (let i = 0; i < 8; i++)
    for (let bits = 28; bits >= 0; bits -= 4) scratch[at++] = DIGITS[(state[i]! >>> bits) & 15]!
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
  for (let offset = 0; offset < whole; offset += 64) compress(view, offset)
  return { prefix, tail, state: state.slice(), taken: 64 + whole, rest: bytes.subarray(whole), tailBytes: utf8(tail) }
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
