import { type ErrorReason, fail } from '../core/errors.ts'
import { isObject } from '../core/kind.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkSecret, type SecretCredentials } from '../core/signing/credentials.ts'
import { checkPort } from '../server/server.ts'
import type { CredentialsLookup } from '../verify.ts'
import { parseOrigin } from './http/cors.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials port host region dir maxBytes cors allowSmallChunks explain log now idleTimeout skew failRate throttle redirectRegion expireToken',
)

/** Options of `serve`. */
export interface ServeOptions {
  /**
   * The credentials that requests must be signed with, or a lookup as in `verify`.
   * @default generated; see `credentials` of the result
   */
  readonly credentials?: SecretCredentials | CredentialsLookup | undefined
  /** Port to listen on; `0` for any free port. @default 0 */
  readonly port?: number | undefined
  /** Name or IP address to listen on. @default `'127.0.0.1'`, which other machines cannot reach */
  readonly host?: string | undefined
  /** Region that requests must be signed for. @default any */
  readonly region?: string | undefined
  /** Folder for the objects, which is created if it does not exist. @default memory, discarded on exit */
  readonly dir?: string | undefined
  /** Maximum size of all objects in bytes. @default 256 MiB in memory, unlimited in a folder */
  readonly maxBytes?: number | undefined
  /**
   * Origins whose pages may use the server, such as `https://app.example`, in addition to those of this machine; `*` for
   * all. @default none
   */
  readonly cors?: readonly string[] | undefined
  /** Accepts `aws-chunked` bodies with chunks under 8,192 bytes before the last one, which S3 rejects. @default false */
  readonly allowSmallChunks?: boolean | undefined
  /** Adds the cause of an incorrect signature to the response, as the element `Explanation`, and to the log. @default false */
  readonly explain?: boolean | undefined
  /**
   * Receives an entry for each request: one line, and indented lines for an explanation. It contains no secret.
   * @default nothing is logged
   */
  readonly log?: ((entry: string) => void) | undefined
  /** Returns the current time in epoch milliseconds. @default the system's clock */
  readonly now?: (() => number) | undefined
  /** Milliseconds without a byte after which a client is disconnected. @default 20,000 */
  readonly idleTimeout?: number | undefined
  /**
   * Milliseconds by which the server's clock is fast or, if negative, slow, in its `Date` header and when it verifies.
   * @default 0
   */
  readonly skew?: number | undefined
  /**
   * Share of requests, from 0 to 1, that fail with status 500 (`InternalError`) or 503 (`ServiceUnavailable`), in turn, before
   * they are verified. Requests are counted, so that tests can be repeated: with 0.5, the first of every two fails.
   * @default 0
   */
  readonly failRate?: number | undefined
  /**
   * Maximum number of requests in any second, by the server's clock. Others are rejected with `SlowDown`, and do not count.
   * @default unlimited
   */
  readonly throttle?: number | undefined
  /**
   * Region of all buckets. Requests for a bucket that are signed for a different one get status 301, `PermanentRedirect`,
   * with the header `x-amz-bucket-region`, as from an endpoint in a different region. Use `region` for status 400.
   * @default none
   */
  readonly redirectRegion?: string | undefined
  /**
   * Milliseconds after its first use from which a session token is rejected with `ExpiredToken`. Any token is accepted
   * until then, unless `credentials` is a lookup that requires a certain one. @default session tokens do not expire
   */
  readonly expireToken?: number | undefined
}

const TYPES = {
  host: 'string',
  region: 'string',
  dir: 'string',
  port: 'number',
  maxBytes: 'number',
  idleTimeout: 'number',
  skew: 'number',
  failRate: 'number',
  throttle: 'number',
  redirectRegion: 'string',
  expireToken: 'number',
  allowSmallChunks: 'boolean',
  explain: 'boolean',
  log: 'function',
  now: 'function',
} as const

const MAY_BE_ZERO = /* @__PURE__ */ new Set(['port', 'skew', 'failRate'])

/** Throws for options that do not exist or are invalid. */
export function checkOptions(options: ServeOptions): void {
  checkMembers('options', options, OPTIONS)
  const { credentials, port = 0, cors = [], now = Date.now, region, redirectRegion } = options
  const { skew = 0, failRate = 0, throttle = 1 } = options
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as keyof typeof TYPES]
    if (value !== undefined && typeof value !== type) rejectType(name, `Pass a ${type}.`)
    if (value === '') rejectValue(name, 'invalid', 'Pass a name.')
    if (typeof value === 'number' && !MAY_BE_ZERO.has(name) && !(value > 0))
      rejectValue(name, 'range', 'Pass a positive number.')
  }
  checkPort('port', port)
  if (!Number.isFinite(skew)) rejectValue('skew', 'range', 'Pass milliseconds, negative for a slow clock.')
  if (!(failRate >= 0 && failRate <= 1)) rejectValue('failRate', 'range', 'Pass a number from 0 to 1.')
  if (!Number.isInteger(throttle)) rejectValue('throttle', 'range', 'Pass an integer, 1 or more.')
  if (redirectRegion !== undefined && !/^[\w-]+$/.test(redirectRegion))
    rejectValue('redirectRegion', 'invalid', 'Pass a name such as eu-west-1.')
  if (redirectRegion !== undefined && region !== undefined)
    rejectValue('redirectRegion', 'unusable', 'Pass either region, for status 400, or redirectRegion, for status 301.')
  if (!Array.isArray(cors)) rejectType('cors', 'Pass a list of origins.')
  if (!cors.every((origin) => typeof origin === 'string' && parseOrigin(origin) === origin))
    rejectValue('cors', 'invalid', "Pass origins such as 'https://app.example', or '*'.")
  if (credentials === undefined || typeof credentials === 'function') return
  if (!isObject(credentials))
    rejectType('credentials', 'Pass { accessKeyId, secretAccessKey }, or a function that looks them up.')
  checkSecret(credentials, now())
}

function rejectType(name: string, hint: string): never {
  fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', hint)
}

function rejectValue(name: string, reason: ErrorReason, hint: string): never {
  fail('ERR_INVALID_ARG_VALUE', `options.${name}`, reason, hint)
}
