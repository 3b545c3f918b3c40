import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Joinable } from '../http/join-sockets.ts'
import { ProxyError } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import type { Outgoing } from '../request/sign.ts'

/** The connections to the upstream. */
export interface Connections {
  /** Reused, for requests that can be sent again if the upstream has closed the connection in the meantime. */
  readonly shared: Agent
  /** Used once. */
  readonly single: Agent
}

/** The response of the upstream. */
export interface UpstreamResponse {
  readonly message: IncomingMessage
  /** Its body, if a part of it was already read. @default the message */
  readonly body?: AsyncIterable<Uint8Array>
  /** The connection and its first bytes, if it has changed to a WebSocket. */
  readonly upgraded?: Joinable
}

/** What happens before the response. */
export interface SendHooks {
  /** Aborts the request. */
  readonly signal: AbortSignal
  /** Called when the upstream is ready to receive the body, if the client waits for that. */
  readonly onContinue?: (() => void) | undefined
  /** Receives an informational response. */
  readonly onInformation: (status: number, rawHeaders: readonly string[]) => void
}

/** A request without a response. */
export class SendError extends ProxyError {
  /** Whether the connection was closed, possibly before the request arrived. */
  readonly isReset: boolean
  /** Whether the connection had been used before: the upstream may have closed it when it was idle. */
  readonly isReused: boolean

  constructor(status: number, message: string, isReset: boolean, isReused: boolean) {
    super(status, message)
    this.isReset = isReset
    this.isReused = isReused
  }
}

/** Milliseconds to wait for `100 Continue`: not every server sends it (RFC 9110 section 10.1.1). */
const CONTINUE_TIMEOUT = 1000

export function openConnections({ upstream }: Settings): Connections {
  const create = (keepAlive: boolean): Agent => new (upstream.isEncrypted ? TlsAgent : Agent)({ keepAlive })
  return { shared: create(true), single: create(false) }
}

/** Sends a request. The promise resolves with the head of the response; the body may still be sent then. */
export function send(
  { upstream, idleTimeout }: Settings,
  agent: Agent,
  { method, target, headers, body }: Outgoing,
  { signal, onContinue, onInformation }: SendHooks,
): Promise<UpstreamResponse> {
  return new Promise((resolve, fail) => {
    const request = (upstream.isEncrypted ? requestHttps : requestHttp)({
      host: upstream.address,
      port: upstream.port,
      servername: isIP(upstream.name) ? '' : upstream.name,
      method,
      path: target,
      headers: onContinue ? { ...headers, expect: '100-continue' } : headers,
      setHost: false,
      agent,
      signal,
    })
    let bodyError: unknown
    const write = (): void => {
      if (body === undefined) request.end()
      else
        pipeline(Readable.from(body, { objectMode: false }), request).catch((error) => {
          bodyError ??= error
        })
    }
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(isOwn(bodyError ?? error) ? (bodyError ?? error) : sendError(upstream.host, error, request.reusedSocket))
    })
    request.on('response', (message) => resolve({ message }))
    request.on('upgrade', (message, socket, head) => resolve({ message, upgraded: { socket, head } }))
    request.on('information', ({ statusCode, rawHeaders }) => {
      if (statusCode !== 100) onInformation(statusCode, rawHeaders)
    })
    request.setTimeout(idleTimeout, () => {
      request.destroy(new ProxyError(504, `${upstream.host} did not respond in time.`))
    })
    if (!onContinue) return write()
    let isStarted = false
    const start = (): void => {
      if (isStarted) return
      isStarted = true
      clearTimeout(timer)
      onContinue()
      write()
    }
    const timer = setTimeout(start, CONTINUE_TIMEOUT)
    request.on('continue', start)
    request.on('close', () => clearTimeout(timer))
    request.on('response', () => {
      isStarted = true // a final response without the body
    })
    request.flushHeaders()
  })
}

/** Whether an error does not come from the connection to the upstream. */
function isOwn(error: unknown): boolean {
  const { code } = Object(error) as NodeJS.ErrnoException
  return error instanceof ProxyError || (typeof code === 'string' && /^ERR_SIGV4_/.test(code)) || code === 'ABORT_ERR'
}

function sendError(host: string, { code = '', message }: NodeJS.ErrnoException, isReused: boolean): SendError {
  const isReset = /^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)
  const problem = isReset ? `${host} closed the connection before it responded` : `cannot connect to ${host}`
  return new SendError(502, `${problem}: ${code || message}.`, isReset, isReused)
}
