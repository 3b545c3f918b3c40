// Secrets that a name precedes, in any format or language.

import { isSecretShaped } from './find.ts'
import type { HiddenPlace } from './hide.ts'

/** Names of secrets, of AWS and of other services and servers. */
export const SECRET_NAMES =
  /secret(?:[ ._-]?access)?(?:[ ._-]?key)?\w{0,20}|passw(?:or)?d\w{0,20}|passphrase|private[._-]?key|signing[ ._-]?key|k(?:date|region|service|signing)|app(?:lication)?[ ._-]?key(?![ ._-]?id)|x[_-]?auth[_-]?(?:key|token)|x[_-]?storage[_-]?pass|(?:\b|\\n)st_?key|server[_-]?side[_-]?encryption(?:[_-]?aws)?[_-]?customer[_-]?key|x[_-]?api[_-]?key/gi

/** Separators between a name and its value: of URLs, headers, JSON, XML, YAML, programs, and prompts with a former value. */
const SEPARATORS =
  /(?:["'`]|\[(?:None|\*{4,40}\w{0,8})\]|<\/?[\w-]{0,40}>|\b(?:name|value|is)\b|[a-z@$]{1,2}["'`]|[|>][+-]|[:=>,([{|]|\s+(?!\s)){1,14}/iy
const CLOSING_TAG = /<\/[\w:.-]*$/
const LONGEST_TAG = 40
const VALUE = /[^\s"'`<>&,;)\]}]+/y
/** An empty string, but not the start of a string in three quotes. */
const EMPTY = /(?:^|[^"'`])(["'`])\1(?!\1)/
const LONGEST_QUOTED = 400
const SHORTEST = 4

/** The rest of a line after a secret: the end, a closing tag, or the name of something else. Anything else may belong to it. */
const REST =
  /^(?:["'`]?[\s)\]}>;,]*$|["'`]?<\/|["'`]?\s*[,;&)\]}{[][\s,;&)\]}{[]*b?["'`]?[\w.$-]{1,60}["'`]?\s*[:=]|["'`]? (?:export )?[A-Z_]{3,60}=)/
/** A line that only continues a string. */
const CONTINUED = /^[\s+.&|~<>,\\(^-]{0,80}["'`]?[A-Za-z\d+/=]{9,}["'`]?[\s)\]}+.,;&|~\\^_`]{0,80}$/
const LONGEST_LINE = 300
/** The rest of a line that ends with a secret. */
const AT_END = /^["'`]?[\s)\]}>;,]*$/

/** Returns whether a value is a word of a sentence, an identifier, or a hash, or was already shortened. */
export function isPlain(value: string, separator: string): boolean {
  if (/^(?:AWS4-(?:HMAC|ECDSA-P256)-SHA256|A[KS]IA[A-Z\d]{12,20}|.{0,8}…)$/i.test(value)) return true
  if (value === 'secret' && separator.endsWith('[')) return true
  if (/[=:>]/.test(separator)) return false
  // a name with its own value, a word, or a hash
  return (
    /^[a-z-]+[=:]./i.test(value) ||
    (!/[,'"`(]/.test(separator) && /^(?:[A-Za-z][a-z]*[.!?]?|[\dA-Fa-f]{64})$/.test(value))
  )
}

/** A value and its location. */
export interface Value extends HiddenPlace {
  /** The start of what shows that it is a secret. */
  readonly at: number
  readonly value: string
}

/** A value, its name, and the separator between its name and it. */
export interface NamedValue extends Value {
  readonly name: string
  readonly separator: string
}

/** Finds values that follow a name. In quotes, a value may contain spaces. */
export function namedValues(text: string, names: RegExp): NamedValue[] {
  const found: NamedValue[] = []
  let end = 0
  for (const { 0: name, index } of text.matchAll(names)) {
    if (index < end || CLOSING_TAG.test(text.slice(Math.max(0, index - LONGEST_TAG), index))) continue
    const separator = matchAt(SEPARATORS, text, index + name.length)
    const from = index + name.length + separator.length
    const [line = ''] = text.slice(from, from + LONGEST_QUOTED).split('\n', 1)
    const quote = /["'`]$/.test(separator) ? line.indexOf(separator.slice(-1)) : -1
    const start = quote > 0 ? line.slice(0, quote) : matchAt(VALUE, line, 0)
    const isShort = start.length < SHORTEST && !/[=:>]/.test(separator)
    if (separator === '' || EMPTY.test(separator) || isShort || isPlain(start, separator)) continue
    const value = quote > 0 ? start : matchAt(VALUE, text, from)
    // a long value is not read again for the names in it
    if (value.length > LONGEST_QUOTED) end = from + value.length
    if (value !== '') found.push({ name, at: index, from, to: from + value.length, value, separator })
  }
  return found
}

/** A secret beside its key ID: of a function, a table, or a URL. */
const BESIDE_KEY_ID =
  /((?:AKIA|ASIA)[A-Z\d]{12,20}(["'`]?\s?[,:;|\t/.= ]\s?["'`]?\s{0,8}))(?!\d{8}\/)([^\s"'`,;&)@:]{8,})/g
const ALIAS = /(mc (?:alias set|config host add) \S{1,80} \S{1,200} \S{1,80} )(\S+)/g
/** Credentials as arguments of a function. */
const ARGUMENTS =
  /((?:static|basic|aws4auth)\w{0,40}\(\s{0,40}["'][^"'\n]{1,80}["'],\s{0,40}["']\s{0,8})([^"'\n]{4,})/gi

/** Returns the last group of each match. */
function groupsIn(text: string, pattern: RegExp): Value[] {
  return [...text.matchAll(pattern)].map((match) => {
    const [from, value] = [match.index + match[1]!.length, match[match.length - 1]!]
    return { at: match.index, from, to: from + value.length, value }
  })
}

/** Finds secrets that a key ID beside them, a function, or a command shows. */
export function unnamedSecrets(text: string): Value[] {
  const beside = [...text.matchAll(BESIDE_KEY_ID)].flatMap((match): Value[] => {
    const [all, before = '', separator = '', value = ''] = match
    const from = match.index + before.length
    // a scope, a name, or a word
    const isOther = /^["'`]?\s?[:=]/.test(text.slice(match.index + all.length, match.index + all.length + 3))
    const isRandom = value.length >= 16 && /[A-Z]/.test(value) && /[a-z]/.test(value)
    return isOther || isPlain(value, separator) || (/[/.= ]/.test(separator) && !isRandom)
      ? []
      : [{ at: match.index, from, to: from + value.length, value }]
  })
  return [...beside, ...groupsIn(text, ALIAS), ...groupsIn(text, ARGUMENTS).filter(({ value }) => !isPlain(value, "'"))]
}

/** Returns whether a string ends in a value that follows a name, or in a part of one. */
export function endsInValue(text: string, names: RegExp): boolean {
  for (const { 0: name, index } of text.matchAll(names)) {
    const separator = matchAt(SEPARATORS, text, index + name.length)
    const value = text.slice(index + name.length + separator.length)
    const end = /["'`]$/.test(separator) ? value.indexOf(separator.slice(-1)) : value.search(/[\s"'`<>&,;)\]}]/)
    if (separator !== '' && value !== '' && end < 0 && !EMPTY.test(separator) && !isPlain(value, separator)) return true
  }
  return false
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** Returns whether nothing follows a secret on its line that may belong to it. */
export function isComplete(text: string, { from, to }: HiddenPlace): boolean {
  return isSecretShaped(text.slice(from, Math.min(to, from + LONGEST_LINE))) || REST.test(restOfLine(text, to))
}

/** Returns the end of a secret and of everything that may belong to it: the rest of its line, and lines that continue it. */
export function endOf(text: string, secret: HiddenPlace): number {
  const { from, to } = secret
  const isLine = !isComplete(text, secret)
  if (!isLine && (isSecretShaped(text.slice(from, to)) || !AT_END.test(restOfLine(text, to)))) return to
  let end = isLine ? endOfLine(text, to) : to
  for (let last = endOfLine(text, to); last < text.length; end = last) {
    const line = restOfLine(text, last + 1)
    if (!CONTINUED.test(line) || line.length > LONGEST_LINE) break
    last += 1 + line.length
  }
  return end
}

/** Returns the rest of a line, or the start of it if it is long. */
export function restOfLine(text: string, from: number): string {
  return text.slice(from, from + LONGEST_LINE + 1).split('\n', 1)[0]!
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
