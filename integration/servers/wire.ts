import { request as httpRequest } from 'node:http'
import type { Result } from './differences.ts'

/** A request from the library, for fetch. */
export interface Sendable {
  method: string
  url: string
  headers: Record<string, string>
  body?: unknown
}

export interface Reply {
  status: number
  headers: Headers
  body: Uint8Array<ArrayBuffer>
}

/** A server rejected a request that the case requires. */
export class RejectedError extends Error {
  override name = 'RejectedError'
  readonly result: Result
  constructor(result: Result, document: string) {
    super(`status ${result.status} ${document}`)
    this.result = result
  }
}

/** Sends a signed request with fetch, as users do, and reads the complete response. */
export async function send(signed: Sendable, change: Partial<Sendable> = {}): Promise<Reply> {
  const { url, ...init } = { ...signed, ...change }
  const response = await fetch(url, init as RequestInit)
  return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) }
}

/**
 * Sends a request to the loopback interface with any host, without changes: `path` and `host` may differ from the
 * signed URL. fetch does not resolve subdomains of localhost on every system, and sets Host automatically.
 */
export function sendRaw(signed: Sendable, change: { path?: string; host?: string } = {}): Promise<Reply> {
  const { host, port, pathname, search } = new URL(signed.url)
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method: signed.method,
      path: change.path ?? pathname + search,
      headers: { ...signed.headers, host: change.host ?? host },
    })
    request.on('error', reject).on('response', (response) => {
      const chunks: Uint8Array[] = []
      response.on('error', reject).on('data', (chunk: Uint8Array) => chunks.push(chunk))
      response.on('end', () => {
        const headers = new Headers(response.headers as Record<string, string>)
        resolve({ status: response.statusCode!, headers, body: new Uint8Array(Buffer.concat(chunks)) })
      })
    })
    request.end(signed.body)
  })
}

/** Decodes the body of a response, an XML document in all cases that use it. */
export function text(reply: Reply): string {
  return new TextDecoder().decode(reply.body)
}

export function resultOf(reply: Reply): Result {
  const code = reply.status < 300 ? undefined : /<Code>([^<]+)<\/Code>/.exec(text(reply))?.[1]
  return code === undefined ? { status: reply.status } : { status: reply.status, code }
}

/** Returns a response if the server accepted the request. */
export function accepted(reply: Reply): Reply {
  if (reply.status >= 300) throw new RejectedError(resultOf(reply), text(reply).slice(0, 2000))
  return reply
}
