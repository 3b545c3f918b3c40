import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../src/sync.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain, inspect } from '../../src/explain.ts'

// Whatever a request, a response or a caller is like: no throw for content, and no secret.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const NOW = Date.UTC(2026, 0, 31, 12)
const TOKEN = 'FwoGZXIvYXdzEXAMPLE//token+with=marks'
const SSE_KEY = 'c2VjcmV0LWtleS1vZi1jdXN0b21lci0zMi1ieXRlcyE='
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const options = { credentials, now: NOW }
const { url } = presignGet({ bucket: 'photos', key: 'a b.jpg', region: 'eu-west-1' }, options)
const target = url.slice(`https://${HOST}`.length)
const signed = sign({ method: 'PUT', url: `https://${HOST}/x`, body: 'hello' }, options).headers
const put = { method: 'PUT', url: `https://${HOST}/x` }
const headers = {
  host: HOST,
  ...signed,
  authorization: signed.authorization!.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`),
}

function refused(canonicalRequest: string) {
  const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'a'.repeat(64)}`
  const elements = `<CanonicalRequest>${canonicalRequest.replaceAll('&', '&amp;')}</CanonicalRequest><StringToSign>${toSign}</StringToSign>`
  return { status: 403, body: `<Error><Code>SignatureDoesNotMatch</Code>${elements}</Error>` }
}

const canonical = (query: string, more = '') => `GET\n/\n${query}\nhost:${HOST}\n${more}\nhost\nUNSIGNED-PAYLOAD`

function form(body: string | Uint8Array): ExplainInput['request'] {
  const type = 'multipart/form-data; boundary=x'
  return { method: 'POST', url: `https://${HOST}/`, headers: { host: HOST, 'content-type': type }, body }
}

const field = (name: string, value = '') => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

const filled = ['key', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']
const limits = [['content-length-range', 0, 9], ...filled.map((name) => ({ [name]: 'a' }))]
const policy = Buffer.from(JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions: limits })).toString(
  'base64',
)
const cut = field('policy', policy) + filled.map((name) => field(name, 'a')).join('') + field('file', 'x')

describe('explain', () => {
  it('counts what is sent more than once', () => {
    const input = {
      signed: { canonicalRequest: canonical('a=1&a=1&b=1') },
      response: refused(canonical('a=1&b=1&b=1&b=1')),
    }
    const { findings } = explain({ request: { url, headers: { host: HOST } }, ...input, now: NOW })
    const found = findings
      .filter(({ cause }) => cause === 'query-duplicate')
      .map(({ expected, actual }) => [expected, actual])
    expect(found.sort()).toEqual([
      ['1', 'missing'],
      ['not signed', '1'],
    ])
  })

  it('finds the signature after &amp;', () => {
    const request = { url: url.replaceAll('&', '&amp;'), headers: { host: HOST } }
    for (const known of [{}, { credentials }])
      expect(explain({ request, ...known, now: NOW }).findings.map(({ cause }) => cause)).toEqual(['url-html-escaped'])
  })
})

describe('explain takes', () => {
  const RIGHT = 'The signature is correct: these credentials produce it.'
  const message = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    url: target,
    headers: { host: HOST },
  })
  message.rawHeaders = ['Host', HOST]
  /** As axios has them: an object with methods beside its members. */
  class AxiosHeaders {
    [name: string]: unknown
    constructor(given: Record<string, string>) {
      Object.assign(this, given)
    }
    get(): string {
      return 'x'
    }
  }
  const axios = new AxiosHeaders({ host: HOST, date: new Date(NOW).toUTCString() }) as never

  it.each([
    ['a Request', new Request(url)],
    ['an IncomingMessage', message],
    ['headers of axios', { url, headers: axios }],
    ['a Headers', { url: target, headers: new Headers({ host: HOST }) }],
    ['pseudo headers of HTTP/2', { url: target, headers: { ':method': 'GET', ':path': target, ':authority': HOST } }],
    [
      'values that are lists, numbers or nothing',
      { url, headers: { host: [HOST], a: 5, b: null, c: undefined } as never },
    ],
    [
      'getters',
      {
        method: 'GET',
        headers: { host: HOST },
        get url() {
          return url
        },
      },
    ],
    ['a stream, which is not read', { ...put, headers: { host: HOST, ...signed }, body: new ReadableStream() }],
  ])('%s as the request', (_, request) => {
    expect(explain({ request: request as never, credentials, now: NOW }).verdict).toBe(RIGHT)
  })

  it.each([
    ['bytes', { status: 403, body: Buffer.from('<Error><Code>SignatureDoesNotMatch</Code></Error>') }],
    [
      'a Headers and a body',
      { status: 403, headers: new Headers({ date: 'x' }), body: '<Code>SignatureDoesNotMatch</Code>' },
    ],
    ['headers of axios', { status: 403, headers: axios, body: '<Code>SignatureDoesNotMatch</Code>' }],
  ])('%s as the response', (_, response) => {
    expect(
      explain({ request: { url, headers: { host: HOST } }, response, credentials, now: NOW }).findings[0],
    ).toMatchObject({ cause: 'wrong-secret', message: expect.stringContaining('the service has a different secret') })
  })

  it('the response of fetch, whose time it reads though not its body', () => {
    const response = new Response('x', { status: 403, headers: { date: new Date(NOW + 3600_000).toUTCString() } })
    expect(explain({ request: new Request(url), response: response as never, credentials }).findings[0]!.cause).toBe(
      'expired',
    )
  })

  it.each([
    ['a Host beside another :authority', { url: target, headers: { host: 'other', ':authority': HOST } }],
    ['the same in rawHeaders', { url: target, headers: {}, rawHeaders: [':authority', HOST, 'host', 'other'] }],
    [
      'names of prototypes as headers',
      { url, headers: JSON.parse(`{"host":"${HOST}","__proto__":"x","constructor":"y"}`) },
    ],
    ['names of prototypes as parameters', { url: `${url}&__proto__=1&constructor&hasOwnProperty=`, headers: {} }],
    [
      'names of prototypes as signed headers',
      { url: url.replace('=host', '=__proto__%3Bconstructor%3Bhost'), headers: {} },
    ],
    ['a date at the end of time', { url: url.replace('20260131T120000Z', '99991231T235959Z'), headers: {} }],
    ['a life without end', { url: url.replace('=900', `=${'9'.repeat(400)}`), headers: {} }],
    ['half of a character', { url: `${url}&\ud800=\udfff`, headers: { host: '\ud800' } }],
    ['control characters', { url: `${url}\0\r\n`, headers: { host: 'a\0b', 'x\n': '\r' } }],
    ['an empty URL', { url: '', headers: {} }],
    [
      'a trailing header that is named twice',
      {
        ...put,
        headers: {
          ...headers,
          'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'x-amz-decoded-content-length': '1',
          'x-amz-trailer': 'a,a',
        },
        body: '1\r\nx\r\n0\r\n\r\n',
      },
    ],
    ['a form that is cut in its file, whose size the policy limits', form(cut)!],
  ])('without a throw: %s', (_, request) => {
    const strange = {
      status: 403,
      headers: JSON.parse('{"__proto__":"a"}'),
      body: '{"__proto__":"x","__type":"constructor"}',
    }
    for (const response of [undefined, strange, { status: 403, headers: { date: '+275760-09-13T00:00:00Z' } }])
      for (const known of [{}, { credentials }]) {
        expect(explain({ request, response, ...known }).verdict).toMatch(/\S/)
        expect(inspect(request, { now: NOW }).signedHeaders).toBeInstanceOf(Array)
      }
  })

  it.each([
    ['input.request', { request: url }, 'ERR_INVALID_ARG_TYPE'],
    ['input.response', { request: new Request(url), response: '<Error/>' }, 'ERR_INVALID_ARG_TYPE'],
    [
      'input.credentials.secretAccessKey',
      { request: new Request(url), credentials: { accessKeyId: 'a', signingKey: {} } },
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'input.credentials.accessKeyId',
      { request: new Request(url), credentials: async () => credentials },
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'input.signed.canonicalRequest',
      { request: new Request(url), signed: { canonicalRequest: 5 } },
      'ERR_INVALID_ARG_TYPE',
    ],
    ['input.request.url', { request: { url: new URL('https://a.example/') } }, 'ERR_INVALID_ARG_TYPE'],
    [
      'input.credentials.sessionToken',
      { request: new Request(url), credentials: { ...credentials, sessionToken: null } },
      'ERR_INVALID_ARG_TYPE',
    ],
    ['input.response.message', { request: new Request(url), response: { message: {} } }, 'ERR_INVALID_ARG_TYPE'],
    ['input.response.headers', { request: new Request(url), response: { headers: 'a: b' } }, 'ERR_INVALID_ARG_TYPE'],
    ['input.now', { request: new Request(url), now: Number.NaN }, 'ERR_INVALID_ARG_VALUE'],
    ['input.now', { request: new Request(url), now: new Date(9e15) }, 'ERR_INVALID_ARG_VALUE'],
  ])('nothing else: %s', (name, input, code) => {
    const call = () => explain(input as never)
    const reason = code === 'ERR_INVALID_ARG_TYPE' ? 'type' : 'invalid'
    expect(call).toThrow(expect.objectContaining({ code, name: 'TypeError', argument: name, reason }))
    expect(call).toThrow(`${name} ${reason === 'type' ? 'has the wrong type. Pass ' : 'is not valid. Pass '}`)
  })
})

it('findings and verdicts escape control and format characters', () => {
  const raw = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
  const marks = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter((one) => raw.test(one))
  const mark = '\x1b[31m\u202e\ud800\n'
  const computed = (text: string) => `GET\n/\n${encodeURIComponent(text)}=1\nhost:${HOST}\n\nhost\nUNSIGNED-PAYLOAD`
  const request = { url, headers: { host: `${HOST}${mark}`, [`x-amz-${mark}`]: mark } }
  const explained = (more: Partial<ExplainInput>) => explain({ request, now: NOW, ...more })
  const all = [
    ...inspect(request, { now: NOW }).warnings,
    ...[mark.slice(0, 6), marks.filter((one) => !/[\ud800-\udfff]/u.test(one)).join('')].flatMap(
      (text) => explained({ signed: { canonicalRequest: computed(text) } }).findings,
    ),
  ]
  const texts = [
    ...all.flatMap(({ message, fix }) => [message, fix]),
    explained({ response: { status: 404, body: `<Error><Code>NoSuchKey${mark}</Code></Error>` } }).verdict,
  ]
  expect(texts.filter((text) => raw.test(text))).toEqual([])
  for (const shown of ['\\x1b[31m\\u{202e}', '\\u{d800}', '\\u{e007f}']) expect(texts.join('')).toContain(shown)
})

describe('no output has a secret in it:', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const escaped = (text: string) => encodeURIComponent(text)
  const lower = (text: string) => escaped(text).replace(/%../g, (octet) => octet.toLowerCase())
  const forms = [SECRET, TOKEN, SSE_KEY, base64(`user:${SECRET}`)].flatMap((text) => [
    ...[text, escaped(text), escaped(escaped(text)), lower(text), base64(text), text.replaceAll('+', ' ')],
    JSON.stringify(text).slice(1, -1),
  ])
  const temporary = { ...credentials, sessionToken: TOKEN }
  const mine = presignGet(
    { bucket: 'photos', key: 'x', region: 'eu-west-1' },
    { ...options, credentials: temporary },
  ).url
  const sse = 'x-amz-server-side-encryption-customer-key'
  const host = { host: HOST }
  const ours = (more = '') => ({ signed: { canonicalRequest: canonical('a=1', more) } })
  const lines = (more: string) => ({ ...ours(more), response: refused(canonical('b=1', more)) })

  const named = presignGet(
    { bucket: 'photos', key: 'x', region: 'eu-west-1' },
    { ...options, query: { a: SECRET } },
  ).url
  const damaged = `${named.replace(escaped(SECRET), lower(SECRET))}xyz`

  const cases: [string, ExplainInput][] = [
    ['token, changed', { request: { url: mine.replace('token', 'Token'), headers: host }, credentials: temporary }],
    [
      'token in lower-case escapes',
      { request: { url: `${mine.replace(escaped(TOKEN), lower(TOKEN))}&a=1`, headers: host }, ...ours() },
    ],
    [
      'token as it is',
      { request: { url: mine.replace(escaped(TOKEN), TOKEN), headers: host }, credentials: temporary },
    ],
    [
      'a second token',
      { request: { url: `${url}&a=1&X-Amz-Security-Token=${escaped(TOKEN)}`, headers: host }, ...ours() },
    ],
    ['SSE-C key in the query', { request: { url: `${url}&${sse}=${escaped(SSE_KEY)}`, headers: host }, ...ours() }],
    [
      'SSE-C key and token that others computed',
      {
        request: { url, headers: host },
        response: refused(canonical(`X-Amz-Security-Token=${escaped(TOKEN)}`, `${sse}: ${SSE_KEY}\n`)),
      },
    ],
    [
      'another scheme',
      {
        request: { ...put, headers: { ...host, authorization: `Basic ${base64(`user:${SECRET}`)}` } },
        response: refused(canonical('', `authorization:Basic ${base64(`user:${SECRET}`)}\n`)),
      },
    ],
    [
      'a bare secret as Authorization',
      { request: { ...put, headers: { ...host, authorization: SECRET } }, ...lines('') },
    ],
    [
      'cookies',
      {
        request: {
          url: url.replace('=host', '=cookie%3Bhost'),
          headers: { ...host, cookie: `a=${TOKEN}; b=${SSE_KEY}` },
        },
        ...lines(`cookie:b=${TOKEN}\n`),
      },
    ],
    ['secret in a URL that was damaged', { request: { url: damaged, headers: host }, credentials }],
    ['secret as key id', { request: { url: url.replace('AKIDEXAMPLE', escaped(SECRET)), headers: host } }],
    [
      'secret as key id, encoded twice',
      { request: { url: url.replace('AKIDEXAMPLE', escaped(escaped(SECRET))), headers: host } },
    ],
    [
      'secret as the whole credential',
      { request: { url: url.replace(/Credential=[^&]*/, `Credential=${escaped(SECRET)}`), headers: host } },
    ],
    [
      'secret as the algorithm, path and host',
      {
        request: {
          url: url.replace('AWS4-HMAC-SHA256', escaped(SECRET)).replace('/a%20b', `/${SECRET}`),
          headers: { host: SECRET },
        },
        credentials,
      },
    ],
    [
      'secret in the answer',
      {
        request: { url, headers: host },
        response: { status: 400, body: `<Code>${SECRET}</Code><Message>${SECRET}</Message>` },
        credentials,
      },
    ],
    [
      'fields of a form',
      {
        request: form(
          [
            field(
              'policy',
              base64(
                `{"expiration":"2030-01-01T00:00:00Z","conditions":[{"${sse}":"x"},{"x-amz-security-token":"y"}]}`,
              ),
            ),
            field('key', 'a'),
            field(sse, SSE_KEY),
            field('x-amz-security-token', TOKEN),
            field('x-amz-signature', '0'.repeat(64)),
            `${field('file', 'x')}--x--`,
          ].join(''),
        ),
      },
    ],
  ]
  it.each(cases)('%s', (_, input) => {
    const shown: unknown[] = [explain({ ...input, now: NOW })]
    // without credentials, no other secret can be recognized
    if (!input.credentials) shown.push(inspect(input.request!, { now: NOW }))
    const text = JSON.stringify(shown)
    expect(forms.filter((each) => text.includes(each))).toEqual([])
    const parts = [SECRET.split('/')[1]!, TOKEN.slice(-18)]
    expect(parts.filter((each) => text.includes(each))).toEqual([])
  })
})
