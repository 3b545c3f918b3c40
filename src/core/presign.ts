import { isObject } from './body.ts'
import { canonicalUri, decodeSlashes, type HeaderRecord } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { uriEncode } from './encoding.ts'
import { fail } from './errors.ts'
import { bindHeader, readHeaders, signedNames } from './headers.ts'
import { type Memo, remember } from './memo.ts'
import type { PresignGetOptions, PresignPutOptions } from './options.ts'
import { type Frame, planQuery, type SigningContext, stringToSignPrefix, type ToSign } from './plan.ts'
import {
  checkPayloadHash,
  EMPTY_HASH,
  type HostReader,
  type ReadTarget,
  readQuery,
  sentMethod,
  signingContext,
  signingTime,
} from './request.ts'
import { hostOf, parseObject, plainOrigin, refuseUrl, sentPath, splitUrl, type Target } from './target.ts'
import { expiresSeconds } from './time.ts'

/** A request that needs no more credentials. Spread it into `fetch`, axios or any other client. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Every header that the sender must set, with exactly these values. `host` and `content-length` clients set by themselves. */
  readonly headers: Record<string, string>
  /** When the URL stops working: the earlier of its expiry and the end of the credentials. */
  readonly expiresAt: Date
  /** Says that the credentials end before the URL would expire. */
  readonly limitedBy?: 'credentials'
}

/** Everything in a presigned request that does not depend on its path. */
interface Shape extends Frame {
  readonly context: SigningContext
  /** The canonical query string. */
  readonly query: string
  readonly method: string
  readonly origin: string
  /** What comes behind the signature: the security token where it is not signed. */
  readonly appended: string
  readonly headers: HeaderRecord
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly limitedBy: 'credentials' | undefined
}

/** A presigned request without its signature. */
export interface PresignPlan extends ToSign {
  readonly frame: Shape
  /** The URL up to the signature. */
  readonly url: string
}

/** What {@link planPresign} remembers of one credentials object. */
export type PresignMemo = Memo<Shape>

/** A target in its parts, the origin as it was given, and what it says of the scope. */
type Given = Pick<ReadTarget, 'origin' | 'path' | 'query' | 'region' | 'service'>

function readTarget(target: Target, region: string | undefined): Given {
  if (!isObject(target) || !('bucket' in target)) return splitUrl(target)
  region ??= target.region
  return { ...parseObject(target, region), region }
}

/** Plans a presigned request. */
export function planPresign(
  method: string,
  target: Target,
  options: PresignPutOptions<unknown>,
  credentials: Credentials<unknown>,
  now: number,
  hostScope: HostReader,
  memo: PresignMemo,
): PresignPlan {
  const time = signingTime(options, now)
  const { accessKeyId, secretAccessKey, signingKey, sessionToken, expiration } = credentials ?? {}
  const given = readTarget(target, options.region)
  const { origin, query, region, service } = given
  const inputs = [
    method,
    origin,
    query,
    region,
    service,
    time,
    hostScope,
    accessKeyId,
    secretAccessKey,
    signingKey,
    sessionToken,
    expiration && Number(expiration),
  ]
  const frame = remember(memo, inputs, options, () => shapeOf(method, given, options, credentials, time, hostScope))
  const { pathEncoding, pathNormalization } = frame.context
  const path = sentPath(given.path, pathEncoding, pathNormalization)
  const isCanonical = pathEncoding === 'single' && pathNormalization === 'none'
  const uri = isCanonical ? decodeSlashes(path) : canonicalUri(path, pathEncoding, pathNormalization)
  return {
    frame,
    head: `${frame.method}\n${uri}`,
    url: `${frame.origin}${path}?${frame.query}&X-Amz-Signature=`,
  }
}

function shapeOf(
  method: string,
  given: Given,
  options: PresignPutOptions<unknown>,
  credentials: Credentials<unknown>,
  time: number,
  hostScope: HostReader,
): Shape {
  const origin = plainOrigin(given.origin) ?? refuseUrl()
  const host = hostOf(origin)
  const context = signingContext(
    { host, region: given.region, service: given.service },
    options,
    credentials,
    time,
    hostScope,
  )
  const { payloadHash = context.s3 ? 'UNSIGNED-PAYLOAD' : EMPTY_HASH } = options
  checkPayloadHash(payloadHash)
  const expires = expiresSeconds(options.expires ?? 900, time)
  const all = readHeaders(options.headers, host)
  bindHeader(all, 'content-type', options.contentType)
  bindHeader(all, 'content-length', options.contentLength)
  if (context.s3 && payloadHash !== 'UNSIGNED-PAYLOAD') all['x-amz-content-sha256'] = payloadHash
  const headers: HeaderRecord = { ...all }
  const { 'content-length': length = '0' } = all
  delete headers['content-length'] // clients set it, and browsers let nobody else do so
  if (!/^\d+$/.test(length)) fail('ERR_INVALID_ARG_VALUE', 'options.contentLength must be a whole number of bytes')
  all.host = host
  const query = readQuery(given.query, options.query)
  const signed = signedNames(all, options)
  const plan = planQuery({ method: '', path: '', query, headers: all, signed, payloadHash }, context, expires)
  const end = (time + expires) * 1000
  const { sessionToken, expiration } = credentials
  const expiresAt = Math.min(end, Number(expiration ?? end))
  return {
    context,
    method: sentMethod(method),
    origin,
    query: plan.query,
    scope: context.scope,
    prefix: stringToSignPrefix(context),
    tail: plan.canonicalRequest.slice(1), // of a request without method and path
    appended: sessionToken && !context.sessionToken ? `&X-Amz-Security-Token=${uriEncode(sessionToken)}` : '',
    headers,
    expiresAt,
    limitedBy: expiresAt < end ? 'credentials' : undefined,
  }
}

/** Puts the signature in. */
export function applyPresignature({ frame, url }: PresignPlan, signature: string): PresignedRequest {
  const { method, appended, headers, expiresAt, limitedBy } = frame
  const result = { method, url: url + signature + appended, headers: { ...headers }, expiresAt: new Date(expiresAt) }
  return limitedBy ? { ...result, limitedBy } : result
}

/** The options of a download: S3 answers with the Content-Disposition of RFC 6266 that the query asks for. */
export function downloadOptions<Options extends PresignGetOptions<unknown>>(options: Options): Options {
  const { download } = options ?? {}
  if (download === undefined) return options
  if (typeof download !== 'string') fail('ERR_INVALID_ARG_TYPE', 'options.download must be the name of a file')
  const plain = download.replace(/[^ -~]|["\\%]/g, '_')
  const disposition = `attachment; filename="${plain}"${plain === download ? '' : `; filename*=UTF-8''${uriEncode(download)}`}`
  const query = { ...options.query, 'response-content-disposition': disposition }
  return Object.create(options, { query: { value: query, enumerable: true } })
}
