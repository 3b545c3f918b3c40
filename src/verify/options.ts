import { DURATION, upTo } from '../core/durations.ts'
import type { Now } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import {
  checkNames,
  checkValues,
  choiceRule,
  type OptionRules,
  optionRules,
  type Rule,
  typeRule,
} from '../core/rules.ts'
import type { Checksum } from '../core/signing/options.ts'
import type { CredentialsLookup } from './authenticate.ts'
import type { AcceptanceOptions } from './claim.ts'

/** The complete body of a request. */
export type Body = string | Uint8Array | ArrayBuffer

/** Options of `verify`; see {@link AcceptanceOptions} for the accepted requests. */
export interface VerifyOptions extends AcceptanceOptions {
  /**
   * Looks up an access key ID: returns the secret access key, a signing key from `deriveSigningKey`, or
   * credentials; nothing for an unknown key. If it returns credentials, their access key ID and session token must match
   * the request, and they must not have expired. `scope` is the request's, and is an accepted one.
   */
  readonly credentials: CredentialsLookup
  /** The current time: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
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
   * Implementations of checksums in trailing headers, in addition to those of CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256
   * and SHA512: a list, because the request chooses among them. A body with any other checksum is rejected with `ERR_SIGV4_PAYLOAD_UNCHECKED`. @default none
   */
  readonly checksums?: readonly Checksum[] | undefined
  /**
   * Rejects an unknown access key ID, a wrong session token, an expired credential and a signing key for a different
   * scope exactly like a wrong signature, after the same work. @default false
   */
  readonly hideUnknownKeys?: boolean | undefined
}

const BOOLEAN: Rule = /* @__PURE__ */ typeRule('boolean')

const NAMES: Rule = (value: unknown) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')
    ? undefined
    : ['type', 'Pass a list of names.']

const NAME_OR_NAMES: Rule = (value) => (typeof value === 'string' ? undefined : NAMES(value))

export const OPTIONS: OptionRules<VerifyOptions> = /* @__PURE__ */ optionRules<VerifyOptions>({
  credentials: undefined,
  algorithms: (value: unknown) =>
    Array.isArray(value) && value.every((each) => typeof each?.verifier === 'function')
      ? undefined
      : ['type', "Pass [sigv4a] from 'sigv4/sigv4a'."],
  region: NAME_OR_NAMES,
  service: NAME_OR_NAMES,
  requireSigned: NAMES,
  signedIfPresent: NAMES,
  allowUnsigned: NAMES,
  pathEncoding: /* @__PURE__ */ choiceRule('single', 'double'),
  pathNormalization: /* @__PURE__ */ choiceRule('none', 'rfc3986'),
  sessionTokenPlacement: /* @__PURE__ */ choiceRule('signed', 'appended'),
  clockSkew: /* @__PURE__ */ upTo('1d', DURATION),
  maxExpires: /* @__PURE__ */ upTo('7d', DURATION),
  now: undefined,
  allowUnsignedPayload: BOOLEAN,
  payload: /* @__PURE__ */ choiceRule('required', 'deferred'),
  body: undefined,
  host: /* @__PURE__ */ typeRule('string'),
  allowSmallChunks: BOOLEAN,
  checksums: (value: unknown) =>
    Array.isArray(value) &&
    value.every((each) => typeof each?.algorithm === 'string' && typeof each.create === 'function')
      ? undefined
      : ['type', "Pass a list of implementations, such as [{ algorithm: 'XXHASH64', create }], not of names."],
  hideUnknownKeys: BOOLEAN,
})

/** Throws for options that would silently accept or reject something other than intended. */
export function checkVerifyOptions<Options extends Pick<VerifyOptions, 'credentials'>>(
  options: Options,
  known: OptionRules<Options>,
): void {
  if (typeof options?.credentials !== 'function')
    fail(
      'ERR_INVALID_ARG_TYPE',
      'options.credentials',
      'type',
      'Pass a function that returns the secret for an access key ID.',
    )
  checkValues('options', options as Partial<VerifyOptions>, OPTIONS)
  checkNames('options', options, known)
}
