import { encodeOctets } from '../../../../../src/internal/encoding.ts'
import { sha256Hex } from '../../../../../src/internal/sha256.ts'
import type { Cause } from '../model/causes.ts'
import { listed } from '../model/clue.ts'
import { bytesOf, decodeLossy, octetsOfHex } from '../request/octets.ts'
import { SPELLINGS, type Spelling } from './spellings.ts'

// Incorrect ways to write a string of several lines: without one of them, with one changed, or with different line ends.

/** An incorrect string that the client may have produced: the mistake, and its fix and cause if they are specific ones. */
export type Made = readonly [text: string, how: string, fix: string | undefined, cause?: Cause | undefined]

/** A line of a string, and what it contains. */
export type Line = readonly [text: string, of: string, cause?: Cause | undefined]

export const base64 = (hex: string): string => encodeOctets(octetsOfHex(hex))

/** Incorrect ends of lines: what the string has, what is between its lines, and what follows and precedes them. */
export const ENDS: readonly (readonly [how: string, between: string, after?: string, before?: string])[] = [
  ['CRLF between its lines', '\r\n'],
  ['carriage returns between its lines', '\r'],
  ['a backslash and an n between its lines', '\\n'],
  ['a backtick and an n between its lines', '`n'],
  ['its lines run together', ''],
  ['spaces between its lines', ' '],
  ['empty lines between its lines', '\n\n'],
  ['lines indented by one space', '\n '],
  ['lines indented by two spaces', '\n  '],
  ['lines indented by four spaces', '\n    '],
  ['lines indented by eight spaces', '\n        '],
  ['lines indented by a tab', '\n\t'],
  ['a line feed at its end', '\n', '\n'],
  ['a line break at its end', '\n', '\r\n'],
  ['a line feed at its start', '\n', '', '\n'],
]

/** Returns lines with incorrect ends, and the fix. */
export function withEnds(
  lines: readonly string[],
  [, between, after = '', before = '']: (typeof ENDS)[number],
): [text: string, fix: string] {
  const fix =
    between === '\n'
      ? 'Do not add a line break before the first line or after the last one.'
      : between === '\\n' || between === '`n'
        ? `Separate the lines by a line feed: in ${between === '`n' ? 'PowerShell' : 'PHP, Perl, and shells'}, "${between}" requires double quotes.`
        : 'Separate the lines by a line feed (\\n) and nothing else.'
  return [before + lines.join(between) + after, fix]
}

const HASH = /^[\da-f]{64}$/

/** Incorrect ways to write a hash. */
const HASHES: readonly Spelling[] = [
  ['in uppercase hexadecimal digits', (hash) => hash.toUpperCase(), 'in lowercase hexadecimal digits'],
  ['in base64', base64, 'in hexadecimal digits'],
  ['hashed again, as bytes', (hash) => sha256Hex(bytesOf(octetsOfHex(hash)))],
  ['as raw bytes', octetsOfHex, 'in hexadecimal digits'],
  ['as raw bytes that were decoded as UTF-8', (hash) => decodeLossy(octetsOfHex(hash)), 'in hexadecimal digits'],
]

/** Incorrect ways to write a line, in addition to those of any string. */
const CHANGES: readonly Spelling[] = [
  ['twice', (line) => `${line}\n${line}`, 'once'],
  ['with a slash at its end', (line) => `${line}/`],
  ['with a slash at its start', (line) => `/${line}`],
  ['with "?" at its start', (line) => `?${line}`],
  ['with "&" at its end', (line) => `${line}&`],
  ['with ";" at its end', (line) => `${line};`],
  ['without its spaces', (line) => line.replaceAll(' ', '')],
  ['hashed again', sha256Hex, 'without hashing it'],
]

export const METHOD = 'the method'
export const PATH = 'the path'

/** Limit for changing a line, or two: the length of the string multiplied by the number of its lines. */
const MOST = 1_000_000

/** Incorrect ways to write lines. */
export function* written(lines: readonly Line[]): Generator<Made> {
  const texts = lines.map(([text]) => text)
  const right = texts.join('\n')
  for (const row of ENDS) {
    const [text, fix] = withEnds(texts, row)
    yield [text, `with ${row[0]}`, fix]
  }
  // each change copies the string
  const size = right.length * lines.length
  for (const [i, [text, of, cause]] of size > MOST ? [] : lines.entries()) {
    const at = (...others: string[]): string => [...texts.slice(0, i), ...others, ...texts.slice(i + 1)].join('\n')
    yield [at(), `without ${of}`, `Add ${of}.`, cause]
    if (text === '') {
      yield [at('', ''), `with ${of} twice`, `Write ${of} once.`, cause]
      yield [
        [...texts.filter((_, j) => j !== i && texts[j] !== '')].join('\n'),
        'without its empty lines',
        `Add ${listed(lines.flatMap(([line, name]) => (line === '' ? [name] : [])))}.`,
      ]
      continue
    }
    for (const [j, [other, name]] of lines.entries()) {
      if (j <= i || other === '' || size * lines.length > MOST) continue
      const swapped = texts.map((line, k) => (k === i ? other : k === j ? text : line))
      yield [swapped.join('\n'), `with ${of} and ${name} in each other's place`, `Write ${of} before ${name}.`, cause]
      const rest = texts.filter((_, k) => k !== i && k !== j)
      yield [rest.join('\n'), `without ${of} and ${name}`, `Add ${of} and ${name}.`, cause]
    }
    yield [at(''), `with an empty line instead of ${of}`, `Write ${of} there.`, cause]
    if (of === METHOD || of === PATH) continue // which have their own causes
    for (const [how, change, as = 'unchanged'] of [...(HASH.test(text) ? HASHES : []), ...CHANGES, ...SPELLINGS])
      yield [at(change(text)), `with ${of} ${how}`, `Write ${of} ${as}.`, cause]
  }
}
