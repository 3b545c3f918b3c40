import { parseAmzDate } from '../core/encoding/time.ts'

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

/** Whether a number of seconds is the UTC offset of a time zone, within two minutes. */
export function isZoneOffset(seconds: number): boolean {
  const off = Math.abs(seconds)
  return off > 3400 && off < 51_000 && Math.abs(off - Math.round(off / 900) * 900) < 120
}

/** An amz date, or a date in any format that `Date` parses, in epoch seconds. */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseAmzDate(text) ?? Math.floor(Date.parse(text) / 1000)
  return time > 0 && time < 253_402_300_800 ? time : undefined
}
