import { createHash, timingSafeEqual } from 'node:crypto'
import { isS3 } from '../../../../../src/internal/services.ts'
import { printable } from '../../redaction/unprintable.ts'
import { headerValue } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import { checkAllowed } from './allow.ts'
import type { ParsedRequest } from './receive.ts'

// Checks the client. Otherwise, pages of other sites could use the proxy's credentials through a browser.

/** Maximum number of characters of a host or an origin in a message. */
const MAX_SHOWN = 100

/** Throws if a request may come from a page of another site. */
export function checkSource(settings: Settings, request: ParsedRequest): void {
  checkHost(settings, request)
  checkPage(settings, request)
}

export function checkRequest(settings: Settings, request: ParsedRequest): void {
  checkToken(settings, request)
  checkAllowed(settings, request, bucketPath(settings, request))
}

/** Returns the bucket that precedes a name of the proxy in the Host header, as in `photos.localhost`. */
function hostBucket({ hosts, mode, upstream }: Settings, { hostName }: ParsedRequest): string | undefined {
  if (hosts.includes(hostName)) return undefined
  const own = [...hosts, ...(mode === 'watch' ? [upstream.name] : [])].find((name) => hostName.endsWith(`.${name}`))
  return own === undefined ? undefined : hostName.slice(0, -own.length - 1)
}

export function bucketPath(settings: Settings, request: ParsedRequest): string {
  const bucket = hostBucket(settings, request)
  return bucket === undefined ? request.path : `/${bucket}${request.path}`
}

/** A site can give its own name the address of this machine, and would then have the same origin as the proxy. */
function checkHost(settings: Settings, request: ParsedRequest): void {
  const { hosts, upstream, mode, service } = settings
  const { hostName } = request
  if (hosts.includes(hostName) || (mode === 'watch' && isForUpstream(settings, request))) return
  if (hostBucket(settings, request) === undefined || (service !== undefined && !isS3(service)))
    reject(
      403,
      `The host ${printable(hostName.slice(0, MAX_SHOWN))} is not a name of this proxy. Add it to options.allowHosts.`,
    )
  if (mode === 'watch' && !upstream.isKnown)
    reject(
      400,
      'The bucket is in the host, which this mode cannot change. Set forcePathStyle (AWS SDK), addressing_style (boto3), or a similar option of your client, so that the bucket is in the path.',
    )
}

/**
 * Returns whether clients reach the proxy by the name of the upstream, or that of a bucket, such as through an entry in the
 * hosts file.
 */
export function isForUpstream({ upstream, service }: Settings, { host }: ParsedRequest): boolean {
  const sent = host.toLowerCase().replace(/:(?:80|443)$/, '')
  return sent === upstream.host || (isS3(service) && sent.endsWith(`.${upstream.host}`))
}

function checkPage({ cors, hasTls }: Settings, { headers, host }: ParsedRequest): void {
  const origin = headerValue(headers, 'origin')
  const site = headerValue(headers, 'sec-fetch-site')
  if (origin !== undefined && cors.includes(origin)) return
  const isOwn = origin === undefined || origin === `${hasTls ? 'https' : 'http'}://${host}`
  if (!isOwn) reject(403, `The origin ${printable(origin.slice(0, MAX_SHOWN))} is not allowed. Add it to options.cors.`)
  // images and links of other sites have no origin, and ports of the same machine are the same site
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    reject(403, 'The request was sent by a page of a different site.')
}

function checkToken({ token }: Settings, { headers }: ParsedRequest): void {
  if (token === undefined) return
  const [, sent = ''] = /^Bearer +(\S+)$/i.exec(headerValue(headers, 'authorization') ?? '') ?? []
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(hash(sent), hash(token)))
    reject(401, 'The token is missing or wrong. Send it as "Authorization: Bearer TOKEN".')
}
