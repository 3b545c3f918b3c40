// Hides secrets in text that is shown, logged or shared, however they are escaped there.

import { formsOf, type Plain, withoutEscapes } from './escapes.ts'
import { isMixed, MOST_SHOWN, secretShapes } from './find.ts'

/** The replacement for a hidden secret. */
export const SECRET = '[secret]'

/** A part of a string without escapes. */
export interface HiddenPlace {
  readonly from: number
  readonly to: number
}

/** A part to hide, and its replacement. */
export interface HiddenPart extends HiddenPlace {
  readonly mask: string
}

/** Returns parts of a string without escapes as parts of the string with them. */
export function originalParts({ origin }: Plain, parts: readonly HiddenPart[]): HiddenPart[] {
  return parts
    .filter(({ from, to }) => from < to)
    .map(({ from, to, mask }) => ({ from: origin(from), to: origin(to), mask }))
}

/** Hides parts of a string. Line breaks remain. If parts overlap, the longer mask replaces both. */
export function hideParts(text: string, parts: readonly HiddenPart[]): string {
  let result = ''
  let last = 0
  const sorted = [...parts].sort((a, b) => a.from - b.from)
  for (let i = 0; i < sorted.length; ) {
    let { from, to, mask } = sorted[i]!
    for (i++; i < sorted.length && sorted[i]!.from <= to; i++) {
      to = Math.max(to, sorted[i]!.to)
      if (sorted[i]!.mask.length > mask.length) mask = sorted[i]!.mask
    }
    // a line break after a value is not a part of it, nor is the indentation of the next line
    const end = from + text.slice(from, to).trimEnd().length
    result += text.slice(last, from) + mask + text.slice(from, end).replace(/[^\n]+/g, '')
    last = end
  }
  return result + text.slice(last)
}

/** Maximum length of a value whose parts are also searched for: a token is longer. */
const LONGEST_SPLIT = 200

/** Returns whether parts of a value identify it, because it is random. */
function isSplit(value: string): boolean {
  if (value.length > LONGEST_SPLIT) return false
  if (/^[\da-f]{32,}$/.test(value)) return true
  const isLong = /[A-Za-z\d/+]{32}/.test(value) && /[\d/+]/.test(value)
  return isMixed(value) && (isLong || (/[A-Za-z\d/+]{20}/.test(value) && /\d\D+\d/.test(value)))
}

/** Returns the forms of values, and the longer parts of those that are random. */
function piecesOf(values: readonly string[]): string[] {
  const pieces = new Set<string>()
  for (const value of values) {
    const plain = withoutEscapes(value).text.trim()
    for (const form of [plain, plain.toLowerCase(), plain.replaceAll('+', ' '), plain.replaceAll(' ', '+')]) {
      pieces.add(form)
      if (isSplit(plain)) for (let i = MOST_SHOWN; i < form.length; i++) pieces.add(form.slice(i - MOST_SHOWN, i + 1))
    }
  }
  return [...pieces].filter((piece) => piece !== '' && piece.trim() === piece)
}

/** Finds every place of a string that is not empty, from left to right. */
export function placesOf(text: string, value: string): HiddenPlace[] {
  const found: HiddenPlace[] = []
  for (let from = text.indexOf(value); from >= 0; from = text.indexOf(value, from + value.length))
    found.push({ from, to: from + value.length })
  return found
}

/** Finds values in a string without escapes, and the longer parts of those that are random. */
export function findValues(text: string, values: readonly string[]): HiddenPlace[] {
  return piecesOf(values).flatMap((piece) => placesOf(text, piece))
}

/**
 * Creates a function that hides values in a string, however they are escaped or broken, and the longer parts of random
 * ones.
 */
export function createHider(values: readonly string[], mask = SECRET): (text: string) => string {
  const pieces = piecesOf(values)
  return (text) => {
    const parts = formsOf(text, () => true).flatMap((plain) =>
      originalParts(
        plain,
        pieces.flatMap((piece) => placesOf(plain.text, piece)).map((part) => ({ ...part, mask })),
      ),
    )
    return hideParts(text, parts)
  }
}

/** Hides strings that look like secret access keys. */
export function hideShapes(text: string): string {
  return createHider(secretShapes(text))(text)
}
