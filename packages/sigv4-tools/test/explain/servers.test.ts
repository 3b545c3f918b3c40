import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { presignPost, presignPut, sign } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { SERVERS } from '../../src/explain/faults/server-features.ts'
import { type ExplainInput, explain, parseEvidence } from '../../src/explain.ts'

// What a server does not support, from the user's side: requests as clients send them, and errors as threads quote them.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 8, 21, 12)
const now = signedAt + 1000
const SWITCH = 'AWS_REQUEST_CHECKSUM_CALCULATION=when_required'

type Headers = Record<string, string>

function put(host: string, added: Headers, hash?: string): ExplainInput['request'] {
  // the region that the host names
  const region = /us-west-002/.exec(host)?.[0] ?? (host.includes('.r2.') ? 'auto' : 'us-east-1')
  const signing = { credentials, now: signedAt, region, service: 's3' }
  const url = `https://${host}/photos/cat.jpg`
  const given = { method: 'PUT', url, headers: added, ...(!hash && { body: 'hello' }) }
  const { headers } = sign(given, { ...signing, ...(hash && { payloadHash: hash }) })
  return { method: 'PUT', url, headers: { host, ...added, ...headers } }
}

/** What an AWS SDK has sent by default since January 2025. */
const withTrailer = (host: string): ExplainInput['request'] =>
  put(
    host,
    {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '5',
      'x-amz-sdk-checksum-algorithm': 'CRC32',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    },
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  )
const inChunks = (host: string): ExplainInput['request'] =>
  put(
    host,
    { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '5' },
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  )
const xml = (code: string, message = '', more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`
const HEADER = 'A header you provided implies functionality that is not implemented'

interface Row {
  readonly name: string
  readonly source: string
  readonly request: ExplainInput['request']
  readonly response: ExplainInput['response']
  readonly cause: string
  readonly says: string
  readonly fix: string
}

const ROWS: Row[] = [
  {
    name: 'trailers on Google Cloud Storage',
    source: 'https://github.com/EnterpriseDB/barman/issues/1112',
    request: withTrailer('storage.googleapis.com'),
    response: { status: 403, body: xml('SignatureDoesNotMatch', 'Invalid argument.') },
    cause: 'streaming',
    says: 'Google Cloud Storage does not support checksums in trailers',
    fix: SWITCH,
  },
  {
    name: 'trailers on Ceph 18',
    source: 'https://github.com/padok-team/burrito/issues/602',
    request: withTrailer('s3.example.com'),
    response: {
      status: 400,
      body: xml('XAmzContentSHA256Mismatch', '', '<RequestId>tx000003f6749562e633ad6-00682ecd7e-222f461-x</RequestId>'),
    },
    cause: 'streaming',
    says: 'Ceph',
    fix: SWITCH,
  },
  {
    name: 'trailers on a server that does not identify itself',
    source: 'https://github.com/s3s-project/s3s/issues/328',
    request: withTrailer('storage.example.com'),
    response: { status: 400, body: xml('XAmzContentSHA256Mismatch', 'invalid header: x-amz-content-sha256') },
    cause: 'streaming',
    says: 'The server does not support checksums in trailers',
    fix: SWITCH,
  },
  {
    name: 'trailers on Hetzner',
    source: 'https://github.com/home-assistant/core/issues/144015',
    request: withTrailer('fsn1.your-objectstorage.com'),
    response: { status: 400, body: xml('XAmzContentSHA256Mismatch') },
    cause: 'streaming',
    says: 'Hetzner',
    fix: SWITCH,
  },
  {
    name: 'trailers on Alibaba Cloud',
    source: 'https://github.com/apache/polaris/issues/3346',
    request: withTrailer('b.oss-cn-hangzhou.aliyuncs.com'),
    response: {
      status: 400,
      body: xml(
        'InvalidArgument',
        'aws-chunked encoding is not supported with the specified x-amz-content-sha256 value.',
      ),
    },
    cause: 'streaming',
    says: 'Alibaba Cloud OSS does not support',
    fix: SWITCH,
  },
  {
    name: 'chunks on R2',
    source: 'https://github.com/cloudflare/cloudflare-docs/issues/6133',
    request: inChunks('0123456789abcdef.r2.cloudflarestorage.com'),
    response: { status: 501, body: xml('NotImplemented', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented') },
    cause: 'streaming',
    says: 'Cloudflare R2 does not support signed chunks',
    fix: 'DisablePayloadSigning',
  },
  {
    name: 'chunks on Oracle',
    source: 'https://github.com/treeverse/lakeFS/issues/2527',
    request: inChunks('ns.compat.objectstorage.us-ashburn-1.oraclecloud.com'),
    response: { status: 400, body: xml('InvalidRequest', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD is not supported') },
    cause: 'streaming',
    says: 'July 2026',
    fix: 'chunkedEncodingEnabled(false)',
  },
  {
    name: 'checksums on R2',
    source: 'https://github.com/cloudflare/cloudflare-docs/pull/19236',
    request: put('a.r2.cloudflarestorage.com', { 'x-amz-checksum-crc32': 'NhCmhg==' }),
    response: {
      status: 501,
      body: xml('NotImplemented', "Header 'x-amz-checksum-crc32' with value 'NhCmhg==' not implemented"),
    },
    cause: 'checksum',
    says: 'does not support the header x-amz-checksum-crc32',
    fix: SWITCH,
  },
  {
    name: 'checksums on Backblaze B2',
    source: 'https://github.com/papra-hq/papra/issues/1166',
    request: put('s3.us-west-002.backblazeb2.com', { 'x-amz-checksum-crc32': 'NhCmhg==' }),
    response: { status: 501, body: xml('NotImplemented', HEADER) },
    cause: 'not-supported',
    says: 'Backblaze B2 does not support checksum headers',
    fix: SWITCH,
  },
  {
    name: 'checksums on Backblaze B2, by name',
    source: 'https://github.com/stonith404/pingvin-share/issues/798',
    request: put('s3.us-west-002.backblazeb2.com', { 'x-amz-checksum-crc32': 'NhCmhg==' }),
    response: {
      status: 400,
      body: xml('InvalidArgument', "Unsupported header 'x-amz-checksum-crc32' received for this API call."),
    },
    cause: 'checksum',
    says: 'Backblaze B2 does not support the header x-amz-checksum-crc32',
    fix: SWITCH,
  },
  {
    name: 'an ACL on R2',
    source: 'https://github.com/pixelfed/pixelfed/issues/3775',
    request: put('a.r2.cloudflarestorage.com', { 'x-amz-acl': 'public-read' }),
    response: {
      status: 501,
      body: xml('NotImplemented', "Header 'x-amz-acl' with value 'public-read' not implemented"),
    },
    cause: 'not-supported',
    says: 'Cloudflare R2 does not support the header x-amz-acl',
    fix: 'Do not send x-amz-acl',
  },
  {
    name: 'a conditional write on Alibaba Cloud',
    source: 'https://github.com/tobi/walgit/issues/67',
    request: put('b.oss-cn-hangzhou.aliyuncs.com', { 'if-none-match': '*' }),
    response: { status: 501, body: xml('NotImplemented', HEADER) },
    cause: 'not-supported',
    says: 'Alibaba Cloud OSS does not support conditional writes',
    fix: 'If-None-Match',
  },
  {
    name: 'a conditional write on a server that names the header',
    source: 'https://github.com/versity/versitygw/issues/2108',
    request: put('127.0.0.1:7070', { 'if-none-match': 'something' }),
    response: { status: 501, body: xml('NotImplemented', HEADER, '<Header>If-None-Match</Header>') },
    cause: 'not-supported',
    says: 'does not support the header If-None-Match',
    fix: 'If-None-Match',
  },
]

describe('a feature that a server does not support', () => {
  it.each(ROWS)('is named, with the setting that turns it off: $name', ({ request, response, cause, says, fix }) => {
    const { findings, signature } = explain({ request, response, now })
    expect(findings[0]).toMatchObject({ cause, confidence: 'likely', message: expect.stringContaining(says) })
    expect(findings[0]?.fix).toContain(fix)
    if (cause === 'not-supported') expect(signature).toBe('unknown')
  })

  it.each(ROWS)('stays the first cause if the secret is known: $name', ({ request, response, cause }) => {
    expect(explain({ request, response, now, credentials }).findings[0]?.cause).toBe(cause)
  })

  it('is a form on R2 and Backblaze B2', () => {
    for (const [host, name, message] of [
      [
        'a.r2.cloudflarestorage.com',
        'Cloudflare R2',
        'Presigned post requests are not yet implemented not implemented',
      ],
      ['s3.us-west-002.backblazeb2.com', 'Backblaze B2', HEADER],
    ] as const) {
      const form = presignPost(
        { bucket: 'photos', key: 'a', endpoint: 'https://s3.example.com' }, // presignPost rejects R2
        {
          credentials,
          now: signedAt,
          region: host.includes('b2') ? 'us-west-002' : 'auto',
          contentLengthRange: [0, 9],
        },
      )
      const parts = Object.entries({ ...form.fields, file: 'x' })
      const body = `${parts.map(([field, value]) => `--x\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`).join('')}--x--\r\n`
      const request = {
        method: 'POST',
        url: `https://${host}/photos`,
        headers: { host, 'content-type': 'multipart/form-data; boundary=x' },
        body,
      }
      const [first] = explain({
        request,
        response: { status: 501, body: xml('NotImplemented', message) },
        now,
      }).findings
      expect(first).toMatchObject({
        cause: 'not-supported',
        message: expect.stringContaining(`${name} does not support HTML forms`),
        fix: expect.stringContaining('presign put'),
      })
    }
  })

  it('is Signature Version 4a on any server but that of AWS', () => {
    const host = 'a.r2.cloudflarestorage.com'
    const authorization = `AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20260921/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-region-set, Signature=3045${'02'.repeat(69)}`
    const headers = {
      host,
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-amz-date': '20260921T120000Z',
      'x-amz-region-set': 'auto',
      authorization,
    }
    const request = { method: 'GET', url: `https://${host}/photos/cat.jpg`, headers }
    for (const body of [
      xml('AuthorizationHeaderMalformed', 'The authorization header is malformed.'),
      xml('InvalidArgument', 'Unsupported Authorization Type'),
    ]) {
      const [first] = explain({ request, response: { status: 400, body }, now }).findings
      expect(first).toMatchObject({
        cause: 'algorithm',
        message: expect.stringContaining('does not support Signature Version 4a'),
        fix: expect.stringContaining('Signature Version 4'),
      })
    }
  })

  it('is not guessed: other errors, and servers that support it', () => {
    const denied = { status: 403, body: xml('AccessDenied', 'Access Denied') }
    for (const request of [withTrailer('s3.us-east-1.amazonaws.com'), withTrailer('minio.example.com')])
      expect(JSON.stringify(explain({ request, response: denied, now }))).not.toContain('does not support')
    const missing = { status: 404, body: xml('NoSuchKey') }
    const { verdict } = explain({ request: inChunks('a.r2.cloudflarestorage.com'), response: missing, now })
    expect(verdict).toContain('The signature is not the problem')
  })

  it('is named in a paste', () => {
    const { verdict, findings } = explain({
      ...parseEvidence(
        `> PUT /photos/cat.jpg HTTP/1.1\n> Host: a.r2.cloudflarestorage.com\n> x-amz-acl: public-read\n> x-amz-date: 20260921T120000Z\n> authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/auto/s3/aws4_request, SignedHeaders=host;x-amz-acl;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}\n> x-amz-content-sha256: UNSIGNED-PAYLOAD\n> \n< HTTP/1.1 501 Not Implemented\n< server: cloudflare\n< \n${ROWS.find(({ name }) => name === 'an ACL on R2')!.response!.body}`,
      ),
    })
    expect(verdict).toContain('Cloudflare R2 does not support the header x-amz-acl')
    expect(findings[0]?.fix).toContain('Do not send x-amz-acl')
  })
})

describe('Ceph 19.2.6 and 20.2.4', () => {
  const id = 'tx00000a1b2c3d4e5f60718-0066c5f0a1-1a2b3c-default'
  const body = xml(
    'AccessDenied',
    '',
    `<BucketName>photos</BucketName><RequestId>${id}</RequestId><HostId>1a2b3c-default-default</HostId>`,
  )
  const response = { status: 403, headers: { 'x-amz-request-id': id }, body }
  const unsigned = (request: ExplainInput['request'], name: string, value: string): ExplainInput['request'] => ({
    ...request,
    headers: { ...(request!.headers as Headers), [name]: value },
  })

  it('reject a Content-Type that is not signed, which is named with the versions', () => {
    const request = unsigned(put('s3.example.com', {}), 'content-type', 'application/xml')
    for (const given of [{}, { credentials }]) {
      const { verdict, findings, signature } = explain({ request, response, now, ...given })
      expect(signature).toBe('wrong')
      expect(verdict).toMatch(/content-type header was sent, but it was not signed.*Ceph 19\.2\.6 and 20\.2\.4/)
      expect(findings[0]).toMatchObject({ cause: 'unsigned-header', part: { of: 'header', name: 'content-type' } })
      expect(findings[0]?.fix).toMatch(/Sign content-type.*rgw_sigv4_insecure/)
    }
  })

  it('reject it with a presigned URL', () => {
    const target = { bucket: 'photos', key: 'cat.jpg', endpoint: 'https://s3.example.com', pathStyle: true }
    const { url } = presignPut(target, { credentials, now: signedAt, region: 'us-east-1' })
    const headers = { host: 's3.example.com', 'content-type': 'application/octet-stream' }
    expect(explain({ request: { method: 'PUT', url, headers }, response, now }).findings[0]?.cause).toBe(
      'unsigned-header',
    )
  })

  it('reject a payload hash that is not signed', () => {
    const { url } = presignPut(
      { bucket: 'photos', key: 'cat.jpg', endpoint: 'https://s3.example.com', pathStyle: true },
      { credentials, now: signedAt, region: 'us-east-1' },
    )
    const headers = { host: 's3.example.com', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    const [first] = explain({ request: { method: 'PUT', url, headers }, response, now }).findings
    expect(first).toMatchObject({ cause: 'unsigned-header', part: { name: 'x-amz-content-sha256' } })
  })

  it('are not suspected if everything is signed, or if a server with messages denies access', () => {
    const signed = put('s3.example.com', { 'content-type': 'application/xml' })
    const unsignedType = unsigned(put('s3.example.com', {}), 'content-type', 'application/xml')
    const denied = { status: 403, body: xml('AccessDenied', 'Access Denied') }
    for (const [request, answer] of [
      [signed, response],
      [unsignedType, denied],
    ] as const)
      expect(explain({ request, response: answer, now }).findings.map(({ cause }) => cause)).not.toContain(
        'unsigned-header',
      )
  })
})

describe('a Lambda function URL that CloudFront signs for', () => {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
  const cloudfront = { via: '1.1 abc.cloudfront.net (CloudFront)', 'x-cache': 'Error from cloudfront' }
  const response = {
    status: 403,
    headers: { ...cloudfront, 'x-amzn-errortype': 'InvalidSignatureException' },
    body: JSON.stringify({ message }),
  }
  const post = (host: string, headers: Headers = {}): ExplainInput['request'] => ({
    method: 'POST',
    url: `https://${host}/chat`,
    headers: { host, 'content-type': 'application/json', ...headers },
    body: '{"hello":"world"}',
  })

  it.each(['d111111abcdef8.cloudfront.net', 'app.example.com'])('needs the hash of the body: %s', (host) => {
    const { verdict, findings, wanted } = explain({ request: post(host), response, now })
    expect(verdict).toMatch(/CloudFront signed the request.*x-amz-content-sha256/)
    expect(findings[0]).toMatchObject({ cause: 'missing-header', confidence: 'likely' })
    expect(findings[0]?.fix).toMatch(/SHA-256 of the body.*x-amz-content-sha256/)
    expect(findings.map(({ cause }) => cause)).not.toContain('anonymous')
    expect(wanted).not.toContain('credentials')
  })

  it('needs it in hexadecimal digits', () => {
    const request = post('app.example.com', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
    expect(explain({ request, response, now }).findings[0]).toMatchObject({
      part: { of: 'header', name: 'x-amz-content-sha256' },
    })
  })

  it('is recognized in a paste of the browser', () => {
    const text = `> POST /chat HTTP/2\n> Host: d111111abcdef8.cloudfront.net\n> content-type: application/json\n> content-length: 17\n> \n< HTTP/2 403\n< content-type: application/json\n< x-amzn-errortype: InvalidSignatureException\n< x-cache: Error from cloudfront\n< via: 1.1 abc.cloudfront.net (CloudFront)\n< \n${response.body}`
    expect(explain({ ...parseEvidence(text), now }).verdict).toContain('x-amz-content-sha256')
  })

  it('is not suspected for GET, a signed request, or a response that is not from CloudFront', () => {
    const names = (input: ExplainInput): string => JSON.stringify(explain({ now, ...input }).findings)
    expect(names({ request: { ...post('app.example.com'), method: 'GET' }, response })).not.toContain(
      'CloudFront signed',
    )
    expect(names({ request: post('app.example.com'), response: { ...response, headers: {} } })).not.toContain(
      'CloudFront',
    )
    const { headers } = sign(
      { method: 'POST', url: 'https://app.example.com/chat', body: 'x' },
      { credentials, region: 'us-east-1', service: 'lambda', now: signedAt },
    )
    expect(names({ request: post('app.example.com', headers), response })).not.toContain('CloudFront signed')
  })
})

describe('a Lambda function URL whose hash is that of a different body', () => {
  it('is not blamed on a secret, which the client does not have', () => {
    const headers = { via: '1.1 abc.cloudfront.net (CloudFront)' }
    const response = {
      status: 403,
      headers,
      body: '{"message":"The request signature we calculated does not match the signature you provided."}',
    }
    const host = 'app.example.com'
    const given = { host, 'x-amz-content-sha256': sha256('{"a":1}') }
    const found = (body: string | undefined) =>
      explain({ request: { method: 'POST', url: `https://${host}/chat`, headers: given, body }, response, now })
        .findings
    expect(found('{"a":2}')[0]).toMatchObject({
      cause: 'payload-mismatch',
      confidence: 'likely',
      fix: expect.stringContaining('x-amz-content-sha256'),
    })
    expect(found('{"a":2}').map(({ cause }) => cause)).not.toContain('wrong-secret')
    expect(found(undefined)[0]).toMatchObject({ cause: 'payload-mismatch', confidence: 'possible' })
    expect(JSON.stringify(found('{"a":1}'))).not.toContain('payload-mismatch')
  })
})

describe('a server that does not support Signature Version 4a', () => {
  it.each([
    ['SignatureDoesNotMatch', ''],
    ['InvalidRequest', 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.'],
    ['AuthorizationHeaderMalformed', 'The authorization header is malformed.'],
  ])('is among the first causes, whatever it returns: %s', (code, message) => {
    const host = 'minio.internal:9000'
    const signature = `3045022100${'a'.repeat(64)}0220${'1'.repeat(64)}`
    const authorization = `AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20260921/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-region-set, Signature=${signature}`
    const headers = {
      host,
      'x-amz-date': '20260921T120000Z',
      'x-amz-region-set': '*',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      authorization,
    }
    const response = { status: 403, headers: { server: 'MinIO' }, body: xml(code, message) }
    const { findings } = explain({ request: { method: 'GET', url: '/photos/a', headers }, response, now })
    expect(findings.slice(0, 3).map(({ cause }) => cause)).toContain('algorithm')
  })
})

describe('an error of MinIO about headers that were not signed', () => {
  const body = xml('AccessDenied', 'There were headers present in the request which were not signed')
  const names = 'host;x-amz-content-sha256;x-amz-date;x-amz-meta-owner'
  const headers = {
    host: 'minio.internal:9000',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': '20260921T120000Z',
    'x-amz-meta-owner': 'maria',
  }
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${'ab'.repeat(32)}`
  const found = (more: Headers) =>
    explain({
      request: { method: 'PUT', url: '/photos/a', headers: { ...headers, ...more, authorization } },
      response: { status: 403, body },
      now,
    }).findings

  it('is about a signed header that was lost, if the request signed all of its headers', () => {
    expect(found({})[0]).toMatchObject({
      cause: 'header-missing',
      fix: expect.stringMatching(/proxy forward the signed headers/),
    })
    expect(found({}).map(({ cause }) => cause)).not.toContain('unsigned-header')
  })

  it('is about a header that was not signed, if there is one', () => {
    expect(found({ 'x-amz-acl': 'private' })[0]).toMatchObject({
      cause: 'unsigned-header',
      part: { name: 'x-amz-acl' },
    })
  })
})

describe('a presigned URL that is sent with a different method', () => {
  const found = (query: string, method: string): string[] => {
    const url = `https://minio.internal:9000/photos/a?${query}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260921%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260921T120000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=${'ab'.repeat(32)}`
    const response = { status: 403, body: xml('SignatureDoesNotMatch') }
    return explain({ request: { method, url, headers: { host: 'minio.internal:9000' } }, response, now }).findings.map(
      ({ cause }) => cause,
    )
  }

  it.each([
    ['uploads=&', 'PUT'],
    ['delete=&', 'PUT'],
    ['partNumber=1&uploadId=a&', 'POST'],
    ['uploadId=a&', 'PUT'],
  ])('is shown by its parameters: %s with %s', (query, method) => {
    expect(found(query, method)[0]).toBe('method')
  })

  it.each([
    ['uploads=&', 'POST'],
    ['uploads=&', 'GET'],
    ['partNumber=1&uploadId=a&', 'PUT'],
    ['uploadId=a&', 'DELETE'],
    ['partNumber=1&', 'GET'],
    ['', 'PUT'],
  ])('is listed last if nothing shows it: %s with %s', (query, method) => {
    expect(found(query, method).indexOf('method')).toBeGreaterThan(1)
  })
})

describe('the table of servers', () => {
  const [, ...rows] = readFileSync(new URL('../../fixtures/servers/features.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'))

  it('has a date and a public source in each row', () => {
    expect(rows.length).toBeGreaterThanOrEqual(29)
    for (const [server = '', feature = '', when = '', date = '', page = '', ...more] of rows) {
      expect(more, server).toEqual([])
      expect(when, server).toMatch(/^(?:(?:since|in) \S.*)?$/)
      expect(date, `${server}, ${feature}`).toMatch(/^20\d\d-\d\d(?:-\d\d)?$/)
      expect(page, `${server}, ${feature}`).toMatch(/^https:\/\/\S+$/)
    }
  })

  it('contains what explain reports for each server', () => {
    const known = new Set(rows.map(([server, feature, when]) => `${server} | ${feature} | ${when || 'always'}`))
    expect(SERVERS.length).toBeGreaterThan(8)
    for (const { name, lacks } of SERVERS)
      for (const [feature, when] of Object.entries(lacks)) expect(known).toContain(`${name} | ${feature} | ${when}`)
  })
})

describe('an error whose words decide', () => {
  const errorOf = (code: string, message: string) => ({
    status: 400,
    body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  })

  it('names Signature Version 2, as Versity Gateway does', () => {
    const [first] = explain({
      response: errorOf('InvalidArgument', 'SigV2 authorization is not supported. Please use SigV4'),
    }).findings
    expect(first).toMatchObject({ cause: 'signature-v2', confidence: 'likely' })
  })

  it('names the expiration of a policy, with the format that S3 reads', () => {
    const { verdict } = explain({
      response: errorOf('InvalidPolicyDocument', "Invalid Policy: Invalid 'expiration' value: '2026-01-31 12:00:00'"),
    })
    expect(verdict).toMatch(/^Most likely: The policy expires at "2026-01-31 12:00:00".* ISO 8601/)
  })

  it('names KMS, and is not about the checksum that the request contains as well', () => {
    const request = {
      method: 'PUT',
      url: 'http://localhost:9000/photos/cat.txt',
      headers: { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-server-side-encryption': 'aws:kms' },
    }
    const { findings } = explain({
      request,
      response: errorOf('NotImplemented', 'Server side encryption specified but KMS is not configured'),
    })
    expect(findings.map(({ cause }) => cause)).not.toContain('not-supported')
  })

  it('asks for a length, which a request in chunks states in a header of its own', () => {
    const request = {
      method: 'PUT',
      url: 'http://localhost:9000/photos/cat.txt',
      headers: {
        host: 'localhost:9000',
        'x-amz-date': '20260131T120000Z',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'ab'.repeat(32)}`,
      },
    }
    const now = Date.UTC(2026, 0, 31, 12)
    const response = errorOf('MissingContentLength', 'You must provide the Content-Length HTTP header.')
    const [first] = explain({ request, response, now }).findings
    expect(first).toMatchObject({ cause: 'missing-header', expected: 'x-amz-decoded-content-length' })
  })
})
