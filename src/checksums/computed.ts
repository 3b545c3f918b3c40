import type { ChecksumAlgorithm } from '../core/checksums.ts'
import type { Checksum } from '../core/signing/options.ts'
import { crc32 } from './crc32.ts'
import { crc32c } from './crc32c.ts'
import { crc64nvme } from './crc64nvme.ts'
import { md5 } from './md5.ts'
import { sha1 } from './sha1.ts'
import { sha256 } from './sha256.ts'
import { sha512 } from './sha512.ts'

/** The checksums of S3 that are computed here. */
export const COMPUTED = {
  CRC32: crc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  MD5: md5,
  SHA1: sha1,
  SHA256: sha256,
  SHA512: sha512,
} as const satisfies Partial<Record<ChecksumAlgorithm, Checksum>>
