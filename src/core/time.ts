import { isA } from './body.ts'
import { fail } from './errors.ts'

/** How long a presigned request lives: seconds, `'90s' '15m' '12h' '7d'`, or the moment it ends. */
export type Expires = number | string | Date

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

function pad(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

/** Formats seconds since 1970 as an amz date, `20150830T123600Z`; its first eight characters are the date stamp. */
export function formatAmzDate(time: number): string {
  const date = new Date(time * 1000)
  const year = date.getUTCFullYear()
  // an amz date has four digits for the year
  if (!(year > 999 && year < 10_000))
    fail('ERR_INVALID_ARG_VALUE', 'options.signingDate must be a Date or epoch milliseconds')
  const day = year + pad(date.getUTCMonth() + 1) + pad(date.getUTCDate())
  return `${day}T${pad(date.getUTCHours())}${pad(date.getUTCMinutes())}${pad(date.getUTCSeconds())}Z`
}

/** Reads an amz date into seconds since 1970; `undefined` if it is none, or a day or an hour that does not exist. */
export function parseAmzDate(text: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const time = Date.parse(text.replace(/^(....)(..)(..)T(..)(..)/, '$1-$2-$3T$4:$5:')) / 1000
  return text.startsWith('0') || !(time < 253_402_300_800) || formatAmzDate(time) !== text ? undefined : time
}

/** Reads `expires` into the value of `X-Amz-Expires`: whole seconds from the signing time. */
export function expiresSeconds(expires: Expires, time: number): number {
  let seconds = expires
  if (typeof seconds === 'string') {
    const [, count, unit] = /^(\d+)([smhd]?)$/.exec(seconds) ?? []
    if (count) seconds = Number(count) * UNITS[unit || 's']!
  } else if (isA(seconds, 'Date')) seconds = Math.floor(Number(seconds) / 1000) - time
  if (typeof seconds !== 'number')
    fail('ERR_INVALID_ARG_TYPE', "options.expires must be seconds, a text like '15m' or '7d', or a Date")
  if (!(seconds >= 1 && seconds <= 604_800 && seconds % 1 === 0))
    fail('ERR_SIGV4_EXPIRES_RANGE', 'options.expires must be 1 to 604800 whole seconds (7 days) from the signing date')
  return seconds
}
