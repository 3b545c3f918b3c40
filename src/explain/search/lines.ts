import { encodeOctets } from '../../core/encoding/base64.ts'
import { decode } from '../../core/encoding/percent.ts'
import { toOctets } from '../../core/encoding/utf8.ts'
import { sha256Hex } from '../../crypto/sha256.ts'
import type { Cause } from '../model/causes.ts'
import { bytesOf, decodeLossy, octetsOfHex } from '../request/octets.ts'
import { encode } from '../request/pieces.ts'

// Incorrect ways to write a string of several lines: without one of them, with one changed, or with different line ends.

/** An incorrect string that the client may have produced: the mistake, the fix, and the cause if it is a specific one. */
export type Made = readonly [text: string, how: string, fix: string, cause?: Cause | undefined]

/** A line of a string, and what it contains. */
export type Line = readonly [text: string, of: string, cause?: Cause | undefined]

export const base64 = (hex: string): string => encodeOctets(octetsOfHex(hex))

/** Separators of lines other than a line feed. */
export const ENDS: Readonly<Record<string, string>> = {
  'CRLF between its lines': '\r\n',
  'carriage returns between its lines': '\r',
  'a backslash and an n between its lines': '\\n',
  'its lines run together': '',
  'spaces between its lines': ' ',
  'empty lines between its lines': '\n\n',
  'lines indented by one space': '\n ',
  'lines indented by two spaces': '\n  ',
  'lines indented by four spaces': '\n    ',
  'lines indented by eight spaces': '\n        ',
  'lines indented by a tab': '\n\t',
}

/** Returns the fix for line endings. */
export function endsFix(end: string): string {
  return end === '\\n'
    ? 'Separate the lines by a line feed: in PHP, Perl, and shells, "\\n" requires double quotes.'
    : 'Separate the lines by a line feed (\\n) and nothing else.'
}

/** Changes of a line, in words that follow its name; and the correct form. */
const CHANGES: readonly (readonly [how: string, change: (line: string) => string, right?: string])[] = [
  ['twice', (line) => `${line}\n${line}`, 'once'],
  [
    'in uppercase hexadecimal digits',
    (line) => (HASH.test(line) ? line.toUpperCase() : line),
    'in lowercase hexadecimal digits',
  ],
  ['in uppercase', (line) => line.toUpperCase(), 'in lowercase'],
  ['in lowercase', (line) => line.toLowerCase()],
  ['with a slash at its end', (line) => `${line}/`],
  ['with a slash at its start', (line) => `/${line}`],
  ['with a space at its end', (line) => `${line} `],
  ['with a space at its start', (line) => ` ${line}`],
  ['with "?" at its start', (line) => `?${line}`],
  ['with "&" at its end', (line) => `${line}&`],
  ['with ";" at its end', (line) => `${line};`],
  ['in quotation marks', (line) => `"${line}"`],
  ['percent-encoded', encode],
  ['percent-decoded', decode],
  ['without its spaces', (line) => line.replaceAll(' ', '')],
  ['without its first character', (line) => line.slice(1)],
  ['without its last character', (line) => line.slice(0, -1)],
  ['in base64', (line) => (HASH.test(line) ? base64(line) : encodeOctets(toOctets(line))), 'in hexadecimal digits'],
  ['hashed again', sha256Hex, 'without hashing it'],
  ['hashed again, as bytes', (line) => (HASH.test(line) ? sha256Hex(bytesOf(octetsOfHex(line))) : line)],
  ['as raw bytes', (line) => (HASH.test(line) ? octetsOfHex(line) : line), 'in hexadecimal digits'],
  [
    'as raw bytes that were decoded as UTF-8',
    (line) => (HASH.test(line) ? decodeLossy(octetsOfHex(line)) : line),
    'in hexadecimal digits',
  ],
]

export const METHOD = 'the method'
export const PATH = 'the path'
const HASH = /^[\da-f]{64}$/

/** Limit for changing a line, or two: the length of the string multiplied by the number of its lines. */
const MOST = 1_000_000

/** Incorrect ways to write lines. */
export function* written(lines: readonly Line[]): Generator<Made> {
  const texts = lines.map(([text]) => text)
  const right = texts.join('\n')
  for (const [how, end] of Object.entries(ENDS)) yield [texts.join(end), `with ${how}`, endsFix(end)]
  yield [`${right}\n`, 'with a line feed at its end', 'Do not add a line feed after the last line.']
  yield [`${right}\r\n`, 'with a line break at its end', 'Do not add a line break after the last line.']
  yield [`\n${right}`, 'with a line feed at its start', 'Do not add a line feed before the first line.']
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
        `Add ${lines.flatMap(([line, name]) => (line === '' ? [name] : [])).join(' and ')}.`,
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
    // a different method or path has its own cause
    for (const [how, change, as = 'unchanged'] of of === METHOD || of === PATH ? [] : CHANGES)
      yield [at(change(text)), `with ${of} ${how}`, `Write ${of} ${as}.`, cause]
  }
}
