import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

// Client connections. The requests of a connection are handled one after another, in whatever order Node emits its events.
// No listener throws: an error closes the connection, but never stops the server.

/** Requests that a client can send before it has received the responses. */
const MAX_PIPELINED = 100

/** A connection that requests a WebSocket, and the bytes that were already read from it. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/** A request when the earlier ones of its connection are complete. */
export interface Turn {
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean
  /** Called when the request is accepted: its connection is then not closed to make room for others. */
  readonly accept: () => void
  /** Resolves when the response was sent, or the connection has closed. */
  readonly ended: Promise<void>
}

/** The response to an invalid request. */
export interface Unreadable {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** The handlers and limits of a server. */
export interface Handlers {
  /** Maximum number of simultaneous client connections. */
  readonly maxConnections: number
  /** Whether the server supports WebSockets; otherwise it handles their requests like any other. */
  readonly hasUpgrades: boolean
  /** Called when a request arrives. Returns a function that handles it in its turn. */
  receive(incoming: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): (turn: Turn) => unknown
  /**
   * Logs bytes that Node cannot parse, by the code of its error, and returns the response, or `undefined` to close the
   * connection. `isInBody`: they are in the body of a request that is being handled.
   */
  rejectBytes(code: string, isInBody: boolean): Unreadable | undefined
  /** Logs the reason for closing the connection of a client that sends too much. */
  logFlood(message: string): void
}

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

export interface Clients {
  /** Closes all connections, or those that are no longer HTTP. */
  destroy(which: 'detached' | 'all'): void
  /** Resolves when every request has been handled. */
  settled(): Promise<unknown>
}

/** Handles the requests to a server. */
export function acceptClients(server: Server, handlers: Handlers): Clients {
  server.maxHeadersCount = 0 // the size is limited, and a dropped header would be neither verified nor signed
  const clients = new Map<string, Client>()
  const bySocket = new WeakMap<Socket, Client>()
  const handling = new Set<Promise<void>>()

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
    if (clients.size < handlers.maxConnections) return true
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
    response: ServerResponse,
    work: (turn: Turn) => unknown,
    turn: Pick<Turn, 'expectsContinue' | 'ended'>,
  ): unknown => {
    const current = { response, isAccepted: false }
    client.current = current
    const accept = (): void => {
      current.isAccepted = true
    }
    return work({ ...turn, accept })
  }

  /** Returns the client of a new request, unless the client has sent too many. */
  const admit = (incoming: IncomingMessage): Client | undefined => {
    const client = clientOf(incoming.socket)
    client.newest = incoming
    if (client.waiting.size < MAX_PIPELINED) return client
    if (!client.isUnreadable)
      handlers.logFlood(`The client sent more than ${MAX_PIPELINED} requests without waiting for the responses.`)
    client.isUnreadable = true
    client.socket.destroy()
    return undefined
  }

  const onRequest = (expectsContinue: boolean) => (incoming: IncomingMessage, response: ServerResponse) => {
    const client = admit(incoming)
    if (!client) return
    const work = handlers.receive(incoming, response)
    const end = enqueue(client, (ended) => start(client, response, work, { expectsContinue, ended }))
    response.on('finish', end).on('close', end)
  }
  server.on('request', onRequest(false))
  server.on('checkContinue', onRequest(true))
  server.on('checkExpectation', onRequest(false))

  const onUpgrade = (incoming: IncomingMessage, socket: Socket, head: Buffer): void => {
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
      const work = handlers.receive(incoming, response, { socket, head })
      return start(client, response, work, { expectsContinue: false, ended })
    })
  }
  if (handlers.hasUpgrades) server.on('upgrade', onUpgrade)

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
    const respond = (isInBody: boolean): void => {
      const unreadable = handlers.rejectBytes(code, isInBody)
      if (!unreadable) return void socket.destroy()
      const { status, contentType, body } = unreadable
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${contentType}\r\n`
      socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      socket.destroySoon()
    }
    if (!newest || newest.complete) enqueue(client, () => respond(false))
    // the rest of the body cannot be read
    else if (current?.response.req === newest && !current.response.headersSent) respond(true)
    else socket.destroy()
  })

  return {
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
