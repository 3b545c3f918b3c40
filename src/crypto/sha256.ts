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
}

// Scratch memory. Every call is synchronous and writes what it reads: nothing passes from one call to another.
const scratch = /* @__PURE__ */ new Uint8Array(4096)
const w = /* @__PURE__ */ new Int32Array(64)

/** Takes a block into the state (FIPS 180-4 section 6.2.2). Eight rounds a turn, so that no variable has to be moved. */
// biome-ignore format: a round is three lines
function compress(state: State, block: DataView, offset: number): void {
  for (let t = 0; t < 16; t++) w[t] = block.getInt32(offset + t * 4)
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!
    const y = w[t - 2]!
    w[t] = w[t - 16]! + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[t - 7]! + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let t = 0; t < 64; t += 8) {
    h += w[t]! + K[t]! + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (g ^ e & (f ^ g))
    d = d + h | 0
    h = h + ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0
    g += w[t + 1]! + K[t + 1]! + ((d >>> 6 | d << 26) ^ (d >>> 11 | d << 21) ^ (d >>> 25 | d << 7)) + (f ^ d & (e ^ f))
    c = c + g | 0
    g = g + ((h >>> 2 | h << 30) ^ (h >>> 13 | h << 19) ^ (h >>> 22 | h << 10)) + (h & a ^ b & (h ^ a)) | 0
    f += w[t + 2]! + K[t + 2]! + ((c >>> 6 | c << 26) ^ (c >>> 11 | c << 21) ^ (c >>> 25 | c << 7)) + (e ^ c & (d ^ e))
    b = b + f | 0
    f = f + ((g >>> 2 | g << 30) ^ (g >>> 13 | g << 19) ^ (g >>> 22 | g << 10)) + (g & h ^ a & (g ^ h)) | 0
    e += w[t + 3]! + K[t + 3]! + ((b >>> 6 | b << 26) ^ (b >>> 11 | b << 21) ^ (b >>> 25 | b << 7)) + (d ^ b & (c ^ d))
    a = a + e | 0
    e = e + ((f >>> 2 | f << 30) ^ (f >>> 13 | f << 19) ^ (f >>> 22 | f << 10)) + (f & g ^ h & (f ^ g)) | 0
    d += w[t + 4]! + K[t + 4]! + ((a >>> 6 | a << 26) ^ (a >>> 11 | a << 21) ^ (a >>> 25 | a << 7)) + (c ^ a & (b ^ c))
    h = h + d | 0
    d = d + ((e >>> 2 | e << 30) ^ (e >>> 13 | e << 19) ^ (e >>> 22 | e << 10)) + (e & f ^ g & (e ^ f)) | 0
    c += w[t + 5]! + K[t + 5]! + ((h >>> 6 | h << 26) ^ (h >>> 11 | h << 21) ^ (h >>> 25 | h << 7)) + (b ^ h & (a ^ b))
    g = g + c | 0
    c = c + ((d >>> 2 | d << 30) ^ (d >>> 13 | d << 19) ^ (d >>> 22 | d << 10)) + (d & e ^ f & (d ^ e)) | 0
    b += w[t + 6]! + K[t + 6]! + ((g >>> 6 | g << 26) ^ (g >>> 11 | g << 21) ^ (g >>> 25 | g << 7)) + (a ^ g & (h ^ a))
    f = f + b | 0
    b = b + ((c >>> 2 | c << 30) ^ (c >>> 13 | c << 19) ^ (c >>> 22 | c << 10)) + (c & d ^ e & (c ^ d)) | 0
    a += w[t + 7]! + K[t + 7]! + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (h ^ f & (g ^ h))
    e = e + a | 0
    a = a + ((b >>> 2 | b << 30) ^ (b >>> 13 | b << 19) ^ (b >>> 22 | b << 10)) + (b & c ^ d & (b ^ c)) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

/** Writes text as UTF-8 and gives its length. Bare engines such as Hermes and QuickJS have no `TextEncoder`. */
function write(text: string, bytes: Uint8Array): number {
  if (typeof TextEncoder === 'function') return new TextEncoder().encodeInto(text, bytes).written
  const octets = unescape(encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')))
  for (let i = 0; i < octets.length; i++) bytes[i] = octets.charCodeAt(i)
  return octets.length
}

/** Pads the data (FIPS 180-4 section 5.1.1) and takes all of it, behind `before` bytes that the state has taken already. */
function absorb(state: State, data: string | Uint8Array, before = 0): State {
  const size = (typeof data === 'string' ? data.length * 3 : data.length) + 72
  const bytes = size > scratch.length ? new Uint8Array(size) : scratch
  let length = data.length
  if (typeof data === 'string') length = write(data, bytes)
  else bytes.set(data)
  const end = (length + 72) & ~63
  bytes.fill(0, length, end)
  bytes[length] = 128
  const view = new DataView(bytes.buffer)
  view.setInt32(end - 8, (before + length) / 0x20000000)
  view.setInt32(end - 4, (before + length) << 3)
  for (let offset = 0; offset < end; offset += 64) compress(state, view, offset)
  return state
}

function bytesOf(state: State): Uint8Array {
  const bytes = new Uint8Array(32)
  for (let i = 0; i < 32; i++) bytes[i] = state[i >> 2]! >> (24 - 8 * (i & 3))
  return bytes
}

const HEX = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => (256 + byte).toString(16).slice(1))

function hexOf(state: State): string {
  let hex = ''
  for (let i = 0; i < 8; i++) {
    const word = state[i]!
    hex += HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!
  }
  return hex
}

/** SHA-256 of bytes, or of text as UTF-8, in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return hexOf(absorb(INITIAL.slice(), data))
}

/** Prepares the bytes of a key for {@link hmacHex}. */
export function hmacKey(bytes: Uint8Array): HmacKey {
  const key = bytes.length > 64 ? bytesOf(absorb(INITIAL.slice(), bytes)) : bytes
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const block = new DataView(new ArrayBuffer(64))
    const state = INITIAL.slice()
    for (let i = 0; i < 64; i++) block.setUint8(i, key[i]! ^ pad)
    compress(state, block, 0)
    return state
  })
  return { inner: inner!, outer: outer! }
}

function hmac(key: HmacKey, text: string): State {
  return absorb(key.outer.slice(), bytesOf(absorb(key.inner.slice(), text, 64)), 64)
}

/** HMAC-SHA-256 of a text, in lower-case hex. */
export function hmacHex(key: HmacKey, text: string): string {
  return hexOf(hmac(key, text))
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
  const secret = `AWS4${secretAccessKey}`
  const bytes = new Uint8Array(secret.length * 3)
  let key: Uint8Array = bytes.subarray(0, write(secret, bytes))
  for (const part of credentialScope.split('/')) key = bytesOf(hmac(hmacKey(key), part))
  return key
}
