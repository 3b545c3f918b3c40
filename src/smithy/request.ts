import { bodyContent } from '../core/http/body.ts'
import { hasTag, isObject } from '../core/kind.ts'
import { EMPTY_HASH } from '../core/signing/canonical-request.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import type { HttpRequest, QueryParameterBag, RequestPresigningArguments } from './options.ts'

/** A request to sign, which is changed: a copy of the caller's. */
export interface PreparedRequest extends HttpRequest {
  query: QueryParameterBag
}

const HASH_HEADER = 'x-amz-content-sha256'

/** Copies a request, without the headers that signing replaces. Its members and their order are those of an `HttpRequest`. */
export function copyRequest(request: HttpRequest): PreparedRequest {
  const { method, hostname, port, query, headers, body, protocol, path, username, password, fragment } = request
  const kept = Object.entries({ ...headers }).filter(([name]) => !/^(?:authorization|x-amz-date|date)$/i.test(name))
  return {
    method: method || 'GET',
    protocol: protocol ? protocol.replace(/:?$/, ':') : 'https:',
    hostname: hostname || 'localhost',
    port,
    path: path ? path.replace(/^\/?/, '/') : '/',
    query: Object.fromEntries(
      Object.entries(query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
    ),
    headers: Object.fromEntries(kept),
    username,
    password,
    fragment,
    body,
  } as PreparedRequest // with optional members that are undefined, as HttpRequest has them
}

/** Moves `x-amz-` headers to the query, and those that the options name. */
export function hoistHeaders(
  { headers, query }: PreparedRequest,
  { unhoistableHeaders, hoistableHeaders }: RequestPresigningArguments,
): void {
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase()
    const isHoisted = lower.startsWith('x-amz-') && !unhoistableHeaders?.has(lower)
    if (!isHoisted && !hoistableHeaders?.has(lower)) continue
    query[name] = headers[name]!
    delete headers[name]
  }
}

/**
 * Returns the payload hash of a request: that in its header, or the hash of a body that can be hashed at once. A stream
 * is unsigned, and so is a `URLSearchParams`.
 */
export async function payloadHashOf({ headers, body }: HttpRequest): Promise<string> {
  const given = hashHeader(headers)
  if (given !== undefined) return headers[given]!
  if (body === undefined || body === null) return EMPTY_HASH
  const content = hasTag(body, 'URLSearchParams') ? undefined : bodyContent(body)
  return content === undefined ? UNSIGNED_PAYLOAD : sha256Hex(content)
}

/** Adds the payload hash as a header, unless there is one. */
export function addHashHeader({ headers }: HttpRequest, payloadHash: string): void {
  if (hashHeader(headers) === undefined) headers[HASH_HEADER] = payloadHash
}

function hashHeader(headers: HttpRequest['headers']): string | undefined {
  if (!isObject(headers)) return undefined
  return Object.keys(headers).find((name) => name.toLowerCase() === HASH_HEADER && typeof headers[name] === 'string')
}
