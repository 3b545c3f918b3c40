import { S3Error } from './errors.ts'
import type { ServiceResponse } from './response.ts'

/** Pages that may use the server, as in an S3 CORS rule. */
export interface CorsRule {
  /** Origins, each with at most one `*`. @default all */
  readonly origins?: readonly string[] | undefined
  /** @default GET, PUT, POST, DELETE, HEAD */
  readonly methods?: readonly string[] | undefined
  /** Request headers, each with at most one `*`. @default all */
  readonly headers?: readonly string[] | undefined
  /** Response headers that scripts may read. @default those that uploads and downloads require */
  readonly exposeHeaders?: readonly string[] | undefined
  /** Seconds for which browsers cache the preflight response. @default 600 */
  readonly maxAge?: number | undefined
}

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']
const EXPOSED = [
  'ETag',
  'Content-Length',
  'Content-Range',
  'Content-Disposition',
  'Accept-Ranges',
  'Last-Modified',
  'Date',
  'Location',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-version-id',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-checksum-type',
  'x-amz-mp-parts-count',
]

type Header = (name: string) => string | undefined

/** Returns the headers that let a page read a response. */
export function corsHeaders(rule: CorsRule | false, method: string, header: Header): Record<string, string> {
  const origin = header('origin')
  if (!rule || origin === undefined) return {}
  const { origins = ['*'], methods = METHODS, exposeHeaders = EXPOSED } = rule
  const vary = { vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method' }
  if (!origins.some(matches(origin)) || !methods.includes(method)) return vary
  return {
    ...vary,
    'access-control-allow-origin': origins.includes('*') ? '*' : origin,
    'access-control-expose-headers': exposeHeaders.join(', '),
  }
}

/** Responds to a preflight request, which is never signed. */
export function preflightResponse(rule: CorsRule | false, header: Header): ServiceResponse {
  const [origin, method] = [header('origin'), header('access-control-request-method')]
  if (origin === undefined) throw new S3Error('BadRequest')
  if (method === undefined) throw new S3Error('BadRequest', {}, 'Invalid Access-Control-Request-Method: null')
  const names = (header('access-control-request-headers') ?? '').split(',').map((name) => name.trim().toLowerCase())
  const requested = names.filter((name) => name !== '')
  const allowed = corsHeaders(rule, method, header)
  const { methods = METHODS, headers = ['*'], maxAge = 600 } = rule || {}
  const isAllowed = (name: string) => headers.some((pattern) => matches(name)(pattern.toLowerCase()))
  if (!('access-control-allow-origin' in allowed) || !requested.every(isAllowed))
    throw new S3Error('AccessForbidden', { Method: method, ResourceType: 'OBJECT' })
  return {
    status: 200,
    headers: {
      ...allowed,
      'access-control-allow-methods': methods.join(', '),
      ...(requested.length > 0 && { 'access-control-allow-headers': requested.join(', ') }),
      'access-control-max-age': String(maxAge),
      // Required for requests from a public page to a private network.
      ...(header('access-control-request-private-network') === 'true' && {
        'access-control-allow-private-network': 'true',
      }),
    },
  }
}

/** Returns a predicate that matches a string against patterns with at most one `*`. */
function matches(text: string) {
  return (pattern: string): boolean => {
    const star = pattern.indexOf('*')
    if (star < 0) return pattern === text
    const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)]
    return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
  }
}
