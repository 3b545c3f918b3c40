import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { fail } from '../core/errors.ts'
import type { VerifyOptions } from '../verify.ts'
import { errorAnswer, newIds } from './answer.ts'
import type { CorsRule } from './cors.ts'
import { type Endpoint, type Explain, respond } from './endpoint.ts'
import { S3Error } from './errors.ts'
import { folderShelf } from './folder.ts'
import { shown } from './log.ts'
import { memoryShelf } from './memory.ts'
import { openStore } from './store.ts'

/** The credentials of the one user that a server knows. */
export interface ServeCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface ServeOptions {
  /** Who may send requests: one user, or a lookup as `verify` takes it. */
  readonly credentials: ServeCredentials | VerifyOptions['credentials']
  /** Interface to listen on. @default `'127.0.0.1'` */
  readonly host?: string | undefined
  /** Port to listen on; 0 for any that is free. @default 0 */
  readonly port?: number | undefined
  /** The one region that requests must be signed for. @default any */
  readonly region?: string | undefined
  /** Accepts `aws-chunked` bodies with chunks under 8,192 bytes before the last one, which S3 rejects. @default false */
  readonly allowSmallChunks?: boolean | undefined
  /** Folder that keeps the objects. @default they are kept in memory */
  readonly dir?: string | undefined
  /** Bytes that all objects may take together. @default 256 MiB in memory, no limit in a folder */
  readonly maxBytes?: number | undefined
  /** Which pages may use the server; `false` for none. @default all */
  readonly cors?: CorsRule | false | undefined
  /** Adds to the answer and the log of each request whose signature is refused. @default nothing */
  readonly explain?: Explain | undefined
  /** Gets a line for each request, without its end. @default none */
  readonly log?: ((line: string) => void) | undefined
  /** The clock, in epoch milliseconds. @default the system's */
  readonly now?: (() => number) | undefined
  /** Milliseconds without a byte after which a client is given up. @default 20,000 */
  readonly idleTimeout?: number | undefined
}

export interface RunningServer {
  /** `http://127.0.0.1:9000` */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Lines for a terminal: what this is, where it is, what it keeps. Nothing secret is in them. */
  readonly banner: readonly string[]
  /** Stops listening, lets the requests under way end for up to two seconds, and closes all connections. */
  close(): Promise<void>
}

const MEMORY = 256 * 1024 * 1024
const LARGEST_HEAD = 32 * 1024
const MOST_CONNECTIONS = 1000
const MOST_PIPELINED = 100
const GRACE = 2000
const LONGEST_LINE = 1000

/** Starts a server that speaks S3 and verifies every request. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkOptions(options)
  const { credentials, host = '127.0.0.1', port = 0, region, dir, cors = {}, explain, log, now = Date.now } = options
  const { idleTimeout = 20_000, maxBytes = dir === undefined ? MEMORY : Number.POSITIVE_INFINITY } = options
  const known = typeof credentials === 'function' ? undefined : { ...credentials } // one object: keys are cached by it
  const lookup: VerifyOptions['credentials'] =
    typeof credentials === 'function'
      ? credentials
      : (accessKeyId) => (accessKeyId === known?.accessKeyId ? known : undefined)
  let isClosing = false
  const endpoint: Endpoint = {
    store: openStore(dir === undefined ? memoryShelf() : folderShelf(dir), maxBytes),
    uploads: new Map(),
    credentials: lookup,
    region,
    allowSmallChunks: options.allowSmallChunks ?? false,
    cors,
    idleTimeout,
    now,
    // a log that throws or rejects must not end the server
    log: log && ((line) => void (async () => log(line))().catch(() => {})),
    explain,
    isClosing: () => isClosing,
  }
  const server = createServer({
    maxHeaderSize: LARGEST_HEAD,
    requireHostHeader: false, // its absence is refused in words of S3
    keepAliveTimeout: 60_000,
    headersTimeout: idleTimeout,
    requestTimeout: 15 * 60_000,
    connectionsCheckingInterval: Math.min(1000, idleTimeout),
  })
  server.maxHeadersCount = 0 // the size is limited; a header that is dropped would not be checked
  server.timeout = 3 * idleTimeout
  server.maxConnections = MOST_CONNECTIONS
  listenForRequests(server, endpoint)
  await listen(server, port, host)
  const { address, port: actual, family } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
  return {
    url,
    host: address,
    port: actual,
    banner: banner(url, address, options, maxBytes),
    async close() {
      isClosing = true
      await stop(server)
    },
  }
}

function listenForRequests(server: Server, endpoint: Endpoint): void {
  const lines = new WeakMap<Socket, { last: Promise<void>; waiting: number }>()
  /** Requests of one connection one after the other, as if the client waited for each answer. */
  const take = (isAwaited: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const line = lines.get(socket) ?? { last: Promise.resolve(), waiting: 0 }
    lines.set(socket, line)
    if (++line.waiting > MOST_PIPELINED) return void socket.destroy()
    line.last = line.last
      .then(() => (socket.destroyed ? undefined : respond(endpoint, request, response, isAwaited)))
      .catch(() => void socket.destroy()) // a rejection would skip all later requests of the connection
      .finally(() => line.waiting--)
  }
  server.on('request', take(false))
  server.on('checkContinue', take(true))
  server.on('checkExpectation', take(false))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || (lines.get(socket)?.waiting ?? 0) > 0) return void socket.destroy()
    const why =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? new S3Error('RequestHeaderSectionTooLarge')
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? new S3Error('RequestTimeout')
          : new S3Error('BadRequest', {}, 'An error occurred when parsing the HTTP request.')
    const { status, body } = errorAnswer(why, newIds())
    endpoint.log?.(`-  ${status}  ${why.awsCode}: ${why.message}`)
    socket.end(
      `HTTP/1.1 ${status} Bad Request\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    socket.destroySoon()
  })
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), GRACE)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function banner(url: string, address: string, { credentials, dir, region }: ServeOptions, maxBytes: number): string[] {
  const user = typeof credentials === 'function' ? 'looked up' : credentials.accessKeyId
  const room = Number.isFinite(maxBytes) ? `, ${Math.floor(maxBytes / 1024 ** 2)} MiB at most` : ''
  const lines = [
    'sigv4 serve: speaks S3 and verifies every request. For developing and debugging signatures, not for keeping data.',
    `  endpoint     ${url} (buckets in the path, or http://BUCKET.s3.localhost:${new URL(url).port})`,
    `  access key   ${user}`,
    `  region       ${region ?? 'any'}`,
    `  objects      ${dir === undefined ? 'in memory, gone when it ends' : `in ${dir}`}${room}`,
  ]
  if (!isLoopback(address))
    lines.push(`  WARNING      ${address} can be reached from other machines, and nothing is encrypted`)
  return lines.map((line) => shown(line, LONGEST_LINE))
}

function isLoopback(address: string): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}

function checkOptions({ credentials, host, port, maxBytes, dir, idleTimeout, log, explain }: ServeOptions): void {
  const { accessKeyId, secretAccessKey } = (credentials ?? {}) as Partial<ServeCredentials>
  if (typeof credentials !== 'function' && !(accessKeyId && secretAccessKey))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.credentials',
      'invalid',
      'Pass { accessKeyId, secretAccessKey }, or a function that looks them up.',
    )
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536))
    fail('ERR_INVALID_ARG_VALUE', 'options.port', 'range', 'Pass a whole number from 0 to 65535.')
  for (const [name, value] of Object.entries({ host, dir }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a string.')
  for (const [name, value] of Object.entries({ maxBytes, idleTimeout }))
    if (value !== undefined && !(Number(value) > 0))
      fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'range', 'Pass a positive number.')
  for (const [name, value] of Object.entries({ log, explain }))
    if (value !== undefined && typeof value !== 'function')
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a function.')
}
