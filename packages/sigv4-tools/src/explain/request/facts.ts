import { ALGORITHM_4A } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { decode, toOctets } from '../../../../../src/internal/encoding.ts'
import { fail } from '../../../../../src/internal/errors.ts'
import {
  bodyContent,
  PRESIGNED_PARAMETERS,
  REGION_SET_HEADER,
  SESSION_HEADER,
  TOKEN_HEADER,
} from '../../../../../src/internal/http.ts'
import { isObject } from '../../../../../src/internal/options.ts'
import { type ReceivedRequest, readReceived, readSignature } from '../../../../../src/internal/received.ts'
import { sha256Hex } from '../../../../../src/internal/sha256.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import { CLUSTER_HEADER, parseToken, type Token, tokenOf, type WrittenUrl } from '../../formats/token.ts'
import { isSecretShaped } from '../../redaction/find.ts'
import { bytesOf, fromAnyOctets, octetsOf } from './octets.ts'

// Parses a request as it was sent, without validation: anything unusual may be the cause.

/** A request as it was sent. A `Request` or Node's `IncomingMessage` can be passed directly. */
export type RequestAsSent = Omit<ReceivedRequest, 'headers'> & {
  /** The headers as they were sent. @default unknown: headers are not reported as missing */
  readonly headers?: ReceivedRequest['headers'] | undefined
  /** The target as it was sent. @default `url` */
  readonly target?: string | undefined
  /** The SHA-256 of the body in lowercase hex, if the body itself is not available. @default that of `body` */
  readonly bodyHash?: string | undefined
  /** Whether only some of its headers are shown, so that the others are not missing. @default false */
  readonly isPartial?: boolean | undefined
  /** Whether this is the request as the service received it, so that nothing can have changed it since. @default false */
  readonly isReceived?: boolean | undefined
}

/** A query parameter as it was sent; `value` is `undefined` without `=`. */
export interface Parameter {
  readonly name: string
  readonly value: string | undefined
  /** The name, decoded. Computed once, because that is slow if it is malformed. */
  readonly decoded: string
}

/** Location of the signature in a request. */
export type SignatureLocation = 'header' | 'query' | 'post'

/** The signature that a request states, unmodified. */
export interface Claim {
  readonly algorithm: string | undefined
  readonly credential: string | undefined
  readonly accessKeyId: string | undefined
  /** Date, region, service and terminator of the credential scope, if present. With Signature Version 4a, the region is a set. */
  readonly scope: readonly string[]
  /** Whether the signature is one of Signature Version 4a, which is not verified here. */
  readonly is4a: boolean
  readonly signedHeaders: readonly string[]
  readonly signature: string | undefined
  readonly date: string | undefined
  readonly expires: string | undefined
  readonly sessionToken: string | undefined
}

/** A parsed request. */
export interface ParsedRequest {
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** Names in lowercase, values unchanged; those of a repeated name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** The host of an absolute URL, which may not be that of the Host header. */
  readonly urlHost: string | undefined
  readonly body: Uint8Array | undefined
  /** The SHA-256 of a body that is not available. */
  readonly bodyHash: string | undefined
  /** Fields of a POST form, names in lowercase. */
  readonly form: ReadonlyMap<string, string> | undefined
  readonly location: SignatureLocation | undefined
  readonly claim: Claim
  /** The token that the URL is, if it is one. */
  readonly token: Token | undefined
  /** The URL as written. */
  readonly written: WrittenUrl
  /** Whether a part of the URL was replaced by an ellipsis before it was shown. */
  readonly isCut: boolean
}

/** A broker of Amazon MSK, for which AWS_MSK_IAM signs a URL; the token of OAUTHBEARER is for the service, and encoded. */
const BROKER = /\.kafka(?:-serverless)?\.[\w-]+\.amazonaws\.com(?:\.cn)?(?::\d+)?$/

/** Reads a request as it was sent. */
export function parseRequest(request: RequestAsSent): ParsedRequest {
  // clients send a user name and password elsewhere
  const given = request.target ?? request.url ?? ''
  const written = parseToken(given.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1'))
  const { url } = written
  const { method, path, query, headers } = readReceived({ ...plain(request), url }, undefined)
  const [, urlHost] = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url) ?? []
  const all = parametersOf(query)
  const content = bodyContent(request.body)
  const body =
    request.body === undefined || content === undefined
      ? undefined
      : typeof content === 'string'
        ? bytesOf(toOctets(content))
        : content
  const form = parseForm(boundaryOf(headers['content-type']), body)
  const isWhole = PRESIGNED_PARAMETERS.every((name) => url.includes(`${name}=`))
  const isCut = /(?:\.{3}|…)$/.test(url) || (!isWhole && /^[^?]*\?.*(?:\.{3}|…)/.test(url))
  const { location, claim } = readClaim(all, headers, form)
  const isEks = written.form === 'k8s-aws-v1.' || claim.signedHeaders.includes(CLUSTER_HEADER)
  const isToken = location === 'query' && !(written.form === 'URL' && BROKER.test(headers.host ?? urlHost ?? ''))
  const token = isToken
    ? tokenOf(claim.scope[2], parameterValue(all, 'action'), isEks, written.form === 'bare')
    : undefined
  const parameters = token ? all.filter(({ name }) => name !== token.unsigned) : all
  const bodyHash = body === undefined ? request.bodyHash : undefined
  return { method, path, parameters, headers, urlHost, body, bodyHash, form, location, claim, token, written, isCut }
}

/** The SHA-256 of the body; `undefined` if it is unknown. */
export function hashOfBody({ body, bodyHash }: Pick<ParsedRequest, 'body' | 'bodyHash'>): string | undefined {
  return body ? sha256Hex(body) : bodyHash
}

/** Copies members, since those of `Request` or `IncomingMessage` are inherited. */
function plain({ method, headers, rawHeaders }: RequestAsSent): ReceivedRequest {
  // a list is checked when its headers are read
  if (!Array.isArray(rawHeaders ?? []))
    fail('ERR_INVALID_ARG_TYPE', 'request.rawHeaders', 'type', 'Pass names and values in turn, as strings.')
  if (!isObject(headers)) return { method, headers: headers ?? {} }
  const raw = rawHeaders?.flatMap((name, i): [string, string][] => (i % 2 ? [] : [[name, rawHeaders[i + 1] ?? '']]))
  const pairs = raw ?? (Symbol.iterator in headers ? [...headers] : Object.entries(headers))
  if (!pairs.every((pair) => Array.isArray(pair)))
    fail('ERR_INVALID_ARG_TYPE', 'request.headers', 'type', 'Pass an object, a Headers, or a list of pairs.')
  const kept = pairs.flatMap(([name, value]) =>
    [value].flat().flatMap((each): [string, string][] => (each === undefined || each === null ? [] : [[name, each]])),
  )
  return { method, headers: kept, rawHeaders: raw && kept.flat() }
}

/** Splits a query string, without changing its parameters. */
export function parametersOf(query: string): Parameter[] {
  return query === '' ? [] : query.split('&').map(parameter)
}

export function parameter(part: string): Parameter {
  const equals = part.indexOf('=')
  const name = equals < 0 ? part : part.slice(0, equals)
  return { name, value: equals < 0 ? undefined : part.slice(equals + 1), decoded: decode(name) }
}

/** The decoded value of the first parameter with a name, in any case. */
function parameterValue(parameters: readonly Parameter[], name: string): string | undefined {
  const found = parameters.find(({ decoded }) => decoded.toLowerCase() === name)
  return found && decode(found.value ?? '')
}

/** Placeholders at the start of a value, which is never that of a scheme. */
const MASK_START = /^(?:[*…]|\.{3}|[xX]{3}|[<[{(]|redacted|hidden)/i

function readClaim(
  parameters: readonly Parameter[],
  headers: ParsedRequest['headers'],
  form: ParsedRequest['form'],
): { location: SignatureLocation | undefined; claim: Claim } {
  const { authorization } = headers
  const isHeader = authorization !== undefined
  const fields = form?.has('x-amz-signature') || form?.has('policy') ? form : undefined
  const get = (name: string): string | undefined => (fields ? fields.get(name) : parameterValue(parameters, name))
  const { algorithm, credential, signedHeaders, signature } = isHeader
    ? readSignature(authorization)
    : {
        algorithm: get('x-amz-algorithm'),
        credential: get('x-amz-credential'),
        signedHeaders: get('x-amz-signedheaders'),
        signature: get('x-amz-signature'),
      }
  // a shell that cuts the URL at an & keeps the algorithm
  const isSigned = [credential, signature, algorithm].some((part) => part !== undefined)
  const is4a = isVersion4a(algorithm, signature)
  const regionSet = isHeader ? headers[REGION_SET_HEADER] : get(REGION_SET_HEADER)
  const token = headers[TOKEN_HEADER] ?? headers[SESSION_HEADER]
  return {
    location: isHeader ? 'header' : fields ? 'post' : isSigned ? 'query' : undefined,
    claim: {
      algorithm: isHeader && isHidden(authorization) ? undefined : algorithm,
      // of a URL, it is decoded already
      ...readCredential(
        credential,
        isHeader || fields ? decode(credential ?? '') : credential,
        is4a ? (regionSet ?? '') : undefined,
      ),
      is4a,
      signedHeaders: signedHeaders?.split(';') ?? [],
      signature: shownOf(signature),
      date: isHeader ? (headers['x-amz-date'] ?? headers.date) : get('x-amz-date'),
      expires: isHeader ? undefined : get('x-amz-expires'),
      sessionToken: isHeader ? token : (get(TOKEN_HEADER) ?? get(SESSION_HEADER) ?? token),
    },
  }
}

/** Returns whether a header was replaced by a placeholder, or only the start of its value. */
function isHidden(authorization: string): boolean {
  const value = authorization.replace(/^AWS4-[A-Z\d-]+\s+/, '')
  return MASK_START.test(value) || (!value.includes('=') && isMasked(value))
}

/** A signature, unless it was replaced by a placeholder before the request was shown. */
function shownOf(signature: string | undefined): string | undefined {
  return isMasked(signature) || /^[A-Z_]+$/.test(signature ?? '') ? undefined : signature
}

/**
 * Reads a credential from the right, because an access key ID may contain a slash. Parts in a placeholder are unknown.
 * With Signature Version 4a, the region is not in the credential, but in a set of regions. `plain`: without escapes.
 */
function readCredential(
  credential: string | undefined,
  plain: string | undefined,
  regionSet: string | undefined,
): Pick<Claim, 'credential' | 'accessKeyId' | 'scope'> {
  const parts = (plain ?? '').split('/')
  const [id = '', date = ''] = parts
  const isDated = /^\d{8}$/.test(date) || parts.length > 4
  if (parts.slice(1).some(isMasked) || (!isDated && (isMasked(id) || lacksDate(parts)))) {
    const scope = parts.length > 4 ? parts.slice(-4) : parts.length > 3 ? ['…', ...parts.slice(-3)] : []
    return { credential: undefined, accessKeyId: undefined, scope }
  }
  if (regionSet !== undefined && parts.length > 2) parts.splice(-2, 0, regionSet)
  const end = parts.length < 5 ? 1 : -4
  return { credential, accessKeyId: parts.slice(0, end).join('/') || undefined, scope: parts.slice(end) }
}

/** Returns whether the access key ID of a request is the secret of the credentials, or looks like one. Local servers have keys such as test and test. */
export function isSecretAsId({ accessKeyId = '' }: Claim, secrets?: SecretCredentials): boolean {
  const isSecret = accessKeyId === secrets?.secretAccessKey || isSecretShaped(accessKeyId)
  return isSecret && accessKeyId !== secrets?.accessKeyId
}

/** The name of an AWS region. */
export const REGION = /^[a-z]{2,5}(?:-[a-z]+)+-\d$/

/** Returns whether a credential lacks its date, and nothing else: no signer leaves that out. */
function lacksDate(parts: readonly string[]): boolean {
  const [, region = '', , terminator] = parts
  return parts.length === 4 && REGION.test(region) && terminator === 'aws4_request'
}

/** RFC 2046 allows 70 characters. */
const LONGEST_BOUNDARY = 256

/** Returns the boundary of a form's fields; `undefined` for other content types. */
export function boundaryOf(contentType = ''): string | undefined {
  const [, quoted, bare = quoted] = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  return bare !== undefined && bare.length <= LONGEST_BOUNDARY ? bare : undefined
}

function parseForm(
  boundary: string | undefined,
  body: Uint8Array | undefined,
): ReadonlyMap<string, string> | undefined {
  if (boundary === undefined || !body) return undefined
  const text = octetsOf(body.subarray(0, 262_144)) // the fields of a form, not its file
  const fields = new Map<string, string>()
  for (const part of text.split(`--${boundary}`).slice(1)) {
    const end = part.indexOf('\r\n\r\n')
    const [, name] = /name="([^"]*)"/i.exec(part.slice(0, end)) ?? []
    if (end < 0 || name === undefined) continue
    if (name.toLowerCase() === 'file') break
    if (!fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), fromAnyOctets(part.slice(end + 4).replace(/\r\n$/, '')))
  }
  return fields
}

/** Returns whether a value is the string that programs make of an unset variable: a cause, never a secret. */
export function isEmptied(value = ''): boolean {
  return /^(?:undefined|null|None|nil|\[object Object\]|x-amz-security-token)$/i.test(value)
}

/** Returns whether a request has Signature Version 4a. With a signature of 64 digits, only the name of its algorithm is wrong. */
function isVersion4a(algorithm: string | undefined, signature = ''): boolean {
  return algorithm === ALGORITHM_4A && !/^[\da-f]{64}$/i.test(signature)
}
