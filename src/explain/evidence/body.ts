import { utf8Length } from '../../core/encoding/base64.ts'
import { toOctets } from '../../core/encoding/utf8.ts'
import { sha256Hex } from '../../crypto/sha256.ts'
import { bytesOf } from '../request/octets.ts'
import { dedent, FENCE, headerOf, isRule, type Paste, type PastedHeaders } from './found.ts'

// The body that follows the head of a request, if its length or its hash shows that it is complete.

const STATUS_LINE = /^HTTP\/[\d.]+ +(\d{3})\b/

/** The length of a body that headers announce; `undefined` if it is unknown. */
export function lengthOf(headers: PastedHeaders): number | undefined {
  const length = headerOf(headers, 'content-length')
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : undefined
  return headerOf(headers, 'transfer-encoding') === undefined ? 0 : undefined
}

/** The body of a request, if the paste contains all of it. */
export function readBody(
  paste: Paste,
  from: number,
  indent: number,
  method: string,
  headers: PastedHeaders,
  isEnded: boolean,
): { body: string | undefined; end: number } {
  const end = isEnded ? bodyEnd(paste, from) : from - 1
  const length = lengthOf(headers)
  const isStated = headerOf(headers, 'content-length') !== undefined
  const hash = headerOf(headers, 'x-amz-content-sha256') ?? ''
  const none = { body: length === 0 ? '' : undefined, end: from - 1 }
  if (length === undefined || (length === 0 && (isStated || /^(?:GET|HEAD|DELETE|OPTIONS)$/.test(method)))) return none
  if (end < from) return none
  const whole = paste.lines
    .slice(from, end + 1)
    .map((line) => dedent(line, indent))
    .join('\n')
  paste.budget.left -= whole.length
  const trimmed = whole.replace(/\n$/, '')
  const candidates = [
    trimmed,
    whole,
    `${trimmed}\n`,
    trimmed.replaceAll('\n', '\r\n'),
    `${trimmed.replaceAll('\n', '\r\n')}\r\n`,
  ]
  const isWhole = (text: string): boolean =>
    isStated ? utf8Length(text) === length : /^[\da-f]{64}$/i.test(hash) && sha256Hex(bytesOf(toOctets(text))) === hash
  const fitting = candidates.find(isWhole)
  if (fitting !== undefined) return { body: fitting, end }
  if (isStated) {
    const prefix = prefixOf(whole, length)
    return prefix === undefined ? none : { body: prefix, end: from + prefix.split('\n').length - 1 }
  }
  if (trimmed.trim() === '') return none
  const isAll = paste.lines[end + 1] === FENCE || end + 1 >= paste.lines.length || isRule(paste.lines[end + 1]!)
  const isText = /^(?:[{[<]|\w+=|--)/.test(trimmed)
  return isAll && isText ? { body: trimmed, end } : { body: undefined, end: from - 1 }
}

/** The first bytes of a string, if something else follows them. */
function prefixOf(text: string, length: number): string | undefined {
  let size = 0
  for (let at = 0; at < text.length; at++) {
    if (size === length)
      return /^(?:\r?\n|HTTP\/)/.test(text.slice(at, at + 5)) && text[0] !== '\n' ? text.slice(0, at) : undefined
    const code = text.charCodeAt(at)
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xe000 ? 2 : 3
  }
  return undefined
}

/** The last line before the next message, or the end of the block. */
function bodyEnd(paste: Paste, from: number): number {
  let i = from
  for (; i < paste.lines.length && paste.budget.left > 0; i++) {
    const line = paste.lines[i]!
    paste.budget.left -= 1
    if (line === FENCE || /^\s*-{3,}\s*(?:$|[[\w])/.test(line) || STATUS_LINE.test(line.trim()) || /^[*<>] /.test(line))
      break
    if (/^\s*[A-Z]{3,10} +\S+ +HTTP\/[\d.]+ *$/.test(line)) break
  }
  let end = i - 1
  while (end > from && paste.lines[end]!.trim() === '' && i < paste.lines.length) end--
  return end
}
