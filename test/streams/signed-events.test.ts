import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { signString } from '../../src/crypto/webcrypto.ts'
import { deriveSigningKey, presign, sign } from '../../src/index.ts'
import { eventStringToSign, unsignedEvent } from '../../src/streams/events/chain.ts'
import { encodeHeaders } from '../../src/streams/events/headers.ts'
import {
  type DecodedEvent,
  decodeEvent,
  type EventMessage,
  type EventSeed,
  encodeEvent,
  type SignEventsOptions,
  signEvents,
  verifyEvents,
} from '../../src/streams.ts'
import { webSocketUrl } from '../../src/tokens.ts'
import { amzDateOf, hmac, sha256, signingKey } from '../support/oracle.ts'

interface Vector {
  id: string
  input: {
    method: string
    hostname: string
    path: string
    headers: Record<string, string>
    region: string
    service: string
    date: string
    priorSignature: string
    innerHex: string
  }
  output: {
    authorization: string
    url: string
    framesHex: string[]
    messages: { date: string; payloadHex: string; signature: string; frameHex: string }[]
  }
}

const { credentials, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/event-streams/signed.json', import.meta.url), 'utf8'),
) as { credentials: { accessKeyId: string; secretAccessKey: string }; cases: Vector[] }
const byId = (id: string): Vector => cases.find((each) => each.id === id)!

const NOW = Date.UTC(2015, 7, 30, 12, 36)
const EVENTS = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'
const empty = new Uint8Array(0)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'))
const text = (content: string): EventMessage => ({
  headers: { ':event-type': { type: 'string', value: 'TextEvent' } },
  body: new TextEncoder().encode(content),
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Signs the request of an event stream. */
const seedOf = (options: { now?: number; sessionToken?: string } = {}) =>
  sign(
    {
      method: 'POST',
      url: 'https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription',
      headers: { 'content-type': 'application/vnd.amazon.eventstream' },
    },
    {
      credentials: { ...credentials, sessionToken: options.sessionToken },
      payloadHash: EVENTS,
      ...(options.now && { now: options.now }),
    },
  )

async function verified(
  frames: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  seed: EventSeed,
  given = credentials,
): Promise<string[]> {
  const found: string[] = []
  for await (const { body } of verifyEvents(frames, { seed, credentials: given }))
    found.push(new TextDecoder().decode(body))
  return found
}

async function framesOf(seed: EventSeed, messages: EventMessage[]): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for await (const each of signEvents(seed, { credentials }).encode(messages)) frames.push(each)
  return frames
}

const failure = (code: string, argument: string, reason?: string) =>
  expect.objectContaining({ code, argument, ...(reason && { reason }) })
const rejection = (code: string, message: RegExp) =>
  expect.objectContaining({ name: 'SigV4Error', code, message: expect.stringMatching(message) })

describe('the recorded vectors', () => {
  it('are all tested', () => {
    expect(cases.map(({ id }) => id)).toEqual([
      'event-stream',
      'transcribe-websocket',
      'transcribe-websocket-token',
      'smithy-rs-string-to-sign',
    ])
  })

  it('of HTTP/2 have the same request and events as the AWS SDKs for JavaScript and Go', async () => {
    const { input, output } = byId('event-stream')
    const { host, 'x-amz-content-sha256': payloadHash, ...headers } = input.headers
    const seed = await sign(
      { method: input.method, url: `https://${host}${input.path}`, headers },
      { credentials, payloadHash: payloadHash!, region: input.region, service: input.service },
    )
    expect(seed.headers.authorization).toBe(output.authorization)
    expect(seed.headers['x-amz-content-sha256']).toBe(EVENTS)
    const events = signEvents(seed, { credentials })
    const [first, last] = output.messages
    vi.setSystemTime(first!.date)
    expect(hex(await events.next(bytesOf(first!.payloadHex)))).toBe(first!.frameHex)
    vi.setSystemTime(last!.date)
    expect(hex(await events.end())).toBe(last!.frameHex)
    const frames = output.messages.map(({ frameHex }) => bytesOf(frameHex))
    expect(await verified(frames, seed)).toEqual(['hello'])
  })

  it.each(['transcribe-websocket', 'transcribe-websocket-token'])('of %s have the same events', async (id) => {
    const { url, framesHex } = byId(id).output
    const events = signEvents(url, { credentials })
    const inner = decodeEvent(bytesOf(framesHex[0]!)).body
    expect(hex(await events.next(inner))).toBe(framesHex[0])
    expect(hex(await events.end())).toBe(framesHex[1])
    expect(await verified(framesHex.map(bytesOf), new URL(url))).toEqual(['hello'])
  })

  it('of smithy-rs have the same string to sign', async () => {
    const { input, output } = byId('smithy-rs-string-to-sign')
    const { region, service, priorSignature, date, innerHex } = input
    const chain = { region, service, signature: priorSignature, credentials }
    const { stringToSign } = await unsignedEvent(chain, priorSignature, new Date(date), bytesOf(innerHex))
    expect(stringToSign).toBe(output)
    const message: EventMessage = {
      headers: { 'some-header': { type: 'string', value: 'value' } },
      body: new TextEncoder().encode('test payload'),
    }
    expect(hex(encodeEvent(message))).toBe(innerHex)
  })

  it('of @smithy/signature-v4 has the same signature', async () => {
    // packages/signature-v4/src/SignatureV4.spec.ts, "support event signing": the date of the event is not the signing date
    const scope = { date: '20130524', region: 'REGION', service: 'SERVICE' }
    const headers = encodeHeaders({ ':date': { type: 'timestamp', value: new Date('2018-12-29T01:04:06Z') } })
    expect([...headers]).toEqual([5, 58, 100, 97, 116, 101, 8, 0, 0, 1, 103, 247, 125, 87, 112])
    const body = new TextEncoder().encode('foo')
    const stringToSign = await eventStringToSign('20130524T000000Z', scope, '', headers, body)
    const signature = await signString(stringToSign, scope, { accessKeyId: 'akid', secretAccessKey: 'secret' })
    expect(signature).toBe('204bb5e2713e95354680e9522986d3ac0304aeafd33397f39e6540ca51ffe226')
  })
})

/** The frame of an event, computed with node:crypto. */
function expectedFrame(previous: string, date: Date, inner: Uint8Array): { frame: Uint8Array; signature: string } {
  const amzDate = amzDateOf(date)
  const scope = [amzDate.slice(0, 8), 'us-east-1', 'transcribe', 'aws4_request']
  const header = Buffer.concat([Buffer.from('\x05:date\x08'), Buffer.alloc(8)])
  header.writeBigInt64BE(BigInt(Number(date)), 7)
  const lines = ['AWS4-HMAC-SHA256-PAYLOAD', amzDate, scope.join('/'), previous, sha256(header), sha256(inner)]
  const signature = hmac(signingKey(credentials.secretAccessKey, scope), lines.join('\n'))
  const headers = {
    ':date': { type: 'timestamp', value: date },
    ':chunk-signature': { type: 'binary', value: signature },
  }
  return { frame: encodeEvent({ headers, body: inner } as EventMessage), signature: signature.toString('hex') }
}

const signatureOf = (authorization: string): string => /Signature=(\w+)/.exec(authorization)![1]!

describe('signEvents', () => {
  it('signs each event with the key of its day, in a stream that continues after midnight UTC', async () => {
    vi.setSystemTime('2015-08-30T23:59:58.900Z')
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    let previous = signatureOf(seed.headers.authorization!)
    const frames: Uint8Array[] = []
    for (const date of ['2015-08-30T23:59:59.999Z', '2015-08-31T00:00:00.000Z', '2015-09-02T12:00:00.500Z']) {
      vi.setSystemTime(date)
      const inner = encodeEvent(text(date))
      const expected = expectedFrame(previous, new Date(date), inner)
      frames.push(await events.next(inner))
      expect(hex(frames.at(-1)!)).toBe(hex(expected.frame))
      previous = expected.signature
    }
    frames.push(await events.end())
    expect(await verified(frames, seed)).toHaveLength(3)
  })

  it('accepts the result of webSocketUrl', async () => {
    const url = 'wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket'
    const seed = await webSocketUrl(url, { credentials })
    expect(await verified(await framesOf(seed, [text('hello')]), seed.url)).toEqual(['hello'])
  })

  it('signs overlapping calls in their order', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    const contents = Array.from({ length: 50 }, (_, i) => `event ${i}`)
    const frames = await Promise.all([...contents.map((content) => events.next(text(content))), events.end()])
    expect(await verified(frames, seed)).toEqual(contents)
  })

  it('signs what was passed, even if it changes before its turn', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    const bytes = encodeEvent(text('two'))
    const message = text('three')
    const frames = [events.next(text('one')), events.next(bytes), events.next(message), events.end()]
    bytes.fill(0)
    message.body.fill(0)
    expect(await verified(await Promise.all(frames), seed)).toEqual(['one', 'two', 'three'])
  })

  it('continues with the credentials of the request if the caller rotates them', async () => {
    const seed = await seedOf()
    const rotated = { ...credentials }
    const events = signEvents(seed, { credentials: rotated })
    const frames = [await events.next(text('before'))]
    rotated.accessKeyId = 'AKIDROTATED'
    rotated.secretAccessKey = 'rotated'
    frames.push(await events.next(text('after')), await events.end())
    expect(await verified(frames, seed)).toEqual(['before', 'after'])
  })

  it('continues after the credentials have expired, and does not start then', async () => {
    const seed = await seedOf()
    const temporary = { ...credentials, expiration: new Date(NOW + 1000) }
    const events = signEvents(seed, { credentials: temporary })
    vi.setSystemTime(NOW + 2000)
    const frames = [await events.next(text('late')), await events.end()]
    expect(await verified(frames, seed)).toEqual(['late'])
    expect(() => signEvents(seed, { credentials: temporary })).toThrow(
      failure('ERR_SIGV4_CREDENTIALS_MISSING', 'options.credentials.expiration', 'expired'),
    )
  })

  it('adds the offset of the clock to every date', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials, now: () => Date.now() - 90_000 })
    const { headers } = decodeEvent(await events.next(text('a')))
    expect(headers[':date']).toEqual({ type: 'timestamp', value: new Date(NOW - 90_000) })
    vi.setSystemTime(NOW + 1)
    expect(decodeEvent(await events.end()).headers[':date']!.value).toEqual(new Date(NOW - 89_999))
  })

  it('ends once, with an empty body, and signs nothing after that', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    const [last, ...late] = await Promise.allSettled([events.end(), events.next(text('late')), events.end()])
    expect(last.status === 'fulfilled' && decodeEvent(last.value).body).toHaveLength(0)
    const reason = failure('ERR_INVALID_ARG_VALUE', 'message', 'unusable')
    expect(late).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
  })

  it('rejects a malformed message, and continues without it', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    const frames = [events.next(text('one')), events.next(new Uint8Array(3200)), events.next(text('two')), events.end()]
    await expect(frames[1]).rejects.toThrow(failure('ERR_INVALID_ARG_VALUE', 'message', 'invalid'))
    expect(await verified([await frames[0]!, await frames[2]!, await frames[3]!], seed)).toEqual(['one', 'two'])
    await expect(signEvents(seed, { credentials }).next('audio' as never)).rejects.toThrow(
      failure('ERR_INVALID_ARG_TYPE', 'message', 'type'),
    )
  })

  it('continues after a failure of Web Crypto, without the event that failed', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    const first = await events.next(text('one'))
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    vi.spyOn(crypto.subtle, 'sign').mockRejectedValueOnce(new Error('busy'))
    const [failed, second, last] = await Promise.allSettled([
      events.next(text('two')),
      events.next(text('three')),
      events.end(),
    ])
    expect(failed).toEqual({ status: 'rejected', reason: new Error('busy') })
    const frames = [second, last].map((each) => (each.status === 'fulfilled' ? each.value : empty))
    expect(await verified([first, ...frames], seed)).toEqual(['one', 'three'])
  })

  it('encodes a list, a generator, and a web stream', async () => {
    const seed = await seedOf()
    const messages = [text('one'), text('two')]
    async function* generate(): AsyncGenerator<EventMessage> {
      yield* messages
    }
    const stream = new ReadableStream<EventMessage>({
      start(controller) {
        for (const message of messages) controller.enqueue(message)
        controller.close()
      },
    })
    for (const source of [messages, generate(), stream])
      expect(await verified(signEvents(seed, { credentials }).encode(source), seed)).toEqual(['one', 'two'])
    expect(await verified(signEvents(seed, { credentials }).encode([]), seed)).toEqual([])
  })

  it('reads the seed from everything that carries the signature', async () => {
    const seed = await seedOf({ sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' })
    const upper = {
      url: '/stream-transcription',
      headers: { Authorization: seed.headers.authorization!, 'X-Amz-Content-Sha256': EVENTS },
    }
    const frames = await framesOf(seed, [text('a')])
    for (const each of [new Request(seed.url, seed), { ...seed, headers: new Headers(seed.headers) }, upper])
      expect(await framesOf(each, [text('a')])).toEqual(frames)
    const presigned = await presign('GET', 'wss://transcribestreaming.us-east-1.amazonaws.com:8443/x', { credentials })
    const expected = await framesOf(presigned, [text('a')])
    for (const each of [presigned.url, new URL(presigned.url), { url: presigned.url.slice(51), headers: {} }])
      expect(await framesOf(each, [text('a')])).toEqual(expected)
  })

  const seedWith = async (scheme: string) => {
    const { url, headers } = await seedOf()
    return { url, headers: { ...headers, authorization: headers.authorization!.replace('AWS4-HMAC-SHA256', scheme) } }
  }
  it.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'invalid'],
    ['a URL without a signature', () => 'wss://example.com/', 'invalid'],
    ['a request without headers', () => ({ url: '/' }), 'invalid'],
    ['a request without a signature', () => ({ url: '/', headers: {} }), 'invalid'],
    [
      'a presigned URL whose signature is cut',
      () => byId('transcribe-websocket').output.url.replace(/(X-Amz-Signature=\w{60})\w+/, '$1'),
      'invalid',
    ],
    [
      'a URL presigned with Signature Version 4a',
      () => byId('transcribe-websocket').output.url.replace('AWS4-HMAC', 'AWS4-ECDSA-P256'),
      'invalid',
    ],
    [
      'a URL with a credential that is not valid UTF-8',
      () => byId('transcribe-websocket').output.url.replace(/(X-Amz-Credential=)/, '$1%FF'),
      'invalid',
    ],
    ['a request signed with Signature Version 4a', () => seedWith('AWS4-ECDSA-P256-SHA256'), 'invalid'],
    ['a request with a different scheme', () => seedWith('Bearer'), 'invalid'],
    [
      'a request whose body is hashed',
      () => sign({ url: 'https://sqs.us-east-1.amazonaws.com/' }, { credentials }),
      'unusable',
    ],
  ])('rejects %s as the seed', async (_, seed, reason) => {
    const given = await seed()
    expect(() => signEvents(given as EventSeed, { credentials })).toThrow(
      failure('ERR_INVALID_ARG_VALUE', 'seed', reason),
    )
  })

  it.each<[string, () => unknown, string, string]>([
    ['a provider function', () => async () => credentials, 'ERR_INVALID_ARG_TYPE', 'options.credentials'],
    ['no credentials', () => undefined, 'ERR_INVALID_ARG_TYPE', 'options.credentials'],
    [
      'the credentials after a rotation',
      () => ({ ...credentials, accessKeyId: 'AKIDROTATED' }),
      'ERR_INVALID_ARG_VALUE',
      'options.credentials.accessKeyId',
    ],
    [
      'no secret',
      () => ({ accessKeyId: 'AKIDEXAMPLE' }),
      'ERR_SIGV4_CREDENTIALS_MISSING',
      'options.credentials.secretAccessKey',
    ],
  ])('rejects %s', async (_, given, code, argument) => {
    const seed = await seedOf()
    const options = { credentials: given() } as SignEventsOptions
    expect(() => signEvents(seed, options)).toThrow(failure(code, argument))
    expect(() => verifyEvents([], { seed, ...options })).toThrow(failure(code, argument))
  })

  it('rejects a signing key, because it expires at midnight UTC', async () => {
    const signingKey = await deriveSigningKey({ region: 'us-east-1', service: 'transcribe' }, { credentials })
    const options = { credentials: { accessKeyId: 'AKIDEXAMPLE', signingKey } } as unknown as SignEventsOptions
    const seed = await seedOf()
    expect(() => signEvents(seed, options)).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_KEY_SCOPE', message: expect.stringContaining('midnight UTC') }),
    )
  })

  it('rejects unknown options, and a time that is not one', async () => {
    const seed = await seedOf()
    expect(() => signEvents(seed, { credentials, region: 'us-east-1' } as SignEventsOptions)).toThrow(
      failure('ERR_INVALID_ARG_VALUE', 'options.region', 'unknown'),
    )
    expect(() => signEvents(seed, { credentials, now: Number.NaN })).toThrow(
      failure('ERR_INVALID_ARG_VALUE', 'options.now', 'invalid'),
    )
    expect(() => signEvents(seed, undefined as never)).toThrow(failure('ERR_INVALID_ARG_TYPE', 'options', 'type'))
  })

  it('does not reveal the secret or a key', async () => {
    const seed = await seedOf()
    const events = signEvents(seed, { credentials })
    await events.next(text('a'))
    expect(JSON.stringify(events)).toBe('{}')
    const wrong = { ...credentials, secretAccessKey: ` ${credentials.secretAccessKey}` }
    for (const given of [wrong, { ...wrong, accessKeyId: 'AKIDROTATED' }])
      expect(() => signEvents(seed, { credentials: given })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(credentials.secretAccessKey) }),
      )
  })
})

describe('verifyEvents', () => {
  const messages = [text('one'), text('two'), text('three')]
  let seed: Awaited<ReturnType<typeof seedOf>>
  let frames: Uint8Array[]
  beforeEach(async () => {
    seed = await seedOf()
    frames = await framesOf(seed, messages)
  })

  it('yields events as soon as they are verified, in pieces of any size', async () => {
    const bytes = Buffer.concat(frames)
    for (const size of [1, 7, 64, 10_000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      expect(await verified(pieces, seed)).toEqual(['one', 'two', 'three'])
    }
    const found: DecodedEvent[] = []
    const read = async (): Promise<void> => {
      for await (const event of verifyEvents([frames[0]!, frames[2]!], { seed, credentials })) found.push(event)
    }
    await expect(read()).rejects.toThrow(rejection('ERR_SIGV4_SIGNATURE_MISMATCH', /does not match/))
    expect(found).toHaveLength(1)
  })

  /** Replaces headers of the first event, or its body, with correct checksums. */
  const change = (replaced: Record<string, unknown>, body = decodeEvent(frames[0]!).body): Uint8Array[] => {
    const headers = { ...decodeEvent(frames[0]!).headers, ...replaced }
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name]
    return [encodeEvent({ headers, body } as EventMessage), ...frames.slice(1)]
  }
  const dated = (time: number): Uint8Array[] => change({ ':date': { type: 'timestamp', value: new Date(time) } })
  const withSignature = (value: unknown, type = 'binary'): Uint8Array[] =>
    change({ ':chunk-signature': { type, value } })
  const MISMATCH = 'ERR_SIGV4_SIGNATURE_MISMATCH'
  const MALFORMED = 'ERR_SIGV4_PAYLOAD_MISMATCH'

  it.each<[string, () => Uint8Array[], string]>([
    ['events in a different order', () => [frames[1]!, frames[0]!, frames[2]!, frames[3]!], MISMATCH],
    ['a stream with a missing event', () => [frames[0]!, frames[2]!, frames[3]!], MISMATCH],
    ['an event twice', () => [frames[0]!, ...frames], MISMATCH],
    ['a stream without its end', () => frames.slice(0, 3), MALFORMED],
    ['an empty stream', () => [], MALFORMED],
    ['the end alone', () => frames.slice(3), MISMATCH],
    ['an end that is cut', () => [...frames.slice(0, 3), frames[3]!.subarray(0, 50)], MALFORMED],
    ['an event after the end', () => [...frames, frames[0]!], MALFORMED],
    ['an unsigned end', () => [...frames.slice(0, 3), encodeEvent({ headers: {}, body: empty })], MALFORMED],
    ['unsigned events', () => messages.map(encodeEvent), MALFORMED],
    ['a changed body', () => change({}, encodeEvent(text('four')) as never), MISMATCH],
    ['a body that was emptied', () => change({}, empty), MISMATCH],
    ['a changed date', () => dated(NOW + 1), MISMATCH],
    ['a date before 1970', () => dated(-1), MALFORMED],
    ['a date after 9999', () => dated(253_402_300_800_000), MALFORMED],
    ['a date that is a string', () => change({ ':date': { type: 'string', value: '2015' } }), MALFORMED],
    ['an event without a date', () => change({ ':date': undefined }), MALFORMED],
    ['a signature of zeros', () => withSignature(new Uint8Array(32)), MISMATCH],
    ['an empty signature', () => withSignature(empty), MISMATCH],
    ['a signature that is too long', () => withSignature(new Uint8Array(33)), MISMATCH],
    ['a signature in hex', () => withSignature('a'.repeat(64), 'string'), MALFORMED],
    ['an event without a signature', () => change({ ':chunk-signature': undefined }), MALFORMED],
    ['an unsigned header', () => change({ priority: { type: 'byte', value: 1 } }), MALFORMED],
  ])('rejects %s', async (_, sent, code) => {
    await expect(verified(sent(), seed)).rejects.toThrow(rejection(code, /./))
  })

  it('rejects every changed byte', async () => {
    const frame = frames[0]!
    for (let i = 0; i < frame.length; i++) {
      const changed = frame.slice()
      changed[i]! ^= 0x80
      await expect(verified([changed], seed), `byte ${i}`).rejects.toThrow(rejection(MALFORMED, /./))
    }
  })

  it('rejects events of a different request, secret, region, or service', async () => {
    const later = await seedOf({ now: NOW + 1000 })
    await expect(verified(frames, later)).rejects.toThrow(rejection(MISMATCH, /./))
    await expect(verified(frames, seed, { ...credentials, secretAccessKey: 'wrong' })).rejects.toThrow(
      rejection(MISMATCH, /./),
    )
    for (const [name, other] of [
      ['us-east-1', 'us-west-2'],
      ['transcribe', 'lex'],
    ] as const) {
      const authorization = seed.headers.authorization!.replace(`/${name}/`, `/${other}/`)
      const changed = { ...seed, headers: { ...seed.headers, authorization } }
      await expect(verified(frames, changed)).rejects.toThrow(rejection(MISMATCH, /./))
    }
  })

  it('rejects a signed event whose body is not an event', async () => {
    const { frame } = expectedFrame(
      signatureOf(seed.headers.authorization!),
      new Date(NOW),
      new TextEncoder().encode('audio'),
    )
    await expect(verified([frame], seed)).rejects.toThrow(rejection(MALFORMED, /at least 16 bytes/))
  })

  it('rejects unknown options at once', () => {
    expect(() => verifyEvents([], { seed, credentials, now: NOW } as never)).toThrow(
      failure('ERR_INVALID_ARG_VALUE', 'options.now', 'unknown'),
    )
  })
})
