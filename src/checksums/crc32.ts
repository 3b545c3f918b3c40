import type { Checksum } from '../core/signing/options.ts'
import { runtimeCrc32 } from '../crypto/runtime.ts'
import { crc } from './crc.ts'
import { bytesOf, wordsToBase64 } from './data.ts'

/**
 * CRC-32, as in ZIP files and Ethernet. With `node:zlib` if it exists, otherwise in JavaScript.
 *
 * @example
 * ```ts
 * import { crc32 } from 'sigv4/streams'
 *
 * const checksum = crc32.create()
 * checksum.update('123456789')
 * const value = checksum.digest() // 'y/Q5Jg=='
 * ```
 */
export const crc32: Checksum = {
  algorithm: 'CRC32',
  create() {
    const continued = runtimeCrc32()
    if (!continued) return crc(0xedb88320)
    let value = 0
    return {
      update(data) {
        const bytes = bytesOf(data)
        if (bytes.length) value = continued(bytes, value) // zlib returns 0 for an empty array without memory
      },
      digest: () => wordsToBase64([value]),
    }
  },
}
