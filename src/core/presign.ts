import { canonicalUri, decodeSlashes, type HeaderRecord } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { uriEncode } from './encoding.ts'
import { fail } from './errors.ts'
import { bindHeader, readHeaders, signedNames } from './headers.ts'
import { type Memo, remember } from './memo.ts'
import type { PresignGetOptions, PresignPutOptions } from './options.ts'
import { type Plan, planQuery, type SigningContext, stringToSignPrefix, type ToSign } from './plan.ts'
import {
  checkPayloadHash,
  EMPTY_HASH,
  type HostReader,
  type ReadTarget,
  readQuery,
  readTarget,
  sentMethod,
  signingContext,
  signingTime,
} from './request.ts'
import { sentPath, type Target } from './target.ts'
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
interface Shape {
  readonly plan: Plan
  readonly context: SigningContext
  readonly headers: HeaderRecord
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly limitedBy: 'credentials' | undefined
  readonly prefix: string
  /** The canonical request before and behind the canonical URI. */
  readonly before: string
  readonly behind: string
}

/** A presigned request without its signature. */
export interface PresignPlan extends ToSign {
  readonly method: string
  /** The URL up to the signature. */
  readonly url: string
  /** What comes behind the signature: the security token where it is not signed. */
  readonly appended: string
  readonly headers: HeaderRecord
  readonly expiresAt: number
  readonly limitedBy: 'credentials' | undefined
}

/** What {@link planPresign} remembers of one credentials object. */
export type PresignMemo = Memo<Shape>

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
  const parts = readTarget(target, options.region)
  const { origin, query, region, service } = parts
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
  const shape = remember(memo, inputs, options, () => shapeOf(method, parts, options, credentials, time, hostScope))
  const { plan, context, headers, expiresAt, limitedBy } = shape
  const { pathEncoding, pathNormalization } = context
  const path = sentPath(parts.path, pathEncoding, pathNormalization)
  const isCanonical = pathEncoding === 'single' && pathNormalization === 'none'
  const uri = isCanonical ? decodeSlashes(path) : canonicalUri(path, pathEncoding, pathNormalization)
  return {
    scope: plan.scope,
    prefix: shape.prefix,
    head: shape.before + uri,
    tail: shape.behind,
    method: method.toUpperCase(),
    url: `${origin}${path}?${plan.query}&X-Amz-Signature=`,
    appended: sessionToken && !context.sessionToken ? `&X-Amz-Security-Token=${uriEncode(sessionToken)}` : '',
    headers,
    expiresAt,
    limitedBy,
  }
}

function shapeOf(
  method: string,
  parts: ReadTarget,
  options: PresignPutOptions<unknown>,
  credentials: Credentials<unknown>,
  time: number,
  hostScope: HostReader,
): Shape {
  const context = signingContext(parts, options, credentials, time, hostScope)
  const { payloadHash = context.s3 ? 'UNSIGNED-PAYLOAD' : EMPTY_HASH } = options
  checkPayloadHash(payloadHash)
  const expires = expiresSeconds(options.expires ?? 900, time)
  const headers = readHeaders(options.headers, parts.host)
  bindHeader(headers, 'content-type', options.contentType)
  bindHeader(headers, 'content-length', options.contentLength)
  if (context.s3 && payloadHash !== 'UNSIGNED-PAYLOAD') bindHeader(headers, 'x-amz-content-sha256', payloadHash)
  const { 'content-length': length, ...returned } = headers // clients set it, and browsers let nobody else do so
  if (length !== undefined && !/^\d+$/.test(length))
    fail('ERR_INVALID_ARG_VALUE', 'options.contentLength must be a whole number of bytes')
  const all = { ...headers, host: parts.host }
  const query = readQuery(parts.query, options.query)
  const before = `${sentMethod(method)}\n`
  const plan = planQuery(
    { method: '', path: '', query, headers: all, signed: signedNames(all, options), payloadHash },
    context,
    expires,
  )
  const end = (time + expires) * 1000
  const expiration = Number(credentials.expiration ?? end)
  return {
    plan,
    context,
    headers: returned,
    expiresAt: Math.min(end, expiration),
    limitedBy: expiration < end ? 'credentials' : undefined,
    prefix: stringToSignPrefix(plan),
    before,
    behind: plan.canonicalRequest.slice(1), // of a request without method and path
  }
}

/** Puts the signature in. */
export function applyPresignature(plan: PresignPlan, signature: string): PresignedRequest {
  const { method, url, appended, headers, expiresAt, limitedBy } = plan
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
