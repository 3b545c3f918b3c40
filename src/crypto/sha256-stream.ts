import { compress, INITIAL } from './compress.ts'
import { runtimeStream, type Sha256Stream } from './runtime.ts'

/** Creates an incremental SHA-256: the runtime's if it has one, otherwise in JavaScript. */
export function sha256Stream(): Sha256Stream {
  return runtimeStream() ?? javascriptStream()
}

/** Creates an incremental SHA-256 in JavaScript (FIPS 180-4 section 6.2). It holds one block. */
export function javascriptStream(): Sha256Stream {
  const state = INITIAL.slice()
  const block = new Uint8Array(64)
  const blockView = new DataView(block.buffer)
  let filled = 0
  let length = 0

  function update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    length += bytes.length
    let at = 0
    if (filled) {
      at = Math.min(64 - filled, bytes.length)
      block.set(bytes.subarray(0, at), filled)
      filled += at
      if (filled < 64) return
      compress(state, blockView, 0)
    }
    for (; at + 64 <= bytes.length; at += 64) compress(state, view, at)
    filled = bytes.length - at
    block.set(bytes.subarray(at))
  }

  return {
    update,
    hex() {
      const bits = [length / 0x20000000, length << 3]
      const padding = new Uint8Array(((filled + 72) & ~63) - filled)
      padding[0] = 128
      const view = new DataView(padding.buffer)
      for (const [i, word] of bits.entries()) view.setInt32(padding.length - 8 + i * 4, word)
      update(padding)
      let hex = ''
      for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0')
      return hex
    },
  }
}
