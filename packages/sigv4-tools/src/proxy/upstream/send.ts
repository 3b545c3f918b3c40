import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Upgrade } from '../../server/clients.ts'
import { ProxyError } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import type { Outgoing } from '../request/sign.ts'

/** The connections to the upstream. */
export interface Connections {
  /** Reused, for requests that can be sent again if the upstream has closed the connection in the meantime. */
  readonly shared: Agent
  /** Reused only within a second, for requests that cannot be sent again. */
  readonly recent: Agent
}

export interface UpstreamResponse {
  readonly message: IncomingMessage
  /** Its body, if a part of it was already read. @default the message */
  readonly body?: Readable
  /** The connection and its first bytes, if it has changed to a WebSocket. */
  readonly upgraded?: Upgrade
}

/** The client, and callbacks for events before the response. */
export interface SendHooks {
  /** The response to the client. If it is closed, the request ends. */
  readonly client: ServerResponse
  /** Whether the client waits until the upstream is ready to receive the body. */
  readonly expectsContinue: boolean
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

/** Maximum number of informational responses to a request: an upstream that sends more may never respond. */
const MAX_INFORMATION = 1000

/** Milliseconds to wait for `100 Continue`: not every server sends it (RFC 9110 section 10.1.1). */
const CONTINUE_TIMEOUT = 1000

/** Milliseconds for which an upstream keeps an idle connection open. */
const RECENT = 1000

export function openConnections({ upstream }: Settings): Connections {
  const create = (): Agent => new (upstream.isEncrypted ? TlsAgent : Agent)({ keepAlive: true })
  const recent = create()
  const keep = recent.keepSocketAlive.bind(recent)
  recent.keepSocketAlive = (socket) => {
    const isKept = keep(socket)
    ;(socket as Socket).setTimeout(RECENT) // the agent closes an idle connection then
    return isKept
  }
  return { shared: create(), recent }
}

const guarded = new WeakSet<Socket>()

/**
 * Keeps an error of a connection from ending the process. Node removes its own listener when the protocol changes, and
 * when a body fails after the response was complete.
 */
function guard(socket: Socket): void {
  if (guarded.has(socket)) return
  guarded.add(socket)
  socket.on('error', () => undefined)
}

/** Sends a request. The promise resolves with the head of the response; the body may still be sent then. */
export function send(
  { upstream, idleTimeout }: Settings,
  agent: Agent,
  { method, target, headers, body }: Outgoing,
  { client, expectsContinue, onInformation }: SendHooks,
): Promise<UpstreamResponse> {
  // Node sends a head with Expect in UTF-8, which changes other bytes
  const expects = expectsContinue && !/[\x80-\xff]/.test(Object.values(headers).join())
  return new Promise((resolve, fail) => {
    const request = (upstream.isEncrypted ? requestHttps : requestHttp)({
      host: upstream.address,
      port: upstream.port,
      servername: isIP(upstream.name) ? '' : upstream.name,
      method,
      path: target,
      headers: expects ? { ...headers, expect: '100-continue' } : headers,
      setHost: false,
      agent,
    })
    const stop = (): void => {
      // an upstream that has received the length of the body may respond before its end; the connection is used again then
      const isDone = client.writableFinished && (request.writableEnded || written === length)
      if (!isDone && !request.destroyed) request.destroy(new ProxyError(499, 'The client disconnected.'))
    }
    const length = Number(headers['content-length'])
    let written = 0
    client.once('close', stop)
    if (client.destroyed) stop()
    const write = (): void => {
      if (body === undefined) request.end()
      else
        writeBody(request, body, (bytes) => {
          written += bytes
        }).catch((error) => {
          fail(error)
          request.destroy()
        })
    }
    request.on('socket', guard)
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(error instanceof ProxyError ? error : sendError(upstream.host, error, request.reusedSocket))
    })
    request.on('response', (message) => resolve({ message }))
    request.on('upgrade', (message, socket, head) => {
      if ('upgrade' in headers && !request.destroyed) return resolve({ message, upgraded: { socket, head } })
      socket.destroy()
      fail(new ProxyError(502, `${upstream.host} changed the protocol, which the request did not ask for.`))
    })
    let informed = 0
    request.on('information', ({ statusCode, rawHeaders }) => {
      if (++informed > MAX_INFORMATION)
        request.destroy(
          new ProxyError(502, `${upstream.host} sent more than ${MAX_INFORMATION} informational responses.`),
        )
      else if (statusCode !== 100) onInformation(statusCode, rawHeaders)
    })
    request.setTimeout(idleTimeout, () => {
      request.destroy(new ProxyError(504, `${upstream.host} did not respond in time.`))
    })
    if (!expects) return write()
    let isStarted = false
    const start = (): void => {
      if (isStarted) return
      isStarted = true
      clearTimeout(timer)
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

/** Sends a body as fast as the upstream reads it. Throws the errors of the body. */
async function writeBody(
  request: ClientRequest,
  body: NonNullable<Outgoing['body']>,
  onWrite: (bytes: number) => void,
): Promise<void> {
  let proceed = (): void => undefined
  request.on('drain', () => proceed()).on('close', () => proceed())
  for await (const piece of body) {
    if (request.destroyed) return
    onWrite(piece.length)
    if (request.write(piece)) continue
    await new Promise<void>((resolve) => {
      proceed = resolve
    })
  }
  request.end()
}

function sendError(host: string, { code = '', message }: NodeJS.ErrnoException, isReused: boolean): SendError {
  const isReset = /^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)
  const problem = isReset ? `${host} closed the connection before it responded` : `cannot connect to ${host}`
  const isPlain = /wrong version number|packet length too long/.test(message)
  const reason = isPlain ? 'it does not support TLS. The upstream may be an http:// URL' : code || message
  return new SendError(502, `${problem}: ${reason}.`, isReset, isReused)
}
