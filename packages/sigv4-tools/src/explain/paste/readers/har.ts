import { decodeOctets, utf8Length } from '../../../../../../src/internal/encoding.ts'
import { isObject } from '../../../../../../src/internal/options.ts'
import {
  type Found,
  type FoundRequest,
  foundRequest,
  foundResponse,
  headerOf,
  isSigned,
  type PastedHeaders,
} from '../model/found.ts'
import type { Members } from '../model/literal.ts'

// HAR files, complete or a single entry.

/** The member of a member of a value. */
export function member(value: unknown, ...names: string[]): unknown {
  let current = value
  for (const name of names)
    current = isObject(current) && Object.hasOwn(current, name) ? (current as Members)[name] : undefined
  return current
}

/** Names and values of headers: an object, or a list as in HAR. */
export function headersOf(value: unknown): [string, string][] {
  const pairs = Array.isArray(value)
    ? value.map((each) => [member(each, 'name'), member(each, 'value')])
    : Object.entries(isObject(value) ? value : {})
  return pairs.flatMap(([name, given]) =>
    [given]
      .flat()
      .filter((each) => typeof name === 'string' && (typeof each === 'string' || typeof each === 'number'))
      .map((each): [string, string] => [String(name), String(each)]),
  )
}

/** The last signed request of a HAR file that was rejected; otherwise the last one that was rejected, or the last one. */
export function readHar(value: Members, lines: [from: number, to: number]): Found[] | undefined {
  const entries = [member(value, 'log', 'entries') ?? value]
    .flat()
    .filter(
      (entry) =>
        typeof member(entry, 'request', 'url') === 'string' && Array.isArray(member(entry, 'request', 'headers')),
    )
  const read = entries.map((entry) => ({ entry, request: requestOf(entry, lines, entries.length) }))
  const rejected = read.filter(({ entry }) => (statusOf(entry) ?? 400) >= 400)
  const signed = rejected.filter(({ request }) => isSigned(request.request))
  const chosen = signed[signed.length - 1] ?? rejected[rejected.length - 1] ?? read[read.length - 1]
  if (!chosen) return undefined
  const { entry, request } = chosen
  const content = member(entry, 'response', 'content')
  const body = decoded(member(content, 'text') ?? '', member(content, 'encoding'))
  const received = headersOf(member(entry, 'response', 'headers'))
  return [request, foundResponse(lines, statusOf(entry), received, body)]
}

function statusOf(entry: unknown): number | undefined {
  return Number(member(entry, 'response', 'status')) || undefined
}

function requestOf(entry: unknown, lines: [number, number], count: number): FoundRequest {
  // HTTP/2 has :authority and others, which the URL contains too
  const headers = headersOf(member(entry, 'request', 'headers')).filter(([name]) => !name.startsWith(':'))
  const [method, url = ''] = ['method', 'url'].map((name) => String(member(entry, 'request', name)))
  const where = `a HAR file${count > 1 ? ` (1 of ${count})` : ''}`
  const found = foundRequest(lines, where, method, url, headers, sentBody(member(entry, 'request'), headers))
  if (isSigned(found.request)) return found
  const lost = 'without a signature: browsers omit Authorization from HAR files by default'
  return { ...found, description: `${found.description}, ${lost}` }
}

/** The body, unless the file contains a different one: of bytes that are not UTF-8, or cut off. */
function sentBody(request: unknown, headers: PastedHeaders): string | Uint8Array | undefined {
  const size = Number(member(request, 'bodySize') ?? -1)
  const text = member(request, 'postData', 'text')
  if (typeof text !== 'string') return size === 0 ? '' : undefined
  const body = decoded(text, member(request, 'postData', 'encoding'))
  const length = typeof body === 'string' ? utf8Length(body) : body.length
  const expected = Number(headerOf(headers, 'content-length') ?? (size > 0 ? size : length))
  const isForm = /^multipart\/form-data/i.test(headerOf(headers, 'content-type') ?? '')
  return isForm || expected === length ? body : undefined
}

function decoded(text: unknown, encoding: unknown): string | Uint8Array {
  const octets = encoding === 'base64' ? decodeOctets(String(text)) : undefined
  return octets === undefined ? String(text) : Uint8Array.from(octets, (octet) => octet.charCodeAt(0))
}
