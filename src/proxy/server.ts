import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { handle } from './exchange.ts'
import type { ProxyOptions } from './options/options.ts'
import { readOptions, type Settings } from './options/settings.ts'
import { type Connections, openConnections } from './upstream/send.ts'

/** A running proxy. */
export interface RunningProxy {
  /** The endpoint to pass to clients, such as `http://127.0.0.1:9000`, without a slash at its end. */
  readonly url: string
  /** The IP address that it listens on. */
  readonly host: string
  readonly port: number
  /** With mode `'resign'`, the placeholder key that clients sign with. Non-enumerable, so loggers skip it. */
  readonly clientCredentials: SecretCredentials | undefined
  /**
   * Stops listening, waits up to two seconds for pending requests, and closes all connections. The promise resolves when
   * no connection is open; further calls return the same promise.
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
  const server = createServer({
    maxHeaderSize: MAX_HEAD_SIZE,
    requireHostHeader: false, // the proxy rejects a missing Host header with a message
    keepAliveTimeout: 60_000,
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: 0, // uploads may take hours; `timeout` closes connections without traffic
    connectionsCheckingInterval: 1000,
  })
  server.maxHeadersCount = 0 // the size is limited, and a dropped header would not be signed
  server.timeout = idleTimeout + 1000 // after the timeout of the upstream, which has a response
  const upgraded = listenForRequests(server, settings, connections)
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  const { address, port, family } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= stop(server, upgraded).finally(() => {
      for (const agent of Object.values(connections)) agent.destroy()
    })
    return closing
  }
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  const running = { url, host: address, port, close, [Symbol.asyncDispose]: close }
  return Object.defineProperty(running, 'clientCredentials', { value: clientCredentials }) as typeof running & {
    clientCredentials: SecretCredentials | undefined
  }
}

/** Generates a placeholder key in AWS format. */
function generateCredentials(): SecretCredentials {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const id = Array.from(randomBytes(16), (byte) => letters[byte % 32]).join('')
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') }
}

/** Handles requests. Returns the connections that have become WebSockets, which the server no longer knows. */
function listenForRequests(server: Server, settings: Settings, connections: Connections): Set<Socket> {
  const common = { settings, connections, reported: { isUnchecked: false } }
  const upgraded = new Set<Socket>()
  const handler = (expectsContinue: boolean) => (incoming: IncomingMessage, response: ServerResponse) =>
    void handle({ ...common, incoming, response, expectsContinue })
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
    void handle({ ...common, incoming, response, expectsContinue: false, upgrade: { socket, head } })
  })
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const [status, message] =
      code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', `The headers are longer than ${MAX_HEAD_SIZE} bytes.`]
        : code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? ['408 Request Timeout', 'The headers did not arrive in time.']
          : ['400 Bad Request', 'The request is not valid HTTP.']
    const body = `sigv4 proxy: ${message}\n`
    const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`
    socket.end(head + body)
    socket.destroySoon()
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
  server.emit('connection', socket)
}

function stop(server: Server, upgraded: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.keepAliveTimeout = 1 // of connections with a pending request
    server.closeIdleConnections()
    for (const socket of upgraded) socket.destroy()
  })
}
