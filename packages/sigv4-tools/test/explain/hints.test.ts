import { describe, expect, it } from 'vitest'
import { presignGet } from '../../../../src/sync.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { type ExplainInput, explain } from '../../src/explain.ts'

// Without a secret: what the request shows comes before what is common.

const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
const SIGNED =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900'
const HOST = 'b.s3.eu-west-1.amazonaws.com'
const signature = `X-Amz-Signature=${'0123456789abcdef'.repeat(4)}`

interface Made {
  method?: string
  host?: string
  path?: string
  /** Before the parameters of the signature, and after them. */
  before?: string
  after?: string
  signed?: string
  headers?: Record<string, string> | 'unknown'
}

function presigned({
  method = 'GET',
  path = '/a',
  before = '',
  after = '',
  signed = 'host',
  ...rest
}: Made): ExplainInput {
  const { host = 'b.s3.eu-west-1.amazonaws.com', headers = {} } = rest
  const url = `https://${host}${path}?${before}${SIGNED}&X-Amz-SignedHeaders=${signed}&${signature}${after}`
  const request = headers === 'unknown' ? { method, url } : { method, url, headers: { host, ...headers } }
  return { request, response, now: Date.UTC(2015, 7, 30, 12, 36, 1) }
}

const HINTS: [name: string, made: Made, cause: string][] = [
  [
    'a content type that fetch sets',
    { method: 'PUT', signed: 'content-type%3Bhost', headers: { 'content-type': 'text/plain;charset=UTF-8' } },
    'header-changed',
  ],
  ['a parameter after the signature', { after: '&cachebuster=1' }, 'query-extra'],
  ['a parameter without =', { before: 'acl&' }, 'query-empty-value'],
  ['a + in the query', { before: 'prefix=a+b&' }, 'query-plus'],
  ['an unescaped character in the query', { before: 'prefix={a&' }, 'query-encoding'],
  ['a parameter that occurs twice', { before: 'a=1&a=2&' }, 'query-duplicate'],
  ['an unescaped @ in the path', { path: '/a@b' }, 'path-encoding'],
  ['an escaped escape in the path', { path: '/a%2520b' }, 'path-double-encoding'],
  ['two slashes in the path', { path: '/a//b' }, 'path-normalization'],
  [
    'a run of spaces in a signed header',
    { signed: 'host%3Bx-amz-meta-a', headers: { 'x-amz-meta-a': 'b  c' } },
    'header-whitespace',
  ],
  ['HEAD on a URL', { method: 'HEAD' }, 'method'],
  ['a URL alone that signs a header', { signed: 'host%3Bx-amz-acl', headers: 'unknown' }, 'header-missing'],
  ['a proxy', { headers: { via: '1.1 proxy' } }, 'host'],
  [
    'a signed header that proxies add',
    { signed: 'host%3Bx-forwarded-for', headers: { 'x-forwarded-for': '10.0.0.1' } },
    'header-changed',
  ],
]

describe('without the secret, a mismatch is first explained by', () => {
  it.each(HINTS)('%s', (_, made, cause) => {
    const [first, ...rest] = explain(presigned(made)).findings
    expect(first).toMatchObject({ cause, confidence: 'possible' })
    expect(rest.map((each) => each.cause)).toContain('wrong-secret')
  })

  it.each([
    ['/a,b', '","'],
    ['/a😀b', '"😀"'],
  ])('an unescaped character that is quoted: %s', (path, quoted) => {
    const { message } = explain(presigned({ path })).findings[0]!
    expect(message).toBe(`The path contains an unescaped ${quoted}, which must be percent-encoded for signing.`)
  })

  it('a CORS preflight not by the signature', () => {
    const headers = { 'access-control-request-method': 'PUT', origin: 'https://a.example' }
    const { signature, findings } = explain(presigned({ method: 'OPTIONS', headers }))
    expect(signature).toBe('right')
    expect(findings[0]).toMatchObject({ cause: 'cors', confidence: 'likely' })
    expect(findings[0]!.fix).toContain('https://a.example, PUT')
  })

  it('a CORS preflight, even with the secret', () => {
    const credentials = { ...CREDENTIALS }
    const { url } = presignGet('https://b.s3.eu-west-1.amazonaws.com/a', {
      credentials,
      now: Date.UTC(2015, 7, 30, 12, 36),
    })
    const headers = { host: 'b.s3.eu-west-1.amazonaws.com', 'access-control-request-method': 'PUT' }
    const forbidden = { status: 403, body: '<Error><Code>AccessForbidden</Code></Error>' }
    const request = { method: 'OPTIONS', url, headers }
    expect(explain({ request, response: forbidden, credentials })).toMatchObject({
      signature: 'right',
      findings: [{ cause: 'cors', confidence: 'likely' }],
    })
  })

  it('an accepted CORS preflight is not called a problem', () => {
    const headers = { 'access-control-request-method': 'PUT', origin: 'https://a.example' }
    const input = { ...presigned({ method: 'OPTIONS', headers }), response: { status: 200 } }
    expect(explain(input)).toMatchObject({ verdict: 'The service accepted the request.', findings: [] })
  })

  it('a wrong secret only if the request shows nothing', () => {
    expect(explain(presigned({})).findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'possible' })
  })
})

describe('a URL that a program shortened', () => {
  it.each(['…', '...'])('in the middle does not lack what %s stands for', (mark) => {
    const url = `https://b.s3.eu-west-1.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Cred${mark}&X-Amz-SignedHeaders=host&${signature}`
    const { verdict, findings } = explain({ request: { url }, response: { status: 403 } })
    expect(findings).toEqual([])
    expect(verdict).toMatch(/^The URL was shortened by the program that displayed it\./)
  })

  it('is not one of which only values are replaced', () => {
    const url = `https://b.s3.eu-west-1.amazonaws.com/a?${SIGNED.replace('AKIDEXAMPLE', 'AKID…')}&X-Amz-SignedHeaders=host&${signature}`
    expect(explain({ request: { url } }).verdict).not.toContain('shortened')
  })
})

describe('an error with a secret as the access key ID', () => {
  it('shows that the keys were swapped, without the secret', () => {
    const secret = SECRET
    const body = `<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>${secret}</AWSAccessKeyId></Error>`
    const explanation = explain({ response: { status: 403, body } })
    expect(explanation.findings[0]).toMatchObject({ cause: 'keys-swapped', confidence: 'likely' })
    expect(JSON.stringify(explanation)).not.toContain(secret)
  })
})

describe('a proof', () => {
  const credentials = { ...CREDENTIALS }
  const signedAt = Date.UTC(2015, 7, 30, 12, 36)

  it('shows that the path was encoded again after signing', () => {
    const { url } = presignGet('https://b.s3.eu-west-1.amazonaws.com/a%20b', { credentials, now: signedAt })
    const request = { method: 'GET', url: url.replace('a%20b', 'a%2520b'), headers: { host: HOST } }
    expect(explain({ request, response, credentials }).findings[0]).toMatchObject({
      cause: 'path-double-encoding',
      confidence: 'proven',
      message: 'The path was encoded again after signing.',
      fix: 'Send the path as it was signed: something encoded it again (%25).',
    })
  })

  it('does not claim that everything else matches if the secret is wrong', () => {
    const { url } = presignGet('https://b.s3.eu-west-1.amazonaws.com/a', { credentials, now: signedAt })
    const request = { method: 'GET', url, headers: { host: HOST } }
    const other = { ...credentials, secretAccessKey: 'AJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
    const official = { ...request, headers: { host: HOST, 'user-agent': 'aws-sdk-go-v2/1.30.0' } }
    const [first] = explain({ request: official, response, credentials: other }).findings
    expect(first).toMatchObject({ cause: 'wrong-secret', evidence: 'Nothing else that was tried explains the error.' })
    const [secret, assembly] = explain({ request, response, credentials: other }).findings
    const evidence = 'Nothing that was tried explains the error, but not every value can be tried.'
    expect(secret).toMatchObject({ cause: 'wrong-secret', evidence })
    expect(assembly).toMatchObject({ cause: 'canonical-request', evidence })
  })

  it('of a host names the proxy', () => {
    const { url } = presignGet('https://b.s3.eu-west-1.amazonaws.com/a', { credentials, now: signedAt })
    const request = { method: 'GET', url: url.slice(HOST.length + 8), headers: { host: 'minio:9000' } }
    const endpoint = `https://${HOST}`
    expect(explain({ request, response, credentials, endpoint }).findings[0]!.fix).toBe(
      `Sign for the host "minio:9000", which the service receives, or send "Host: ${HOST}" and make proxies preserve it.`,
    )
  })
})

describe('a request with signed headers, without a secret', () => {
  const hash = '0123456789abcdef'.repeat(4)
  const causesOf = (method: string, target: string, type?: string): string[] => {
    const headers = {
      host: 'b.s3.eu-west-1.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      'x-amz-content-sha256': hash,
      ...(type ? { 'content-type': type } : {}),
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${hash}`,
    }
    const request = { method, url: target, headers }
    return explain({ request, response, now: Date.UTC(2015, 7, 30, 12, 36, 1) }).findings.map(({ cause }) => cause)
  }

  it('parameters that are only sorted with uppercase first may have been signed in another order', () => {
    expect(causesOf('GET', '/a?B=1&a=2')).toContain('query-order')
    expect(causesOf('GET', '/a?b=1&a=2')).toContain('query-order')
    expect(causesOf('GET', '/a?a=1&B=2')).toContain('query-order')
    expect(causesOf('GET', '/a?a=1&b=2')).not.toContain('query-order')
  })

  it('forms may be written again after they are hashed', () => {
    expect(causesOf('POST', '/a', 'multipart/form-data; boundary=b')).toContain('payload-mismatch')
    expect(causesOf('POST', '/a', 'application/json')).not.toContain('payload-mismatch')
  })

  it('a slash at the end of a path is not one that a client removes', () => {
    expect(causesOf('GET', '/a/')).not.toContain('path-normalization')
    expect(causesOf('GET', '/a/..')).toContain('path-normalization')
    expect(causesOf('GET', '/a//b')).toContain('path-normalization')
  })
})

describe('a region', () => {
  it.each([
    ['storage.googleapis.com', 'of a cloud with one region'],
    ['account.r2.cloudflarestorage.com', 'of a cloud that has an alias for it'],
    ['b.s3.amazonaws.com', 'of a host that serves every region'],
  ])('%s: %s is not called wrong', (host) => {
    const { request } = presigned({ host })
    const usEast = { ...request, url: (request!.url as string).replace('eu-west-1%2Fs3', 'us-east-1%2Fs3') }
    const causes = explain({ request: usEast, response }).findings.map(({ cause }) => cause)
    expect(causes).not.toContain('scope-region')
  })

  it('of an AWS host is', () => {
    const { request } = presigned({ host: 'b.s3.eu-central-1.amazonaws.com' })
    expect(explain({ request, response }).findings[0]).toMatchObject({
      cause: 'scope-region',
      expected: 'eu-central-1',
    })
  })
})

describe('a request without a time of its own', () => {
  const { request } = presigned({ before: 'a=1&', signed: 'HOST' })

  it('has expired by now, and that comes after what is wrong with it', () => {
    const causes = explain({ request }).findings.map(({ cause, confidence }) => `${cause} ${confidence}`)
    expect(causes).toEqual(['signed-headers likely', 'expired possible'])
  })

  it('has expired first of all if the time is given', () => {
    const { findings } = explain({ request: presigned({}).request, now: Date.UTC(2015, 7, 31) })
    expect(findings[0]).toMatchObject({ cause: 'expired', confidence: 'likely' })
  })
})

describe('a service that is not S3', () => {
  const strings = (uri: string): string =>
    `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n${uri}\n\nhost:x.us-west-2.es.amazonaws.com\nx-amz-date:20170126T232513Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20170126T232513Z\n20170126/us-west-2/es/aws4_request\nabc'`

  it.each(['/a%2Ab', '/a%252Ab', '/a%20b'])('shows %s: no double encoding is invented', (uri) => {
    const { findings } = explain({ response: { status: 403, body: JSON.stringify({ message: strings(uri) }) } })
    expect(findings.map(({ cause }) => cause)).not.toContain('path-double-encoding')
  })
})

it('a cause that words suggest is listed with the part that the request shows', () => {
  const url = 'https://photos.s3.eu-west-1.amazonaws.com/a'
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=accept-encoding;host;x-amz-content-sha256;x-amz-date, Signature=${'ab'.repeat(32)}`
  const headers = {
    host: 'photos.s3.eu-west-1.amazonaws.com',
    'accept-encoding': 'gzip',
    'x-amz-date': '20260131T120000Z',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    authorization,
  }
  const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
  const { findings } = explain({
    request: { method: 'GET', url, headers },
    response,
    hints: ['header-changed'],
    now: Date.UTC(2026, 0, 31, 12),
  })
  const [first, ...others] = findings.filter(({ cause }) => cause === 'header-changed')
  expect(first).toMatchObject({ part: { of: 'header', name: 'accept-encoding' } })
  expect(others).toEqual([])
  expect(findings[0]).toBe(first)
})
