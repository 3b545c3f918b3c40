import type { Checksum } from '../../core/signing/options.ts'
import { crc } from './crc.ts'

/** CRC-32C: CRC-32 with the polynomial of Castagnoli. */
export const crc32c: Checksum = { header: 'x-amz-checksum-crc32c', length: 8, create: () => crc(0x82f63b78) }
