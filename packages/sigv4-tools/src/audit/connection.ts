import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ResponseReader } from './response.ts'

/** Where all requests are sent: this host and port, and nowhere else. */
export interface Address {
  readonly hostname: string
  readonly port: number
  readonly isSecure: boolean
}

/** The result of a request. */
export interface Result {
  /** 0 without a response. */
  readonly status: number
  readonly code: string | undefined
  /** Why there is no response. */
  readonly problem: Problem | undefined
}

/** What a server sent. */
export interface Reply extends Result {
  readonly head: string
  readonly body: string
  /** The time was over before the response was complete. */
  readonly isLate: boolean
}

export type Problem =
  | 'no response in time'
  | 'closed without a response'
  | 'not an HTTP response'
  | 'no connection'
  | 'no TLS connection'

/** When a request ends without a complete response. */
export interface Ends {
  /** Milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Sends the bytes of a request over a connection of their own, and reads one response. Never throws. */
export function exchange(address: Address, text: string, { timeout, signal }: Ends): Promise<Reply> {
  const { hostname, port, isSecure } = address
  return new Promise((resolve) => {
    const reader = new ResponseReader(text.startsWith('HEAD '))
    let isReached = false
    let isConnected = false
    // names below localhost are this machine, but not every resolver knows them
    const host = hostname.endsWith('.localhost') ? 'localhost' : hostname
    const socket: Socket = isSecure
      ? connectTls({ host, port, ...(!isIP(hostname) && { servername: hostname }) })
      : connectTcp(port, host)
    const finish = (problem: Problem): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      socket.destroy()
      resolve(readReply(reader, problem))
    }
    const stop = (): void => finish('no response in time')
    const timer = setTimeout(stop, timeout)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    socket.setEncoding('latin1')
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      isConnected = true
      socket.write(text, 'latin1')
    })
    socket.on('data', (piece: string) => {
      reader.push(piece)
      if (reader.isDone) finish('not an HTTP response')
    })
    socket.once('connect', () => {
      isReached = true
    })
    const end = (): void =>
      finish(isConnected ? 'closed without a response' : isReached ? 'no TLS connection' : 'no connection')
    // a server may close the connection before it has read everything
    socket.on('error', end)
    socket.on('close', end)
  })
}

function readReply({ head, body }: ResponseReader, problem: Problem): Reply {
  const status = Number(/^HTTP\/1\.\d ([2-9]\d\d)\b/.exec(head)?.[1] ?? 0)
  const isLate = problem === 'no response in time'
  return {
    status,
    code: /<Code>([\w.]{1,64})</.exec(body)?.[1],
    problem: status ? undefined : head !== '' && !isLate ? 'not an HTTP response' : problem,
    head,
    body,
    isLate,
  }
}
