import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pair } from '../../../packages/sigv4-tools/test/support/explain/transit.ts'

/** A request as the server received it. */
export interface ReceivedRequest {
  method: string
  target: string
  headers: Pair[]
  body: string
}

/** Forwards connections to a server, byte for byte, and keeps what was sent to it. */
export interface Hop {
  port: number
  /** Returns the last request since the previous call. */
  take(): Promise<ReceivedRequest | undefined>
  stop(): Promise<void>
}

const COMPLETE_WITHIN = 2000

export async function startHop(serverPort: number): Promise<Hop> {
  let last: Buffer[] | undefined
  const sockets = new Set<Socket>()
  const server = createServer((proxy) => {
    const chunks: Buffer[] = []
    last = chunks
    const storage = connect(serverPort, '127.0.0.1')
    for (const socket of [proxy, storage]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => {
        proxy.destroy()
        storage.destroy()
      })
    }
    proxy.on('data', (bytes) => chunks.push(bytes))
    proxy.pipe(storage)
    storage.pipe(proxy)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return {
    port: address.port,
    async take() {
      const chunks = last
      last = undefined
      if (!chunks) return undefined
      // a server may respond before it has read the body
      for (const deadline = Date.now() + COMPLETE_WITHIN; ; await sleep(20)) {
        const request = parseRequest(Buffer.concat(chunks))
        if (request) return request
        if (Date.now() > deadline) throw new Error('the proxy did not send a complete request')
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Parses a complete request. */
export function parseRequest(bytes: Buffer): ReceivedRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line, ...rest] = bytes.subarray(0, end).toString('utf8').split('\r\n')
  const [, method, target] = /^(\S+) (.*) HTTP\/1\.[01]$/.exec(line!)!
  const headers = rest.map((text): Pair => {
    const [, name, value] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(text)!
    return [name!, value!]
  })
  const header = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  const rawBody = bytes.subarray(end + 4)
  if (rawBody.length < Number(header('content-length') ?? 0)) return undefined
  return { method: method!, target: target!, headers, body: rawBody.toString('utf8') }
}
