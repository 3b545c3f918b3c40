import { uriEncode } from '../encoding/percent.ts'
import { readExpires } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import {
  bindHeader,
  checkContentType,
  type HeaderRecord,
  headerFilter,
  readHeaders,
  signedNames,
} from '../http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../http/query.ts'
import { checkMembers, members } from '../members.ts'
import { canonicalHeaders, EMPTY_HASH, formatCanonicalRequest } from './canonical-request.ts'
import { type Credentials, checkCredentials } from './credentials.ts'
import {
  addQuery,
  readHashHeader,
  readPath,
  readPayloadHash,
  readQuery,
  readScope,
  readSessionToken,
  type ScopeInput,
  type TokenInput,
} from './input.ts'
import type { PresignOptions, SessionTokenName } from './options.ts'
import { UNSIGNED_PAYLOAD } from './payload.ts'
import type { HostReader } from './s3-hosts.ts'
import { type Scope, SECURITY_TOKEN } from './scope.ts'
import type { RequestContext, Unsigned } from './string-to-sign.ts'
import { readTarget, type Target } from './target.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials expires window region service headers query contentType contentLength download payloadHash payloadHashHeader signingDate pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signHeaders unsignedHeaders',
)

/** A request that needs no further credentials. Pass it to `fetch`, axios or any other client. */
export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Every header that the sender must set, with exactly these values. Clients set `host` and `content-length` themselves. */
  readonly headers: Record<string, string>
  /** When the URL stops working: when it or the credentials expire, whichever comes first. */
  readonly expiresAt: Date
  /** Set if the credentials expire before the URL would. */
  readonly limitedBy?: 'credentials'
}

/** What to presign: the arguments as they were read, without time and credentials. */
export interface PresignInput {
  readonly scope: ScopeInput
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
export interface UnsignedUrl extends Unsigned {
  readonly method: string
  readonly headers: HeaderRecord
  /** The URL up to the signature. */
  readonly url: string
  /** The parameters that follow the signature. */
  readonly appended: string
  /** When the URL expires, epoch milliseconds. */
  readonly end: number
  /** When the URL stops working, epoch milliseconds: earlier if the credentials expire before. */
  readonly last: number
}

/**
 * Reads and checks the arguments of a presigned request. `disposition` creates the query parameter of a download,
 * which is rejected without it. `scopeReader` is another one for Signature Version 4a.
 */
export function readPresign(
  method: string,
  target: Target,
  options: PresignOptions<unknown>,
  hosts: HostReader,
  disposition?: (download: string) => Pair,
  scopeReader = readScope,
): PresignInput {
  checkMembers('options', options, OPTIONS)
  const { contentType, contentLength, download, expires, window: period } = options
  const parts = readTarget(target, options.region)
  let scope = scopeReader(parts, options, hosts)
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
  if (period !== undefined) {
    let hash = 0 // so that not all URLs change at once; the multiplier is that of sdbm
    for (const character of url) hash = Math.imul(hash ^ character.charCodeAt(0), 65_599)
    scope = { ...scope, window: readExpires(period, 0, 'options.window')(0), offset: hash >>> 0 }
  }
  return {
    scope,
    method,
    url,
    uri,
    query,
    headers,
    lines,
    names,
    payloadHash,
    expires: expires === false && !s3 && !period ? undefined : readExpires(expires, scope.window),
    token: readSessionToken(options, scope, parts, query, headers, 'options', options.query),
  }
}

/** Completes a presigned request except for its signature. */
export function preparePresign(
  input: PresignInput,
  credentials: Credentials<unknown>,
  context: RequestContext,
): UnsignedUrl {
  const { method, uri, headers, lines, names, payloadHash } = input
  const { time } = context
  const { name, isSigned, given } = input.token
  checkCredentials(credentials, context.now, given)
  const { accessKeyId, sessionToken, expiration } = credentials
  const seconds = input.expires?.(time)
  // IAM's guide: a request must reach AWS within five minutes
  const end = (time + (seconds || 300)) * 1000
  const token = tokenParameter(name, sessionToken)
  const signedHeaders = names.join(';')
  const query = presignedQuery(input.query, context, accessKeyId, seconds, isSigned ? token : '', names)
  return {
    context,
    canonicalRequest: formatCanonicalRequest({ method, uri, query, headers: lines, signedHeaders, payloadHash }),
    method,
    headers,
    url: `${input.url}?${query}&X-Amz-Signature=`,
    appended: isSigned ? '' : token,
    end,
    last: Math.min(end, Number(expiration ?? end)),
  }
}

/** Adds the signature to a presigned request. */
export function presigned(
  { method, headers, url, appended, end, last }: UnsignedUrl,
  signature: string,
): PresignedRequest {
  // not a template: V8 would keep its many parts in memory until the URL is read
  const complete = [url, signature, appended].join('')
  const request: { -readonly [Name in keyof PresignedRequest]: PresignedRequest[Name] } = {
    method,
    url: complete,
    headers,
    expiresAt: new Date(last),
  }
  if (last < end) request.limitedBy = 'credentials'
  return request
}

/** Returns the parameter that contains a session token, encoded, after an `&`; nothing without a token. */
export function tokenParameter(name: SessionTokenName, token: string | undefined): string {
  return token ? `&X-Amz-${name === SECURITY_TOKEN ? 'Security' : 'S3session'}-Token=${uriEncode(token)}` : ''
}

/** Returns the canonical query string of a presigned request. `own` contains its other parameters, encoded. */
export function presignedQuery(
  own: readonly Pair[],
  { algorithm, amzDate, date, region, service }: Pick<RequestContext, 'algorithm' | 'amzDate' | keyof Scope>,
  accessKeyId: string,
  expires: number | undefined,
  token: string,
  names: readonly string[],
): string {
  let signedHeaders = ''
  for (const name of names) signedHeaders += signedHeaders ? `%3B${uriEncode(name)}` : uriEncode(name)
  // context.scope.replaceAll would take longer than all of this
  const credential = `${uriEncode(accessKeyId)}%2F${date}%2F${region && `${region}%2F`}${service}%2Faws4_request`
  if (!own.length)
    return (
      `X-Amz-Algorithm=${algorithm}&X-Amz-Credential=${credential}&X-Amz-Date=${amzDate}` +
      `${expires ? `&X-Amz-Expires=${expires}` : ''}${token}&X-Amz-SignedHeaders=${signedHeaders}`
    )
  const pairs: Pair[] = [
    ...own,
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', credential],
    ['X-Amz-Date', amzDate],
    ['X-Amz-SignedHeaders', signedHeaders],
  ]
  if (expires) pairs.push(['X-Amz-Expires', String(expires)])
  if (token) pairs.push(token.slice(1).split('=') as [string, string])
  return formatQuery(sortPairs(pairs))
}

/** Returns the query parameter that makes S3 send a file name (RFC 6266, RFC 8187). */
export function downloadDisposition(download: string): Pair {
  if (typeof download !== 'string') return fail('ERR_INVALID_ARG_TYPE', 'options.download', 'type', 'Pass a file name.')
  const plain = download.replace(/[^ -~]|["\\%]/g, '_')
  const extended = plain === download ? '' : `; filename*=UTF-8''${uriEncode(download, 'options.download')}`
  return ['response-content-disposition', uriEncode(`attachment; filename="${plain}"${extended}`)]
}
