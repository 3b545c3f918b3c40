import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { type Exchange, handle } from './exchange.ts'
import { createHealthServer } from './health.ts'
import type { ProxyOptions } from './options/options.ts'
import { readOptions, type Settings } from './options/settings.ts'
import { type Pending, type Transfer, transferOf } from './transfers.ts'
import { type Connections, openConnections } from './upstream/send.ts'
import { newEvidence } from './watch.ts'

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

const MAX_HEAD_SIZE = 64 * 1024
const HEADERS_TIMEOUT = 20_000
const CLOSE_TIMEOUT = 2000

/** The responses to requests that Node cannot read, by its error. */
const UNREADABLE: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are longer than ${MAX_HEAD_SIZE} bytes.`],
  HPE_INVALID_URL: [400, 'The path or the query string contains a character that must be percent-encoded.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The headers did not arrive in time.'],
}

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
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: 0, // uploads may take hours; `timeout` closes connections without traffic
    connectionsCheckingInterval: 1000,
  }
  const server: Server = options.tls
    ? createTlsServer({ ...limits, handshakeTimeout: HEADERS_TIMEOUT, ...options.tls })
    : createServer(limits)
  server.maxHeadersCount = 0 // the size is limited, and a dropped header would not be signed
  server.timeout = idleTimeout + 1000 // after the timeout of the upstream, which has a response
  const pending = new Set<Pending>()
  const handling = new Set<Promise<void>>()
  const upgraded = listenForRequests(server, settings, connections, pending, handling)
  const encrypted = new Set<Duplex>()
  if (server instanceof TlsServer)
    server.on('connection', (socket) => {
      encrypted.add(socket)
      socket.on('close', () => encrypted.delete(socket))
    })
  const { url, host, port } = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const health = options.health === undefined ? undefined : createHealthServer(settings)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= Promise.all([stop(server, upgraded, encrypted), health && stop(health)]).then(async () => {
      await within(CLOSE_TIMEOUT, Promise.all(handling))
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

async function listen(server: Server, at: number, on: string): Promise<{ url: string; host: string; port: number }> {
  server.listen(at, on)
  await once(server, 'listening')
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

/** Handles requests. Returns the connections that have become WebSockets, which the server no longer knows. */
function listenForRequests(
  server: Server,
  settings: Settings,
  connections: Connections,
  pending: Set<Pending>,
  handling: Set<Promise<void>>,
): Set<Socket> {
  const common = { settings, connections, reported: { isUnchecked: false } }
  const upgraded = new Set<Socket>()
  const start = (request: Pick<Exchange, 'incoming' | 'response' | 'expectsContinue' | 'upgrade'>): void => {
    const exchange = { ...common, ...request, evidence: newEvidence(settings, request.incoming) }
    const entry = { ...request, evidence: exchange.evidence, started: performance.now() }
    if (!request.upgrade) pending.add(entry)
    const handled = handle(exchange).then(() => {
      pending.delete(entry)
      handling.delete(handled)
    })
    handling.add(handled)
  }
  const handler = (expectsContinue: boolean) => (incoming: IncomingMessage, response: ServerResponse) =>
    start({ incoming, response, expectsContinue })
  server.on('request', handler(false))
  server.on('checkContinue', handler(true))
  server.on('checkExpectation', handler(false))
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!/^websocket$/i.test(incoming.headers.upgrade ?? '')) {
      withoutUpgrade(server, incoming, socket, head)
      return
    }
    const response = new ServerResponse(incoming)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.destroySoon())
    upgraded.add(socket)
    socket.on('error', () => undefined).on('close', () => upgraded.delete(socket))
    start({ incoming, response, expectsContinue: false, upgrade: { socket, head } })
  })
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket: Socket) => {
    const isInTls = socket instanceof TLSSocket && !/^(?:HPE|ERR_HTTP)_/.test(code)
    if (!socket.writable || code === 'ECONNRESET' || isInTls) {
      socket.destroy()
      return
    }
    const [status, message] = UNREADABLE[code] ?? [400, 'The request is not valid HTTP.']
    const body = `sigv4 proxy: ${message}\n`
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`
    socket.end(head + body)
    socket.destroySoon()
    settings.log({
      time: settings.now(),
      method: '',
      path: '',
      status,
      received: 0,
      sent: body.length,
      milliseconds: 0,
      accessKeyId: undefined,
      error: message,
    })
  })
  return upgraded
}

/**
 * Handles a request that offers a protocol other than WebSockets, such as HTTP/2, as if it did not (RFC 9110 section 7.8):
 * Node has stopped to parse it.
 */
function withoutUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const lines = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && !/^(?:upgrade|http2-settings)$/i.test(name) ? [`${name}: ${rawHeaders[i + 1]}\r\n`] : [],
  )
  socket.unshift(
    Buffer.concat([Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`, 'latin1'), head]),
  )
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
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

/** Stops a server. It does not know connections that have become WebSockets, or that wait for the TLS handshake. */
function stop(server: Server, upgraded: Iterable<Socket> = [], encrypted: Iterable<Duplex> = []): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections()
      for (const socket of encrypted) socket.destroy()
    }, CLOSE_TIMEOUT)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.keepAliveTimeout = 1 // of connections with a pending request
    server.closeIdleConnections()
    for (const socket of upgraded) socket.destroy()
  })
}
