import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { startHash } from './data.ts'
import { defineHash } from './define.ts'

/** MD5, which detects damage, but not a deliberate change. With `node:crypto` if it exists, otherwise in JavaScript. */
export const md5: Checksum = /* @__PURE__ */ defineHash('MD5', javascriptMd5)

const ROTATIONS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

/** Starts an MD5 in JavaScript (RFC 1321). */
export function javascriptMd5(): RunningChecksum {
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476])
  const sines = Int32Array.from({ length: 64 }, (_, i) => Math.abs(Math.sin(i + 1)) * 2 ** 32)
  return startHash({ size: 64, isLittleEndian: true, compress: (view, at) => compress(state, sines, view, at) }, () =>
    [...state].map(reversed),
  )
}

function reversed(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

function compress(state: Int32Array, sines: Int32Array, view: DataView, at: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const round = i >> 4
    const choice =
      round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d)
    const index = round === 0 ? i : round === 1 ? 5 * i + 1 : round === 2 ? 3 * i + 5 : 7 * i
    const sum = (a + choice + sines[i]! + view.getInt32(at + (index & 15) * 4, true)) | 0
    const rotation = ROTATIONS[round * 4 + (i & 3)]!
    a = d
    d = c
    c = b
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
}
