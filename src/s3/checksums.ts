import { fail } from '../core/errors.ts'
import { CHECKSUM_PREFIX } from '../core/http/headers.ts'
import type { ChecksumAlgorithm } from '../core/signing/options.ts'

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

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return CHECKSUM_PREFIX + algorithm.toLowerCase()
}

/** Returns the algorithm of a checksum header, in uppercase, even if it is unknown; `undefined` for any other header. */
export function checksumName(header: string): string | undefined {
  const isChecksum = header.startsWith(CHECKSUM_PREFIX) && !/-(?:algorithm|mode|type)$/.test(header)
  return isChecksum ? header.slice(CHECKSUM_PREFIX.length).toUpperCase() : undefined
}

export function isChecksumAlgorithm(name: unknown): name is ChecksumAlgorithm {
  return typeof name === 'string' && Object.hasOwn(CHECKSUM_SIZES, name)
}

/** Throws unless a value is the name of a checksum. */
export function checkAlgorithm(algorithm: ChecksumAlgorithm, argument: string): void {
  if (isChecksumAlgorithm(algorithm)) return
  const { algorithm: name } = Object(algorithm)
  if (isChecksumAlgorithm(name))
    fail('ERR_INVALID_ARG_TYPE', argument, 'type', `Pass the name, '${name}', not the implementation.`)
  fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', `Pass one of ${CHECKSUM_ALGORITHMS.join(', ')}.`)
}

/** Returns the length of a checksum in Base64. */
export function checksumLength(algorithm: ChecksumAlgorithm): number {
  return Math.ceil(CHECKSUM_SIZES[algorithm] / 3) * 4
}
