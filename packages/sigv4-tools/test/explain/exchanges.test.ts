import { describe, expect, it } from 'vitest'
import { presignPut, sign } from '../../../../src/sync.ts'
import { explain, parseEvidence } from '../../src/explain.ts'

// One request in two views: as it was sent and as it was received, or accepted with one client and rejected with another.

const credentials = { accessKeyId: 'AKIDEXAMPLEEXAMPLE12', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const body =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error>'
const response = { status: 403, body }
const signed = sign(
  { method: 'GET', url: 'http://files.example.com/storage/photos/cat.jpg' },
  {
    credentials,
    region: 'us-east-1',
    service: 's3',
    now: new Date('2026-03-11T10:11:12Z'),
  },
)
const sent = {
  method: 'GET',
  url: 'http://files.example.com/storage/photos/cat.jpg',
  headers: { host: 'files.example.com', ...Object.fromEntries(new Headers(signed.headers)) },
}

describe('a request as it was received', () => {
  it.each([undefined, credentials])('shows what changed in transit, with both values: %o', (given) => {
    const received = { method: 'GET', url: '/photos/cat.jpg', headers: { ...sent.headers, host: '10.0.0.7:9000' } }
    const { findings } = explain({ request: sent, received, response, credentials: given })
    const confidence = given ? 'proven' : 'likely'
    expect(findings[0]).toMatchObject({
      cause: 'path',
      confidence,
      expected: '/storage/photos/cat.jpg',
      actual: '/photos/cat.jpg',
    })
    expect(findings[0]?.message).toBe(
      'The path changed in transit: the client sent "/storage/photos/cat.jpg", and the service received "/photos/cat.jpg".',
    )
    expect(findings[0]?.fix).toContain('Make every proxy forward the path')
    expect(findings.map(({ cause }) => cause)).toContain('host')
  })

  it('shows that the signature did not arrive', () => {
    const { authorization: _, ...others } = sent.headers as Record<string, string>
    const { findings } = explain({
      request: sent,
      received: { ...sent, headers: others },
      response: { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
    })
    expect(findings[0]).toMatchObject({
      cause: 'anonymous',
      fix: 'Make every proxy forward the Authorization header unchanged.',
    })
  })

  it('shows nothing if it is equal, and is what was signed if the credentials produce its signature', () => {
    expect(
      explain({ request: sent, received: sent, response })
        .findings.map(({ message }) => message)
        .join(),
    ).not.toContain('transit')
    const changed = { ...sent, url: 'http://files.example.com/photos/cat.jpg' }
    const { findings } = explain({ request: changed, received: sent, response, credentials })
    expect(findings.map(({ cause }) => cause)).not.toContain('path')
  })

  it('is read from a trace of MinIO and an access log, beside what curl printed', () => {
    const curl = `> GET /storage/photos/cat.jpg HTTP/1.1\n${Object.entries(sent.headers)
      .map(([name, value]) => `> ${name}: ${value}`)
      .join('\n')}\n>\n< HTTP/1.1 403 Forbidden\n<\n${body}\n`
    const lines = [
      '[REQUEST s3.GetObject] [2026-03-11T10:11:12.000] [Client IP: 10.0.0.7]',
      'GET /photos/cat.jpg',
      'Proto: HTTP/1.1',
      ...Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}`),
      '[RESPONSE] [2026-03-11T10:11:12.001]',
      '403 Forbidden',
    ]
    for (const log of [
      lines.map((line) => `10.0.0.7:9000 ${line}`).join('\n'),
      'nginx access.log:\n10.0.0.1 - - [11/Mar/2026:10:11:12 +0000] "GET /photos/cat.jpg HTTP/1.1" 403 480',
    ]) {
      const evidence = parseEvidence(`${curl}\n${log}`)
      expect(evidence.received).toMatchObject({ url: '/photos/cat.jpg' })
      expect(explain(evidence).findings[0]).toMatchObject({ cause: 'path', expected: '/storage/photos/cat.jpg' })
    }
  })
})

describe('a URL that was accepted with one client and rejected with another', () => {
  const { url } = presignPut(
    { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1', endpoint: 'http://127.0.0.1:9000', pathStyle: true },
    { credentials, now: new Date('2026-03-11T10:11:12Z'), headers: { 'content-type': 'image/jpeg' } },
  )
  const log = (type: string, status: string, more = ''): string =>
    `> PUT ${url.slice('http://127.0.0.1:9000'.length)} HTTP/1.1\n> Host: 127.0.0.1:9000\n> Content-Type: ${type}\n${more}> Content-Length: 0\n>\n< HTTP/1.1 ${status}\n<\n`

  it('differs in a header', () => {
    const text = `works:\n${log('image/jpeg', '200 OK')}\nfails:\n${log('image/png', '403 Forbidden')}${body}`
    const evidence = parseEvidence(text)
    expect(evidence.accepted).toBeDefined()
    const [first] = explain(evidence).findings
    expect(first).toMatchObject({
      cause: 'header-changed',
      part: { name: 'content-type' },
      expected: 'image/jpeg',
      actual: 'image/png',
    })
    expect(first?.message).toContain('a request with the same signature was accepted with "image/jpeg"')
  })

  it('differs in a header that is not signed', () => {
    const text = `${log('image/jpeg', '200 OK')}\n${log('image/jpeg', '403 Forbidden', '> x-amz-acl: public-read\n')}${body}`
    expect(explain(parseEvidence(text)).findings[0]).toMatchObject({
      cause: 'unsigned-header',
      part: { name: 'x-amz-acl' },
    })
  })

  it('is not compared with a different signature', () => {
    const other = log('image/jpeg', '200 OK').replace(/X-Amz-Signature=\w{4}/, 'X-Amz-Signature=0000')
    expect(parseEvidence(`${other}\n${log('image/png', '403 Forbidden')}${body}`).accepted).toBeUndefined()
  })
})
