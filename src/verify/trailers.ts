import { COMPUTED } from '../checksums/computed.ts'
import type { HeaderRecord } from '../core/http/headers.ts'
import type { Checksum } from '../core/signing/options.ts'
import { CHECKSUM_FORMAT, CHECKSUM_UNKNOWN, CHECKSUM_WRONG } from '../received/refusals.ts'
import { checksumName } from '../s3/checksums.ts'
import { refuse } from './refuse.ts'

/** Checksums of a body that follow it as trailing headers. */
export interface TrailingChecksums {
  update(bytes: Uint8Array): void
  /** Throws if a trailing header differs from the checksum of the body. */
  check(trailers: HeaderRecord): void
}

/**
 * Starts the checksums among trailing headers. One that cannot be computed is rejected before the body is read: nothing
 * else shows that an unsigned body was damaged.
 */
export function startChecksums(trailers: readonly string[], more: readonly Checksum[] = []): TrailingChecksums {
  const started = trailers.flatMap((name) => {
    const algorithm = checksumName(name)
    if (algorithm === undefined) return []
    const checksum = [...more, ...COMPUTED].find((each) => each.algorithm === algorithm)
    return { name, algorithm, running: (checksum ?? refuse(CHECKSUM_UNKNOWN, { algorithm })).create() }
  })
  return {
    update(bytes) {
      for (const { running } of started) running.update(bytes)
    },
    check(trailers) {
      for (const { name, algorithm, running } of started) {
        const value = trailers[name] ?? ''
        const computed = running.digest()
        if (value.length !== computed.length || !/^[A-Za-z\d+/]+={0,2}$/.test(value)) refuse(CHECKSUM_FORMAT, { name })
        if (value !== computed) refuse(CHECKSUM_WRONG, { algorithm })
      }
    },
  }
}
