import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { SECRET } from '../../../../../test/support/credentials.ts'
import type { PathRule } from '../../../../../test/support/oracle.ts'
import { judge, type Received, type Verdict } from '../../../../../test/support/service.ts'

// A service that verifies each request of the proxy independently of src/, and clients that send any bytes.

export const KEY = 'AKIDEXAMPLE'
export const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder-of-an-agent' }

export type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

export interface Upstream {
  url: string
  host: string
  port: number
  /** The requests so far. */
  requests: Received[]
  /** Returns the only new request. */
  take(): Received
  stop(): Promise<void>
}

export function receivedOf(request: IncomingMessage, body: Buffer): Received {
  const headers: [string, string][] = []
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    headers.push([request.rawHeaders[i]!, request.rawHeaders[i + 1]!])
  return { method: request.method!, target: request.url!, headers, body }
}

/** Starts a server that records each request, and responds when its body is complete. */
export async function startUpstream(handler: Handler = (_, response) => response.end('fine')): Promise<Upstream> {
  const requests: Received[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      requests.push(receivedOf(request, body))
      handler(request, response, body)
    })
  })
  const { port, stop } = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    port,
    requests,
    take() {
      const [request, ...rest] = requests.splice(0)
      if (!request || rest.length > 0) throw new Error(`${request ? rest.length + 1 : 0} requests received`)
      return request
    },
    stop,
  }
}

/** Starts a server on a free port. */
export async function listen(
  server: ReturnType<typeof createServer>,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { port: (server.address() as AddressInfo).port, stop }
}

/** Verifies a request with the real key, independently of src/, and throws if the signature is wrong. */
export function verified(received: Received, rule: PathRule, secret = SECRET, unsignedToken = false): Verdict {
  const verdict = judge(received, secret, rule, unsignedToken)
  if (verdict.sent !== verdict.expected) throw new Error(`not the signature of\n${verdict.canonicalRequest}`)
  return verdict
}

export function header({ headers }: Received, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}

/** Sends bytes, and collects the response until the connection closes. */
export function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    )
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    socket.on('error', () => undefined).on('close', () => resolve(received))
  })
}

/** Sends a request with exactly this head. The connection closes after the response. */
export function raw(port: number, first: string, headers: readonly string[] = [], body = ''): Promise<string> {
  const lines = headers.some((line) => /^host:/i.test(line)) ? headers : ['Host: localhost', ...headers]
  const close = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close']
  return exchange(port, `${first} HTTP/1.1\r\n${[...lines, ...close].join('\r\n')}\r\n\r\n${body}`)
}

/** Returns the status of a raw response. */
export function statusOf(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1])
}
