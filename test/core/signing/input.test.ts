import { describe, expect, it } from 'vitest'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import { CREDENTIALS } from '../../support/credentials.ts'

// Arguments other than plain objects: classes, hidden properties, and names with an internal meaning.

const URL_ = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2015, 7, 30, 12, 36)
const base = { credentials, now: signedAt }
const code = (code: string) => expect.objectContaining({ code })

describe('a name with an internal meaning', () => {
  it.each(['credentials', 'href', 'bucket', 'constructor', '__proto__'])(
    '%s is an ordinary parameter and header',
    async (name) => {
      for (const value of ['alice', 'bob']) {
        const query = Object.defineProperty({}, name, { value, enumerable: true }) as Record<string, string>
        const { url } = synchronous.presignGet(URL_, { ...base, query })
        expect(new URL(url).searchParams.get(name)).toBe(value)
        expect((await asynchronous.presignGet(URL_, { ...base, credentials: () => credentials, query })).url).toBe(url)
      }
      if (name === '__proto__') return
      for (const value of ['alice', 'bob']) {
        const headers = { [name]: value }
        expect(synchronous.presignGet(URL_, { ...base, headers }).headers).toEqual({ [name.toLowerCase()]: value })
        expect((await asynchronous.sign({ url: URL_, headers }, base)).headers).toMatchObject({
          [name.toLowerCase()]: value,
        })
      }
    },
  )
})

describe('an object of a class', () => {
  it('is read by both entries', async () => {
    class Request_ {
      url = URL_
      get method() {
        return 'DELETE'
      }
      get body() {
        return 'x'
      }
    }
    class Options {
      credentials = credentials
      now = signedAt
      get payloadHash() {
        return 'UNSIGNED-PAYLOAD'
      }
    }
    const signed = synchronous.sign(new Request_(), new Options())
    expect(signed).toMatchObject({
      method: 'DELETE',
      body: 'x',
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    })
    expect(await asynchronous.sign(new Request_(), new Options())).toEqual(signed)
  })

  it('is read including inherited members', async () => {
    const inherited = Object.create({ ...base, expires: 60 })
    const { url } = synchronous.presignGet(URL_, inherited)
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
    const provided = Object.create({ now: signedAt, expires: 60, credentials: () => credentials })
    expect((await asynchronous.presignGet(URL_, provided)).url).toBe(url)
    const download = Object.assign(Object.create(base), { download: 'x' })
    expect(synchronous.presignGet(URL_, download).url).toContain('response-content-disposition')
  })

  it('may have getters that return different values', () => {
    let expires = 60
    const options = Object.defineProperty({ ...base }, 'expires', { get: () => expires, enumerable: true })
    const first = synchronous.presignGet(URL_, options)
    expires = 120
    expect(synchronous.presignGet(URL_, options).expiresAt.getTime() - first.expiresAt.getTime()).toBe(60_000)
  })

  it('may hide its secret from enumeration', async () => {
    const hidden = Object.defineProperty({ accessKeyId: 'AKIDEXAMPLE' }, 'secretAccessKey', {
      value: credentials.secretAccessKey,
    }) as synchronous.SecretCredentials
    const scope = { region: 'eu-west-1', service: 's3', date: '20150830' }
    const { key } = synchronous.deriveSigningKey(scope, { credentials: hidden })
    expect(key).toEqual(synchronous.deriveSigningKey(scope, { credentials }).key)
    expect((await asynchronous.deriveSigningKey(scope, { credentials: hidden })).key).toEqual(key)
  })
})

describe('an invalid argument', () => {
  it.each([
    ['query', new URLSearchParams('a=1')],
    ['query', new Map([['a', '1']])],
    ['query', 'a=1'],
    ['query', { a: null }],
    ['query', { a: {} }],
    ['headers', { 'x-a': {} }],
    ['headers', { 'x-a': ['b', {}] }],
    ['headers', [['a', 'b', 'c']]],
    ['headers', ['ab']],
    ['headers', [1]],
    ['signedHeaders', 'range'],
    ['unsignedHeaders', new Set(['a'])],
    ['signedHeaders', [1]],
  ])('%s: %o', (name, value) => {
    const options = { ...base, [name]: value } as unknown as synchronous.PresignOptions
    expect(() => synchronous.presignGet(URL_, options)).toThrow(code('ERR_INVALID_ARG_TYPE'))
  })

  it.each([
    ['pathEncoding', 'Double'],
    ['pathNormalization', 'foo'],
    ['sessionTokenPlacement', 'append'],
  ])('%s: %s', (name, value) => {
    const options = { ...base, [name]: value } as unknown as synchronous.PresignOptions
    expect(() => synchronous.presignGet(URL_, options)).toThrow(code('ERR_INVALID_ARG_VALUE'))
  })

  it.each([...':;<=>@G'])('the escape %%2%s', (digit) => {
    expect(() => synchronous.presignGet(`${URL_}%2${digit}a`, base)).toThrow(code('ERR_SIGV4_REQUEST_UNSENDABLE'))
  })

  it('a host that ends in a number', () => {
    for (const host of ['foo.0xf', '0x7f.1', '127.1', '1.2.3.4.5'])
      expect(() =>
        synchronous.presignGet(`https://${host}/k`, { ...base, region: 'eu-west-1', service: 's3' }),
      ).toThrow(code('ERR_INVALID_ARG_VALUE'))
  })

  it('a request that is not an object, or a Request that was read', async () => {
    for (const request of [null, 'https://a.example'])
      await expect(asynchronous.sign(request as never, base)).rejects.toThrow(/^request has the wrong type\./)
    const used = new Request(URL_, { method: 'PUT', body: 'x' })
    await used.text()
    await expect(asynchronous.sign(used, base)).rejects.toThrow(code('ERR_SIGV4_BODY_NOT_HASHABLE'))
  })
})

describe('a body', () => {
  it('in shared memory is hashed by both entries', async () => {
    const body = new Uint8Array(new SharedArrayBuffer(3))
    const signed = synchronous.sign({ url: URL_, method: 'PUT', body }, base)
    expect((await asynchronous.sign({ url: URL_, method: 'PUT', body }, base)).headers).toEqual(signed.headers)
  })

  it('that is missing has no signed length, except with POST and PUT', () => {
    const signed = (method: string) =>
      synchronous.sign({ url: URL_, method, headers: { 'content-length': '0' } }, base).headers.authorization
    expect(signed('DELETE')).not.toContain('content-length')
    expect(signed('PUT')).toContain('content-length')
    expect(signed('POST')).toContain('content-length')
  })

  it('that is a stream needs duplex, also in engines whose streams are not iterable', () => {
    const body = { [Symbol.toStringTag]: 'ReadableStream' }
    const options = { ...base, payloadHash: 'UNSIGNED-PAYLOAD' }
    const headers = { 'content-length': '4' }
    const request = { url: URL_, method: 'PUT', headers, body }
    expect(synchronous.sign(request as never, options)).toMatchObject({ duplex: 'half' })
  })
})

describe('an endpoint that is a URL object', () => {
  const target = {
    bucket: 'photos',
    key: 'cat.jpg',
    region: 'us-east-1',
    endpoint: new URL('https://files.example.com'),
  }
  const text = { ...target, endpoint: target.endpoint.href }

  it.each([
    ['credentials', credentials],
    ['a function that returns them', () => credentials],
    ['a function that returns a promise of them', async () => credentials],
  ])('is signed as its href with %s', async (_, source) => {
    const options = { ...base, credentials: source }
    const large = { ...options, size: 9_000_000 }
    const parts = { ...large, uploadId: 'an id' }
    const { presignGet, presignPost, presignMultipartUpload, presignMultipartParts } = asynchronous
    expect(await presignGet(target, options)).toEqual(await presignGet(text, options))
    expect(await presignPost(target, options)).toEqual(await presignPost(text, options))
    expect(await presignMultipartUpload(target, large)).toEqual(await presignMultipartUpload(text, large))
    expect(await presignMultipartParts(target, parts)).toEqual(await presignMultipartParts(text, parts))
    expect((await presignMultipartParts(target, parts)).parts[0]!.url).toContain(
      'https://files.example.com/photos/cat.jpg?',
    )
  })
})

describe('arguments that change while credentials are awaited', () => {
  it('are signed as passed', async () => {
    const make = () => ({
      query: { tag: ['a', 'b'] },
      headers: [['x-amz-meta-a', 'one']] as [string, string][],
      unsignedHeaders: ['x-b'],
      endpoint: new URL('https://files.example.com/a'),
    })
    const call = (given: ReturnType<typeof make>, source: typeof credentials | (() => Promise<typeof credentials>)) => {
      const { endpoint, ...options } = given
      return asynchronous.presignGet(
        { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1', endpoint },
        {
          ...base,
          ...options,
          credentials: source,
        },
      )
    }
    const given = make()
    const pending = call(given, async () => {
      given.query.tag.push('c')
      given.headers[0]![1] = 'two'
      given.headers.push(['x-amz-meta-b', 'three'])
      given.unsignedHeaders.push('x-amz-meta-a')
      given.endpoint.pathname = '/other'
      return credentials
    })
    expect(await pending).toEqual(await call(make(), credentials))
  })
})

describe('options with a getter', () => {
  it('that presigns with the same credentials change nothing', () => {
    const plain = { credentials, now: signedAt, contentType: 'image/png' }
    const expected = synchronous.presignPut(URL_, plain)
    const other = { credentials, now: signedAt, contentType: 'text/html' }
    for (const name of ['expires', 'contentType', 'region'] as const) {
      const options = { ...plain }
      Object.defineProperty(options, name, {
        enumerable: true,
        get() {
          synchronous.presignPut(URL_, other)
          return name === 'contentType' ? 'image/png' : undefined
        },
      })
      for (const _ of [1, 2, 3]) expect(synchronous.presignPut(URL_, options)).toEqual(expected)
    }
  })

  it('that returns different values are never cached', () => {
    let count = 0
    const options = {
      credentials,
      now: signedAt,
      get contentType() {
        return count++ % 2 ? 'text/html' : 'image/png'
      },
    }
    for (let i = 0; i < 6; i++) {
      const { url, headers } = synchronous.presignPut(URL_, options)
      const type = headers['content-type']!
      expect(url).toBe(synchronous.presignPut(URL_, { credentials, now: signedAt, contentType: type }).url)
    }
  })
})

describe.each([
  ['sigv4', asynchronous],
  ['sigv4/sync', synchronous as unknown as typeof asynchronous],
] as const)('a key that a user chose, %s', (_, entry) => {
  const upload = { credentials: CREDENTIALS, size: 1 }
  type Target = { bucket: string; key: string; region: string }
  const SIGNERS: Record<string, (target: Target) => unknown> = {
    presign: (target) => entry.presign('PUT', target, { credentials: CREDENTIALS }),
    presignGet: (target) => entry.presignGet(target, { credentials: CREDENTIALS, query: { 'list-type': 2 } }),
    presignPut: (target) => entry.presignPut(target, { credentials: CREDENTIALS }),
    presignHead: (target) => entry.presignHead(target, { credentials: CREDENTIALS }),
    presignDelete: (target) => entry.presignDelete(target, { credentials: CREDENTIALS }),
    presignPost: (target) => entry.presignPost(target, { credentials: CREDENTIALS }),
    presignMultipartUpload: (target) => entry.presignMultipartUpload(target, upload),
    presignMultipartParts: (target) => entry.presignMultipartParts(target, { ...upload, uploadId: 'id' }),
    objectUrl: (target) => entry.objectUrl(target),
  }

  it.each(Object.entries(SIGNERS))('is not empty, which would be the bucket: %s', async (_, sign) => {
    for (const key of ['', undefined, null, 0, false, [], [''], {}] as never[])
      await expect((async () => sign({ bucket: 'photos', key, region: 'eu-west-1' }))()).rejects.toMatchObject({
        name: 'TypeError',
        argument: 'target.key',
      })
  })

  it('does not leave the path of the bucket', async () => {
    for (const key of ['/', '//', ' ', '\t', '?', '#', '?list-type=2', '%', '%2F', '\ufeff', 'a/..', './a']) {
      const { url } = await entry.presignGet(
        { bucket: 'photos', key, region: 'eu-west-1' },
        { credentials: CREDENTIALS },
      )
      expect(url).toMatch(/^https:\/\/photos\.s3\.eu-west-1\.amazonaws\.com\/[^?#]/)
    }
  })
})
