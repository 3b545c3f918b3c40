import { type ChecksumAlgorithm, COMPUTED } from '../../../../../src/internal/checksums.ts'
import type { RunningChecksum } from '../../../../../src/streams.ts'

export interface Checksum {
  readonly algorithm: ComputedAlgorithm
  /** In Base64. For a composite checksum: of the part checksums, followed by the number of parts. */
  readonly value: string
  readonly type: 'FULL_OBJECT' | 'COMPOSITE'
}

/** The checksums that the server computes. */
export type ComputedAlgorithm = Exclude<ChecksumAlgorithm, `XXHASH${string}`>

const BY_NAME = new Map<string, (typeof COMPUTED)[number]>(COMPUTED.map((checksum) => [checksum.algorithm, checksum]))

export const ALGORITHMS = [...BY_NAME.keys()] as readonly ComputedAlgorithm[]

export function isComputed(name: string): name is ComputedAlgorithm {
  return BY_NAME.has(name)
}

/** Returns whether a stored value is a checksum. */
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
  return BY_NAME.get(algorithm)!.create()
}
