import { isA } from '../core/body.ts'
import { fail } from '../core/errors.ts'
import type { AcceptanceOptions } from '../core/verification.ts'
import type { CredentialsLookup } from './authenticate.ts'

/** The whole body of a request. */
export type Body = string | Uint8Array | ArrayBuffer

/** How to verify; see {@link AcceptanceOptions} for what is accepted. */
export interface VerifyOptions extends AcceptanceOptions {
  /**
   * Looks up a key id: gives the secret access key, a signing key from `deriveSigningKey`, or credentials, whose key id,
   * session token and expiration must then be those of the request; nothing for a key that is not known. `scope` is what
   * the request says, and one of the accepted ones.
   */
  readonly credentials: CredentialsLookup
  /** The time, a `Date` or epoch milliseconds. @default the clock */
  readonly now?: Date | number | undefined
  /**
   * Whether a request may leave its body unsigned (`UNSIGNED-PAYLOAD`, or unsigned chunks).
   * @default presigned URLs may, whose body nobody knows when they are made; others may not
   */
  readonly allowUnsignedPayload?: boolean | undefined
  /** `'deferred'`: the body is checked later, by `verifyBody` of the result, while it is read. @default `'required'` */
  readonly payload?: 'required' | 'deferred' | undefined
  /** The whole body, where `request.body` is not it, as with the parsers of Express. @default `request.body` */
  readonly body?: Body | undefined
  /** The host that clients sign, where a proxy changes the Host header. @default the Host header */
  readonly host?: string | undefined
  /**
   * Accepts `aws-chunked` bodies with chunks under 8,192 bytes before the last one, which S3 rejects: some clients send
   * them when a stream delivers small pieces. @default false
   */
  readonly allowSmallChunks?: boolean | undefined
  /**
   * Rejects an unknown access key id, a wrong session token, an expired credential and a signing key for a different
   * scope exactly as a wrong signature, after the same work. @default false
   */
  readonly hideUnknownKeys?: boolean | undefined
}

const WORDS: Record<string, readonly string[]> = {
  payload: ['required', 'deferred'],
  pathEncoding: ['single', 'double'],
  pathNormalization: ['none', 'rfc3986'],
  sessionTokenPlacement: ['signed', 'appended'],
}

/** Throws for options that would silently accept or refuse something else than their author wants. */
export function checkOptions(options: VerifyOptions): void {
  if (typeof options?.credentials !== 'function')
    fail('ERR_INVALID_ARG_TYPE', 'options.credentials must be a function that gives the secret of an access key id')
  const { now, clockSkew, maxExpires, host } = options
  if (now !== undefined && !(Number.isFinite(Number(now)) && (typeof now === 'number' || isA(now, 'Date'))))
    fail('ERR_INVALID_ARG_VALUE', 'options.now must be a valid Date or epoch milliseconds')
  for (const [name, value] of Object.entries({ clockSkew, maxExpires }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value % 1 === 0))
      fail('ERR_INVALID_ARG_VALUE', `options.${name} must be a whole number of seconds, 0 or more`)
  if (host !== undefined && typeof host !== 'string') fail('ERR_INVALID_ARG_TYPE', 'options.host must be a text')
  for (const [name, words] of Object.entries(WORDS)) {
    const value = options[name as 'payload']
    if (value !== undefined && !words.includes(value))
      fail('ERR_INVALID_ARG_VALUE', `options.${name} must be '${words.join("' or '")}'`)
  }
  for (const name of ['region', 'service', 'requireSigned', 'unsignedHeaders'] as const) {
    const value: unknown = options[name]
    const isOne = typeof value === 'string' && (name === 'region' || name === 'service')
    const isList = Array.isArray(value) && value.every((part) => typeof part === 'string')
    if (value !== undefined && !isOne && !isList)
      fail('ERR_INVALID_ARG_TYPE', `options.${name} must be a list of names`)
  }
}
