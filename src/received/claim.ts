import { decode } from '../core/encoding/percent.ts'
import { formatIsoDate, MAX_EXPIRES, parseAmzDate, parseHttpDate } from '../core/encoding/time.ts'
import { type HeaderRecord, SESSION_PARAMETER, TOKEN_PARAMETER } from '../core/http/headers.ts'
import { parseQuery } from '../core/http/query.ts'
import { S3_EXPRESS, type Scope } from '../core/signing/scope.ts'
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
  type Problem,
  SCOPE_DATE,
  SCOPE_TERMINATOR,
  SIGNED_HEADERS,
  TIME_SKEWED,
} from './refusals.ts'

// The claims of a request about its signature, and checks of them. Readers accept anything, and checks return
// a problem; `verify` refuses a request with the first one.

/** The location of a request's signature: the Authorization header, or the query. */
export type Location = 'header' | 'query'

/** The signature that a request states, as it was sent. */
export interface StatedSignature {
  readonly location: Location
  /** The first word of the Authorization header, or the parameter. */
  readonly algorithm: string | undefined
  readonly credential: string | undefined
  /** Names separated by semicolons. */
  readonly signedHeaders: string | undefined
  readonly signature: string | undefined
}

/**
 * Reads a signature, however it is written: from the Authorization header, whatever is between its parts, or if there is none,
 * from the decoded parameters of the query.
 */
export function readSignature(
  authorization: string | undefined,
  parameters?: ReadonlyMap<string, string>,
): StatedSignature {
  if (authorization === undefined)
    return {
      location: 'query',
      algorithm: parameters?.get('X-Amz-Algorithm'),
      credential: parameters?.get('X-Amz-Credential'),
      signedHeaders: parameters?.get('X-Amz-SignedHeaders'),
      signature: parameters?.get('X-Amz-Signature'),
    }
  const part = (pattern: RegExp): string | undefined => pattern.exec(authorization)?.[1]
  return {
    location: 'header',
    algorithm: part(/^(\S*)/),
    credential: part(/[\s,]Credential=([^\s,]*)/i),
    signedHeaders: part(/[\s,]SignedHeaders=([^\s,]*)/i),
    signature: part(/[\s,]Signature=([^\s,]*)/i),
  }
}

/** Decodes the parameters of a query. Of a repeated one, the last value counts. */
export function queryParameters(query: string): ReadonlyMap<string, string> {
  return new Map(parseQuery(query).map(([name, value]) => [name, decode(value)]))
}

/** Checks that an Authorization header has each part once, separated by commas. */
export function checkAuthorization(header: string): Problem | undefined {
  const parts = header.replace(/^\S*/, '').split(',')
  const names = parts.map((part) => /^\s*(Credential|SignedHeaders|Signature)=\S*\s*$/.exec(part)?.[1])
  if (names.includes(undefined) || new Set(names).size < names.length) return { refusal: AUTH_PARTS }
  const name = ['Credential', 'SignedHeaders', 'Signature'].find((name) => !names.includes(name))
  return name === undefined ? undefined : { refusal: AUTH_PART_MISSING, values: { name } }
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
  const terminator = parts.pop()!
  const service = parts.pop()
  const region = regionSet ?? parts.pop()
  const date = parts.pop() ?? ''
  const accessKeyId = parts.join('/')
  // valid in a header, because lookups may pass it on
  const isWord = /^[!-~]+$/.test(credential) && !/[^ -~]/.test(regionSet ?? '')
  if (!parts.length || !isWord || !/^\d{8}$/.test(date) || !region || !service) return { refusal: CREDENTIAL_FORMAT }
  if (!accessKeyId) return { refusal: CREDENTIAL_KEY }
  if (terminator !== 'aws4_request') return { refusal: SCOPE_TERMINATOR, values: { terminator } }
  return { accessKeyId, credentialScope: credential.slice(accessKeyId.length + 1), scope: { date, region, service } }
}

/** Parses the date of a request with an Authorization header, which may be an HTTP date, into seconds since 1970. */
export function parseHeaderDate(date: string): number | undefined {
  return parseAmzDate(date) ?? parseHttpDate(date)
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

/** Maximum difference between the clocks of a client and S3, in seconds. */
export const CLOCK_SKEW = 900

/** Checks the signing date of a request with an Authorization header. All times are seconds since 1970. */
export function checkClock(time: number, serverTime: number, clockSkew: number): Problem | undefined {
  if (Math.abs(serverTime - time) <= clockSkew) return undefined
  const values = { ServerTime: formatIsoDate(serverTime), MaxAllowedSkewMilliseconds: String(clockSkew * 1000) }
  return { refusal: TIME_SKEWED, values }
}

/** Checks that a presigned URL is valid now. All times are seconds since 1970. */
export function checkLifetime(
  time: number,
  expires: number,
  serverTime: number,
  clockSkew: number,
): Problem | undefined {
  const values = { Expires: formatIsoDate(time + expires), ServerTime: formatIsoDate(serverTime) }
  if (time > serverTime + clockSkew)
    return { refusal: NOT_YET_VALID, values: { 'X-Amz-Date': String(time * 1000), ...values } }
  if (serverTime > time + expires) return { refusal: EXPIRED, values: { 'X-Amz-Expires': String(expires), ...values } }
  return undefined
}
