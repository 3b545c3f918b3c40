import { compress, INITIAL } from './compress.ts'
import { runtimeStream, type Sha256Stream } from './runtime.ts'

/** Creates an incremental SHA-256: the runtime's if it has one, otherwise in JavaScript. */
export function sha256Stream(): Sha256Stream {
  return runtimeStream() ?? javascriptStream()
}

/** Creates an incremental SHA-256 in JavaScript (FIPS 180-4 section 6.2). It holds one block. */
export function javascriptStream(): Sha256Stream {
  const state = INITIAL.slice()
  const block = new DataView(new ArrayBuffer(64))
  let filled = 0
  let length = 0

  function add(byte: number): void {
    block.setUint8(filled++, byte)
    if (filled < 64) return
    compress(state, block, 0)
    filled = 0
  }

  return {
    update(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      length += bytes.length
      for (let at = 0; at < bytes.length; )
        if (filled || at + 64 > bytes.length) add(bytes[at++]!)
        else {
          compress(state, view, at)
          at += 64
        }
    },
    hex() {
      add(128)
      while (filled !== 56) add(0)
      block.setInt32(56, length / 0x20000000)
      block.setInt32(60, length << 3)
      compress(state, block, 0)
      let hex = ''
      for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0')
      return hex
    },
  }
}
