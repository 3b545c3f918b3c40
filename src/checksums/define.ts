import type { Checksum, RunningChecksum } from '../core/signing/options.ts'
import { nodeCrypto } from '../crypto/runtime.ts'
import { type ChecksumAlgorithm, checksumHeader, checksumLength } from '../s3/checksums.ts'
import { bytesOf } from './data.ts'

export function defineChecksum(algorithm: ChecksumAlgorithm, create: () => RunningChecksum): Checksum {
  return { header: checksumHeader(algorithm), length: checksumLength(algorithm), create }
}

/** Defines a checksum that is a hash: with `node:crypto` if it exists, otherwise in JavaScript. */
export function defineHash(algorithm: ChecksumAlgorithm, createInJavaScript: () => RunningChecksum): Checksum {
  return defineChecksum(algorithm, () => {
    const hash = nodeCrypto()?.createHash?.(algorithm.toLowerCase())
    return hash
      ? { update: (data) => void hash.update(bytesOf(data)), digest: () => hash.digest('base64') }
      : createInJavaScript()
  })
}
