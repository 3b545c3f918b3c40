import { formatIsoDate } from '../../../../../src/internal/encoding.ts'
import { UNPRINTABLE } from '../../redaction/unprintable.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'

/** Options whose values --curl prints unencoded. */
const VERBATIM = ['data', 'data-file', 'file', 'field', 'content-type'] as const

/** Throws if two output formats are requested, or if --curl cannot print a value. */
export function checkOneOutput(call: Call): void {
  const [first, second] = (['json', 'curl', 'html'] as const).filter((name) => call.has(name))
  if (second !== undefined) usage(`--${first} and --${second} cannot be combined.`)
  for (const name of VERBATIM) for (const value of call.values(name)) checkCurl(call, `--${name}`, value)
}

/** Throws if --curl would print a character that a terminal interprets or hides; line breaks are allowed. */
export function checkCurl(call: Call, name: string, value: string): void {
  if (call.has('curl') && value.replace(/[\t\r\n]/g, '').search(UNPRINTABLE) >= 0)
    usage(`${name} contains a control or format character, which --curl cannot print.`)
}

/** Reports the expiration of a URL or form. */
export function noteExpiry(call: Call, what: string, expiresAt: Date, limitedBy: string | undefined): void {
  const end = formatIsoDate(Number(expiresAt) / 1000)
  if (limitedBy) call.note(`The credentials expire first: the ${what} is valid until ${end}.\n`)
  call.detail(`valid until ${end}`)
}

/**
 * Formats JSON in which unprintable characters are escaped. `version` changes if a member is removed or gets a different
 * meaning.
 */
export function formatJson(result: object, indentation?: number): string {
  const json = JSON.stringify({ version: 1, ...result }, undefined, indentation)
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  // Line breaks occur only between values.
  return `${json.replace(UNPRINTABLE, (found) => found.replace(/[^\n]/g, escaped))}\n`
}

export function printJson(call: Call, result: object): void {
  call.print(formatJson(result, 2))
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** A time, and its distance from now in the most readable unit. */
export function when(date: Date, now: Date): string {
  const seconds = Math.round((Number(date) - Number(now)) / 1000)
  const size = Math.abs(seconds)
  const [unit, length] = UNITS.find(([, length]) => size >= 2 * length) ?? ['second', 1]
  const count = Math.round(size / length)
  const text = `${count} ${unit}${count === 1 ? '' : 's'}`
  return `${formatIsoDate(Number(date) / 1000)} (${seconds >= 0 ? `in ${text}` : `${text} ago`})`
}
