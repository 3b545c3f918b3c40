import { afterEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'
import { sha256 } from '../support/oracle.ts'
import { asReceived, judge, parseQuery, receivedKey, utf8 } from '../support/service.ts'

// Every option of a presigned request: its default, its effect, and how S3 objects are addressed.

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
const TEMPORARY = { ...CREDENTIALS, accessKeyId: 'ASIAEXAMPLE', sessionToken: TOKEN }
const DATE = new Date('2015-08-30T12:36:00Z')
const OBJECT = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const S3 = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const API = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
const EMPTY = sha256('')

const { presign, presignGet, presignPut, objectUrl } = synchronous
const base = { credentials: CREDENTIALS, now: DATE }

/** Returns the parameters of a URL in order. */
function parameters({ url }: { url: string }): [string, string][] {
  return parseQuery(new URL(url).search.slice(1)).map(([name, value]) => [utf8(name), utf8(value)])
}

function parameter(result: { url: string }, name: string): string | undefined {
  return Object.fromEntries(parameters(result))[name]
}

function accepted(result: synchronous.PresignedRequest, rule: Parameters<typeof judge>[2] = 's3', appended = false) {
  const verdict = judge(asReceived(result), SECRET, rule, appended)
  expect(verdict.sent).toBe(verdict.expected)
  return verdict
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the result', () => {
  it('is plain data with the members that fetch and axios read', async () => {
    const result = presignPut(OBJECT, { ...base, contentType: 'image/jpeg', expires: 60 })
    expect(result).toEqual({
      method: 'PUT',
      url: result.url,
      headers: { 'content-type': 'image/jpeg' },
      expiresAt: new Date('2015-08-30T12:37:00Z'),
    })
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.keys(result)).toEqual(['method', 'url', 'headers', 'expiresAt'])
    expect(structuredClone(result)).toEqual(result)
    expect(new Request(result.url, result).headers.get('content-type')).toBe('image/jpeg')
    expect(await asynchronous.presignPut(OBJECT, { ...base, contentType: 'image/jpeg', expires: 60 })).toEqual(result)
  })

  it('has empty headers by default, and no parameter that the signature does not need', () => {
    const result = presignGet(OBJECT, base)
    expect(result.headers).toEqual({})
    expect(parameters(result).map(([name]) => name)).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-SignedHeaders',
      'X-Amz-Signature',
    ])
    expect(accepted(result)).toMatchObject({ signedHeaders: ['host'], payloadHash: 'UNSIGNED-PAYLOAD' })
    expect(result.url).toContain(
      'X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&',
    )
  })

  it("has the function's method", () => {
    const { presignHead, presignDelete } = synchronous
    for (const [result, method] of [
      [presignGet(OBJECT, base), 'GET'],
      [presignPut(OBJECT, base), 'PUT'],
      [presignHead(OBJECT, base), 'HEAD'],
      [presignDelete(OBJECT, base), 'DELETE'],
    ] as const) {
      expect(result.method).toBe(method)
      accepted(result)
      expect(presign(method, OBJECT, base)).toEqual(result)
      expect(presign(method.toLowerCase(), OBJECT, base)).toEqual(result)
    }
    expect(presign('patch', OBJECT, base).method).toBe('PATCH') // fetch sends patch unchanged
    accepted(presign('patch', OBJECT, base))
  })

  it('may be a URL with s3:// in its path or query', () => {
    const { url } = presignGet(`${S3}/s3://photos/a?from=s3://photos/b`, base)
    expect(url.startsWith(`${S3}/s3%3A//photos/a?`)).toBe(true)
    expect(parameter({ url }, 'from')).toBe('s3://photos/b')
  })

  it('is the same for a string and a URL', () => {
    for (const url of [S3, `${S3}?versionId=a+b&x`, `${API}/a%20b/?c`])
      expect(presign('GET', new URL(url), base)).toEqual(presign('GET', url, base))
  })

  it.each([
    ['credentials', CREDENTIALS],
    ['a provider', async () => CREDENTIALS],
  ])('depends on the arguments at the time of the call, with %s', async (_, credentials) => {
    const target = { ...OBJECT }
    const signedAt = new Date(DATE)
    const options = { credentials, now: signedAt, headers: { 'x-amz-meta-a': '1' }, query: { a: '1' }, expires: 60 }
    const expected = presignPut(target, { ...options, credentials: CREDENTIALS })
    const promise = asynchronous.presignPut(target, options)
    target.key = 'dog.jpg'
    options.headers['x-amz-meta-a'] = '2'
    options.query.a = '2'
    options.expires = 61
    signedAt.setTime(0)
    expect(await promise).toEqual(expected)

    const url = new URL(S3)
    const headers = new Headers({ 'x-amz-meta-a': '1' })
    const urls = ['/a', '/b', '/c'].map((pathname) => {
      url.pathname = pathname
      headers.set('x-amz-meta-a', pathname)
      return asynchronous.presignGet(url, { credentials, now: DATE, headers })
    })
    for (const [i, { url, headers }] of (await Promise.all(urls)).entries()) {
      expect(new URL(url).pathname).toBe(['/a', '/b', '/c'][i])
      expect(headers).toEqual({ 'x-amz-meta-a': ['/a', '/b', '/c'][i] })
    }
  })
})

describe('expires', () => {
  it('is 900 seconds by default', () => {
    const result = presignGet(OBJECT, base)
    expect(parameter(result, 'X-Amz-Expires')).toBe('900')
    expect(result.expiresAt).toEqual(new Date('2015-08-30T12:51:00Z'))
    expect(presignGet(OBJECT, { ...base, expires: undefined })).toEqual(result)
  })

  it.each([
    [1, 1],
    [604_800, 604_800],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['7d', 604_800],
    ['0090s', 90],
    [new Date('2015-08-30T12:36:01Z'), 1],
    [new Date('2015-08-30T12:37:00.999Z'), 60],
    [new Date('2015-09-06T12:36:00Z'), 604_800],
  ])('%s is %s seconds', (expires, seconds) => {
    const result = presignGet(OBJECT, { ...base, expires })
    expect(accepted(result).expires).toBe(seconds)
    expect(result.expiresAt.getTime()).toBe(DATE.getTime() + seconds * 1000)
  })
})

describe('now', () => {
  it('is the current time by default', async () => {
    vi.useFakeTimers({ now: new Date('2024-02-29T23:59:59.999Z'), toFake: ['Date'] })
    const options = { credentials: CREDENTIALS }
    const result = presignGet(OBJECT, options)
    expect(parameter(result, 'X-Amz-Date')).toBe('20240229T235959Z')
    expect(result.expiresAt).toEqual(new Date('2024-03-01T00:14:59Z'))
    expect(await asynchronous.presignGet(OBJECT, options)).toEqual(result)
    vi.setSystemTime(new Date('2024-03-01T00:00:00Z'))
    expect(parameter(presignGet(OBJECT, options), 'X-Amz-Date')).toBe('20240301T000000Z')
  })

  it.each([
    [DATE, '20150830T123600Z'],
    [DATE.getTime(), '20150830T123600Z'],
    [DATE.getTime() + 999.9, '20150830T123600Z'],
    [0, '19700101T000000Z'],
    [1e9, '19700112T134640Z'],
    [1e10, '19700426T174640Z'],
    [new Date('1969-12-31T23:59:59.001Z'), '19691231T235959Z'],
    [new Date('9999-12-31T23:59:59Z'), '99991231T235959Z'],
  ])('%s is %s', (signedAt, amzDate) => {
    const result = presignGet(OBJECT, { ...base, now: signedAt })
    expect(accepted(result)).toMatchObject({
      date: amzDate,
      credential: `AKIDEXAMPLE/${amzDate.slice(0, 8)}/eu-west-1/s3/aws4_request`,
    })
  })

  it('rounded down to a window produces one URL for the entire window', () => {
    const floor = (time: number) => presignGet(OBJECT, { ...base, now: Math.floor(time / 300_000) * 300_000 })
    expect(floor(DATE.getTime() + 1000)).toEqual(floor(DATE.getTime() + 200_000))
  })
})

describe('region and service', () => {
  it('are determined from the host', () => {
    expect(accepted(presignGet(S3, base)).credential).toContain('/eu-west-1/s3/')
    expect(accepted(presign('GET', `${API}/a`, base), 'other').credential).toContain('/eu-west-1/execute-api/')
    const r2 = 'https://account.r2.cloudflarestorage.com/photos/a'
    expect(accepted(presignGet(r2, base)).credential).toContain('/auto/s3/')
  })

  it('are not determined for services other than S3 by the functions for objects', () => {
    const unknown = expect.objectContaining({ code: 'ERR_SIGV4_SCOPE_UNKNOWN' })
    const { presignHead, presignDelete } = synchronous
    for (const [method, own] of Object.entries({
      GET: presignGet,
      PUT: presignPut,
      HEAD: presignHead,
      DELETE: presignDelete,
    })) {
      expect(() => own(`${API}/a`, base)).toThrow(unknown)
      const scoped = { ...base, region: 'eu-west-1', service: 'execute-api' }
      expect(own(`${API}/a`, scoped)).toEqual(presign(method, `${API}/a`, base))
    }
  })

  it('are read from the options first, then from the target', () => {
    const credential = (target: synchronous.Target, options: object) =>
      parameter(presignGet(target, { ...base, ...options }), 'X-Amz-Credential')
    expect(credential('http://localhost:9000/a', { region: 'us-east-1', service: 's3' })).toContain('/us-east-1/s3/')
    expect(credential('https://photos.s3.amazonaws.com/a', { region: 'eu-west-9' })).toContain('/eu-west-9/s3/')
    expect(credential(S3, { service: 's3-outposts' })).toContain('/eu-west-1/s3-outposts/')
    expect(credential(OBJECT, { region: 'eu-west-9' })).toContain('/eu-west-9/s3/')
    expect(credential({ ...OBJECT, region: undefined }, { region: 'eu-west-9' })).toContain('/eu-west-9/s3/')
    expect(presignGet({ ...OBJECT, region: undefined }, { ...base, region: 'eu-west-9' }).url).toContain(
      '.s3.eu-west-9.',
    )
    expect(credential({ ...OBJECT, region: undefined, endpoint: 'https://s3.eu-west-9.amazonaws.com' }, {})).toContain(
      '/eu-west-9/s3/',
    )
    expect(
      credential({ ...OBJECT, region: undefined, endpoint: 'https://s3.eu-central-003.backblazeb2.com' }, {}),
    ).toContain('/eu-central-003/s3/')
  })
})

describe('headers', () => {
  it('are signed, returned in lowercase, and must be sent', () => {
    const headers = { 'X-Amz-Meta-Note': 'a', 'Cache-Control': 'no-store', 'x-amz-checksum-crc32': 'AAAAAA==' }
    const result = presignPut(OBJECT, { ...base, headers })
    expect(result.headers).toEqual({
      'x-amz-meta-note': 'a',
      'cache-control': 'no-store',
      'x-amz-checksum-crc32': 'AAAAAA==',
    })
    expect(accepted(result).signedHeaders).toEqual(['cache-control', 'host', 'x-amz-checksum-crc32', 'x-amz-meta-note'])
    expect(parameters(result).map(([name]) => name.toLowerCase())).not.toContain('x-amz-meta-note')
  })

  it('can be an object, pairs or a Headers', () => {
    const expected = presignPut(OBJECT, { ...base, headers: { 'x-b': '2', 'x-a': '1' } })
    const pairs: [string, string][] = [
      ['X-A', '1'],
      ['x-b', '2'],
    ]
    for (const headers of [pairs, new Headers(pairs), new Map(pairs), pairs.values()])
      expect(presignPut(OBJECT, { ...base, headers })).toEqual({ ...expected, headers: { 'x-a': '1', 'x-b': '2' } })
  })

  it('that are repeated are joined in their order', () => {
    for (const headers of [
      { 'x-a': ['2', '1', '2'] },
      [
        ['x-a', '2'],
        ['X-A', '1'],
        ['x-a', '2'],
      ] as [string, string][],
    ]) {
      const result = presignPut(OBJECT, { ...base, headers })
      expect(result.headers).toEqual({ 'x-a': '2,1,2' })
      expect(accepted(result).canonicalRequest).toContain('\nx-a:2,1,2\n')
    }
  })

  it('keep their inner spaces, which the signature collapses', () => {
    const result = presignPut(OBJECT, { ...base, headers: { 'x-a': ' \t a  b \t c  ', 'x-b': '' } })
    expect(result.headers).toEqual({ 'x-a': 'a  b \t c', 'x-b': '' })
    expect(accepted(result).canonicalRequest).toContain('\nx-a:a b c\nx-b:\n')
  })

  it('that are undefined are omitted, and numbers are converted', () => {
    const { headers } = presignPut(OBJECT, { ...base, headers: { 'x-a': undefined, 'x-b': 0 } })
    expect(headers).toEqual({ 'x-b': '0' })
  })

  it("may contain the URL's host, which the client sets", () => {
    const result = presignPut(OBJECT, { ...base, headers: { Host: 'Photos.S3.eu-west-1.amazonaws.com' } })
    expect(result).toEqual(presignPut(OBJECT, base))
  })

  it('can have the names of members of Object', () => {
    const headers = { constructor: 'a', tostring: 'b', hasOwnProperty: 'c', valueof: 'd' }
    const result = presignPut(OBJECT, { ...base, headers })
    expect(result.headers).toEqual({ constructor: 'a', tostring: 'b', hasownproperty: 'c', valueof: 'd' })
    accepted(result)
  })

  it('may not contain a payload hash that is not signed', () => {
    // S3 would trust the header
    expect(() => presignPut(OBJECT, { ...base, headers: { 'X-Amz-Content-SHA256': EMPTY } })).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_ALREADY_SIGNED', message: expect.stringContaining('payloadHash') }),
    )
  })
})

describe('signedHeaders and unsignedHeaders', () => {
  const unsigned = [
    ...['accept-encoding', 'connection', 'expect', 'forwarded', 'keep-alive', 'range', 'te', 'trailer', 'upgrade'],
    ...['transfer-encoding', 'user-agent', 'via', 'x-amzn-trace-id', 'proxy-authorization', 'x-forwarded-for'],
  ]
  const headers = Object.fromEntries([...unsigned, 'x-amz-meta-a', 'content-type', 'accept'].map((name) => [name, 'a']))
  const signed = (options: object) => accepted(presignPut(OBJECT, { ...base, headers, ...options })).signedHeaders

  it('are not needed for headers that nothing changes in transit', () => {
    expect(signed({})).toEqual(['accept', 'content-type', 'host', 'x-amz-meta-a'])
    expect(presignPut(OBJECT, { ...base, headers }).headers).toEqual(headers)
  })

  it('are case-insensitive exceptions by name', () => {
    expect(signed({ signedHeaders: ['Range', 'x-forwarded-for'] })).toEqual([
      ...['accept', 'content-type', 'host', 'range', 'x-amz-meta-a', 'x-forwarded-for'],
    ])
    expect(signed({ unsignedHeaders: ['ACCEPT', 'content-Type'] })).toEqual(['host', 'x-amz-meta-a'])
    expect(signed({ signedHeaders: [...unsigned] })).toEqual(
      [...unsigned, 'accept', 'content-type', 'host', 'x-amz-meta-a'].sort(),
    )
    expect(signed({ signedHeaders: ['range'], unsignedHeaders: ['range'] })).toContain('range')
  })

  it('cannot exclude the host, which every service requires', () => {
    const result = presignPut(OBJECT, { ...base, unsignedHeaders: ['Host'] })
    expect(accepted(result).signedHeaders).toEqual(['host'])
  })

  it('ignore names of missing headers', () => {
    const options = { ...base, signedHeaders: ['range'], unsignedHeaders: ['x-amz-acl'] }
    expect(presignPut(OBJECT, options)).toEqual(presignPut(OBJECT, base))
  })
})

describe('query', () => {
  it("is added to the URL's query, and signed", () => {
    const result = presignGet(`${S3}?versionId=3%2FL4&a=%2b&flag`, { ...base, query: { 'list-type': 2, b: 'é +&=' } })
    expect(parameters(result).filter(([name]) => !name.startsWith('X-Amz-'))).toEqual([
      ['a', '+'],
      ['b', 'é +&='],
      ['flag', ''],
      ['list-type', '2'],
      ['versionId', '3/L4'],
    ])
    accepted(result)
  })

  it('repeats a name for a list, and omits undefined values', () => {
    const result = presignGet(`${S3}?a=2`, {
      ...base,
      query: { a: ['3', '1', ''], b: undefined, c: [], 'X-Amz-Date': undefined },
    })
    expect(parameters(result).filter(([name]) => name.length === 1)).toEqual([
      ['a', ''],
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
    ])
    accepted(result)
  })

  it('is sorted by name, then value, by code point of the encoded string', () => {
    const query = { a: 'b', 'a-': '', 'a=': '', A: '', Z: '', é: '', '😀': '', z: '', '~': '', 'X-Zzz': '', 'X-A': '' }
    const result = presignGet(OBJECT, { ...base, query })
    const names = new URL(result.url).search.split(/[?&]/).map((part) => part.split('=')[0]!)
    expect(names.slice(1, -1)).toEqual(names.slice(1, -1).sort())
    expect(names.at(-1)).toBe('X-Amz-Signature')
    accepted(result)
  })
})

describe('octets that are not UTF-8', () => {
  it('in escapes of a URL are signed unchanged', () => {
    const result = presignGet('https://photos.s3.eu-west-1.amazonaws.com/caf%e9/%FF%41%c3%a9?%e9=%ff%20&a=%C3%A9', base)
    expect(new URL(result.url).pathname).toBe('/caf%E9/%FFA%C3%A9')
    expect(result.url).toContain('?%E9=%FF%20&')
    expect(new URL(result.url).href).toBe(result.url)
    accepted(result)
    accepted(presign('GET', `${API}/caf%e9/%FF%41?%e9=%ff`, base), 'other')
  })
})

describe('a parameter that resembles one of the signature', () => {
  it.each(['authorization', 'my-x-amz-date', 'X-Amz-Signatures', 'X-Amz-Meta-Date', 'amz-date'])(
    'is signed: %s',
    (name) => {
      const result = presignGet(OBJECT, { ...base, query: { [name]: 'x' } })
      expect(parameter(result, name)).toBe('x')
      accepted(result)
      expect(presignGet(`${S3}?${name}=x`, base).url).toBe(result.url)
    },
  )
})

describe('calls with one credentials object', () => {
  const credentials = { ...CREDENTIALS }
  const host = 'https://photos.s3.amazonaws.com/a' // of any region
  const fresh = (options: object) => presignPut(host, { ...base, ...options, credentials: { ...CREDENTIALS } })
  const next = (options: object) => presignPut(host, { ...base, ...options, credentials })

  it.each<[what: string, one: object, other: object]>([
    ['a value', { expires: 9 }, { expires: 10 }],
    ['a number for a string', { expires: 9 }, { expires: '9s' }],
    ['an additional option', { expires: 9 }, { expires: 9, region: 'eu-west-9' }],
    ['a name', { region: 'us-gov-east-1' }, { service: 'us-gov-east-1' }],
    ['a different day', { now: DATE }, { now: new Date(DATE.getTime() + 86_400_000) }],
    ['a header', { headers: { a: 'b' } }, { headers: { a: 'c' } }],
    ['one header fewer', { headers: { a: 'b' } }, { headers: {} }],
    ['no headers instead of empty ones', { headers: {} }, { headers: undefined }],
    ['pairs instead of an object', { headers: { a: 'b' } }, { headers: [['a', 'b']] }],
    ['a Headers', { headers: { a: 'b' } }, { headers: new Headers({ a: 'c' }) }],
    [
      'the end of a list',
      { headers: { a: 'b' }, unsignedHeaders: [] },
      { headers: { a: 'b' }, unsignedHeaders: ['a'] },
    ],
    ['a parameter', { query: { a: 'b' } }, { query: { a: ['b', 'c'] } }],
  ])('are independent: %s', async (_, one, other) => {
    for (const options of [one, other, one, other]) {
      expect(next(options)).toEqual(fresh(options))
      expect(await asynchronous.presignPut(host, { ...base, ...options, credentials })).toEqual(fresh(options))
    }
  })

  it('detect changes in place between them', async () => {
    const options = { ...base, credentials, headers: { a: 'b' }, query: { q: ['1'] }, expires: new Date(DATE) }
    options.expires.setTime(DATE.getTime() + 60_000)
    const first = presignPut(S3, options)
    options.headers.a = 'c'
    options.query.q.push('2')
    options.expires.setTime(DATE.getTime() + 120_000)
    const second = presignPut(S3, options)
    expect(first.headers).toEqual({ a: 'b' })
    expect(second.headers).toEqual({ a: 'c' })
    expect(second.url).toContain('X-Amz-Expires=120&')
    expect(second.url).toContain('&q=1&q=2&')
    expect(await asynchronous.presignPut(S3, options)).toEqual(second)
    accepted(second)
  })

  it('can be made in a getter of the options', () => {
    let calls = 0
    const options = {
      ...base,
      credentials,
      get expires() {
        if (calls++ === 0) presignPut(`${S3}/other`, { ...base, credentials, expires: 77, headers: { a: 'other' } })
        return 60
      },
      get headers() {
        presignPut(OBJECT, { ...base, credentials, contentType: 'other/other' })
        return { a: 'b' }
      },
    }
    expect(presignPut(host, options)).toEqual(fresh({ expires: 60, headers: { a: 'b' } }))
  })

  it('are not affected by one that throws', () => {
    const first = next({ expires: 9 })
    expect(() => next({ expires: 0 })).toThrow()
    expect(() => next({ expires: 9, headers: { a: 'é' } })).toThrow()
    expect(next({ expires: 9 })).toEqual(first)
  })

  it('support options of a class with inherited members', () => {
    class Options {
      credentials = credentials
      now = DATE
      get expires() {
        return 9
      }
    }
    expect(presignPut(host, new Options())).toEqual(fresh({ expires: 9 }))
  })
})

describe('contentType and contentLength', () => {
  it('bind nothing by default', () => {
    expect(accepted(presignPut(OBJECT, base)).signedHeaders).toEqual(['host'])
  })

  it('bind the header; the client sets the length', () => {
    const result = presignPut(OBJECT, { ...base, contentType: 'text/plain; charset=utf-8', contentLength: 0 })
    expect(result.headers).toEqual({ 'content-type': 'text/plain; charset=utf-8' })
    const received = asReceived(result)
    received.headers.push(['content-length', '0'])
    const verdict = judge(received, SECRET, 's3')
    expect(verdict.signedHeaders).toEqual(['content-length', 'content-type', 'host'])
    expect(verdict.sent).toBe(verdict.expected)
    received.headers.pop()
    received.headers.push(['content-length', '1'])
    expect(judge(received, SECRET, 's3').expected).not.toBe(verdict.sent)
  })

  it('can be combined with other headers', () => {
    const result = presignPut(OBJECT, { ...base, contentType: 'a/b', headers: { 'x-amz-meta-a': '1' } })
    expect(result.headers).toEqual({ 'content-type': 'a/b', 'x-amz-meta-a': '1' })
    accepted(result)
  })

  it('conflict with the headers of the same name', () => {
    const one = presignPut(OBJECT, { ...base, contentType: 'a/b', contentLength: 5 })
    const other = presignPut(OBJECT, { ...base, headers: { 'Content-Type': 'a/b', 'content-length': '5' } })
    expect(one).toEqual(other)
  })
})

describe('download', () => {
  const disposition = (download: string) => {
    const result = presignGet(OBJECT, { ...base, download })
    accepted(result)
    return parameter(result, 'response-content-disposition')
  }

  it('adds nothing by default', () => {
    expect(presignGet(OBJECT, base).url).not.toContain('disposition')
  })

  it.each([
    ['cat.jpg', 'attachment; filename="cat.jpg"'],
    ['my cat (1).jpg', 'attachment; filename="my cat (1).jpg"'],
    ["it's; a=cat,*.jpg", 'attachment; filename="it\'s; a=cat,*.jpg"'],
    ['résumé.pdf', 'attachment; filename="r_sum_.pdf"; filename*=UTF-8\'\'r%C3%A9sum%C3%A9.pdf'],
    ['€ rates.pdf', 'attachment; filename="_ rates.pdf"; filename*=UTF-8\'\'%E2%82%AC%20rates.pdf'],
    ['a"b\\c', 'attachment; filename="a_b_c"; filename*=UTF-8\'\'a%22b%5Cc'],
    ['100%.txt', 'attachment; filename="100_.txt"; filename*=UTF-8\'\'100%25.txt'],
    ['a\r\nb', 'attachment; filename="a__b"; filename*=UTF-8\'\'a%0D%0Ab'],
    ["é!'()*.txt", "attachment; filename=\"_!'()*.txt\"; filename*=UTF-8''%C3%A9%21%27%28%29%2A.txt"],
  ])('of %j follows RFC 6266', (name, expected) => {
    expect(disposition(name)).toBe(expected)
  })

  it('can be parsed by RFC 6266 to the original name', () => {
    for (const name of ['😀 "quoted" %41.txt', 'ünï\\côdé.txt', 'plain.txt', '日本語.pdf', '']) {
      const value = disposition(name)!
      expect(value).toMatch(/^[ -~]+$/)
      const extended = /; filename\*=UTF-8''([A-Za-z\d!#$&+.^_`|~%-]+)$/.exec(value)?.[1]
      const quoted = /^attachment; filename="([^"\\%]*)"/.exec(value)![1]
      expect(extended === undefined ? quoted : decodeURIComponent(extended)).toBe(name)
    }
  })

  it('can be combined with other parameters', () => {
    const query = { versionId: '1', 'response-content-type': 'text/plain' }
    const result = presignGet(OBJECT, { ...base, download: 'a', query })
    expect(parameters(result).map(([name]) => name)).toEqual(
      expect.arrayContaining(['versionId', 'response-content-type', 'response-content-disposition']),
    )
    expect(query).toEqual({ versionId: '1', 'response-content-type': 'text/plain' })
  })
})

describe('payloadHash', () => {
  const hash = sha256('some bytes')

  it('is UNSIGNED-PAYLOAD for S3, and the hash of the empty body elsewhere', () => {
    expect(accepted(presignPut(OBJECT, base)).payloadHash).toBe('UNSIGNED-PAYLOAD')
    expect(accepted(presign('POST', API, base), 'other').payloadHash).toBe(EMPTY)
    expect(presignPut(OBJECT, { ...base, payloadHash: 'UNSIGNED-PAYLOAD' })).toEqual(presignPut(OBJECT, base))
    expect(presign('POST', API, { ...base, payloadHash: EMPTY })).toEqual(presign('POST', API, base))
  })

  it('binds the body; for S3 with a signed header that is returned', () => {
    const result = presignPut(OBJECT, { ...base, payloadHash: hash })
    expect(result.headers).toEqual({ 'x-amz-content-sha256': hash })
    const { sent, expected, signedHeaders, payloadHash } = judge(asReceived(result, 'some bytes'), SECRET, 's3')
    expect([sent, payloadHash]).toEqual([expected, hash])
    expect(signedHeaders).toEqual(['host', 'x-amz-content-sha256'])
    expect(() => judge(asReceived(result, 'other bytes'), SECRET, 's3')).toThrow('a different body')
  })

  it('binds the body for other services, which compute it', () => {
    const result = presign('POST', API, { ...base, payloadHash: hash })
    expect(result.headers).toEqual({})
    const { sent, expected } = judge(asReceived(result, 'some bytes'), SECRET, 'other')
    expect(sent).toBe(expected)
    expect(judge(asReceived(result), SECRET, 'other').expected).not.toBe(sent)
  })
})

describe('pathEncoding and pathNormalization', () => {
  const path = (url: string, options: object) => {
    const result = presign('GET', url, { ...base, region: 'eu-west-1', ...options })
    return { sent: new URL(result.url).pathname, result }
  }
  /** The rules for which the signature is valid. */
  const canonical = (url: string, options: object) => {
    const received = asReceived(path(url, options).result)
    return (['s3', 'other', 'other, not normalized'] as const).filter((rule) => {
      const { sent, expected } = judge(received, SECRET, rule)
      return sent === expected
    })
  }

  it('are single and none for S3 services', () => {
    for (const service of ['s3', 's3express', 's3-outposts', 's3-object-lambda']) {
      const url = `https://localhost/a//b%2Fc/%41%c3%a9 é😀'()`
      expect(canonical(url, { service })).toEqual(['s3'])
      expect(path(url, { service }).sent).toBe('/a//b%2Fc/A%C3%A9%20%C3%A9%F0%9F%98%80%27%28%29')
      expect(path(url, { service, pathEncoding: 'single', pathNormalization: 'none' })).toEqual(path(url, { service }))
    }
  })

  it('are double and rfc3986 elsewhere', () => {
    const url = `${API}/a//./b%2Fc/../d%20e/é`
    expect(canonical(url, {})).toEqual(['other'])
    expect(path(url, { pathEncoding: 'double', pathNormalization: 'rfc3986' })).toEqual(path(url, {}))
  })

  it.each([
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a//b', '/a//b'],
    ['/..', '/'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/%2E/b', '/a/b'],
    ['/a/.%2e/b', '/b'],
    ['/...', '/...'],
    // Python's urllib3 and requests rewrite these
    ['/a%2fb%c3%a9', '/a%2Fb%C3%A9'],
    ['/%41%7E%5b%3a', '/A~%5B%3A'],
    ['/é😀😀', '/%C3%A9%F0%9F%98%80%F0%9F%98%80'],
    ['', '/'],
  ])('with normalization %s is sent as URL parsers resolve it: %s', (given, sent) => {
    expect(path(API + given, {}).sent).toBe(sent)
    expect(path(API + given, {}).result.url).toContain(`.com${sent}?`)
    accepted(path(API + given, {}).result, 'other')
  })

  it('are independent of each other', () => {
    const url = `${API}/a//b%20c`
    const unsigned = { payloadHash: 'UNSIGNED-PAYLOAD' }
    expect(canonical(url, { pathNormalization: 'none' })).toEqual(['other, not normalized'])
    expect(canonical(url, { pathEncoding: 'single', pathNormalization: 'none', ...unsigned })).toEqual(['s3'])
    const normalized = path(`${API}/a//b%20c`, { pathEncoding: 'single', ...unsigned }).result
    const folded = asReceived({ ...normalized, url: normalized.url.replace('/a//b', '/a/b') })
    const verdict = judge(folded, SECRET, 's3')
    expect(verdict.sent).toBe(verdict.expected)
    const doubled = { service: 's3', pathEncoding: 'double', payloadHash: EMPTY }
    expect(canonical(url, doubled)).toEqual(['other, not normalized'])
    expect(canonical(url, { ...doubled, pathNormalization: 'rfc3986' })).toEqual(['other'])
  })
})

describe('sessionTokenPlacement', () => {
  it('is signed by default', () => {
    const result = presignGet(OBJECT, { ...base, credentials: TEMPORARY })
    expect(accepted(result).token).toBe(TOKEN)
    expect(presignGet(OBJECT, { ...base, credentials: TEMPORARY, sessionTokenPlacement: 'signed' })).toEqual(result)
  })

  it('appended adds the token after the signature', async () => {
    const url = 'wss://abc123-ats.iot.eu-west-1.amazonaws.com/mqtt'
    const options = {
      ...base,
      sessionTokenPlacement: 'appended',
      region: 'eu-west-1',
      service: 'iotdevicegateway',
    } as const
    const result = presignGet(url, { ...options, credentials: TEMPORARY })
    expect(parameters(result).at(-1)).toEqual(['X-Amz-Security-Token', TOKEN])
    expect(accepted(result, 'other', true).token).toBe(TOKEN)
    const without = presignGet(url, {
      ...options,
      credentials: { ...TEMPORARY, accessKeyId: 'AKIDEXAMPLE', sessionToken: undefined },
    })
    const signature = (result: { url: string }) => parameter(result, 'X-Amz-Signature')
    const sameKey = presignGet(url, { ...options, credentials: { ...TEMPORARY, accessKeyId: 'AKIDEXAMPLE' } })
    expect(signature(sameKey)).toBe(signature(without))
    expect(sameKey.url.startsWith(without.url)).toBe(true)
    expect(presignGet(url, { ...options, credentials: CREDENTIALS })).toEqual(without)
    expect(await asynchronous.presignGet(url, { ...options, credentials: TEMPORARY })).toEqual(result)
  })
})

describe('an S3 object is at', () => {
  const rows: [what: string, target: synchronous.S3Object, url: string][] = [
    ['its bucket in the host', OBJECT, S3],
    [
      'us-east-1 in the host, too',
      { ...OBJECT, region: 'us-east-1' },
      'https://photos.s3.us-east-1.amazonaws.com/cat.jpg',
    ],
    ['China', { ...OBJECT, region: 'cn-north-1' }, 'https://photos.s3.cn-north-1.amazonaws.com.cn/cat.jpg'],
    ['GovCloud', { ...OBJECT, region: 'us-gov-west-1' }, 'https://photos.s3.us-gov-west-1.amazonaws.com/cat.jpg'],
    [
      'the European cloud',
      { ...OBJECT, region: 'eusc-de-east-1' },
      'https://photos.s3.eusc-de-east-1.amazonaws.eu/cat.jpg',
    ],
    [
      'a path, with dots in the bucket',
      { ...OBJECT, bucket: 'my.photos' },
      'https://s3.eu-west-1.amazonaws.com/my.photos/cat.jpg',
    ],
    [
      'a path, with an old-style bucket name',
      { ...OBJECT, bucket: 'My_Photos' },
      'https://s3.eu-west-1.amazonaws.com/My_Photos/cat.jpg',
    ],
    ['a path if requested', { ...OBJECT, pathStyle: true }, 'https://s3.eu-west-1.amazonaws.com/photos/cat.jpg'],
    [
      'a host if requested',
      { ...OBJECT, bucket: 'my.photos', pathStyle: false },
      'https://my.photos.s3.eu-west-1.amazonaws.com/cat.jpg',
    ],
    [
      'the zone of a directory bucket',
      { bucket: 'photos--use1-az4--x-s3', key: 'a', region: 'us-east-1' },
      'https://photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/a',
    ],
    [
      'the path of an endpoint',
      { ...OBJECT, endpoint: 'http://localhost:9000' },
      'http://localhost:9000/photos/cat.jpg',
    ],
    [
      'the path of an endpoint with a slash',
      { ...OBJECT, endpoint: 'http://localhost:9000/' },
      'http://localhost:9000/photos/cat.jpg',
    ],
    [
      'the host of an endpoint',
      { ...OBJECT, endpoint: 'http://localhost:9000', pathStyle: false },
      'http://photos.localhost:9000/cat.jpg',
    ],
    [
      'a path prefix',
      { ...OBJECT, endpoint: 'https://ref.storage.supabase.co/storage/v1/s3' },
      'https://ref.storage.supabase.co/storage/v1/s3/photos/cat.jpg',
    ],
    [
      'a path prefix with the bucket in the host',
      { ...OBJECT, endpoint: 'https://proxy.example.com/s3/', pathStyle: false },
      'https://photos.proxy.example.com/s3/cat.jpg',
    ],
    [
      'the path of an endpoint, encoded as keys are',
      { ...OBJECT, endpoint: "http://localhost:9000/a (é)/b%2fc'd'" },
      'http://localhost:9000/a%20%28%C3%A9%29/b%2Fc%27d%27/photos/cat.jpg',
    ],
    ['a host of AWS if the endpoint is null', { ...OBJECT, endpoint: null as unknown as undefined }, S3],
    ['a host if pathStyle is null', { ...OBJECT, pathStyle: null as unknown as undefined }, S3],
    [
      'a URL object as endpoint',
      { ...OBJECT, endpoint: new URL('http://[::1]:9000/x') },
      'http://[::1]:9000/x/photos/cat.jpg',
    ],
    [
      'a host in lowercase',
      { ...OBJECT, endpoint: 'HTTP://MinIO.Example.com:9000' },
      'http://minio.example.com:9000/photos/cat.jpg',
    ],
    [
      'no default port',
      { ...OBJECT, endpoint: 'https://minio.example.com:443/a' },
      'https://minio.example.com/a/photos/cat.jpg',
    ],
    [
      'no default port',
      { ...OBJECT, endpoint: 'http://minio.example.com:80' },
      'http://minio.example.com/photos/cat.jpg',
    ],
    [
      "the other scheme's default port",
      { ...OBJECT, endpoint: 'http://minio.example.com:443' },
      'http://minio.example.com:443/photos/cat.jpg',
    ],
    [
      'its key, encoded once',
      { ...OBJECT, key: "a b+c%2Fd/é!'()*~" },
      `${S3.slice(0, -8)}/a%20b%2Bc%252Fd/%C3%A9%21%27%28%29%2A~`.replace('com//', 'com/'),
    ],
    ['slashes unchanged', { ...OBJECT, key: '//a//b/' }, 'https://photos.s3.eu-west-1.amazonaws.com///a//b/'],
    [
      'dot segments after %2F',
      { ...OBJECT, key: 'a/../b/./c' },
      'https://photos.s3.eu-west-1.amazonaws.com/a%2F..%2Fb%2F.%2Fc',
    ],
    ...[
      ['../a', '..%2Fa'],
      ['./a/.b', '.%2Fa/.b'],
      ['a/..', 'a%2F..'],
      ['a/./../b', 'a%2F.%2F..%2Fb'],
    ].map(([key, path]): [string, synchronous.S3Object, string] => [
      `dot segments after or before %2F: ${key}`,
      { ...OBJECT, key: key! },
      `https://photos.s3.eu-west-1.amazonaws.com/${path}`,
    ]),
    [
      'an ordinary host, with a bucket that has no zone',
      { ...OBJECT, bucket: 'photos--x-s3' },
      'https://photos--x-s3.s3.eu-west-1.amazonaws.com/cat.jpg',
    ],
    [
      'an ordinary host, with a bucket whose name does not end with its zone',
      { ...OBJECT, bucket: 'photos--use1-az4--x-s3-2' },
      'https://photos--use1-az4--x-s3-2.s3.eu-west-1.amazonaws.com/cat.jpg',
    ],
  ]

  it.each(rows)('%s', (_, target, url) => {
    expect(objectUrl(target)).toBe(url)
    expect(asynchronous.objectUrl(target)).toBe(url)
    const result = presignGet(target, base)
    expect(result.url.split('?')[0]).toBe(url)
    expect(parameters(result).some(([name]) => name === 'X-Amz-Signature')).toBe(true)
    accepted(result)
  })

  it('the service s3express for a directory bucket', () => {
    const target = { bucket: 'photos--use1-az4--x-s3', key: 'a', region: 'us-east-1' }
    const hosted = presignGet(objectUrl(target), base)
    expect(parameter(hosted, 'X-Amz-Credential')).toContain('/us-east-1/s3express/')
    expect(presignGet(target, base)).toEqual(hosted)
    const elsewhere = presignGet({ ...target, endpoint: 'http://localhost:9000' }, base)
    expect(parameter(elsewhere, 'X-Amz-Credential')).toContain('/us-east-1/s3/')
  })

  it('the same location as its URL, with the same signature', () => {
    for (const key of ['cat.jpg', 'a b', 'é/😀', "!'()*", 'a+b', '100%', 'a/../b'])
      for (const target of [
        { ...OBJECT, key },
        { ...OBJECT, key, bucket: 'my.photos' },
      ]) {
        expect(presignPut(objectUrl(target), base)).toEqual(presignPut(target, base))
        expect(receivedKey(asReceived(presignPut({ ...OBJECT, key }, base)))).toBe(key)
      }
  })
})
