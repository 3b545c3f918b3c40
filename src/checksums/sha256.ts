import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { compress, INITIAL } from '../crypto/compress.ts'
import { startHash } from './data.ts'
import { defineHash } from './define.ts'

/** SHA-256. With `node:crypto` if it exists, otherwise in JavaScript. */
export const sha256: Checksum = /* @__PURE__ */ defineHash('SHA256', javascriptSha256)

function javascriptSha256(): RunningChecksum {
  const state = INITIAL.slice()
  return startHash({ size: 64, compress: (view, at) => compress(state, view, at) }, () => [...state])
}
