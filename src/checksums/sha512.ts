import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { startHash } from './data.ts'
import { defineHash } from './define.ts'

/** SHA-512. With `node:crypto` if it exists, otherwise in JavaScript. */
export const sha512: Checksum = /* @__PURE__ */ defineHash('SHA512', javascriptSha512)

/** The constants, after their first use: numbers of 64 bits, each as its upper and its lower half. */
const cache: { roots?: { readonly cubic: Int32Array; readonly square: Int32Array } } = {}

/** Computes the first 64 bits of the fractional parts of the roots of the first 80 primes (FIPS 180-4 section 4.2.3). */
function computeRoots(): { cubic: Int32Array; square: Int32Array } {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < 80; n++) if (primes.every((prime) => n % prime)) primes.push(n)
  const root = (degree: bigint) => (prime: bigint) => {
    const power = prime << (64n * degree)
    let found = 0n
    for (let bit = 1n << 69n; bit; bit >>= 1n) if ((found | bit) ** degree <= power) found |= bit
    return [Number((found >> 32n) & 0xffffffffn), Number(found & 0xffffffffn)]
  }
  return {
    cubic: Int32Array.from(primes.flatMap(root(3n))),
    square: Int32Array.from(primes.slice(0, 8).flatMap(root(2n))),
  }
}

/** Starts a SHA-512 in JavaScript (FIPS 180-4 section 6.4), in halves, because JavaScript has no fast integers of 64 bits. */
export function javascriptSha512(): RunningChecksum {
  cache.roots ??= computeRoots()
  const { cubic, square } = cache.roots
  const state = square.slice()
  const words = new Int32Array(160)
  return startHash({ size: 128, compress: (view, at) => compress(state, words, cubic, view, at) }, () => [...state])
}

/** Returns the upper half of a number that is rotated right; with the halves exchanged, the lower one. */
function rotated(high: number, low: number, by: number): number {
  return by < 32 ? (high >>> by) | (low << (32 - by)) : (low >>> (by - 32)) | (high << (64 - by))
}

/** Writes the sum of numbers to a position, given their upper halves and the sum of their lower halves. */
function write(to: Int32Array, at: number, highs: number, lows: number): void {
  to[at] = (highs + ((lows / 0x100000000) | 0)) | 0
  to[at + 1] = lows | 0
}

/** Adds a block of 128 bytes to a state. `words` is scratch memory. */
function compress(state: Int32Array, words: Int32Array, cubic: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 32; i++) words[i] = view.getInt32(at + i * 4)
  for (let i = 32; i < 160; i += 2) {
    const h0 = words[i - 30]!
    const l0 = words[i - 29]!
    const h1 = words[i - 4]!
    const l1 = words[i - 3]!
    const high0 = rotated(h0, l0, 1) ^ rotated(h0, l0, 8) ^ (h0 >>> 7)
    const low0 = rotated(l0, h0, 1) ^ rotated(l0, h0, 8) ^ ((l0 >>> 7) | (h0 << 25))
    const high1 = rotated(h1, l1, 19) ^ rotated(h1, l1, 61) ^ (h1 >>> 6)
    const low1 = rotated(l1, h1, 19) ^ rotated(l1, h1, 61) ^ ((l1 >>> 6) | (h1 << 26))
    const lows = (low0 >>> 0) + (low1 >>> 0) + (words[i - 13]! >>> 0) + (words[i - 31]! >>> 0)
    write(words, i, high0 + high1 + words[i - 14]! + words[i - 32]!, lows)
  }
  const rounds = state.slice()
  for (let i = 0; i < 160; i += 2) {
    // the positions of the eight numbers, a to h, move instead of the numbers
    const a = -i & 15
    const b = (2 - i) & 15
    const c = (4 - i) & 15
    const d = (6 - i) & 15
    const e = (8 - i) & 15
    const f = (10 - i) & 15
    const g = (12 - i) & 15
    const h = (14 - i) & 15
    const ah = rounds[a]!
    const al = rounds[a + 1]!
    const eh = rounds[e]!
    const el = rounds[e + 1]!
    const sumHigh = rotated(eh, el, 14) ^ rotated(eh, el, 18) ^ rotated(eh, el, 41)
    const sumLow = rotated(el, eh, 14) ^ rotated(el, eh, 18) ^ rotated(el, eh, 41)
    const choiceHigh = (eh & rounds[f]!) ^ (~eh & rounds[g]!)
    const choiceLow = (el & rounds[f + 1]!) ^ (~el & rounds[g + 1]!)
    const high = rounds[h]! + sumHigh + choiceHigh + cubic[i]! + words[i]!
    const low =
      (rounds[h + 1]! >>> 0) + (sumLow >>> 0) + (choiceLow >>> 0) + (cubic[i + 1]! >>> 0) + (words[i + 1]! >>> 0)
    const meanHigh = rotated(ah, al, 28) ^ rotated(ah, al, 34) ^ rotated(ah, al, 39)
    const meanLow = rotated(al, ah, 28) ^ rotated(al, ah, 34) ^ rotated(al, ah, 39)
    const majorityHigh = (ah & rounds[b]!) ^ (ah & rounds[c]!) ^ (rounds[b]! & rounds[c]!)
    const majorityLow = (al & rounds[b + 1]!) ^ (al & rounds[c + 1]!) ^ (rounds[b + 1]! & rounds[c + 1]!)
    write(rounds, d, rounds[d]! + high, (rounds[d + 1]! >>> 0) + low)
    write(rounds, h, high + meanHigh + majorityHigh, low + (meanLow >>> 0) + (majorityLow >>> 0))
  }
  for (let i = 0; i < 16; i += 2)
    write(state, i, state[i]! + rounds[i]!, (state[i + 1]! >>> 0) + (rounds[i + 1]! >>> 0))
}
