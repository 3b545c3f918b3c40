import { request as httpRequest } from 'node:http'
import type { Answer } from './differences.ts'

/** What the library returns, and what fetch takes. */
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

/** A server did not take a request that the case needs it to take. */
export class Refused extends Error {
  override name = 'Refused'
  readonly answer: Answer
  constructor(answer: Answer, document: string) {
    super(`answered ${answer.status} ${document}`)
    this.answer = answer
  }
}

/** Sends a signed request with fetch, the way users do, and reads the reply to its end. */
export async function send(signed: Sendable, change: Partial<Sendable> = {}): Promise<Reply> {
  const { url, ...init } = { ...signed, ...change }
  const response = await fetch(url, init as RequestInit)
  return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) }
}

/**
 * Sends a request to the loopback interface whatever its host is called, with nothing rewritten: `path` and `host`
 * may differ from the signed URL. fetch resolves no subdomain of localhost on every system and sets Host by itself.
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

/** The text of a reply: an XML document in all cases that need one. */
export function text(reply: Reply): string {
  return new TextDecoder().decode(reply.body)
}

export function answerOf(reply: Reply): Answer {
  const code = reply.status < 300 ? undefined : /<Code>([^<]+)<\/Code>/.exec(text(reply))?.[1]
  return code === undefined ? { status: reply.status } : { status: reply.status, code }
}

/** Passes a reply on if the server took the request. */
export function accepted(reply: Reply): Reply {
  if (reply.status >= 300) throw new Refused(answerOf(reply), text(reply).slice(0, 2000))
  return reply
}
