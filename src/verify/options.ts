import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import type { Checksum } from '../core/signing/options.ts'
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
   * Implementations of checksums in trailing headers, in addition to CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256 and
   * SHA512. A body with any other checksum is rejected with `ERR_SIGV4_PAYLOAD_UNCHECKED`. @default none
   */
  readonly checksums?: readonly Checksum[] | undefined
  /**
   * Rejects an unknown access key ID, a wrong session token, an expired credential and a signing key for a different
   * scope exactly like a wrong signature, after the same work. @default false
   */
  readonly hideUnknownKeys?: boolean | undefined
}

/** The names of options, what they may be, and how a message says it. An option that is missing is valid. */
type Rule = readonly [names: string, isValid: (value: unknown) => boolean, hint: string, reason?: 'type' | 'invalid']

function choice(name: string, one: string, other: string): Rule {
  return [name, (value) => value === one || value === other, `'${one}' or '${other}'`, 'invalid']
}

function typeRule(names: string, type: string): Rule {
  return [names, (value) => typeof value === type, `a ${type}`]
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((part) => typeof part === 'string')
}

/** The rules, one for each name. */
const RULES = /* @__PURE__ */ createRules()

function createRules(): readonly Rule[] {
  const rules: readonly Rule[] = [
    ['now', isTime, 'a valid Date or epoch milliseconds', 'invalid'],
    [
      'clockSkew maxExpires',
      (value) => typeof value === 'number' && value >= 0 && value % 1 === 0,
      'a whole number of seconds, 0 or more',
      'invalid',
    ],
    typeRule('host', 'string'),
    typeRule('allowUnsignedPayload allowSmallChunks hideUnknownKeys', 'boolean'),
    choice('payload', 'required', 'deferred'),
    choice('pathEncoding', 'single', 'double'),
    choice('pathNormalization', 'none', 'rfc3986'),
    choice('sessionTokenPlacement', 'signed', 'appended'),
    [
      'algorithms',
      (value) => Array.isArray(value) && value.every((each) => typeof each?.verifier === 'function'),
      "[sigv4a] from 'sigv4/sigv4a'",
    ],
    [
      'checksums',
      (value) => Array.isArray(value) && value.every((each) => typeof each?.create === 'function'),
      'a list of checksums, objects with header, length and create',
    ],
    ['region service', (value) => typeof value === 'string' || isList(value), 'a list of names'],
    ['requireSigned signedIfPresent unsignedHeaders', isList, 'a list of names'],
  ]
  return rules.flatMap(([names, ...rest]) => names.split(' ').map((name): Rule => [name, ...rest]))
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
  for (const [name, isValid, hint, reason = 'type'] of RULES) {
    const value = (options as unknown as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined && !isValid(value))
      fail(`ERR_INVALID_ARG_${reason === 'type' ? 'TYPE' : 'VALUE'}`, `options.${name}`, reason, `Pass ${hint}.`)
  }
}

function isTime(value: unknown): boolean {
  return Number.isFinite(Number(value)) && (typeof value === 'number' || hasTag(value, 'Date'))
}
