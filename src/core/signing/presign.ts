import { uriEncode } from '../encoding/percent.ts'
import { readExpires } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import {
  bindHeader,
  checkContentType,
  type HeaderRecord,
  headerFilter,
  readHeaders,
  SESSION_PARAMETER,
  signedNames,
  TOKEN_HEADER,
  TOKEN_PARAMETER,
} from '../http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../http/query.ts'
import { checkMembers, members } from '../members.ts'
import { canonicalHeaders, EMPTY_HASH } from './canonical-request.ts'
import { type Credentials, checkCredentials } from './credentials.ts'
import type { PresignOptions, SessionTokenName } from './options.ts'
import { readHashHeader, readPayloadHash, UNSIGNED_PAYLOAD } from './payload.ts'
import type { AnyScopeInput, ScopeInput, ScopeReader } from './scope.ts'
import { readSessionToken, type TokenInput } from './session-token.ts'
import type { AnyContext, RequestContext, Unsigned } from './string-to-sign.ts'
import { addQuery, readPath, readQuery, readTarget, type Target } from './target.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials expires window region service headers query contentType contentLength download payloadHash payloadHashHeader now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders',
)

/** A request that needs no further credentials. Pass it to `fetch`, axios or any other client. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Every header that the sender must set, with exactly these values. Clients set `host` and `content-length` themselves. */
  readonly headers: Record<string, string>
  /** Expiration of the URL or of the credentials, whichever comes first. In JSON, it is a string: {@link FromJson}. */
  readonly expiresAt: Date
  /** Set if the credentials expire before the URL would. */
  readonly limitedBy?: 'credentials'
}

/**
 * A result that was sent as JSON, such as to a page: each `Date` in it, such as `expiresAt`, is a string, which `new Date(…)`
 * reads.
 *
 * @example
 * ```ts
 * import type { FromJson, PresignedRequest } from 'sigv4'
 *
 * async function requestUpload(): Promise<FromJson<PresignedRequest>> {
 *   return (await fetch('/upload-url')).json()
 * }
 * ```
 */
export type FromJson<Result> = Result extends Date
  ? string
  : Result extends object
    ? { [Name in keyof Result]: FromJson<Result[Name]> }
    : Result

/** The parsed arguments of `presign`, without time and credentials. */
export interface PresignInput<Scope extends AnyScopeInput = ScopeInput> {
  readonly scope: Scope
  readonly method: string
  /** The URL without a query. */
  readonly url: string
  /** The canonical URI. */
  readonly uri: string
  /** The parameters other than those that signing adds, encoded. */
  readonly query: readonly Pair[]
  /** The headers that the sender must set. */
  readonly headers: HeaderRecord
  /** The canonical headers. */
  readonly lines: readonly Pair[]
  /** Their names. */
  readonly names: readonly string[]
  readonly payloadHash: string
  /** Returns the lifetime in seconds from the signing time; missing if the URL does not state it. */
  readonly expires: ((time: number) => number) | undefined
  readonly token: TokenInput
}

/** A presigned URL without its signature. */
export interface UnsignedUrl<Context extends AnyContext = RequestContext> extends Unsigned<Context> {
  readonly headers: HeaderRecord
  /** The URL without a query. */
  readonly url: string
  readonly added: AddedParameters
  /** The parameter that contains a session token that is not signed. */
  readonly appended: Pair | undefined
  /** Time of signing plus lifetime, epoch milliseconds. */
  readonly end: number
  /** Expiration of the URL, epoch milliseconds: earlier if the credentials expire sooner. */
  readonly last: number
}

/** Contents of the parameters that signing adds, in addition to the context. */
interface AddedParameters {
  readonly accessKeyId: string
  /** In seconds, if the URL states it. */
  readonly expires: number | undefined
  /** The parameter that contains a session token that is signed. */
  readonly token: Pair | undefined
  /** The names of the signed headers. */
  readonly names: readonly string[]
}

/** The part of a context that the parameters contain. */
type SignerContext = Omit<AnyContext, 'scope' | 'time' | 'actualTime'>

/** Rules for reading the arguments of a presigned request. */
export interface PresignRules<Scope extends AnyScopeInput = ScopeInput> {
  readonly readScope: ScopeReader<Scope>
  /** Creates the query parameter of a download, which is rejected without it. */
  readonly disposition?: (download: string) => Pair
  /** The longest lifetime in seconds. @default 7 days */
  readonly maxExpires?: number
}

/** Reads and checks the arguments of a presigned request. */
export function readPresign<Scope extends AnyScopeInput>(
  method: string,
  target: Target,
  options: PresignOptions<unknown>,
  { readScope, disposition, maxExpires }: PresignRules<Scope>,
): PresignInput<Scope> {
  checkMembers('options', options, OPTIONS)
  const { contentType, contentLength, download, expires, window: given } = options
  const parts = readTarget(target, options.region)
  const scope = readScope(parts, options)
  const { s3 } = scope
  const payloadHash = readPayloadHash(options) ?? (s3 ? UNSIGNED_PAYLOAD : EMPTY_HASH)
  const headers = readHeaders(options.headers, 'options.headers', parts.host)
  bindHeader(headers, 'content-type', 'contentType', contentType, method)
  if (contentType !== undefined) checkContentType(headers['content-type']!)
  bindHeader(headers, 'content-length', 'contentLength', contentLength, method)
  if (readHashHeader(options, s3 && payloadHash !== UNSIGNED_PAYLOAD)) headers['x-amz-content-sha256'] = payloadHash
  const names = signedNames(headers, headerFilter(options))
  const lines = canonicalHeaders(headers, names, parts.host)
  const { 'content-length': length } = headers
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) fail('ERR_INVALID_ARG_VALUE', 'options.contentLength', 'invalid')
    delete headers['content-length'] // clients set it, and browsers do not let scripts set it
  }
  const query = readQuery(parts)
  addQuery(query, options.query)
  if (download !== undefined) {
    if (!disposition || method !== 'GET')
      fail('ERR_INVALID_ARG_VALUE', 'options.download', 'unusable', 'Only GET supports it.')
    query.push(disposition(download))
  }
  const [path, uri] = readPath(parts, options, s3)
  const url = parts.origin + path
  const period = given === undefined ? undefined : readExpires(given, 0, 'options.window')(0)
  return {
    scope: period === undefined ? scope : { ...scope, window: period, offset: windowOffset(url) },
    method,
    url,
    uri,
    query,
    headers,
    lines,
    names,
    payloadHash,
    expires:
      expires === false && !s3 && !given ? undefined : readExpires(expires, period, 'options.expires', maxExpires),
    token: readSessionToken(options, scope, parts, query, headers, 'options', options.query),
  }
}

/** Returns the seconds by which the windows of a URL start earlier, so that not all URLs change at once. */
function windowOffset(url: string): number {
  let hash = 0 // the multiplier is that of sdbm
  for (const character of url) hash = Math.imul(hash ^ character.charCodeAt(0), 65_599)
  return hash >>> 0
}

/** Completes a presigned request except for its signature. */
export function preparePresign<Context extends AnyContext>(
  input: PresignInput<AnyScopeInput>,
  credentials: Credentials<unknown>,
  context: Context,
): UnsignedUrl<Context> {
  const { method, url, uri, headers, lines, names, payloadHash } = input
  const { time } = context
  const { name, isSigned, given } = input.token
  checkCredentials(credentials, context.actualTime * 1000, given)
  const { accessKeyId, sessionToken, expiration } = credentials
  const expires = input.expires?.(time)
  // IAM's guide: a request must reach AWS within five minutes
  const end = (time + (expires || 300)) * 1000
  const token = tokenParameter(name, sessionToken)
  const added = { accessKeyId, expires, token: isSigned ? token : undefined, names }
  const query = presignedQuery(input.query, context, added)
  return {
    context,
    parts: { method, uri, query, headers: lines, signedHeaders: names.join(';'), payloadHash },
    headers,
    url,
    added,
    appended: isSigned ? undefined : token,
    end,
    last: Math.min(end, Number(expiration ?? end)),
  }
}

/** Adds the signature to a presigned request. */
export function presigned(
  { parts: { method, query }, headers, url, appended, end, last }: UnsignedUrl<AnyContext>,
  signature: string,
): PresignedRequest {
  // not a template: V8 would keep its many parts in memory until the URL is read
  const complete = [url, '?', query, '&X-Amz-Signature=', signature, following(appended)].join('')
  const request: { -readonly [Name in keyof PresignedRequest]: PresignedRequest[Name] } = {
    method,
    url: complete,
    headers,
    expiresAt: new Date(last),
  }
  if (last < end) request.limitedBy = 'credentials'
  return request
}

/** Returns the parameters to add to a URL that is sent as it is. */
export function parametersToAdd({ context, added, appended }: UnsignedUrl<AnyContext>, signature: string): string {
  return `${presignedQuery([], context, added)}&X-Amz-Signature=${signature}${following(appended)}`
}

/** Returns the parameter that contains a session token, encoded. */
export function tokenParameter(name: SessionTokenName, token: string | undefined): Pair | undefined {
  return token ? [name === TOKEN_HEADER ? TOKEN_PARAMETER : SESSION_PARAMETER, uriEncode(token)] : undefined
}

function following(parameter: Pair | undefined): string {
  return parameter ? `&${parameter[0]}=${parameter[1]}` : ''
}

/** Returns the canonical query string of a presigned request. `own` contains its other parameters, encoded. */
export function presignedQuery(
  own: readonly Pair[],
  context: SignerContext,
  { accessKeyId, expires, token, names }: AddedParameters,
): string {
  let signedHeaders = ''
  for (const name of names) signedHeaders += signedHeaders ? `%3B${uriEncode(name)}` : uriEncode(name)
  if (!own.length)
    return `${signingParameters(context, accessKeyId, expires)}${following(token)}&X-Amz-SignedHeaders=${signedHeaders}`
  const pairs: Pair[] = [
    ...own,
    ['X-Amz-Algorithm', context.algorithm],
    ['X-Amz-Credential', credentialParameter(context, accessKeyId)],
    ['X-Amz-Date', context.amzDate],
    ['X-Amz-SignedHeaders', signedHeaders],
  ]
  if (expires) pairs.push(['X-Amz-Expires', String(expires)])
  if (token) pairs.push(token)
  return formatQuery(sortPairs(pairs))
}

/** Returns the parameters for the algorithm, credential, date, and lifetime. */
export function signingParameters(context: SignerContext, accessKeyId: string, expires: number | undefined): string {
  const { algorithm, amzDate } = context
  const credential = credentialParameter(context, accessKeyId)
  const lifetime = expires ? `&X-Amz-Expires=${expires}` : ''
  return `X-Amz-Algorithm=${algorithm}&X-Amz-Credential=${credential}&X-Amz-Date=${amzDate}${lifetime}`
}

function credentialParameter({ date, region, service }: SignerContext, accessKeyId: string): string {
  // encoding the scope would take longer than all of this
  return `${uriEncode(accessKeyId)}%2F${date}%2F${region === undefined ? '' : `${region}%2F`}${service}%2Faws4_request`
}

/** Returns the query parameter that makes S3 send a file name (RFC 6266, RFC 8187). */
export function downloadDisposition(download: string): Pair {
  if (typeof download !== 'string') return fail('ERR_INVALID_ARG_TYPE', 'options.download', 'type', 'Pass a file name.')
  const plain = download.replace(/[^ -~]|["\\%]/g, '_')
  const extended = plain === download ? '' : `; filename*=UTF-8''${uriEncode(download, 'options.download')}`
  return ['response-content-disposition', uriEncode(`attachment; filename="${plain}"${extended}`)]
}
