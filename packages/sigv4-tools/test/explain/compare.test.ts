import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { pathCause } from '../../src/explain/compare/canonical-request.ts'
import { compareQuery } from '../../src/explain/compare/query.ts'
import { explain } from '../../src/explain.ts'

// What the client signed, compared with what the service computed or what was sent.

const credentials = { ...CREDENTIALS }
const NOW = Date.UTC(2026, 0, 31, 12)
const DATE = '20260131T120000Z'
const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const SCOPE = '20260131/eu-west-1/s3/aws4_request'
const HASH = 'a'.repeat(64)
const HEADERS: [string, string][] = [
  ['host', HOST],
  ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
  ['x-amz-date', DATE],
]

interface Statement {
  uri?: string
  query?: string
  headers?: [string, string][]
}

const names = ({ headers = HEADERS }: Statement) => headers.map(([name]) => name).join(';')
const withHeader = (name: string, value: string): Statement => ({
  headers: [...HEADERS.filter(([each]) => each !== name), [name, value] as [string, string]].sort(),
})

function canonical(statement: Statement): string {
  const { uri = '/cat.jpg', query = '', headers = HEADERS } = statement
  const lines = headers.map((each) => each.join(':'))
  return ['GET', uri, query, ...lines, '', names(statement), 'UNSIGNED-PAYLOAD'].join('\n')
}

function authorization(statement: Statement, signature = HASH): string {
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=${names(statement)}, Signature=${signature}`
}

function requestOf(sent: Statement, signed = sent) {
  const { uri = '/cat.jpg', query = '', headers = HEADERS } = sent
  const url = query === '' ? uri : `${uri}?${query}`
  return { method: 'GET', url, headers: { ...Object.fromEntries(headers), authorization: authorization(signed) } }
}

const rejected = (elements: string) => ({
  status: 403,
  body: `<Error><Code>SignatureDoesNotMatch</Code>${elements.replaceAll('&', '&amp;')}</Error>`,
})

describe('the canonical requests of client and service differ in', () => {
  it.each<[string, Statement, Statement, object]>([
    ['the normal form of a letter', { uri: '/e%CC%81.jpg' }, { uri: '/%C3%A9.jpg' }, { cause: 'path-encoding' }],
    [
      'a session token that was not signed',
      {},
      withHeader('x-amz-security-token', 'abc'),
      { cause: 'session-token', expected: 'not signed' },
    ],
    [
      'x-amz-content-sha256',
      withHeader('x-amz-content-sha256', HASH),
      withHeader('x-amz-content-sha256', HASH.replaceAll('a', 'b')),
      { cause: 'payload-hash' },
    ],
    [
      'a parameter that was sent once, but signed twice',
      { query: 'a=1&a=2' },
      { query: 'a=1' },
      { cause: 'query-duplicate', actual: 'missing' },
    ],
    [
      'a parameter that was sent twice, but signed once',
      { query: 'a=1' },
      { query: 'a=1&a=1' },
      { cause: 'query-duplicate', expected: 'not signed' },
    ],
  ])('%s', (_, signed, sent, finding) => {
    const { findings } = explain({
      request: requestOf(sent, signed),
      signed: { canonicalRequest: canonical(signed) },
      response: rejected(`<CanonicalRequest>${canonical(sent)}</CanonicalRequest>`),
      now: NOW,
    })
    expect(findings[0]).toMatchObject({ ...finding, confidence: 'proven' })
  })
})

describe('the strings to sign of client and service', () => {
  const toSign = (date = DATE, scope = SCOPE) => `AWS4-HMAC-SHA256\n${date}\n${scope}\n${HASH}`
  const compared = (ours: string, extra = '', request = requestOf({})) =>
    explain({
      request,
      signed: { stringToSign: ours },
      response: rejected(`<StringToSign>${toSign()}</StringToSign>${extra}`),
      now: NOW,
    })

  it.each([
    ['whole hours are a time zone', toSign('20260131T130000Z'), { cause: 'clock-timezone' }],
    ['midnight is a date without a time', toSign('20260131T000000Z'), { cause: 'date-mismatch' }],
    ['the end of the scope is missing', toSign(DATE, '20260131/eu-west-1/s3'), { cause: 'scope-terminator' }],
    [
      'the scope has a part too many',
      toSign(DATE, '20260131/eu/west-1/s3/aws4_request'),
      { cause: 'malformed-credential' },
    ],
  ])('differ: %s', (_, ours, finding) => {
    expect(compared(ours).findings[0]).toMatchObject({ ...finding, confidence: 'proven' })
  })

  it('are the same: only the secret or the signature can differ', () => {
    expect(compared(toSign()).findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'likely' })
    const other = `<SignatureProvided>${HASH.replaceAll('a', 'b')}</SignatureProvided>`
    expect(compared(toSign(), other).findings[0]).toMatchObject({ cause: 'tampered-signature', confidence: 'proven' })
    const chunked = requestOf(withHeader('x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'))
    expect(compared(toSign(), '', chunked).findings[0]).toMatchObject({ cause: 'streaming-chunk-signature' })
  })
})

describe('a request that was changed after signing', () => {
  const url = `https://${HOST}/cat.jpg`
  const presigned = presignGet({ bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }, { credentials, now: NOW })
  const signed = sign({ method: 'GET', url: `https://${HOST}` }, { credentials, now: NOW })

  it('is recognized at the root of a bucket', () => {
    const headers = { host: HOST, ...signed.headers, 'x-amz-date': '20260131T120001Z' }
    const { findings } = explain({ request: { method: 'GET', url: `https://${HOST}`, headers }, credentials, now: NOW })
    expect(findings[0]).toMatchObject({ cause: 'date-mismatch', confidence: 'proven', expected: DATE })
  })

  it('is the same with an & at the end', () => {
    const request = { method: 'GET', url: `${presigned.url}&`, headers: { host: HOST } }
    expect(explain({ request, credentials, now: NOW })).toMatchObject({ signature: 'right', findings: [] })
  })

  it('has the query that the service shows if its URL was copied without it', () => {
    const [query, signature] = presigned.url.split('?')[1]!.split('&X-Amz-Signature=')
    const sorted = query!.split('&').sort().join('&')
    const strings = [
      `<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><SignatureProvided>${signature}</SignatureProvided>`,
      `<StringToSign>AWS4-HMAC-SHA256\n${DATE}\n${SCOPE}\n${HASH}</StringToSign>`,
      `<CanonicalRequest>GET\n/cat.jpg\n${sorted}\nhost:${HOST}\n\nhost\nUNSIGNED-PAYLOAD</CanonicalRequest>`,
    ]
    const { findings } = explain({ request: { url }, response: rejected(strings.join('')), credentials, now: NOW })
    expect(findings.map(({ cause }) => cause)).toEqual(['wrong-secret'])
    expect(findings[0]!.message).toMatch(/^These credentials produce the received signature/)
  })

  it('does not have a secret of thousands of characters', () => {
    const secretAccessKey = 'x'.repeat(5000)
    const headers = { host: HOST, ...signed.headers, 'user-agent': 'aws-cli/2.31.0' }
    const request = { method: 'GET', url, headers }
    const { findings } = explain({ request, credentials: { ...credentials, secretAccessKey }, now: NOW })
    expect(findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'likely' })
  })
})

describe('a request whose parts are malformed', () => {
  const explained = (headers: Record<string, string>) =>
    explain({ request: { method: 'GET', url: '/cat.jpg', headers }, credentials, now: NOW }).findings.map(
      ({ cause }) => cause,
    )
  const all = Object.fromEntries(HEADERS)

  it.each([
    ['SignedHeaders has commas', { ...all, authorization: authorization({}).replaceAll(';', ',') }, 'signed-headers'],
    [
      'the scope has a part too many',
      { ...all, authorization: authorization({}).replace('eu-west', 'eu/west') },
      'malformed-credential',
    ],
  ])('%s', (_, headers, cause) => {
    expect(explained(headers)).toContain(cause)
  })

  it('x-amz-date was signed, but Date was sent', () => {
    expect(
      explained({ host: HOST, date: 'Sat, 31 Jan 2026 12:00:00 GMT', authorization: authorization({}) }),
    ).toContain('header-missing')
  })
})

describe('the endpoint of the client and the host that the service received', () => {
  const explained = (endpoint: string, host: string) =>
    explain({
      request: { method: 'GET', url: '/photos/cat.jpg', headers: { host, 'x-amz-date': DATE } },
      endpoint,
      response: rejected(''),
      now: NOW,
    }).findings[0]

  it.each([
    ['http://localhost:9000', 'localhost', 'localhost:9000'],
    ['http://localhost:9000', 'localhost:9001', 'localhost:9000'],
    ['http://minio.example.com', 'minio.example.com:9000', 'minio.example.com'],
  ])('%s, %s: the port differs', (endpoint, host, expected) => {
    expect(explained(endpoint, host)).toMatchObject({ cause: 'host-port', expected, actual: host })
  })

  it('are not compared if the endpoint is not a URL', () => {
    expect(explained('localhost:9000', 'localhost')).not.toMatchObject({ cause: 'host-port' })
  })
})

describe('the resource that the service names', () => {
  const explained = (url: string, elements: string) =>
    explain({
      request: { method: 'GET', url, headers: { host: HOST, 'x-amz-date': DATE } },
      response: rejected(elements),
      now: NOW,
    }).findings.find(({ cause, actual }) => cause === 'path' && actual !== undefined)

  it.each([
    ['/minio/photos/cat.jpg', '<Resource>/photos/cat.jpg</Resource>', '/photos/cat.jpg'],
    ['/cat.jpg', '<BucketName>photos</BucketName><Resource>/photos/dir/cat.jpg</Resource>', '/photos/dir/cat.jpg'],
  ])('shows a path that a proxy changed: %s', (url, elements, actual) => {
    expect(explained(url, elements)).toMatchObject({ expected: url, actual })
  })

  it.each([
    ['/', '<BucketName>photos</BucketName><Resource>/photos/cat.jpg/</Resource>'],
    ['/cat.jpg', '<Resource>/photos/dir/cat.jpg</Resource>'],
    ['/cat.jpg', '<BucketName>photos</BucketName><Resource>/photos/cat.jpg</Resource>'],
  ])('shows nothing without a bucket, or for all of it: %s', (url, elements) => {
    expect(explained(url, elements)).toBeUndefined()
  })
})

it('a path that is encoded twice and resolved as well is encoded twice', () => {
  expect(pathCause('/b/2026/a%2520b', '/b//2026/a%20b')).toBe('path-double-encoding')
  expect(pathCause('/b/r%C3%A9', '/b/r%2525C3%2525A9')).toBe('path-double-encoding')
  expect(pathCause('/b/2026/a%2520b', '/b//2027/a%20b')).toBe('path')
})

it.each([
  ['in lowercase escapes and resolved', '/b/r%c3%a9', '/b/a/../r%C3%A9', 'path-normalization'],
  ['in ISO 8859-1 and resolved', '/b/r%E9', '/b/a/../r%C3%A9', 'path-encoding'],
  ['encoded twice, without the slash at its end', '/b/a%20b/', '/b/a%2520b', 'path-double-encoding'],
  ['a different one, without the slash at its end', '/b/a/', '/b/c', 'path'],
])('a path with two changes has the cause of one of them: %s', (_, signed, computed, cause) => {
  expect(pathCause(signed, computed)).toBe(cause)
  expect(pathCause(computed, signed)).toBe(cause)
})

it.each([
  ['without the equals sign', 'delimiter=%2F&uploads', 'uploads=', 'query-empty-value', 'uploads', 'uploads='],
  ['with a plus', 'a=b+c', 'a=b%20c&w=200', 'query-plus', 'b+c', 'b c'],
  ['encoded twice', 'a=%2F', 'a=%252F&w=200', 'url-double-encoded', '/', '%2F'],
  ['with a different value', 'a=1', 'a=2&w=200', 'query-changed', '1', '2'],
])('a parameter is compared by how it is written beside a different parameter: %s', (_, ...row) => {
  const [signed, computed, cause, expected, actual] = row
  expect(compareQuery(signed, computed)).toContainEqual(expect.objectContaining({ cause, expected, actual }))
})

it('the path is compared beside the bucket that is in the host of one and in the path of the other', () => {
  const signed = { uri: "/it's a cat.jpg" }
  const computed = { uri: '/photos/it%27s%20a%20cat.jpg', ...withHeader('host', HOST.replace('photos.', '')) }
  const { findings } = explain({
    request: requestOf(computed, signed),
    signed: { canonicalRequest: canonical(signed) },
    response: rejected(`<CanonicalRequest>${canonical(computed)}</CanonicalRequest>`),
    now: NOW,
  })
  expect(findings.map(({ cause }) => cause)).toEqual(['path-style-mismatch', 'path-encoding'])
  expect(findings[1]).toMatchObject({ expected: "/it's a cat.jpg", actual: '/it%27s%20a%20cat.jpg' })
})
