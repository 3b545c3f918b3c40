import { hasDots, type PathEncoding, type PathNormalization, resolveDots } from './canonical.ts'
import { encodePath, isEncoded, refuseEscape, uriEncode, uriReencode } from './encoding.ts'
import { fail } from './errors.ts'

/** An object of S3 or of a service that speaks S3. */
export interface S3Object {
  /** Name of the bucket. Goes into the host on AWS, into the path with an `endpoint` or where the name has a dot. */
  readonly bucket: string
  /** Key of the object, raw text: never escaped, encoded once by this library. Empty for the bucket itself. */
  readonly key: string
  /** Region of the bucket; `options.region` wins over it. @default what the endpoint's host says */
  readonly region?: string | undefined
  /** Where S3 answers, as the client reaches it; a path in it is kept. @default AWS's regional endpoint */
  readonly endpoint?: string | UrlLike | undefined
  /** `true`: the bucket in the path; `false`: in the host. */
  readonly pathStyle?: boolean | undefined
}

/** A `URL`, by the one member that is read. */
export interface UrlLike {
  readonly href: string
}

/** What is signed for: a URL of any service, or an object of S3. */
export type Target = string | UrlLike | S3Object

/** A URL taken apart, the path as it was given. */
export interface UrlParts {
  readonly origin: string
  readonly host: string
  readonly path: string
  readonly query: string
}

/** Takes a URL apart without a `URL` object, which costs more than the signature and is not there in every engine. */
export function parseUrl(url: string | UrlLike): UrlParts {
  const parts = splitUrl(url)
  const origin = plainOrigin(parts.origin) ?? refuseUrl()
  return { ...parts, origin, host: hostOf(origin) }
}

/** The parts of a URL, its origin as it was given. */
export function splitUrl(url: string | UrlLike): Omit<UrlParts, 'host'> {
  const text = typeof url === 'string' ? url : url?.href
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', 'target must be a URL or { bucket, key }')
  const mark = text.indexOf('?')
  const end = mark < 0 ? text.length : mark
  let slash = text.indexOf('/', text.indexOf('://') + 3)
  if (slash < 0 || slash > end) slash = end
  return { origin: text.slice(0, slash), path: text.slice(slash, end) || '/', query: text.slice(end + 1) }
}

/** The host of an origin, with its port. */
export function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('://') + 3)
}

export function refuseUrl(): never {
  fail(
    'ERR_INVALID_ARG_VALUE',
    'target must be an absolute http(s) URL as parsers write it, without user name or fragment (# is %23)',
  )
}

/** Throws if a path or a query has something that URL parsers drop, turn, or take for a fragment. */
export function checkUrlText(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers drop them
  if (/[#\0-\x1f\x7f]| $/.test(text)) refuseUrl()
}

/** Scheme and host as URL parsers write them: lower case, no default port. `undefined` if they would change or refuse it. */
export function plainOrigin(origin: string): string | undefined {
  if (/^https?:\/\/[a-z][a-z\d-]*(?:\.[a-z][a-z\d-]*)+$/.test(origin)) return origin
  const [whole, bare, secure, name, address, port = 0] =
    /^((?:http|ws)(s?):\/\/(?:([\w.-]+)|\[([\da-f:]+)\]))(?::(0|[1-9]\d*))?$/.exec(origin.toLowerCase()) ?? []
  if (!(name ? isName(name) : address && isIPv6(address)) || Number(port) > 65535) return undefined
  return port === (secure ? '443' : '80') ? bare : whole
}

/** Whether a name is no number, or an IPv4 address in four decimal parts. */
function isName(name: string): boolean {
  return (
    !/(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/.test(name) ||
    /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/.test(name)
  )
}

/** Whether an IPv6 address is written as URL parsers write it: no leading zeros, the longest run of zeros left out. */
function isIPv6(address: string): boolean {
  const { length } = address.split(':').filter(Boolean)
  const full = address.replace('::', `:${'0:'.repeat(Math.max(0, 8 - length))}`).replace(/^:|:$/g, '')
  return (
    /^(?:(?:0|[1-9a-f][\da-f]{0,3})(?::|$)){8}$/.test(full) &&
    address === full.replace(/(?:^|:)(0(?::0)+)(?::|$)(?!.*\b\1:0\b)/, '::')
  )
}

/** The URL of an object, in its parts. A slash beside a dot segment goes as `%2F`: URL parsers leave it, S3 decodes it. */
export function parseObject(object: S3Object, region: string | undefined): UrlParts & { readonly service: string } {
  const { bucket, key, pathStyle } = object ?? {}
  const endpoint = object?.endpoint ?? undefined
  if (typeof bucket !== 'string' || !/^\w[\w.-]*$/.test(bucket) || typeof key !== 'string')
    fail('ERR_INVALID_ARG_VALUE', 'target.bucket must be the name of a bucket, and target.key a string')
  const zone = endpoint === undefined && bucket.endsWith('--x-s3') && /--(.+)--x-s3$/.exec(bucket)?.[1]
  const service = zone ? 's3express' : 's3'
  const base = parseUrl(endpoint ?? awsEndpoint(zone ? `s3express-${zone}` : 's3', region))
  if (base.query) fail('ERR_INVALID_ARG_VALUE', 'target.endpoint must have no query: pass options.query')
  const path = encodePath(key, uriEncode).replace(/(^|\/)(?:\.\.?\/)*\.\.?(?:\/|$)/g, (dots) =>
    dots.replaceAll('/', '%2F'),
  )
  const folder = base.path.replace(/\/?$/, '/')
  if (pathStyle ?? (endpoint !== undefined || /[^a-z\d-]/.test(bucket)))
    return { ...base, path: `${folder}${bucket}/${path}`, service }
  const origin = base.origin.replace('//', `//${bucket}.`)
  if (plainOrigin(origin) !== origin || bucket.startsWith('xn--'))
    fail('ERR_INVALID_ARG_VALUE', 'target.pathStyle must be true: this bucket cannot stand before this host')
  return { origin, host: hostOf(origin), path: folder + path, query: '', service }
}

function awsEndpoint(label: string, region: string | undefined): string {
  if (!region) fail('ERR_SIGV4_SCOPE_UNKNOWN', 'target.region is missing: say it, or an endpoint')
  if (!/^[a-z\d-]+$/.test(region)) fail('ERR_INVALID_ARG_VALUE', 'target.region must be a name like us-east-1')
  return `https://${label}.${region}.amazonaws.${/^cn-/.test(region) ? 'com.cn' : /^eusc-/.test(region) ? 'eu' : 'com'}`
}

/** The path as every client sends it. With single encoding it is canonical too, but for `%2F`. */
export function sentPath(path: string, encoding: PathEncoding, normalization: PathNormalization): string {
  if (!isEncoded(path)) {
    checkUrlText(path)
    if (path.includes('\\')) refuseUrl()
    path = encoding === 'single' ? encodePath(path, uriReencode) : escapeInvalid(path)
  }
  if (normalization === 'none' && hasDots(path))
    fail(
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      'target has a . or .. segment: pass { bucket, key }, the key not being . or .. alone',
    )
  return resolveDots(path, false)
}

/** A path with all that clients would escape escaped, and nothing else. */
function escapeInvalid(path: string): string {
  if (/%(?![\da-f]{2})/i.test(path)) refuseEscape()
  return path.replace(/%2e/gi, '.').replace(/[^\w.~!$&'()*+,;=:@/%-]+/g, uriEncode)
}

/**
 * The URL of an S3 object, unsigned: what `presignGet` signs.
 *
 * @param target - The object. Its region must be said unless there is an `endpoint`.
 * @returns The URL; URL parsers leave it as it is.
 * @throws `ERR_SIGV4_SCOPE_UNKNOWN` without region and endpoint; `ERR_SIGV4_REQUEST_UNSENDABLE` for a key that is `.` or
 * `..`; `TypeError` for anything that is no bucket, key or endpoint.
 * @example
 * ```ts
 * import { objectUrl } from 'sigv4'
 *
 * objectUrl({ bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' })
 * // https://photos.s3.eu-west-1.amazonaws.com/r%C3%A9sum%C3%A9%20%281%29.pdf
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function objectUrl(target: S3Object): string {
  const { origin, path } = parseObject(target, target?.region)
  return origin + sentPath(path, 'single', 'none')
}
