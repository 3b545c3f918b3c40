import { encodePath, reencodePath, uriEncode, uriReencode } from '../encoding/percent.ts'
import { fail } from '../errors.ts'
import { isReserved, isStringOrNumber } from '../http/headers.ts'
import { resolveDots } from '../http/path.ts'
import { type Pair, parseQuery } from '../http/query.ts'
import { checkUrlCharacters, normalizeOrigin, parseUrl, rejectUrl, type UrlLike, type UrlParts } from '../http/url.ts'
import { isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import { canonicalUri, type PathEncoding, type PathNormalization } from './canonical-request.ts'
import type { QueryInput, SigningOptions } from './options.ts'
import { checkAwsRegion, type HostScope, regionalHost } from './s3-hosts.ts'
import { S3_EXPRESS } from './scope.ts'

const TARGET = /* @__PURE__ */ members('bucket key region endpoint pathStyle service')

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
  /**
   * Signing name of the service, which {@link accessPoint} determines; `options.service` takes precedence.
   * @default `'s3'`, and `'s3express'` for a directory bucket
   */
  readonly service?: string | undefined
}

/** A target to sign: a URL of any service, or an S3 object. */
export type Target = string | UrlLike | S3Object

/** A target's parts, and the scope that it identifies. */
export interface TargetParts extends UrlParts, HostScope {}

/** Reads a target. `region` is the option, which takes precedence. */
export function readTarget(target: Target, region: string | undefined): TargetParts {
  if (!isObject(target) || !('bucket' in target)) {
    rejectS3Uri(target)
    return parseUrl(target, 'target', 'Pass a URL or { bucket, key }.')
  }
  return readObject(target, region ?? target.region)
}

/** Reads an S3 object. A slash next to a dot segment of its key is sent as `%2F`, which URL parsers keep and S3 decodes. */
export function readObject(object: S3Object, region: string | undefined): TargetParts {
  const parts = readBucket(object, region)
  checkMembers('target', object, TARGET)
  const { key } = object
  // the URL of an empty key would list, create, or delete the bucket
  if ((key ?? '') === '') fail('ERR_INVALID_ARG_VALUE', 'target.key', 'missing', 'Pass it, or the URL of the bucket.')
  if (typeof key !== 'string') fail('ERR_INVALID_ARG_TYPE', 'target.key', 'type')
  let path = encodePath(key, 'target.key')
  if (path[0] === '.' || path.includes('/.'))
    path = path.replace(/(^|\/)(?:\.\.?\/)*\.\.?(?:\/|$)/g, (dots) => dots.replaceAll('/', '%2F'))
  parts.path += path
  return parts
}

/** Reads the bucket of an S3 object. The path ends with a slash. */
export function readBucket(object: Omit<S3Object, 'key'>, region: string | undefined): { path: string } & TargetParts {
  const { bucket, pathStyle, endpoint, service } = object ?? {}
  if (typeof (pathStyle ?? true) !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'target.pathStyle', 'type')
  if (typeof bucket !== 'string' || !/^\w[\w.-]*$/.test(bucket)) {
    rejectS3Uri(object)
    fail('ERR_INVALID_ARG_VALUE', 'target.bucket', 'invalid', 'For an ARN, use accessPoint.')
  }
  const given = endpoint === undefined || endpoint === null ? undefined : readEndpoint(endpoint)
  const zone = !given && /--(.{1,30})--xa?-s3$/.exec(bucket)?.[1]
  const isPlain = !given && /^[a-z\d-]+$/.test(bucket)
  if (region) checkAwsRegion(region, region === object.region ? 'target.region' : 'options.region', given?.[1])
  else if (!given) fail('ERR_SIGV4_SCOPE_UNKNOWN', 'target.region', 'missing', 'Pass it, or an endpoint.')
  let [scheme, host, path] = given ?? ['https://', regionalHost(zone ? `s3express-${zone}` : 's3', region!), '/']
  if (pathStyle ?? !isPlain) path += `${bucket}/`
  else {
    host = `${bucket}.${host}`
    if ((!isPlain && normalizeOrigin(scheme + host) !== scheme + host) || bucket.startsWith('xn--'))
      fail('ERR_INVALID_ARG_VALUE', 'target.pathStyle', 'invalid')
  }
  return {
    origin: scheme + host,
    host,
    path,
    query: '',
    argument: 'target.key',
    region,
    service: service ?? (zone ? S3_EXPRESS : 's3'),
  }
}

function readEndpoint(endpoint: string | UrlLike): [scheme: string, host: string, folder: string] {
  const { origin, host, path, query, argument } = parseUrl(endpoint, 'target.endpoint')
  if (query) fail('ERR_INVALID_ARG_VALUE', argument, 'invalid')
  return [origin.slice(0, -host.length), host, sentPath(path.replace(/\/?$/, '/'), argument, 'double', 'none')]
}

/** Throws for a URI of the AWS CLI, `s3://bucket/key`. The error contains the object to pass. */
function rejectS3Uri(target: unknown): void {
  const uri = typeof target === 'string' ? target : (target as Partial<UrlLike> | null | undefined)?.href
  const [, bucket, key = '…'] = /^s3:\/\/([^/]*)\/?(.+)?/is.exec(`${uri}`) ?? []
  if (bucket !== undefined)
    fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', `Pass ${JSON.stringify({ bucket, key })}.`)
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

export function readPathRules(
  options: Pick<SigningOptions<unknown>, 'pathEncoding' | 'pathNormalization'>,
  s3: boolean,
): [PathEncoding, PathNormalization] {
  const { pathEncoding = s3 ? 'single' : 'double', pathNormalization = s3 ? 'none' : 'rfc3986' } = options
  checkChoice('pathEncoding', pathEncoding, 'single', 'double')
  checkChoice('pathNormalization', pathNormalization, 'none', 'rfc3986')
  return [pathEncoding, pathNormalization]
}

/** Returns the path as sent, and its canonical URI. */
export function readPath(
  { path, argument }: UrlParts,
  options: SigningOptions<unknown>,
  s3: boolean,
): readonly [path: string, uri: string] {
  const [encoding, normalization] = readPathRules(options, s3)
  const sent = sentPath(path, argument, encoding, normalization)
  // for S3, the sent path is already canonical, except for %2F
  const isCanonical = encoding === 'single' && normalization === 'none' && !sent.includes('%2F')
  return [sent, isCanonical ? sent : canonicalUri(sent, encoding, normalization)]
}

/** Checks an option that has two allowed values. */
export function checkChoice<Value extends string>(option: string, value: Value, one: Value, other: Value): void {
  if (value !== one && value !== other) fail('ERR_INVALID_ARG_VALUE', `options.${option}`, 'invalid')
}

/** Returns a method as sent: in uppercase, because `fetch` converts only some methods. */
export function readMethod(method: string, argument: string): string {
  if (typeof method !== 'string' || !/^[\w-]+$/.test(method)) fail('ERR_INVALID_ARG_VALUE', argument, 'invalid')
  return method.toUpperCase()
}

/** Returns the parameters of a URL, encoded. */
export function readQuery({ query, argument }: UrlParts): Pair[] {
  if (!query) return []
  checkUrlCharacters(query, argument)
  const pairs = parseQuery(query, argument)
  for (const [name] of pairs)
    if (isReserved(name)) fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'signed', 'Pass it without X-Amz- parameters.')
  return pairs
}

/** Adds the query parameters in the options to those of the URL. */
export function addQuery(pairs: Pair[], added: QueryInput | undefined): void {
  if (added === undefined) return
  if (!isObject(added) || Symbol.iterator in added)
    fail('ERR_INVALID_ARG_TYPE', 'options.query', 'type', 'Pass Object.fromEntries(query).')
  for (const name of Object.keys(added)) {
    const given: unknown = added[name]
    for (const value of Array.isArray(given) ? given : [given]) addParameter(pairs, name, value)
  }
}

function addParameter(pairs: Pair[], name: string, value: unknown): void {
  if (value === undefined) return
  const argument = `options.query[${JSON.stringify(name)}]`
  if (isReserved(name)) fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'reserved')
  if (!isStringOrNumber(value)) fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  pairs.push([uriEncode(name, argument), uriEncode(String(value), argument)])
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
