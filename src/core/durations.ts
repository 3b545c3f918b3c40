import { type Rule, typeRule } from './rules.ts'

/** A duration: seconds, or a whole number and its unit, `'90s' '15m' '12h' '7d'`. */
export type Duration = number | string

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Returns the milliseconds of a whole number and its unit, `'50ms'` or `'-1h'`; not a number if it is malformed. */
export function toMilliseconds(text: string): number {
  const [, amount, unit = ''] = /^(-?\d+)(ms|[smhd])$/.exec(text) ?? []
  return Number(amount) * UNITS[unit]!
}

/** Returns the seconds of a duration; not a number if it is malformed. */
export function toSeconds(duration: Duration): number {
  return typeof duration === 'string' ? toMilliseconds(duration) / 1000 : duration
}

/**
 * Returns a rule for the duration of a timer of this program, which has its unit: a number could be meant as seconds or as
 * milliseconds.
 */
export function timerRule(example: string, least = 1): Rule {
  const hint = `Pass a number and its unit, such as '${example}'.`
  return typeRule(
    'string',
    (text: string) => {
      const time = toMilliseconds(text)
      if (Number.isNaN(time)) return ['invalid', hint]
      return time >= least ? undefined : ['range', hint]
    },
    hint,
  )
}

/** Adds a limit to the rule of a duration. Milliseconds that are passed in place of seconds usually exceed it. */
export function upTo(most: string, rule: Rule): Rule {
  return (value: Duration) =>
    rule(value as never) ?? (toSeconds(value) <= toSeconds(most) ? undefined : ['range', `Pass '${most}' or less.`])
}

/** A rule for a number of seconds, or a duration. */
export const DURATION: Rule = (value: unknown) => {
  const seconds = typeof value === 'number' || typeof value === 'string' ? toSeconds(value) : Number.NaN
  return seconds >= 0 && seconds % 1 === 0
    ? undefined
    : ['invalid', "Pass a whole number of seconds, 0 or more, or a duration such as '15m'."]
}
