import { decode, decodeOctets, encodeOctets, toOctets } from '../../../../../src/internal/encoding.ts'
import { encode } from '../request/pieces.ts'

/** An incorrect way to write a string: in words that follow its name, the result, and the correct way. */
export type Spelling = readonly [how: string, change: (text: string) => string, right?: string]

/** What programs sign in place of a value that was not set. */
export const UNSET: readonly string[] = ['', 'undefined', 'null', 'None', 'nil']

/** Incorrect ways to end a secret or a policy. */
export const LINE_BREAKS: readonly Spelling[] = [
  ['with a line feed at its end', (text) => `${text}\n`],
  ['with a line break at its end', (text) => `${text}\r\n`],
  ['with a carriage return at its end', (text) => `${text}\r`],
]

/** Incorrect ways to write a secret, a policy, or a line of a string. */
export const SPELLINGS: readonly Spelling[] = [
  ['with a space at its end', (text) => `${text} `],
  ['with a space at its start', (text) => ` ${text}`],
  ['without the whitespace around it', (text) => text.trim()],
  ['with a tab at its end', (text) => `${text}\t`],
  ['percent-encoded', encode],
  ['percent-decoded', decode],
  ['with each + as a space', (text) => text.replaceAll('+', ' ')],
  ['with each space as +', (text) => text.replaceAll(' ', '+')],
  ['with double quotes around it', (text) => `"${text}"`],
  ['with single quotes around it', (text) => `'${text}'`],
  ["as Python prints bytes, with b'' around it", (text) => `b'${text}'`],
  ['in lowercase', (text) => text.toLowerCase()],
  ['in uppercase', (text) => text.toUpperCase(), 'in lowercase'],
  ['encoded in base64', (text) => encodeOctets(toOctets(text))],
  ['decoded from base64', (text) => decodeOctets(text) ?? ''],
  ['with escaped slashes', (text) => text.replaceAll('/', '\\/')],
  ['without backslashes', (text) => text.replaceAll('\\', '')],
  ['with HTML entities', (text) => text.replaceAll('&', '&amp;')],
  ['without its last character', (text) => text.slice(0, -1)],
  ['without its first character', (text) => text.slice(1)],
]
