import { toMilliseconds } from '../../../../src/internal/options.ts'
import { includesRegion } from '../../../../src/internal/received.ts'
import { S3Error } from './http/errors.ts'
import type { ServeOptions } from './options.ts'

/** The errors that a server is configured to return. The same requests always get the same errors. */
export interface Faults {
  /** Throws if a request must fail, or exceeds the limit of its second. */
  admit(): void
  /** Throws if a bucket is in a different region than a request was signed for. */
  checkRegion(region: string, bucket: string, host: string): void
  /** Throws if a session token was first used too long ago. */
  checkToken(token: string | undefined): void
}

/** Creates the faults, with the state that determines which requests fail. `now` returns epoch milliseconds. */
export function createFaults(
  { failRate = 0, throttle, redirectRegion, expireToken }: ServeOptions,
  now: () => number,
): Faults {
  /** Times of the latest accepted requests, at most as many as are allowed in a second. */
  const accepted: number[] = []
  const lifetime = expireToken === undefined ? undefined : toMilliseconds(expireToken)
  const firstUses = new Map<string, number>()
  let requests = 0
  let failures = 0

  return {
    admit() {
      if (throttle !== undefined) {
        const time = now()
        if (accepted.length === throttle && time - accepted[0]! < 1000) throw new S3Error('SlowDown')
        if (accepted.length === throttle) accepted.shift()
        accepted.push(time)
      }
      requests++
      // so that a rounding error does not count as a failure that is due
      if (failures >= requests * failRate - 1e-9) return
      failures++
      throw new S3Error(failures % 2 ? 'InternalError' : 'ServiceUnavailable')
    },
    checkRegion(region, bucket, host) {
      if (redirectRegion === undefined || bucket === '' || includesRegion(region, redirectRegion)) return
      // the same server, so that no request leaves this machine
      const headers = { 'x-amz-bucket-region': redirectRegion }
      throw new S3Error('PermanentRedirect', { Endpoint: host, Bucket: bucket }, undefined, headers)
    },
    checkToken(token) {
      if (lifetime === undefined || !token) return
      const time = now()
      const first = firstUses.get(token) ?? time
      firstUses.set(token, first)
      if (time - first >= lifetime) throw new S3Error('ExpiredToken')
    },
  }
}
