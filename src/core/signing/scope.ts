import { amzDateParts } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import type { HeaderRecord } from '../http/headers.ts'
import { isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'

const SCOPE = /* @__PURE__ */ members('date region service')

/** Options of `deriveSigningKey` with Web Crypto. */
export const KEY_USE = /* @__PURE__ */ members('extractable')

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
  readonly region: string
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

/** Returns whether two scopes are the same. */
export function isSameScope(one: Scope, other: Scope): boolean {
  return one.date === other.date && one.region === other.region && one.service === other.service
}

/** The service S3 Express, where requests for objects are signed with the keys of a session. */
export const S3_EXPRESS = 's3express'

/** The header of the session token of credentials, or of an S3 Express session. */
export const SECURITY_TOKEN = 'x-amz-security-token'
export const SESSION_TOKEN = 'x-amz-s3session-token'

/**
 * Returns whether AWS's clients sign a request to S3 Express with IAM credentials instead: CreateSession, copies, and
 * everything that is sent to the endpoint for buckets.
 */
export function isSignedWithIam(host: string, parameters: readonly string[], headers: HeaderRecord): boolean {
  return /(?:^|\.)s3express-control[.-]/.test(host) || parameters.includes('session') || 'x-amz-copy-source' in headers
}

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
