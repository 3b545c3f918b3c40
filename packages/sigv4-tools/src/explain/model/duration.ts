import { type Now, parseAmzDate, toTime } from '../../../../../src/internal/encoding.ts'
import { fail } from '../../../../../src/internal/errors.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A duration in words, in its two largest units: `2 hours 5 minutes`; days alone from ten on. */
export function formatDuration(seconds: number): string {
  const words: string[] = []
  let left = Math.round(Math.abs(seconds))
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    left -= count * size
    if (words.length === 2 || (unit === 'day' && count >= 10)) break
    if (words.length && count === 0) break // 2 days, not 2 days 5 seconds
  }
  return words.join(' ') || '0 seconds'
}

/** The hours, other than whole ones, by which local time is later than UTC. */
const LATER: readonly number[] = [3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75]
/** The same for time zones that are earlier than UTC. */
const EARLIER: readonly number[] = [2.5, 3.5, 9.5]

/** Returns whether a delay in seconds is the UTC offset of a time zone, within two minutes: local time was written as UTC. */
export function isZoneOffset(delay: number): boolean {
  const hours = Math.round(Math.abs(delay) / 900) / 4
  const isOffset = Number.isInteger(hours) ? hours >= 1 && hours <= 14 : (delay < 0 ? LATER : EARLIER).includes(hours)
  return isOffset && Math.abs(Math.abs(delay) - hours * 3600) < 120
}

/** Returns the sentence for a request whose time is off by the UTC offset of a time zone, in seconds. */
export function localTimeSentence(off: number): string {
  const hours = Math.round(Math.abs(off) / 900) / 4
  const clock = hours === 12 ? ', or the hour for a clock of 12 hours' : ''
  return `The request was dated ${formatDuration(hours * 3600)} in the ${off > 0 ? 'past' : 'future'}, as if local time had been written as UTC${clock}.`
}

/** Returns whether a delay is one of whole days, at least a month, within 15 minutes: the time is right, and the month or year is not. */
export function isOtherMonth(delay: number): boolean {
  const days = Math.round(Math.abs(delay) / 86_400)
  return days >= 28 && Math.abs(Math.abs(delay) - days * 86_400) <= 900
}

/** An amz date, or a date in any format that `Date` parses, in epoch seconds. */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseAmzDate(text) ?? Math.floor(Date.parse(text) / 1000)
  return time > 0 && time < 253_402_300_800 ? time : undefined
}

/** A time that the caller passes, in epoch milliseconds. */
export function toEpochMs(given: Now, name: string): number {
  const time = toTime(given, name)
  if (!(time >= 0 && time < 253_402_300_800_000)) fail('ERR_INVALID_ARG_VALUE', name, 'range')
  return time
}
