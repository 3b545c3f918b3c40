import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { toErrorResponse, type VerifiedRequest, verify } from '../../src/verify.ts'

/** A request whose signature is valid. */
export interface StubRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly signed: VerifiedRequest
}

/** What a stub responds with. */
export interface StubResponse {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

export interface StubOptions {
  /** The secret access key of an access key ID. */
  readonly credentials: (accessKeyId: string) => string | undefined
  /** Responds to a request whose signature is valid; `number` counts them from 1. */
  readonly respond: (request: StubRequest, number: number) => StubResponse
  /** Continues the handshake of a WebSocket, whose signature is valid. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/**
 * Starts a service on the loopback interface that verifies each request, for any region and service, and rejects those
 * whose signature is not valid, as AWS does.
 */
export async function startVerifyingStub({ credentials, respond, upgrade }: StubOptions) {
  const received: StubRequest[] = []
  const rejected: unknown[] = []
  const accept = async (request: IncomingMessage, body: Buffer): Promise<StubRequest | undefined> => {
    const { method = '', url = '', headers } = request
    try {
      const stubRequest = { method, target: url, headers, body, signed: await verify(request, { credentials, body }) }
      received.push(stubRequest)
      return stubRequest
    } catch (error) {
      rejected.push(error)
      return undefined
    }
  }
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const accepted = await accept(request, Buffer.concat(pieces))
    const {
      status = 200,
      headers,
      body,
    } = accepted ? respond(accepted, received.length) : toErrorResponse(rejected.at(-1), { format: 'json' })
    response.writeHead(status, headers).end(body)
  })
  server.on('upgrade', async (request, socket, head) => {
    if (upgrade && (await accept(request, Buffer.alloc(0)))) upgrade(request, socket, head)
    else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url, received, rejected, close }
}
