import { decodeOctets, utf8Length } from '../../../core/encoding/base64.ts'
import { isObject } from '../../../core/kind.ts'
import { bytesOf } from '../../request/octets.ts'
import { type Found, headerOf, isSigned, type PastedHeaders, pastedRequest } from '../found.ts'
import type { Members } from '../literal.ts'

// HAR files, whole or a single entry.

/** What an object contributes; its lines are those of the object. */
export type Part = Omit<Found, 'from' | 'to' | 'column'>

/** The member of a member of a value. */
export function member(value: unknown, ...names: string[]): unknown {
  let current = value
  for (const name of names)
    current = isObject(current) && Object.hasOwn(current, name) ? (current as Members)[name] : undefined
  return current
}

/** A string that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Names and values of headers: an object, or a list as HAR has it. */
export function headersOf(value: unknown): [string, string][] {
  if (Array.isArray(value))
    return value
      .filter((each) => typeof member(each, 'name') === 'string' && typeof member(each, 'value') === 'string')
      .map((each) => [member(each, 'name') as string, member(each, 'value') as string])
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, each]): [string, string][] =>
    (Array.isArray(each) ? each : [each])
      .filter((one) => typeof one === 'string' || typeof one === 'number')
      .map((one) => [name, String(one)]),
  )
}

/** The last signed request of a HAR file that was rejected; otherwise the last one that was rejected, or the last one. */
export function readHar(value: Members): Part[] | undefined {
  const entries = [member(value, 'log', 'entries') ?? value]
    .flat()
    .filter(
      (each) =>
        typeof member(each, 'request', 'url') === 'string' &&
        typeof member(each, 'request', 'method') === 'string' &&
        Array.isArray(member(each, 'request', 'headers')),
    )
  if (entries.length === 0) return undefined
  const read = entries.map((entry) => ({ entry, request: harRequest(member(entry, 'request')) }))
  const isRejected = ({ entry }: { entry: unknown }): boolean => {
    const status = Number(member(entry, 'response', 'status') ?? 0)
    return status >= 400 || status === 0
  }
  const rejected = read.filter(isRejected)
  const signed = rejected.filter(({ request }) => isSigned(request))
  const { entry, request } = (signed[signed.length - 1] ?? rejected[rejected.length - 1] ?? read[read.length - 1])!
  const received = member(entry, 'response')
  const status = Number(member(received, 'status')) || undefined
  const content = member(received, 'content')
  const body = decoded(textOf(member(content, 'text')) ?? '', member(content, 'encoding'))
  const which = entries.length > 1 ? ` (1 of ${entries.length})` : ''
  const lost = isSigned(request) ? '' : ', without a signature: browsers omit Authorization from HAR files by default'
  return [
    { kind: 'request', description: `${request.method} request from a HAR file${which}${lost}`, request },
    {
      kind: 'response',
      description: status === undefined ? 'Response without a status' : `Response with status ${status}`,
      response: { ...(status !== undefined && { status }), headers: headersOf(member(received, 'headers')), body },
    },
  ]
}

function harRequest(value: unknown): ReturnType<typeof pastedRequest> {
  // HTTP/2 has :authority and others, which the URL contains too
  const headers = headersOf(member(value, 'headers')).filter(([name]) => !name.startsWith(':'))
  const size = Number(member(value, 'bodySize') ?? -1)
  const body = sentBody(headers, size, member(value, 'postData'))
  return pastedRequest(member(value, 'method') as string, member(value, 'url') as string, headers, body)
}

function decoded(text: string, encoding: unknown): string | Uint8Array {
  const octets = encoding === 'base64' ? decodeOctets(text) : undefined
  return octets === undefined ? text : bytesOf(octets)
}

/** The body, unless the file contains a different text: of bytes that are not UTF-8, or cut off. */
function sentBody(headers: PastedHeaders, size: number, post: unknown): string | Uint8Array | undefined {
  const text = member(post, 'text')
  if (typeof text !== 'string') return size === 0 ? '' : undefined
  const body = decoded(text, member(post, 'encoding'))
  const length = typeof body === 'string' ? utf8Length(body) : body.length
  const expected = Number(headerOf(headers, 'content-length') ?? (size > 0 ? size : length))
  const isForm = /^multipart\/form-data/i.test(headerOf(headers, 'content-type') ?? '')
  return isForm || expected === length ? body : undefined
}
