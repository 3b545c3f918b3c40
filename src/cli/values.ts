import { parseAmzDate } from '../core/time.ts'
import { usage } from './failure.ts'

// Values of options. A message names the option and never shows the value, which could be anything.

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** Reads `5000000`, `10MB`, `10MiB`. */
export function parseSize(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,15}) ?([A-Za-z]*)$/.exec(text) ?? []
  const size = Number(count) * (Object.hasOwn(UNITS, unit ?? '?') ? UNITS[unit!]! : Number.NaN)
  if (!Number.isSafeInteger(size)) usage(`${option} must be a number of bytes, like 5000000, 10MB or 10MiB`)
  return size
}

/** Reads a whole number. */
export function parseCount(option: string, text: string, most: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) > most) usage(`${option} must be a whole number from 0 to ${most}`)
  return Number(text)
}

/** Reads `2026-01-31T12:00:00Z`, `2026-01-31` or an amz date. */
export function parseDate(option: string, text: string): Date {
  const amz = parseAmzDate(text)
  if (amz !== undefined) return new Date(amz * 1000)
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
  const date = new Date(isIso ? text : Number.NaN)
  if (Number.isNaN(Number(date))) usage(`${option} must be a date like 2026-01-31T12:00:00Z`)
  return date
}

/** Reads how long something works: `15m`, or a date. */
export function parseExpires(text: string): string | Date {
  if (/^\d+[smhd]?$/.test(text)) return text
  if (!/^\d{4}-?\d\d/.test(text)) usage('--expires must be like 90s, 15m, 12h, 7d, or a date like 2026-01-31T12:00:00Z')
  return parseDate('--expires', text)
}

/** Reads `name: value`. */
export function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':')
  if (colon < 1) usage("-H must be like 'name: value'")
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

/** Reads `name=value`. */
export function parsePair(option: string, text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  if (equals < 1) usage(`${option} must be like name=value`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** Pairs as a record of lists. */
export function groupPairs(pairs: readonly (readonly [name: string, value: string])[]): Record<string, string[]> {
  const grouped: Record<string, string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    grouped[name] ??= []
    grouped[name].push(value)
  }
  return grouped
}
