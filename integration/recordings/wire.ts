import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Pair, SentRequest } from '../../packages/sigv4-tools/test/support/explain/generator/signing.ts'

/** A response as received, with its chunked body decoded. */
export interface Answer {
  status: number
  headers: Pair[]
  body: Buffer
}

/** The server ended the connection instead. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

const TIMEOUT = 20_000

/** Sends a request byte for byte as it is, on a connection of its own, and reads the answer. */
export function sendRaw(
  port: number,
  { method, target, headers, body }: SentRequest,
  isTls: boolean = false,
): Promise<Answer> {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  if (!headers.some(([name]) => name.toLowerCase() === 'connection')) lines.push('Connection: close')
  const head = `${lines.join('\r\n')}\r\n\r\n`
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const write = () => socket.write(Buffer.concat([Buffer.from(head), body]))
    // the certificate is made for the recording
    const socket = isTls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, write)
      : connect(port, '127.0.0.1', write)
    const finish = () => {
      const answer = parse(Buffer.concat(received), method)
      if (answer) resolve(answer)
      else reject(new NoAnswer(`no complete answer to ${method} ${target}`))
      socket.destroy()
    }
    socket.setTimeout(TIMEOUT, finish)
    socket.on('data', (bytes) => {
      received.push(bytes)
      const answer = parse(Buffer.concat(received), method)
      if (!answer || answer.open) return
      resolve(answer)
      socket.destroy()
    })
    socket.on('end', finish)
    socket.on('error', (error) => (received.length > 0 ? finish() : reject(error)))
  })
}

/** `open`: more may follow, nothing but the end of the connection says how much. */
function parse(bytes: Buffer, method: string): (Answer & { open: boolean }) | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line, ...rest] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(line!)?.[1])
  if (status === 100) return parse(bytes.subarray(end + 4), method)
  const headers = rest.map((text): Pair => {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(text) ?? []
    return [name!, value!]
  })
  const header = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  const rawBody = bytes.subarray(end + 4)
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { status, headers, body: Buffer.alloc(0), open: false }
  }
  if (/chunked/i.test(header('transfer-encoding') ?? '')) {
    const body = unchunk(rawBody)
    return body && { status, headers, body, open: false }
  }
  const length = header('content-length')
  if (length === undefined) return { status, headers, body: rawBody, open: true }
  if (rawBody.length < Number(length)) return undefined
  return { status, headers, body: rawBody.subarray(0, Number(length)), open: false }
}

function unchunk(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    if (size === 0) return Buffer.concat(parts)
    if (bytes.length < line + 2 + size) return undefined
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
