import { addToCrc } from '../../checksums/crc.ts'

/** Computes the CRC-32 of bytes, as gzip does. `previous` is the CRC of the bytes before them. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  return ~addToCrc(0xedb88320, ~previous, bytes) >>> 0
}
