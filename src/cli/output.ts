import type { Call } from './command.ts'
import { usage } from './failure.ts'

/** Throws if two ways of printing are asked for. */
export function checkOneOutput(call: Call): void {
  if (call.has('json') && call.has('curl')) usage('--json and --curl are both given: say one')
}

export function printJson(call: Call, value: unknown): void {
  call.print(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** A moment, to the second. */
export function iso(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '')
}

/** How far a moment is away, in the unit that says it best. */
export function distance(from: Date, to: Date): string {
  const seconds = Math.round((Number(to) - Number(from)) / 1000)
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
  return seconds >= 0 ? `in ${text}` : `${text} ago`
}
