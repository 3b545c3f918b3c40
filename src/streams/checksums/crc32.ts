import type { Checksum } from '../../core/signing/options.ts'
import { crc } from './crc.ts'

/**
 * CRC-32, as in ZIP files and Ethernet.
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
export const crc32: Checksum = { name: 'crc32', length: 8, create: () => crc(0xedb88320) }
