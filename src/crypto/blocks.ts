/** A hash that reads blocks, and ends with the number of bits. */
export interface BlockHash {
  /** Size of a block in bytes. */
  readonly size: 64 | 128
  /** Whether the number of bits starts with the least significant byte. */
  readonly isLittleEndian?: boolean
  /** Adds a block to the state. */
  compress(view: DataView, at: number): void
}

/** The data of a hash so far, of which one block is held. */
export interface Blocks {
  update(bytes: Uint8Array): void
  /** Adds the padding. Nothing can be added after that. */
  end(): void
}

/** Divides the data of a hash into blocks (FIPS 180-4 section 5.1, RFC 1321 section 3). */
export function startBlocks({ size, isLittleEndian = false, compress }: BlockHash): Blocks {
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
    update(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      length += bytes.length
      for (let at = 0; at < bytes.length; )
        if (filled || at + size > bytes.length) add(bytes[at++]!)
        else {
          compress(view, at)
          at += size
        }
    },
    end() {
      const bits = [length / 0x20000000, length << 3] as const
      add(128)
      // the number of bits takes an eighth of a block; only its last eight bytes can be other than 0
      while (filled !== size - size / 8) add(0)
      while (filled !== size - 8) add(0)
      block.setInt32(size - 8, bits[isLittleEndian ? 1 : 0], isLittleEndian)
      block.setInt32(size - 4, bits[isLittleEndian ? 0 : 1], isLittleEndian)
      compress(block, 0)
    },
  }
}
