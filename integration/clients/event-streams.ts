import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { presign, sign } from '../../src/index.ts'
import {
  decodeEvent,
  type EventHeader,
  type EventHeaders,
  type EventMessage,
  encodeEvent,
  signEvents,
  verifyEvents,
} from '../../src/streams.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../../test/support/credentials.ts'
import { randomBelow } from '../../test/support/random.ts'

// Event streams of the AWS SDK, compared with ours in both directions, and sent to a server of ours.

const require = createRequire(import.meta.url)
const credentials = { ...CREDENTIALS }
const lookup = { credentials: () => credentials.secretAccessKey }
const RUNS = 2000

const below = randomBelow(20_150_830)
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))
const pick = <Item>(list: readonly Item[]): Item => list[below(list.length)]!
const text = (length: number): string =>
  Array.from({ length }, () => pick(['a', 'Z', '0', ' ', ':', '-', 'ä', '€', '\u{1f600}', '\0', '\ufeff'])).join('')
const int32 = (): number => below(2 ** 32) | 0

/** Returns an integer of 64 bits: often a limit. */
const int64 = (): bigint =>
  pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), BigInt(int32()), (BigInt(int32()) << 32n) | BigInt(below(2 ** 32))])

const KINDS: readonly (() => EventHeader)[] = [
  () => ({ type: 'boolean', value: below(2) === 1 }),
  () => ({ type: 'byte', value: below(256) - 128 }),
  () => ({ type: 'short', value: below(65_536) - 32_768 }),
  () => ({ type: 'integer', value: int32() }),
  () => ({ type: 'long', value: int64() }),
  () => ({ type: 'binary', value: bytes(below(200)) }),
  () => ({ type: 'string', value: text(below(200)) }),
  () => ({ type: 'timestamp', value: new Date(int32() * pick([1, 1000, 400_000])) }),
  () => ({
    type: 'uuid',
    value: Buffer.from(bytes(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  }),
]

/** Returns a message with up to 20 headers of any type. */
function randomMessage(): EventMessage {
  const headers: Record<string, EventHeader> = {}
  for (let i = below(20); i > 0; i--) headers[text(1 + below(12)) + i] = pick(KINDS)()
  return { headers, body: bytes(pick([0, 1, below(300), below(3000)])) }
}

/** Int64 of `@smithy/eventstream-codec`: its bytes, the most significant first. */
interface Int64 {
  bytes: Uint8Array
}

/** Returns headers as `@smithy/eventstream-codec` has them, in which a long is an `Int64`. */
function toSmithy(headers: EventHeaders): Record<string, unknown> {
  const { Int64 } = require('@smithy/eventstream-codec')
  const convert = (header: EventHeader): unknown => {
    if (header.type !== 'long') return header
    const value = Buffer.alloc(8)
    value.writeBigInt64BE(header.value)
    return { type: 'long', value: new Int64(value) }
  }
  return Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, convert(header)]))
}

function fromSmithy(headers: Record<string, { type: string; value: unknown }>): EventHeaders {
  const convert = ({ type, value }: { type: string; value: unknown }): unknown => {
    if (type === 'long') return { type, value: Buffer.from((value as Int64).bytes).readBigInt64BE() }
    return type === 'binary' ? { type, value: Uint8Array.from(value as Uint8Array) } : { type, value }
  }
  return Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, convert(header)])) as EventHeaders
}

/** The hash that the signer of the SDK is passed. */
class Sha256 {
  readonly hash: Hash | Hmac
  constructor(secret?: Uint8Array | string) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data: Uint8Array | string): void {
    this.hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest())
  }
}

const signatureIn = (event: Uint8Array): string =>
  Buffer.from(decodeEvent(event).headers[':chunk-signature']!.value as Uint8Array).toString('hex')

export function describeEventStreams(): void {
  describe('event streams', () => {
    it(`of @smithy/eventstream-codec have the same bytes, for ${RUNS} random messages`, () => {
      const { EventStreamCodec } = require('@smithy/eventstream-codec')
      const codec = new EventStreamCodec(
        (decoded: Uint8Array) => Buffer.from(decoded).toString(),
        (string: string) => new Uint8Array(Buffer.from(string)),
      )
      const seen = new Set<string>()
      for (let i = 0; i < RUNS; i++) {
        const message = randomMessage()
        for (const { type } of Object.values(message.headers)) seen.add(type)
        const encoded = encodeEvent(message)
        const theirs = codec.encode({ headers: toSmithy(message.headers), body: message.body })
        expect(Buffer.from(encoded).equals(theirs), JSON.stringify(Object.keys(message.headers))).toBe(true)
        const { headers, body } = codec.decode(encoded)
        expect(fromSmithy(headers)).toEqual(message.headers)
        expect(Buffer.from(body).equals(message.body)).toBe(true)
        const decoded = decodeEvent(theirs)
        expect(decoded.headers).toEqual(message.headers)
        expect(Buffer.from(decoded.body).equals(message.body)).toBe(true)
      }
      expect(seen.size).toBe(KINDS.length)
    })

    it('of @smithy/signature-v4 have the same signatures', async () => {
      const { SignatureV4 } = require('@smithy/signature-v4')
      const service = 'transcribe'
      const now = Date.UTC(2015, 7, 30, 12, 36)
      const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 })
      const request = await sign(
        { method: 'POST', url: 'https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription' },
        { credentials, payloadHash: 'STREAMING-AWS4-HMAC-SHA256-EVENTS', now },
      )
      let [, priorSignature] = /Signature=(\w+)/.exec(request.headers.authorization!)!
      const events = signEvents(request, { credentials, now })
      for (let i = 0; i < 100; i++) {
        const inner = encodeEvent(randomMessage())
        const event = await (i < 99 ? events.next(inner) : events.end())
        const { headers, body } = decodeEvent(event)
        const signedAt = headers[':date']!.value as Date
        const message = { headers: { ':date': headers[':date'] }, body }
        const signed = await signer.sign({ message, priorSignature }, { signingDate: signedAt })
        expect(signatureIn(event)).toBe(signed.signature)
        priorSignature = signed.signature
      }
    })

    // this client signs :authority in place of host
    it('of the client for Transcribe are verified over HTTP/2, with credentials that rotate', async () => {
      const {
        StartStreamTranscriptionCommand,
        TranscribeStreamingClient,
      } = require('@aws-sdk/client-transcribe-streaming')
      const found: string[] = []
      let hasArrived = false
      const server = createServer(async (request, response) => {
        hasArrived = true
        const { scope, signedHeaders } = await verify(request, { ...lookup, payload: 'deferred' })
        found.push(`${scope.service} ${signedHeaders[0]}`)
        response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
        try {
          for await (const { headers, body } of verifyEvents(request, { seed: request, credentials }))
            found.push(`${headers[':event-type']!.value} ${Buffer.from(body)}`)
          found.push('end')
        } catch (error) {
          found.push(String(error))
        }
        response.end(
          encodeEvent({
            headers: {
              ':message-type': { type: 'string', value: 'event' },
              ':event-type': { type: 'string', value: 'TranscriptEvent' },
              ':content-type': { type: 'string', value: 'application/json' },
            },
            body: Buffer.from('{"Transcript":{"Results":[{"ResultId":"1"}]}}'),
          }),
        )
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const provider = async () => {
        const current = hasArrived ? { accessKeyId: 'AKIDROTATED', secretAccessKey: 'rotated' } : credentials
        return { ...current, expiration: new Date(Date.now() + 1000) }
      }
      const client = new TranscribeStreamingClient({ region: 'us-east-1', endpoint, credentials: provider })
      async function* audio() {
        for (const AudioChunk of ['one', 'two', 'three'].map((content) => Buffer.from(content)))
          yield { AudioEvent: { AudioChunk } }
      }
      const { TranscriptResultStream } = await client.send(
        new StartStreamTranscriptionCommand({
          LanguageCode: 'en-US',
          MediaEncoding: 'pcm',
          MediaSampleRateHertz: 16_000,
          AudioStream: audio(),
        }),
      )
      const responses: unknown[] = []
      for await (const { TranscriptEvent } of TranscriptResultStream) responses.push(TranscriptEvent)
      expect(found).toEqual(['transcribe :authority', 'AudioEvent one', 'AudioEvent two', 'AudioEvent three', 'end'])
      expect(responses).toEqual([{ Transcript: { Results: [{ ResultId: '1' }] } }])
      client.destroy()
      server.close()
    })

    it('of ours are verified over a WebSocket', async () => {
      const { WebSocket, WebSocketServer } = require('ws')
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      await once(server, 'listening')
      const found: string[] = []
      const done = new Promise<void>((resolve) => {
        server.on(
          'connection',
          async (socket: import('node:events').EventEmitter, request: import('node:http').IncomingMessage) => {
            const messages: Uint8Array[] = []
            socket.on('message', (data: Buffer) => messages.push(data))
            await verify(request, lookup)
            await once(socket, 'close')
            for await (const { headers, body } of verifyEvents(messages, { seed: request, credentials }))
              found.push(`${headers[':event-type']!.value} ${Buffer.from(body)}`)
            resolve()
          },
        )
      })
      const target = `ws://127.0.0.1:${server.address().port}/stream-transcription-websocket`
      const { url } = await presign('GET', target, {
        credentials,
        region: 'us-east-1',
        service: 'transcribe',
        expires: '1m',
        query: { 'language-code': 'en-US' },
      })
      const socket = new WebSocket(url)
      await once(socket, 'open')
      const messages = ['one', 'two'].map(
        (content): EventMessage => ({
          headers: { ':event-type': { type: 'string', value: 'AudioEvent' } },
          body: Buffer.from(content),
        }),
      )
      for await (const event of signEvents(url, { credentials }).encode(messages)) socket.send(event)
      socket.close()
      await done
      expect(found).toEqual(['AudioEvent one', 'AudioEvent two'])
      server.close()
    })
  })
}
