import { describe, expect, it } from 'vitest'
import { type ReceivedRequest, readReceived } from '../../src/received/request.ts'

// Parsing of requests in every form that servers provide.

const read = (request: Partial<ReceivedRequest>, host?: string) =>
  readReceived({ headers: {}, url: '/', ...request }, host)

describe('a target', () => {
  it.each([
    ['/a/b?c=d', '/a/b', 'c=d'],
    ['/a?', '/a', ''],
    ['/a??b?c', '/a', '?b?c'],
    ['/', '/', ''],
    ['', '/', ''],
    ['?a', '/', 'a'],
    ['*', '*', ''],
    ['//host/a', '//host/a', ''],
    ['/a#b?c', '/a#b', 'c'],
    ['https://host/a?b', '/a', 'b'],
    ['HTTPS://host:1', '/', ''],
    ['https://host?a', '/', 'a'],
    ['https://host/a?b#c?d', '/a', 'b'],
    ['https://host#c', '/', ''],
    ['s3+x.1-y://host/a', '/a', ''],
    ['/https://host/a', '/https://host/a', ''],
  ])('%j has the path %j and the query %j', (url, path, query) => {
    expect(read({ url })).toMatchObject({ path, query, method: 'GET' })
  })

  it('is decoded as UTF-8 if it contains octets', () => {
    expect(read({ url: '/\xc3\xa9?\xe1\x88\xb4%C3' })).toMatchObject({ path: '/é', query: 'ሴ%C3' })
    expect(read({ url: '/é ሴ' }).path).toBe('/é ሴ') // already decoded
    expect(read({ url: '/%\xc3\xa9%25' }).path).toBe('/%é%25')
  })

  it('is reported if it has a fragment or octets', () => {
    const flags = (url: string) => [read({ url }).hasFragment, read({ url }).hasOctets]
    expect(['/a#b', 'https://h/a#b', 'https://h/a', '/\xc3\xa9', '/é ሴ'].map(flags)).toEqual([
      [false, false],
      [true, false],
      [false, false],
      [false, true],
      [false, false],
    ])
  })

  it('that contains octets other than UTF-8 becomes a string that cannot have been signed', () => {
    expect(read({ url: '/\xe9', rawHeaders: [] }).path).toBe('/\0')
    expect(read({ url: '/\xef\xbf\xbd', rawHeaders: [] }).path).toBe('/\ufffd') // valid UTF-8
    expect(read({ url: '/\xe9' }).path).toBe('/é') // source unknown
  })
})

describe('a host', () => {
  it.each<[string, Partial<ReceivedRequest>, string | undefined, string | undefined]>([
    ['the Host header', { url: 'https://url/', headers: { host: 'sent' } }, undefined, 'sent'],
    ['the host of a URL', { url: 'https://url:8443/a@b' }, undefined, 'url:8443'],
    ["HTTP/2's :authority", { headers: { ':authority': 'pseudo' } }, undefined, 'pseudo'],
    ['the value of both', { headers: { ':authority': 'same', host: 'same' } }, undefined, 'same'],
    ['the option', { url: 'https://url/', headers: { host: 'sent', ':authority': 'x' } }, 'said', 'said'],
    ['undefined if missing', {}, undefined, undefined],
  ])('is %s', (_, request, host, expected) => {
    expect(read(request, host).headers.host).toBe(expected)
  })

  it('must be the same in Host and :authority', () => {
    expect(read({ headers: { ':authority': 'a', host: 'b' } }).hasTwoHosts).toBe(true)
    expect(read({ headers: { ':authority': 'a', host: 'a' } }).hasTwoHosts).toBe(false)
    expect(read({ headers: { ':authority': 'a', host: 'b' } }, 'c').hasTwoHosts).toBe(false)
  })
})

describe('headers', () => {
  const joined = { a: '1,2,3', b: '4' }

  it.each<[string, Partial<ReceivedRequest>]>([
    [
      'pairs',
      {
        headers: [
          ['A', '1'],
          ['a', '2'],
          ['B', '4'],
          ['A', '3'],
        ],
      },
    ],
    ['raw pairs', { rawHeaders: ['A', '1', 'a', '2', 'B', '4', 'A', '3'], headers: {} }],
    [
      'raw pairs, and others that only the object contains',
      { rawHeaders: ['A', '1', 'a', '2', 'A', '3'], headers: { b: '4', A: '1, 2,3' } },
    ],
    ['an object beside empty raw pairs', { rawHeaders: [], headers: { A: ['1', '2', '3'], b: '4' } }],
    ['an object with lists', { headers: { a: ['1', '2', '3'], b: '4', c: undefined } }],
    ['an object with names in two cases', { headers: { A: '1', a: ['2', '3'], b: '4' } }],
    [
      'a Map',
      {
        headers: new Map([
          ['a', '1,2,3'],
          ['b', '4'],
        ]),
      },
    ],
  ])('are read from %s', (_, request) => {
    expect({ ...read(request).headers }).toStrictEqual(joined)
  })

  it('are read from a Headers, and from an object without a prototype', () => {
    expect({
      ...read({
        headers: new Headers([
          ['A', '1'],
          ['a', '2'],
        ]),
      }).headers,
    }).toEqual({ a: '1, 2' })
    expect({ ...read({ headers: Object.assign(Object.create(null), { A: '1' }) }).headers }).toEqual({ a: '1' })
  })

  it('that are repeated are reported', () => {
    expect([...read({ rawHeaders: ['A', '1', 'a', '2', 'B', '4'] }).repeated]).toEqual(['a'])
  })

  it('that are repeated are reported as altered if the server passes on only some of their values', () => {
    const altered = (headers: Record<string, string | string[]>) => [
      ...read({ rawHeaders: ['A', '1', 'a', '2', 'B', '4'], headers }).altered,
    ]
    expect([{ a: '1' }, { a: '2,1' }].map(altered)).toEqual([['a'], ['a']])
    expect([{}, { a: '1,2' }, { a: '1, 2' }, { a: ['1', '2'] }].map((headers) => altered(headers as never))).toEqual([
      [],
      [],
      [],
      [],
    ])
  })

  it('can have any name', () => {
    const { headers } = read({ rawHeaders: ['__proto__', 'x', 'constructor', 'y', 'toString', 'z'] })
    expect(Object.getPrototypeOf(headers)).toBe(null)
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['tostring', 'z'],
    ])
    expect(({} as { x?: string }).x).toBeUndefined()
  })

  it.each([
    ['K\xc3\xa4tzchen', 'Kätzchen', 'Kätzchen'],
    ['K\xe4tzchen', 'Kätzchen', 'K\0tzchen'],
    ['\xef\xbb\xbfa', '\ufeffa', '\ufeffa'],
    ['\xed\xa0\x80', '\xed\xa0\x80', '\0\0\0'], // half of a pair
    ['\xc0\xaf', '\xc0\xaf', '\0\0'], // a slash in two bytes
    ['100%\xc3\xa9', '100%é', '100%é'],
    ['é ሴ', 'é ሴ', 'é ሴ'],
  ])('%j is decoded as UTF-8 if it is UTF-8, but not twice', (value, text, octets) => {
    expect(read({ headers: [['a', value]] }).headers.a).toBe(text)
    expect(read({ rawHeaders: ['a', value] }).headers.a).toBe(octets)
    for (const headers of [{ a: value }, { a: text }])
      for (const request of [{ headers }, { headers, rawHeaders: [] }, { headers, rawHeaders: ['b', 'c'] }])
        expect(read(request).headers.a).toBe(headers.a)
    for (const seen of [value, text])
      expect([...read({ rawHeaders: ['a', value], headers: { a: seen } }).altered]).toEqual([])
  })
})

describe('an invalid request', () => {
  it.each([
    [undefined, 'request'],
    [null, 'request'],
    ['/', 'request'],
    [{ url: '/' }, 'request.headers'],
    [{ url: '/', headers: 'a: b' }, 'request.headers'],
    [{ url: new URL('https://host/'), headers: {} }, 'request.url'],
    [{ headers: {} }, 'request.url'],
    [{ url: '/', method: 1, headers: {} }, 'request.method'],
  ])('%j is a TypeError', (request, argument) => {
    const call = () => readReceived(request as ReceivedRequest, undefined)
    expect(call).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        argument,
        reason: 'type',
        message: expect.stringMatching(`^${argument} has the wrong type\\.`),
      }),
    )
  })
})
