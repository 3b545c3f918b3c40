import { type Duration, toSeconds } from '../durations.ts'
import { fail } from '../errors.ts'
import { hasTag } from '../kind.ts'

/** Lifetime of a presigned request: seconds, `'90s' '15m' '12h' '7d'`, or the `Date` when it expires. */
export type Expires = Duration | Date

/** The current time: a `Date`, epoch milliseconds, or a function that returns one. */
export type Now = Date | number | (() => Date | number)

/** Maximum lifetime of a presigned URL, in seconds: 7 days. */
export const MAX_EXPIRES = 604_800

/** Returns a moment in epoch milliseconds, and throws for anything else. */
export function toTime(now: Now, argument = 'options.now'): number {
  const moment = typeof now === 'function' ? now() : now
  const time = Number(moment)
  if (!Number.isFinite(time) || !(typeof moment === 'number' || hasTag(moment, 'Date')))
    fail(
      'ERR_INVALID_ARG_VALUE',
      argument,
      'invalid',
      'Pass a Date, epoch milliseconds, or a function that returns one.',
    )
  // as milliseconds, the seconds of a date in this century are in early 1970
  if (time > 1e9 && time < 1e10) fail('ERR_INVALID_ARG_VALUE', argument, 'range', 'Pass milliseconds.')
  return time
}

/** Formats seconds since 1970 as an amz date, `20150830T123600Z`. */
export function formatAmzDate(time: number): string {
  const [date, clock] = amzDateParts(time)
  return date + clock
}

/** Returns the two parts of an amz date: the date stamp, `20150830`, and `T123600Z`. */
export function amzDateParts(time: number): readonly [date: string, clock: string] {
  const date = new Date(time * 1000)
  const day = (date.getUTCFullYear() * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  // an amz date has four digits for the year
  if (!(day > 1e7 && day < 1e8)) fail('ERR_INVALID_ARG_VALUE', 'options.now', 'invalid')
  const second = ((time % 86_400) + 86_400) % 86_400 // of the day; each getter would take longer
  const minute = Math.floor(second / 60)
  const clock = 1e6 + Math.floor(minute / 60) * 1e4 + (minute % 60) * 100 + (second % 60)
  return [String(day), `T${String(clock).slice(1)}Z`]
}

/** Parses an amz date into seconds since 1970; `undefined` if it is malformed, or its day or hour does not exist. */
export function parseAmzDate(amzDate: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(amzDate)) return undefined
  const part = (start: number, end?: number): string => amzDate.slice(start, end)
  const time = Date.parse(`${part(0, 4)}-${part(4, 6)}-${part(6, 11)}:${part(11, 13)}:${part(13)}`) / 1000
  return amzDate.startsWith('0') || !(time < 253_402_300_800) || formatAmzDate(time) !== amzDate ? undefined : time
}

/** Parses an HTTP date, `Mon, 30 Aug 2015 12:36:00 GMT`, into seconds since 1970; `undefined` for any other format. */
export function parseHttpDate(date: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} [1-9]\d{3} \d\d:\d\d:\d\d GMT$/.test(date)) return undefined
  const time = Date.parse(date) / 1000
  return Number.isNaN(time) ? undefined : time
}

/** Formats seconds since 1970 as S3 does, `2015-08-30T12:36:00Z`. */
export function formatIsoDate(time: number): string {
  return new Date(time * 1000).toISOString().replace(/\.\d+/, '')
}

/**
 * Reads `expires`, which the caller may change later, and returns a function for the value of `X-Amz-Expires`: whole
 * seconds from the signing time. A duration is extended by `more` seconds, a `Date` is not; the result is `most` seconds at
 * most. It rejects `false`.
 */
export function readExpires(
  expires: Expires | false = 900,
  more = 0,
  argument = 'options.expires',
  most = MAX_EXPIRES,
): (time: number) => number {
  const duration = toSeconds(expires as Duration)
  const given: unknown = Number.isNaN(duration) ? expires : duration
  const end = typeof expires === 'object' && hasTag(expires, 'Date') && Math.floor(Number(expires) / 1000)
  return (time) => {
    const seconds = end === false ? given : end - time
    const added = end === false ? more : 0
    if (typeof seconds !== 'number')
      fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', "Pass seconds, '15m', '7d', or a Date.")
    if (!(seconds >= 1 && seconds + added <= most && seconds % 1 === 0))
      fail('ERR_SIGV4_EXPIRES_RANGE', argument, 'range', `Pass 1 to ${most - added} seconds.`)
    return seconds + added
  }
}
