import { hasDots, type PathEncoding, type PathNormalization, resolveDots } from './canonical.ts'
import { encodePath, uriEncode, uriReencode } from './encoding.ts'
import { fail } from './errors.ts'

/** An object of S3 or of a service that speaks S3. */
export interface S3Object {
  /** Name of the bucket. Goes into the host on AWS, into the path with an `endpoint` or where the name has a dot. */
  readonly bucket: string
  /** Key of the object, raw text: never escaped, encoded once by this library. Empty for the bucket itself. */
  readonly key: string
  /** Region of the bucket. @default `options.region`, or what the endpoint's host says */
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
  const text = typeof url === 'string' ? url : String(url?.href)
  const mark = text.indexOf('?')
  const end = mark < 0 ? text.length : mark
  const start = text.indexOf('://') + 3
  let slash = text.indexOf('/', start)
  if (slash < 0 || slash > end) slash = end
  let origin = text.slice(0, slash)
  if (!/^(?:http|ws)s?:\/\/(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::\d+)?$/.test(origin) || /:(?:80|443)$/.test(origin))
    origin = origin.toLowerCase().replace(/^((?:http|ws):.*):80$|^(.*s:.*):443$/, '$1$2')
  if (!/^(?:http|ws)s?:\/\/(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::\d+)?$/.test(origin) || text.includes('#'))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'target must be { bucket, key } or an absolute URL, without user name and fragment (# is %23)',
    )
  return { origin, host: origin.slice(start), path: text.slice(slash, end) || '/', query: text.slice(end + 1) }
}

/** The URL of an object, in its parts. A slash beside a dot segment goes as `%2F`: URL parsers leave it, S3 decodes it. */
export function parseObject({ bucket, key, endpoint, pathStyle }: S3Object, region: string | undefined): UrlParts {
  if (!/^\w[\w.-]*$/.test(bucket) || typeof key !== 'string')
    fail('ERR_INVALID_ARG_VALUE', 'target.bucket must be the name of a bucket, target.key a string')
  if (!endpoint && !region) fail('ERR_SIGV4_SCOPE_UNKNOWN', 'target.region is missing')
  const zone = /--(.+)--x-s3$/.exec(bucket)
  const domain = /^cn/.test(region!) ? 'com.cn' : /^eusc/.test(region!) ? 'eu' : 'com'
  const base = parseUrl(endpoint ?? `https://s3${zone ? `express-${zone[1]}` : ''}.${region}.amazonaws.${domain}`)
  const inPath = pathStyle ?? (endpoint || /[^a-z\d-]/.test(bucket))
  const host = inPath ? base.host : `${bucket}.${base.host}`
  const path = encodePath(key, uriEncode).replace(/(^|\/)(?:\.\.?\/)*\.\.?(?:\/|$)/g, (dots) =>
    dots.replaceAll('/', '%2F'),
  )
  return {
    origin: base.origin.slice(0, -base.host.length) + host,
    host,
    path: `${base.path.replace(/\/$/, '')}/${inPath ? `${bucket}/` : ''}${path}`,
    query: base.query,
  }
}

/** The path as every client sends it. With single encoding it is canonical too, but for `%2F`. */
export function sentPath(path: string, encoding: PathEncoding, normalization: PathNormalization): string {
  const sent =
    encoding === 'single' ? encodePath(path, uriReencode) : path.replace(/[^\w.~!$&'()*+,;=:@/%-]+/g, uriEncode)
  if (normalization === 'none' && hasDots(sent))
    fail(
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      'target has a . or .. segment that URL parsers resolve: pass { bucket, key }, the key not being . or .. alone',
    )
  return resolveDots(sent, false)
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
  const { origin, path } = parseObject(target, target.region)
  return origin + sentPath(path, 'single', 'none')
}
