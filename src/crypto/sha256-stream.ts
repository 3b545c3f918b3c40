import { startBlocks } from './blocks.ts'
import { compress, INITIAL } from './compress.ts'
import { runtimeStream, type Sha256Stream } from './runtime.ts'

/** Creates an incremental SHA-256: the runtime's if it has one, otherwise in JavaScript. */
export function sha256Stream(): Sha256Stream {
  return runtimeStream() ?? javascriptStream()
}

/** Creates an incremental SHA-256 in JavaScript (FIPS 180-4 section 6.2). */
export function javascriptStream(): Sha256Stream {
  const state = INITIAL.slice()
  const { update, end } = startBlocks({ size: 64, compress: (view, at) => compress(state, view, at) })
  return {
    update,
    hex() {
      end()
      let hex = ''
      for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0')
      return hex
    },
  }
}
