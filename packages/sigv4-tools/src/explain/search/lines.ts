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

const ONLY_DIGITS = 'without what the command prints beside its 64 digits'

/** A digest as programs write it that do not pad each byte to two digits. */
export const unpadded = (hex: string): string => hex.replace(/0(.)|(..)/g, '$1$2')

const HASH = /^[\da-f]{64}$/

/** Incorrect ways to write a hash. */
const HASHES: readonly Spelling[] = [
  ['in uppercase hexadecimal digits', (hash) => hash.toUpperCase(), 'in lowercase hexadecimal digits'],
  ['in base64', base64, 'in hexadecimal digits'],
  ['hashed again, as bytes', (hash) => sha256Hex(bytesOf(octetsOfHex(hash)))],
  ['as raw bytes', octetsOfHex, 'in hexadecimal digits'],
  ['as raw bytes that were decoded as UTF-8', (hash) => decodeLossy(octetsOfHex(hash)), 'in hexadecimal digits'],
  ['without the zeros at the start of its bytes', unpadded, 'with two digits for each byte'],
  ['as openssl prints it, with "(stdin)= " before it', (hash) => `(stdin)= ${hash}`, ONLY_DIGITS],
  ['as openssl prints it, with "SHA2-256(stdin)= " before it', (hash) => `SHA2-256(stdin)= ${hash}`, ONLY_DIGITS],
  ['as openssl prints it, with "SHA256(stdin)= " before it', (hash) => `SHA256(stdin)= ${hash}`, ONLY_DIGITS],
  ['as sha256sum prints it, with "-" after it', (hash) => `${hash}  -`, ONLY_DIGITS],
  ['as sha256sum prints it, with "-" after it', (hash) => `${hash} *-`, ONLY_DIGITS],
  ['as sha256sum prints it, with "-" after it', (hash) => `${hash}  -\n`, ONLY_DIGITS],
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

/** An incorrect line, or none: its text, the mistake, the fix, and the cause if it is a specific one. */
type Edit = readonly [lines: readonly string[], how: string, fix: string, cause: Cause | undefined]

/** Incorrect ways to write one line. `isShort`: only those that clients combine. */
function* edits([text, of, cause]: Line, isShort: boolean): Generator<Edit> {
  yield [[], `without ${of}`, `Add ${of}.`, cause]
  if (text === '') {
    yield [['', ''], `with ${of} twice`, `Write ${of} once.`, cause]
    return
  }
  yield [[''], `with an empty line instead of ${of}`, `Write ${of} there.`, cause]
  if (of === METHOD || of === PATH) return // which have their own causes
  const spellings = [...(HASH.test(text) ? HASHES : []), ...CHANGES, ...(isShort ? [] : SPELLINGS)]
  for (const [how, change, as = 'unchanged'] of spellings)
    yield [[change(text)], `with ${of} ${how}`, `Write ${of} ${as}.`, cause]
}

function withLine(lines: readonly string[], at: number, own: readonly string[]): string[] {
  return [...lines.slice(0, at), ...own, ...lines.slice(at + 1)]
}

/** Incorrect ways to write lines. `isShort`: only those that clients combine with others. */
export function* written(lines: readonly Line[], isShort = false): Generator<Made> {
  const texts = lines.map(([text]) => text)
  const right = texts.join('\n')
  for (const row of ENDS) {
    const [text, fix] = withEnds(texts, row)
    yield [text, `with ${row[0]}`, fix]
  }
  // each change copies the string
  const size = right.length * lines.length
  for (const [i, line] of size > MOST ? [] : lines.entries()) {
    const [text, of, cause] = line
    for (const [own, how, fix] of edits(line, isShort)) yield [withLine(texts, i, own).join('\n'), how, fix, cause]
    if (text === '')
      yield [
        [...texts.filter((_, j) => j !== i && texts[j] !== '')].join('\n'),
        'without its empty lines',
        `Add ${listed(lines.flatMap(([line, name]) => (line === '' ? [name] : [])))}.`,
      ]
    for (const [j, [other, name]] of text === '' ? [] : lines.entries()) {
      if (j <= i || other === '' || size * lines.length > MOST) continue
      const swapped = texts.map((line, k) => (k === i ? other : k === j ? text : line))
      yield [swapped.join('\n'), `with ${of} and ${name} in each other's place`, `Write ${of} before ${name}.`, cause]
      const rest = texts.filter((_, k) => k !== i && k !== j)
      yield [rest.join('\n'), `without ${of} and ${name}`, `Add ${of} and ${name}.`, cause]
    }
  }
}

/** Two mistakes in one string: in two lines, or in a line and the ends of all. */
export function* writtenTwice(lines: readonly Line[]): Generator<readonly [text: string, one: Made, other: Made]> {
  const texts = lines.map(([text]) => text)
  if (texts.join('\n').length * lines.length ** 2 > MOST) return
  const made = ([, how, fix, cause]: Edit): Made => ['', how, fix, cause]
  for (const [i, line] of lines.entries())
    for (const one of edits(line, true)) {
      const changed = withLine(texts, i, one[0])
      for (const row of ENDS) {
        const [text, fix] = withEnds(changed, row)
        yield [text, made(one), ['', `with ${row[0]}`, fix]]
      }
      for (const [j, other] of lines.entries())
        if (j > i)
          for (const two of edits(other, true))
            yield [withLine(changed, j - 1 + one[0].length, two[0]).join('\n'), made(one), made(two)]
    }
}
