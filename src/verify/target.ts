import { HOST_TWICE, TARGET } from '../received/refusals.ts'
import type { Received, ReceivedRequest } from '../received/request.ts'
import type { AcceptanceOptions, Claim } from './claim.ts'
import { refuse } from './refuse.ts'

// The target that is verified must be the target that the application reads, usually with `new URL(url, base)`.

/**
 * Throws unless the target is in origin form, or an absolute URL of the scheme, host and port that the request was sent to
 * (RFC 9112 section 3.2). URL parsers read anything else as a different host or path.
 */
export function checkTarget(
  request: ReceivedRequest,
  { headers, origin, target, hasFragment, sentHost, hasTwoHosts }: Received,
): void {
  if (hasTwoHosts) refuse(HOST_TWICE)
  if (origin) {
    const { scheme, authority } = origin
    const known = knownScheme(request, headers[':scheme'])
    const isSameHost = [headers.host, sentHost].some(
      (host) => host !== undefined && withoutDefaultPort(host, scheme) === withoutDefaultPort(authority, scheme),
    )
    const isName = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(authority) // without user info or escapes
    if (!/^https?$/.test(scheme) || (known !== undefined && known !== scheme) || !isSameHost || !isName) refuse(TARGET)
  } else if (!target.startsWith('/') || target.startsWith('//')) refuse(TARGET)
  // characters that URL parsers drop, or read as a slash or a fragment
  if (!/^[ !"$-[\]-~\x80-\uffff]*$/.test(target) || target.endsWith(' ') || hasFragment) refuse(TARGET)
}

/** Returns the scheme that a request was sent with, if the server provides it: from HTTP/2, or from Node's socket. */
function knownScheme(request: ReceivedRequest, pseudo: string | undefined): string | undefined {
  const { socket } = request as { socket?: { encrypted?: boolean } | null }
  return pseudo ?? (socket ? (socket.encrypted ? 'https' : 'http') : undefined)
}

/** Returns a host in lowercase, without the scheme's default port. */
function withoutDefaultPort(host: string, scheme: string): string {
  return host.toLowerCase().replace(scheme === 'https' ? /:443$/ : /:80$/, '')
}

/**
 * Throws for a path that URL parsers may read differently from how it was signed: they resolve dot segments, which name
 * objects on S3, and not every parser resolves all of them; they keep empty segments, which other services merge; and
 * they read neither `+` in a path as a space, as S3 does, nor octets as UTF-8. A caller that sets `pathNormalization`
 * reads paths as the service does.
 */
export function checkPath(
  { path, hasOctets }: Received,
  { s3 }: Pick<Claim, 's3'>,
  { pathNormalization }: AcceptanceOptions,
): void {
  if (pathNormalization !== undefined) return
  const isOther = /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) || path.includes(s3 ? '+' : '//')
  if (isOther || hasOctets) refuse(TARGET)
}
