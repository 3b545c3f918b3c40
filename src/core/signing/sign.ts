import { fail } from '../errors.ts'
import { type HeaderRecord, type HeadersInput, headerFilter, readHeaders, signedNames } from '../http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../http/query.ts'
import { parseUrl, type UrlLike } from '../http/url.ts'
import { hasTag, isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import { requiresPayloadHash } from '../services.ts'
import { canonicalHeaders, formatCanonicalRequest } from './canonical-request.ts'
import { type Credentials, checkCredentials } from './credentials.ts'
import {
  readHashHeader,
  readMethod,
  readPath,
  readPayloadHash,
  readQuery,
  readScope,
  readSessionToken,
  type ScopeInput,
  type TokenInput,
} from './input.ts'
import type { Checksum, RunningChecksum, SignOptions } from './options.ts'
import type { HostReader } from './s3-hosts.ts'
import type { RequestContext, Unsigned } from './string-to-sign.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials region service payloadHash payloadHashHeader signingDate pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signHeaders unsignedHeaders checksum',
)

/** A request to sign. */
export interface UnsignedRequest<Body = unknown> {
  /** @default `'GET'`, with a body `'POST'` */
  readonly method?: string | undefined
  readonly url: string | UrlLike
  /** Headers to send; those that may change in transit are not signed. @default none */
  readonly headers?: HeadersInput | undefined
  /** @default none */
  readonly body?: Body | undefined
}

/** A signed request, ready for `fetch(request.url, request)`. */
export interface SignedRequest<Body = unknown> {
  readonly method: string
  readonly url: string
  /** The headers of the request and of the signature, names in lowercase. */
  readonly headers: Record<string, string>
  /** The body, unchanged; missing if there was none. */
  readonly body?: Exclude<Body, undefined | null>
  /** Set for a stream: `fetch` requires it. */
  readonly duplex?: 'half'
}

const REQUEST = 'Pass { method, url, headers, body }.'

/** Throws unless a request is an object. */
export function checkRequest(request: unknown): void {
  if (!isObject(request)) fail('ERR_INVALID_ARG_TYPE', 'request', 'type', REQUEST)
  for (const name of ['service', 'region', 'signQuery'])
    if (name in request) fail('ERR_INVALID_ARG_VALUE', `request.${name}`, 'unknown', REQUEST)
}

/** Throws because the body cannot be hashed before it is sent. */
export function rejectBody(kinds: string): never {
  fail(
    'ERR_SIGV4_BODY_NOT_HASHABLE',
    'request.body',
    'type',
    `Pass ${kinds}. For a stream or form, pass its SHA-256 as options.payloadHash or, for S3 over HTTPS, 'UNSIGNED-PAYLOAD'.`,
  )
}

/** What to sign: the arguments as they were read, without body, time and credentials. */
export interface SignInput {
  readonly scope: ScopeInput
  readonly method: string
  readonly url: string
  readonly host: string
  /** The canonical URI. */
  readonly uri: string
  /** The canonical query string. */
  readonly query: string
  readonly headers: HeaderRecord
  readonly isSigned: (name: string) => boolean
  readonly hasPayloadHash: boolean
  readonly token: TokenInput
}

/** A request without its signature, and the header that will contain it. */
export interface UnsignedHeader<Body> extends Unsigned {
  readonly method: string
  readonly url: string
  /** The headers of the request and of signing, without `authorization`. */
  readonly headers: HeaderRecord
  /** The value of `authorization` up to the signature. */
  readonly authorization: string
  /** A session token that is not signed. */
  readonly appendedToken: Pair | '' | undefined
  readonly body: Body
}

/**
 * Reads and checks the arguments of a request to sign, which {@link checkRequest} has checked. `scopeReader` is another
 * one for Signature Version 4a.
 */
export function readSign(
  request: UnsignedRequest,
  options: SignOptions<unknown>,
  hosts: HostReader,
  scopeReader = readScope,
): SignInput {
  checkMembers('options', options, OPTIONS)
  const method = readMethod(request.method ?? (hasValue(request.body) ? 'POST' : 'GET'), 'request.method')
  const parts = parseUrl(request.url, 'request.url', REQUEST)
  const { origin, host } = parts
  const scope = scopeReader(parts, options, hosts)
  const { s3 } = scope
  const [path, uri] = readPath(parts, options, s3)
  const headers = readHeaders(request.headers, 'request.headers', host)
  const pairs = readQuery(parts)
  const url = origin + path + (pairs.length ? `?${formatQuery(pairs)}` : '')
  const query = formatQuery(sortPairs(pairs))
  readPayloadHash(options)
  return {
    scope,
    method,
    url,
    host,
    uri,
    query,
    headers,
    isSigned: headerFilter(options),
    hasPayloadHash: readHashHeader(options, requiresPayloadHash(scope.service, options.payloadHash)),
    token: readSessionToken(options, scope, parts, pairs, headers, 'request'),
  }
}

/** Starts the checksum of a body, which will be a header. */
export function startChecksum({ headers }: SignInput, { header, create }: Checksum): RunningChecksum {
  if (typeof create !== 'function') fail('ERR_INVALID_ARG_TYPE', 'options.checksum', 'type')
  if (headers[header]) fail('ERR_INVALID_ARG_VALUE', 'options.checksum', 'conflict')
  return create()
}

/** Completes a request except for its signature. The credentials must be valid at `validAt`, in seconds. */
export function prepareSign<Body>(
  input: SignInput,
  body: Body,
  payloadHash: string,
  credentials: Credentials<unknown>,
  context: RequestContext,
  validAt = context.now,
): UnsignedHeader<Body> {
  const { method, url, host, uri, query, isSigned, hasPayloadHash, token } = input
  // clients send a stream in chunks, with transfer-encoding, which S3 rejects unless the chunks are its own
  if (
    input.scope.s3 &&
    isStream(body) &&
    !/(?:^|,)(?:(?:x-amz-decoded-)?content-length|transfer-encoding)(?:,|$)/.test(Object.keys(input.headers).join())
  )
    fail(
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      'request.headers["content-length"]',
      'missing',
      'S3 requires the length of a stream.',
    )
  checkCredentials(credentials, validAt, token.given)
  const { accessKeyId, sessionToken } = credentials
  const headers: HeaderRecord = {}
  for (const name of Object.keys(input.headers)) headers[name] = input.headers[name]!
  headers['x-amz-date'] = context.amzDate
  if (hasPayloadHash) headers['x-amz-content-sha256'] = payloadHash
  if (token.isSigned && sessionToken) headers[token.name] = sessionToken
  // without a body, clients send a content-length of zero only with POST and PUT
  const hasLength = hasValue(body) || method === 'POST' || method === 'PUT'
  const names = signedNames(headers, isSigned).filter((name) => hasLength || name !== 'content-length')
  const signedHeaders = names.join(';')
  const lines = canonicalHeaders(headers, names, host)
  return {
    context,
    canonicalRequest: formatCanonicalRequest({ method, uri, query, headers: lines, signedHeaders, payloadHash }),
    method,
    url,
    headers,
    authorization: `${context.algorithm} Credential=${accessKeyId}/${context.scope}, SignedHeaders=${signedHeaders}, Signature=`,
    appendedToken: token.isSigned ? undefined : sessionToken && [token.name, sessionToken],
    body,
  }
}

/** Adds the signature to a request. */
export function signed<Body>(
  { method, url, headers, authorization, appendedToken, body }: UnsignedHeader<Body>,
  signature: string,
): SignedRequest<Body> {
  headers.authorization = authorization + signature
  if (appendedToken) headers[appendedToken[0]] = appendedToken[1]
  const result: { -readonly [Name in keyof SignedRequest<Body>]: SignedRequest<Body>[Name] } = { method, url, headers }
  if (!hasValue(body)) return result
  result.body = body
  if (isStream(body)) result.duplex = 'half'
  return result
}

function isStream(body: unknown): boolean {
  return hasTag(body, 'ReadableStream') || Symbol.asyncIterator in Object(body)
}

function hasValue<Value>(value: Value): value is Exclude<Value, undefined | null> {
  return value !== undefined && value !== null
}
