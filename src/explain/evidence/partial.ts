import { decode, type RequestAsSent } from '../request/facts.ts'
import { parseCanonicalRequest } from '../request/pieces.ts'
import { type Found, headerOf, isSigned, type PastedHeaders } from './found.ts'

// Requests of which a paste shows a part: headers without a request line, heads without what the HTTP client adds.

/** The headers that stand alone: of several blocks, the last one, with what only the blocks before it have. */
export function looseHeaders(found: readonly Found[]): PastedHeaders | undefined {
  const blocks = found.flatMap(({ headers }) => (headers ? [headers] : []))
  const date = (headers: PastedHeaders): string | undefined => headerOf(headers, 'x-amz-date')
  const last = blocks.pop()
  return blocks
    .reverse()
    .slice(0, 8)
    .filter((block) => date(block) === undefined || date(last!) === undefined || date(block) === date(last!))
    .reduce((joined, block) => joinHeaders(joined!, block), last)
}

/** A request with headers that stand alone; without a request line, the canonical request shows the rest. */
export function withLoose(
  request: RequestAsSent | undefined,
  loose: PastedHeaders | undefined,
  canonical: string | undefined,
): RequestAsSent | undefined {
  if (!loose || request?.headers !== undefined || (request && isSigned(request))) return request
  const parts = canonical === undefined ? undefined : parseCanonicalRequest(canonical)
  const isWhole =
    ['host', 'date'].every((part) => loose.some(([name]) => name.toLowerCase().endsWith(part))) ||
    /\n/.test(headerOf(loose, 'authorization') ?? '')
  if (!parts) return request || isWhole ? { url: '/', ...request, headers: loose } : undefined
  if (request?.url !== undefined && isTarget(request.url, parts.uri)) {
    // the host is the URL's: a service that a proxy forwards to has a different one
    const isAbsolute = /^https?:/i.test(request.url)
    const others = parts.headers.filter(([name]) => name !== 'host' || !isAbsolute)
    return { method: parts.method, ...request, headers: joinHeaders(loose, others) }
  }
  // services other than S3 encode the path twice
  const isS3 = /\/s3(?:express)?\/aws4_request/.test(headerOf(loose, 'authorization') ?? '')
  const path = isS3 ? parts.uri : parts.uri.replaceAll('%25', '%')
  const url = parts.query === '' ? path : `${path}?${parts.query}`
  return { method: parts.method, url, headers: joinHeaders(loose, parts.headers) }
}

/** Whether a URL has the path of a canonical request, however it is written. */
function isTarget(url: string, uri: string): boolean {
  const [path] = /^[^?#]*/.exec(url.replace(/^https?:\/\/[^/?#]*/i, ''))!
  return decode(decode(path || '/')) === decode(decode(uri))
}

/**
 * A request whose head was printed before the HTTP client added the rest, as botocore and s3cmd do: what the client
 * signed is added. Without a host, the headers are not known.
 */
export function completeHead(request: RequestAsSent, canonical: string | undefined): RequestAsSent {
  const headers = request.headers as PastedHeaders | undefined
  if (headers === undefined) return request
  const [, host] = /^https?:\/\/([^/?#]+)/i.exec(request.url ?? '') ?? []
  const parts = canonical === undefined ? undefined : parseCanonicalRequest(canonical)
  const known = headerOf(headers, 'host') === undefined && host !== undefined ? [['host', host] as const] : []
  const signed = parts !== undefined && parts.method === request.method ? parts.headers : []
  const whole = joinHeaders([...known, ...headers], signed)
  if (headerOf(whole, 'host') !== undefined) return { ...request, headers: whole }
  const { headers: _, ...rest } = request
  return rest
}

/**
 * A request without the headers of a head that was cut: the service shows what was signed, so it had a signature. Its
 * host is kept.
 */
export function withoutCutHead(request: RequestAsSent, isShown: boolean): RequestAsSent {
  const headers = request.headers as PastedHeaders | undefined
  if (!isShown || !headers || isSigned(request) || headerOf(headers, 'x-amz-date') === undefined) return request
  const host = headerOf(headers, 'host')
  if (headerOf(headers, 'authorization') !== undefined || host === undefined) return request
  const { headers: _, body: __, url = '/', ...rest } = request
  return { ...rest, url: url.startsWith('/') ? `http://${host}${url}` : url }
}

/** Headers that belong to a request whose other parts are known. */
export function joinHeaders(loose: PastedHeaders, known: PastedHeaders): [string, string][] {
  const names = new Set(loose.map(([name]) => name.toLowerCase()))
  return [...loose, ...known.filter(([name]) => !names.has(name.toLowerCase()))].map(([name, value]) => [name, value])
}
