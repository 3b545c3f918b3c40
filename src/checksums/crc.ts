import type { RunningChecksum } from '../core/signing/options.ts'
import { bytesOf, wordsToBase64 } from './data.ts'

/** Tables by polynomial, created at the first use. */
const tables: Map<number, Int32Array> = /* @__PURE__ */ new Map()

/** Returns the remainders of every byte that is followed by 0 to 7 zeros: 256 for each number of zeros. */
function tableOf(polynomial: number): Int32Array {
  const known = tables.get(polynomial)
  if (known) return known
  const table = new Int32Array(2048)
  for (let value = 0; value < 256; value++) {
    let rest = value
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0)
    table[value] = rest
  }
  for (let i = 256; i < 2048; i++) table[i] = (table[i - 256]! >>> 8) ^ table[table[i - 256]! & 255]!
  tables.set(polynomial, table)
  return table
}

/** Returns the remainder of a bit-reversed polynomial of 32 bits after more bytes. It reads eight at a time. */
export function addToCrc(polynomial: number, rest: number, bytes: Uint8Array): number {
  const table = tableOf(polynomial)
  const { length } = bytes
  let crc = rest
  let i = 0
  for (; i + 8 <= length; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      table[1792 + (crc & 255)]! ^
      table[1536 + ((crc >>> 8) & 255)]! ^
      table[1280 + ((crc >>> 16) & 255)]! ^
      table[1024 + (crc >>> 24)]! ^
      table[768 + bytes[i + 4]!]! ^
      table[512 + bytes[i + 5]!]! ^
      table[256 + bytes[i + 6]!]! ^
      table[bytes[i + 7]!]!
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!
  return crc
}

/** Starts a CRC of 32 bits with a bit-reversed polynomial. */
export function crc(polynomial: number): RunningChecksum {
  let rest = -1
  return {
    update(data) {
      rest = addToCrc(polynomial, rest, bytesOf(data))
    },
    digest: () => wordsToBase64([~rest]),
  }
}
