import { createHash, timingSafeEqual } from 'node:crypto'
import { decodeToOctets } from '../../core/encoding/percent.ts'
import { printable } from '../../core/encoding/unprintable.ts'
import { isS3 } from '../../core/signing/scope.ts'
import { headerValue } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import type { ReceivedRequest } from './receive.ts'

// Who may use the proxy, and for what. Pages of other sites could otherwise use its credentials through a browser.

/** Headers with which a server is told to use a different method. */
const METHOD_OVERRIDE = /^(?:x[-_])?(?:http[-_])?(?:original[-_])?method(?:[-_]overrides?)?$/
/** Headers with which some servers replace the path. */
const PATH_OVERRIDE = /^x[-_](?:original|rewrite)[-_]ur[il]$/

/** Throws if a request may come from a page of another site. */
export function checkSource(settings: Settings, request: ReceivedRequest): void {
  checkHost(settings, request)
  checkPage(settings, request)
}

/** Throws unless a request is allowed. */
export function checkRequest(settings: Settings, request: ReceivedRequest): void {
  checkToken(settings, request)
  checkAllowed(settings, request)
}

/** Headers that name an object to copy or to move, of S3 and of similar servers. */
const SOURCE = /(?:copy|rename)[-_]source$/

/** Returns the bucket that precedes a name of the proxy in the Host header, as in `photos.localhost`. */
function hostBucket({ hosts, mode, upstream }: Settings, { hostName }: ReceivedRequest): string | undefined {
  if (hosts.includes(hostName)) return undefined
  const own = [...hosts, ...(mode === 'watch' ? [upstream.name] : [])].find((name) => hostName.endsWith(`.${name}`))
  return own === undefined ? undefined : hostName.slice(0, -own.length - 1)
}

/** Returns the path of a request, with the bucket if that is in the host. */
export function bucketPath(settings: Settings, request: ReceivedRequest): string {
  const bucket = hostBucket(settings, request)
  return bucket === undefined ? request.path : `/${bucket}${request.path}`
}

/** A site can give its own name the address of this machine, and would then have the same origin as the proxy. */
function checkHost(settings: Settings, request: ReceivedRequest): void {
  const { hosts, upstream, mode, service } = settings
  const { hostName } = request
  if (hosts.includes(hostName) || (mode === 'watch' && isForUpstream(settings, request))) return
  if (hostBucket(settings, request) === undefined || (service !== undefined && !isS3(service)))
    reject(
      403,
      `The host ${printable(hostName)} is not a name of this proxy. To allow it, start sigv4 proxy with --allow-host and this name (in code, allowHosts).`,
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
export function isForUpstream({ upstream, service }: Settings, { host }: ReceivedRequest): boolean {
  const sent = host.toLowerCase().replace(/:(?:80|443)$/, '')
  return sent === upstream.host || (service !== undefined && isS3(service) && sent.endsWith(`.${upstream.host}`))
}

function checkPage({ cors, hasTls }: Settings, { headers, host }: ReceivedRequest): void {
  const origin = headerValue(headers, 'origin')
  const site = headerValue(headers, 'sec-fetch-site')
  if (origin !== undefined && cors.includes(origin)) return
  const isOwn = origin === undefined || origin === `${hasTls ? 'https' : 'http'}://${host}`
  if (!isOwn)
    reject(
      403,
      `The origin ${printable(origin)} is not allowed. To allow its pages, start sigv4 proxy with --cors and this origin (in code, cors).`,
    )
  // images and links of other sites have no origin, and ports of the same machine are the same site
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    reject(403, 'The request was sent by a page of a different site.')
}

function checkToken({ token }: Settings, { headers }: ReceivedRequest): void {
  if (token === undefined) return
  const [, sent = ''] = /^Bearer +(\S+)$/i.exec(headerValue(headers, 'authorization') ?? '') ?? []
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(hash(sent), hash(token)))
    reject(401, 'The token is missing or wrong. Send it as "Authorization: Bearer TOKEN".')
}

function checkAllowed(settings: Settings, request: ReceivedRequest): void {
  const { isReadOnly, allow, prefix } = settings
  const { method, query, headers } = request
  const path = bucketPath(settings, request)
  if (isReadOnly && !/^(?:GET|HEAD|OPTIONS)$/.test(method))
    reject(403, 'The proxy was started with --read-only: only GET, HEAD, and OPTIONS are allowed.')
  if (isReadOnly && headers.some(([name]) => name === 'upgrade'))
    reject(403, 'The proxy was started with --read-only: WebSockets, which can write, are not allowed.')
  if (
    (isReadOnly || allow.length > 0) &&
    headers.some(([name]) => METHOD_OVERRIDE.test(name) || PATH_OVERRIDE.test(name))
  )
    reject(403, 'A header that replaces the method or the path is not allowed with --read-only and --allow.')
  if ((prefix !== '' || allow.length > 0) && hasDotSegment(path))
    reject(403, 'A path with . or .. segments is not allowed with --allow and --prefix.')
  if (allow.length === 0) return
  if (!isAllowed(allow, method, path)) reject(403, `${method} of this path is not allowed by --allow.`)
  // S3 reads the object to copy with the same credentials; a header may also be a parameter of a presigned URL
  const sources = headers.filter(([name]) => SOURCE.test(name))
  if (/(?:copy|rename)[-_]source/i.test(decodeToOctets(query)) || sources.some(([name]) => name.includes('rename')))
    reject(403, 'A rename, or a source in the query string, is not allowed with --allow.')
  for (const [, value] of sources) {
    const source = value.replace(/^\/?/, '/').replace(/\?.*/s, '')
    if (value.includes('#') || hasDotSegment(source) || !isAllowed(allow, 'GET', source))
      reject(403, 'The object to copy is not allowed by --allow: that requires GET of its path.')
  }
}

function isAllowed(allow: readonly string[], method: string, path: string): boolean {
  return allow.some((rule) => {
    const space = rule.indexOf(' ')
    const name = rule.slice(0, space)
    const isMethod = name === '*' || name === method || (name === 'GET' && method === 'HEAD')
    return isMethod && matches(path, rule.slice(space + 1))
  })
}

/**
 * Returns whether a server may read a path as one outside of its folder, however often it decodes it, and even if it ignores
 * characters or accepts dots in an invalid encoding.
 */
function hasDotSegment(path: string): boolean {
  let text = path
  for (let i = 0; i < 5; i++) {
    const plain = text.replace(/\xc0\xae|%u002e|\xef\xbc\x8e/gi, '.').replace(/[\0-\x20\x7f]/g, '')
    if (/(?:^|[/\\])\.{1,2}(?:[;?#][^/\\]*)?(?:[/\\]|$)/.test(plain)) return true
    const decoded = decodeToOctets(text)
    if (decoded === text) return false
    text = decoded
  }
  return true
}

/** Returns whether a string matches a pattern in which `*` is any string. */
function matches(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === pattern
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
