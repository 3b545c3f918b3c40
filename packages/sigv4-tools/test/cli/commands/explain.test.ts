import { describe, expect, it } from 'vitest'
import { sign } from '../../../../../src/sync.ts'
import { SECRET } from '../../../../../test/support/credentials.ts'
import { EMPTY_HASH, stringToSignOf } from '../../../../../test/support/oracle.ts'
import { KEY, KEYS, run } from '../../support/cli.ts'

// What the program prints if a premise fails: whose keys, what arrived, how much of the error is shown, what a server knows.

const SIGNED_AT = Date.UTC(2026, 0, 31, 12)
const MISMATCH =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error>'

interface Exchange {
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  method?: string
  url?: string
  /** Headers that are sent and not signed. */
  added?: Record<string, string>
  /** Headers of the response. */
  response?: Record<string, string>
  error?: string
}

/** A request and the response to it, as a server or a proxy logs them. */
function logOf({
  credentials = { accessKeyId: KEY, secretAccessKey: SECRET },
  method = 'GET',
  url = 'http://minio.internal:9000/photos/cat.jpg',
  added = {},
  response = {},
  error = MISMATCH,
}: Exchange = {}): string {
  const { host, pathname } = new URL(url)
  const signing = { credentials, region: 'us-east-1', service: 's3', now: SIGNED_AT }
  const { headers } = sign({ method, url }, signing)
  const lines = (all: Record<string, string>): string =>
    Object.entries(all)
      .map((pair) => `${pair.join(': ')}\n`)
      .join('')
  return `${method} ${pathname} HTTP/1.1\n${lines({ Host: host, ...headers, ...added })}\nHTTP/1.1 403 Forbidden\n${lines({ Date: 'Sat, 31 Jan 2026 12:00:05 GMT', 'Content-Type': 'application/xml', ...response })}\n${error}\n`
}

/** The output without line breaks inside paragraphs. */
async function printed(stdin: string, env: Record<string, string> = {}, ...args: string[]) {
  const { code, stdout, stderr } = await run(['explain', ...args], { env, stdin })
  return { code, stderr, stdout, text: stdout.replace(/\s+/g, ' ') }
}

describe('temporary keys of the environment without their token', () => {
  const accessKeyId = 'ASIAIOSFODNN7EXAMPLE'
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: SECRET }
  const temporary = { accessKeyId, secretAccessKey: SECRET, sessionToken: 'IQoJb3JpZ2luX2VjEEXAMPLE' }

  it('are used with the token in the request, with a warning', async () => {
    const { code, stderr, text } = await printed(logOf({ credentials: temporary }), env)
    expect(stderr).toBe('The credentials from the environment have no session token. The one in the request is used.\n')
    expect(text).toContain('The signature is correct for this request')
    expect(code).toBe(1)
  })

  it('still cannot sign', async () => {
    const { code, stderr } = await run(['presign', 'get', 's3://photos/cat.jpg', '--region', 'eu-west-1'], { env })
    expect(stderr).toContain('AWS_SESSION_TOKEN is missing')
    expect(code).toBe(2)
  })
})

describe('a body that is not in the log', () => {
  it('is asked for with the option that passes it', async () => {
    const url = 'https://abc123defg.execute-api.eu-west-1.amazonaws.com/prod'
    const [headers, body] = [{ 'content-type': 'application/json' }, '{"a":1}']
    const credentials = { accessKeyId: KEY, secretAccessKey: SECRET }
    const signed = sign({ method: 'POST', url, headers, body }, { credentials, now: SIGNED_AT })
    const sent = { host: new URL(url).host, ...headers, ...signed.headers, 'content-length': '7' }
    const lines = Object.entries(sent).map((pair) => `> ${pair.join(': ')}\n`)
    const log = `> POST /prod HTTP/1.1\n${lines.join('')}>\n< HTTP/1.1 403 Forbidden\n< date: Sat, 31 Jan 2026 12:00:05 GMT\n<\n{"message":"The request signature we calculated does not match the signature you provided."}\n`
    const without = await printed(log, KEYS)
    expect(without.text).toContain('The signature covers the body, which the evidence does not contain')
    expect(without.text).toContain('npx sigv4-tools explain --data-file BODY < LOG')
    const given = await printed(log, KEYS, '--data', body)
    expect(given.text).toContain('The signature is correct for this request')
    expect(given.text).not.toContain('--data')
  })
})

describe('keys of the environment that belong to a different access key', () => {
  const other = { AWS_ACCESS_KEY_ID: 'AKIAOTHEREXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET }

  it('are noted once, and the result is the one without keys', async () => {
    for (const log of [logOf(), logOf({ added: { 'x-amz-acl': 'private' } }), logOf({ error: '<Error><Code>Acc' })])
      for (const args of [[], ['--json'], ['--all']]) {
        const [without, given] = [await printed(log, {}, ...args), await printed(log, other, ...args)]
        expect(given.stderr).toBe(
          'The credentials from the environment are those of AKIAOTHEREXAMPLE. They are not used.\n',
        )
        expect(without.stderr).toBe('')
        const resultOf = (text: string): string => text.split(/\n *Next /)[0]!
        expect(resultOf(given.stdout)).toBe(resultOf(without.stdout))
        if (args[0] !== '--json') expect(given.stdout).not.toContain('npx sigv4-tools explain --profile')
        expect(given.code).toBe(without.code)
      }
  })

  it('are used if they are those of the request', async () => {
    const { text, stderr } = await printed(logOf(), KEYS)
    expect(stderr).toBe('')
    expect(text).toContain('The signature is correct for this request')
  })
})

it.each(['minioadmin', 'test'])('an access key ID that is also its secret was not swapped: %s', async (name) => {
  const log = logOf({ credentials: { accessKeyId: name, secretAccessKey: name } })
  for (const secret of [name, SECRET, `${name}1`]) {
    const { text } = await printed(log, { AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: secret }, '--all')
    expect(text).not.toMatch(/swapped|replaced by the access key ID/)
    if (secret === name) expect(text).toContain('The signature is correct for this request')
  }
})

describe('an error whose end was cut off', () => {
  it.each([
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Acce', 'AccessDenied, cut off'],
    ['<Error><Code>NoSuchKey</Code><Message>The specified...(truncated)', 'NoSuchKey, cut off'],
    [`${MISMATCH.slice(0, 80)}…`, 'SignatureDoesNotMatch, cut off'],
  ])('never clears the signature: %s', async (error, item) => {
    for (const env of [{}, KEYS]) {
      const { code, stdout, text } = await printed(logOf({ error }), env)
      expect(stdout).toContain(item)
      expect(text).not.toMatch(/not the problem|will not help/)
      expect(code).toBe(1)
    }
  })

  it('leads to the cause that its start names', async () => {
    const error = '<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request ti'
    const { stdout } = await printed(logOf({ error, response: { Date: 'Sat, 31 Jan 2026 12:40:00 GMT' } }))
    expect(stdout).toContain('Cause     clock-past (likely)')
  })
})

describe('a correct signature that a service rejects, with a proxy in front of it', () => {
  const log = logOf({ response: { Server: 'nginx/1.22.1' } })

  it('is correct: what may have changed, the fix for the proxy, and how to see what arrived', async () => {
    const { code, stdout, text } = await printed(log, KEYS)
    expect(text).toMatch(
      /The signature is correct for this request: the service received a different request, or has a different secret\. If so Make every proxy forward the Host header/,
    )
    expect(text).toContain('proxy_set_header Host $http_host')
    expect(stdout).toMatch(/Other possible causes of this error:\n {2}path +The path/)
    expect(text).toContain('Add the request as the service received it')
    expect(stdout).toContain('\n          npx sigv4-tools proxy --watch http://SERVICE\n')
    expect(stdout).not.toMatch(/proven\)|likely\)|Use the secret access key/)
    expect(code).toBe(1)
  })

  it('is a decision in JSON', async () => {
    const { signature, findings, decides } = JSON.parse((await printed(log, KEYS, '--json')).stdout)
    expect(signature).toBe('unknown')
    expect(findings.map(({ cause, confidence }: Record<string, string>) => `${cause} ${confidence}`)).toEqual([
      'host-port possible',
      'path possible',
      'wrong-secret possible',
    ])
    expect(decides.between).toEqual(['host-port', 'path'])
  })

  it('is solved by the request that arrived', async () => {
    const arrived = log.replace('Host: minio.internal:9000', 'Host: 10.0.0.7:9000')
    const { stdout, text } = await printed(arrived, KEYS, '--signed', 'host: minio.internal:9000')
    expect(text).toContain(
      'signed for the host "minio.internal:9000", but the service received the host "10.0.0.7:9000"',
    )
    expect(stdout).toContain('Cause     host (proven)')
  })
})

describe('what a server requires', () => {
  it('is the hash of the body, for a Lambda function URL that CloudFront signs for', async () => {
    const error = JSON.stringify({
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    })
    const log = `> POST /chat HTTP/2\n> Host: d111111abcdef8.cloudfront.net\n> content-type: application/json\n> content-length: 17\n> \n< HTTP/2 403\n< content-type: application/json\n< x-amzn-errortype: InvalidSignatureException\n< x-cache: Error from cloudfront\n< via: 1.1 abc.cloudfront.net (CloudFront)\n< \n${error}\n`
    for (const env of [{}, KEYS]) {
      const { stdout, text } = await printed(log, env)
      expect(text).toContain('Most likely: CloudFront signed the request for the function.')
      expect(text).toContain(
        'Fix Send the SHA-256 of the body, in lowercase hexadecimal digits, as x-amz-content-sha256.',
      )
      expect(stdout).toContain('Cause     missing-header (likely)')
      expect(text).not.toContain('credentials that should have signed')
    }
  })

  it('is a signed Content-Type, for Ceph 19.2.6', async () => {
    const id = 'tx00000a1b2c3d4e5f60718-0066c5f0a1-1a2b3c-default'
    const log = logOf({
      method: 'PUT',
      url: 'https://s3.example.com/photos/cat.jpg',
      added: { 'content-type': 'application/xml' },
      response: { 'x-amz-request-id': id },
      error: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message></Message><BucketName>photos</BucketName><RequestId>${id}</RequestId><HostId>1a2b3c-default-default</HostId></Error>`,
    })
    for (const env of [{}, KEYS]) {
      const { stdout, text } = await printed(log, env)
      expect(text).toContain('The content-type header was sent, but it was not signed. Ceph 19.2.6 and 20.2.4')
      expect(text).toContain('Fix Sign content-type with the other headers, or do not send it.')
      expect(stdout).toContain('Cause     unsigned-header (likely)')
      expect(text).not.toMatch(/not the problem|will not help/)
    }
  })
})

describe('a canonical request that the client shows', () => {
  const lines = [
    'GET',
    '/cat.jpg',
    '',
    'host:a.example',
    'x-amz-date:20260131T120000Z',
    '',
    'host;x-amz-date',
    EMPTY_HASH,
  ]
  const toSign = (canonical: string): string =>
    stringToSignOf(canonical, '20260131T120000Z', '20260131/eu-west-1/s3/aws4_request')
  const service = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${toSign(lines.join('\n'))}</StringToSign><CanonicalRequest>${lines.join('\n')}</CanonicalRequest></Error>`

  it('is compared as it is if its hash was signed', async () => {
    const canonical = lines.filter((_, i) => i !== 5).join('\n')
    const log = `My canonical request:\n${canonical}\n\nMy string to sign:\n${toSign(canonical)}\n\n${service}`
    const { stdout, text } = await printed(log)
    expect(text).toContain('Proven: The client wrote the canonical request without the empty line after the headers.')
    expect(text).toContain('Fix Add the empty line after the headers.')
    expect(stdout).toContain('Cause     canonical-request (proven)')
  })
})

describe('an error that names several causes', () => {
  it('is printed with all of them, and with the fix of each', async () => {
    const message =
      "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'es'."
    const { text } = await printed(JSON.stringify({ message }))
    expect(text).toContain('Most likely: The request was signed for the region "us-east-1", which the service does not')
    expect(text).toContain(
      'The error also names: The endpoint belongs to the service "es". Fix Sign for the service "es".',
    )
  })

  it('is printed with one cause if it names one', async () => {
    const { text } = await printed('{"message":"Credential should be scoped to correct service: \'es\'."}')
    expect(text).not.toContain('The error also names')
  })
})

describe('the origin of a cause', () => {
  it('is printed unless the finding has a fix of its own', async () => {
    const expired = { message: 'Request has expired' }
    expect((await printed(JSON.stringify(expired), {}, '--all')).text).toContain('Why A presigned URL was stored')
    const login = { message: 'FATAL: PAM authentication failed for user "jane"' }
    expect((await printed(JSON.stringify(login), {}, '--all')).text).not.toContain('Why A presigned URL was stored')
  })
})
