import { type Duration, toSeconds } from '../core/durations.ts'
import { formatAmzDate, MAX_EXPIRES, parseAmzDate } from '../core/encoding/time.ts'
import type { HeaderRecord } from '../core/http/headers.ts'
import { CLOCK_SKEW, checkClock, checkExpires, checkLifetime, parseHeaderDate } from '../received/claim.ts'
import { DATE_FORMAT, DATE_MISSING, PARAMETERS_MISSING } from '../received/refusals.ts'
import { refuse, refuseProblem } from './refuse.ts'

/** Options that determine which dates are accepted. */
export interface ValidityOptions {
  /** Maximum difference between the clocks of signer and verifier: seconds, or `'5m'`; at most a day. @default `'15m'` */
  readonly clockSkew?: Duration | undefined
  /** Maximum lifetime of a presigned URL: seconds, or `'1h'`; at most 7 days. @default `'7d'` */
  readonly maxExpires?: Duration | undefined
}

/** Signing time and, for a presigned request, expiration, in seconds since 1970. */
export interface Validity {
  readonly amzDate: string
  readonly time: number
  readonly expiry?: number
}

/** Reads the date of a request with an Authorization header, and rejects one that was not signed recently. */
export function headerValidity(
  headers: HeaderRecord,
  serverTime: number,
  { clockSkew = CLOCK_SKEW }: ValidityOptions,
): Validity {
  const given = headers['x-amz-date'] ?? headers.date ?? ''
  const time = parseHeaderDate(given)
  if (time === undefined) refuse(DATE_MISSING)
  refuseProblem(checkClock(time, serverTime, toSeconds(clockSkew)), 'header', { RequestTime: given })
  return { amzDate: formatAmzDate(time), time }
}

/** Reads the date and lifetime of a presigned URL, and rejects one that is not valid now. */
export function presignedValidity(
  parameters: ReadonlyMap<string, string>,
  serverTime: number,
  options: ValidityOptions,
): Validity {
  const clockSkew = toSeconds(options.clockSkew ?? CLOCK_SKEW)
  const maxExpires = toSeconds(options.maxExpires ?? MAX_EXPIRES)
  const amzDate = parameters.get('X-Amz-Date')!
  const time = parseAmzDate(amzDate)
  if (time === undefined) refuse(DATE_FORMAT, {}, 'query')
  const stated = parameters.get('X-Amz-Expires')
  if (stated !== undefined) refuseProblem(checkExpires(stated, maxExpires), 'query')
  // services other than S3 may omit it: the lifetime is then the clock skew
  else if (clockSkew > maxExpires) refuse(PARAMETERS_MISSING, {}, 'query')
  const expires = Number(stated ?? clockSkew)
  refuseProblem(checkLifetime(time, expires, serverTime, clockSkew), 'query')
  return { amzDate, time, expiry: time + expires }
}
