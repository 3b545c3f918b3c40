import { hasBareEscape } from '../core/encoding/percent.ts'
import { REGION_SET_HEADER } from '../core/http/headers.ts'
import { type Pair, parseQuery } from '../core/http/query.ts'
import { isS3 } from '../core/services.ts'
import type { PathEncoding, PathNormalization } from '../core/signing/canonical-request.ts'
import type { SessionTokenPlacement } from '../core/signing/options.ts'
import { type Payload, parsePayload } from '../core/signing/payload.ts'
import type { Scope } from '../core/signing/scope.ts'
import type { SignatureAlgorithm } from '../crypto/algorithm.ts'
import { type Coverage, statedHash } from '../received/canonicalize.ts'
import { checkScopeDate, checkUnsigned, tokenParameters } from '../received/claim.ts'
import {
  AUTH_MISSING,
  AUTH_TWICE,
  HASH_DIFFERS,
  HASH_FORMAT,
  HASH_MISSING,
  HEADER_ALTERED,
  HEADER_FOLDED,
  HEADER_REPEATED,
  HEADER_REQUIRED,
  PARAMETER_REPEATED,
  SCOPE_REGION,
  SCOPE_SERVICE,
  SIGNATURE_V2,
  TARGET,
} from '../received/refusals.ts'
import type { Received } from '../received/request.ts'
import {
  type Authorization,
  parseAuthorization,
  parsePresigned,
  readSigningParameters,
  schemeOf,
} from './authorization.ts'
import { type ClaimLocation, refuse, refuseProblem } from './refuse.ts'
import { headerValidity, presignedValidity, type ValidityOptions } from './validity.ts'

/** Options that determine which requests are accepted. */
export interface AcceptanceOptions extends ValidityOptions {
  /** Algorithms to accept besides Signature Version 4: `sigv4a` of `sigv4/sigv4a`. @default none */
  readonly algorithms?: readonly SignatureAlgorithm[] | undefined
  /** Accepted regions. @default any; the result contains it */
  readonly region?: string | readonly string[] | undefined
  /** Accepted services. @default any; the result contains it */
  readonly service?: string | readonly string[] | undefined
  /** Headers that every request must contain and sign. A request without one is rejected. @default none */
  readonly requireSigned?: readonly string[] | undefined
  /** Headers that may be missing, but must be signed if present, as `host` and `x-amz-*` must be. @default none */
  readonly signedIfPresent?: readonly string[] | undefined
  /** `x-amz-*` headers that may be unsigned because a proxy adds them, such as `x-amz-cf-id`. @default none */
  readonly allowUnsigned?: readonly string[] | undefined
  /** Number of times that the path was encoded for the canonical request. @default `'single'` for S3, otherwise `'double'` */
  readonly pathEncoding?: PathEncoding | undefined
  /** Whether the canonical request resolved empty and dot segments. @default `'none'` for S3, otherwise `'rfc3986'` */
  readonly pathNormalization?: PathNormalization | undefined
  /** `'appended'`: the session token was added after signing. @default `'signed'` */
  readonly sessionTokenPlacement?: SessionTokenPlacement | undefined
}

/** `host` has replaced the headers that name the host, so what they were is ignored. */
type ClaimOptions = AcceptanceOptions & { readonly host?: string | undefined }

/** A request's claims, consistent and accepted; its signature is not verified yet. */
export interface Claim extends Authorization, Coverage {
  /** Signing time, seconds since 1970. */
  readonly time: number
  readonly amzDate: string
  /** Expiration, seconds since 1970: presigned only. */
  readonly expiry: number | undefined
  readonly sessionToken: string | undefined
  /** `false` for a token that was added after signing, or with an unsigned header, and may be anyone's. */
  readonly isTokenSigned: boolean
  /** The payload that the canonical request states; `undefined`: the hash of the body itself. */
  readonly payload: Payload | undefined
  /** Hash that the body must have although the signature does not cover it. */
  readonly unsignedHash: string | undefined
}

/** Reads a request's claims about its signature and rejects those that are not accepted. `serverTime` in seconds since 1970. */
export function readClaim(received: Received, options: ClaimOptions, serverTime: number): Claim {
  const { headers, repeated } = received
  if (hasBareEscape(received.target) || /[\ud800-\udfff]/u.test(received.target)) refuse(TARGET)
  const pairs = parseQuery(received.query)
  const parameters = readSigningParameters(pairs)
  const header = headers.authorization
  const legacy = pairs.some(([name]) => name === 'Signature')
  if (header !== undefined && (parameters.size || legacy || repeated.has('authorization')))
    refuse(AUTH_TWICE, { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) })
  if (header === undefined && !parameters.size) refuse(legacy ? SIGNATURE_V2 : AUTH_MISSING)
  const { algorithms = [] } = options
  const authorization =
    header === undefined ? parsePresigned(parameters, algorithms) : parseAuthorization(header, headers, algorithms)
  const { location, scope } = authorization
  const tokens = tokenParameters(scope.service)
  const sent = tokens.flatMap((name) => [parameters.get(name), headers[name.toLowerCase()]])
  const [sessionToken, other] = new Set(sent.filter((token) => token !== undefined))
  if (other !== undefined) refuse(PARAMETER_REPEATED, { name: tokens[tokens.length - 1]! }, 'query')
  const s3 = isS3(scope.service)
  checkScope(scope, options, location, authorization.algorithm.includes)
  const { amzDate, time, expiry } =
    location === 'header'
      ? headerValidity(headers, serverTime, options)
      : presignedValidity(parameters, serverTime, options)
  refuseProblem(checkScopeDate(scope, amzDate), location)
  checkSigned(received, authorization, options)
  const isAppended = options.sessionTokenPlacement === 'appended'
  // a signed name without a header covers no parameter
  const isTokenSigned = tokens.some((parameter) => {
    const name = parameter.toLowerCase()
    return (!isAppended && parameters.has(parameter)) || (name in headers && authorization.signedHeaders.includes(name))
  })
  const unsigned = ['X-Amz-Signature', ...(isAppended ? tokens : [])]
  const { payload, unsignedHash } = statedPayload(received, authorization, pairs, s3)
  return {
    ...authorization,
    time,
    amzDate,
    expiry,
    sessionToken,
    isTokenSigned,
    payload,
    unsignedHash,
    s3,
    query: pairs.filter(([name]) => !unsigned.includes(name)),
  }
}

/** Refuses a request for a service or a region that is not accepted. `includes`: the region is a set. */
export function checkScope(
  { service, region }: Scope,
  accepted: Pick<AcceptanceOptions, 'service' | 'region'>,
  location: ClaimLocation,
  includes = (region: string, accepted: string): boolean => region === accepted,
): void {
  const services = listOf(accepted.service ?? service)
  if (!services.includes(service)) refuse(SCOPE_SERVICE, { service, accepted: String(services[0]) }, location)
  if (accepted.region === undefined) return
  const regions = listOf(accepted.region)
  if (!regions.some((accepted) => includes(region, accepted)))
    refuse(SCOPE_REGION, { region, Region: String(regions[0]) }, location)
}

function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}

/** Refuses a request with headers that could have been changed or added after signing. */
function checkSigned(
  { headers, repeated, altered }: Received,
  { location, scope, signedHeaders }: Authorization,
  options: ClaimOptions,
): void {
  const signed = altered.size > 0 ? new Set(signedHeaders) : undefined
  for (const name of altered) {
    if (options.host !== undefined && (name === 'host' || name === ':authority')) continue
    // Node passes on only the first of some headers that were sent twice, which matters if the header is signed
    if (!repeated.has(name)) refuse(HEADER_ALTERED, { name })
    if (signed?.has(name)) refuse(HEADER_REPEATED, { name })
  }
  // the canonical form would fold them into a space, and an application may read them as the end of the header
  const folded = signedHeaders.find((name) => /[\n-\r]/.test(headers[name] ?? ''))
  if (folded !== undefined) refuse(HEADER_FOLDED, { name: folded })
  const exempt = lower(options.allowUnsigned)
  if (options.sessionTokenPlacement === 'appended') exempt.push(...lower(tokenParameters(scope.service)))
  // the region set stands in for the region, which is always signed
  const ifPresent = [...lower(options.signedIfPresent), REGION_SET_HEADER]
  refuseProblem(checkUnsigned(headers, signedHeaders, ifPresent, exempt), location)
  // a signed name without a header is not enough; clients of HTTP/2 may sign :authority instead of the host
  const missing = lower(options.requireSigned).filter(
    (name) => name !== 'host' && !(name in headers && signedHeaders.includes(name)),
  )
  if (missing.length) refuse(HEADER_REQUIRED, { HeadersNotSigned: missing.sort().join(', ') }, location)
}

function lower(names: readonly string[] = []): string[] {
  return names.map((name) => name.toLowerCase())
}

/** Returns the payload that the request states, and a hash that its body must have although it is not signed. */
function statedPayload(
  { headers }: Received,
  { location, signedHeaders, algorithm: { name: algorithm } }: Authorization,
  pairs: readonly Pair[],
  s3: boolean,
): Pick<Claim, 'payload' | 'unsignedHash'> {
  const name = 'x-amz-content-sha256'
  const header = headers[name]
  if (location === 'header' && header === undefined && s3) refuse(HASH_MISSING)
  if (location === 'query' && pairs.filter(([name]) => name === 'X-Amz-Content-Sha256').length > 1)
    refuse(PARAMETER_REPEATED, { name: 'X-Amz-Content-Sha256' }, location)
  const stated = statedHash(headers, location, { s3, query: pairs, signedHeaders })
  const payload = stated === undefined ? undefined : readPayload(stated, algorithm, s3)
  if (header === undefined || header === stated) return { payload, unsignedHash: undefined }
  // the chunks that an unsigned header declares would not be checked
  if (parsePayload(header)?.kind !== 'hash') refuse(HASH_FORMAT, { ArgumentName: name, ArgumentValue: header })
  // anyone can send it with another body, so it must not replace a hash that was signed
  if (payload && payload.kind !== 'unsigned') refuse(HASH_DIFFERS)
  return { payload, unsignedHash: header }
}

/** Reads a payload, whose chunks or events are signed with the algorithm of the request. */
function readPayload(text: string, algorithm: string, s3: boolean): Payload {
  const payload = parsePayload(text)
  const isOther = text.startsWith('STREAMING-AWS4') && !text.startsWith(`STREAMING-${algorithm}-`)
  return (
    (!isOther && !(s3 && payload?.kind === 'events') && payload) ||
    refuse(HASH_FORMAT, { ArgumentName: 'x-amz-content-sha256', ArgumentValue: text })
  )
}
