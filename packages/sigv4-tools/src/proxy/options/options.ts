import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { CredentialsProvider } from '../../../../../src/credentials.ts'
import { checkCredentials, checkSecret, type SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { type Now, toTime } from '../../../../../src/internal/encoding.ts'
import {
  checkOptions,
  choiceRule,
  isObject,
  optionRules,
  type Rule,
  rejectOption,
  timerRule,
  typeRule,
} from '../../../../../src/internal/options.ts'
import type { Cause } from '../../explain.ts'
import { PORT } from '../../server/server.ts'

/**
 * `'sign'`: requests are not signed, and the proxy signs them. `'resign'`: clients sign with a placeholder key, which the
 * proxy verifies and replaces. `'watch'`: requests are forwarded unchanged, unless their signature is for a different host, and the proxy explains why they
 * are rejected.
 */
export type ProxyMode = 'sign' | 'resign' | 'watch'

/** A request that the proxy has responded to. It contains no secret, and outside of `exchange` no header, no query string and no body. */
export interface LoggedRequest {
  /** Time of arrival in epoch milliseconds. */
  readonly time: number
  readonly method: string
  /** The path, without the query string, which may contain secrets. */
  readonly path: string
  /** Status of the response; `undefined` if the client disconnected before it. */
  readonly status: number | undefined
  /** Bytes of the body of the request. */
  readonly received: number
  /** Bytes of the body of the response. */
  readonly sent: number
  readonly milliseconds: number
  /** The access key ID that the request was sent with. */
  readonly accessKeyId: string | undefined
  /** The reason if the proxy rejected the request or could not forward it. */
  readonly error: string | undefined
  /** With mode `'watch'`: whether the signature was correct as received; `'unchecked'` if that is not known. */
  readonly verdict?: 'right' | 'wrong' | 'unchecked'
  /** The most likely cause of a rejected signature. */
  readonly cause?: Cause
  /** The cause and the fix, in lines. */
  readonly explanation?: readonly string[]
  /**
   * With mode `'watch'`: a rejected request as it was received, the length and the hash of its body, and the response, in
   * lines that `explain` reads. Secrets are hidden, and long parts are cut.
   */
  readonly exchange?: readonly string[]
}

/** Options of `proxy`. */
export interface ProxyOptions {
  /** The only server that requests are sent to: its URL, without a path. */
  readonly upstream: string
  /** The mode: `'sign'`, `'resign'`, or `'watch'`. @default `'sign'` */
  readonly mode?: ProxyMode | undefined
  /**
   * Credentials to sign with, or a function that returns them, whose result is kept and refreshed before it expires. For
   * `'watch'`: the credentials that clients sign with.
   * @default none, which only `'watch'` allows
   */
  readonly credentials?:
    | SecretCredentials
    | CredentialsProvider<SecretCredentials | Promise<SecretCredentials>>
    | undefined
  /**
   * Time, `'5m'`, after which a function for `credentials` is called again although they have not expired. Requests wait for
   * it; if it throws, they are signed with the previous credentials.
   * @default `'5m'`, unless they have an expiration
   */
  readonly credentialsMaxAge?: string | undefined
  /** With `'resign'`, the placeholder key that clients sign with. @default generated; see `clientCredentials` of the result */
  readonly clientCredentials?: SecretCredentials | undefined
  /**
   * Signing name of the service; with `'resign'`, the one that clients may sign for. Required if the host does not identify it,
   * except with `'watch'`.
   * @default determined from the host of the upstream
   */
  readonly service?: string | undefined
  /** Region, as for `service`. @default determined from the host of the upstream */
  readonly region?: string | undefined
  /** Port to listen on; `0` for any free port. @default 0 */
  readonly port?: number | undefined
  /** Name or IP address to listen on. @default `'127.0.0.1'`, which other machines cannot reach */
  readonly host?: string | undefined
  /**
   * Certificate and private key, as PEM: clients connect with TLS. The certificate must be for the name that they use.
   * @default no TLS
   */
  readonly tls?:
    | {
        /** The certificate and those that issued it, as PEM. */
        readonly cert: string
        /** The private key of the certificate, as PEM. */
        readonly key: string
      }
    | undefined
  /**
   * Port for health checks, on the same address: requests for any path get the status 200 while the proxy has valid
   * credentials, and otherwise 503. `0` for any free port; see `healthUrl` of the result. @default none
   */
  readonly health?: number | undefined
  /** Address to connect to in place of the host of the upstream, which is still the signed host: `'10.0.0.7:8443'`. @default the upstream */
  readonly connect?: string | undefined
  /** Prefix for the path of each request, such as the stage of an API: `'/prod'`. @default none */
  readonly prefix?: string | undefined
  /** With `'sign'`, whether WebSocket requests are signed in the query string, as IoT requires. @default false */
  readonly signQuery?: boolean | undefined
  /** Whether cookies are forwarded when requests are signed. @default false */
  readonly cookies?: boolean | undefined
  /**
   * Maximum length of a body that must be read before it is sent, in bytes. Together, all bodies that are stored at
   * the same time can be four times as long. @default 104,857,600
   */
  readonly maxBody?: number | undefined
  /** With `'sign'`, a token that clients must send: `Authorization: Bearer TOKEN`. @default none */
  readonly token?: string | undefined
  /** Names of this proxy that clients may use, in addition to `localhost` and its address. @default none */
  readonly allowHosts?: readonly string[] | undefined
  /** Origins whose pages may use the proxy, such as `https://app.example`. @default none */
  readonly cors?: readonly string[] | undefined
  /** Allows an upstream that is not this machine and has no encryption. @default false */
  readonly allowHttp?: boolean | undefined
  /** Rejects all methods except GET, HEAD, and OPTIONS. @default false */
  readonly readOnly?: boolean | undefined
  /**
   * Requests to allow, such as `'GET /index/*'`: a method or `*`, and a path in which `*` matches any characters, but at
   * least one other than a slash. The path `*` matches any path. `GET` includes `HEAD`. The query string is not compared.
   * The path is the one that the client requests, without `prefix`, after the bucket if the host contains it. Copying
   * an object requires `GET` of the source.
   * @default all
   */
  readonly allow?: readonly string[] | undefined
  /** With `'resign'`, services that clients may sign for, in addition to that of the upstream. @default none */
  readonly allowServices?: readonly string[] | undefined
  /** With `'resign'`, regions that clients may sign for, in addition to that of the upstream. @default none */
  readonly allowRegions?: readonly string[] | undefined
  /** With `'resign'`, whether presigned requests are accepted. @default false */
  readonly allowPresigned?: boolean | undefined
  /**
   * Maximum number of client connections. A further one replaces a connection without a pending request, or one whose request
   * was not accepted yet. Each connection can require three file descriptors. @default 2,000
   */
  readonly maxConnections?: number | undefined
  /** Time without a byte, `'30s'`, after which a connection is closed. @default `'5m'` */
  readonly idleTimeout?: string | undefined
  /** Receives each request after it has ended. @default nothing is logged */
  readonly log?: ((request: LoggedRequest) => void) | undefined
  /** The current time: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
}

const TLS = /* @__PURE__ */ optionRules<NonNullable<ProxyOptions['tls']>>({
  cert: typeRule('string'),
  key: typeRule('string'),
})

/** Minimum length of a token that cannot be guessed. */
const MIN_TOKEN = 16

/** Returns a rule for strings. `rule` checks those that are not empty. */
function stringRule(rule?: Rule): Rule {
  return typeRule('string', (value) => (value === '' ? ['invalid', 'It must not be empty.'] : rule?.(value)))
}

function format(pattern: RegExp, hint: string): Rule {
  return stringRule((value) => (pattern.test(value) ? undefined : ['invalid', hint]))
}

function listRule(pattern = /./s, hint = ''): Rule {
  return (value: unknown) => {
    const isList = Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')
    if (!isList) return ['type', 'Pass a list of strings.']
    return value.every((each) => pattern.test(each)) ? undefined : ['invalid', hint]
  }
}

const STRING = stringRule()
const BOOLEAN = typeRule('boolean')
const FUNCTION = typeRule('function')
const POSITIVE = typeRule('number', (value) => (value > 0 ? undefined : ['range', 'Pass a positive number.']))
const LIST = listRule()

const OPTIONS = optionRules<ProxyOptions>({
  upstream: STRING,
  mode: choiceRule('sign', 'resign', 'watch'),
  credentials: undefined,
  credentialsMaxAge: timerRule('5m'),
  clientCredentials: undefined,
  service: STRING,
  region: STRING,
  port: PORT,
  host: STRING,
  tls: undefined,
  health: PORT,
  connect: format(
    /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i,
    'Pass a name or an IP address, and optionally a port: 10.0.0.7:8443.',
  ),
  prefix: format(
    /^\/(?:[!-"$->@-[\]-~]*[!-"$-.0->@-[\]-~])?$/,
    'Pass a path such as /prod, without a slash at its end.',
  ),
  signQuery: BOOLEAN,
  cookies: BOOLEAN,
  maxBody: POSITIVE,
  token: stringRule((value: string) =>
    value.length >= MIN_TOKEN && /^[!-~]+$/.test(value)
      ? undefined
      : ['invalid', `Pass at least ${MIN_TOKEN} characters, without spaces.`],
  ),
  allowHosts: LIST,
  cors: listRule(
    /^https?:\/\/(?:[a-z\d.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/,
    'Pass an origin such as https://app.example.',
  ),
  allowHttp: BOOLEAN,
  readOnly: BOOLEAN,
  allow: listRule(
    /^(?:\*|[A-Z-]+) [/*][^\s?#]*$/,
    "Pass a method in capitals and a path without a query string, such as 'GET /index/*'.",
  ),
  allowServices: LIST,
  allowRegions: LIST,
  allowPresigned: BOOLEAN,
  maxConnections: POSITIVE,
  idleTimeout: timerRule('30s'),
  log: FUNCTION,
  now: undefined,
})

/** Options that only one mode uses. In another mode, they would have no effect. */
const ONLY = {
  sign: ['token', 'signQuery'],
  resign: ['clientCredentials', 'allowServices', 'allowRegions', 'allowPresigned'],
} as const

/** Throws for options that do not exist, are invalid, or do not fit the mode. */
export function checkProxyOptions(options: ProxyOptions): void {
  checkOptions('options', options, OPTIONS)
  const { mode = 'sign', credentials, clientCredentials, port = 0, health = 0 } = options
  const now = toTime(options.now ?? Date.now)
  for (const [only, names] of Object.entries(ONLY))
    for (const name of names)
      if (only !== mode && options[name] !== undefined && options[name] !== false)
        rejectOption(`options.${name}`, 'unusable', `It requires the mode '${only}'.`)
  if (health > 0 && health === port) rejectOption('options.health', 'invalid', 'It must differ from options.port.')
  if (options.readOnly && options.allow?.some((rule) => !/^(?:\*|GET|HEAD|OPTIONS) /.test(rule)))
    rejectOption('options.allow', 'invalid', 'With readOnly, pass only GET, HEAD, OPTIONS, or *.')
  if (options.tls !== undefined) checkTls(options.tls)
  if (credentials !== undefined && typeof credentials !== 'function') {
    if (!isObject(credentials))
      rejectOption('options.credentials', 'type', 'Pass { accessKeyId, secretAccessKey }, or a function.')
    checkCredentials(credentials, now)
  }
  if (clientCredentials === undefined) return
  checkSecret(clientCredentials, now)
  if (Object(credentials).accessKeyId === clientCredentials.accessKeyId)
    rejectOption('options.clientCredentials', 'unusable', 'Pass a placeholder, not the key in options.credentials.')
}

/** Checks a certificate and its key, which would otherwise fail in each connection. */
function checkTls(tls: NonNullable<ProxyOptions['tls']>): void {
  checkOptions('options.tls', tls, TLS)
  for (const name of ['cert', 'key'] as const)
    if (tls[name] === undefined) rejectOption(`options.tls.${name}`, 'missing', 'Pass cert and key.')
  let certificate: X509Certificate
  let key: KeyObject
  try {
    certificate = new X509Certificate(tls.cert)
  } catch {
    rejectOption('options.tls.cert', 'invalid', 'Pass a certificate in PEM format.')
  }
  try {
    key = createPrivateKey(tls.key)
  } catch {
    rejectOption('options.tls.key', 'invalid', 'Pass a private key in PEM format, without a passphrase.')
  }
  if (!certificate.checkPrivateKey(key))
    rejectOption('options.tls.key', 'mismatch', 'Pass the private key of the certificate.')
}
