import type { Checksum } from '../core/signing/options.ts'
import { crc } from './crc.ts'

/** CRC-32C: CRC-32 with the polynomial of Castagnoli. */
export const crc32c: Checksum = { algorithm: 'CRC32C', create: () => crc(0x82f63b78) }
