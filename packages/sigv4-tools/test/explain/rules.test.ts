import { describe, expect, it } from 'vitest'
import { trace } from '../../../../src/trace.ts'
import { verify } from '../../../../src/verify.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { authorization, EMPTY_HASH, signatureOf, stringToSignOf } from '../../../../test/support/oracle.ts'
import { explain } from '../../src/explain.ts'
import { AMZ_DATE, compareVerdicts, NOW } from '../support/explain/received.ts'

// The rules of a service for what it received: those of verify.

const rejected = {
  status: 403,
  body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>',
}

/** What a client signed with the Authorization header, unless it is the correct form. */
interface Signed {
  service: string
  host: string
  target: string
  /** The canonical URI. */
  uri: string
  query?: string
  headers?: readonly (readonly [name: string, value: string])[]
  list?: string
  /** The lines of the signed headers. */
  lines?: string
  date?: string
}

function signed({ service, host, target, uri, query = '', headers, list, lines, date = AMZ_DATE }: Signed) {
  const scope = `20260131/eu-west-1/${service}/aws4_request`
  const all: (readonly [string, string])[] = [['Host', host], ...(headers ?? [['X-Amz-Date', AMZ_DATE]])]
  const sorted = all.map(([name, value]) => [name.toLowerCase(), value] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = list ?? sorted.map(([name]) => name).join(';')
  const written = lines ?? sorted.map(([name, value]) => `${name}:${value}\n`).join('')
  const hash = headers?.find(([name]) => /sha256/i.test(name))?.[1] ?? EMPTY_HASH
  const toSign = stringToSignOf(`GET\n${uri}\n${query}\n${written}\n${names}\n${hash}`, date, scope)
  const signature = signatureOf(CREDENTIALS.secretAccessKey, scope, toSign)
  const value = authorization({ credential: `${CREDENTIALS.accessKeyId}/${scope}` }, names, signature)
  return { method: 'GET', url: target, headers: [...all, ['Authorization', value] as const] }
}

const explained = (request: ReturnType<typeof signed>, response?: { status: number; body?: string }) =>
  explain({ request, response, credentials: CREDENTIALS, now: NOW })

const HASHED = [
  ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'],
  ['X-Amz-Date', AMZ_DATE],
] as const
const S3 = { service: 's3', host: 'photos.s3.eu-west-1.amazonaws.com', headers: HASHED }

it('verify and explain agree about the signatures of random requests', async () => {
  expect((await compareVerdicts(1, 500, 0)).different).toEqual([])
})

describe('a path that was written as for S3, for a different service', () => {
  const once = { host: 'search.example.com', target: '/a%20b/c', uri: '/a%20b/c' }

  it.each(['es', 'execute-api', 'iam'])('is wrong for %s, with the premise of the fix', (service) => {
    const request = signed({ ...once, service })
    for (const { signature, findings } of [explained(request), explained(request, rejected)]) {
      expect(signature).toBe('wrong')
      expect(findings).toHaveLength(1)
      expect(findings[0]).toMatchObject({
        cause: 'path-double-encoding',
        confidence: 'likely',
        message: `The client wrote the path as for S3, which encodes it once: it signed "/a%20b/c". A request for the service ${service} requires "/a%2520b/c".`,
        fix: `Resolve empty and dot segments of the path, and encode it twice for ${service}. If the server at search.example.com is compatible with S3, sign for the service s3 instead.`,
      })
    }
  })

  it('is proven wrong at an AWS host, without a premise', () => {
    const host = 'search-a.eu-west-1.es.amazonaws.com'
    const { findings } = explained(signed({ ...once, service: 'es', host }))
    expect(findings[0]).toMatchObject({ cause: 'path-double-encoding', confidence: 'proven' })
    expect(findings[0]!.fix).not.toContain('compatible')
  })

  it('is wrong if only a segment differs', () => {
    const given = { ...once, service: 'es', target: '/a//b', uri: '/a//b' }
    expect(explained(signed(given))).toMatchObject({ signature: 'wrong', findings: [{ cause: 'path-normalization' }] })
  })

  it('is right if the server accepted it, or is S3', () => {
    const request = signed({ ...once, service: 'es' })
    expect(explained(request, { status: 200 })).toMatchObject({ signature: 'right', findings: [] })
    const response = { ...rejected, headers: { 'x-amz-id-2': 'abc' } }
    expect(explained(request, response).findings.map(({ cause }) => cause)).toEqual(['scope-service'])
  })

  it('does not matter if the name of the service is wrong', () => {
    const code = 'AuthorizationHeaderMalformed'
    const Message = 'The authorization header is malformed; incorrect service "es". This endpoint belongs to "s3".'
    const response = { status: 400, body: `<Error><Code>${code}</Code><Message>${Message}</Message></Error>` }
    const causes = explained(signed({ ...once, service: 'es' }), response).findings.map(({ cause }) => cause)
    expect(causes).toEqual(['scope-service'])
    const uppercase = explained(signed({ ...once, service: 'S3' }))
    expect(uppercase.signature).toBe('wrong')
    expect(uppercase.findings.map(({ cause }) => cause)).toContain('scope-service')
    expect(uppercase.findings.map(({ cause }) => cause)).not.toContain('path-double-encoding')
  })

  it('is right if it is encoded twice', () => {
    expect(explained(signed({ ...once, service: 'es', uri: '/a%2520b/c' })).signature).toBe('right')
  })
})

describe('a + in a request', () => {
  it.each([
    ['the query', '/a?q=b+c', '/a', 'q=b%20c', 'query-plus', 'Write a space as %20 and a plus as %2B.'],
    [
      'the path of an object',
      '/a+b',
      '/a%20b',
      '',
      'path-encoding',
      'Percent-encode everything except A-Z a-z 0-9 - . _ ~ and / exactly once, for signing and sending.',
    ],
  ])(
    'in %s that was signed as a space is right, and if rejected, must be written differently',
    (_, target, uri, query, cause, fix) => {
      const request = signed({ ...S3, target, uri, query })
      expect(explained(request).signature).toBe('right')
      expect(explained(request, rejected).findings.find((each) => each.cause === cause)).toMatchObject({ fix })
      const { canonicalRequest } = trace(
        { url: target, headers: { host: S3.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
        { credentials: CREDENTIALS, service: 's3', region: 'eu-west-1', now: NOW },
      )
      expect(canonicalRequest.split('\n').slice(0, 3)).toEqual(['GET', uri, query])
    },
  )

  it('that was signed as a plus is wrong, and must be written as %2B', () => {
    for (const service of ['s3', 'es']) {
      const { signature, findings } = explained(
        signed({ ...S3, service, host: 'search.example.com', target: '/a?q=b+c', uri: '/a', query: 'q=b%2Bc' }),
      )
      expect(signature).toBe('wrong')
      expect(findings[0]).toMatchObject({ cause: 'query-plus', fix: 'Write a space as %20 and a plus as %2B.' })
    }
  })

  it.each([
    ['JSON', '/?q={%22a%22:%22b+c%22}', 'q=%7B%22a%22%3A%22b%2Bc%22%7D'],
    ['a list', '/?q=[a+b]', 'q=%5Ba%2Bb%5D'],
    ['an open bracket', '/?=(A+', '=%28A%2B'],
  ])('that was signed as a plus is wrong in %s, too, which looks like a placeholder', (_, target, query) => {
    const { signature, findings } = explained(signed({ ...S3, target, uri: '/', query }))
    expect(signature).toBe('wrong')
    expect(findings[0]).toMatchObject({ cause: 'query-plus', confidence: 'proven' })
  })
})

describe('the list of signed headers', () => {
  const right = `Write SignedHeaders as host;x-amz-content-sha256;x-amz-date, and sign the headers in this order.`
  const rest = 'x-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260131T120000Z\n'
  const capital = { ...S3, target: '/a', uri: '/a', list: 'Host;x-amz-content-sha256;x-amz-date' }

  it.each([
    ['with a lowercase name in its line', `host:${S3.host}\n${rest}`],
    ['as it is listed', `Host:${S3.host}\n${rest}`],
    ['and no value, because it was looked up as it is listed', `host:\n${rest}`],
    ['as it is listed, and no value', `Host:\n${rest}`],
  ])('must be lowercase: a host signed %s', (_, lines) => {
    const request = signed({ ...capital, lines })
    const { signature, findings } = explained(request, rejected)
    expect(signature).toBe('wrong')
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ cause: 'signed-headers', confidence: 'proven', fix: right })
    const canonicalRequest = `GET\n/a\n\n${lines}\n${capital.list}\nUNSIGNED-PAYLOAD`
    const shown = explain({ request, response: rejected, signed: { canonicalRequest }, now: NOW })
    expect(shown.findings).toHaveLength(1)
    expect(shown.findings[0]).toMatchObject({ cause: 'signed-headers', fix: right })
  })

  it.each(['', ';', 'x-amz-date', 'X-Amz-Date;host'])('names what must be signed if it is %j', (list) => {
    const { findings } = explained(signed({ ...S3, target: '/a', uri: '/a', list, lines: '' }))
    const [first] = findings
    expect(first).toMatchObject({ cause: 'signed-headers' })
    expect(`${first!.expected} ${first!.fix}`).toContain('host')
    expect(first!.fix).not.toMatch(/as ,|as ;/)
  })

  it('names the host if a URL has an empty one', () => {
    const scope = '20260131/eu-west-1/s3/aws4_request'
    const credential = encodeURIComponent(`${CREDENTIALS.accessKeyId}/${scope}`)
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${AMZ_DATE}&X-Amz-Expires=900&X-Amz-SignedHeaders=`
    const url = `https://${S3.host}/a?${query}&X-Amz-Signature=${'0'.repeat(64)}`
    const { findings } = explain({ request: { url }, now: NOW })
    expect(findings[0]).toMatchObject({
      cause: 'signed-headers',
      message: 'SignedHeaders did not contain a name.',
      fix: 'Write SignedHeaders as host, and sign the headers in this order.',
    })
  })

  it('never asks for an empty header', () => {
    const lines = `host:${S3.host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:${AMZ_DATE}\nx-own:\n`
    const request = signed({ ...S3, headers: [...HASHED, ['X-Own', 'a']], target: '/a', uri: '/a', lines })
    expect(explained(request).findings[0]).toMatchObject({
      cause: 'header-changed',
      fix: 'Sign the value of the X-Own header that is sent.',
    })
  })
})

describe('what verify reads differently from what is sent', () => {
  const date = 'Sat, 31 Jan 2026 12:00:00 GMT'
  const dated = { service: 'es', host: 'search.example.com', target: '/', uri: '/', headers: [['Date', date]] as const }
  const accepts = (request: ReturnType<typeof signed>) =>
    verify(request, { credentials: () => CREDENTIALS.secretAccessKey, now: NOW }).then(
      () => true,
      () => false,
    )

  it('is an HTTP date, which is an amz date in the string to sign', async () => {
    const right = signed(dated)
    expect([await accepts(right), explained(right).signature]).toEqual([true, 'right'])
    const wrong = signed({ ...dated, date })
    expect([await accepts(wrong), explained(wrong).signature]).toEqual([false, 'wrong'])
  })

  it('is not a parameter with a payload hash beside an Authorization header', async () => {
    const query = 'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD'
    const request = signed({ ...dated, headers: [['X-Amz-Date', AMZ_DATE]], target: `/?${query}`, query })
    expect([await accepts(request), explained(request).signature]).toEqual([true, 'right'])
  })

  it('is not a placeholder: a path may only look like one', async () => {
    const twice = { ...S3, host: 'minio', target: '/(%20', uri: '/%28%2520' }
    expect(explained(signed(twice))).toMatchObject({
      signature: 'wrong',
      findings: [{ cause: 'path-double-encoding' }],
    })
  })
})
