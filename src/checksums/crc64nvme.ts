import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { bytesOf, wordsToBase64 } from './data.ts'

/** CRC-64 of NVM Express, which S3 computes for an object that is uploaded without a checksum. */
export const crc64nvme: Checksum = { algorithm: 'CRC64NVME', create }

/** The upper and lower halves of the remainders of every byte that is followed by 0 to 7 zeros. */
interface Tables {
  readonly highs: Int32Array
  readonly lows: Int32Array
}

/** The tables, after their first use. */
const cache: { tables?: Tables } = {}

function createTables(): Tables {
  const highs = new Int32Array(2048)
  const lows = new Int32Array(2048)
  for (let value = 0; value < 256; value++) {
    let high = 0
    let low = value
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (isOdd) {
        high ^= 0x9a6c9329
        low ^= 0xac4bc9b5
      }
    }
    highs[value] = high
    lows[value] = low
  }
  for (let i = 256; i < 2048; i++) {
    const high = highs[i - 256]!
    const low = lows[i - 256]!
    highs[i] = (high >>> 8) ^ highs[low & 255]!
    lows[i] = ((low >>> 8) | (high << 24)) ^ lows[low & 255]!
  }
  return { highs, lows }
}

/** Starts a checksum in two halves, because JavaScript has no integers of 64 bits that are fast. It reads eight bytes at a time. */
function create(): RunningChecksum {
  cache.tables ??= createTables()
  const { highs, lows } = cache.tables
  let restHigh = -1
  let restLow = -1
  return {
    update(data) {
      const bytes = bytesOf(data)
      const { length } = bytes
      let high = restHigh
      let low = restLow
      let i = 0
      for (; i + 8 <= length; i += 8) {
        const a = 1792 + ((low ^ bytes[i]!) & 255)
        const b = 1536 + (((low >>> 8) ^ bytes[i + 1]!) & 255)
        const c = 1280 + (((low >>> 16) ^ bytes[i + 2]!) & 255)
        const d = 1024 + ((low >>> 24) ^ bytes[i + 3]!)
        const e = 768 + ((high ^ bytes[i + 4]!) & 255)
        const f = 512 + (((high >>> 8) ^ bytes[i + 5]!) & 255)
        const g = 256 + (((high >>> 16) ^ bytes[i + 6]!) & 255)
        const h = (high >>> 24) ^ bytes[i + 7]!
        low = lows[a]! ^ lows[b]! ^ lows[c]! ^ lows[d]! ^ lows[e]! ^ lows[f]! ^ lows[g]! ^ lows[h]!
        high = highs[a]! ^ highs[b]! ^ highs[c]! ^ highs[d]! ^ highs[e]! ^ highs[f]! ^ highs[g]! ^ highs[h]!
      }
      for (; i < length; i++) {
        const at = (low ^ bytes[i]!) & 255
        low = ((low >>> 8) | (high << 24)) ^ lows[at]!
        high = (high >>> 8) ^ highs[at]!
      }
      restHigh = high
      restLow = low
    },
    digest: () => wordsToBase64([~restHigh, ~restLow]),
  }
}
