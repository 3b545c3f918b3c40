import type { Checksum } from '../core/signing/options.ts'
import { crc32 } from './crc32.ts'
import { crc32c } from './crc32c.ts'
import { crc64nvme } from './crc64nvme.ts'
import { md5 } from './md5.ts'
import { sha1 } from './sha1.ts'
import { sha256 } from './sha256.ts'
import { sha512 } from './sha512.ts'

/** The checksums that are computed here. */
export const COMPUTED: readonly Checksum[] = [crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512]
