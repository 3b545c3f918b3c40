import { encodePath } from '../encoding/percent.ts'
import { amzDateParts, type Now, toTime } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import { isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import { isS3 } from '../services.ts'
import { checkAwsRegion, type HostReader, type HostScope, isAwsHost, s3HostScope } from './s3-hosts.ts'
import { ALGORITHM, type RequestContext } from './string-to-sign.ts'

/** Maximum size in bytes of the key of an S3 object in UTF-8. */
export const MAX_KEY_SIZE = 1024

const SCOPE = /* @__PURE__ */ members('date region service')

/** The scope of a signing key: one day, one region, one service. */
export interface Scope {
  /** Date stamp of the signing day in UTC, `20150830`. */
  readonly date: string
  readonly region: string
  readonly service: string
}

/** The scope to derive a signing key for. */
export interface KeyScope {
  /** Any time of the day, in UTC: a `Date`, epoch milliseconds, or a date stamp `'20150830'`. @default now */
  readonly date?: Date | number | string | undefined
  /** Region that the key signs for. */
  readonly region: string
  /** Signing name of the service that the key signs for. */
  readonly service: string
}

/** Formats a credential scope: `date/region/service/aws4_request`, without a region for Signature Version 4a. */
export function credentialScope({ date, region, service }: Record<keyof Scope, string | undefined>): string {
  return `${date}/${region === undefined ? '' : `${region}/`}${service}/aws4_request`
}

/** Returns the parts of a credential scope, from which a signing key is derived. */
export function scopeParts(scope: Scope): string[] {
  return credentialScope(scope).split('/')
}

export function isSameScope(one: Scope, other: Scope): boolean {
  return one.date === other.date && one.region === other.region && one.service === other.service
}

/** The service S3 Express, where requests for objects are signed with the keys of a session. */
export const S3_EXPRESS = 's3express'

/** Parses the scope that a key is derived for. */
export function parseKeyScope(scope: KeyScope, now: number): Scope {
  if (isObject(scope)) checkMembers('scope', scope, SCOPE)
  const { date = now, region = '', service = '' } = scope ?? {}
  const time = Math.floor(Number(date) / 1000)
  const stamp = typeof date === 'string' ? date : time >= 0 ? amzDateParts(time)[0] : ''
  if (!/^\d{8}\/[\w-]+\/[\w-]+$/.test(`${stamp}/${region}/${service}`))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'scope',
      'invalid',
      "Pass an object such as { region: 'us-east-1', service: 's3', date: '20150830' }.",
    )
  return { date: stamp, region, service }
}

/** Region, service, and time to sign for, by default the current time. Signature Version 4a has no region. */
export interface ScopeInput<Region extends string | undefined = string> {
  readonly region: Region
  readonly service: string
  /** Epoch milliseconds. */
  readonly now: number | undefined
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
export interface ScopeParts extends HostScope {
  readonly host: string
  readonly path: string
  /** The argument that contains the host. */
  readonly argument: string
}

/** The options that determine the scope. */
export interface ScopeOptions extends HostScope {
  readonly now?: Now | undefined
}

/** Determines the scope from a target and the options. */
export type ScopeReader<Input extends AnyScopeInput = ScopeInput> = (parts: ScopeParts, options: ScopeOptions) => Input

/** Reads the scope of a target in S3, or in a service that is compatible with it, as strictly as `readHostScope`. */
export function readS3Scope(parts: ScopeParts, options: ScopeOptions): ScopeInput {
  return readScope(parts, options, s3HostScope, true)
}

/**
 * Determines region and service from the options, the target, or its host. If `isStrict`, throws for a region or a key that
 * an AWS host is certain to reject.
 */
export function readScope(
  { host, path, argument, region, service }: ScopeParts,
  options: ScopeOptions,
  hosts: HostReader,
  isStrict = false,
): ScopeInput {
  checkSigningHost(host, argument)
  region = options.region || region
  service = options.service || service
  const isKnown = region && service && (!isStrict || host.includes(`.${region}.amazon`))
  const known = isKnown ? {} : hosts(host, path)
  region ||= known.region
  service ||= known.service
  checkScopePart('region', region, host, service ?? '')
  if (options.region) checkAwsRegion(options.region, 'options.region', host)
  checkScopePart('service', service, host)
  // a global host has a region that is not in its name
  const isOther = known.region !== region && known.region && host.includes(known.region)
  // the endpoint of a VPC may be for another region, and its path may contain the bucket
  if (
    isStrict &&
    (isOther || (isS3(service) && path.length > MAX_KEY_SIZE / 3)) &&
    !host.includes('.vpce.') &&
    isAwsHost(host)
  ) {
    if (isOther)
      fail(
        'ERR_INVALID_ARG_VALUE',
        options.region ? 'options.region' : 'target.region',
        'mismatch',
        `Pass ${known.region}, as in the host.`,
      )
    const key = path.slice(host.includes('.s3') ? 1 : path.indexOf('/', 1) + 1)
    if (encodePath(key, argument).replace(/%(?:25)?../g, '-').length > MAX_KEY_SIZE)
      fail('ERR_INVALID_ARG_VALUE', argument, 'range', 'The key has over 1024 bytes.')
  }
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
  const { now } = options
  return { region, service, now: now === undefined ? now : toTime(now), s3: isS3(service) }
}

/** Returns the time and scope to sign a request with: by default at `clock`, epoch milliseconds. */
export function signingContext<Region extends string | undefined>(
  { region, service, now, window: period, offset }: ScopeInput<Region>,
  clock: number,
  algorithm = ALGORITHM,
): RequestContext<Region> {
  const actualTime = Math.floor((now ?? clock) / 1000)
  const time = period ? actualTime - ((actualTime + offset!) % period) : actualTime
  const [date, timeOfDay] = amzDateParts(time)
  const scope = credentialScope({ date, region, service })
  return { algorithm, amzDate: date + timeOfDay, scope, date, region, service, time, actualTime }
}

/** Throws unless a part of a scope is known and valid. `service` is whether the service is known. */
export function checkScopePart(name: string, value: string | undefined, host: string, service = '-'): void {
  if (!value)
    fail(
      'ERR_SIGV4_SCOPE_UNKNOWN',
      `options.${name}`,
      'missing',
      `The host ${host} does not identify it.${service ? '' : ' Pass service too.'}`,
    )
  if (!/^[\w-]+$/.test(value)) fail('ERR_SIGV4_SCOPE_UNKNOWN', `options.${name}`, 'invalid')
}
