import { hasBareEscape } from '../core/encoding/percent.ts'
import { formatQuery, type Pair, parseQuery, sortPairs } from '../core/http/query.ts'
import type { Received } from '../core/http/received-request.ts'
import {
  type CanonicalRequest,
  canonicalHeaders,
  canonicalUri,
  type PathEncoding,
  type PathNormalization,
} from '../core/signing/canonical-request.ts'
import { isS3, type Scope } from '../core/signing/scope.ts'
import { type ErrorDetails, reject } from '../core/verify-error.ts'
import {
  type Authorization,
  mismatch,
  parseAuthorization,
  parsePresigned,
  rejectRepeated,
  rejectTarget,
  schemeOf,
  signingParameters,
} from './authorization.ts'
import { headerValidity, presignedValidity, type ValidityOptions } from './validity.ts'

/** Options that determine which requests are accepted. */
export interface AcceptanceOptions extends ValidityOptions {
  /** Accepted regions. @default any; the result contains it */
  readonly region?: string | readonly string[] | undefined
  /** Accepted services. @default any; the result contains it */
  readonly service?: string | readonly string[] | undefined
  /** Headers that must be signed if present, in addition to `host` and `x-amz-*`. @default none */
  readonly requireSigned?: readonly string[] | undefined
  /** `x-amz-*` headers that may be unsigned because a proxy adds them, such as `x-amz-cf-id`. @default none */
  readonly unsignedHeaders?: readonly string[] | undefined
  /** How many times the path was encoded for the canonical request. @default `'single'` for S3, otherwise `'double'` */
  readonly pathEncoding?: PathEncoding | undefined
  /** Whether the canonical request resolved empty and dot segments. @default `'none'` for S3, otherwise `'rfc3986'` */
  readonly pathNormalization?: PathNormalization | undefined
  /** `'appended'`: the security token was added after signing. @default `'signed'` */
  readonly sessionTokenPlacement?: 'signed' | 'appended' | undefined
}

/** A request's claims, consistent and accepted; its signature is not verified yet. */
export interface Claim extends Authorization {
  /** When it was signed, seconds since 1970. */
  readonly time: number
  readonly amzDate: string
  /** When it expires, seconds since 1970: presigned only. */
  readonly expiry: number | undefined
  readonly sessionToken: string | undefined
  /** `false` for a token that was added after signing, and may be anyone's. */
  readonly isTokenSigned: boolean
  /** The payload hash in the canonical request; `undefined`: the hash of the body itself. */
  readonly payloadHash: string | undefined
  /** Hash that the body must have although the signature does not cover it. */
  readonly unsignedHash: string | undefined
  readonly s3: boolean
  /** The signed query parameters, encoded. */
  readonly query: readonly Pair[]
}

/** Reads a request's claims about its signature and rejects those that are not accepted. `now` in seconds. */
export function readClaim(received: Received, options: AcceptanceOptions, now: number): Claim {
  const { headers, repeated } = received
  if (hasBareEscape(received.target) || /[\ud800-\udfff]/u.test(received.target)) rejectTarget()
  const pairs = parseQuery(received.query)
  const parameters = signingParameters(pairs)
  const header = headers.authorization
  const legacy = pairs.some(([name]) => name === 'Signature')
  if (header !== undefined && (parameters.size || legacy || repeated.has('authorization')))
    reject(
      'ERR_SIGV4_AUTH_AMBIGUOUS',
      'InvalidArgument',
      400,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) },
    )
  if (header === undefined && !parameters.size) {
    if (legacy)
      reject(
        'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
        'InvalidRequest',
        400,
        'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      )
    reject('ERR_SIGV4_AUTH_MISSING', 'AccessDenied', 403, 'Access Denied')
  }
  const authorization = header === undefined ? parsePresigned(parameters) : parseAuthorization(header)
  const [parameter, token] = [parameters.get('X-Amz-Security-Token'), headers['x-amz-security-token']]
  if (parameter !== undefined && token !== undefined && parameter !== token) rejectRepeated('X-Amz-Security-Token')
  const { location, scope } = authorization
  const s3 = isS3(scope.service)
  const [problem, details] = scopeMismatch(scope, options) ?? []
  if (problem) mismatch(location, problem, details)
  const { amzDate, time, expiry } =
    location === 'header' ? headerValidity(headers, now, options) : presignedValidity(parameters, now, options)
  const day = amzDate.slice(0, 8)
  if (scope.date !== day)
    mismatch(location, `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${day}".`)
  checkSigned(received, authorization, options)
  const isAppended = options.sessionTokenPlacement === 'appended'
  // a signed name without a header covers no parameter
  const isTokenSigned =
    !isAppended || (token !== undefined && authorization.signedHeaders.includes('x-amz-security-token'))
  const unsigned = isAppended ? ['X-Amz-Signature', 'X-Amz-Security-Token'] : ['X-Amz-Signature']
  const { payloadHash, unsignedHash } = statedPayload(received, authorization, pairs, s3)
  return {
    ...authorization,
    time,
    amzDate,
    expiry,
    sessionToken: parameter ?? token,
    isTokenSigned,
    payloadHash,
    unsignedHash,
    s3,
    query: pairs.filter(([name]) => !unsigned.includes(name)),
  }
}

/** Rebuilds the canonical request that should have been signed. */
export function canonicalRequestOf(
  { method, path, headers }: Received,
  { s3, signedHeaders, query }: Claim,
  options: AcceptanceOptions,
  payloadHash: string,
): CanonicalRequest {
  const { pathEncoding = s3 ? 'single' : 'double', pathNormalization = s3 ? 'none' : 'rfc3986' } = options
  return {
    method,
    // S3 decodes + as a space
    uri: canonicalUri(s3 ? path.replaceAll('+', '%20') : path, pathEncoding, pathNormalization),
    query: formatQuery(sortPairs([...query])),
    headers: canonicalHeaders(headers, signedHeaders),
    signedHeaders: signedHeaders.join(';'),
    payloadHash,
  }
}

/** Returns why a scope is not accepted, in AWS's words, and the response details; nothing if it is accepted. */
export function scopeMismatch(
  { service, region }: Scope,
  accepted: Pick<AcceptanceOptions, 'service' | 'region'>,
): readonly [problem: string, details?: ErrorDetails] | undefined {
  const [services, regions] = [listOf(accepted.service), listOf(accepted.region)]
  if (services && !services.includes(service))
    return [`incorrect service "${service}". This endpoint belongs to "${services[0]}".`]
  if (regions && !regions.includes(region))
    return [`the region '${region}' is wrong; expecting '${regions[0]}'`, { Region: String(regions[0]) }]
  return undefined
}

function listOf(names: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof names === 'string' ? [names] : names
}

/** Rejects a request with headers that could have been changed or added after signing. */
function checkSigned(
  { headers, repeated, altered }: Received,
  { signedHeaders }: Authorization,
  options: AcceptanceOptions & { readonly host?: string | undefined },
): void {
  const lower = (names: readonly string[] = []): string[] => names.map((name) => name.toLowerCase())
  const [required, exempt] = [lower(options.requireSigned), lower(options.unsignedHeaders)]
  exempt.push('x-amz-content-sha256') // its value is the payload hash, which is signed
  if (options.sessionTokenPlacement === 'appended') exempt.push('x-amz-security-token')
  const signed = new Set(signedHeaders)
  for (const name of altered) {
    if (options.host !== undefined && (name === 'host' || name === ':authority')) continue
    // of some headers that were sent twice, Node passes on the first one only; it matters if the header is signed
    if (!repeated.has(name))
      rejectHeader('AMBIGUOUS', `The header ${name} has different values in headers and rawHeaders.`)
    if (signed.has(name)) rejectHeader('AMBIGUOUS', `The signed header ${name} must be sent only once.`)
  }
  // the canonical form would fold them into a space, and an application may read them as the end of the header
  const folded = signedHeaders.find((name) => /[\n-\r]/.test(headers[name] ?? ''))
  if (folded !== undefined) rejectHeader('MALFORMED', `The signed header ${folded} contains a control character.`)
  const isMissing = (name: string): boolean =>
    !signed.has(name) && (required.includes(name) || (name.startsWith('x-amz-') && !exempt.includes(name)))
  const missing = Object.keys(headers).filter(isMissing).sort()
  if (!signed.has('host')) missing.unshift('host')
  if (missing.length)
    reject(
      'ERR_SIGV4_HEADER_NOT_SIGNED',
      'AccessDenied',
      403,
      'There were headers present in the request which were not signed',
      { HeadersNotSigned: missing.join(', ') },
    )
}

function rejectHeader(reason: 'AMBIGUOUS' | 'MALFORMED', message: string): never {
  reject(`ERR_SIGV4_AUTH_${reason}`, 'InvalidRequest', 400, message)
}

/** Returns the payload hashes that the request specifies: the signed one and the unsigned one. */
function statedPayload(
  { headers }: Received,
  { location, signedHeaders }: Authorization,
  pairs: readonly Pair[],
  s3: boolean,
): Pick<Claim, 'payloadHash' | 'unsignedHash'> {
  const name = 'x-amz-content-sha256'
  const header = headers[name]
  let stated: string | undefined = header
  let unsignedHash: string | undefined
  if (location === 'query') {
    const parameters = pairs.filter(([name]) => name === 'X-Amz-Content-Sha256')
    if (parameters.length > 1) rejectRepeated('X-Amz-Content-Sha256')
    const parameter = parameters[0]?.[1]
    const signed = signedHeaders.includes(name) ? header : undefined
    stated = parameter ?? signed ?? (s3 ? 'UNSIGNED-PAYLOAD' : undefined)
    if (header !== stated) unsignedHash = header
  } else if (stated === undefined && s3)
    reject('ERR_SIGV4_AUTH_MALFORMED', 'InvalidRequest', 400, `Missing required header for this request: ${name}`)
  const isWrong = (value: string | undefined, pattern: RegExp): boolean => value !== undefined && !pattern.test(value)
  // the chunks that an unsigned header declares would not be checked
  if (isWrong(stated, PAYLOAD) || isWrong(unsignedHash, SHA256))
    reject(
      'ERR_SIGV4_AUTH_MALFORMED',
      'InvalidArgument',
      400,
      `${name} must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.`,
      { ArgumentName: name, ArgumentValue: isWrong(stated, PAYLOAD) ? stated! : unsignedHash! },
    )
  // anyone can send it with another body, so it must not replace a hash that was signed
  if (unsignedHash !== undefined && stated !== undefined && stated !== 'UNSIGNED-PAYLOAD')
    rejectHeader('AMBIGUOUS', `The header ${name} differs from the signed value.`)
  return { payloadHash: stated, unsignedHash }
}

const SHA256 = /^[\da-f]{64}$/

const PAYLOAD =
  /^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?|STREAMING-UNSIGNED-PAYLOAD-TRAILER)$/
