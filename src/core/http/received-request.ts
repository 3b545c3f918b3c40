import { fromOctets } from '../encoding/utf8.ts'
import { fail } from '../errors.ts'
import { isObject } from '../kind.ts'
import { reject } from '../verify-error.ts'
import type { HeaderRecord } from './headers.ts'

/** Headers of a received request: an object, as in Node, a `Headers`, or pairs. */
export type ReceivedHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** A received request, unchanged. A `Request` or Node's `IncomingMessage` can be passed directly. */
export interface ReceivedRequest<Body = unknown> {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The request target as sent, `/photos/cat.jpg?versionId=1`; or the complete URL. */
  readonly url?: string | undefined
  readonly headers: ReceivedHeaders
  /** Alternating names and values as sent, as in Node; used instead of `headers` if present. */
  readonly rawHeaders?: readonly string[] | undefined
  /** The complete body: a string or bytes. Read a stream through `verifyBody` of the result. */
  readonly body?: Body
  /** Major version of HTTP. From 2 on, a request without `content-length` may have a body. Node sets it. @default 1 */
  readonly httpVersionMajor?: number | undefined
}

/** A parsed request, its non-ASCII bytes decoded as UTF-8. */
export interface Received {
  readonly method: string
  /** Scheme, in lower case, and authority of a target that is a complete URL. */
  readonly origin: { readonly scheme: string; readonly authority: string } | undefined
  /** Path and query, as sent. */
  readonly target: string
  /** Whether a target that is a complete URL has a fragment, which no other member contains. */
  readonly hasFragment: boolean
  /** Whether the target contains octets that were decoded as UTF-8. */
  readonly hasOctets: boolean
  readonly path: string
  readonly query: string
  /** Names in lower case, without a prototype; values of a repeated name joined by a comma. */
  readonly headers: HeaderRecord
  /** Names that occur more than once. */
  readonly repeated: ReadonlySet<string>
  /** Repeated names for which Node's `headers` does not contain all values. */
  readonly dropped: ReadonlySet<string>
  /** The host that the request was sent to, even if `host` replaces it. */
  readonly sentHost: string | undefined
}

/** Parses a request. `host` replaces the Host header if a proxy changed it. */
export function readReceived(request: ReceivedRequest, host: string | undefined): Received {
  if (!isObject(request))
    fail('ERR_INVALID_ARG_TYPE', 'request', 'type', 'Pass a Request, or { method, url, headers }.')
  if (!isObject(request.headers)) fail('ERR_INVALID_ARG_TYPE', 'request.headers', 'type')
  const { method = 'GET', url } = request
  if (typeof url !== 'string') fail('ERR_INVALID_ARG_TYPE', 'request.url', 'type', 'Pass the target as it was sent.')
  if (typeof method !== 'string') fail('ERR_INVALID_ARG_TYPE', 'request.method', 'type')
  const [prefix = '', scheme, authority] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/i.exec(url) ?? []
  const isOctets = request.rawHeaders !== undefined
  const sent = prefix ? url.slice(prefix.length).replace(/#.*/s, '') : url
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
  const sentHost = header ?? pseudo ?? (isOctets ? undefined : authority) // requests sent over HTTP have a Host header
  if (host === undefined && header !== undefined && pseudo !== undefined && header !== pseudo)
    reject('ERR_SIGV4_AUTH_AMBIGUOUS', 'InvalidRequest', 400, 'Host and :authority must be the same.') // RFC 9113 section 8.3.1
  const named = host ?? sentHost
  if (named !== undefined) headers.host = named
  return {
    method,
    origin: scheme === undefined ? undefined : { scheme: scheme.toLowerCase(), authority: authority! },
    target,
    hasFragment: prefix !== '' && url.includes('#'),
    hasOctets: target !== sent,
    path: target.slice(0, mark) || '/',
    query: target.slice(mark + 1),
    headers,
    repeated,
    dropped: new Set([...repeated].filter((name) => isOctets && isDropped(request.headers, name, headers[name]!))),
    sentHost,
  }
}

/** Returns whether a server that reads `headers` sees something other than the list of all values. */
function isDropped(headers: ReceivedHeaders, name: string, joined: string): boolean {
  const seen = (headers as Record<string, unknown>)[name]
  return seen !== undefined && String(seen).replaceAll(', ', ',') !== joined.replaceAll(', ', ',')
}

function* pairs({ headers, rawHeaders }: ReceivedRequest): Generator<readonly [string, string]> {
  if (rawHeaders) for (let i = 0; i + 1 < rawHeaders.length; i += 2) yield [rawHeaders[i]!, rawHeaders[i + 1]!]
  else if (Symbol.iterator in headers)
    for (const [name, value] of headers as Iterable<readonly [string, string]>) yield [String(name), String(value)]
  else
    for (const name of Object.keys(headers)) {
      const value = (headers as Record<string, unknown>)[name]
      for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) yield [name, String(each)]
    }
}

/**
 * Decodes octets, which servers return as characters, as UTF-8 if valid. With `isOctets`, invalid octets become NUL, which
 * no request contains: as Latin-1 they would match characters that signers sent as UTF-8, and U+FFFD can be signed.
 */
function utf8(octets: string, isOctets: boolean): string {
  if (!/[\x80-\xff]/.test(octets) || /[^\0-\xff]/.test(octets)) return octets
  try {
    return fromOctets(octets)
  } catch {
    return isOctets ? octets.replace(/[\x80-\xff]/g, '\0') : octets
  }
}
