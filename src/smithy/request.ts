import { bodyContent } from '../core/http/body.ts'
import { hasTag, isObject } from '../core/kind.ts'
import { EMPTY_HASH } from '../core/signing/canonical-request.ts'
import { GENERATED_HEADERS, SHA256_HEADER, UNSIGNED_PAYLOAD } from './constants.ts'
import { digestHex } from './derivation.ts'
import type {
  HashConstructor,
  HeaderBag,
  HttpRequest,
  QueryParameterBag,
  RequestPresigningArguments,
} from './options.ts'

/** A request whose query is not missing. */
export interface PreparedRequest extends HttpRequest {
  query: QueryParameterBag
}

/** Copies a request. Its members and their order are those of an `HttpRequest`. */
function cloneRequest(request: HttpRequest): PreparedRequest {
  const { method, hostname, port, query, headers, body, protocol, path, username, password, fragment } = request
  return {
    method: method || 'GET',
    protocol: protocol ? protocol.replace(/:?$/, ':') : 'https:',
    hostname: hostname || 'localhost',
    port,
    path: path ? path.replace(/^\/?/, '/') : '/',
    query: Object.fromEntries(
      Object.entries(query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
    ),
    headers: { ...headers },
    username,
    password,
    fragment,
    body,
  } as PreparedRequest // with optional members that are undefined, as HttpRequest has them
}

/**
 * Copies a request, without the headers that signing replaces.
 *
 * @param request - The request, which is not changed.
 * @returns A plain object with the members of an `HttpRequest`.
 */
export function prepareRequest(request: HttpRequest): PreparedRequest {
  const prepared = cloneRequest(request)
  for (const name of Object.keys(prepared.headers))
    if (GENERATED_HEADERS.includes(name.toLowerCase())) delete prepared.headers[name]
  return prepared
}

/**
 * Copies a request now, because it may change while credentials are obtained. What is wrong with it is an error only
 * when the result is called, because @smithy/signature-v4 reads a request after the credentials.
 */
export function copyRequest(request: HttpRequest): () => PreparedRequest {
  try {
    const prepared = prepareRequest(request)
    return () => prepared
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/**
 * Moves `x-amz-` headers to the query, and those that the options name.
 *
 * @param request - The request, which is not changed.
 * @param options - Names in lowercase of headers that stay, and of others that are moved.
 * @returns The request with other headers and parameters.
 */
export function moveHeadersToQuery<Request extends HttpRequest>(
  request: Request,
  {
    unhoistableHeaders,
    hoistableHeaders,
  }: Pick<RequestPresigningArguments, 'hoistableHeaders' | 'unhoistableHeaders'> = {},
): Request & PreparedRequest {
  const { headers, query } = cloneRequest(request)
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase()
    const isHoisted = lower.startsWith('x-amz-') && !unhoistableHeaders?.has(lower)
    if (!isHoisted && !hoistableHeaders?.has(lower)) continue
    query[name] = headers[name]!
    delete headers[name]
  }
  return { ...request, headers, query }
}

/**
 * Returns the payload hash of a request: that in its header, or the hash of a body that can be hashed at once. A stream
 * is unsigned, and so is a `URLSearchParams`.
 *
 * @param request - The request.
 * @param hashConstructor - Computes the hash of a body.
 * @returns A hash in hex, or `UNSIGNED-PAYLOAD`.
 */
export function getPayloadHash(request: HttpRequest, hashConstructor: HashConstructor): Promise<string> {
  return payloadHash(request, (data) => digestHex(hashConstructor, data))
}

/** Does the same with any hash. */
export async function payloadHash(
  { headers, body }: Pick<HttpRequest, 'headers' | 'body'>,
  hash: (data: string | Uint8Array) => Promise<string>,
): Promise<string> {
  const given = headerName(SHA256_HEADER, headers)
  if (given !== undefined && typeof headers[given] === 'string') return headers[given]
  if (body === undefined || body === null) return EMPTY_HASH
  const content = hasTag(body, 'URLSearchParams') ? undefined : bodyContent(body)
  return content === undefined ? UNSIGNED_PAYLOAD : hash(content)
}

/**
 * Returns whether headers contain a name, in any case.
 *
 * @param soughtHeader - The name.
 * @param headers - The headers.
 * @returns Whether there is one, whatever its value.
 */
export function hasHeader(soughtHeader: string, headers: HeaderBag): boolean {
  return headerName(soughtHeader, headers) !== undefined
}

function headerName(name: string, headers: HeaderBag): string | undefined {
  const lower = name.toLowerCase()
  return isObject(headers) ? Object.keys(headers).find((each) => each.toLowerCase() === lower) : undefined
}
