import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { newBudget } from './budget.ts'
import { type Exchange, handle } from './exchange.ts'
import type { Settings } from './options/settings.ts'
import type { Pending } from './transfers.ts'
import type { Connections } from './upstream/send.ts'
import { newEvidence } from './watch.ts'

// Client connections. The requests of a connection are handled one after another, in whatever order Node emits its events.
// No listener throws: an error closes the connection, but never stops the proxy.

/** Maximum length of the head of a request in bytes. */
export const MAX_HEAD_SIZE = 64 * 1024
/** Requests that a client can send before it has received the responses. */
const MAX_PIPELINED = 100

/** Responses to requests that Node cannot parse, by error code. */
const UNREADABLE: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are longer than ${MAX_HEAD_SIZE} bytes.`],
  HPE_INVALID_URL: [400, 'The path or the query string contains a character that must be percent-encoded.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The headers did not arrive in time.'],
}

/** A connection of a client. */
interface Client {
  /** With TLS, the connection below it until the first request. */
  readonly socket: Socket
  /** Resolves when all requests received so far are complete. */
  last: Promise<void>
  /** Functions that end the wait for the responses to incomplete requests. */
  readonly waiting: Set<() => void>
  newest: IncomingMessage | undefined
  /** The request that is being handled, and whether it was accepted. */
  current: { readonly response: ServerResponse; isAccepted: boolean } | undefined
  /** Whether the connection is no longer HTTP: Node has stopped parsing it. */
  isDetached: boolean
  isUnreadable: boolean
}

/** What is known of a request when it arrives. */
type Received = Pick<Exchange, 'incoming' | 'response' | 'evidence' | 'expectsContinue' | 'upgrade'>

/** The clients of a proxy. */
export interface Clients {
  /** Requests whose responses are not complete, without WebSockets. */
  readonly pending: ReadonlySet<Pending>
  /** Closes all connections, or those that are no longer HTTP. */
  destroy(which: 'detached' | 'all'): void
  /** Resolves when every request has been logged. */
  settled(): Promise<unknown>
}

/** Handles the requests to a server. */
export function acceptClients(server: Server, settings: Settings, connections: Connections): Clients {
  const clients = new Map<string, Client>()
  const bySocket = new WeakMap<Socket, Client>()
  const pending = new Set<Pending>()
  const handling = new Set<Promise<void>>()
  const reported = { isUnchecked: false }
  const budget = newBudget(settings.mode)

  /** Returns the client of a connection. Sockets of one connection, without and with TLS, have the same address. */
  const clientOf = (socket: Socket): Client => {
    const known = bySocket.get(socket)
    if (known) return known
    const client = newClient(socket)
    const key = `${socket.remoteAddress} ${socket.remotePort}`
    bySocket.set(socket, client)
    if (!socket.destroyed) clients.set(key, client)
    socket.on('close', () => {
      for (const end of client.waiting) end()
      if (clients.get(key) === client) clients.delete(key)
    })
    // Node removes its own listeners when a client offers a different protocol
    socket.on('error', () => undefined)
    socket.on('timeout', () => socket.destroy())
    socket.on('drain', () => client.current?.response.emit('drain'))
    return client
  }

  /** Closes a connection if there are too many: one without a pending request, or whose request was not accepted yet. */
  const makeRoom = (): boolean => {
    if (clients.size < settings.maxConnections) return true
    const all = [...clients]
    const [key, client] =
      all.find(([, { newest }]) => newest === undefined) ??
      all.find(([, { waiting }]) => waiting.size === 0) ??
      all.find(([, { current }]) => current?.isAccepted === false) ??
      []
    client?.socket.destroy()
    return clients.delete(String(key))
  }

  /** Handles a request after the earlier ones. Returns a function that ends the wait for its response. */
  const enqueue = (client: Client, work: (ended: Promise<void>) => unknown): (() => void) => {
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    client.waiting.add(end)
    if (client.socket.destroyed) end()
    const handleAfter = async (earlier: Promise<void>): Promise<void> => {
      await earlier
      try {
        await work(ended)
      } catch {
        client.socket.destroy()
      }
      client.current = undefined
      client.waiting.delete(end)
      handling.delete(done)
    }
    const done = handleAfter(client.last)
    client.last = done
    handling.add(done)
    return end
  }

  const start = (
    client: Client,
    { incoming, response, evidence, expectsContinue, upgrade }: Received,
    ended: Promise<void>,
  ): Promise<void> => {
    const current = { response, isAccepted: false }
    client.current = current
    const accept = (): void => {
      current.isAccepted = true
    }
    return handle({
      settings,
      connections,
      reported,
      budget,
      incoming,
      response,
      evidence,
      expectsContinue,
      upgrade,
      accept,
      ended,
    })
  }

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

  /** Returns the client of a new request, unless the client has sent too many. */
  const admit = (incoming: IncomingMessage): Client | undefined => {
    const client = clientOf(incoming.socket)
    client.newest = incoming
    if (client.waiting.size < MAX_PIPELINED) return client
    if (!client.isUnreadable)
      log(undefined, 0, `The client sent more than ${MAX_PIPELINED} requests without waiting for the responses.`)
    client.isUnreadable = true
    client.socket.destroy()
    return undefined
  }

  const onRequest = (expectsContinue: boolean) => (incoming: IncomingMessage, response: ServerResponse) => {
    const client = admit(incoming)
    if (!client) return
    const evidence = newEvidence(settings, incoming)
    const entry = { incoming, response, evidence, expectsContinue, started: performance.now() }
    pending.add(entry)
    const end = enqueue(client, async (ended) => {
      try {
        await start(client, entry, ended)
      } finally {
        pending.delete(entry)
      }
    })
    response.on('finish', end).on('close', end)
  }
  server.on('request', onRequest(false))
  server.on('checkContinue', onRequest(true))
  server.on('checkExpectation', onRequest(false))

  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const client = admit(incoming)
    if (!client) return
    client.isDetached = true
    const end = enqueue(client, (ended) => {
      if (!/^websocket$/i.test(incoming.headers.upgrade ?? '')) {
        client.isDetached = false
        return socket.destroyed || withoutUpgrade(server, incoming, socket, head)
      }
      const response = new ServerResponse(incoming)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      response.on('finish', () => socket.destroySoon())
      response.on('finish', end).on('close', end)
      const evidence = newEvidence(settings, incoming)
      return start(client, { incoming, response, evidence, expectsContinue: false, upgrade: { socket, head } }, ended)
    })
  })

  server.on('connection', (socket: Socket) => {
    if (bySocket.has(socket)) return // its bytes are parsed again, without the upgrade
    if (makeRoom()) clientOf(socket)
    else socket.destroy()
  })

  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket: Socket) => {
    const client = clientOf(socket)
    const { newest, current } = client
    const isInTls = socket instanceof TLSSocket && !/^(?:HPE|ERR_HTTP)_/.test(code)
    if (!socket.writable || code === 'ECONNRESET' || isInTls) return void socket.destroy()
    if (client.isUnreadable) return
    client.isUnreadable = true
    const respond = (): void => {
      const [status, message] = UNREADABLE[code] ?? [400, 'The request is not valid HTTP.']
      const body = `sigv4 proxy: ${message}\n`
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.end(head + body)
      socket.destroySoon()
      log(status, body.length, message)
    }
    if (!newest || newest.complete) enqueue(client, respond)
    // the rest of the body cannot be read
    else if (current?.response.req === newest && !current.response.headersSent) respond()
    else socket.destroy()
  })

  return {
    pending,
    destroy(which) {
      for (const { socket, isDetached } of clients.values()) if (isDetached || which === 'all') socket.destroy()
    },
    settled: () => Promise.all(handling),
  }
}

function newClient(socket: Socket): Client {
  return {
    socket,
    last: Promise.resolve(),
    waiting: new Set(),
    newest: undefined,
    current: undefined,
    isDetached: false,
    isUnreadable: false,
  }
}

/**
 * Handles a request that offers a protocol other than WebSockets, such as HTTP/2, without that offer (RFC 9110 section 7.8):
 * Node has stopped parsing it. The connection closes after it, because Node adds listeners each time.
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
  const start = `${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}Connection: close\r\n\r\n`
  socket.unshift(Buffer.concat([Buffer.from(start, 'latin1'), head]))
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
}
