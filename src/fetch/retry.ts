import type { ServiceError } from '../received/service-error.ts'
import type { RetryReason } from './options.ts'

// The standard retry mode of the AWS SDKs, as of November 2026: errors to retry, delays, and the cost of a retry.

const THROTTLING =
  /Throttl|^(?:Bandwidth|Request)?LimitExceeded|ThroughputExceeded|PriorRequestNotComplete|SlowDown|TooManyRequests|TransactionInProgress/

/** Returns whether a request has the same effect if the service processes it twice. */
export function isIdempotent(method: string): boolean {
  return /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method)
}

/** Returns the reason to repeat a request after a delay; `undefined` if that would not help. */
export function retryReason(
  status: number,
  { code = '', message = '' }: Partial<ServiceError>,
): RetryReason | undefined {
  if (status === 429 || THROTTLING.test(code)) return 'throttling'
  const isTransient =
    /^(?:408|50[0234])$/.test(`${status}`) ||
    /^RequestTimeout/.test(code) ||
    (code === 'InvalidSignatureException' && message.includes('Signature expired'))
  return isTransient ? 'transient' : undefined
}

/**
 * Returns the cost of a retry: nothing after correcting the clock, the credentials, or the target, because that does not
 * overload a service. Such a retry is not delayed, either.
 */
export function retryCost(reason: RetryReason): number {
  if (reason === 'throttling') return 5
  return reason === 'transient' || reason === 'network' ? 14 : 0
}

/**
 * Returns the milliseconds to wait before a retry, the first of which is number 0: a random part of a delay that doubles, or
 * as long as the `headers` of a response request at `now`, epoch milliseconds.
 */
export function retryDelay(
  reason: RetryReason,
  retry: number,
  base: number,
  headers: Headers | undefined,
  now: number,
  random: number,
): number {
  const jitter = random * Math.min(20_000, (reason === 'throttling' ? 1000 : base) * 2 ** retry)
  const hint = headers && retryAfter(headers, now)
  return hint ? Math.max(jitter, Math.min(hint, jitter + 5000)) : jitter
}

/** Returns the delay in milliseconds that a response requests: 0 or NaN if it requests none. */
function retryAfter(headers: Headers, now: number): number {
  const value = headers.get('retry-after') ?? ''
  return (
    Number(headers.get('x-amz-retry-after')) || (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now)
  )
}
