import { describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { type Cause, type ExplainInput, explain } from '../../src/explain.ts'
import { readTransit, TRANSIT_SERVERS, type TransitCase } from '../support/explain/transit.ts'

// Requests that nginx changed in front of a real server. The secret is right in all of them.

/** The causes that say what differs. */
const CAUSES: Readonly<Record<TransitCase['differs'][number]['part'], readonly Cause[]>> = {
  host: ['host', 'host-port', 'path-style-mismatch'],
  path: [
    ...(['path', 'path-encoding', 'path-encoding-case', 'path-double-encoding', 'path-normalization'] as const),
    ...(['path-trailing-slash', 'path-style-mismatch'] as const),
  ],
  query: [
    'query-extra',
    'query-removed',
    'query-changed',
    'query-order',
    'query-plus',
    'query-encoding',
    'query-empty-value',
  ],
  header: [
    ...(['header-changed', 'header-missing', 'header-whitespace', 'signed-headers', 'unsigned-header'] as const),
    ...(['missing-header', 'session-token', 'content-length', 'content-md5', 'payload-hash', 'checksum'] as const),
    ...(['anonymous', 'malformed-authorization', 'two-auths', 'date-mismatch'] as const),
  ],
  method: ['method'],
  body: ['payload-mismatch', 'payload-hash', 'content-length', 'content-md5', 'checksum', 'streaming'],
  nothing: [],
}

describe.each(TRANSIT_SERVERS)('requests that a proxy changed in front of %s', (server) => {
  const { cases, credentials } = readTransit(server)!

  it.each([
    ['not set aside', false],
    ['set aside', true],
  ])('are explained by what changed, or by the question that decides, and never by the secret: %s', (_, isSetAside) => {
    const own = cases.filter((each) => (each.isSetAside ?? false) === isSetAside)
    const judged = own.map(({ request, response, now, differs }) => {
      const { findings, decides } = explain({ request, response, credentials, now })
      const [first] = findings
      const isRight = first !== undefined && differs.some(({ part }) => CAUSES[part].includes(first.cause))
      const isAsked = decides?.evidence.includes('as the service received it') ?? false
      const isBlamed = first?.cause === 'wrong-secret'
      return { isGood: isRight || isAsked, isBlamed, isWrong: first?.confidence === 'proven' && !isRight }
    })
    expect(own.length).toBeGreaterThan(35)
    expect(judged.filter(({ isGood }) => isGood).length / own.length).toBeGreaterThanOrEqual(0.9)
    expect(judged.filter(({ isBlamed }) => isBlamed).length).toBe(0)
    expect(judged.filter(({ isWrong }) => isWrong).length).toBe(0)
  })
})

describe('a correct signature that a service rejects', () => {
  const credentials = { ...CREDENTIALS }
  const signedAt = Date.UTC(2026, 0, 31, 12)
  const now = signedAt + 1000
  const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
  const requestOf = (url: string, added: Record<string, string> = {}): ExplainInput['request'] => {
    const signing = {
      credentials,
      region: 'us-east-1',
      service: 's3',
      now: signedAt,
      signedHeaders: Object.keys(added),
    }
    const { headers } = sign({ method: 'GET', url, headers: added }, signing)
    return { method: 'GET', url, headers: { host: new URL(url).host, ...added, ...headers } }
  }
  const explained = (request: ExplainInput['request'], more: Partial<ExplainInput> = {}) =>
    explain({ request, response, credentials, now, ...more })

  it('changed in transit, as far as is known: every cause is only possible, and the request that arrived decides', () => {
    for (const url of ['http://minio.internal:9000/photos/cat.jpg', 'https://storage.example.com/a//b%20c?list-type=2'])
      for (const server of [{}, { server: 'nginx/1.22.1' }]) {
        const { verdict, signature, findings, decides } = explained(requestOf(url), {
          response: { ...response, headers: server },
        })
        expect(verdict).toMatch(/^The signature is correct for this request: the service received a different request/)
        expect(signature).toBe('unknown')
        expect(findings.map(({ confidence }) => confidence)).not.toContain('proven')
        expect(findings.map(({ confidence }) => confidence)).not.toContain('likely')
        expect(findings[0]?.cause).not.toBe('wrong-secret')
        for (const { fix } of findings) expect(fix).not.toContain('Use the secret access key')
        expect(decides?.evidence).toContain('the request as the service received it')
        expect(decides?.between).toEqual([findings[0]?.cause, findings[1]?.cause])
      }
  })

  it('is about what is fragile first: a header that proxies change, then the host and the path', () => {
    const url = 'http://minio.internal:9000/photos/cat.jpg'
    const { findings } = explained(requestOf(url, { 'accept-encoding': 'gzip', 'x-amz-meta-owner': 'maria' }))
    expect(findings[0]).toMatchObject({ cause: 'header-changed', part: { of: 'header', name: 'accept-encoding' } })
    expect(findings[0]?.fix).toContain('forward the Accept-Encoding header unchanged')
    expect(findings.map(({ cause }) => cause)).toEqual(['header-changed', 'host-port', 'path', 'wrong-secret'])
  })

  it('may be due to a different secret of the service, first where nothing is in between', () => {
    const url = 'https://photos.s3.us-east-1.amazonaws.com/cat.jpg'
    const [first] = explained(requestOf(url)).findings
    expect(first).toMatchObject({ cause: 'wrong-secret', confidence: 'possible' })
    expect(first?.fix).toContain('Create a new access key')
    const proxied = explained(requestOf(url), { response: { ...response, headers: { server: 'nginx' } } })
    expect(proxied.findings[0]?.cause).not.toBe('wrong-secret')
  })

  it('has the fix of the part that the endpoint shows to be different', () => {
    const endpoint = 'http://127.0.0.1:9000/storage'
    const { findings } = explained(requestOf('http://127.0.0.1:9000/photos/cat.jpg'), { endpoint })
    expect(findings[0]).toMatchObject({ cause: 'path', fix: expect.stringContaining('forward the path') })
  })

  it('does not clear what the request shows without the credentials', () => {
    const target = { bucket: 'photos', key: 'cat.jpg', endpoint: 'http://minio.internal:9000', pathStyle: true }
    const { url } = presignGet(target, { credentials, region: 'us-east-1', now: signedAt })
    const headers = { host: 'minio.internal:9000', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    for (const keys of [undefined, credentials]) {
      const { findings } = explained({ method: 'GET', url, headers }, { credentials: keys })
      expect(findings.map(({ cause }) => cause)).toContain('unsigned-header')
    }
  })

  it('is proven to have changed by the strings of the service', () => {
    const request = requestOf('http://minio.internal:9000/photos/cat.jpg')!
    const headers = request.headers as Record<string, string>
    const names = ['host', 'x-amz-content-sha256', 'x-amz-date']
    const sent = { ...headers, host: '10.0.0.7:9000' } as Record<string, string>
    const lines = [
      ...names.map((name) => `${name}:${sent[name]}`),
      '',
      names.join(';'),
      headers['x-amz-content-sha256'],
    ]
    const canonical = ['GET', '/photos/cat.jpg', '', ...lines].join('\n')
    const hash = sha256(canonical)
    const toSign = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n20260131/us-east-1/s3/aws4_request\n${hash}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${toSign}</StringToSign><CanonicalRequest>${canonical}</CanonicalRequest></Error>`
    const { findings, verdict } = explained(request, { response: { status: 403, body } })
    expect(verdict).toMatch(/^Proven: /)
    expect(findings[0]).toMatchObject({ cause: 'host', expected: 'minio.internal:9000', actual: '10.0.0.7:9000' })
  })
})
