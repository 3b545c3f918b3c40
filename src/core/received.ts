import { isObject } from './body.ts'
import type { HeaderRecord } from './canonical.ts'
import { fail } from './errors.ts'
import { refuse } from './refusal.ts'

/** Headers of a request that came in: an object (as Node has it), a `Headers`, or pairs. */
export type ReceivedHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** A request that somebody else signed, as it came in. A `Request` and Node's `IncomingMessage` fit as they are. */
export interface ReceivedRequest<Body = unknown> {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The target as it was sent, `/photos/cat.jpg?versionId=1`; or the whole URL. */
  readonly url?: string | undefined
  readonly headers: ReceivedHeaders
  /** Names and values in turn, as they were sent; used instead of `headers` where it is there, as Node's is. */
  readonly rawHeaders?: readonly string[] | undefined
  /** The whole body: text or bytes. A stream is read through `verifyBody` of the result. */
  readonly body?: Body
}

/** A request taken apart, its bytes that are not ASCII read as UTF-8. */
export interface Received {
  readonly method: string
  /** Scheme, in lower case, and authority of a target that is a whole URL. */
  readonly origin: { readonly scheme: string; readonly authority: string } | undefined
  /** Path and query, as they were sent. */
  readonly target: string
  /** Whether a target that is a whole URL has a fragment, which is in none of the other members. */
  readonly hasFragment: boolean
  /** Whether the target has octets that were read as UTF-8. */
  readonly hasOctets: boolean
  readonly path: string
  readonly query: string
  /** Names in lower case, without a prototype; values of a repeated name joined by a comma. */
  readonly headers: HeaderRecord
  /** Names that came more than once. */
  readonly repeated: ReadonlySet<string>
  /** Names that came more than once, and of whose values Node's `headers` has not all. */
  readonly dropped: ReadonlySet<string>
  /** The host that the request was sent to, also where `host` stands in for it. */
  readonly sentHost: string | undefined
}

/** Takes a request apart. `host` stands in for the Host header where a proxy has changed it. */
export function readReceived(request: ReceivedRequest, host: string | undefined): Received {
  if (!isObject(request) || typeof request.headers !== 'object' || !request.headers)
    fail('ERR_INVALID_ARG_TYPE', 'request must be a Request, or an object with method, url and headers')
  const { method = 'GET', url } = request
  if (typeof url !== 'string' || typeof method !== 'string')
    fail(
      'ERR_INVALID_ARG_TYPE',
      'request.url and request.method must be texts: the target as it was sent, and GET or so',
    )
  const [whole = '', scheme, authority] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/i.exec(url) ?? []
  const isOctets = request.rawHeaders !== undefined
  const sent = whole ? url.slice(whole.length).replace(/#.*/s, '') : url
  const target = utf8(sent, isOctets)
  const mark = `${target}?`.indexOf('?')
  const headers: HeaderRecord = Object.create(null)
  const repeated = new Set<string>()
  for (const [given, raw] of pairs(request)) {
    const name = given.toLowerCase()
    const value = utf8(raw, isOctets)
    if (name in headers) repeated.add(name)
    headers[name] = name in headers ? `${headers[name]},${value}` : value
  }
  const { host: header, ':authority': pseudo } = headers
  const sentHost = header ?? pseudo ?? (isOctets ? undefined : authority) // what came over the wire has a Host header
  if (host === undefined && header !== undefined && pseudo !== undefined && header !== pseudo)
    refuse('ERR_SIGV4_AUTH_AMBIGUOUS', 'InvalidRequest', 400, 'Host and :authority must be the same.') // RFC 9113 section 8.3.1
  const named = host ?? sentHost
  if (named !== undefined) headers.host = named
  return {
    method,
    origin: scheme === undefined ? undefined : { scheme: scheme.toLowerCase(), authority: authority! },
    target,
    hasFragment: whole !== '' && url.includes('#'),
    hasOctets: target !== sent,
    path: target.slice(0, mark) || '/',
    query: target.slice(mark + 1),
    headers,
    repeated,
    dropped: new Set([...repeated].filter((name) => isOctets && isDropped(request.headers, name, headers[name]!))),
    sentHost,
  }
}

/** Whether a server that reads `headers` sees something else than the list of all values. */
function isDropped(headers: ReceivedHeaders, name: string, joined: string): boolean {
  const seen = (headers as Record<string, unknown>)[name]
  return seen !== undefined && String(seen).replaceAll(', ', ',') !== joined.replaceAll(', ', ',')
}

function* pairs({ headers, rawHeaders }: ReceivedRequest): Generator<readonly [string, string]> {
  if (rawHeaders) for (let i = 0; i + 1 < rawHeaders.length; i += 2) yield [rawHeaders[i]!, rawHeaders[i + 1]!]
  else if (Symbol.iterator in headers)
    for (const [name, value] of headers as Iterable<readonly [string, string]>) yield [String(name), String(value)]
  else
    for (const name of Object.keys(headers))
      for (const value of [(headers as Record<string, unknown>)[name]].flat())
        if (value !== undefined) yield [name, String(value)]
}

/**
 * Servers hand out octets as characters: read as UTF-8 if that is what they are. `isOctets`: if they are not, they must
 * not pass for the text that they would be in Latin-1, which signers sent in UTF-8.
 */
function utf8(text: string, isOctets: boolean): string {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text
  try {
    return decodeURIComponent(
      text.replace(/[%\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`),
    )
  } catch {
    return isOctets ? text.replace(/[\x80-\xff]/g, '\ufffd') : text
  }
}
