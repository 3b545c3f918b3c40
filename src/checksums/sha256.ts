import type { Checksum } from '../core/signing/options.ts'
import { sha256Stream } from '../crypto/sha256-stream.ts'
import { bytesOf, wordsToBase64 } from './data.ts'
import { defineChecksum } from './define.ts'

/** SHA-256. With `node:crypto` if it exists, otherwise in JavaScript. */
export const sha256: Checksum = /* @__PURE__ */ defineChecksum('SHA256', () => {
  const hash = sha256Stream()
  return {
    update: (data) => hash.update(bytesOf(data)),
    digest: () =>
      wordsToBase64(
        hash
          .hex()
          .match(/.{8}/g)!
          .map((word) => Number.parseInt(word, 16)),
      ),
  }
})
