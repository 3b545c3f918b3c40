import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'
import { createSignedFetch, type SignedFetchOptions } from '../../src/fetch.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from './credentials.ts'

export const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
export const TEMPORARY = { ...CREDENTIALS, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'the-session-token' }

/** A request that a scripted `fetch` received. */
export interface SentRequest {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Record<string, string> }
}

type Step = number | Error | Response | ((sent: SentRequest) => Response | Promise<Response>)

/** Returns a `fetch` that performs one step after the other, and what it was called with. */
export function script(...steps: Step[]) {
  const sent: SentRequest[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = { url: input instanceof Request ? input.url : String(input), init } as SentRequest
    sent.push(request)
    const step = steps[sent.length - 1]
    if (step === undefined) throw new Error('sent too often')
    if (step instanceof Error) throw step
    if (typeof step === 'number') return new Response(null, { status: step })
    return typeof step === 'function' ? step(request) : step
  }
  return { fetch, sent }
}

/** Returns a signed fetch over a script, and the attempts that it reports. */
export function scripted(steps: Step[], options: Partial<SignedFetchOptions> = {}) {
  const attempts: [reason: string | undefined, wait: number][] = []
  const { fetch, sent } = script(...steps)
  const signedFetch = createSignedFetch({
    credentials: CREDENTIALS,
    fetch,
    onAttempt: ({ retry, wait }) => attempts.push([retry, wait]),
    ...options,
  })
  return { signedFetch, sent, attempts }
}

/** An error response in JSON, as DynamoDB sends it. */
export function json(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ __type: `com.amazonaws.service#${code}`, message: '…' }), { status, headers })
}

/** An error response in XML, as S3 sends it. */
export function xml(status: number, code: string, more = '', headers: Record<string, string> = {}): Response {
  return new Response(`<Error><Code>${code}</Code><Message>…</Message>${more}</Error>`, { status, headers })
}

/** Waits for a promise while the faked timers run as fast as they can; returns the faked milliseconds that passed. */
export async function runTimers<Value>(
  promise: Promise<Value>,
): Promise<[result: PromiseSettledResult<Value>, ms: number]> {
  const start = Date.now()
  let result: PromiseSettledResult<Value> | undefined
  void Promise.allSettled([promise]).then(([settled]) => {
    result = settled
  })
  while (!result) {
    await new Promise((resolve) => setImmediate(resolve))
    if (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync()
  }
  return [result, Date.now() - start]
}

/** A local server, what it received, and whether each signature was valid. */
export async function listen(
  respond: (
    request: IncomingMessage,
    body: Buffer,
  ) => [status: number, headers?: Record<string, string>, body?: string],
) {
  const received: {
    method: string
    path: string
    headers: IncomingMessage['headers']
    body: Buffer
    verified: boolean
  }[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const body = Buffer.concat(pieces)
    const verified = await verify(request, {
      credentials: () => CREDENTIALS.secretAccessKey,
      body,
      allowUnsignedPayload: true,
      clockSkew: 10_000,
    }).then(
      () => true,
      () => false,
    )
    received.push({ method: request.method!, path: request.url!, headers: request.headers, body, verified })
    const [status, headers = {}, text = ''] = respond(request, body)
    response.writeHead(status, headers).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, received, close }
}
