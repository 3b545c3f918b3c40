import type { Checksum, ChecksumAlgorithm, RunningChecksum } from '../core/signing/options.ts'
import { nodeCrypto } from '../crypto/runtime.ts'
import { bytesOf } from './data.ts'

/** Defines a checksum that is a hash: with `node:crypto` if it exists, otherwise in JavaScript. */
export function defineHash(algorithm: ChecksumAlgorithm, createInJavaScript: () => RunningChecksum): Checksum {
  return {
    algorithm,
    create() {
      const hash = nodeCrypto()?.createHash?.(algorithm.toLowerCase())
      return hash
        ? { update: (data) => void hash.update(bytesOf(data)), digest: () => hash.digest('base64') }
        : createInJavaScript()
    },
  }
}
