import { encodePath, reencodePath, uriReencode } from '../encoding/percent.ts'
import { fail } from '../errors.ts'
import { resolveDots } from '../http/path.ts'
import { checkUrlCharacters, normalizeOrigin, parseUrl, rejectUrl, type UrlLike, type UrlParts } from '../http/url.ts'
import { isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import type { PathEncoding, PathNormalization } from './canonical-request.ts'
import { checkAwsRegion, type HostScope, regionalHost } from './s3-hosts.ts'
import { S3_EXPRESS } from './scope.ts'

const TARGET = /* @__PURE__ */ members('bucket key region endpoint pathStyle')

/** An object in S3 or in an S3-compatible service. */
export interface S3Object {
  /** Name of the bucket. */
  readonly bucket: string
  /** Key of the object, not encoded and not empty: for a bucket, pass its URL. */
  readonly key: string
  /** Region of the bucket; `options.region` takes precedence. @default determined from the endpoint's host */
  readonly region?: string | undefined
  /** URL of the service, as the client reaches it; its path is kept. @default AWS's regional endpoint */
  readonly endpoint?: string | UrlLike | undefined
  /**
   * `true`: the bucket in the path; `false`: in the host.
   * @default `true` with an `endpoint`, or if the name contains anything except lowercase letters, digits, and hyphens
   */
  readonly pathStyle?: boolean | undefined
}

/** A target to sign: a URL of any service, or an S3 object. */
export type Target = string | UrlLike | S3Object

/** A target's parts, and the scope that it identifies. */
export interface TargetParts extends UrlParts, HostScope {}

/** Reads a target. `region` is the option, which takes precedence. */
export function readTarget(target: Target, region: string | undefined): TargetParts {
  if (!isObject(target) || !('bucket' in target))
    return parseUrl(target, 'target', 'Pass a URL or { bucket, key }.', rejectTarget)
  return readObject(target, region ?? target.region)
}

/** Reads an S3 object. A slash next to a dot segment of its key is sent as `%2F`, which URL parsers keep and S3 decodes. */
export function readObject(object: S3Object, region: string | undefined): TargetParts {
  const parts = readBucket(object, region)
  checkMembers('target', object, TARGET)
  const { key } = object
  if (typeof key !== 'string') fail('ERR_INVALID_ARG_TYPE', 'target.key', 'type')
  // its URL would list, create, or delete the bucket
  if (!key) fail('ERR_INVALID_ARG_VALUE', 'target.key', 'missing', 'Pass a URL for the bucket.')
  let path = encodePath(key, 'target.key')
  if (path[0] === '.' || path.includes('/.'))
    path = path.replace(/(^|\/)(?:\.\.?\/)*\.\.?(?:\/|$)/g, (dots) => dots.replaceAll('/', '%2F'))
  parts.path += path
  return parts
}

/** Reads the bucket of an S3 object. The path ends with a slash. */
export function readBucket(object: Omit<S3Object, 'key'>, region: string | undefined): { path: string } & TargetParts {
  const { bucket, pathStyle } = object ?? {}
  const endpoint = object?.endpoint ?? undefined
  if (typeof (pathStyle ?? true) !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'target.pathStyle', 'type')
  if (typeof bucket !== 'string' || !/^\w[\w.-]*$/.test(bucket)) {
    rejectS3Uri(object)
    fail('ERR_INVALID_ARG_VALUE', 'target.bucket', 'invalid')
  }
  const regionArgument = region === object.region ? 'target.region' : 'options.region'
  const zone = endpoint === undefined && bucket.endsWith('--x-s3') && /--(.+)--x-s3$/.exec(bucket)?.[1]
  const service = zone ? S3_EXPRESS : 's3'
  const isPlain = endpoint === undefined && /^[a-z\d-]+$/.test(bucket)
  const given = endpoint === undefined ? undefined : readEndpoint(endpoint)
  if (region) checkAwsRegion(region, regionArgument, given?.[1])
  else if (!given) fail('ERR_SIGV4_SCOPE_UNKNOWN', 'target.region', 'missing', 'Pass it, or an endpoint.')
  let [scheme, host, folder] = given ?? ['https://', regionalHost(zone ? `s3express-${zone}` : 's3', region!), '/']
  if (pathStyle ?? !isPlain) folder += `${bucket}/`
  else {
    host = `${bucket}.${host}`
    if ((!isPlain && normalizeOrigin(scheme + host) !== scheme + host) || bucket.startsWith('xn--'))
      fail('ERR_INVALID_ARG_VALUE', 'target.pathStyle', 'invalid')
  }
  return { origin: scheme + host, host, path: folder, query: '', argument: 'target.key', region, service }
}

function readEndpoint(endpoint: string | UrlLike): [scheme: string, host: string, folder: string] {
  const { origin, host, path, query, argument } = parseUrl(endpoint, 'target.endpoint')
  if (query) fail('ERR_INVALID_ARG_VALUE', argument, 'invalid')
  return [origin.slice(0, -host.length), host, sentPath(path.replace(/\/?$/, '/'), argument, 'double', 'none')]
}

function rejectTarget(argument: string, url: string): never {
  rejectS3Uri(url)
  return rejectUrl(argument)
}

/** Throws for a URI of the AWS CLI, `s3://bucket/key`. The error contains the object to pass. */
function rejectS3Uri(target: unknown): void {
  const uri = typeof target === 'string' ? target : (target as Partial<UrlLike> | null | undefined)?.href
  if (typeof uri !== 'string' || !/^s3:\/\//i.test(uri)) return
  const [, bucket, key = '…'] = /^([^/]*)\/?(.+)?/s.exec(uri.slice(5).replace(/['\\]/g, '\\$&'))!
  fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', `Pass { bucket: '${bucket}', key: '${key}' }.`)
}

/** Returns the path as every client sends it. */
export function sentPath(
  path: string,
  argument: string,
  encoding: PathEncoding,
  normalization: PathNormalization,
): string {
  if (/[^\w.~/%-]|%(?!2[\dA-CF])/.test(path)) {
    checkUrlCharacters(path, argument)
    if (path.includes('\\')) rejectUrl(argument)
    path =
      encoding === 'single'
        ? reencodePath(path, argument)
        : // only what clients would escape in a path
          uriReencode(path, argument, /%[\da-f]{2}|[^\w.~!$&'()*+,;=:@/%-]+/gi)
  }
  const resolved = resolveDots(path, false)
  if (normalization === 'none' && resolved !== path)
    fail('ERR_SIGV4_REQUEST_UNSENDABLE', argument, 'unsendable', 'It contains a . or .. segment.')
  return resolved
}

/**
 * Returns the unsigned URL of an S3 object, which `presignGet` signs.
 *
 * @param target - The object, with its `region` or `endpoint`.
 * @returns The URL, as URL parsers write it.
 * @throws `ERR_SIGV4_SCOPE_UNKNOWN` without region and endpoint; `ERR_SIGV4_REQUEST_UNSENDABLE` for a key that is `.` or
 * `..`; `TypeError` for an invalid bucket, key or endpoint.
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
  const { origin, path } = readObject(target, target?.region)
  return origin + sentPath(path, 'target.key', 'single', 'none')
}
