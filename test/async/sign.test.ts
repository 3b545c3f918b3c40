import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'
import { sha256 } from '../support/oracle.ts'
import { asReceived, judge } from '../support/service.ts'

// Signing in headers: what is added, which bodies are hashed, and what is returned unchanged.

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
const DATE = new Date('2015-08-30T12:36:00Z')
const S3 = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const DYNAMO = 'https://dynamodb.eu-west-1.amazonaws.com/'
const EMPTY = sha256('')

const { sign } = synchronous
const base = { credentials: CREDENTIALS, now: DATE }

function accepted(
  result: { method: string; url: string; headers: Record<string, string> },
  rule: 's3' | 'other',
  body: string | Uint8Array = '',
  appended = false,
) {
  const verdict = judge(asReceived(result, body), SECRET, rule, appended)
  expect(verdict.sent).toBe(verdict.expected)
  return verdict
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a signed request', () => {
  it('is the request with what the signature needs, and nothing else', async () => {
    const headers = { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.ListTables' }
    const request = { method: 'post', url: DYNAMO, headers, body: '{}' }
    const result = sign(request, base)
    expect(result).toEqual({
      method: 'POST',
      url: DYNAMO,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        'x-amz-date': '20150830T123600Z',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/eu-west-1\/dynamodb\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[\da-f]{64}$/,
        ),
      },
      body: '{}',
    })
    expect(Object.keys(result)).toEqual(['method', 'url', 'headers', 'body'])
    expect(accepted(result, 'other', '{}').payloadHash).toBe(sha256('{}'))
    expect(await asynchronous.sign(request, base)).toEqual(result)
  })

  it('for S3 has its payload hash in a header', () => {
    const result = sign({ url: S3 }, base)
    expect(Object.keys(result.headers).sort()).toEqual(['authorization', 'x-amz-content-sha256', 'x-amz-date'])
    expect(result.headers['x-amz-content-sha256']).toBe(EMPTY)
    expect(accepted(result, 's3').signedHeaders).toEqual(['host', 'x-amz-content-sha256', 'x-amz-date'])
  })

  it('has no body without one in the request', () => {
    for (const body of [undefined, null]) expect('body' in sign({ url: S3, body }, base)).toBe(false)
    expect('body' in sign({ url: S3, body: '' }, base)).toBe(true)
  })

  it('has the method GET by default, and POST with a body', async () => {
    const method = (request: synchronous.UnsignedRequest) => sign(request, base).method
    expect(method({ url: S3 })).toBe('GET')
    expect(method({ url: S3, body: null })).toBe('GET')
    expect(method({ url: DYNAMO, body: '' })).toBe('POST')
    expect(method({ url: S3, body: 'a', method: 'put' })).toBe('PUT')
    expect((await asynchronous.sign({ url: DYNAMO, body: new Blob([]) }, base)).method).toBe('POST')
  })

  it('keeps the query in order, in canonical encoding', () => {
    const result = sign({ url: `${S3}?uploads&b=a+b&a=%c3%a9&a=1` }, base)
    expect(result.url).toBe(`${S3}?uploads=&b=a%20b&a=%C3%A9&a=1`)
    accepted(result, 's3')
    expect(sign({ url: `${S3}?` }, base).url).toBe(S3)
    expect(sign({ url: `${S3}?&&` }, base).url).toBe(S3)
  })

  it('is the same for a string and a URL', () => {
    for (const url of [S3, `${DYNAMO}a%20b?c=d`]) expect(sign({ url: new URL(url) }, base)).toEqual(sign({ url }, base))
  })

  it('can be passed to fetch and Request', async () => {
    const result = sign({ method: 'PUT', url: S3, body: 'a', headers: { 'x-amz-meta-a': 'b' } }, base)
    const request = new Request(result.url, result)
    expect(request.headers.get('authorization')).toBe(result.headers.authorization)
    expect(await request.text()).toBe('a')
  })

  it('has the time after the body was hashed', async () => {
    vi.useFakeTimers({ now: DATE, toFake: ['Date'] })
    const body = new Blob(['a'])
    body.slice = () => {
      vi.setSystemTime(DATE.getTime() + 60_000)
      return new Blob(['a'])
    }
    const result = await asynchronous.sign({ method: 'PUT', url: S3, body }, { credentials: CREDENTIALS })
    expect(result.headers['x-amz-date']).toBe('20150830T123700Z')
    expect(sign({ url: S3 }, { credentials: CREDENTIALS }).headers['x-amz-date']).toBe('20150830T123700Z')
  })

  it.each([0, 1, 1_048_575, 1_048_576, 1_048_577, 3_000_000])(
    'has the hash of a Blob of %i bytes, which is read in pieces if the runtime has an incremental hash',
    async (size) => {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 8))
      const body = new Blob([bytes.subarray(0, 5), bytes.subarray(5)])
      const read = vi.spyOn(Blob.prototype, 'arrayBuffer')
      for (const hasHash of [true, false]) {
        if (!hasHash) vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
        read.mockClear()
        const result = await asynchronous.sign({ method: 'PUT', url: S3, body }, base)
        expect(result.headers['x-amz-content-sha256']).toBe(sha256(bytes))
        expect(result.body).toBe(body)
        expect(read).toHaveBeenCalledTimes(hasHash ? Math.ceil(size / 1_048_576) : 1)
      }
      vi.restoreAllMocks()
    },
  )

  it.each([
    ['credentials', CREDENTIALS],
    ['a provider', async () => CREDENTIALS],
  ])('depends on the arguments at the time of the call, with %s', async (_, credentials) => {
    const request = { method: 'PUT', url: S3, headers: { 'x-a': '1' }, body: new TextEncoder().encode('abc') }
    const isProvider = typeof credentials === 'function'
    const own = isProvider ? credentials : { ...credentials }
    const options = { credentials: own, now: new Date(DATE), unsignedHeaders: [] as string[] }
    const expected = sign(request, { ...options, credentials: CREDENTIALS })
    const promise = asynchronous.sign(request, options)
    request.url = DYNAMO
    request.method = 'POST'
    request.headers['x-a'] = '2'
    options.unsignedHeaders.push('x-a')
    options.now.setTime(0)
    if (!isProvider) Object.assign(own, { accessKeyId: 'AKIDOTHER', secretAccessKey: 'other', sessionToken: 'other' })
    expect(await promise).toEqual(expected)
  })
})

describe('a body', () => {
  const bytes = new TextEncoder().encode('some bytes, é')
  const shared = new Uint8Array([0, ...bytes, 0])
  const rows: [string, unknown, string | Uint8Array][] = [
    ['text', 'some bytes, é', bytes],
    ['an empty string', '', ''],
    ['bytes', bytes, bytes],
    ['a view of some bytes', shared.subarray(1, -1), bytes],
    ['a Buffer', Buffer.from(bytes), bytes],
    ['words', new Uint16Array([1, 2]), new Uint8Array([1, 0, 2, 0])],
    ['a DataView', new DataView(shared.buffer, 1, bytes.length), bytes],
    ['an ArrayBuffer', bytes.slice().buffer, bytes],
    ['URLSearchParams', new URLSearchParams({ a: 'é +', b: '' }), 'a=%C3%A9+%2B&b='],
  ]

  it.each(rows)('that is %s is hashed, and returned unchanged', async (_, body, octets) => {
    for (const [url, rule] of [
      [S3, 's3'],
      [DYNAMO, 'other'],
    ] as const) {
      const request = { method: 'PUT', url, body }
      const result = sign(request, base)
      expect(result.body).toBe(body)
      expect(accepted(result, rule, octets).payloadHash).toBe(sha256(octets))
      expect(await asynchronous.sign(request, base)).toEqual(result)
    }
  })

  it.each([
    ['Blob', new Blob([bytes])],
    ['File', new File([bytes], 'a.txt', { type: 'text/plain' })],
  ])('that is a %s is hashed by the asynchronous entry', async (_, body) => {
    const result = await asynchronous.sign({ method: 'PUT', url: S3, body }, base)
    expect(result.body).toBe(body)
    expect(accepted(result, 's3', bytes).payloadHash).toBe(sha256(bytes))
    expect(Object.keys(result.headers)).not.toContain('content-type')
  })

  it('is not changed', () => {
    const body = bytes.slice()
    sign({ url: S3, body }, base)
    expect(body).toEqual(bytes)
  })

  const hash = sha256(bytes)
  const streams: [string, () => unknown][] = [
    ['a ReadableStream', () => new Blob([bytes]).stream()],
    ['a Node stream', () => Readable.from([bytes])],
    [
      'an async iterable',
      () =>
        (async function* () {
          yield bytes
        })(),
    ],
  ]

  it.each(streams)('that is %s requires a payload hash, and sets duplex for fetch', async (_, make) => {
    for (const payloadHash of ['UNSIGNED-PAYLOAD', hash, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']) {
      const body = make()
      const request = { method: 'PUT', url: S3, headers: { 'content-length': bytes.length }, body }
      const result = sign(request, { ...base, payloadHash })
      expect(result.body).toBe(body)
      expect(result.duplex).toBe('half')
      expect(result.headers['x-amz-content-sha256']).toBe(payloadHash)
      expect(accepted(result, 's3', bytes).payloadHash).toBe(payloadHash)
      expect(await asynchronous.sign(request, { ...base, payloadHash })).toEqual(result)
    }
  })

  it.each(streams)('that is %s requires a length for S3, or that the caller chooses chunks', async (_, make) => {
    const options = { ...base, payloadHash: 'UNSIGNED-PAYLOAD' }
    const request = (url: string, headers: Readonly<Record<string, string>> = {}) => ({
      method: 'PUT',
      url,
      headers,
      body: make(),
    })
    const problem = {
      code: 'ERR_SIGV4_REQUEST_UNSENDABLE',
      argument: 'request.headers["content-length"]',
      reason: 'missing',
      message: 'request.headers["content-length"] is missing. S3 requires the length of a stream.',
    }
    expect(() => sign(request(S3), options)).toThrow(expect.objectContaining(problem))
    await expect(asynchronous.sign(request(S3), options)).rejects.toMatchObject(problem)
    for (const name of ['Content-Length', 'x-amz-decoded-content-length', 'Transfer-Encoding'])
      expect(sign(request(S3, { [name]: '4' }), options).duplex).toBe('half')
    for (const name of ['x-amz-meta-content-length', 'x-content-length-2'])
      expect(() => sign(request(S3, { [name]: '4' }), options)).toThrow(expect.objectContaining(problem))
    expect(sign(request(DYNAMO), options).duplex).toBe('half')
  })

  it('that is a FormData requires a payload hash, and does not set duplex', () => {
    const body = new FormData()
    const result = sign({ url: S3, body }, { ...base, payloadHash: 'UNSIGNED-PAYLOAD' })
    expect(result.body).toBe(body)
    expect('duplex' in result).toBe(false)
  })

  it('is not read if payloadHash is passed', async () => {
    const body = new Blob(['a'])
    body.arrayBuffer = () => expect.unreachable('the body was read')
    const result = await asynchronous.sign({ method: 'PUT', url: S3, body }, { ...base, payloadHash: hash })
    expect(accepted(result, 's3', bytes).payloadHash).toBe(hash)
  })
})

describe('a Request', () => {
  const init = { method: 'PUT', body: 'some bytes', headers: { 'X-Amz-Meta-A': 'b', 'content-type': 'text/plain' } }

  it('is signed with its body, and can still be sent', async () => {
    const request = new Request(`${S3}?a=b c#part`, init)
    const result = await asynchronous.sign(request, base)
    expect(result).toMatchObject({ method: 'PUT', url: `${S3}?a=b%20c` })
    expect(result.headers).toMatchObject({ 'x-amz-meta-a': 'b', 'content-type': 'text/plain' })
    const body = new Uint8Array(result.body as unknown as ArrayBuffer)
    expect(new TextDecoder().decode(body)).toBe('some bytes')
    expect(accepted(result, 's3', body).payloadHash).toBe(sha256('some bytes'))
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe('some bytes')
  })

  it('without a body has none', async () => {
    const result = await asynchronous.sign(new Request(S3), base)
    expect(result).toEqual(sign({ url: S3 }, base))
    expect('body' in result).toBe(false)
    const deletion = await asynchronous.sign(new Request(S3, { method: 'DELETE' }), base)
    expect(deletion).toEqual(sign({ method: 'DELETE', url: S3 }, base))
  })

  it('with a payload hash is not read', async () => {
    const request = new Request(S3, { ...init, headers: { ...init.headers, 'content-length': '10' } })
    const result = await asynchronous.sign(request, { ...base, payloadHash: 'UNSIGNED-PAYLOAD' })
    expect(accepted(result, 's3').payloadHash).toBe('UNSIGNED-PAYLOAD')
    expect(result.duplex).toBe('half')
    expect(result.body).toBeInstanceOf(ReadableStream)
    expect(await new Response(result.body as unknown as ReadableStream).text()).toBe('some bytes')
    expect(await request.text()).toBe('some bytes')
  })

  it('with a payload hash would be sent to S3 without a length', async () => {
    const signed = asynchronous.sign(new Request(S3, init), { ...base, payloadHash: 'UNSIGNED-PAYLOAD' })
    await expect(signed).rejects.toMatchObject({ argument: 'request.headers["content-length"]' })
  })

  it('that is already signed is rejected', async () => {
    const signed = await asynchronous.sign(new Request(S3), base)
    const again = asynchronous.sign(new Request(signed.url, signed), base)
    await expect(again).rejects.toMatchObject({ code: 'ERR_SIGV4_ALREADY_SIGNED' })
  })

  it('without a body can be passed to the synchronous entry', () => {
    const request = new Request(S3, { headers: { 'x-amz-meta-a': 'b' } })
    expect(sign(request, base)).toEqual(sign({ url: S3, headers: { 'x-amz-meta-a': 'b' } }, base))
    expect(() => sign(new Request(S3, init), base)).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_BODY_NOT_HASHABLE' }),
    )
  })
})

describe('the options of sign', () => {
  it('payloadHashHeader: true for OpenSearch Serverless, which rejects bodies without the header', () => {
    const url = 'https://0a1b2c3d.eu-west-1.aoss.amazonaws.com/index/_search'
    const { headers } = sign({ url, body: '{}' }, base)
    expect(headers['x-amz-content-sha256']).toBe(sha256('{}'))
    expect(headers.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date')
    expect(sign({ url, body: '{}' }, { ...base, payloadHashHeader: false }).headers).not.toHaveProperty(
      'x-amz-content-sha256',
    )
  })

  it('payloadHashHeader: true for S3 by default, and not for other services', () => {
    const has = (url: string, options: object) =>
      'x-amz-content-sha256' in sign({ url }, { ...base, ...options }).headers
    expect([has(S3, {}), has(DYNAMO, {})]).toEqual([true, false])
    expect([has(S3, { payloadHashHeader: false }), has(DYNAMO, { payloadHashHeader: true })]).toEqual([false, true])
    for (const service of ['s3', 's3express', 's3-outposts', 's3-object-lambda'])
      expect(has('https://localhost/', { service, region: 'eu-west-1' })).toBe(true)
    const result = sign({ url: DYNAMO, body: 'a' }, { ...base, payloadHashHeader: true })
    expect(result.headers['x-amz-content-sha256']).toBe(sha256('a'))
    expect(accepted(result, 'other', 'a').signedHeaders).toContain('x-amz-content-sha256')
  })

  it('signedHeaders and unsignedHeaders: exceptions to the table', () => {
    const headers = { Range: 'bytes=0-9', 'User-Agent': 'a', Accept: '*/*', 'X-Forwarded-For': '::1' }
    const signed = (options: object) =>
      accepted(sign({ url: S3, headers }, { ...base, ...options }), 's3').signedHeaders
    const own = ['host', 'x-amz-content-sha256', 'x-amz-date']
    expect(signed({})).toEqual(['accept', ...own])
    expect(signed({ signedHeaders: ['range', 'USER-AGENT'] })).toEqual(['accept', ...own, 'range', 'user-agent'].sort())
    expect(signed({ unsignedHeaders: ['Accept'] })).toEqual(own)
    expect(sign({ url: S3, headers }, base).headers).toMatchObject({ range: 'bytes=0-9', 'user-agent': 'a' })
  })

  it('sessionTokenPlacement: signed, or added to the signed request', () => {
    const credentials = { ...CREDENTIALS, sessionToken: TOKEN }
    const signed = sign({ url: S3 }, { ...base, credentials })
    expect(signed.headers['x-amz-security-token']).toBe(TOKEN)
    expect(accepted(signed, 's3').signedHeaders).toContain('x-amz-security-token')
    const appended = sign({ url: S3 }, { ...base, credentials, sessionTokenPlacement: 'appended' })
    expect(accepted(appended, 's3', '', true).signedHeaders).not.toContain('x-amz-security-token')
    expect(appended.headers['x-amz-security-token']).toBe(TOKEN)
    expect(appended.headers.authorization).toBe(sign({ url: S3 }, base).headers.authorization)
  })

  it('region and service: determined from the host by default', () => {
    const credential = (url: string, options: object) => {
      const verdict = accepted(sign({ url }, { ...base, ...options }), url === S3 ? 's3' : 'other')
      return verdict.credential.replace('AKIDEXAMPLE/20150830/', '')
    }
    expect(credential(DYNAMO, {})).toBe('eu-west-1/dynamodb/aws4_request')
    expect(credential('https://iam.amazonaws.com/', {})).toBe('us-east-1/iam/aws4_request')
    expect(credential('https://iam.amazonaws.com/', { region: 'eu-west-1' })).toBe('eu-west-1/iam/aws4_request')
    expect(() => sign({ url: DYNAMO }, { ...base, region: 'us-east-1' })).toThrow(
      'options.region does not match. Pass eu-west-1, as in the host.',
    )
    expect(() => sign({ url: DYNAMO }, { ...base, region: 'local' })).toThrow('options.region is not valid.')
    expect(credential('http://localhost:8000/', { region: 'local', service: 'dynamodb' })).toBe(
      'local/dynamodb/aws4_request',
    )
  })

  it('pathEncoding and pathNormalization: by service', () => {
    accepted(sign({ url: 'https://abc.execute-api.eu-west-1.amazonaws.com/a//b/../c%2Fd e' }, base), 'other')
    accepted(sign({ url: `${S3}//a%2Fb c` }, base), 's3')
    const raw = { pathNormalization: 'none' } as const
    const result = sign({ url: `${DYNAMO}a//b` }, { ...base, ...raw })
    const { sent, expected } = judge(asReceived(result), SECRET, 'other, not normalized')
    expect(sent).toBe(expected)
  })

  it.each(['expires', 'query', 'contentType', 'download'])('presign options are rejected: %s', (name) => {
    expect(() => sign({ url: S3 }, { ...base, [name]: 1 })).toThrow(
      expect.objectContaining({ argument: `options.${name}`, reason: 'unknown' }),
    )
  })
})

describe('headers to sign', () => {
  it('can have every form, and repeated ones are joined', () => {
    const expected = sign({ url: S3, headers: { 'x-a': '1,2', 'x-b': 'c  d' } }, base)
    for (const headers of [
      { 'X-A': ['1', '2'], 'x-b': ' c  d\t' },
      [
        ['x-a', '1'],
        ['X-B', 'c  d'],
        ['X-A', '2'],
      ] as [string, string][],
      new Map([
        ['x-a', '1,2'],
        ['x-b', 'c  d'],
      ]),
      new Headers({ 'x-a': '1,2', 'x-b': 'c  d' }),
    ])
      expect(sign({ url: S3, headers }, base)).toEqual(expected)
    expect(expected.headers['x-b']).toBe('c  d')
    const { canonicalRequest } = accepted(expected, 's3')
    for (const line of ['\nx-a:1,2\n', '\nx-b:c d\n']) expect(canonicalRequest).toContain(line)
  })

  it('are rejected if they are part of a signature', () => {
    // the table of errors lists all of them; this test signs a result again
    expect(() => sign(sign({ url: S3 }, base), base)).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_ALREADY_SIGNED' }),
    )
  })
})

describe('a request with members of other clients', () => {
  const url = 'https://sqs.eu-west-1.amazonaws.com/'
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const signing = (more: object) => [
    () => synchronous.sign({ url, ...more }, { credentials }),
    () => asynchronous.sign({ url, ...more }, { credentials }),
  ]

  it.each([
    ['axios', { data: '{}' }],
    ['axios', { params: { a: 1 } }],
    ['axios', { baseURL: 'https://example.com/' }],
    ['got', { json: {} }],
    ['got', { searchParams: 'a=1' }],
    ['got', { form: { a: 1 } }],
    ['undici', { query: { a: 1 } }],
    ['undici', { path: '/a' }],
    ['node:http', { hostname: 'example.com' }],
    ['node:http', { host: 'example.com' }],
    ['node:http', { port: 8080 }],
    ['node:http', { protocol: 'http:' }],
    ['request', { uri: 'https://example.com/' }],
    ['request', { qs: { a: 1 } }],
    ['aws4', { service: 'sqs' }],
  ])('of %s is rejected: %j', async (_, more) => {
    for (const call of signing(more))
      await expect((async () => call())()).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        argument: `request.${Object.keys(more)[0]}`,
        reason: 'unknown',
        message: expect.stringMatching(/ is unknown\. Pass \{ method, url, headers, body \}\.$/),
      })
  })

  it.each([
    ['options of fetch', { cache: 'no-store', credentials: 'omit', duplex: 'half', mode: 'cors', redirect: 'error' }],
    ['a signal', { signal: new AbortController().signal }],
    ['axios, members without a value', { data: undefined, params: undefined, baseURL: undefined, timeout: 0 }],
    ['Next.js', { next: { revalidate: 60 } }],
    ['the result of presign', { expiresAt: new Date(), limitedBy: 'credentials' }],
  ])('is accepted: %s', async (_, more) => {
    const [sync, async] = signing(more)
    expect((await async!()).headers.authorization).toMatch(/^AWS4-HMAC-SHA256 /)
    expect((sync!() as { url: string }).url).toBe(url)
  })

  it('is accepted if it inherits them, as instances of classes do', async () => {
    class Message {
      url = url
      get path() {
        return '/'
      }
      get query() {
        return {}
      }
    }
    expect(synchronous.sign(new Message(), { credentials }).url).toBe(url)
    expect((await asynchronous.sign(new Request(url), { credentials })).url).toBe(url)
  })

  it('has credentials in lower camel case, and not a function in sigv4/sync', async () => {
    const printed = { AccessKeyId: 'AKIDEXAMPLE', SecretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } as never
    const message =
      'options.credentials.accessKeyId is missing. Pass { accessKeyId, secretAccessKey }, in this spelling.'
    expect(() => synchronous.sign({ url }, { credentials: printed })).toThrow(message)
    await expect(asynchronous.sign({ url }, { credentials: printed })).rejects.toThrow(message)
    await expect(asynchronous.sign({ url }, { credentials: () => printed })).rejects.toThrow(message)
    const provider = (async () => credentials) as never
    expect(() => synchronous.sign({ url }, { credentials: provider })).toThrow(
      'options.credentials has the wrong type. Call it first.',
    )
  })
})
