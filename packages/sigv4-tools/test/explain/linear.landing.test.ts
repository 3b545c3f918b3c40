import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../src/sync.ts'
import { trace } from '../../../../src/trace.ts'
import { CHARACTERS, repeating } from '../../../../test/support/attacks/linear.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { expectLinear } from '../../../../test/support/linear.ts'
import { explainWithin } from '../../src/explain/explain.ts'
import { type ExplainInput, explain, inspect } from '../../src/explain.ts'

// Whatever a request or a response is like, explaining it takes linear time.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const URL_ = `https://${HOST}/cat.jpg`
const NOW = Date.UTC(2026, 0, 31, 12)
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const options = { credentials, now: NOW }
const { url } = presignGet({ bucket: 'photos', key: 'a b.jpg', region: 'eu-west-1' }, options)
const wrong = url.replace(/Signature=[^&]*/, `Signature=${'0'.repeat(64)}`)
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
const parameters = (count: number, value = 'v') =>
  Array.from({ length: count }, (_, i) => `p${i}=${value}${i}`).join('&')
const headersNamed = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-h-${i}`, `v${i}`]))
const large = (length: number) => Buffer.alloc(length, 0x61)

function form(body: string | Uint8Array): ExplainInput['request'] {
  const type = 'multipart/form-data; boundary=x'
  return { method: 'POST', url: `https://${HOST}/`, headers: { host: HOST, 'content-type': type }, body }
}

const field = (name: string, value = '') => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

describe('explain takes linear time for', () => {
  // few attempts to find what was signed, whose limit packages/sigv4-tools/test/explain/explain.test.ts tests
  const limit = { hypotheses: 10, work: Number.POSITIVE_INFINITY }

  const get = (change: Partial<NonNullable<ExplainInput['request']>>) => ({
    request: { url: wrong, headers: { host: HOST }, ...change },
    credentials,
  })
  const sent = (change: object, body?: string | Uint8Array) => ({
    request: { ...put, headers: { ...headers, ...change }, ...(body !== undefined && { body }) },
    credentials,
  })
  const answered = (body: string) => ({
    request: { url: wrong, headers: { host: HOST } },
    response: { status: 403, body },
  })
  const prose = (text: string) => answered(JSON.stringify({ message: text }))
  const signedNames = (names: string) => wrong.replace('=host', `=${names}`)
  const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, i) => i + first).join(';')
  const cases: [string, number, (length: number) => ExplainInput][] = [
    ['parameters', 10_000, (n) => get({ url: `${wrong}&${parameters(n)}` })],
    ['the same parameter', 10_000, (n) => get({ url: `${wrong}${'&a=1'.repeat(n)}` })],
    [
      'parameters on both sides, all of them changed',
      10_000,
      (n) => ({
        ...get({}),
        signed: { canonicalRequest: canonical(parameters(n)) },
        response: refused(canonical(parameters(n, 'w'))),
      }),
    ],
    ['headers', 5000, (n) => get({ headers: { host: HOST, ...headersNamed(n) } })],
    [
      'signed headers',
      5000,
      (n) => {
        const named = headersNamed(n)
        const names = ['host', ...Object.keys(named).sort()]
        return get({ url: signedNames(names.join('%3B')), headers: { host: HOST, ...named } })
      },
    ],
    ['the same signed header', 20_000, (n) => get({ url: signedNames('host%3B'.repeat(n)) })],
    ['a long header', 2_000_000, (n) => sent({ 'x-amz-meta-a': ' a'.repeat(n) })],
    [
      'an Authorization header of spaces',
      500_000,
      (n) => sent({ authorization: `${headers.authorization}${' '.repeat(n)}x` }),
    ],
    ['credentials', 100_000, (n) => sent({ authorization: `AWS4-HMAC-SHA256 ${'Credential=a,'.repeat(n)}` })],
    ['a credential of slashes', 50_000, (n) => get({ url: wrong.replace('AKIDEXAMPLE', 'a%2F'.repeat(n)) })],
    ['a path of segments', 50_000, (n) => get({ url: wrong.replace('/a%20b', `/${'a/'.repeat(n)}`) })],
    ['signed headers in a short URL', 9000, (n) => get({ url: signedNames(`host;${numbers(n)}`) })],
    [
      'the same signed header, which is long',
      20_000,
      (n) => get({ url: signedNames(`${'host;'.repeat(n)}host`), headers: { host: 'a'.repeat(5 * n) } }),
    ],
    ['a short path of slashes', 60_000, (n) => get({ url: wrong.replace('/a%20b', `${'/'.repeat(n)}x`) })],
    ['a short path of segments', 30_000, (n) => get({ url: wrong.replace('/a%20b', '/a'.repeat(n)) })],
    ['the names of signed headers', 60_000, (n) => get({ url: signedNames(numbers(n, 1_000_000)) })],
    [
      'session tokens and a long region',
      5000,
      (n) => {
        const tokens = Array.from({ length: n }, (_, i) => `&X-Amz-Security-Token=token${i}`).join('')
        return get({ url: wrong.replace('eu-west-1', 'to'.repeat(100 * n)) + tokens })
      },
    ],
    [
      'a form of carriage returns whose boundary starts like its file',
      1_000_000,
      (n) => ({
        request: {
          ...form(`name="file"\r\n\r\n${'\r'.repeat(n)}`)!,
          headers: { host: HOST, 'content-type': `multipart/form-data; boundary=${'a'.repeat(n / 100)}` },
        },
      }),
    ],
    ['a path of slashes', 200_000, (n) => get({ url: wrong.replace('/a%20b', `${'/'.repeat(n)}x`) })],
    ['a body', 2_000_000, (n) => sent({}, large(n))],
    ['a body of JSON', 1_250_000, (n) => sent({}, Buffer.from(`[${'{"a":1},'.repeat(n)}1]`))],
    [
      'invalid chunks',
      2_000_000,
      (n) => sent({ 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, large(n)),
    ],
    [
      'a form with a file',
      2_000_000,
      (n) => ({ request: form(Buffer.concat([Buffer.from(field('policy', 'eyJ9') + field('file')), large(n)])) }),
    ],
    [
      'a policy of padding',
      200_000,
      (n) => ({
        request: form(field('policy', `${'='.repeat(n)}a`) + field('x-amz-signature', '0'.repeat(64))),
        credentials,
      }),
    ],
    ['a form of boundaries', 80_000, (n) => ({ request: form('--x'.repeat(n)) })],
    ['a form of heads', 500_000, (n) => ({ request: form('name="file"'.repeat(n)) })],
    ['a response of tags', 1_000_000, (n) => answered('<a>'.repeat(n))],
    ['a response of open tags', 1_000_000, (n) => answered('<a '.repeat(n))],
    [
      'a response that quotes without end',
      20_000,
      (n) => prose("The Canonical String for this request should have been\n'".repeat(n)),
    ],
    ['a response of strings to sign', 20_000, (n) => prose("The String-to-Sign should have been\n'".repeat(n))],
    ['a canonical request of many lines', 300_000, (n) => ({ ...get({}), response: refused('a\n'.repeat(n)) })],
  ]
  it.each(cases)('%s', (_, length, make) =>
    expectLinear(
      (length) => {
        const input = { ...make(length), now: NOW }
        return () => {
          const { verdict, findings } = explainWithin(input, limit)
          expect(verdict).toMatch(/\S/)
          expect(findings.length).toBeLessThanOrEqual(50)
        }
      },
      { length },
    ),
  )

  it('more findings than a call takes arguments', () => {
    const { findings } = explainWithin({ ...get({ url: signedNames(numbers(200_000, 1_000_000)) }), now: NOW }, limit)
    expect(findings.length).toBeLessThanOrEqual(50)
  })
})

describe('linear time is what it takes to', () => {
  it.each<[string, number, (length: number) => () => unknown]>([
    ['inspect parameters', 20_000, (n) => () => inspect(`${wrong}&${parameters(n)}`, { now: NOW })],
    ['inspect &amp;', 100_000, (n) => () => inspect(`${wrong}&${'amp;'.repeat(n)}`, { now: NOW })],
    [
      'trace parameters and headers',
      10_000,
      (n) => {
        const headers = { host: HOST, ...headersNamed(n / 2) }
        const request = { url: `/?${parameters(n)}`, headers, body: large(1000 * n) }
        return () => trace(request, options)
      },
    ],
    [
      'trace dot segments',
      50_000,
      (n) => {
        const request = { url: `/${'../a/'.repeat(n)}`, headers: { host: HOST } }
        return () => trace(request, { ...options, service: 'a', region: 'eu-west-1' })
      },
    ],
    [
      'inspect empty parameters',
      200_000,
      (n) => {
        const url = `https://${HOST}/?${'&%'.repeat(n / 2)}`
        return () => inspect(url)
      },
    ],
  ])('%s', (_, length, make) => expectLinear(make, { length }))
})

describe('a character takes linear time, repeated in', () => {
  const sent = (url: string, more: object = {}, body = '') => ({
    method: 'GET',
    url,
    headers: { ...headers, ...more },
    body,
  })
  const answered = (body: string) => explain({ request: sent(URL_), response: { status: 403, body } })
  const ROWS: Record<string, (x: string) => unknown> = {
    'a path': (x) => explain({ request: sent(`${URL_}${x}a`) }),
    'a query': (x) => explain({ request: sent(`${URL_}?X-Amz-Signature=0&a=${x}a`) }),
    'a header': (x) => explain({ request: sent(URL_, { a: `a${x}a` }) }),
    'an Authorization header': (x) =>
      explain({ request: sent(URL_, { authorization: `${headers.authorization}${x}a` }) }),
    'a response': (x) =>
      answered(
        `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>GET\n/\n${x}a</CanonicalRequest>${x}a</Error>`,
      ),
    'a response in JSON': (x) =>
      answered(`{"message":"The Canonical String for this request should have been\\n'${x}a`),
    'a signed string': (x) =>
      explain({ request: sent(URL_), signed: { canonicalRequest: `GET\n/\n${x}a\nhost:a\n\nhost\n0` } }),
    'a form': (x) => explain({ request: form(`${field('policy', `${x}a`)}--x--`) }),
    'an inspected URL': (x) => inspect(`${URL_}?X-Amz-Signature=${x}a`),
    'an inspected request': (x) => inspect(sent(`${URL_}?a=${x}a`, { a: `a${x}a` })),
  }

  it.each(Object.entries(ROWS))('%s', async (_, call) => {
    for (const character of CHARACTERS) await expectLinear(repeating(call, character), { length: 50_000 })
  })
})
