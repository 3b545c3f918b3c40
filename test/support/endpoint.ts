import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

/** A request that an endpoint received. */
export interface EndpointRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Status and body of a response; `undefined` if the endpoint does not respond. */
export type EndpointResponse = readonly [status: number, body: string, headers?: Record<string, string>] | undefined

/** Starts an endpoint that returns credentials on the loopback interface. */
export async function startEndpoint(respond: (request: EndpointRequest, number: number) => EndpointResponse) {
  const received: EndpointRequest[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    received.push({ method: request.method!, path: request.url!, headers: request.headers, body })
    const [status, text, headers] = respond(received.at(-1)!, received.length) ?? []
    if (status) response.writeHead(status, headers).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url, received, close }
}

/** What `fromContainer` and others wait for between the attempts of a request. */
const WAITS = [100, 200]

/** Ends the waits between attempts at once, until the stubs are removed. Returns their milliseconds. */
export function skipWaits(): number[] {
  const waits: number[] = []
  const { setTimeout } = globalThis
  vi.stubGlobal('setTimeout', (run: () => void, ms: number) => {
    if (!WAITS.includes(ms)) return setTimeout(run, ms)
    waits.push(ms)
    return setTimeout(run)
  })
  return waits
}
