import { checkSecret, type SecretCredentials } from '../../../../src/internal/credentials.ts'
import { type Now, toTime } from '../../../../src/internal/encoding.ts'
import {
  checkOptions,
  isObject,
  optionRules,
  type Rule,
  rejectOption,
  timerRule,
  typeRule,
  upTo,
} from '../../../../src/internal/options.ts'
import type { CredentialsLookup } from '../../../../src/verify.ts'
import { PORT } from '../server/server.ts'
import { parseOrigin } from './http/cors.ts'

/** Time in which a request must be complete. */
export const REQUEST_TIMEOUT = '15m'

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
  /**
   * Adds the cause of an incorrect signature to the response, as the element `Explanation`, and to the log, with the request
   * as it was received. @default false
   */
  readonly explain?: boolean | undefined
  /**
   * Receives an entry for each request: one line, and indented lines for an explanation and the request that it explains.
   * It contains no secret.
   * @default nothing is logged
   */
  readonly log?: ((entry: string) => void) | undefined
  /** The current time: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
  /** Time without a byte, `'500ms'`, after which a client is disconnected; at most 15 minutes. @default `'20s'` */
  readonly idleTimeout?: string | undefined
  /**
   * Time by which the server's clock is fast, `'1h'`, or slow, `'-1h'`, in its `Date` header and when it verifies.
   * @default `'0s'`
   */
  readonly skew?: string | undefined
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
   * Time after its first use, `'5m'`, from which a session token is rejected with `ExpiredToken`. Any token is accepted
   * until then, unless `credentials` is a lookup that requires a certain one. @default session tokens do not expire
   */
  readonly expireToken?: string | undefined
}

function numberRule(isValid: (value: number) => boolean, hint: string): Rule {
  return typeRule('number', (value) => (isValid(value) ? undefined : ['range', hint]))
}

const STRING = typeRule('string', (value) => (value === '' ? ['invalid', 'Pass a name.'] : undefined))
const BOOLEAN = typeRule('boolean')
const FUNCTION = typeRule('function')
const POSITIVE = numberRule((value) => value > 0, 'Pass a positive number.')

const OPTIONS = optionRules<ServeOptions>({
  credentials: undefined,
  port: PORT,
  host: STRING,
  region: STRING,
  dir: STRING,
  maxBytes: POSITIVE,
  cors: (value: unknown) => {
    if (!Array.isArray(value)) return ['type', 'Pass a list of origins.']
    const isValid = value.every((origin) => typeof origin === 'string' && parseOrigin(origin) === origin)
    return isValid ? undefined : ['invalid', "Pass origins such as 'https://app.example', or '*'."]
  },
  allowSmallChunks: BOOLEAN,
  explain: BOOLEAN,
  log: FUNCTION,
  now: undefined,
  idleTimeout: upTo(REQUEST_TIMEOUT, timerRule('20s')),
  skew: timerRule('-1h', Number.NEGATIVE_INFINITY),
  failRate: numberRule((value) => value >= 0 && value <= 1, 'Pass a number from 0 to 1.'),
  throttle: numberRule((value) => Number.isInteger(value) && value > 0, 'Pass an integer, 1 or more.'),
  redirectRegion: typeRule('string', (value) =>
    /^[\w-]+$/.test(value) ? undefined : ['invalid', 'Pass a name such as eu-west-1.'],
  ),
  expireToken: timerRule('5m'),
})

/** Throws for options that do not exist or are invalid. */
export function checkServeOptions(options: ServeOptions): void {
  checkOptions('options', options, OPTIONS)
  const { credentials, now = Date.now, region, redirectRegion } = options
  const time = toTime(now)
  if (redirectRegion !== undefined && region !== undefined)
    rejectOption(
      'options.redirectRegion',
      'unusable',
      'Pass either region, for status 400, or redirectRegion, for status 301.',
    )
  if (credentials === undefined || typeof credentials === 'function') return
  if (!isObject(credentials))
    rejectOption(
      'options.credentials',
      'type',
      'Pass { accessKeyId, secretAccessKey }, or a function that looks them up.',
    )
  checkSecret(credentials, time)
}
