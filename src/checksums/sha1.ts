import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { startHash } from './data.ts'
import { defineHash } from './define.ts'

/** SHA-1. With `node:crypto` if it exists, otherwise in JavaScript. */
export const sha1: Checksum = /* @__PURE__ */ defineHash('SHA1', javascriptSha1)

/** Starts a SHA-1 in JavaScript (FIPS 180-4 section 6.1). */
export function javascriptSha1(): RunningChecksum {
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  const words = new Int32Array(80)
  return startHash({ size: 64, compress: (view, at) => compress(state, words, view, at) }, () => [...state])
}

/** Adds a block of 64 bytes to a state. `words` is scratch memory. */
function compress(state: Int32Array, words: Int32Array, view: DataView, at: number): void {
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number]
  for (let i = 0; i < 80; i++) {
    const mixed = i < 16 ? view.getInt32(at + i * 4) : words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!
    const word = i < 16 ? mixed : (mixed << 1) | (mixed >>> 31)
    words[i] = word
    const choice =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6
    const next = (((a << 5) | (a >>> 27)) + choice + e + word) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
}
