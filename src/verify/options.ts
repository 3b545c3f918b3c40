import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import type { CredentialsLookup } from './authenticate.ts'
import type { AcceptanceOptions } from './claim.ts'

/** The complete body of a request. */
export type Body = string | Uint8Array | ArrayBuffer

/** Options of `verify`; see {@link AcceptanceOptions} for what is accepted. */
export interface VerifyOptions extends AcceptanceOptions {
  /**
   * Looks up an access key ID: returns the secret access key, a signing key from `deriveSigningKey`, or
   * credentials; nothing for an unknown key. If it returns credentials, their access key ID and session token must match
   * the request, and they must not have expired. `scope` is the request's, and is an accepted one.
   */
  readonly credentials: CredentialsLookup
  /** The current time, a `Date` or epoch milliseconds. @default the clock */
  readonly now?: Date | number | undefined
  /**
   * Whether the body of a request may be unsigned (`UNSIGNED-PAYLOAD`, or unsigned chunks).
   * @default `true` for presigned URLs, which are created before the body is known; otherwise `false`
   */
  readonly allowUnsignedPayload?: boolean | undefined
  /** `'deferred'`: the body is checked later, by `verifyBody` of the result, while it is read. @default `'required'` */
  readonly payload?: 'required' | 'deferred' | undefined
  /** The complete body, if `request.body` is something else, as with Express's parsers. @default `request.body` */
  readonly body?: Body | undefined
  /** The host that clients sign, if a proxy changes the Host header. @default the Host header */
  readonly host?: string | undefined
  /**
   * Accepts `aws-chunked` bodies with chunks under 8,192 bytes before the last one, which S3 rejects: some clients send
   * them when a stream delivers small pieces. @default false
   */
  readonly allowSmallChunks?: boolean | undefined
  /**
   * Rejects an unknown access key ID, a wrong session token, an expired credential and a signing key for a different
   * scope exactly like a wrong signature, after the same work. @default false
   */
  readonly hideUnknownKeys?: boolean | undefined
}

const CHOICES: Record<string, readonly string[]> = {
  payload: ['required', 'deferred'],
  pathEncoding: ['single', 'double'],
  pathNormalization: ['none', 'rfc3986'],
  sessionTokenPlacement: ['signed', 'appended'],
}

const TYPES = {
  host: 'string',
  allowUnsignedPayload: 'boolean',
  allowSmallChunks: 'boolean',
  hideUnknownKeys: 'boolean',
}

/** Throws for options that would silently accept or reject something other than intended. */
export function checkOptions(options: VerifyOptions): void {
  if (typeof options?.credentials !== 'function')
    fail(
      'ERR_INVALID_ARG_TYPE',
      'options.credentials',
      'type',
      'Pass a function that returns the secret for an access key ID.',
    )
  const { now, clockSkew, maxExpires } = options
  if (now !== undefined && !(Number.isFinite(Number(now)) && (typeof now === 'number' || hasTag(now, 'Date'))))
    fail('ERR_INVALID_ARG_VALUE', 'options.now', 'invalid', 'Pass a valid Date or epoch milliseconds.')
  for (const [name, value] of Object.entries({ clockSkew, maxExpires }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value % 1 === 0))
      fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'invalid', 'Pass a whole number of seconds, 0 or more.')
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as 'host']
    if (value !== undefined && typeof value !== type)
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', `Pass a ${type}.`)
  }
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as 'payload']
    if (value !== undefined && !choices.includes(value))
      fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'invalid', `Pass '${choices.join("' or '")}'.`)
  }
  const { algorithms = [] } = options
  if (!Array.isArray(algorithms) || !algorithms.every((each) => typeof each?.verifier === 'function'))
    fail('ERR_INVALID_ARG_TYPE', 'options.algorithms', 'type', "Pass [sigv4a] from 'sigv4/sigv4a'.")
  for (const name of ['region', 'service', 'requireSigned', 'unsignedHeaders'] as const) {
    const value: unknown = options[name]
    const isOne = typeof value === 'string' && (name === 'region' || name === 'service')
    const isList = Array.isArray(value) && value.every((part) => typeof part === 'string')
    if (value !== undefined && !isOne && !isList)
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a list of names.')
  }
}
