import { readdirSync, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../src/streams/events/crc32.ts'
import {
  type DecodedEvent,
  decodeEvent,
  decodeEvents,
  type EventHeader,
  type EventHeaders,
  type EventMessage,
  encodeEvent,
} from '../../src/streams.ts'
import { character } from '../support/unicode.ts'

const VECTORS = new URL('../../fixtures/event-streams/smithy/', import.meta.url)
const read = (path: string): Buffer => readFileSync(new URL(path, VECTORS))

/** Headers as Smithy's vectors contain them. */
interface VectorHeader {
  name: string
  type: number
  value: string | number | boolean
}

function headerOf({ type, value }: VectorHeader): EventHeader {
  const bytes = Buffer.from(String(value), 'base64')
  const hex = bytes.toString('hex')
  const headers: EventHeader[] = [
    { type: 'boolean', value: true },
    { type: 'boolean', value: false },
    { type: 'byte', value: Number(value) },
    { type: 'short', value: Number(value) },
    { type: 'integer', value: Number(value) },
    { type: 'long', value: typeof value === 'number' ? BigInt(value) : 0n },
    { type: 'binary', value: new Uint8Array(bytes) },
    { type: 'string', value: bytes.toString() },
    { type: 'timestamp', value: new Date(Number(value)) },
    { type: 'uuid', value: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') },
  ]
  return headers[type]!
}

/** Builds an event from bytes, with valid checksums. */
function frame(headers: Uint8Array, body: Uint8Array = new Uint8Array(0), lengths: { headers?: number } = {}): Buffer {
  const length = 16 + headers.length + body.length
  const event = Buffer.alloc(length)
  event.writeUInt32BE(length, 0)
  event.writeUInt32BE(lengths.headers ?? headers.length, 4)
  event.writeUInt32BE(zlibCrc32(event.subarray(0, 8)), 8)
  event.set(headers, 12)
  event.set(body, 12 + headers.length)
  event.writeUInt32BE(zlibCrc32(event.subarray(0, -4)), length - 4)
  return event
}

const textHeader = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.of(7, 0, value.length), Buffer.from(value)])

const MESSAGE: EventMessage = {
  headers: { ':message-type': { type: 'string', value: 'event' }, priority: { type: 'byte', value: -1 } },
  body: new TextEncoder().encode('{"text":"ä"}'),
}

const malformed = (message: RegExp) =>
  expect.objectContaining({
    name: 'SigV4Error',
    code: 'ERR_SIGV4_PAYLOAD_MISMATCH',
    message: expect.stringMatching(message),
  })

const any: fc.Arbitrary<EventHeader> = fc.oneof(
  fc.boolean().map((value): EventHeader => ({ type: 'boolean', value })),
  fc.integer({ min: -128, max: 127 }).map((value): EventHeader => ({ type: 'byte', value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value): EventHeader => ({ type: 'short', value })),
  fc.integer().map((value): EventHeader => ({ type: 'integer', value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): EventHeader => ({ type: 'long', value })),
  fc.uint8Array({ maxLength: 300 }).map((value): EventHeader => ({ type: 'binary', value })),
  fc.string({ unit: character, maxLength: 300 }).map((value): EventHeader => ({ type: 'string', value })),
  fc.date({ noInvalidDate: true }).map((value): EventHeader => ({ type: 'timestamp', value })),
  fc.uuid().map((value): EventHeader => ({ type: 'uuid', value })),
)
const anyMessage: fc.Arbitrary<EventMessage> = fc.record({
  headers: fc.dictionary(fc.string({ unit: character, minLength: 1, maxLength: 60 }), any, { maxKeys: 12 }),
  body: fc.uint8Array({ maxLength: 500 }),
})

describe('crc32', () => {
  it('equals that of zlib, also in pieces', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        const whole = Buffer.concat([one, other])
        expect(crc32(whole)).toBe(zlibCrc32(whole))
        expect(crc32(other, crc32(one))).toBe(zlibCrc32(whole))
      }),
    )
  })
})

describe("Smithy's test vectors", () => {
  const good = readdirSync(new URL('encoded/positive', VECTORS))
  const bad = readdirSync(new URL('encoded/negative', VECTORS))

  it('are all tested', () => {
    expect([good.length, bad.length]).toEqual([5, 4])
  })

  it.each(good)('%s is decoded and encoded', (name) => {
    const bytes = read(`encoded/positive/${name}`)
    const { headers, payload } = JSON.parse(read(`decoded/positive/${name}`).toString())
    const message = {
      headers: Object.fromEntries((headers as VectorHeader[]).map((header) => [header.name, headerOf(header)])),
      body: new Uint8Array(Buffer.from(payload, 'base64')),
    }
    const { headers: decoded, body } = decodeEvent(bytes)
    expect(plain({ headers: decoded, body })).toEqual(plain(message))
    expect(Buffer.from(encodeEvent(message))).toEqual(bytes)
  })

  it.each(bad)('%s is rejected', (name) => {
    const reasons: Record<string, RegExp> = {
      'Prelude checksum mismatch': /checksum of the lengths/,
      'Message checksum mismatch': /checksum of the event/,
    }
    const reason = reasons[read(`decoded/negative/${name}`).toString()]!
    expect(() => decodeEvent(read(`encoded/negative/${name}`))).toThrow(malformed(reason))
  })
})

/** An event whose bytes are all of one class, which `toEqual` compares. */
function plain({ headers, body }: EventMessage): unknown {
  const entries = Object.entries(headers).map(([name, { type, value }]) => [
    name,
    type,
    value instanceof Uint8Array ? [...value] : value,
  ])
  return [entries, [...body]]
}

describe('encodeEvent and decodeEvent', () => {
  it('are inverse for any message', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(plain(decodeEvent(encodeEvent(message)))).toEqual(plain(message))
      }),
      { numRuns: 500 },
    )
  })

  it('rejects an event with any one bit changed', () => {
    const bytes = encodeEvent(MESSAGE)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decodeEvent(changed), `bit ${bit}`).toThrow(malformed(/./))
    }
  })

  it('rejects an event that is cut, or followed by other bytes', () => {
    const bytes = encodeEvent(MESSAGE)
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeEvent(bytes.subarray(0, length))).toThrow(malformed(/at least 16 bytes|must consist of/))
    expect(() => decodeEvent(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(malformed(/must consist of/))
  })

  it('keeps a name such as __proto__ as a member', () => {
    const headers = Object.fromEntries([['__proto__', { type: 'byte', value: 1 }]]) as EventHeaders
    const decoded = decodeEvent(encodeEvent({ headers, body: new Uint8Array(0) })).headers
    expect(Object.keys(decoded)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
  })

  it('keeps a byte order mark, and writes a UUID in lowercase', () => {
    const id = '0F8FAD5B-D9CB-469F-A165-70867728950E'
    const headers: EventHeaders = { mark: { type: 'string', value: '\ufeffx' }, id: { type: 'uuid', value: id } }
    const decoded = decodeEvent(encodeEvent({ headers, body: new Uint8Array(0) })).headers
    expect(decoded).toEqual({ ...headers, id: { type: 'uuid', value: id.toLowerCase() } })
  })

  it('does not keep the memory of the message', () => {
    const body = Uint8Array.of(1, 2, 3)
    const bytes = encodeEvent({ headers: {}, body })
    body.fill(0)
    expect([...decodeEvent(bytes).body]).toEqual([1, 2, 3])
  })

  const one = textHeader('a', 'b')
  it.each<[string, Uint8Array, RegExp]>([
    ['a header twice', Buffer.concat([one, one]), /each a different one/],
    ['a header without a name', Buffer.of(0, 0), /must have names/],
    ['an unknown type', Buffer.of(1, 97, 10), /unknown type/],
    ['no type', Buffer.of(1, 97), /longer than its headers/],
    ['a name that is cut', Buffer.of(9, 97, 98), /longer than its headers/],
    ['a string that is cut', Buffer.of(1, 97, 7, 0, 9, 98), /longer than its headers/],
    ['a length that is cut', Buffer.of(1, 97, 7, 0), /longer than its headers/],
    ['an integer that is cut', Buffer.of(1, 97, 4, 0, 0, 0), /longer than its headers/],
    ['a name that is not UTF-8', Buffer.of(1, 255, 0), /not valid UTF-8/],
    ['a string that is not UTF-8', Buffer.of(1, 97, 7, 0, 1, 255), /not valid UTF-8/],
    ['a timestamp that no Date has', Buffer.of(1, 97, 8, 127, 255, 255, 255, 255, 255, 255, 255), /out of range/],
  ])('rejects %s', (_, headers, message) => {
    expect(() => decodeEvent(frame(headers))).toThrow(malformed(message))
  })

  it('rejects lengths that contradict each other, or exceed the limits', () => {
    expect(() => decodeEvent(frame(one, undefined, { headers: one.length + 1 }))).toThrow(malformed(/lengths .* range/))
    expect(() => decodeEvent(frame(new Uint8Array(131_073)))).toThrow(malformed(/lengths .* range/))
    expect(() => decodeEvent(frame(one, new Uint8Array(25_165_825)))).toThrow(malformed(/lengths .* range/))
    expect(decodeEvent(frame(one, new Uint8Array(25_165_824))).body).toHaveLength(25_165_824)
  })

  const header = (type: string, value: unknown): EventMessage =>
    ({ headers: { a: { type, value } }, body: new Uint8Array(0) }) as unknown as EventMessage
  const many = Array.from({ length: 5 }, (_, i) => [String(i), { type: 'string', value: 'a'.repeat(32_000) }])
  it.each<[string, unknown, string, string]>([
    ['a byte of 128', header('byte', 128), 'message.headers["a"].value', 'range'],
    ['a short of -32,769', header('short', -32_769), 'message.headers["a"].value', 'range'],
    ['an integer of 2 ** 31', header('integer', 2 ** 31), 'message.headers["a"].value', 'range'],
    ['a fraction', header('integer', 1.5), 'message.headers["a"].value', 'type'],
    ['a long that is a number', header('long', 1), 'message.headers["a"].value', 'type'],
    ['a long of 2 ** 63', header('long', 2n ** 63n), 'message.headers["a"].value', 'range'],
    ['a boolean that is a string', header('boolean', 'true'), 'message.headers["a"].value', 'type'],
    ['an invalid date', header('timestamp', new Date(Number.NaN)), 'message.headers["a"].value', 'type'],
    ['a timestamp that is a number', header('timestamp', 0), 'message.headers["a"].value', 'type'],
    ['a malformed UUID', header('uuid', '0f8fad5b-d9cb-469f-a165'), 'message.headers["a"].value', 'invalid'],
    ['half of a surrogate pair', header('string', '\ud83d'), 'message.headers["a"].value', 'invalid'],
    ['a string that is a number', header('string', 1), 'message.headers["a"].value', 'type'],
    ['a string of 32,768 bytes', header('string', 'ä'.repeat(16_384)), 'message.headers["a"].value', 'range'],
    ['binary that is a string', header('binary', 'a'), 'message.headers["a"].value', 'type'],
    ['binary of 32,768 bytes', header('binary', new Uint8Array(32_768)), 'message.headers["a"].value', 'range'],
    ['an unknown type', header('text', 'a'), 'message.headers["a"].type', 'unknown'],
    ['a header that is a string', { headers: { a: 'b' }, body: new Uint8Array(0) }, 'message.headers["a"]', 'type'],
    [
      'an empty name',
      { headers: { '': { type: 'byte', value: 1 } }, body: new Uint8Array(0) },
      'message.headers[""]',
      'range',
    ],
    ['no headers', { body: new Uint8Array(0) }, 'message.headers', 'type'],
    ['no body', { headers: {} }, 'message.body', 'type'],
    ['a body that is a string', { headers: {}, body: 'a' }, 'message.body', 'type'],
    ['a payload', { headers: {}, payload: new Uint8Array(0) }, 'message.payload', 'unknown'],
    ['bytes', new Uint8Array(1), 'message.0', 'unknown'],
    ['nothing', undefined, 'message', 'type'],
    [
      'headers of over 128 KiB',
      { headers: Object.fromEntries(many), body: new Uint8Array(0) },
      'message.headers',
      'range',
    ],
    ['a body of over 24 MiB', { headers: {}, body: new Uint8Array(25_165_825) }, 'message.body', 'range'],
  ])('rejects %s', (_, message, argument, reason) => {
    const code = reason === 'type' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_INVALID_ARG_VALUE'
    expect(() => encodeEvent(message as EventMessage)).toThrow(
      expect.objectContaining({ name: 'TypeError', code, argument, reason }),
    )
  })

  it('rejects a name of over 255 bytes, and anything to decode that is not bytes', () => {
    const headers: EventHeaders = { ['ä'.repeat(128)]: { type: 'byte', value: 1 } }
    expect(() => encodeEvent({ headers, body: new Uint8Array(0) })).toThrow(
      expect.objectContaining({ reason: 'range' }),
    )
    expect(() => decodeEvent('event' as never)).toThrow(expect.objectContaining({ argument: 'bytes' }))
  })
})

describe('decodeEvents', () => {
  const messages: EventMessage[] = [
    MESSAGE,
    { headers: {}, body: new Uint8Array(0) },
    { headers: {}, body: new Uint8Array(70_000).fill(7) },
    MESSAGE,
  ]
  const bytes = Buffer.concat(messages.map(encodeEvent))
  const pieces = (size: number): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  const all = async (events: AsyncIterable<DecodedEvent>): Promise<unknown[]> => {
    const found: unknown[] = []
    for await (const event of events) found.push(plain(event))
    return found
  }
  const expected = messages.map(plain)

  it.each([1, 2, 3, 11, 12, 13, 16, 100, 65_536, 1_000_000])('joins pieces of %i bytes', async (size) => {
    expect(await all(decodeEvents(pieces(size)))).toEqual(expected)
  })

  it('reads web streams, Node streams, and asynchronous iterables, with empty pieces', async () => {
    const list = [new Uint8Array(0), ...pieces(999), new Uint8Array(0)]
    async function* generate(): AsyncGenerator<Uint8Array> {
      yield* list
    }
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of list) controller.enqueue(piece)
        controller.close()
      },
    })
    for (const source of [stream, Readable.from(list), generate()])
      expect(await all(decodeEvents(source as AsyncIterable<Uint8Array>))).toEqual(expected)
  })

  it('reads every view of bytes, and memory that is shared', async () => {
    const { buffer } = Uint8Array.from(bytes)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    const cut = bytes.length - (bytes.length % 4)
    const words = [new Uint32Array(buffer, 0, cut / 4), new DataView(buffer, cut)]
    for (const source of [[new DataView(buffer)], words, [shared]])
      expect(await all(decodeEvents(source as never))).toEqual(expected)
    for (const source of ['event', null, {}, bytes])
      await expect(all(decodeEvents(source as never))).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        argument: 'source',
      })
  })

  it('yields events before the source ends, and releases the source if the reader stops', async () => {
    let isCanceled = false
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encodeEvent(MESSAGE)),
      cancel: () => {
        isCanceled = true
      },
    })
    for await (const event of decodeEvents(stream)) {
      expect(plain(event)).toEqual(plain(MESSAGE))
      break
    }
    expect(isCanceled).toBe(true)
  })

  it('yields the events before a malformed one', async () => {
    const changed = Buffer.from(bytes)
    changed[bytes.length - 20]! ^= 1
    const found: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const event of decodeEvents([changed])) found.push(plain(event))
    }
    await expect(read()).rejects.toThrow(malformed(/checksum/))
    expect(found).toEqual(expected.slice(0, 3))
  })

  it.each([1, 11, 12, 15, 500])('rejects a stream that ends %i bytes before its end', async (missing) => {
    const cut = bytes.subarray(0, bytes.length - Math.min(missing, encodeEvent(MESSAGE).length - 1))
    await expect(all(decodeEvents([cut]))).rejects.toThrow(malformed(/ends within an event/))
  })

  it('rejects a wrong length as soon as it is read', async () => {
    let pulled = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('HTTP/1.1 200 OK\r\n')
      for (;;) {
        pulled++
        yield new Uint8Array(65_536)
      }
    }
    await expect(all(decodeEvents(endless()))).rejects.toThrow(malformed(/checksum of the lengths/))
    expect(pulled).toBe(0)
  })

  it.each([
    ['strings', ['event']],
    ['a string', 'event'],
    ['nothing', undefined],
  ])('rejects %s', async (_, source) => {
    await expect(all(decodeEvents(source as never))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'source' }),
    )
  })
})
