/** The name of a checksum, as in S3's API. */
export type ChecksumAlgorithm =
  | ('CRC32' | 'CRC32C' | 'CRC64NVME' | 'MD5' | 'SHA1' | 'SHA256' | 'SHA512')
  | ('XXHASH3' | 'XXHASH64' | 'XXHASH128')

/** The size of each checksum in bytes. */
const CHECKSUM_SIZES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  MD5: 16,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  XXHASH3: 8,
  XXHASH64: 8,
  XXHASH128: 16,
}

export const CHECKSUM_ALGORITHMS = /* @__PURE__ */ Object.keys(CHECKSUM_SIZES) as readonly ChecksumAlgorithm[]

const PREFIX = 'x-amz-checksum-'

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return PREFIX + algorithm.toLowerCase()
}

/** Returns the algorithm of a checksum header, in uppercase, even if it is unknown; `undefined` for any other header. */
export function checksumName(header: string): string | undefined {
  const isChecksum = header.startsWith(PREFIX) && !/-(?:algorithm|mode|type)$/.test(header)
  return isChecksum ? header.slice(PREFIX.length).toUpperCase() : undefined
}

export function isChecksumAlgorithm(name: string | undefined): name is ChecksumAlgorithm {
  return name !== undefined && Object.hasOwn(CHECKSUM_SIZES, name)
}

/** Returns the length of a checksum in Base64. */
export function checksumLength(algorithm: ChecksumAlgorithm): number {
  return Math.ceil(CHECKSUM_SIZES[algorithm] / 3) * 4
}
