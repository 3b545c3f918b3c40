import { parseCanonicalRequest } from '../../../formats/canonical-request.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import { arePartial, type Found, headerOf, isSigned, type PastedHeaders } from '../model/found.ts'

// Headers of a request without its first line.

const MOST_BLOCKS = 8

/** Adds headers that stand alone to a request; without a request, the canonical request shows the rest. */
export function withLooseHeaders(
  request: RequestAsSent | undefined,
  found: readonly Found[],
  canonical: string | undefined,
): RequestAsSent | undefined {
  const shown = looseHeaders(found)
  if (!shown || (request && isSigned(request))) return request
  const own = (request?.headers ?? []) as PastedHeaders
  if (request && own.length > 0) {
    const [one, other] = [own, shown].map((headers) => headerOf(headers, 'host'))
    const isPart = headerOf(shown, 'authorization') !== undefined && (other === undefined || one === other)
    return isPart ? { ...request, headers: joinHeaders(own, shown) } : request
  }
  const [, host] = /^https?:\/\/([^/?#]+)/i.exec(request?.url ?? '') ?? []
  const loose = host === undefined ? shown : joinHeaders([['host', host]], shown)
  const parts = parseCanonicalRequest(canonical)
  const isWhole = ['host', 'date'].every((part) => loose.some(([name]) => name.toLowerCase().endsWith(part)))
  const isBroken = /\n/.test(headerOf(loose, 'authorization') ?? '')
  if (!parts)
    return request || isWhole || isBroken
      ? { url: '/', ...request, headers: loose, ...(arePartial(loose) && { isPartial: true }) }
      : undefined
  // services other than S3 encode the path twice
  const isS3 = /\/s3(?:express)?\/aws4_request/.test(headerOf(loose, 'authorization') ?? '')
  const path = isS3 ? parts.uri : parts.uri.replaceAll('%25', '%')
  const url = parts.query === '' ? path : `${path}?${parts.query}`
  return { method: parts.method, url, ...request, headers: joinHeaders(loose, parts.headers) }
}

/** The headers that stand alone: of several blocks, the last one, with headers that only the blocks before it contain. */
function looseHeaders(found: readonly Found[]): PastedHeaders | undefined {
  const blocks = found.flatMap(({ headers }) => (headers ? [headers] : [])).slice(-MOST_BLOCKS)
  const last = blocks.pop()
  const date = last && headerOf(last, 'x-amz-date')
  let joined = last
  for (const block of blocks.reverse()) {
    const other = headerOf(block, 'x-amz-date')
    if (joined && (date === undefined || other === undefined || other === date)) joined = joinHeaders(joined, block)
  }
  return joined
}

/** Headers, and others with a different name. */
export function joinHeaders(headers: PastedHeaders, others: PastedHeaders): PastedHeaders {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  return [...headers, ...others.filter(([name]) => !names.has(name.toLowerCase()))]
}
