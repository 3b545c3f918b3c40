import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningServer, serve } from '../../packages/sigv4-tools/src/serve.ts'
import { createSignedFetch, type SignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS, listen, script, scripted } from '../support/fetch.ts'

let server: RunningServer
let signedFetch: SignedFetch
const options = { credentials: CREDENTIALS, region: 'us-east-1', service: 's3' }

beforeAll(async () => {
  server = await serve({ credentials: CREDENTIALS })
  signedFetch = createSignedFetch(options)
  expect((await signedFetch(`${server.url}/photos`, { method: 'PUT' })).status).toBe(200)
})
afterAll(() => server.close())

function stream(...pieces: string[]): ReadableStream<Uint8Array> {
  return new Blob(pieces).stream()
}

/** The kinds of bodies that can be sent more than once. */
const REPEATABLE: [kind: string, body: () => BodyInit, text: string][] = [
  ['a string', () => 'héllo', 'héllo'],
  ['an empty string', () => '', ''],
  ['bytes', () => new TextEncoder().encode('bytes'), 'bytes'],
  ['an ArrayBuffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
  ['a Blob', () => new Blob(['blob'], { type: 'text/plain' }), 'blob'],
  ['a File', () => new File(['file'], 'a.txt'), 'file'],
  ['URLSearchParams', () => new URLSearchParams({ a: 'b c' }), 'a=b+c'],
  ['a short stream', () => stream('str', 'eam'), 'stream'],
]

describe('a body', () => {
  it.each(REPEATABLE)('that is %s is hashed, sent and received', async (_, body, text) => {
    for (const isRequest of [false, true]) {
      const url = `${server.url}/photos/a`
      const init = { method: 'PUT', body: body(), duplex: 'half' } as RequestInit
      const response = await (isRequest ? signedFetch(new Request(url, init)) : signedFetch(url, init))
      expect(response.status).toBe(200)
      expect(await (await signedFetch(url)).text()).toBe(text)
    }
  })

  it.each(REPEATABLE)('that is %s is sent again', async (_, body, text) => {
    for (const isRequest of [false, true]) {
      const init = { method: 'PUT', body: body(), duplex: 'half' } as RequestInit
      let count = 0
      const local = await listen(() => [++count === 1 ? 500 : 200])
      const response = await (isRequest ? signedFetch(new Request(local.url, init)) : signedFetch(local.url, init))
      expect(response.status).toBe(200)
      expect(local.received.map((each) => [String(each.body), each.verified])).toEqual([
        [text, true],
        [text, true],
      ])
      await local.close()
    }
  })

  it('that is FormData is sent with the boundary that was signed, twice', async () => {
    let count = 0
    const local = await listen(() => [++count === 1 ? 503 : 200])
    const body = new FormData()
    body.append('name', 'value')
    expect((await signedFetch(local.url, { method: 'POST', body })).status).toBe(200)
    const [first, second] = local.received
    expect([first!.verified, second!.verified]).toEqual([true, true])
    expect(String(first!.body)).toBe(String(second!.body))
    const [, boundary] = /boundary=(.+)/.exec(first!.headers['content-type']!)!
    expect(String(first!.body)).toContain(`--${boundary}\r\n`)
    await local.close()
  })

  it('that is a stream with a payload hash is sent once, unread', async () => {
    const local = await listen(() => [500])
    const aws = { payloadHash: 'UNSIGNED-PAYLOAD' }
    const init = { method: 'PUT', body: stream('once'), headers: { 'content-length': '4' }, aws }
    expect((await signedFetch(local.url, init)).status).toBe(500)
    expect(local.received.map((each) => [String(each.body), each.verified])).toEqual([['once', true]])
    await local.close()
  })

  it('that is a stream of known length is sent to S3 over HTTPS once, unread and unsigned', async () => {
    const body = stream('once')
    const headers = { 'content-length': '4' }
    const { signedFetch, sent } = scripted([500])
    await signedFetch('https://photos.s3.eu-west-1.amazonaws.com/a', { method: 'PUT', body, headers })
    expect(sent).toHaveLength(1)
    expect(sent[0]!.init).toMatchObject({ duplex: 'half', headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })
    expect(await new Response(sent[0]!.init.body).text()).toBe('once')
  })

  it.each([
    ['https://photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/a', undefined],
    ['https://op-1.s3-outposts.eu-west-1.amazonaws.com/a', undefined],
    ['https://ap-123456789012.s3-object-lambda.eu-west-1.amazonaws.com/a', undefined],
    ['https://storage.example/photos/a', 's3express'],
  ])('that is a stream of known length is sent to %s as to S3', async (url, service) => {
    const { signedFetch, sent } = scripted([500], { service, ...(service && { region: 'us-east-1' }) })
    await signedFetch(url, { method: 'PUT', body: stream('once'), headers: { 'content-length': '4' } })
    expect(sent).toHaveLength(1)
    expect(sent[0]!.init).toMatchObject({ duplex: 'half', headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })
    expect(await new Response(sent[0]!.init.body).text()).toBe('once')
  })

  it('that is a stream is hashed over HTTP, for other services and without a length', async () => {
    for (const [url, headers] of [
      ['http://photos.s3.eu-west-1.amazonaws.com/a', { 'content-length': '1' }],
      ['https://photos.s3.eu-west-1.amazonaws.com/a', {}],
      ['https://sqs.eu-west-1.amazonaws.com/', { 'content-length': '1' }],
    ] as const) {
      const { signedFetch, sent } = scripted([200])
      await signedFetch(url, { method: 'PUT', body: stream('a'), headers })
      expect(sent[0]!.init.body).toBeInstanceOf(Blob)
    }
  })

  it('that is a longer stream than maxBufferedBytes is rejected before anything is sent', async () => {
    const { signedFetch, sent } = scripted([200, 200], { ...options, maxBufferedBytes: 5 })
    const send = (body: BodyInit) => signedFetch('http://localhost/', { method: 'PUT', body })
    await send(stream('12345'))
    await send('a string of any length')
    await expect(send(stream('123', '456'))).rejects.toMatchObject({
      code: 'ERR_SIGV4_BODY_NOT_HASHABLE',
      message: 'init.body is out of range. Pass init.aws.payloadHash, or raise options.maxBufferedBytes.',
    })
    expect(sent).toHaveLength(2)
  })

  it.each([
    ['in init', false],
    ['of a Request', true],
  ])(
    'that is a stream %s is cancelled and unlocked if the signal is aborted while it is read',
    async (_, isRequest) => {
      for (const isBefore of [true, false]) {
        const reasons: unknown[] = []
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(new Uint8Array(4)),
          cancel: (reason) => void reasons.push(reason),
        })
        const controller = new AbortController()
        const reason = new Error('stopped')
        if (isBefore) controller.abort(reason)
        const { signedFetch, sent } = scripted([], options)
        const { signal } = controller
        const init = { method: 'PUT', body, duplex: 'half' } as RequestInit
        const promise = isRequest
          ? signedFetch(new Request('http://localhost/', init), { signal })
          : signedFetch('http://localhost/', { ...init, signal })
        if (!isBefore) setTimeout(() => controller.abort(reason), 20)
        await expect(promise).rejects.toBe(reason)
        expect([reasons, sent]).toEqual([[reason], []])
        if (!isRequest) expect(body.locked).toBe(false) // the Request itself locks it
      }
    },
  )

  it('that is a stream that was too long is cancelled and unlocked', async () => {
    const { signedFetch } = scripted([], { ...options, maxBufferedBytes: 5 })
    const cancel = vi.fn()
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4)), cancel })
    await expect(signedFetch('http://localhost/', { method: 'PUT', body })).rejects.toMatchObject({ reason: 'range' })
    expect([cancel.mock.calls.length, body.locked]).toEqual([1, false])
  })

  it('that was already read is rejected by fetch', async () => {
    const request = new Request(server.url, { method: 'PUT', body: 'a' })
    await request.text()
    await expect(signedFetch(request)).rejects.toThrow(TypeError)
  })
})

describe('a Request', () => {
  it('is passed on, with its signal and settings, and headers in init replace its own', async () => {
    const controller = new AbortController()
    const request = new Request('https://sqs.eu-west-1.amazonaws.com/', {
      signal: controller.signal,
      headers: { a: 'b' },
    })
    const { fetch } = script()
    let passed: unknown
    const signed = createSignedFetch({
      credentials: CREDENTIALS,
      fetch: async (input, init) => {
        passed = input
        controller.abort(new Error('stopped'))
        expect(init!.headers as Record<string, string>).toMatchObject({ c: 'd' })
        expect(init!.headers).not.toHaveProperty('a')
        return fetch(input, init)
      },
    })
    await expect(signed(request, { headers: { c: 'd' } })).rejects.toThrow('sent too often')
    expect(passed).toBe(request)
  })
})

describe('headers', () => {
  it('that a proxy or browser added are sent unsigned; host and expect are not sent', async () => {
    const { signedFetch, sent } = scripted([200])
    const headers = {
      ...{ 'CF-Ray': '1', cookie: 'a=b', 'x-forwarded-for': '::1', 'x-request-id': '2' },
      ...{ host: 'proxy.example', expect: '100-continue', 'x-custom': '3' },
    }
    await signedFetch('https://sqs.eu-west-1.amazonaws.com/', { headers, aws: { unsignedHeaders: ['x-other'] } })
    const { authorization, ...others } = sent[0]!.init.headers
    expect(authorization).toContain('SignedHeaders=host;x-amz-date;x-custom,')
    expect(Object.keys(others).sort()).toEqual([
      'cf-ray',
      'cookie',
      'x-amz-date',
      'x-custom',
      'x-forwarded-for',
      'x-request-id',
    ])
  })

  it.each(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])(
    'that sign are rejected: %s',
    async (name) => {
      const { signedFetch, sent } = scripted([])
      await expect(
        signedFetch('https://sqs.eu-west-1.amazonaws.com/', { headers: { [name]: 'a' } }),
      ).rejects.toMatchObject({
        code: 'ERR_SIGV4_ALREADY_SIGNED',
      })
      expect(sent).toEqual([])
    },
  )
})
