import { decode } from '../encoding/percent.ts'
import { formatIsoDate, MAX_EXPIRES } from '../encoding/time.ts'
import {
  type HeaderRecord,
  PRESIGNED_PARAMETERS,
  REGION_SET,
  SESSION_PARAMETER,
  TOKEN_PARAMETER,
} from '../http/headers.ts'
import { type Pair, parseQuery } from '../http/query.ts'
import { S3_EXPRESS, type Scope } from '../signing/scope.ts'
import {
  AUTH_PART_MISSING,
  AUTH_PARTS,
  CREDENTIAL_FORMAT,
  CREDENTIAL_KEY,
  EXPIRED,
  EXPIRES_FORMAT,
  EXPIRES_MAXIMUM,
  EXPIRES_NEGATIVE,
  EXPIRES_WEEK,
  HEADER_UNSIGNED,
  NOT_YET_VALID,
  PARAMETER_CASE,
  PARAMETER_REPEATED,
  PARAMETER_UTF8,
  type Problem,
  SCOPE_DATE,
  SCOPE_TERMINATOR,
  SIGNED_HEADERS,
  TIME_SKEWED,
} from './refusals.ts'

// The claims of a request about its signature, and checks of them. Readers accept anything, and checks return
// a problem; `verify` refuses a request with the first one.

/** The signature that a request states, as it was sent. */
export interface StatedSignature {
  readonly location: 'header' | 'query'
  /** The first word of the Authorization header, or the parameter. */
  readonly algorithm: string | undefined
  readonly credential: string | undefined
  /** Names separated by semicolons. */
  readonly signedHeaders: string | undefined
  readonly signature: string | undefined
  /** The first mistake in its syntax. */
  readonly problem: Problem | undefined
}

/** Reads a signature from the Authorization header or, if there is none, from the query string. */
export function readSignature(authorization: string | undefined, query: string): StatedSignature {
  if (authorization !== undefined) return readAuthorization(authorization)
  const { parameters, problem } = readParameters(parseQuery(query))
  return { ...presignedSignature(parameters), problem }
}

const AUTH_NAMES = ['Credential', 'SignedHeaders', 'Signature'] as const

/** Reads an Authorization header. In a malformed one, it finds the parts that it can. */
export function readAuthorization(header: string): StatedSignature {
  const [algorithm] = /^\S*/.exec(header)!
  let parts = new Map<string, string>()
  let problem: Problem | undefined
  for (const part of header.slice(algorithm.length).split(',')) {
    const [, name, value] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? []
    if (name === undefined || parts.has(name)) {
      problem = { refusal: AUTH_PARTS }
      break
    }
    parts.set(name, value!)
  }
  const missing = AUTH_NAMES.find((name) => !parts.has(name))
  if (missing !== undefined) {
    problem ??= { refusal: AUTH_PART_MISSING, values: { name: missing } }
    parts = findParts(header)
  }
  return {
    location: 'header',
    algorithm,
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
    problem,
  }
}

/** Finds the first value of each part in a header, whatever is between them. */
function findParts(header: string): Map<string, string> {
  const parts = new Map<string, string>()
  for (const [, given = '', value = ''] of header.matchAll(/[\s,](Credential|SignedHeaders|Signature)=([^\s,]*)/gi)) {
    const name = AUTH_NAMES.find((each) => each.toLowerCase() === given.toLowerCase())!
    if (!parts.has(name)) parts.set(name, value)
  }
  return parts
}

/** The parameters that signing adds, as AWS writes them, by name in lowercase. */
const PARAMETERS: ReadonlyMap<string, string> = /* @__PURE__ */ byLowercaseName()

function byLowercaseName(): Map<string, string> {
  const names = [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, SESSION_PARAMETER, REGION_SET]
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}

/**
 * Decodes the parameters that signing adds, from the encoded pairs of a query: the first value of each, its name as AWS
 * writes it, and the first mistake.
 */
export function readParameters(pairs: readonly Pair[]): {
  readonly parameters: ReadonlyMap<string, string>
  readonly problem: Problem | undefined
} {
  const parameters = new Map<string, string>()
  let problem: Problem | undefined
  for (const [given, value] of pairs) {
    const name = PARAMETERS.get(given.toLowerCase())
    if (!name) continue
    const isRepeated = parameters.has(name)
    const decoded = isRepeated ? value : decode(value)
    if (given !== name) problem ??= { refusal: PARAMETER_CASE, values: { name } }
    else if (isRepeated) problem ??= { refusal: PARAMETER_REPEATED, values: { name } }
    // no escape is left unless the value is malformed
    else if (decoded === value && value.includes('%')) problem ??= { refusal: PARAMETER_UTF8, values: { name } }
    if (!isRepeated) parameters.set(name, decoded)
  }
  return { parameters, problem }
}

/** Returns the signature that the {@link readParameters} of a presigned URL state. */
export function presignedSignature(parameters: ReadonlyMap<string, string>): Omit<StatedSignature, 'problem'> {
  return {
    location: 'query',
    algorithm: parameters.get('X-Amz-Algorithm'),
    credential: parameters.get('X-Amz-Credential'),
    signedHeaders: parameters.get('X-Amz-SignedHeaders'),
    signature: parameters.get('X-Amz-Signature'),
  }
}

/** Returns the parameters that may contain the session token of a request; its headers have the same names. */
export function tokenParameters(service: string | undefined): string[] {
  return service === S3_EXPRESS ? [TOKEN_PARAMETER, SESSION_PARAMETER] : [TOKEN_PARAMETER]
}

/** A parsed credential. */
export interface CredentialParts {
  readonly accessKeyId: string
  /** The scope as received. */
  readonly credentialScope: string
  readonly scope: Scope
}

/**
 * Parses a credential, `key/20150830/us-east-1/s3/aws4_request`, from the right: a key ID may contain a slash. One of
 * Signature Version 4a has no region; its set of regions is given.
 */
export function parseCredential(credential: string, regionSet?: string): CredentialParts | Problem {
  const parts = credential.split('/')
  if (regionSet !== undefined) parts.splice(-2, 0, regionSet)
  const [date = '', region, service, terminator = ''] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  // valid in a header, because lookups may pass it on
  const isWord = /^[!-~]+$/.test(credential) && !/[^ -~]/.test(regionSet ?? '')
  if (parts.length < 5 || !isWord || !/^\d{8}$/.test(date) || !region || !service) return { refusal: CREDENTIAL_FORMAT }
  if (!accessKeyId) return { refusal: CREDENTIAL_KEY }
  if (terminator !== 'aws4_request') return { refusal: SCOPE_TERMINATOR, values: { terminator } }
  return { accessKeyId, credentialScope: credential.slice(accessKeyId.length + 1), scope: { date, region, service } }
}

/** Returns whether a set of regions, as received, includes a region: `us-east-1,eu-*`, `*`. */
export function includesRegion(regionSet: string, region: string): boolean {
  return regionSet.split(',').some((part) => {
    const name = part.trim()
    return name.endsWith('*') ? region.startsWith(name.slice(0, -1)) : name === region
  })
}

/** Checks that the date of a scope is the day of the request. */
export function checkScopeDate({ date }: Pick<Scope, 'date'>, amzDate: string): Problem | undefined {
  const day = amzDate.slice(0, 8)
  return date === day ? undefined : { refusal: SCOPE_DATE, values: { date, day } }
}

/**
 * Checks that names of signed headers are as signing writes them: in lowercase, sorted, each once. Clients of HTTP/2 may
 * sign `:authority`.
 */
export function checkSignedHeaders(names: readonly string[]): Problem | undefined {
  let last = ''
  for (const name of names) {
    if (!/^(?::authority|[\da-z!#$%&'*+.^_`|~-]+)$/.test(name) || name <= last) return { refusal: SIGNED_HEADERS }
    last = name
  }
  return undefined
}

/** Checks that `host` or `:authority`, all `x-amz-*` headers and the `named` ones are signed if present. The payload hash is signed in any case. */
export function checkUnsigned(
  headers: HeaderRecord,
  signedHeaders: readonly string[],
  named: readonly string[] = [],
  exempt: readonly string[] = [],
): Problem | undefined {
  const signed = new Set(signedHeaders)
  const mustBeSigned = (name: string): boolean =>
    named.includes(name) || (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !exempt.includes(name))
  const missing = Object.keys(headers).filter((name) => !signed.has(name) && mustBeSigned(name))
  missing.sort()
  if (!signed.has('host') && !(signed.has(':authority') && ':authority' in headers)) missing.unshift('host')
  return missing.length ? { refusal: HEADER_UNSIGNED, values: { HeadersNotSigned: missing.join(', ') } } : undefined
}

/** Checks the lifetime of a presigned URL, in seconds. */
export function checkExpires(value: string, maximum: number): Problem | undefined {
  if (/^-\d+$/.test(value)) return { refusal: EXPIRES_NEGATIVE }
  if (!/^\d+$/.test(value)) return { refusal: EXPIRES_FORMAT }
  if (Number(value) > MAX_EXPIRES) return { refusal: EXPIRES_WEEK }
  if (Number(value) > maximum) return { refusal: EXPIRES_MAXIMUM, values: { maximum: String(maximum) } }
  return undefined
}

/** Checks the signing date of a request with an Authorization header. All times are seconds since 1970. */
export function checkClock(time: number, now: number, clockSkew: number): Problem | undefined {
  if (Math.abs(now - time) <= clockSkew) return undefined
  const values = { ServerTime: formatIsoDate(now), MaxAllowedSkewMilliseconds: String(clockSkew * 1000) }
  return { refusal: TIME_SKEWED, values }
}

/** Checks that a presigned URL is valid now. All times are seconds since 1970. */
export function checkLifetime(time: number, expires: number, now: number, clockSkew: number): Problem | undefined {
  const values = { Expires: formatIsoDate(time + expires), ServerTime: formatIsoDate(now) }
  if (time > now + clockSkew)
    return { refusal: NOT_YET_VALID, values: { 'X-Amz-Date': String(time * 1000), ...values } }
  if (now > time + expires) return { refusal: EXPIRED, values: { 'X-Amz-Expires': String(expires), ...values } }
  return undefined
}
