// Secrets that a name precedes, in any format or language.

import { isSecretShaped } from './find.ts'
import type { HiddenPlace } from './hide.ts'

/** Separators between a name and its value: of URLs, headers, JSON, XML, YAML and programs. */
const SEPARATORS =
  /(?:["'`]|<\/?[\w-]{0,40}>|\b(?:name|value|is)\b|[a-z@$]{1,2}["'`]|[|>][+-]|[:=>,([{|]|\s+(?!\s)){1,14}/iy
const VALUE = /[^\s"'`<>&,;)\]}]+/y
/** An empty string, but not the start of a string in three quotes. */
const EMPTY = /(?:^|[^"'`])(["'`])\1(?!\1)/
const LONGEST_QUOTED = 400
const SHORTEST = 4

/** What may follow a secret on its line: the end, a closing tag, or the name of something else. Anything else may belong to it. */
const REST =
  /^(?:["'`]?[\s)\]}>;,]*$|["'`]?<\/|["'`]?\s*[,;&)\]}{[][\s,;&)\]}{[]*b?["'`]?[\w.$-]{1,60}["'`]?\s*[:=]|["'`]? (?:export )?[A-Z_]{3,60}=)/
/** A line that only continues a string. */
const CONTINUED = /^[\s+.&|~<>,\\(^-]{0,80}["'`]?[A-Za-z\d+/=]{9,}["'`]?[\s)\]}+.,;&|~\\^_`]{0,80}$/
const LONGEST_LINE = 300

/** Whether a value is a word of a sentence, an identifier, a hash, or was shortened already. */
export function isPlain(value: string, separator: string): boolean {
  if (/^(?:AWS4-HMAC-SHA256|[\da-f]{64}|A[KS]IA[A-Z\d]{12,20}|.{0,8}…)$/i.test(value)) return true
  if (value === 'secret' && separator.endsWith('[')) return true
  if (/[=:>]/.test(separator)) return false
  // a word, or a name with its own value
  return /^[a-z-]+[=:]./i.test(value) || (!/[,'"`(]/.test(separator) && /^[A-Za-z][a-z]*[.!?]?$/.test(value))
}

/** A value, where it is, and what is between its name and itself. */
export interface NamedValue extends HiddenPlace {
  /** Where its name starts. */
  readonly at: number
  readonly value: string
  readonly separator: string
}

/** Finds values that follow a name. In quotes, a value may contain spaces. */
export function namedValues(text: string, names: RegExp): NamedValue[] {
  const found: NamedValue[] = []
  for (const { 0: name, index } of text.matchAll(names)) {
    const separator = matchAt(SEPARATORS, text, index + name.length)
    const from = index + name.length + separator.length
    const [line = ''] = text.slice(from, from + LONGEST_QUOTED).split('\n', 1)
    const end = /["'`]$/.test(separator) ? line.indexOf(separator.slice(-1)) : -1
    const start = end > 0 ? line.slice(0, end) : matchAt(VALUE, line, 0)
    const isShort = start.length < SHORTEST && !/[=:>]/.test(separator)
    if (separator === '' || EMPTY.test(separator) || isShort || isPlain(start, separator)) continue
    const value = end > 0 ? start : matchAt(VALUE, text, from)
    if (value !== '') found.push({ at: index, from, to: from + value.length, value, separator })
  }
  return found
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/**
 * Returns the place of a secret and of everything that may belong to it, unless it is complete: the rest of its line, and
 * lines that continue it.
 */
export function withRest(text: string, { from, to }: HiddenPlace): HiddenPlace & { readonly isWhole: boolean } {
  if (isSecretShaped(text.slice(from, to))) return { from, to, isWhole: true }
  const endOf = (at: number): number => (text.indexOf('\n', at) + 1 || text.length + 1) - 1
  const line = endOf(to)
  const rest = text.slice(to, Math.min(line, to + LONGEST_LINE))
  const isWhole = REST.test(rest)
  if (isWhole && !/^["'`]?[\s)\]}>;,]*$/.test(rest)) return { from, to, isWhole }
  let end = isWhole ? to : line
  for (let last = line; last < text.length; end = last) {
    const next = endOf(last + 1)
    if (next - last > LONGEST_LINE || !CONTINUED.test(text.slice(last + 1, next))) break
    last = next
  }
  return { from, to: end, isWhole }
}
