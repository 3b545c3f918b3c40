import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as asynchronous from '../src/index.ts'
import * as synchronous from '../src/sync.ts'
import {
  anyKey,
  bucket,
  credentials,
  DATE,
  headers,
  method,
  object,
  prefix,
  presigning,
  query,
  seldom,
  signing,
  TOKEN,
  text,
  url,
  usable,
} from './support/accepted.ts'
import { CREDENTIALS, SECRET } from './support/credentials.ts'
import {
  asReceived,
  decodeOctets,
  deepFreeze,
  judge,
  outcome,
  parseQuery,
  receivedKey,
  startRecorder,
} from './support/service.ts'

// Invariants for arbitrary input. Each test declares one kind of input, and fast-check searches for counterexamples.

/** Returns the path of an object before its key. */
function beforeKey({ bucket, endpoint, pathStyle }: synchronous.S3Object): string {
  const base = endpoint === undefined ? '' : new URL(String(endpoint)).pathname.replace(/\/$/, '')
  const inPath = pathStyle ?? (endpoint !== undefined || bucket.includes('.'))
  return `${decodeURIComponent(base)}/${inPath ? `${bucket}/` : ''}`
}

describe('the URL of a presigned request', () => {
  it('is unchanged by URL parsers, for any key, bucket style and endpoint', () => {
    fc.assert(
      fc.property(object, query, headers, (target, query, headers) => {
        const { url } = synchronous.presignPut(target, { credentials: CREDENTIALS, query, headers })
        expect(new URL(url).href).toBe(url)
      }),
      { numRuns: 400 },
    )
  })

  it('is the result of objectUrl, and a query', () => {
    fc.assert(
      fc.property(object, (target) => {
        const { url } = synchronous.presignGet(target, { credentials: CREDENTIALS })
        const plain = synchronous.objectUrl(target)
        expect(plain).toBe(asynchronous.objectUrl(target))
        expect(url.startsWith(`${plain}?X-Amz-Algorithm=`)).toBe(true)
        expect(new URL(plain).href).toBe(plain)
      }),
    )
  })

  it('is unchanged by URL parsers, or rejected, for any host and port', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.string({ unit: fc.constantFrom(...'aZ09.-_:[]%é'), minLength: 1, maxLength: 8 }),
    )
    const anyPort = fc.oneof(
      fc.constantFrom('', ':', ':0', ':080', ':443', ':80', ':65536'),
      fc.nat(99_999).map((n) => `:${n}`),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'https', 'ws', 'wss'),
        host,
        anyPort,
        fc.constantFrom(undefined, true, false),
        fc.constantFrom('photos', 'my.photos', 'My_Photos', '1.2', 'xn--a', '0'),
        (scheme, host, port, pathStyle, bucket) => {
          const given = `${scheme}://${host}${port}`
          const url = (endpoint: string, pathStyle: boolean | undefined) =>
            synchronous.presignGet(
              { bucket, key: 'a', region: 'eu-west-1', endpoint, pathStyle },
              { credentials: CREDENTIALS },
            ).url
          try {
            const result = url(given, pathStyle)
            expect(URL.canParse(result) && new URL(result).href).toBe(result)
          } catch (error) {
            if (!('code' in (error as Error))) throw error
            expect((error as synchronous.SigV4Error).code).toMatch(/^ERR_(INVALID_ARG_VALUE|SIGV4_REQUEST_UNSENDABLE)$/)
          }
          if (!URL.canParse(given)) return
          // the output of a URL parser is never rejected, with the bucket in the path
          const { protocol, host: written } = new URL(given)
          expect(url(`${protocol}//${written}`, true)).toContain(`//${written}/${bucket}/a?`)
        },
      ),
      { numRuns: 500 },
    )
  })

  const oddPath = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary-ascii', maxLength: 4 }),
        text,
        fc.constantFrom(
          '/',
          '//',
          '.',
          '..',
          '%2e',
          '%2E%2e',
          '%2F',
          '%41',
          '%e9',
          '%FF%c3',
          '%',
          '+',
          '\\',
          '/./',
          '/../',
          'é',
          '\t',
          ' ',
        ),
      ),
      { maxLength: 8 },
    )
    .map((parts) => `/${parts.join('')}`)
  const oddQuery = oddPath.map((text) => `?a=${text}&b&&=c&a+b=%20`)

  it.each([
    ['S3', 'https://photos.s3.eu-west-1.amazonaws.com'],
    ['a different service', 'https://abc123.execute-api.eu-west-1.amazonaws.com'],
  ])('identifies what URL parsers read in the URL string, or is rejected: %s', (_, origin) => {
    let seen = 0
    fc.assert(
      fc.property(oddPath, fc.oneof(fc.constant(''), oddQuery), (path, query) => {
        fc.pre(!/\/\.(?!\.?(\/|$))/.test(path)) // some versions of Node resolve nothing after a segment such as .a
        let url: string
        try {
          url = synchronous.presign('GET', origin + path + query, { credentials: CREDENTIALS }).url
        } catch (error) {
          expect((error as synchronous.SigV4Error).code).toMatch(
            /^ERR_(INVALID_ARG_VALUE|SIGV4_REQUEST_UNSENDABLE|SIGV4_ALREADY_SIGNED)$/,
          )
          return
        }
        seen++
        expect(new URL(url).href).toBe(url)
        const given = new URL(origin + path + query)
        const decoded = ({ pathname }: URL) => decodeOctets(pathname)
        expect(decoded(new URL(url))).toEqual(decoded(given))
        const ours = /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)$/
        const added = parseQuery(new URL(url).search.slice(1)).filter(([name]) => !ours.test(name))
        const order = (pairs: [string, string][]) => pairs.map((pair) => pair.join('=')).sort()
        expect(order(added)).toEqual(order(parseQuery(given.search.slice(1)).filter(([name, value]) => name + value)))
      }),
      { numRuns: 600 },
    )
    expect(seen).toBeGreaterThan(50)
  })
})

describe('a key', () => {
  it('of any Unicode characters is what S3 reads from the path', () => {
    fc.assert(
      fc.property(object, (target) => {
        const received = asReceived(synchronous.presignGet(target, { credentials: CREDENTIALS }))
        expect(receivedKey(received, beforeKey(target))).toBe(target.key)
      }),
      { numRuns: 500 },
    )
  })

  it('with dot segments is unchanged by URL parsers', () => {
    const dotted = fc
      .array(fc.constantFrom('.', '..', '', 'a', '...', '.a', '%2e', '..%2F'), { minLength: 2, maxLength: 7 })
      .map((segments) => segments.join('/'))
    fc.assert(
      fc.property(
        bucket,
        dotted,
        fc.constantFrom('http://localhost:9000/pre/fix', undefined),
        (bucket, key, endpoint) => {
          const target = { bucket, key, region: 'eu-west-1', endpoint }
          const { url } = synchronous.presignGet(target, { credentials: CREDENTIALS })
          const received = asReceived({ method: 'GET', url: new URL(new URL(url).href).href, headers: {} })
          expect(receivedKey(received, beforeKey(target))).toBe(key)
          const { sent, expected } = judge(received, SECRET, 's3')
          expect(sent).toBe(expected)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is distinguished from every other key', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        const url = (key: string) => synchronous.objectUrl({ bucket: 'photos', key, region: 'eu-west-1' })
        expect(url(one) === url(other)).toBe(one === other)
      }),
    )
  })
})

describe('the request that fetch sends is the request that was signed', () => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>
  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(() => recorder.stop())

  /** Hosts at which the recorder is reached, including AWS hosts. */
  const host = fc.constantFrom(
    { endpoint: 'http://127.0.0.1', pathStyle: undefined },
    { endpoint: 'http://s3.eu-west-1.amazonaws.com', pathStyle: false },
    { endpoint: 'http://LOCALHOST', pathStyle: undefined },
  )
  const sent = fc.record({ ...signing, headers, query }, { requiredKeys: ['credentials', 'now'] })
  const at = ({ endpoint, pathStyle }: { endpoint: string; pathStyle: boolean | undefined }, path = '') => ({
    endpoint: `${endpoint}:${recorder.port}${path}`,
    region: 'eu-west-1',
    pathStyle,
  })
  const bodyBytes = fc.uint8Array({ maxLength: 64 })

  it.each(['sigv4', 'sigv4/sync'])('presigned GET for S3, %s', async (specifier) => {
    const { presignGet } = specifier === 'sigv4' ? asynchronous : synchronous
    await fc.assert(
      fc.asyncProperty(host, prefix, bucket, anyKey, sent, async (host, prefix, bucket, key, options) => {
        const target = { bucket, key, ...at(host, prefix) }
        const { pathEncoding: _, pathNormalization: __, payloadHash: ___, ...rest } = options
        const result = await presignGet(target, rest)
        const received = await recorder.fetch(result.url, result)
        const appended = options.sessionTokenPlacement === 'appended'
        const verdict = judge(received, options.credentials.secretAccessKey, 's3', appended)
        expect(verdict.sent).toBe(verdict.expected)
        expect(verdict.token).toBe(options.credentials.sessionToken)
        expect(receivedKey(received, beforeKey(target))).toBe(key)
      }),
      { numRuns: 60 },
    )
  })

  it('presigned PUT for S3, with a body', async () => {
    await fc.assert(
      fc.asyncProperty(host, anyKey, sent, bodyBytes, fc.boolean(), async (host, key, options, body, bound) => {
        const { pathEncoding: _, pathNormalization: __, payloadHash: ___, ...rest } = options
        const result = await asynchronous.presignPut(
          { bucket: 'photos', key, ...at(host) },
          { ...rest, contentLength: bound ? body.length : undefined },
        )
        const received = await recorder.fetch(result.url, { ...result, body })
        const appended = options.sessionTokenPlacement === 'appended'
        const verdict = judge(received, options.credentials.secretAccessKey, 's3', appended)
        expect(verdict.sent).toBe(verdict.expected)
        expect(verdict.signedHeaders.includes('content-length')).toBe(bound)
        expect(received.body.equals(body)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('presigned requests for other services', async () => {
    const path = fc.oneof(
      fc.webPath(),
      fc.constantFrom('', '/', '/a/../b', '/a//b/./', '/a%2Fb', '/a b/é', '/~!$&()*+,;=:@', '/a%e9/%FF%41'),
    )
    const search = fc.oneof(
      fc.constant(''),
      fc.constantFrom('?', '?a', '?b=2&a=1&b=1', '?a=+%2b&%61=&a-=1', '?é=%C3%A9', '?%e9=%ff+%c3&é'),
    )
    await fc.assert(
      fc.asyncProperty(path, search, sent, async (path, search, options) => {
        const { pathEncoding: _, payloadHash: __, ...rest } = options
        const where = `http://abc123.execute-api.eu-west-1.amazonaws.com:${recorder.port}${path}${search}`
        const result = await outcome(() => asynchronous.presign('GET', where, rest))
        if ('error' in result) {
          // without normalization, a dot segment cannot be sent
          expect(result.error.code).toBe('ERR_SIGV4_REQUEST_UNSENDABLE')
          expect(options.pathNormalization === 'none' && /\/\./.test(path)).toBe(true)
          return
        }
        const { url, ...init } = result.result as synchronous.PresignedRequest
        const received = await recorder.fetch(url, init)
        const rule = options.pathNormalization === 'none' ? 'other, not normalized' : 'other'
        const appended = options.sessionTokenPlacement === 'appended'
        const verdict = judge(received, options.credentials.secretAccessKey, rule, appended)
        expect(verdict.sent).toBe(verdict.expected)
      }),
      { numRuns: 80 },
    )
  })

  const forms: Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown> = {
    nothing: () => undefined,
    text: (bytes) => String.fromCodePoint(...[...bytes].map((byte) => byte * 97)).replace(/[\ud800-\udfff]/g, 'x'),
    bytes: (bytes) => bytes,
    'a view': (bytes) => new DataView(bytes.buffer),
    'an ArrayBuffer': (bytes) => bytes.slice().buffer,
    'a Blob': (bytes) => new Blob([bytes]),
    'a File': (bytes) => new File([bytes], 'a.bin', { type: 'application/x-a' }),
    URLSearchParams: (bytes) => new URLSearchParams({ a: String(bytes), 'b ~*é': '+' }),
  }

  it.each(Object.keys(forms))('signed requests with %s as the body', async (form) => {
    await fc.assert(
      fc.asyncProperty(bodyBytes, anyKey, sent, fc.boolean(), async (bytes, key, options, s3) => {
        const { pathEncoding: _, pathNormalization: __, payloadHash: ___, query: ____, headers, ...rest } = options
        const origin = `http://${s3 ? 'photos.s3' : 'abc.execute-api'}.eu-west-1.amazonaws.com:${recorder.port}`
        const path = s3
          ? synchronous.objectUrl({ bucket: 'photos', key, region: 'eu-west-1' }).split('com')[1]
          : '/a b/%2F'
        const body = forms[form]!(bytes)
        const request = {
          method: body === undefined ? 'GET' : 'put',
          url: `${origin}${path}?b=1&a=%20&a`,
          headers,
          body,
        }
        const signed = await asynchronous.sign(request, rest)
        expect(signed.body).toBe(body)
        const received = await recorder.fetch(signed.url, signed)
        const appended = options.sessionTokenPlacement === 'appended'
        const verdict = judge(received, options.credentials.secretAccessKey, s3 ? 's3' : 'other', appended)
        expect(verdict.sent).toBe(verdict.expected)
        expect(verdict.token).toBe(options.credentials.sessionToken)
        if (s3) expect(receivedKey(received)).toBe(key)
        if (!/Blob|File/.test(form)) expect(synchronous.sign(request, rest)).toEqual(signed)
      }),
      { numRuns: 20 },
    )
  })

  it('signed Requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        bodyBytes,
        credentials,
        fc.constantFrom('GET', 'PUT', 'POST'),
        async (bytes, credentials, method) => {
          const body = method === 'GET' ? null : bytes
          const where = `http://photos.s3.eu-west-1.amazonaws.com:${recorder.port}/a%20b?x=1#fragment`
          const request = new Request(where, {
            method,
            body,
            headers: { 'x-amz-meta-a': 'b  c', Accept: 'text/plain' },
          })
          const signed = await asynchronous.sign(request, { credentials, now: DATE })
          const received = await recorder.fetch(signed.url, signed)
          const verdict = judge(received, credentials.secretAccessKey, 's3')
          expect(verdict.sent).toBe(verdict.expected)
          expect(received.body.equals(body ?? new Uint8Array())).toBe(true)
          expect(request.bodyUsed).toBe(false)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('a stream, with a payload hash and a length', async () => {
    const body = new Blob(['some ', 'bytes']).stream()
    const url = `http://photos.s3.eu-west-1.amazonaws.com:${recorder.port}/a`
    const options = { credentials: CREDENTIALS, payloadHash: 'UNSIGNED-PAYLOAD' }
    const headers = { 'content-length': 10 }
    const signed = await asynchronous.sign({ method: 'PUT', url, headers, body }, options)
    const received = await recorder.fetch(signed.url, signed)
    const { sent, expected } = judge(received, SECRET, 's3')
    expect(received.headers).not.toHaveProperty('transfer-encoding')
    expect(sent).toBe(expected)
    expect(received.body.toString()).toBe('some bytes')
  })

  it('otherwise it fails: the test server detects every changed part', async () => {
    const target = { bucket: 'photos', key: 'a b', region: 'eu-west-1' }
    const result = await asynchronous.presignPut(target, {
      credentials: CREDENTIALS,
      headers: { 'x-amz-meta-a': 'b  c' },
      query: { z: ['2', '1'], a: '' },
    })
    const received = asReceived(result)
    const rejected = (change: Partial<typeof received>) => {
      const { sent, expected } = judge({ ...received, ...change }, SECRET, 's3')
      return sent !== expected
    }
    expect(rejected({})).toBe(false)
    expect(rejected({ method: 'GET' })).toBe(true)
    expect(rejected({ target: received.target.replace('/a%20b', '/a%20c') })).toBe(true)
    expect(rejected({ target: received.target.replace('z=2', 'z=3') })).toBe(true)
    expect(rejected({ target: `${received.target}&b=1` })).toBe(true)
    expect(rejected({ headers: [['host', 'other.example.com'], ...received.headers.slice(1)] })).toBe(true)
    expect(rejected({ headers: [received.headers[0]!, ['x-amz-meta-a', 'b c']] })).toBe(false)
    expect(rejected({ headers: [received.headers[0]!, ['x-amz-meta-a', 'b d']] })).toBe(true)
    expect(judge(received, `${SECRET}x`, 's3').expected).not.toBe(judge(received, SECRET, 's3').expected)
  })
})

describe('a call', () => {
  const target = fc.constantFrom<synchronous.Target>(
    { bucket: 'photos', key: 'a', region: 'eu-west-1' },
    { bucket: 'photos', key: 'b', region: 'eu-west-1', pathStyle: true },
    { bucket: 'photos', key: 'a', region: 'eu-west-2', endpoint: 'http://localhost:9000' },
    'https://photos.s3.eu-west-1.amazonaws.com/a?b=c',
    'https://abc123.execute-api.eu-west-1.amazonaws.com/a//b',
    'https://localhost/a',
  )
  const identity = fc.record({
    accessKeyId: fc.constantFrom('AKIDEXAMPLE', 'ASIAEXAMPLE'),
    secretAccessKey: fc.constantFrom(SECRET, 'another', ''),
    sessionToken: fc.constantFrom(undefined, TOKEN),
    expiration: fc.constantFrom(undefined, new Date(DATE.getTime() + 30_000), new Date(0)),
  })

  it('returns the same result without the calls before it, even for the same credentials object', async () => {
    const values: Record<string, fc.Arbitrary<unknown>> = {
      expires: fc.constantFrom(60, '60', '1m', new Date(DATE.getTime() + 60_000), 0),
      headers: fc.constantFrom(
        {},
        { 'x-a': '1' },
        { 'x-a': '2' },
        { 'x-b': '1' },
        { 'x-a': ['1'] },
        [],
        new Map([['x-a', '1']]),
      ),
      query: fc.constantFrom({}, { a: '1' }, { a: 1 }, { b: '1' }, { a: ['1', '2'] }),
      region: fc.constantFrom('eu-west-1', 'us-east-1'),
      service: fc.constantFrom('s3', 'sts'),
      download: fc.constantFrom('a', 'b'),
      contentLength: fc.constantFrom(1, 2),
      contentType: fc.constantFrom('a/a', 'b/b'),
      payloadHash: fc.constantFrom('UNSIGNED-PAYLOAD', 'a'.repeat(64)),
      pathEncoding: fc.constantFrom('single', 'double'),
      pathNormalization: fc.constantFrom('none', 'rfc3986'),
      sessionTokenPlacement: fc.constantFrom('signed', 'appended'),
      signedHeaders: fc.constantFrom(['x-a'], []),
      unsignedHeaders: fc.constantFrom(['x-a'], []),
      now: fc.constantFrom(DATE, DATE.getTime(), DATE.getTime() + 1000, new Date(DATE.getTime() + 1000)),
    }
    /** The difference in the next call: the method, the target, the credentials, or an option. */
    const change = fc.oneof(
      fc.constantFrom('GET', 'PUT', 'put').map((method) => ({ method })),
      target.map((target) => ({ target })),
      identity.map((identity) => ({ identity })),
      ...Object.entries(values).map(([name, value]) =>
        fc.option(value, { nil: name === 'now' ? 0 : undefined }).map((value) => ({ options: { [name]: value } })),
      ),
    )
    interface Change {
      method?: string
      target?: synchronous.Target
      identity?: Partial<synchronous.SecretCredentials>
      options?: object
    }
    const calls = fc.array(fc.tuple(fc.nat(2), change as fc.Arbitrary<Change>), { minLength: 4, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(target, calls, async (first, calls) => {
        const kept: synchronous.SecretCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
        const base = { method: 'GET', target: first, options: { now: DATE.getTime(), headers: { 'x-a': '1' } } }
        let before: Change = base
        for (const [how, { identity, ...change }] of calls) {
          Object.assign(kept, identity)
          // one change to the first call, to the previous call, or the first call again
          const from = how === 0 ? before : base
          const { method, target, options } = how === 2 ? base : { ...base, ...from, ...change }
          before = { method, target, options: how === 2 ? options : { ...from.options, ...change.options } }
          const call = (entry: typeof asynchronous | typeof synchronous, credentials: synchronous.SecretCredentials) =>
            outcome(() => entry.presign(method, target, { ...before.options, credentials }))
          const alone = await call(synchronous, { ...kept })
          expect(await call(synchronous, kept)).toEqual(alone)
          expect(await call(asynchronous, kept)).toEqual(alone)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('distinguishes the forms of headers', () => {
    class Lazy {
      *[Symbol.iterator](): Generator<[string, string]> {
        yield ['x-a', '1']
      }
    }
    const pair: [string, string] = ['x-a', '1']
    const forms = [{}, new Map([pair]), {}, new Headers([pair]), {}, [pair], {}, new Lazy(), {}, Object.create(null)]
    const credentials = { ...CREDENTIALS }
    const target = { bucket: 'photos', key: 'a', region: 'eu-west-1' }
    for (const headers of forms) {
      const result = synchronous.presignPut(target, { credentials, now: DATE.getTime(), headers })
      expect(result.headers).toEqual(Symbol.iterator in headers ? { 'x-a': '1' } : {})
    }
  })

  it('returns a new object', () => {
    const call = () =>
      synchronous.presignPut(
        { bucket: 'photos', key: 'a', region: 'eu-west-1' },
        { credentials: CREDENTIALS, now: DATE.getTime(), headers: { 'x-a': '1' } },
      )
    const first = call()
    const copy = structuredClone(first)
    first.headers['x-a'] = '2'
    first.expiresAt.setTime(0)
    expect(call()).toEqual(copy)
  })
})

describe('sigv4 and sigv4/sync', () => {
  /** Returns whether two results, or two errors by class, code, argument, reason and message, are equal. */
  async function same(one: () => unknown, other: () => unknown): Promise<boolean> {
    const [first, second] = [await outcome(one), await outcome(other)]
    if ('error' in first) {
      const { error } = second as { error: Error }
      expect({ ...error, name: error?.name, message: error?.message }).toEqual({
        ...first.error,
        name: first.error.name,
        message: first.error.message,
      })
      return false
    }
    expect(second).toEqual(first)
    expect(JSON.stringify(second)).toBe(JSON.stringify(first)) // including the order of the members
    return true
  }

  it('presign the same bytes, and do not change their input', async () => {
    let seen = 0
    await fc.assert(
      fc.asyncProperty(method, fc.oneof(object, url), presigning, seldom, async (method, target, any, all) => {
        const options = usable(method, any, all)
        const { headers, ...rest } = options
        const given = structuredClone({ target, rest })
        const before = JSON.stringify([headers, pairsOf(headers)])
        deepFreeze(target)
        deepFreeze(options)
        const call = (entry: typeof asynchronous | typeof synchronous) => () => entry.presign(method, target, options)
        if (await same(call(asynchronous), call(synchronous))) seen++
        expect({ target, rest }).toEqual(given)
        expect(JSON.stringify([headers, pairsOf(headers)])).toBe(before)
      }),
      { numRuns: 300 },
    )
    expect(seen).toBeGreaterThan(150)
  })

  it.each([
    ['presignGet', asynchronous.presignGet, synchronous.presignGet],
    ['presignPut', asynchronous.presignPut, synchronous.presignPut],
    ['presignHead', asynchronous.presignHead, synchronous.presignHead],
    ['presignDelete', asynchronous.presignDelete, synchronous.presignDelete],
  ])('%s the same bytes', async (name, one, other) => {
    let seen = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof(object, url), presigning, seldom, async (target, given, all) => {
        const options = usable(name.slice('presign'.length), given, all)
        const isSame = await same(
          () => one(target, options),
          () => other(target, options),
        )
        if (isSame) seen++
      }),
      { numRuns: 60 },
    )
    expect(seen).toBeGreaterThan(10)
  })

  it('sign the same bytes, and do not change their input', async () => {
    let seen = 0
    const request = fc.record(
      {
        method,
        url: fc.oneof(url, object.map(synchronous.objectUrl)),
        headers,
        body: fc.oneof(
          fc.constant(undefined),
          text,
          fc.uint8Array(),
          fc.uint8Array().map((bytes) => bytes.slice().buffer),
        ),
      },
      { requiredKeys: ['url'] },
    )
    const options = fc.record(
      {
        ...signing,
        region: fc.constantFrom('eu-west-1', undefined),
        service: fc.constantFrom('s3', undefined, 'iam'),
        payloadHashHeader: fc.boolean(),
      },
      { requiredKeys: ['credentials', 'now'] },
    )
    await fc.assert(
      fc.asyncProperty(request, options, async (request, options) => {
        const { headers, ...rest } = request
        const given = structuredClone({ rest, options })
        const before = JSON.stringify([headers, pairsOf(headers)])
        deepFreeze(request)
        deepFreeze(options)
        const call = (entry: typeof asynchronous | typeof synchronous) => () => entry.sign(request, options)
        if (await same(call(asynchronous), call(synchronous))) seen++
        expect({ rest, options }).toEqual(given)
        expect(JSON.stringify([headers, pairsOf(headers)])).toBe(before)
      }),
      { numRuns: 200 },
    )
    expect(seen).toBeGreaterThan(80)
  })

  it('derive the same keys', async () => {
    const scope = fc.record({
      date: fc.constantFrom('20150830', DATE, DATE.getTime()),
      region: fc.constantFrom('eu-west-1', 'auto', '', 'a/b'),
      service: fc.constantFrom('s3', 'execute-api', 'a b'),
    })
    await fc.assert(
      fc.asyncProperty(credentials, scope, async (credentials, scope) => {
        await same(
          () => asynchronous.deriveSigningKey(deepFreeze(scope), { credentials: deepFreeze(credentials) }),
          () => synchronous.deriveSigningKey(scope, { credentials }),
        )
      }),
    )
  })
})

/** Returns the pairs in headers of any form. */
function pairsOf(headers: synchronous.HeadersInput | undefined): unknown[] {
  return Symbol.iterator in Object(headers) ? [...(headers as Headers)] : Object.entries(headers ?? {})
}
