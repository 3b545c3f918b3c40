import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../src/explain.ts'

// What is not about Signature Version 4 has a sentence of its own, and no cause of signing.

const curl = (host: string, headers: string, response: string): string =>
  `> GET /v1/files/1 HTTP/1.1\n> Host: ${host}\n${headers}>\n< HTTP/1.1 ${response}`

describe('a request that is not signed with Signature Version 4', () => {
  it.each([
    [
      'a bearer token',
      curl(
        'files.example.com',
        '> Authorization: Bearer eyJhbGciOi\n',
        '401 Unauthorized\n< WWW-Authenticate: Bearer\n<\n{"error":"invalid_token"}',
      ),
    ],
    [
      'a user name and a password',
      curl('files.example.com', '> Authorization: Basic dXNlcjpwdw==\n', '401 Unauthorized\n<\n'),
    ],
    [
      'Azure Storage',
      curl(
        'a.blob.core.windows.net',
        '> Authorization: SharedKey account:c2ln\n',
        '403 Forbidden\n<\n<Error><Code>AuthenticationFailed</Code></Error>',
      ),
    ],
    [
      'Google Cloud Storage',
      'https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%2F20260311%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20260311T101112Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=6b2e\n<Error><Code>SignatureDoesNotMatch</Code></Error>',
    ],
  ])('contains %s', (name, text) => {
    const evidence = parseEvidence(
      text.startsWith('http') ? `curl -i '${text.split('\n')[0]}'\n${text.split('\n')[1]}` : text,
    )
    const { verdict, findings, signature } = explain(evidence)
    expect(verdict).toContain(name)
    expect(findings.map(({ cause }) => cause)).toEqual(['not-auth'])
    expect(signature).toBe('unknown')
  })

  it('is still a mistake where a signature was meant', () => {
    const aws = curl(
      'photos.s3.us-east-1.amazonaws.com',
      '> Authorization: Bearer eyJhbGciOi\n',
      '400 Bad Request\n<\n<Error><Code>InvalidArgument</Code><Message>Unsupported Authorization Type</Message></Error>',
    )
    const meant = curl(
      '127.0.0.1:9000',
      '> Authorization: Bearer eyJhbGciOi\n> x-amz-date: 20260311T101112Z\n',
      '403 Forbidden\n<\n',
    )
    for (const text of [aws, meant]) expect(explain(parseEvidence(text)).findings[0]?.cause).not.toBe('not-auth')
  })
})

describe('a response that is not from the service', () => {
  const request = `> PUT /photos/cat.jpg HTTP/1.1\n> Host: 127.0.0.1:9000\n> x-amz-date: 20260311T101112Z\n> Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260311/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'ab'.repeat(32)}\n>\n`

  it.each([
    [413, 'rejected the body as too large', 'client_max_body_size'],
    [429, 'limits the number of requests', 'fewer'],
    [502, 'could not reach the service', 'the service runs'],
    [504, 'waited too long', 'timeout'],
  ])('has the status %i: a proxy %s', (status, message, fix) => {
    const text = `${request}< HTTP/1.1 ${status} X\n< Server: nginx/1.22.1\n< Content-Type: text/html\n<\n<html><h1>${status}</h1></html>`
    const { verdict, findings } = explain(parseEvidence(text))
    expect(verdict).toContain(`A proxy (nginx) ${message}`)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.fix).toContain(fix)
  })

  it('is an error of the service if it has a code', () => {
    const text = `${request}< HTTP/1.1 503 X\n<\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`
    expect(explain(parseEvidence(text)).verdict).not.toContain('proxy')
  })

  it('is a page to log in', () => {
    const text = `${request}< HTTP/1.1 200 OK\n< Content-Type: text/html\n< Content-Length: 60\n<\n<!doctype html><title>Sign in</title><form action="/login">`
    const evidence = parseEvidence(text)
    const page = { ...evidence, response: { ...evidence.response, body: '<!doctype html><title>Sign in</title>' } }
    expect(explain(page).verdict).toContain('is a page to log in')
    const object = { ...evidence, response: { ...evidence.response, body: '<!doctype html><title>Cats</title>' } }
    expect(explain(object).verdict).toContain('accepted')
  })

  it.each([
    ['getaddrinfo ENOTFOUND minio.example.internal', 'could not be resolved'],
    ['dial tcp: lookup minio.example.internal: no such host', 'could not be resolved'],
    ['Error: connect ECONNREFUSED 127.0.0.1:9000', 'connection'],
    [
      'botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:9000/photos"',
      'connection',
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'certificate'],
  ])('did not arrive: %s', (text, message) => {
    expect(explain(parseEvidence(text)).verdict).toContain(message)
  })
})
