import { formatAmzDate, parseAmzDate } from '../core/encoding/time.ts'
import type { HeaderRecord } from '../core/http/headers.ts'
import { reject } from '../core/verify-error.ts'
import { malformed } from './authorization.ts'

/** Options that determine which dates are accepted. */
export interface ValidityOptions {
  /** Maximum difference between the clocks of signer and verifier, in seconds. @default 900 */
  readonly clockSkew?: number | undefined
  /** Maximum lifetime of a presigned URL, in seconds. @default 604800 (7 days) */
  readonly maxExpires?: number | undefined
}

/** When a request was signed and, if it is presigned, when it expires; in seconds since 1970. */
export interface Validity {
  readonly amzDate: string
  readonly time: number
  readonly expiry?: number
}

/** Reads the date of a request with an Authorization header, and rejects one that was not signed recently. */
export function headerValidity(headers: HeaderRecord, now: number, { clockSkew = 900 }: ValidityOptions): Validity {
  const given = headers['x-amz-date'] ?? headers.date ?? ''
  const time = parseAmzDate(given) ?? parseHttpDate(given)
  if (time === undefined)
    reject(
      'ERR_SIGV4_AUTH_MALFORMED',
      'AccessDenied',
      403,
      'AWS authentication requires a valid Date or x-amz-date header',
    )
  if (Math.abs(now - time) > clockSkew)
    reject(
      'ERR_SIGV4_TIME_SKEWED',
      'RequestTimeTooSkewed',
      403,
      'The difference between the request time and the current time is too large.',
      { RequestTime: given, ServerTime: isoDate(now), MaxAllowedSkewMilliseconds: String(clockSkew * 1000) },
    )
  return { amzDate: formatAmzDate(time), time }
}

/** Parses an HTTP date, `Mon, 30 Aug 2015 12:36:00 GMT`. */
function parseHttpDate(value: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} [1-9]\d{3} \d\d:\d\d:\d\d GMT$/.test(value)) return undefined
  const time = Date.parse(value) / 1000
  return Number.isNaN(time) ? undefined : time
}

/** Reads the date and lifetime of a presigned URL, and rejects one that is not valid now. */
export function presignedValidity(
  parameters: ReadonlyMap<string, string>,
  now: number,
  { clockSkew = 900, maxExpires = 604_800 }: ValidityOptions,
): Validity {
  const amzDate = parameters.get('X-Amz-Date')!
  const time = parseAmzDate(amzDate)
  if (time === undefined) malformed('query', `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
  // services other than S3 may omit it: the lifetime is then the clock skew
  const expires = parseExpires(parameters.get('X-Amz-Expires') ?? String(clockSkew), maxExpires)
  const expiry = time + expires
  const [Expires, ServerTime] = [isoDate(expiry), isoDate(now)]
  if (time > now + clockSkew)
    reject('ERR_SIGV4_NOT_YET_VALID', 'AccessDenied', 403, 'Request is not yet valid', {
      'X-Amz-Date': String(time * 1000),
      Expires,
      ServerTime,
    })
  if (now > expiry)
    reject('ERR_SIGV4_EXPIRED', 'AccessDenied', 403, 'Request has expired', {
      'X-Amz-Expires': String(expires),
      Expires,
      ServerTime,
    })
  return { amzDate, time, expiry }
}

function parseExpires(value: string, maxExpires: number): number {
  if (/^-\d+$/.test(value)) malformed('query', 'X-Amz-Expires must be non-negative')
  if (!/^\d+$/.test(value)) malformed('query', 'X-Amz-Expires should be a number')
  const expires = Number(value)
  if (expires > 604_800)
    malformed(
      'query',
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    )
  if (expires > maxExpires) malformed('query', `X-Amz-Expires must be at most ${maxExpires} seconds for this endpoint`)
  return expires
}

/** Formats a time as S3 does. */
function isoDate(time: number): string {
  return new Date(time * 1000).toISOString().replace(/\.\d+/, '')
}
