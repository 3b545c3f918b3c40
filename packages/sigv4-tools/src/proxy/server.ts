import { constants } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { acceptClients, type Handlers } from '../server/clients.ts'
import { generateCredentials } from '../server/key.ts'
import { type AsyncDisposal, LIMITS, listen, settled, stop } from '../server/server.ts'
import { newBudget } from './budget.ts'
import { handle } from './exchange.ts'
import { createHealthServer } from './health.ts'
import type { ProxyOptions } from './options/options.ts'
import { readOptions, type Settings } from './options/settings.ts'
import { type Pending, type Transfer, transferOf } from './transfers.ts'
import { type Connections, openConnections } from './upstream/send.ts'
import { newEvidence } from './watch.ts'

export type { AsyncDisposal } from '../server/server.ts'

/** A running proxy. */
export interface RunningProxy {
  /** The endpoint to pass to clients, such as `http://127.0.0.1:9000`, without a slash at its end; `https://` with TLS. */
  readonly url: string
  /** The IP address that it listens on. */
  readonly host: string
  readonly port: number
  /** The URL for health checks, if they have a port. */
  readonly healthUrl: string | undefined
  /** Returns the requests whose responses are not complete, without WebSockets. */
  transfers(): Transfer[]
  /** With mode `'resign'`, the placeholder key that clients sign with. Non-enumerable, so loggers skip it. */
  readonly clientCredentials: SecretCredentials | undefined
  /**
   * Stops listening, waits up to two seconds for pending requests, and closes all connections. The promise resolves when
   * no connection is open and each request was logged; further calls return the same promise.
   */
  close(): Promise<void>
}

/** Milliseconds within which the head of a request must arrive, and a TLS handshake must be complete. */
const HEAD_TIMEOUT = 10_000
/** Maximum length of the head of a request in bytes. */
const MAX_HEAD_SIZE = 64 * 1024

/**
 * Starts a proxy on this machine for one server. It signs requests of clients that cannot (`'sign'`), replaces the
 * signatures of clients that have a placeholder key (`'resign'`), or explains why signatures are rejected (`'watch'`).
 *
 * @param options - The upstream, the mode, the credentials, and the allowed requests.
 * @returns The URL of the proxy, and a function that stops it.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for an option that is unknown, invalid, or
 * missing; `SigV4Error` with `ERR_SIGV4_SCOPE_UNKNOWN` if the host of the upstream does not identify service and region, and
 * `ERR_SIGV4_CREDENTIALS_MISSING` for missing credentials; the runtime's error, such as `EADDRINUSE`, if it cannot listen.
 * @example
 * ```ts
 * import { proxy } from 'sigv4-tools/proxy'
 *
 * const { url, close } = await proxy({
 *   upstream: 'https://search-logs-abc.eu-west-1.es.amazonaws.com',
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   readOnly: true,
 * })
 * console.log(url)
 * // http://127.0.0.1:…
 * await close()
 * ```
 */
export async function proxy(options: ProxyOptions): Promise<RunningProxy & AsyncDisposal> {
  const settings = readOptions(options, generateCredentials())
  const connections = openConnections(settings)
  const { idleTimeout, clientCredentials } = settings
  const limits = {
    ...LIMITS,
    maxHeaderSize: MAX_HEAD_SIZE,
    headersTimeout: HEAD_TIMEOUT,
    requestTimeout: 0, // uploads may take hours; `timeout` closes connections without traffic
    connectionsCheckingInterval: 1000,
  }
  const server: Server = options.tls
    ? createTlsServer({
        ...limits,
        handshakeTimeout: HEAD_TIMEOUT,
        // after a renegotiation, a connection can remain open although the client has closed it
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        ...options.tls,
      })
    : createServer(limits)
  server.timeout = idleTimeout + 1000 // after the timeout of the upstream, which has a response
  const pending = new Set<Pending>()
  const clients = acceptClients(server, handlersOf(settings, connections, pending))
  const { url, host, port } = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const health = options.health === undefined ? undefined : createHealthServer(settings)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= Promise.all([stop(server, clients), health && stop(health)]).then(async () => {
      await settled(clients)
      for (const agent of Object.values(connections)) agent.destroy()
    })
    return closing
  }
  let healthUrl: string | undefined
  try {
    if (health) healthUrl = (await listen(health, options.health!, host)).url
  } catch (error) {
    await close()
    throw error
  }
  const transfers = (): Transfer[] => [...pending].map(transferOf)
  const running = { url, host, port, healthUrl, transfers, close, [Symbol.asyncDispose]: close }
  return Object.defineProperty(running, 'clientCredentials', { value: clientCredentials }) as typeof running & {
    clientCredentials: SecretCredentials | undefined
  }
}

/** Responses to requests that Node cannot parse, by error code. */
const UNREADABLE: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are longer than ${MAX_HEAD_SIZE} bytes.`],
  HPE_INVALID_URL: [400, 'The path or the query string contains a character that must be percent-encoded.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The headers did not arrive in time.'],
}

/** Returns the handlers of requests. `pending` are those whose responses are not complete, without WebSockets. */
function handlersOf(settings: Settings, connections: Connections, pending: Set<Pending>): Handlers {
  const reported = { isUnchecked: false }
  const budget = newBudget(settings.mode)
  const log = (status: number | undefined, sent: number, error: string): void =>
    settings.log({
      time: settings.now(),
      method: '',
      path: '',
      status,
      received: 0,
      sent,
      milliseconds: 0,
      accessKeyId: undefined,
      error,
    })
  return {
    maxConnections: settings.maxConnections,
    hasUpgrades: true,
    receive(incoming, response, upgrade) {
      const evidence = newEvidence(settings, incoming)
      const entry = { incoming, response, evidence, started: performance.now() }
      if (!upgrade) pending.add(entry)
      return async (turn) => {
        try {
          await handle({ ...turn, settings, connections, reported, budget, incoming, response, evidence, upgrade })
        } finally {
          pending.delete(entry)
        }
      }
    },
    rejectBytes(code) {
      const [status, message] = UNREADABLE[code] ?? [400, 'The request is not valid HTTP.']
      const body = `sigv4-tools proxy: ${message}\n`
      log(status, body.length, message)
      return { status, contentType: 'text/plain', body }
    },
    logFlood: (message) => log(undefined, 0, message),
  }
}
