import { once } from 'node:events'
import { type ClientHttp2Stream, connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../../src/index.ts'
import {
  type DecodedEvent,
  decodeEvents,
  type EventMessage,
  encodeEvent,
  signEvents,
  verifyEvents,
} from '../../src/streams.ts'
import { type SigV4VerifyError, verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// A client and a server of an event stream, over HTTP/2: the server verifies the request, and returns each event that it
// has verified while the client still sends.

const credentials = { ...CREDENTIALS }
const CONTENT_TYPE = 'application/vnd.amazon.eventstream'

const event = (type: string, content: string): EventMessage => ({
  headers: { ':event-type': { type: 'string', value: type } },
  body: new TextEncoder().encode(content),
})
const contentOf = ({ headers, body }: DecodedEvent): string =>
  `${headers[':event-type']!.value}: ${new TextDecoder().decode(body)}`

let server: Http2Server
let origin: string
beforeAll(async () => {
  server = createServer(async (request, response) => {
    try {
      await verify(request, { credentials: () => credentials.secretAccessKey, payload: 'deferred' })
    } catch (error) {
      const { status = 500, code = '' } = error as Partial<SigV4VerifyError>
      response.writeHead(status).end(code)
      return
    }
    response.writeHead(200, { 'content-type': CONTENT_TYPE })
    try {
      for await (const received of verifyEvents(request, { seed: request, credentials }))
        response.write(encodeEvent(event('Echo', contentOf(received))))
      response.end(encodeEvent(event('End', 'complete')))
    } catch (error) {
      response.end(encodeEvent(event('Error', (error as Partial<SigV4VerifyError>).code ?? String(error))))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
})

const signRequest = () =>
  sign(
    { method: 'POST', url: `${origin}/stream-transcription`, headers: { 'content-type': CONTENT_TYPE } },
    { credentials, region: 'us-east-1', service: 'transcribe', payloadHash: 'STREAMING-AWS4-HMAC-SHA256-EVENTS' },
  )

/** Opens a stream, passes it to `send`, and returns what the server sent. */
async function exchange(
  headers: Record<string, string>,
  send: (stream: ClientHttp2Stream, responses: AsyncGenerator<DecodedEvent>) => Promise<void>,
): Promise<string[]> {
  const client = connect(origin)
  const stream = client.request({ ':method': 'POST', ':path': '/stream-transcription', ...headers })
  const [head] = await once(stream, 'response')
  expect(head[':status']).toBe(200)
  const responses = decodeEvents(stream)
  try {
    const sent = send(stream, responses)
    const found: string[] = []
    for await (const response of responses) found.push(contentOf(response))
    await sent
    return found
  } finally {
    client.close()
  }
}

describe('an event stream over HTTP/2', () => {
  it('is verified while it is sent', async () => {
    const seed = await signRequest()
    const messages = ['hello', 'ä'.repeat(100_000), ''].map((content) => event('Text', content))
    const found = await exchange(seed.headers, (stream) =>
      pipeline(Readable.from(signEvents(seed, { credentials }).encode(messages)), stream, { end: true }),
    )
    expect(found).toEqual(['Echo: Text: hello', `Echo: Text: ${'ä'.repeat(100_000)}`, 'Echo: Text: ', 'End: complete'])
  })

  it('is a conversation', async () => {
    const seed = await signRequest()
    const events = signEvents(seed, { credentials })
    const client = connect(origin)
    const stream = client.request({ ':method': 'POST', ':path': '/stream-transcription', ...seed.headers })
    const responses = decodeEvents(stream)
    for (const content of ['one', 'two']) {
      stream.write(await events.next(event('Text', content)))
      const { value } = await responses.next()
      expect(contentOf(value)).toBe(`Echo: Text: ${content}`)
    }
    stream.end(await events.end())
    expect(contentOf((await responses.next()).value)).toBe('End: complete')
    client.close()
  })

  it.each<[string, (frames: Uint8Array[]) => Uint8Array[], string]>([
    ['without its end', (frames) => frames.slice(0, -1), 'ERR_SIGV4_PAYLOAD_MISMATCH'],
    ['with a missing event', (frames) => frames.slice(1), 'ERR_SIGV4_SIGNATURE_MISMATCH'],
    ['with a missing byte', ([first, ...rest]) => [first!.slice(1), ...rest], 'ERR_SIGV4_PAYLOAD_MISMATCH'],
  ])('is rejected %s', async (_, change, code) => {
    const seed = await signRequest()
    const frames: Uint8Array[] = []
    const messages = [event('Text', 'one'), event('Text', 'two')]
    for await (const each of signEvents(seed, { credentials }).encode(messages)) frames.push(each)
    const found = await exchange(seed.headers, async (stream) => {
      stream.end(Buffer.concat(change(frames)))
    })
    expect(found.at(-1)).toBe(`Error: ${code}`)
  })

  it('is rejected if its request is changed', async () => {
    const seed = await signRequest()
    const client = connect(origin)
    const headers = { ...seed.headers, 'x-amzn-transcribe-language-code': 'en-US', 'content-type': 'text/plain' }
    const stream = client.request({ ':method': 'POST', ':path': '/stream-transcription', ...headers })
    const [head] = await once(stream, 'response')
    expect(head[':status']).toBe(403)
    client.destroy()
  })
})
