import type { Checksum } from '../core/signing/options.ts'
import { crc } from './crc.ts'
import { defineChecksum } from './define.ts'

/** CRC-32C: CRC-32 with the polynomial of Castagnoli. */
export const crc32c: Checksum = /* @__PURE__ */ defineChecksum('CRC32C', () => crc(0x82f63b78))
