import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { fail } from '../core/errors.ts'
import { isSecretShaped } from '../core/secrets/find.ts'
import { createHider } from '../core/secrets/hide.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import type { VerifyOptions } from '../verify.ts'
import { type Endpoint, type Explain, respond } from './endpoint.ts'
import { parseOrigin } from './http/cors.ts'
import { S3Error } from './http/errors.ts'
import { errorResponse, newIds } from './http/response.ts'
import { openFolder } from './store/folder.ts'
import { memoryBytes } from './store/memory.ts'
import { openStore } from './store/store.ts'

export interface ServeOptions {
  /** Credentials that requests must be signed with: one access key, or a lookup as in `verify`. */
  readonly credentials: SecretCredentials | VerifyOptions['credentials']
  /** Address to listen on. @default `'127.0.0.1'` */
  readonly host?: string | undefined
  /** Port to listen on; 0 for any free port. @default 0 */
  readonly port?: number | undefined
  /** Region that requests must be signed for. @default any */
  readonly region?: string | undefined
  /** Accepts `aws-chunked` bodies with chunks under 8,192 bytes before the last one, which S3 rejects. @default false */
  readonly allowSmallChunks?: boolean | undefined
  /** Folder for the objects. @default memory */
  readonly dir?: string | undefined
  /** Total size limit in bytes. @default 256 MiB in memory, unlimited in a folder */
  readonly maxBytes?: number | undefined
  /** Origins whose pages may use the server, in addition to those of this machine; `*` for all. @default none */
  readonly cors?: readonly string[] | undefined
  /** Adds an explanation to the response and the log if a signature is rejected. @default none */
  readonly explain?: Explain | undefined
  /** Receives a line for each request, without a line break. @default none */
  readonly log?: ((line: string) => void) | undefined
  /** The clock, in epoch milliseconds. @default the system's */
  readonly now?: (() => number) | undefined
  /** Milliseconds without a byte before a client is disconnected. @default 20,000 */
  readonly idleTimeout?: number | undefined
}

export interface RunningServer {
  /** The URL, such as `http://127.0.0.1:9000`. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Total size limit in bytes. */
  readonly maxBytes: number
  /** Stops listening, waits up to two seconds for pending requests, and closes all connections. */
  close(): Promise<void>
}

const MEMORY = 256 * 1024 * 1024
const MAX_HEAD_SIZE = 32 * 1024
const MAX_CONNECTIONS = 1000
const MAX_PIPELINED = 100
const CLOSE_TIMEOUT = 2000

/** Starts an S3-compatible server that verifies every request. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkOptions(options)
  const { credentials, host = '127.0.0.1', port = 0, region, dir, explain, log, now = Date.now } = options
  const { idleTimeout = 20_000, maxBytes = dir === undefined ? MEMORY : Number.POSITIVE_INFINITY } = options
  const user = typeof credentials === 'function' ? undefined : { ...credentials } // The same object for each request, because signing keys are cached by it.
  const lookup: VerifyOptions['credentials'] =
    typeof credentials === 'function'
      ? credentials
      : (accessKeyId) => (accessKeyId === user?.accessKeyId ? user : undefined)
  const hide = isSecretShaped(user?.secretAccessKey ?? '') ? createHider([user!.secretAccessKey]) : String
  const { bytes, journal } = dir === undefined ? { bytes: memoryBytes() } : openFolder(dir)
  let isClosing = false
  const endpoint: Endpoint = {
    store: openStore(bytes, maxBytes, journal),
    credentials: lookup,
    region,
    allowSmallChunks: options.allowSmallChunks ?? false,
    cors: options.cors ?? [],
    idleTimeout,
    now,
    // A log that throws or rejects must not stop the server.
    log: log && ((line) => void (async () => log(hide(line)))().catch(() => {})),
    explain,
    isClosing: () => isClosing,
  }
  const server = createServer({
    maxHeaderSize: MAX_HEAD_SIZE,
    requireHostHeader: false, // The server rejects a missing Host header with an S3 error.
    keepAliveTimeout: 60_000,
    headersTimeout: idleTimeout,
    requestTimeout: 15 * 60_000,
    connectionsCheckingInterval: Math.min(1000, idleTimeout),
  })
  server.maxHeadersCount = 0 // The size is limited, and a dropped header would not be verified.
  server.timeout = 3 * idleTimeout
  server.maxConnections = MAX_CONNECTIONS
  listenForRequests(server, endpoint)
  server.listen(port, host)
  await once(server, 'listening')
  const { address, port: actual, family } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
  return {
    url,
    host: address,
    port: actual,
    maxBytes,
    async close() {
      isClosing = true
      await stop(server)
    },
  }
}

function listenForRequests(server: Server, endpoint: Endpoint): void {
  const lines = new WeakMap<Socket, { last: Promise<void>; waiting: number }>()
  /** Handles the requests of a connection one after another. */
  const handler = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const line = lines.get(socket) ?? { last: Promise.resolve(), waiting: 0 }
    lines.set(socket, line)
    line.waiting++
    if (line.waiting > MAX_PIPELINED) {
      socket.destroy()
      return
    }
    line.last = line.last
      .then(() => (socket.destroyed ? undefined : respond(endpoint, request, response, expectsContinue)))
      .catch(() => void socket.destroy()) // A rejection would skip all later requests of the connection.
      .finally(() => line.waiting--)
  }
  server.on('request', handler(false))
  server.on('checkContinue', handler(true))
  server.on('checkExpectation', handler(false))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || (lines.get(socket)?.waiting ?? 0) > 0) {
      socket.destroy()
      return
    }
    const problem =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? new S3Error('RequestHeaderSectionTooLarge')
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? new S3Error('RequestTimeout')
          : new S3Error('BadRequest', {}, 'An error occurred when parsing the HTTP request.')
    const { status, body } = errorResponse(problem, newIds())
    endpoint.log?.(`-  ${status}  ${problem.awsCode}: ${problem.message}`)
    socket.end(
      `HTTP/1.1 ${status} Bad Request\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    socket.destroySoon()
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function checkOptions({ credentials, host, port, maxBytes, dir, idleTimeout, log, explain, cors }: ServeOptions): void {
  const { accessKeyId, secretAccessKey } = (credentials ?? {}) as Partial<SecretCredentials>
  if (typeof credentials !== 'function' && !(accessKeyId && secretAccessKey))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.credentials',
      'invalid',
      'Pass { accessKeyId, secretAccessKey }, or a function that looks them up.',
    )
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536))
    fail('ERR_INVALID_ARG_VALUE', 'options.port', 'range', 'Pass an integer between 0 and 65535.')
  for (const [name, value] of Object.entries({ host, dir }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a string.')
  for (const origin of cors ?? [])
    if (parseOrigin(origin) !== origin)
      fail('ERR_INVALID_ARG_VALUE', 'options.cors', 'invalid', 'Pass origins such as https://app.example, or *.')
  for (const [name, value] of Object.entries({ maxBytes, idleTimeout }))
    if (value !== undefined && !(Number(value) > 0))
      fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'range', 'Pass a positive number.')
  for (const [name, value] of Object.entries({ log, explain }))
    if (value !== undefined && typeof value !== 'function')
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a function.')
}
