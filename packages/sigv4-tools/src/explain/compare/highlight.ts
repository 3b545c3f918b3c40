import { fail } from '../../../../../src/internal/errors.ts'
import { UNPRINTABLE } from '../../redaction/unprintable.ts'

/** A string, split at its differences from a different string. */
export interface DiffSegments {
  /** Up to the first difference. */
  readonly before: string
  readonly differs: string
  /** From the end of the last difference. */
  readonly after: string
}

/** Names of characters that a screen does not show. */
const NAMES: Readonly<Record<string, string>> = {
  '\0': 'NULL',
  '\t': 'TAB',
  '\n': 'LINE FEED',
  '\r': 'CARRIAGE RETURN',
  ' ': 'SPACE',
  '\x7f': 'DELETE',
  '\xa0': 'NO-BREAK SPACE',
  '\xad': 'SOFT HYPHEN',
  '\u2002': 'EN SPACE',
  '\u2003': 'EM SPACE',
  '\u2009': 'THIN SPACE',
  '\u200b': 'ZERO WIDTH SPACE',
  '\u200c': 'ZERO WIDTH NON-JOINER',
  '\u200d': 'ZERO WIDTH JOINER',
  '\u200e': 'LEFT-TO-RIGHT MARK',
  '\u200f': 'RIGHT-TO-LEFT MARK',
  '\u2028': 'LINE SEPARATOR',
  '\u202a': 'LEFT-TO-RIGHT EMBEDDING',
  '\u202c': 'POP DIRECTIONAL FORMATTING',
  '\u202f': 'NARROW NO-BREAK SPACE',
  '\u2060': 'WORD JOINER',
  '\u3000': 'IDEOGRAPHIC SPACE',
  '\ufeff': 'BYTE ORDER MARK',
  '\ufffd': 'REPLACEMENT CHARACTER',
}

/** Maximum length of a value that a sentence shows completely. */
const SHORT = 80
/** Characters that are shown on each side of a difference. */
const CONTEXT = 24
/** Maximum length of a difference that is shown completely. */
const LONGEST = 120

/**
 * Splits two strings at their first and after their last difference, for display: characters that cannot be seen, and
 * non-ASCII characters of the difference, are spelled as `[U+00A0 NO-BREAK SPACE]`.
 *
 * @param one - A string, such as `expected` of a finding.
 * @param other - A different string, such as `actual`.
 * @returns The segments of both: `{ before, differs, after }`.
 * @example
 * ```ts
 * import { highlightDiff } from 'sigv4-tools/explain'
 *
 * const [signed, sent] = highlightDiff('image/png', 'image/jpeg')
 * console.log(signed.differs, sent.differs) // 'pn', 'jpe'
 * ```
 */
export function highlightDiff(one: string, other: string): [DiffSegments, DiffSegments] {
  for (const [argument, value] of Object.entries({ one, other }))
    if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', 'Pass a string.')
  const show = ({ before, differs, after }: DiffSegments): DiffSegments => ({
    before: spellHidden(before),
    differs: spell(differs),
    after: spellHidden(after),
  })
  const [first, second] = splitDiff(one, other)
  return [show(first), show(second)]
}

/** Splits two strings at their first and after their last difference, without splitting a character. */
function splitDiff(one: string, other: string): [DiffSegments, DiffSegments] {
  const shortest = Math.min(one.length, other.length)
  let start = 0
  while (start < shortest && one[start] === other[start]) start++
  if (isLead(one, start - 1)) start--
  let end = 0
  while (end < shortest - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++
  if (end > 0 && (isLead(one, one.length - end - 1) || isLead(other, other.length - end - 1))) end--
  const split = (text: string): DiffSegments => ({
    before: text.slice(0, start),
    differs: text.slice(start, text.length - end),
    after: text.slice(text.length - end),
  })
  return [split(one), split(other)]
}

/** Returns whether the unit at an index is the first half of a character. */
function isLead(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit < 0xdc00
}

/** Returns two values in quotation marks: completely if they are short, otherwise where they differ. */
export function quoteDiff(one: string, other: string): [string, string] {
  const [first, second] = splitDiff(one, other)
  const isShort = one.length <= SHORT && other.length <= SHORT
  const quote = ({ before, differs, after }: DiffSegments): string => {
    const middle =
      differs.length > LONGEST ? `${spell(differs.slice(0, 60))}…${spell(differs.slice(-40))}` : spell(differs)
    if (isShort) return `"${spellHidden(before)}${middle}${spellHidden(after)}"`
    const from = before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before
    const to = after.length > CONTEXT ? `${after.slice(0, CONTEXT)}…` : after
    return `"${spellHidden(from)}${middle}${spellHidden(to)}"`
  }
  return [quote(first), quote(second)]
}

/** Spells the characters of a difference that cannot be seen or mistaken for others: `[U+00A0 NO-BREAK SPACE]`. */
function spell(text: string): string {
  const edges = text.replace(/^ {1,100}| {1,100}$/g, (spaces) =>
    spaces.length === 1 ? spellCharacter(spaces) : `[${spaces.length} spaces]`,
  )
  return edges.replace(/[^\x20-\x7e\u2026]/gu, (found) =>
    found in NAMES || isHidden(found) ? spellCharacter(found) : `${found}[${codePoint(found)}]`,
  )
}

function spellHidden(text: string): string {
  return text.replace(/[^\x20-\x7e\u2026]/gu, (found) =>
    found in NAMES || isHidden(found) ? spellCharacter(found) : found,
  )
}

function isHidden(character: string): boolean {
  return /^(?:\s|[\u0300-\u036f])$/.test(character) || character.search(UNPRINTABLE) >= 0
}

function spellCharacter(character: string): string {
  const name = NAMES[character]
  return `[${codePoint(character)}${name === undefined ? '' : ` ${name}`}]`
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
