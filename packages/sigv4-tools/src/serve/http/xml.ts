import {
  dereference,
  escapeXml,
  namedReference,
  reference,
  S3_NAMESPACE,
  wrap,
  XML_DECLARATION,
} from '../../../../../src/internal/xml.ts'
import { S3Error } from './errors.ts'

/** Characters that XML does not allow. S3 sends them as references. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const DISALLOWED = /[\x00-\x08\x0b-\x1f\ufffe\uffff]/g
const MAX_DEPTH = 8

/** Formats an element with escaped text, or an empty string if the value is undefined. */
export function text(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? '' : wrap(name, escapeXml(String(value), namedReference).replace(DISALLOWED, reference))
}

export function document(name: string, inner: readonly string[]): string {
  return `${XML_DECLARATION}\n<${name} xmlns="${S3_NAMESPACE}">${inner.join('')}</${name}>`
}

/** An element of a request document. Whitespace between elements is dropped; `text` is the content of a leaf. */
export interface Element {
  readonly name: string
  readonly children: Element[]
  text: string
}

/**
 * Parses a document in one pass: elements, text, CDATA and references. Skips attributes and drops prefixes. Rejects
 * document types, which could define entities, and anything deeper or larger than a valid S3 request.
 */
export function parseXml(bytes: Uint8Array, root: string, maxElements: number): Element {
  const source = decodeUtf8(bytes)
  let at = 0
  let left = maxElements
  const stack: Element[] = [{ name: '', children: [], text: '' }]

  const until = (mark: string, from: number): number => {
    const found = source.indexOf(mark, from)
    if (found < 0) malformed()
    return found
  }

  while (at < source.length) {
    const open = stack[stack.length - 1]!
    if (source[at] !== '<') {
      const next = source.indexOf('<', at)
      const end = next < 0 ? source.length : next
      open.text += unescapeXml(source.slice(at, end))
      at = end
    } else if (source.startsWith('<?', at)) at = until('?>', at + 2) + 2
    else if (source.startsWith('<!--', at)) at = until('-->', at + 4) + 3
    else if (source.startsWith('<![CDATA[', at)) {
      const end = until(']]>', at + 9)
      open.text += source.slice(at + 9, end)
      at = end + 3
    } else if (source.startsWith('</', at)) {
      const end = until('>', at + 2)
      if (stack.length < 2 || plainName(source.slice(at + 2, end).trimEnd()) !== open.name) malformed()
      stack.pop()
      if (open.children.length > 0 && open.text.trim() !== '') malformed()
      stack[stack.length - 1]!.children.push(open)
      at = end + 1
    } else {
      const end = tagEnd(source, at + 1)
      const empty = source[end - 1] === '/'
      const inside = source.slice(at + 1, empty ? end - 1 : end)
      const name = plainName(/^[^\s]*/.exec(inside)![0])
      if (--left < 0 || stack.length > MAX_DEPTH) malformed()
      if (empty) open.children.push({ name, children: [], text: '' })
      else stack.push({ name, children: [], text: '' })
      at = end + 1
    }
  }

  const [top] = stack
  const [found, ...others] = top!.children
  if (stack.length > 1 || others.length > 0 || found?.name !== root || top!.text.trim() !== '') malformed()
  return found
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return malformed()
  }
}

export function childText(element: Element, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text
}

export function malformed(): never {
  throw new S3Error('MalformedXML')
}

/** Returns the end of a start tag: the first `>` outside quotation marks. */
function tagEnd(source: string, from: number): number {
  let quote = ''
  for (let i = from; i < source.length; i++) {
    const mark = source[i]!
    if (quote) {
      if (mark === quote) quote = ''
    } else if (mark === '"' || mark === "'") quote = mark
    else if (mark === '>') return i
    else if (mark === '<') break
  }
  return malformed()
}

function plainName(name: string): string {
  if (!/^(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*$/.test(name)) malformed()
  return name.slice(name.indexOf(':') + 1)
}

/** Decodes the references in a string, which must all be known. */
function unescapeXml(source: string): string {
  const [first = '', ...parts] = source.split('&')
  const decoded = parts.map((part) => {
    const end = part.slice(0, 12).indexOf(';')
    const character = dereference(part.slice(0, Math.max(end, 0)))
    if (character === undefined || /^[\ud800-\udfff]$/.test(character)) malformed()
    return character + part.slice(end + 1)
  })
  return first + decoded.join('')
}
