import type { RunningChecksum } from '../core/signing/options.ts'
import { bytesOf, wordsToBase64 } from './data.ts'

/** A hash that reads blocks, and ends with the number of bits. */
export interface BlockHash {
  /** Size of a block in bytes. */
  readonly size: 64 | 128
  /** Whether the number of bits starts with the least significant byte. */
  readonly isLittleEndian?: boolean
  /** Adds a block to the state. */
  compress(view: DataView, at: number): void
  /** Returns the state. */
  words(): readonly number[]
}

/** Starts a hash in JavaScript (FIPS 180-4 section 5.1, RFC 1321 section 3). It holds one block. */
export function startBlocks({ size, isLittleEndian = false, compress, words }: BlockHash): RunningChecksum {
  const block = new DataView(new ArrayBuffer(size))
  let filled = 0
  let length = 0

  function add(byte: number): void {
    block.setUint8(filled++, byte)
    if (filled < size) return
    compress(block, 0)
    filled = 0
  }

  return {
    update(data) {
      const bytes = bytesOf(data)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      length += bytes.length
      for (let at = 0; at < bytes.length; )
        if (filled || at + size > bytes.length) add(bytes[at++]!)
        else {
          compress(view, at)
          at += size
        }
    },
    digest() {
      const bits = [length / 0x20000000, length << 3] as const
      add(128)
      // the number of bits takes an eighth of a block; only its last eight bytes can be other than 0
      while (filled !== size - size / 8) add(0)
      while (filled !== size - 8) add(0)
      block.setInt32(size - 8, bits[isLittleEndian ? 1 : 0], isLittleEndian)
      block.setInt32(size - 4, bits[isLittleEndian ? 0 : 1], isLittleEndian)
      compress(block, 0)
      return wordsToBase64(words())
    },
  }
}
