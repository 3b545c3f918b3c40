import { once } from 'node:events'
import { connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type DecodedEvent, decodeEvent, encodeEvent, verifyEvents } from '../../src/streams.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { fencesOf } from '../support/docs/markdown.ts'
import { load } from '../support/docs/run.ts'

// The examples of docs/event-streams.md, unchanged, with a server in place of Transcribe.

const credentials = { ...CREDENTIALS }
const lookup = () => credentials.secretAccessKey
const host = 'transcribestreaming.us-east-1.amazonaws.com'

/** Returns the only example that contains a string. */
function example(part: string): string {
  const [found, ...others] = fencesOf('docs/event-streams.md').filter(({ code }) => code.includes(part))
  if (!found || others.length > 0) throw new Error(`docs/event-streams.md must contain one example with ${part}`)
  return found.code
}

const transcript = (content: string): Uint8Array =>
  encodeEvent({
    headers: { ':event-type': { type: 'string', value: 'TranscriptEvent' } },
    body: new TextEncoder().encode(content),
  })

async function* audio(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('one')
  yield new TextEncoder().encode('two')
}

describe('the example of HTTP/2', () => {
  async function listen(server: Http2Server): Promise<string> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('sends events that are verified, and prints the responses', async () => {
    const server = createServer(async (request, response) => {
      const { scope } = await verify(request, { credentials: lookup, payload: 'deferred', host })
      response.writeHead(200)
      for await (const { headers, body } of verifyEvents(request, { seed: request, credentials }))
        response.write(
          transcript(`${scope.service} ${headers[':event-type']!.value} ${new TextDecoder().decode(body)}`),
        )
      response.end()
    })
    const origin = await listen(server)
    const received: string[] = []
    const imports = { 'node:http2': { connect: () => connect(origin) } }
    const transcribe = await load(example('function* audioEvents'), 'transcribe', {}, imports)
    await transcribe(audio(), ({ body }: DecodedEvent) => received.push(new TextDecoder().decode(body)))
    expect(received).toEqual(['transcribe AudioEvent one', 'transcribe AudioEvent two'])
    server.close()
  })

  it('reports that the service rejects the request', async () => {
    const server = createServer((_, response) => void response.writeHead(403).end('{"Message":"denied"}'))
    const origin = await listen(server)
    const imports = { 'node:http2': { connect: () => connect(origin) } }
    const transcribe = await load(example('function* audioEvents'), 'transcribe', {}, imports)
    await expect(transcribe(audio())).rejects.toThrow('status 403')
    server.close()
  })
})

describe('the example of a WebSocket', () => {
  it('sends events that are verified, and prints the responses', async () => {
    const sent: Uint8Array[] = []
    let opened = ''
    class WebSocket {
      binaryType = 'blob'
      onopen?: () => void
      onmessage?: (event: { data: ArrayBuffer }) => void
      constructor(url: string) {
        opened = url
        setTimeout(() => this.onopen?.(), 1)
      }
      send(event: Uint8Array): void {
        expect(this.binaryType).toBe('arraybuffer')
        sent.push(event)
        const { body } = decodeEvent(event)
        if (body.length) this.onmessage?.({ data: transcript('hello').buffer as ArrayBuffer })
      }
    }
    const received: string[] = []
    const transcribe = await load(example('new WebSocket'), 'transcribe', { WebSocket })
    async function* events() {
      yield { headers: {}, body: new Uint8Array(3200) }
    }
    await transcribe(events(), ({ body }: DecodedEvent) => received.push(new TextDecoder().decode(body)))
    expect(received).toEqual(['hello'])
    const { host: sentHost, pathname, search } = new URL(opened)
    const request = { method: 'GET', url: pathname + search, headers: { host: sentHost } }
    expect((await verify(request, { credentials: lookup })).payload).toBe('verified')
    const bodies: number[] = []
    for await (const { body } of verifyEvents(sent, { seed: opened, credentials })) bodies.push(body.length)
    expect(bodies).toEqual([3200])
  })
})
