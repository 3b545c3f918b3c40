import { type ErrorReason, fail } from '../core/errors.ts'
import { isObject } from '../core/kind.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkSecret, type SecretCredentials } from '../core/signing/credentials.ts'
import type { CredentialsLookup } from '../verify.ts'
import { parseOrigin } from './http/cors.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials port host region dir maxBytes cors allowSmallChunks explain log now idleTimeout',
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
}

const TYPES = {
  host: 'string',
  region: 'string',
  dir: 'string',
  port: 'number',
  maxBytes: 'number',
  idleTimeout: 'number',
  allowSmallChunks: 'boolean',
  explain: 'boolean',
  log: 'function',
  now: 'function',
} as const

/** Throws for options that do not exist or are invalid. */
export function checkOptions(options: ServeOptions): void {
  checkMembers('options', options, OPTIONS)
  const { credentials, port = 0, cors = [], now = Date.now } = options
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as keyof typeof TYPES]
    if (value !== undefined && typeof value !== type) rejectType(name, `Pass a ${type}.`)
    if (value === '') rejectValue(name, 'invalid', 'Pass a name.')
    if (typeof value === 'number' && name !== 'port' && !(value > 0))
      rejectValue(name, 'range', 'Pass a positive number.')
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    rejectValue('port', 'range', 'Pass an integer from 0 to 65535.')
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
