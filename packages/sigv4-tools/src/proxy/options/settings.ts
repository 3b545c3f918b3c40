import {
  type HeldCredentials,
  holdCredentials,
  type SecretCredentials,
} from '../../../../../src/internal/credentials.ts'
import { toTime } from '../../../../../src/internal/encoding.ts'
import { fail } from '../../../../../src/internal/errors.ts'
import { normalizeOrigin } from '../../../../../src/internal/http.ts'
import { rejectOption, toMilliseconds } from '../../../../../src/internal/options.ts'
import { hostScope, isLocalHost, isS3 } from '../../../../../src/internal/services.ts'
import { checkProxyOptions, type ProxyMode, type ProxyOptions } from './options.ts'

/** The server that requests are sent to. */
export interface Upstream {
  readonly isEncrypted: boolean
  /** The signed host, without the default port. */
  readonly host: string
  /** Its name, for TLS. */
  readonly name: string
  /** The address to connect to. */
  readonly address: string
  readonly port: number
  /** Whether it is a known service, which accepts requests for its own host only. */
  readonly isKnown: boolean
}

/** The space for all stored bodies in bytes, and the bodies, the oldest first. */
export interface Storage {
  readonly size: number
  used: number
  readonly bodies: Set<Stored>
}

/** A stored body. `discard` ends one that is not verified yet. */
export interface Stored {
  length: number
  discard: (() => void) | undefined
}

/** The options, read and completed. */
export interface Settings {
  readonly mode: ProxyMode
  readonly upstream: Upstream
  /** The scope of the upstream, as far as it is known. */
  readonly service: string | undefined
  readonly region: string | undefined
  /** Missing if requests are only watched. */
  readonly credentials: HeldCredentials<SecretCredentials> | undefined
  readonly clientCredentials: SecretCredentials | undefined
  readonly prefix: string
  readonly signsQuery: boolean
  readonly keepsCookies: boolean
  readonly maxBody: number
  readonly storage: Storage
  readonly maxConnections: number
  readonly token: string | undefined
  /** Whether clients connect with TLS. */
  readonly hasTls: boolean
  /** Hosts by which clients reach the proxy, in lowercase and without a port. */
  readonly hosts: readonly string[]
  readonly cors: readonly string[]
  readonly isReadOnly: boolean
  readonly allow: readonly string[]
  /** The accepted scopes of requests that are signed again; `undefined` for any, with the key of the client. */
  readonly services: readonly string[] | undefined
  readonly regions: readonly string[] | undefined
  readonly allowsPresigned: boolean
  /** Whether responses may contain pages that anyone can store, which must not be able to use the proxy. */
  readonly hasPages: boolean
  readonly idleTimeout: number
  readonly log: NonNullable<ProxyOptions['log']>
  readonly now: () => number
}

/** Number of bodies of the maximum length that can be stored at once. */
const STORED_BODIES = 4

/** Reads the options. `generated` is the placeholder key if none is passed. */
export function readOptions(options: ProxyOptions, generated: SecretCredentials): Settings {
  checkProxyOptions(options)
  const { mode = 'sign', host = '127.0.0.1', prefix = '/', token, credentials, maxBody = 100 * 1024 * 1024 } = options
  const upstream = readUpstream(options)
  const known = hostScope(upstream.host)
  const service = options.service ?? known.service
  const region = options.region ?? known.region
  const services = accepted(service, options.allowServices)
  const regions = accepted(region, options.allowRegions)
  if (mode !== 'watch') {
    checkScope(upstream.host, mode, 'service', service, services)
    checkScope(upstream.host, mode, 'region', region, regions)
  }
  if (credentials === undefined && (mode !== 'watch' || (upstream.isKnown && options.tls === undefined)))
    fail(
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials',
      'missing',
      mode === 'watch'
        ? `${upstream.host} accepts only requests for its own host, so that the proxy must sign them again.`
        : 'Pass the credentials to sign with.',
    )
  if (!isLocalHost(host) && mode === 'watch')
    rejectOption('options.host', 'unusable', "The mode 'watch' is for this machine only. Listen on 127.0.0.1.")
  if (!isLocalHost(host) && mode === 'sign' && token === undefined)
    rejectOption(
      'options.token',
      'missing',
      `Other machines can reach ${host}, and could use the credentials. Require a token, use the mode resign, or listen on 127.0.0.1.`,
    )
  const { credentialsMaxAge: maxAge } = options
  return {
    mode,
    upstream,
    service,
    region,
    credentials: credentials && holdCredentials(credentials, maxAge === undefined ? maxAge : toMilliseconds(maxAge)),
    clientCredentials: mode === 'resign' ? { ...(options.clientCredentials ?? generated) } : undefined,
    prefix: prefix === '/' ? '' : prefix,
    signsQuery: options.signQuery ?? false,
    keepsCookies: options.cookies ?? false,
    maxBody,
    storage: { used: 0, size: maxBody * STORED_BODIES, bodies: new Set() },
    maxConnections: options.maxConnections ?? 2000,
    token,
    hasTls: options.tls !== undefined,
    hosts: ['localhost', '127.0.0.1', '[::1]', host, ...(options.allowHosts ?? [])].map((name) =>
      name.toLowerCase().replace(/^[^[:]*:[^[]*$/, '[$&]'),
    ),
    cors: options.cors ?? [],
    isReadOnly: options.readOnly ?? false,
    allow: options.allow ?? [],
    services,
    regions,
    allowsPresigned: options.allowPresigned ?? false,
    hasPages: mode !== 'watch' && services!.some(isS3),
    idleTimeout: toMilliseconds(options.idleTimeout ?? '5m'),
    log(request) {
      try {
        options.log?.(request)
      } catch {
        // a log that fails does not stop the proxy
      }
    },
    now: () => toTime(options.now ?? Date.now),
  }
}

function accepted(own: string | undefined, more: readonly string[] = []): readonly string[] | undefined {
  return own === undefined && more.length === 0 ? undefined : [own ?? [], more].flat()
}

/** Throws if the service or region is unknown: clients must not choose what the credentials sign for. */
function checkScope(
  host: string,
  mode: ProxyMode,
  name: 'service' | 'region',
  own: string | undefined,
  all: readonly string[] | undefined,
): void {
  const argument = `options.${name}`
  if (own !== undefined && !/^[\w-]+$/.test(own)) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
  const what = mode === 'resign' ? '. Pass what clients may sign for' : ''
  if (!all) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'missing', `The host ${host} does not identify it${what}.`)
}

function readUpstream({ upstream, connect, allowHttp = false }: ProxyOptions): Upstream {
  if (upstream === undefined) rejectOption('options.upstream', 'missing', 'Pass a URL such as https://example.com.')
  const [, base = '', path = ''] = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(upstream) ?? []
  const origin = normalizeOrigin(base)
  if (origin === undefined) rejectOption('options.upstream', 'invalid', 'Pass a URL such as https://example.com.')
  if (path !== '' && path !== '/')
    rejectOption('options.upstream', 'invalid', 'Pass it without a path. A path is options.prefix.')
  const isEncrypted = origin.startsWith('https:')
  const host = origin.slice(origin.indexOf('/') + 2)
  const [name, port] = splitPort(host)
  const [address, otherPort] = connect === undefined ? [name, undefined] : splitPort(connect)
  if (!isEncrypted && !allowHttp && !isLocalHost(address))
    rejectOption(
      'options.allowHttp',
      'missing',
      `The connection to ${host} would not be encrypted. Pass an https:// URL.`,
    )
  return {
    isEncrypted,
    host,
    name: name.replace(/^\[|\]$/g, ''),
    address: address.replace(/^\[|\]$/g, ''),
    port: otherPort ?? port ?? (isEncrypted ? 443 : 80),
    isKnown: hostScope(host).service !== undefined,
  }
}

function splitPort(host: string): [name: string, port: number | undefined] {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  return [name, port === undefined ? undefined : Number(port)]
}
