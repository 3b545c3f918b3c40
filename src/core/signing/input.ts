import { uriEncode } from '../encoding/percent.ts'
import { amzDateParts } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import { type HeaderRecord, isReserved, isStringOrNumber } from '../http/headers.ts'
import { type Pair, parseQuery } from '../http/query.ts'
import { checkUrlCharacters, type UrlParts } from '../http/url.ts'
import { isObject } from '../kind.ts'
import { isS3 } from '../services.ts'
import { canonicalUri, type PathEncoding, type PathNormalization } from './canonical-request.ts'
import type { QueryInput, SessionTokenName, SigningOptions } from './options.ts'
import { checkAwsRegion, type HostReader, isAwsRegion, s3HostScope } from './s3-hosts.ts'
import { credentialScope, isSignedWithIam, S3_EXPRESS, SECURITY_TOKEN, SESSION_TOKEN } from './scope.ts'
import { ALGORITHM, type RequestContext } from './string-to-sign.ts'
import { sentPath, type TargetParts } from './target.ts'

/** Region, service, and time to sign for, by default the current time. Signature Version 4a has no region. */
export interface ScopeInput<Region extends string | undefined = string> {
  readonly region: Region
  readonly service: string
  /** Epoch milliseconds. */
  readonly signingDate: number | undefined
  /** Whether the service follows S3's rules. */
  readonly s3: boolean
  /** Length in seconds of the windows to whose start the signing time is rounded down. @default not rounded */
  readonly window?: number
  /** Seconds by which each window starts earlier. */
  readonly offset?: number
}

/** A scope with or without a region. */
export type AnyScopeInput = ScopeInput<string | undefined>

/** The parts of a target that determine the scope. */
export type ScopeParts = Pick<TargetParts, 'host' | 'argument' | 'region' | 'service'>

/** The options that determine the scope. */
export type ScopeOptions = Pick<SigningOptions<unknown>, 'region' | 'service' | 'signingDate'>

/** Determines the scope from a target and the options. */
export type ScopeReader<Input extends AnyScopeInput = ScopeInput> = (parts: ScopeParts, options: ScopeOptions) => Input

/** Reads the scope of a target in S3, or in a service that is compatible with it. */
export function readS3Scope(parts: ScopeParts, options: ScopeOptions): ScopeInput {
  return readScope(parts, options, s3HostScope)
}

/** Determines region and service from the options, the target, or its host. */
export function readScope(
  { host, argument, region, service }: ScopeParts,
  options: ScopeOptions,
  hosts: HostReader,
): ScopeInput {
  checkSigningHost(host, argument)
  region = options.region || region
  service = options.service || service
  if (!region || !service) {
    const known = hosts(host)
    region ||= known.region
    service ||= known.service
  }
  if (!region && !service)
    fail(
      'ERR_SIGV4_SCOPE_UNKNOWN',
      'options.region',
      'missing',
      `The host ${host} does not identify a region or a service. Pass options.region and options.service.`,
    )
  if (!options.region || !isAwsRegion(options.region)) {
    checkScopePart('region', region, host)
    if (options.region) checkAwsRegion(options.region, 'options.region', host)
  }
  checkScopePart('service', service, host)
  return scopeInput(region!, service!, options)
}

/** Throws if a host does not accept Signature Version 4. */
export function checkSigningHost(host: string, argument: string): void {
  if (host.includes('.s3-') && /\.s3-(?:global\.|website[.-])/.test(host))
    fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'unusable', `${host} does not accept Signature Version 4.`)
}

/** Completes a scope by the time to sign for. */
export function scopeInput<Region extends string | undefined>(
  region: Region,
  service: string,
  options: ScopeOptions,
): ScopeInput<Region> {
  const signingDate = options.signingDate && Number(options.signingDate)
  // as milliseconds, the seconds of a date in this century are in early 1970
  if (signingDate! > 1e9 && signingDate! < 1e10)
    fail('ERR_INVALID_ARG_VALUE', 'options.signingDate', 'range', 'Pass milliseconds.')
  return { region, service, signingDate, s3: isS3(service) }
}

/** Returns the time and scope to sign a request with at `now`, epoch milliseconds. */
export function signingContext<Region extends string | undefined>(
  { region, service, signingDate, window: period, offset }: ScopeInput<Region>,
  now: number,
  algorithm = ALGORITHM,
): RequestContext<Region> {
  const actualTime = Math.floor((signingDate ?? now) / 1000)
  const time = period ? actualTime - ((actualTime + offset!) % period) : actualTime
  const [date, clock] = amzDateParts(time)
  const scope = credentialScope({ date, region, service })
  return { algorithm, amzDate: date + clock, scope, date, region, service, time, actualTime }
}

/** Throws unless a part of a scope is known and valid. */
export function checkScopePart(name: string, value: string | undefined, host: string): void {
  if (!value) fail('ERR_SIGV4_SCOPE_UNKNOWN', `options.${name}`, 'missing', `The host ${host} does not identify it.`)
  if (!/^[\w-]+$/.test(value)) fail('ERR_SIGV4_SCOPE_UNKNOWN', `options.${name}`, 'invalid')
}

/** Reads the options for encoding and normalizing a path. */
export function readPathRules(options: SigningOptions<unknown>, s3: boolean): [PathEncoding, PathNormalization] {
  const { pathEncoding = s3 ? 'single' : 'double', pathNormalization = s3 ? 'none' : 'rfc3986' } = options
  checkChoice('pathEncoding', pathEncoding, 'single', 'double')
  checkChoice('pathNormalization', pathNormalization, 'none', 'rfc3986')
  return [pathEncoding, pathNormalization]
}

/** Returns the path as sent, and its canonical URI. */
export function readPath(
  { path, argument }: UrlParts,
  options: SigningOptions<unknown>,
  s3: boolean,
): readonly [path: string, uri: string] {
  const [encoding, normalization] = readPathRules(options, s3)
  const sent = sentPath(path, argument, encoding, normalization)
  // for S3, the sent path is already canonical, except for %2F
  const isCanonical = encoding === 'single' && normalization === 'none' && !sent.includes('%2F')
  return [sent, isCanonical ? sent : canonicalUri(sent, encoding, normalization)]
}

/** Checks an option that has two allowed values. */
function checkChoice<Value extends string>(option: string, value: Value, one: Value, other: Value): void {
  if (value !== one && value !== other) fail('ERR_INVALID_ARG_VALUE', `options.${option}`, 'invalid')
}

/** Name and placement of the session token. */
export interface TokenInput {
  readonly name: SessionTokenName
  readonly isSigned: boolean
  /** The argument that already contains the token of an S3 Express session. */
  readonly given: string | undefined
}

/** Reads the options of the session token. `within` is the argument that has the headers; `added` are the parameters in the options. */
export function readSessionToken(
  options: SigningOptions<unknown>,
  { service }: AnyScopeInput,
  { host, argument }: Pick<UrlParts, 'host' | 'argument'>,
  query: readonly Pair[],
  headers: HeaderRecord,
  within: 'options' | 'request',
  added?: QueryInput,
): TokenInput {
  let name: SessionTokenName = SECURITY_TOKEN
  let given: string | undefined
  if (service === S3_EXPRESS) {
    const parameters = query.map(([parameter]) => parameter)
    if (!isSignedWithIam(host, parameters, headers)) name = SESSION_TOKEN
    const parameter = parameters.find((each) => each.toLowerCase() === SESSION_TOKEN)
    if (parameter) given = added && parameter in added ? `options.query["${parameter}"]` : argument
    if (SESSION_TOKEN in headers) given = `${within}.headers["${SESSION_TOKEN}"]`
  }
  const { sessionTokenPlacement: placement = 'signed', sessionTokenName = name } = options
  checkChoice('sessionTokenPlacement', placement, 'signed', 'appended')
  checkChoice('sessionTokenName', sessionTokenName, SECURITY_TOKEN, SESSION_TOKEN)
  return { name: sessionTokenName, isSigned: placement === 'signed', given }
}

/** Returns a method as sent: in uppercase, because `fetch` converts only some methods. */
export function readMethod(method: string, argument: string): string {
  if (typeof method !== 'string' || !/^[\w-]+$/.test(method)) fail('ERR_INVALID_ARG_VALUE', argument, 'invalid')
  return method.toUpperCase()
}

/** Reads a payload hash: 64 lowercase hex digits, or one of the names that S3 defines. */
export function readPayloadHash({ payloadHash }: SigningOptions<unknown>): string | undefined {
  if (payloadHash !== undefined && !/^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+)$/.test(payloadHash))
    fail('ERR_INVALID_ARG_VALUE', 'options.payloadHash', 'invalid', 'Pass a SHA-256 in lowercase hex.')
  return payloadHash
}

export function readHashHeader({ payloadHashHeader }: SigningOptions<unknown>, isDefault: boolean): boolean {
  const isAdded = payloadHashHeader ?? isDefault
  if (typeof isAdded !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'options.payloadHashHeader', 'type')
  return isAdded
}

/** Returns the parameters of a URL, encoded. */
export function readQuery({ query, argument }: UrlParts): Pair[] {
  if (!query) return []
  checkUrlCharacters(query, argument)
  const pairs = parseQuery(query, argument)
  for (const [name] of pairs)
    if (isReserved(name)) fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'signed', 'Pass it without X-Amz- parameters.')
  return pairs
}

/** Adds the query parameters in the options to those of the URL. */
export function addQuery(pairs: Pair[], added: QueryInput | undefined): void {
  if (added === undefined) return
  if (!isObject(added) || Symbol.iterator in added)
    fail('ERR_INVALID_ARG_TYPE', 'options.query', 'type', 'Pass Object.fromEntries(query).')
  for (const name of Object.keys(added)) {
    const given: unknown = added[name]
    for (const value of Array.isArray(given) ? given : [given]) addParameter(pairs, name, value)
  }
}

function addParameter(pairs: Pair[], name: string, value: unknown): void {
  if (value === undefined) return
  const argument = `options.query[${JSON.stringify(name)}]`
  if (isReserved(name)) fail('ERR_SIGV4_ALREADY_SIGNED', argument, 'reserved')
  if (!isStringOrNumber(value)) fail('ERR_INVALID_ARG_TYPE', argument, 'type')
  pairs.push([uriEncode(name, argument), uriEncode(String(value), argument)])
}
