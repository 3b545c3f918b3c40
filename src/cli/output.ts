import { UNPRINTABLE } from '../core/encoding/unprintable.ts'
import type { Call } from './command.ts'
import { usage } from './failure.ts'

/** Options whose values --curl prints unencoded. */
const VERBATIM = ['data', 'data-file', 'file', 'field', 'content-type'] as const

/** Throws if two ways of printing are asked for, or --curl for what it cannot print. */
export function checkOneOutput(call: Call): void {
  if (call.has('json') && call.has('curl')) usage('--json and --curl are both given: say one')
  for (const name of VERBATIM) for (const value of call.values(name)) checkCurl(call, `--${name}`, value)
}

/** Throws if --curl would print something that a terminal acts on or hides; a line break is fine. */
export function checkCurl(call: Call, name: string, value: string): void {
  if (call.has('curl') && value.replace(/[\t\r\n]/g, '').search(UNPRINTABLE) >= 0)
    usage(`${name} has a control or format character, which --curl cannot print`)
}

/** Reports how long a URL or form works. */
export function noteExpiry(call: Call, what: string, expiresAt: Date, limitedBy: string | undefined): void {
  if (limitedBy) call.note(`The credentials end first: ${what} works until ${iso(expiresAt)}.\n`)
  call.detail(`works until ${iso(expiresAt)}`)
}

export function printJson(call: Call, value: unknown): void {
  const json = JSON.stringify(value, undefined, 2)
  // a newline is only between values
  const escaped = (found: string): string =>
    found === '\n'
      ? found
      : found
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join('')
  call.print(`${json.replace(UNPRINTABLE, escaped)}\n`)
}

/** A moment, to the second. */
function iso(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '')
}

/** A moment, and how far away it is, in the unit that fits best. */
export function when(date: Date, now: Date): string {
  const seconds = Math.round((Number(date) - Number(now)) / 1000)
  const size = Math.abs(seconds)
  const [count, unit] =
    size < 120
      ? [size, 'second']
      : size < 7200
        ? [Math.round(size / 60), 'minute']
        : size < 172_800
          ? [Math.round(size / 3600), 'hour']
          : [Math.round(size / 86_400), 'day']
  const text = `${count} ${unit}${count === 1 ? '' : 's'}`
  return `${iso(date)} (${seconds >= 0 ? `in ${text}` : `${text} ago`})`
}
