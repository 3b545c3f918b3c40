import { createServer } from 'node:http'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { toTime } from '../../../../src/internal/encoding.ts'
import { toMilliseconds } from '../../../../src/internal/options.ts'
import type { CredentialsLookup } from '../../../../src/verify.ts'
import { createHider } from '../redaction/hide.ts'
import { acceptClients, type Handlers } from '../server/clients.ts'
import { generateCredentials } from '../server/key.ts'
import { type AsyncDisposal, LIMITS, listen, stop } from '../server/server.ts'
import { respond } from './endpoint.ts'
import { createFaults } from './faults.ts'
import type { Endpoint } from './handle.ts'
import { S3Error, UNREADABLE } from './http/errors.ts'
import { type LogEvent, logEntry } from './http/log.ts'
import { errorResponse, newIds } from './http/response.ts'
import { checkServeOptions, REQUEST_TIMEOUT, type ServeOptions } from './options.ts'
import { openFolder } from './store/folder.ts'
import { memoryBytes } from './store/memory.ts'
import { openStore } from './store/store.ts'

export type { AsyncDisposal } from '../server/server.ts'
export type { ServeOptions } from './options.ts'

/** A running server. */
export interface RunningServer {
  /** The endpoint to pass to clients, such as `http://127.0.0.1:9000`, without a slash at its end. */
  readonly url: string
  /** The IP address that it listens on. */
  readonly host: string
  readonly port: number
  /** The credentials to sign with: those that were passed, or the generated ones. Non-enumerable, so loggers skip them. */
  readonly credentials: SecretCredentials
  /** Maximum size of all objects in bytes; `Infinity` if it is not limited. */
  readonly maxBytes: number
  /**
   * Stops listening, waits up to two seconds for pending requests, and closes all connections. The promise resolves when
   * no connection is open; further calls return the same promise.
   */
  close(): Promise<void>
}

const MEMORY = 256 * 1024 * 1024
const MAX_HEAD_SIZE = 32 * 1024
const MAX_CONNECTIONS = 1000
/** Minimum length of a secret access key that is hidden in the log. */
const MIN_SECRET = 16

/**
 * Starts an S3-compatible server that verifies every request as S3 does, for tests of code that signs. It creates a bucket
 * with the first upload to it, and needs no account. Do not expose it to other machines: it has no TLS.
 *
 * @param options - Everything is optional: by default, it generates credentials, and listens on any free port.
 * @returns The server's URL and credentials, and a function that stops it.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for an option that is unknown or invalid, or a
 * folder that cannot be used; `SigV4Error` with `ERR_SIGV4_CREDENTIALS_MISSING` for incomplete credentials; the runtime's
 * error, such as `EADDRINUSE`, if it cannot listen.
 * @example
 * ```ts
 * import { presignPut } from 'sigv4'
 * import { serve } from 'sigv4-tools/serve'
 *
 * const server = await serve()
 * const target = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1', endpoint: server.url }
 * const upload = await presignPut(target, { credentials: server.credentials })
 * const response = await fetch(upload.url, { ...upload, body: 'a cat' })
 * console.log(response.status)
 * // 200
 * await server.close()
 * ```
 */
export function serve(
  options?: ServeOptions & { credentials?: SecretCredentials | undefined },
): Promise<RunningServer & AsyncDisposal>
export function serve(options: ServeOptions): Promise<Omit<RunningServer, 'credentials'> & AsyncDisposal>
export async function serve(options: ServeOptions = {}): Promise<Omit<RunningServer, 'credentials'> & AsyncDisposal> {
  checkServeOptions(options)
  const { host = '127.0.0.1', port = 0, region, dir, now: clock = Date.now, skew = '0s' } = options
  const { maxBytes = dir === undefined ? MEMORY : Number.POSITIVE_INFINITY, idleTimeout: timeout = '20s' } = options
  const { lookup, credentials } = readCredentials(options)
  const { bytes, journal } = dir === undefined ? { bytes: memoryBytes() } : openFolder(dir)
  const idleTimeout = toMilliseconds(timeout)
  const ahead = toMilliseconds(skew)
  const now = () => toTime(clock) + ahead
  let closing: Promise<void> | undefined
  const endpoint: Endpoint = {
    store: openStore(bytes, maxBytes, journal),
    lookup,
    credentials,
    region,
    faults: createFaults(options, now),
    allowSmallChunks: options.allowSmallChunks ?? false,
    cors: options.cors ?? [],
    explain: options.explain ?? false,
    idleTimeout,
    now,
    log: safeLog(options.log, credentials),
    isClosing: () => closing !== undefined,
  }
  const server = createServer({
    ...LIMITS,
    maxHeaderSize: MAX_HEAD_SIZE,
    headersTimeout: idleTimeout,
    requestTimeout: toMilliseconds(REQUEST_TIMEOUT),
    connectionsCheckingInterval: Math.min(1000, idleTimeout),
  })
  server.timeout = 3 * idleTimeout
  const clients = acceptClients(server, handlersOf(endpoint))
  const location = await listen(server, port, host)
  const close = () => {
    closing ??= stop(server, clients)
    return closing
  }
  const running = { ...location, maxBytes, close, [Symbol.asyncDispose]: close }
  return Object.defineProperty(running, 'credentials', { value: credentials }) // Loggers skip what is not enumerable.
}

/** Returns the lookup of credentials and, unless the caller passed a lookup, the credentials that it finds. */
function readCredentials({ credentials: given, expireToken }: ServeOptions): Pick<Endpoint, 'lookup' | 'credentials'> {
  if (typeof given === 'function') return { lookup: given, credentials: undefined }
  const credentials = { ...(given ?? generateCredentials()) } // Signing keys are cached by this object.
  // a secret alone is valid with any session token, such as the one that a client gets when the first has expired
  const found = expireToken === undefined ? credentials : credentials.secretAccessKey
  const lookup: CredentialsLookup = (id) => (id === credentials.accessKeyId ? found : undefined)
  return { lookup, credentials }
}

/** Returns a log without the secret, and whose failures do not stop the server. */
function safeLog(log: ServeOptions['log'], credentials: SecretCredentials | undefined): Endpoint['log'] {
  if (!log) return undefined
  const { accessKeyId, secretAccessKey = '' } = credentials ?? {}
  // a short one, such as test, is also a name
  const isSecret = secretAccessKey.length >= MIN_SECRET && secretAccessKey !== accessKeyId
  const hide = isSecret ? createHider([secretAccessKey]) : String
  return (entry) => void (async () => log(hide(logEntry(entry))))().catch(() => {})
}

function handlersOf(endpoint: Endpoint): Handlers {
  const log = (event: Omit<LogEvent, 'time'>): void => endpoint.log?.({ time: endpoint.now(), ...event })
  return {
    maxConnections: MAX_CONNECTIONS,
    hasUpgrades: false,
    receive: (request, response) => (turn) =>
      request.socket.destroyed ? undefined : respond(endpoint, request, response, turn),
    rejectBytes(code, isInBody) {
      if (isInBody) return undefined // what handles the request logs that its connection was closed
      const problem = problemOf(code)
      const { status, body } = errorResponse(problem, newIds())
      log({ status, error: `${problem.awsCode}: ${problem.message}` })
      return { status, contentType: 'application/xml', body }
    },
    logFlood: (error) => log({ error }),
  }
}

/** Returns the S3 error for a request that cannot be parsed. */
function problemOf(code: string): S3Error {
  if (code === 'HPE_HEADER_OVERFLOW') return new S3Error('RequestHeaderSectionTooLarge')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new S3Error('RequestTimeout')
  return new S3Error('BadRequest', {}, UNREADABLE)
}
