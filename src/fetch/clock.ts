import { parseHttpDate } from '../core/encoding/time.ts'

const MINUTE = 60_000
/** A larger difference is a wrong date, not a wrong clock. A host could otherwise choose the signing time of requests. */
const MAX_SKEW = 86_400_000

const CODES =
  /^(?:InvalidSignatureException|SignatureDoesNotMatch|AuthFailure|AccessDeniedException|Request(?:TimeTooSkewed|Expired|InTheFuture))$/

/** Returns the milliseconds by which the clock of a host is ahead, from the time in a response; `undefined` if unknown. */
export function measureSkew(headers: Headers, sent: number, received: number): number | undefined {
  // the date in a cached response is old, and the midpoint of a slow one says little
  if (headers.has('age') || received - sent > 15 * MINUTE) return undefined
  const date = parseHttpDate(headers.get('date') ?? '')
  const skew = date! * 1000 - (sent + received) / 2
  return Math.abs(skew) <= MAX_SKEW ? skew : undefined
}

/** Returns whether a request was rejected because of its time: `error` is the difference in milliseconds. */
export function isSkewed(code: string | undefined, error: number): boolean {
  return Math.abs(error) > 4 * MINUTE && CODES.test(code ?? '')
}
