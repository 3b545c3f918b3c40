import { fail } from '../errors.ts'
import {
  CHECKSUM_PREFIX,
  type HeaderRecord,
  type HeadersInput,
  headerFilter,
  readHeaders,
  signedNames,
} from '../http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../http/query.ts'
import { parseUrl, type UrlLike } from '../http/url.ts'
import { hasTag, isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import { requiresPayloadHash } from '../services.ts'
import { type CanonicalRequest, canonicalHeaders } from './canonical-request.ts'
import { type Credentials, checkCredentials } from './credentials.ts'
import type { Checksum, RunningChecksum, SignOptions } from './options.ts'
import { readHashHeader, readPayloadHash } from './payload.ts'
import type { AnyScopeInput, ScopeInput, ScopeReader } from './scope.ts'
import { readSessionToken, type TokenInput } from './session-token.ts'
import type { AnyContext, RequestContext, SigningContext, Unsigned } from './string-to-sign.ts'
import { readMethod, readPath, readQuery } from './target.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials region service payloadHash payloadHashHeader now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders checksum',
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

/**
 * Members by which other clients and signers describe a request. Ignoring one would sign a different request than was
 * meant: without a body, or for a different path. The options of `fetch` are not among them.
 */
const FOREIGN =
  /^(?:baseURL|data|form|host(?:name)?|json|params|path(?:name)?|port|protocol|qs|query|region|searchParams|service|signQuery|uri)$/

/** Throws unless a request is an object without members that would be ignored. */
export function checkRequest(request: unknown): void {
  if (!isObject(request)) fail('ERR_INVALID_ARG_TYPE', 'request', 'type', REQUEST)
  for (const name of Object.keys(request))
    if (FOREIGN.test(name) && request[name as never] !== undefined)
      fail('ERR_INVALID_ARG_VALUE', `request.${name}`, 'unknown', REQUEST)
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

/** The parsed arguments of `sign`, without body, time, and credentials. */
export interface SignInput<Scope extends AnyScopeInput = ScopeInput> {
  readonly scope: Scope
  readonly method: string
  readonly url: string
  readonly host: string
  /** The canonical URI. */
  readonly uri: string
  /** The canonical query string. */
  readonly query: string
  readonly headers: HeaderRecord
  readonly isSigned: (name: string) => boolean
  /** The hash in the options. */
  readonly payloadHash: string | undefined
  /** Whether signing adds it as a header. */
  readonly hasPayloadHash: boolean
  readonly checksum: Checksum | undefined
  readonly token: TokenInput
}

/** The body of a request, and its payload hash. */
export interface Content<Body = undefined> {
  readonly body: Body
  readonly payloadHash: string
  /** A header that contains its checksum. */
  readonly checksum?: Pair | undefined
}

/** A request without its signature. */
export interface UnsignedHeader<Body, Context extends AnyContext = RequestContext> extends Unsigned<Context> {
  readonly url: string
  /** The headers of the request and of signing, without `authorization`. */
  readonly headers: HeaderRecord
  /** Whether signing adds `x-amz-content-sha256`. */
  readonly hasPayloadHash: boolean
  /** The header of the session token, signed or not. */
  readonly token: Pair | undefined
  readonly accessKeyId: string
  readonly body: Body
}

/** Reads and checks the arguments of a request to sign, which {@link checkRequest} has checked. */
export function readSign<Scope extends AnyScopeInput>(
  request: UnsignedRequest,
  options: SignOptions<unknown>,
  readScope: ScopeReader<Scope>,
): SignInput<Scope> {
  checkMembers('options', options, OPTIONS)
  const method = readMethod(request.method ?? (hasValue(request.body) ? 'POST' : 'GET'), 'request.method')
  const parts = parseUrl(request.url, 'request.url', REQUEST)
  const { origin, host } = parts
  const scope = readScope(parts, options)
  const { s3 } = scope
  const [path, uri] = readPath(parts, options, s3)
  const headers = readHeaders(request.headers, 'request.headers', host)
  const pairs = readQuery(parts)
  const url = origin + path + (pairs.length ? `?${formatQuery(pairs)}` : '')
  const query = formatQuery(sortPairs(pairs))
  const payloadHash = readPayloadHash(options)
  const isSigned = headerFilter(options)
  // without its hash, or with a checksum, a stream is rejected in any case
  if (s3 && payloadHash !== undefined && !options.checksum && isStream(request.body)) checkLength(headers)
  // without a body, clients send a content-length of zero only with POST and PUT
  const hasLength = hasValue(request.body) || method === 'POST' || method === 'PUT'
  return {
    scope,
    method,
    url,
    host,
    uri,
    query,
    headers,
    isSigned: hasLength ? isSigned : (name) => name !== 'content-length' && isSigned(name),
    payloadHash,
    checksum: options.checksum,
    hasPayloadHash: readHashHeader(options, requiresPayloadHash(scope.service, payloadHash)),
    token: readSessionToken(options, scope, parts, pairs, headers, 'request'),
  }
}

/** Throws for a stream that clients send in chunks, with transfer-encoding, which S3 rejects unless the chunks are its own. */
function checkLength(headers: HeaderRecord): void {
  if (/(?:^|,)(?:(?:x-amz-decoded-)?content-length|transfer-encoding)(?:,|$)/.test(Object.keys(headers).join())) return
  fail(
    'ERR_SIGV4_REQUEST_UNSENDABLE',
    'request.headers["content-length"]',
    'missing',
    'S3 requires the length of a stream.',
  )
}

/** Throws unless a checksum is an implementation. */
export function checkImplementation({ algorithm, create }: Checksum): void {
  if (typeof create !== 'function' || typeof algorithm !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'options.checksum', 'type', "Pass crc32c of 'sigv4/streams', not its name.")
}

/** Starts the checksum of a body, which will be a header. Returns the header, and the checksum. */
export function startChecksum(
  { headers }: Pick<SignInput, 'headers'>,
  checksum: Checksum,
): readonly [header: string, running: RunningChecksum] {
  checkImplementation(checksum)
  const header = CHECKSUM_PREFIX + checksum.algorithm.toLowerCase()
  if (headers[header]) fail('ERR_INVALID_ARG_VALUE', 'options.checksum', 'conflict')
  return [header, checksum.create()]
}

/** Completes a request except for its signature. The credentials must be valid at `validAt`, epoch milliseconds. */
export function prepareSign<Body, Context extends AnyContext>(
  input: SignInput<AnyScopeInput>,
  { body, payloadHash, checksum }: Content<Body>,
  credentials: Credentials<unknown>,
  context: Context,
  validAt = context.actualTime * 1000,
): UnsignedHeader<Body, Context> {
  const { method, url, host, uri, query, isSigned, hasPayloadHash } = input
  const { name, isSigned: isTokenSigned, given } = input.token
  checkCredentials(credentials, validAt, given)
  const { accessKeyId, sessionToken } = credentials
  const headers: HeaderRecord = {}
  for (const name of Object.keys(input.headers)) headers[name] = input.headers[name]!
  if (checksum) headers[checksum[0]] = checksum[1]
  headers['x-amz-date'] = context.amzDate
  if (hasPayloadHash) headers['x-amz-content-sha256'] = payloadHash
  if (isTokenSigned && sessionToken) headers[name] = sessionToken
  const names = signedNames(headers, isSigned)
  const lines = canonicalHeaders(headers, names, host)
  return {
    context,
    parts: { method, uri, query, headers: lines, signedHeaders: names.join(';'), payloadHash },
    url,
    headers,
    hasPayloadHash,
    token: sessionToken ? [name, sessionToken] : undefined,
    accessKeyId,
    body,
  }
}

/** Adds the signature to a request. */
export function signed<Body>(unsigned: UnsignedHeader<Body, AnyContext>, signature: string): SignedRequest<Body> {
  const { url, headers, token, body } = unsigned
  const { method } = unsigned.parts
  headers.authorization = formatAuthorization(unsigned, signature)
  if (token) headers[token[0]] = token[1]
  const result: { -readonly [Name in keyof SignedRequest<Body>]: SignedRequest<Body>[Name] } = { method, url, headers }
  if (!hasValue(body)) return result
  result.body = body
  if (isStream(body)) result.duplex = 'half'
  return result
}

/** Returns the headers to add to a request that is sent as it is. */
export function headersToAdd(unsigned: UnsignedHeader<unknown, AnyContext>, signature: string): Pair[] {
  const { context, parts, hasPayloadHash, token } = unsigned
  const pairs: Pair[] = [['x-amz-date', context.amzDate]]
  if (hasPayloadHash) pairs.push(['x-amz-content-sha256', parts.payloadHash])
  if (token) pairs.push(token)
  pairs.push(['authorization', formatAuthorization(unsigned, signature)])
  return pairs
}

/** The parts of an `authorization` header other than the signature. */
interface SignerParts {
  readonly context: Pick<SigningContext, 'algorithm' | 'scope'>
  readonly parts: Pick<CanonicalRequest, 'signedHeaders'>
  readonly accessKeyId: string
}

export function formatAuthorization({ context, parts, accessKeyId }: SignerParts, signature: string): string {
  const credential = `${accessKeyId}/${context.scope}`
  return `${context.algorithm} Credential=${credential}, SignedHeaders=${parts.signedHeaders}, Signature=${signature}`
}

function isStream(body: unknown): boolean {
  return hasTag(body, 'ReadableStream') || Symbol.asyncIterator in Object(body)
}

function hasValue<Value>(value: Value): value is Exclude<Value, undefined | null> {
  return value !== undefined && value !== null
}
