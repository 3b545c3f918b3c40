import type { ChecksumAlgorithm } from '../../core/checksums.ts'
import {
  type Checksum as Computed,
  crc32,
  crc32c,
  crc64nvme,
  md5,
  type RunningChecksum,
  sha1,
  sha256,
  sha512,
} from '../../streams.ts'

export interface Checksum {
  readonly algorithm: ComputedAlgorithm
  /** In Base64. For a composite checksum: of the part checksums, followed by the number of parts. */
  readonly value: string
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

const COMPUTED = {
  CRC32: crc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  MD5: md5,
  SHA1: sha1,
  SHA256: sha256,
  SHA512: sha512,
} as const satisfies Partial<Record<ChecksumAlgorithm, Computed>>

/** The checksums that the server computes. */
export type ComputedAlgorithm = keyof typeof COMPUTED

export const ALGORITHMS = /* @__PURE__ */ Object.keys(COMPUTED) as readonly ComputedAlgorithm[]

export function isComputed(name: string): name is ComputedAlgorithm {
  return Object.hasOwn(COMPUTED, name)
}

/** Whether a stored value is a checksum. */
export function isChecksum(value: unknown): value is Checksum {
  const { algorithm, value: digest, type } = Object(value) as Partial<Record<keyof Checksum, unknown>>
  return (
    isComputed(String(algorithm)) &&
    /^[\w+/=-]{1,100}$/.test(String(digest)) &&
    (type === 'FULL_OBJECT' || type === 'COMPOSITE')
  )
}

/** Starts a checksum. Its value is in Base64. */
export function startChecksum(algorithm: ComputedAlgorithm): RunningChecksum {
  return COMPUTED[algorithm].create()
}
