import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where all requests are sent: this host and port, and nowhere else. */
export interface Address {
  readonly hostname: string
  readonly port: number
  readonly isSecure: boolean
}

/** What a server sent. */
export interface Reply {
  /** 0 without a response. */
  readonly status: number
  readonly code: string | undefined
  readonly head: string
  readonly body: string
  /** Why there is no response. */
  readonly problem: Problem | undefined
}

export type Problem =
  | 'no response in time'
  | 'closed without a response'
  | 'not an HTTP response'
  | 'no connection'
  | 'no TLS connection'

/** Maximum length of a response: longer ones are not read to their end. */
const MAX_LENGTH = 4 * 1024 * 1024

/** Sends the bytes of a request over a connection of their own, and reads one response. Never throws. */
export function exchange({ hostname, port, isSecure }: Address, text: string, timeout: number): Promise<Reply> {
  return new Promise((resolve) => {
    let received = ''
    let isReached = false
    let isConnected = false
    const isHead = text.startsWith('HEAD ')
    // names below localhost are this machine, but not every resolver knows them
    const host = hostname.endsWith('.localhost') ? 'localhost' : hostname
    const socket: Socket = isSecure
      ? connectTls({ host, port, ...(!isIP(hostname) && { servername: hostname }) })
      : connectTcp(port, host)
    const finish = (problem: Problem): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(readReply(received, problem))
    }
    const timer = setTimeout(() => finish('no response in time'), timeout)
    socket.setEncoding('latin1')
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      isConnected = true
      socket.write(text, 'latin1')
    })
    socket.on('data', (piece) => {
      received += piece
      if (received.length > MAX_LENGTH || isComplete(received, isHead)) finish('not an HTTP response')
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

/** Removes responses such as 100 Continue. */
function withoutInterim(received: string): string {
  const interim = /^HTTP\/1\.\d 1\d\d[\s\S]*?\r\n\r\n/.exec(received)
  return interim ? withoutInterim(received.slice(interim[0].length)) : received
}

function split(received: string): [head: string, body: string, isHeadComplete: boolean] {
  const text = withoutInterim(received)
  const end = text.indexOf('\r\n\r\n')
  return end < 0 ? [text, '', false] : [text.slice(0, end), text.slice(end + 4), true]
}

function isComplete(received: string, isHead: boolean): boolean {
  const [head, body, isHeadComplete] = split(received)
  if (!isHeadComplete) return false
  if (isHead || /^HTTP\/1\.\d (?:204|304)/.test(head)) return true
  const length = headerOf(head, 'content-length')
  if (length !== undefined) return body.length >= Number(length)
  return isChunked(head) && readChunks(body).isComplete
}

const isChunked = (head: string): boolean => /chunked/i.test(headerOf(head, 'transfer-encoding') ?? '')

/** Reads a body in chunks, as much of it as was received. It is complete with the last chunk and the trailing headers after it. */
function readChunks(body: string): { content: string; isComplete: boolean } {
  let content = ''
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const length = end < 0 ? Number.NaN : Number.parseInt(body.slice(at, end), 16)
    if (!(length > 0)) return { content, isComplete: length === 0 && body.includes('\r\n\r\n', end) }
    content += body.slice(end + 2, end + 2 + length)
    at = end + 2 + length + 2
  }
}

/** Returns the value of a header of a response. */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((line) => line.toLowerCase().startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}

function readReply(received: string, problem: Problem): Reply {
  const [head, content] = split(received)
  const status = Number(/^HTTP\/1\.\d (\d{3})\b/.exec(head)?.[1] ?? 0)
  const body = isChunked(head) ? readChunks(content).content : content
  const isOther = received !== '' && problem !== 'no response in time'
  return {
    status,
    code: /<Code>([\w.]{1,64})</.exec(body)?.[1],
    head,
    body,
    problem: status ? undefined : isOther ? 'not an HTTP response' : problem,
  }
}
