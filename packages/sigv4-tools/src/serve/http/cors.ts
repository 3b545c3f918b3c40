import type { IncomingMessage } from 'node:http'
import { isLocalHost, isLoopbackAddress } from '../../../../../src/internal/services.ts'
import { S3Error } from './errors.ts'
import { shown } from './log.ts'
import type { ServiceResponse } from './response.ts'

const ORIGIN = /^https?:\/\/([\w.-]+|\[[^\]]*\])(?::\d{1,5})?$/i
/** Hosts that no public site has: IP addresses, names without a dot, and reserved top-level domains. */
const LOCAL_HOST = /^(?:[\d.]+|\[[\da-f:.]*\]|[\w-]*|[\w.-]+\.(?:localhost|internal|test))(?::\d*)?$/i
const EXPOSED =
  'ETag, Content-Length, Content-Range, Content-Disposition, Accept-Ranges, Last-Modified, Date, Location, x-amz-request-id, x-amz-id-2, x-amz-bucket-region, x-amz-version-id, x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-md5, x-amz-checksum-sha1, x-amz-checksum-sha256, x-amz-checksum-sha512, x-amz-checksum-type, x-amz-mp-parts-count'

/** Parses an origin, or `*` for all. Returns `undefined` for anything else, such as a pattern. */
export function parseOrigin(text: string): string | undefined {
  if (['*', 'null', 'file://'].includes(text)) return text
  if (text.includes('*') || !URL.canParse(text)) return undefined
  const { href, host } = new URL(text)
  const origin = href.replace(/\/$/, '')
  return host !== '' && origin.endsWith(`://${host}`) ? origin : undefined
}

/**
 * Returns whether pages of an origin are allowed: those of this machine always are. `null` is not an origin of this
 * machine, because every site can send it from a sandboxed frame.
 */
export function isAllowed(origins: readonly string[], origin: string): boolean {
  const [, host = ''] = ORIGIN.exec(origin) ?? []
  return isLocalHost(host) || origins.includes(origin) || origins.includes('*')
}

/**
 * Rejects the requests of pages that are not allowed. Only browsers send `Origin`, and they add it to every request that
 * can change something. A site whose own name points to this machine can read without it, but the request has its name.
 */
export function checkPage(origins: readonly string[], { headers, socket }: IncomingMessage): void {
  const { origin, host = '' } = headers
  if (origin !== undefined && !isAllowed(origins, origin))
    forbid(`The origin "${shown(origin)}" is not allowed. Add it to options.cors.`)
  if (
    isLoopbackAddress(socket.localAddress ?? '') &&
    !LOCAL_HOST.test(host) &&
    !isAllowed(origins, `http://${host.toLowerCase()}`)
  )
    forbid(
      `The host "${shown(host)}" is not allowed, because it can be a site that points to this machine. Add http:// followed by this host to options.cors.`,
    )
}

function forbid(message: string): never {
  throw new S3Error('AccessForbidden', {}, message)
}

/** Returns the headers with which a page that is allowed can read a response. */
export function corsHeaders(origins: readonly string[], { headers }: IncomingMessage): Record<string, string> {
  const { origin } = headers
  if (origin === undefined || !isAllowed(origins, origin)) return {}
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED }
}

/** Responds to a preflight request, which is never signed. */
export function preflightResponse({ headers }: IncomingMessage): ServiceResponse {
  if (headers.origin === undefined) throw new S3Error('BadRequest')
  if (headers['access-control-request-method'] === undefined)
    throw new S3Error('BadRequest', {}, 'Invalid Access-Control-Request-Method: null')
  const requested = headers['access-control-request-headers']
  // A public page requires permission to send requests to a private network.
  const isPublic = headers['access-control-request-private-network'] === 'true'
  return {
    status: 200,
    headers: {
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, HEAD',
      'access-control-max-age': '600',
      ...(requested !== undefined && { 'access-control-allow-headers': requested }),
      ...(isPublic && { 'access-control-allow-private-network': 'true' }),
    },
  }
}
