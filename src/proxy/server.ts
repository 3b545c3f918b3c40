import { constants, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { acceptClients, type Clients, MAX_HEAD_SIZE } from './clients.ts'
import { createHealthServer } from './health.ts'
import type { ProxyOptions } from './options/options.ts'
import { readOptions } from './options/settings.ts'
import { type Transfer, transferOf } from './transfers.ts'
import { openConnections } from './upstream/send.ts'

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

/** `[Symbol.asyncDispose]`, which calls `close`, for `await using`; nothing if the types of the project lack it. */
export type AsyncDisposal = SymbolConstructor extends { readonly asyncDispose: infer Name extends symbol }
  ? { readonly [Method in Name]: () => Promise<void> }
  : unknown

/** Milliseconds in which the head of a request must arrive, and a TLS handshake must be complete. */
const HEAD_TIMEOUT = 10_000
const CLOSE_TIMEOUT = 2000

/**
 * Starts a proxy on this machine for one server. It signs requests of clients that cannot (`'sign'`), replaces the
 * signatures of clients that have a placeholder key (`'resign'`), or explains why signatures are rejected (`'watch'`).
 *
 * @param options - The upstream, the mode, the credentials, and what is allowed.
 * @returns The URL of the proxy, and a function that stops it.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for an option that is unknown, invalid, or
 * missing; `SigV4Error` with `ERR_SIGV4_SCOPE_UNKNOWN` if the host of the upstream does not identify service and region, and
 * `ERR_SIGV4_CREDENTIALS_MISSING` for missing credentials; the runtime's error, such as `EADDRINUSE`, if it cannot listen.
 * @example
 * ```ts
 * import { proxy } from 'sigv4/proxy'
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
    maxHeaderSize: MAX_HEAD_SIZE,
    requireHostHeader: false, // the proxy rejects a missing Host header with a message
    keepAliveTimeout: 60_000,
    headersTimeout: HEAD_TIMEOUT,
    requestTimeout: 0, // uploads may take hours; `timeout` closes connections without traffic
    connectionsCheckingInterval: 1000,
  }
  const server: Server = options.tls
    ? createTlsServer({
        ...limits,
        handshakeTimeout: HEAD_TIMEOUT,
        // after a renegotiation, a connection can remain open when the client has closed it
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        ...options.tls,
      })
    : createServer(limits)
  server.maxHeadersCount = 0 // the size is limited, and a dropped header would not be signed
  server.timeout = idleTimeout + 1000 // after the timeout of the upstream, which has a response
  const clients = acceptClients(server, settings, connections)
  const { url, host, port } = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const health = options.health === undefined ? undefined : createHealthServer(settings)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= Promise.all([stop(server, clients), health && stop(health)]).then(async () => {
      await within(CLOSE_TIMEOUT, clients.settled())
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
  const transfers = (): Transfer[] => [...clients.pending].map(transferOf)
  const running = { url, host, port, healthUrl, transfers, close, [Symbol.asyncDispose]: close }
  return Object.defineProperty(running, 'clientCredentials', { value: clientCredentials }) as typeof running & {
    clientCredentials: SecretCredentials | undefined
  }
}

async function listen(server: Server, at: number, on: string): Promise<{ url: string; host: string; port: number }> {
  server.listen(at, on)
  await once(server, 'listening')
  server.on('error', () => undefined) // a connection that cannot be accepted does not end the proxy
  const { address: host, port, family } = server.address() as AddressInfo
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return { url: `${scheme}://${family === 'IPv6' ? `[${host}]` : host}:${port}`, host, port }
}

/** Generates a placeholder key in AWS format. */
function generateCredentials(): SecretCredentials {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const id = Array.from(randomBytes(16), (byte) => letters[byte % 32]).join('')
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') }
}

/** Waits for requests that have no connection any more; one that waits for credentials may take longer than the limit. */
function within(limit: number, requests: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limit)
    void requests.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Stops a server. Node does not know all of its connections, such as those that have become WebSockets. */
function stop(server: Server, clients?: Clients): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections()
      clients?.destroy('all')
    }, CLOSE_TIMEOUT)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.keepAliveTimeout = 1 // of connections with a pending request
    server.closeIdleConnections()
    clients?.destroy('detached')
  })
}
