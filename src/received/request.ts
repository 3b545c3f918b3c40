import { fromOctets } from '../core/encoding/utf8.ts'
import { fail } from '../core/errors.ts'
import type { HeaderRecord } from '../core/http/headers.ts'
import { splitTarget } from '../core/http/query.ts'
import { isObject } from '../core/kind.ts'

/** Headers of a received request: a `Headers`, pairs, or an object. Values of an object are not decoded: for Node, pass `rawHeaders` too. */
export type ReceivedHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** A received request, unchanged. A `Request` or Node's `IncomingMessage` can be passed directly. */
export interface ReceivedRequest {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The request target as sent, `/photos/cat.jpg?versionId=1`; or the complete URL. */
  readonly url?: string | undefined
  readonly headers: ReceivedHeaders
  /** Alternating names and values as sent, as in Node; headers that only `headers` contains are read from there. */
  readonly rawHeaders?: readonly string[] | undefined
  /** The complete body: a string or bytes. Read a stream through `verifyBody` of the result. */
  readonly body?: unknown
  /** Major version of HTTP. From 2 on, a request without `content-length` may have a body. Node sets it. @default 1 */
  readonly httpVersionMajor?: number | undefined
}

/** A parsed request, its non-ASCII bytes decoded as UTF-8. */
export interface Received {
  readonly method: string
  /** Scheme, in lowercase, and authority of a target that is a complete URL. */
  readonly origin: { readonly scheme: string; readonly authority: string } | undefined
  /** Path and query, as sent. */
  readonly target: string
  /** Whether a target that is a complete URL has a fragment, which no other member contains. */
  readonly hasFragment: boolean
  /** Whether the target contains octets that were decoded as UTF-8. */
  readonly hasOctets: boolean
  readonly path: string
  readonly query: string
  /** Names in lowercase, without a prototype; values of a repeated name joined by a comma. */
  readonly headers: HeaderRecord
  /** Names that occur more than once. */
  readonly repeated: ReadonlySet<string>
  /** Names whose value in `headers` differs from the one in `rawHeaders`: an application that reads it sees something else. */
  readonly altered: ReadonlySet<string>
  /** The host that the request was sent to, even if `host` replaces it. */
  readonly sentHost: string | undefined
  /** Whether Host and `:authority` name different hosts, which RFC 9113 section 8.3.1 forbids; `host` would replace both. */
  readonly hasTwoHosts: boolean
}

/** Parses a request. `host` replaces the Host header if a proxy changed it. */
export function readReceived(request: ReceivedRequest, host: string | undefined): Received {
  if (!isObject(request))
    fail('ERR_INVALID_ARG_TYPE', 'request', 'type', 'Pass a Request, or { method, url, headers }.')
  if (!isObject(request.headers)) fail('ERR_INVALID_ARG_TYPE', 'request.headers', 'type')
  if (request.rawHeaders !== undefined) checkRawHeaders(request.rawHeaders)
  const { method = 'GET', url } = request
  if (typeof url !== 'string') fail('ERR_INVALID_ARG_TYPE', 'request.url', 'type', 'Pass the target as it was sent.')
  if (typeof method !== 'string') fail('ERR_INVALID_ARG_TYPE', 'request.method', 'type')
  const [prefix = '', scheme, authority] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/i.exec(url) ?? []
  const isOctets = request.rawHeaders !== undefined
  const sent = prefix ? url.slice(prefix.length).replace(/#.*/s, '') : url
  const target = decodeUtf8(sent, isOctets)
  const [path, query] = splitTarget(target)
  const { headers, repeated, altered } = isOctets
    ? mergeHeaders(request.rawHeaders!, request.headers)
    : joinHeaders(
        pairs(request.headers),
        Symbol.iterator in request.headers ? (value) => decodeUtf8(value, false) : String,
      )
  const { host: header, ':authority': pseudo } = headers
  const sentHost = header ?? pseudo ?? (isOctets ? undefined : authority) // requests sent over HTTP have a Host header
  const named = host ?? sentHost
  if (named !== undefined) headers.host = named
  if (host !== undefined && pseudo !== undefined) headers[':authority'] = host
  return {
    method,
    origin: scheme === undefined ? undefined : { scheme: scheme.toLowerCase(), authority: authority! },
    target,
    hasFragment: prefix !== '' && url.includes('#'),
    hasOctets: target !== sent,
    path: path || '/',
    query,
    headers,
    repeated,
    altered,
    sentHost,
    hasTwoHosts: host === undefined && header !== undefined && pseudo !== undefined && header !== pseudo,
  }
}

/** Headers by name, and what is unusual about them. */
type JoinedHeaders = Pick<Received, 'headers' | 'altered'> & { readonly repeated: Set<string> }

/** Joins the values of repeated names, each decoded. */
function joinHeaders(
  given: Iterable<readonly [name: string, value: string]>,
  decode: (value: string) => string,
): JoinedHeaders {
  const headers: HeaderRecord = Object.create(null)
  const repeated = new Set<string>()
  for (const [name, raw] of given) {
    const lower = name.toLowerCase()
    const value = decode(raw)
    if (lower in headers) {
      repeated.add(lower)
      headers[lower] += `,${value}`
    } else headers[lower] = value
  }
  return { headers, repeated, altered: new Set() }
}

/**
 * Joins the headers as sent with those that only the application sees: adapters for serverless platforms leave
 * `rawHeaders` empty, and middleware adds headers.
 */
function mergeHeaders(rawHeaders: readonly string[], given: ReceivedHeaders): JoinedHeaders {
  const { headers, repeated } = joinHeaders(rawPairs(rawHeaders), (value) => decodeUtf8(value, true))
  const seen = joinHeaders(pairs(given), String)
  const altered = new Set<string>()
  for (const name of Object.keys(seen.headers)) {
    const value = seen.headers[name]!
    if (!(name in headers)) {
      headers[name] = value
      if (seen.repeated.has(name)) repeated.add(name)
    } else if (!isSameValue(headers[name]!, value)) altered.add(name)
  }
  return { headers, repeated, altered }
}

/** Returns whether a value in `headers` is the one that was sent; servers may separate repeated values by `, `. */
function isSameValue(sent: string, seen: string): boolean {
  if (seen === sent) return true
  const decoded = decodeUtf8(seen, true)
  return decoded === sent || decoded.replaceAll(', ', ',') === sent.replaceAll(', ', ',')
}

function checkRawHeaders(rawHeaders: unknown): asserts rawHeaders is readonly string[] {
  const isList = Array.isArray(rawHeaders) && rawHeaders.length % 2 === 0
  // adapters for Lambda add the content length as a number
  if (!isList || !rawHeaders.every((part) => typeof part === 'string' || typeof part === 'number'))
    fail('ERR_INVALID_ARG_TYPE', 'request.rawHeaders', 'type', 'Pass names and values in turn, as strings.')
}

function* rawPairs(rawHeaders: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i < rawHeaders.length; i += 2) yield [String(rawHeaders[i]), String(rawHeaders[i + 1])]
}

function* pairs(headers: ReceivedHeaders): Generator<readonly [string, string]> {
  if (Symbol.iterator in headers)
    for (const pair of headers as Iterable<readonly [string, string]>) {
      if (!Array.isArray(pair))
        fail('ERR_INVALID_ARG_TYPE', 'request.headers', 'type', 'Pass an object, a Headers, or a list of pairs.')
      yield [String(pair[0]), String(pair[1])]
    }
  else
    for (const name of Object.keys(headers)) {
      const value = (headers as Record<string, unknown>)[name]
      for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) yield [name, String(each)]
    }
}

/**
 * Decodes octets, which servers return as characters, as UTF-8 if valid. A plain object may contain headers that a
 * framework has decoded already, so only octets are passed. With `isOctets`, invalid octets become NUL, which
 * no request contains: as Latin-1 they would match characters that signers sent as UTF-8, and U+FFFD can be signed.
 */
function decodeUtf8(octets: string, isOctets: boolean): string {
  if (!/[\x80-\xff]/.test(octets) || /[^\0-\xff]/.test(octets)) return octets
  try {
    return fromOctets(octets)
  } catch {
    return isOctets ? octets.replace(/[\x80-\xff]/g, '\0') : octets
  }
}
