import { describe, expect, it } from 'vitest'
import { presign, sign } from '../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { EMPTY_HASH, sha256 } from '../../../../test/support/oracle.ts'
import { explainForProgram } from '../../src/explain/explain.ts'
import { describeClues, findingsOf } from '../../src/explain/findings.ts'
import type { Clue } from '../../src/explain/model/clue.ts'
import { causes, type ExplainInput, explain, type Finding, inspect, parseEvidence } from '../../src/explain.ts'

// A fix depends on the direction of a difference: the value that the client signed, and the one that the service received.

const credentials = { ...CREDENTIALS }
const signedAt = Date.UTC(2026, 0, 31, 12)
const now = signedAt + 1000
const options = { credentials, now: signedAt }
const EMPTY = EMPTY_HASH
const BODY = sha256('{"a":1}')
const API = 'https://abc123.execute-api.eu-west-1.amazonaws.com/prod/items'
const mismatch = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }

const first = (input: ExplainInput): Finding => explain(input).findings[0]!

/** Explains a request whose canonical requests of client and service end with two payload hashes. */
function hashed(...hashes: Parameters<typeof hashedInput>): Finding {
  return first(hashedInput(...hashes))
}

function hashedInput(signed: string, computed: string, stated?: string): ExplainInput {
  const canonical = (hash: string): string =>
    [
      ...['PUT', '/a', '', 'host:example.com', ...(stated ? [`x-amz-content-sha256:${stated}`] : [])],
      ...['x-amz-date:20260131T120000Z', '', `host;${stated ? 'x-amz-content-sha256;' : ''}x-amz-date`, hash],
    ].join('\n')
  const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical(computed)}</CanonicalRequest><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${sha256(canonical(computed))}</StringToSign></Error>`
  return { response: { status: 403, body }, signed: { canonicalRequest: canonical(signed) } }
}

describe('the fix for a payload hash', () => {
  it.each([
    ['an empty body was hashed, and a body was sent', EMPTY, BODY, undefined, 'Sign the SHA-256 of the body.'],
    [
      'an empty body was hashed and stated, and a body was sent',
      EMPTY,
      BODY,
      EMPTY,
      'Sign the SHA-256 of the body and send it as x-amz-content-sha256.',
    ],
    [
      'the body was lost',
      BODY,
      EMPTY,
      undefined,
      'Send the body that was hashed, or sign the SHA-256 of an empty body.',
    ],
    [
      'the service assumes UNSIGNED-PAYLOAD',
      EMPTY,
      'UNSIGNED-PAYLOAD',
      undefined,
      'Sign UNSIGNED-PAYLOAD as the payload hash.',
    ],
    [
      'the request contained UNSIGNED-PAYLOAD',
      BODY,
      'UNSIGNED-PAYLOAD',
      'UNSIGNED-PAYLOAD',
      'Sign UNSIGNED-PAYLOAD as the payload hash, or send the signed payload hash as x-amz-content-sha256.',
    ],
    ['the service requires a hash', 'UNSIGNED-PAYLOAD', BODY, undefined, 'Sign the SHA-256 of the body.'],
    [
      'the service requires a hash of nothing',
      'UNSIGNED-PAYLOAD',
      EMPTY,
      undefined,
      'Sign the SHA-256 of the body, even if it is empty.',
    ],
  ])('is what the service expects: %s', (_, signed, computed, stated, fix) => {
    const found = hashed(signed, computed, stated)
    expect(found).toMatchObject({ cause: 'payload-hash', fix })
    expect(found.message).not.toContain(stated === computed ? 'assumes' : 'the request contained')
  })

  it('is to send the same bytes if the body changed', () => {
    expect(hashed(BODY, sha256('{"a":2}'))).toMatchObject({
      cause: 'payload-mismatch',
      fix: 'Send exactly the bytes that were hashed.',
    })
  })

  it('is proven with credentials: a URL for API Gateway that was presigned with UNSIGNED-PAYLOAD', () => {
    const { url } = presign('GET', API, { ...options, payloadHash: 'UNSIGNED-PAYLOAD' })
    const found = first({
      request: { method: 'GET', url, headers: { host: new URL(url).host } },
      response: mismatch,
      credentials,
      now,
    })
    expect(found).toMatchObject({
      ...{ cause: 'payload-hash', confidence: 'proven' },
      message:
        'The client signed UNSIGNED-PAYLOAD as the payload hash, but the service requires the SHA-256 of the body.',
    })
  })
})

describe('the fix for a signed header', () => {
  /** Explains a header that the client signed and the service received, each with its own value, or not at all. */
  function changed(name: string, signed: string, ...received: string[]): Finding {
    const canonical = (...values: string[]): string =>
      `GET\n/a\n\nhost:example.com\n${values.map((value) => `${name}:${value}\n`).join('')}\nhost;${name}\n${EMPTY}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical(...received)}</CanonicalRequest><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${sha256(canonical(...received))}</StringToSign></Error>`
    return first({ response: { status: 403, body }, signed: { canonicalRequest: canonical(signed) } })
  }

  /** Explains a URL whose headers were not sent. */
  const unsent = (name: string): Finding => {
    const { url } = presign('PUT', 'https://photos.s3.eu-west-1.amazonaws.com/a', {
      ...options,
      headers: { [name]: 'one' },
    })
    return first({ request: { method: 'PUT', url, headers: { host: new URL(url).host } }, response: mismatch, now })
  }

  it('is its value, if that can be sent', () => {
    expect(changed('x-amz-meta-a', 'one', 'two').fix).toBe(
      'Send "x-amz-meta-a: one", or create the signature for "two".',
    )
  })

  it('is not its name, if its value is unknown', () => {
    expect(changed('x-amz-meta-a', 'one').fix).toBe('Send "x-amz-meta-a: one", or do not sign the header.')
    const unknown = unsent('x-amz-meta-a')
    expect(unknown).toMatchObject({
      cause: 'header-missing',
      fix: 'Send the x-amz-meta-a header with its signed value, or do not sign it.',
    })
    expect(unknown).not.toHaveProperty('expected')
  })

  it('is to send it once, if it was sent twice', () => {
    expect(changed('x-amz-meta-a', 'one', 'one,one')).toMatchObject({
      message:
        'The x-amz-meta-a header was sent more than once, and its values were combined differently by the client and the service.',
      fix: 'Send the x-amz-meta-a header once.',
    })
  })

  it.each(['accept-encoding', 'range', 'user-agent'])(
    'is not to sign it, if clients or proxies change it: %s',
    (name) => {
      expect(changed(name, 'identity', 'gzip').fix).toMatch(/^Do not sign the /)
    },
  )

  it('is to rename it, if proxies drop such names', () => {
    expect(unsent('x-amz-meta-a_b').fix).toMatch(/^Use a header name with hyphens instead of x-amz-meta-a_b/)
  })

  it('is uppercase, if the method was signed in lowercase', () => {
    const canonical = (method: string): string => `${method}\n/a\n\nhost:example.com\n\nhost\n${EMPTY}`
    const toSign = (method: string): string =>
      `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${sha256(canonical(method))}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical('PUT')}</CanonicalRequest><StringToSign>${toSign('PUT')}</StringToSign></Error>`
    const found = (method: string): Finding =>
      first({ response: { status: 403, body }, signed: { canonicalRequest: canonical(method) } })
    expect(found('put').fix).toBe('Write the method in uppercase, for signing and sending.')
    expect(found('GET').fix).toBe('Send the request with "GET", or sign it for "PUT".')
  })
})

describe('every header that a fix sends', () => {
  const NAMES = [
    'accept-encoding',
    'connection',
    'content-length',
    'content-type',
    'host',
    'origin',
    'user-agent',
    'x-amz-meta-a',
  ]
  /** Headers that browsers do not let pages set, or that HTTP libraries and proxies set on their own. */
  const UNSENDABLE =
    /^(?:accept-encoding|connection|content-length|cookie|origin|referer|te|transfer-encoding|user-agent)$/i
  const HIDDEN = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'
  const VALUES = [
    'a',
    '',
    ' ',
    'a b',
    '\r\nx: y',
    'naïve',
    '<value>',
    '…',
    '***',
    '[hidden]',
    HIDDEN,
    '2,2',
    'x'.repeat(500),
  ]
  const clues = causes().flatMap((cause) =>
    NAMES.flatMap((name) => {
      const part = { of: 'header', name } as const
      return [
        ...VALUES.flatMap((value): Clue[] => [
          { cause, ground: 'reproduced', part, expected: value, actual: value },
          { cause, ground: 'reproduced', part, expected: value, actual: 'b' },
          { cause, ground: 'compared', part, expected: 'b', actual: value },
          { cause, ground: 'compared', part, expected: value, absent: 'received' },
          { cause, ground: 'compared', part, actual: value, absent: 'signed' },
        ]),
        { cause, ground: 'told', part } as Clue,
      ]
    }),
  )

  it('is valid, can be sent, is not already sent, and is neither a placeholder nor hidden', () => {
    const hide = (text: string): string => text.replaceAll(HIDDEN, '[hidden]')
    let count = 0
    for (const clue of clues) {
      const [{ fix }] = findingsOf([{ clue, confidence: 'likely', isTold: false }], hide, '') as [Finding]
      for (const [, name = '', value = ''] of fix.matchAll(/[Ss]end "([^":]*): ([^"]*)"/g)) {
        count++
        expect(value, fix).toMatch(/^[!-~](?:[ -~]*[!-~])?$/)
        expect(value, fix).not.toMatch(/hidden|[<*]/)
        expect(value, fix).not.toBe(clue.actual)
        expect(name, fix).not.toMatch(UNSENDABLE)
        expect(value, fix).not.toBe(name.toLowerCase())
      }
      expect(fix).not.toMatch(/[{}]/)
    }
    expect(count).toBeGreaterThan(20)
  })
})

describe('the origin of a finding', () => {
  const isUsual = (input: ExplainInput): boolean => {
    const { explanation, usual } = explainForProgram(input)
    return usual.has(explanation.findings[0]!)
  }
  const described = (name: string): string => {
    const clue: Clue = { cause: 'header-changed', ground: 'compared', part: { of: 'header', name } }
    const ranked = { clue: { ...clue, expected: 'a', actual: 'b' }, confidence: 'likely', isTold: false } as const
    const [{ finding, isUsual } = expect.fail()] = describeClues([ranked], (text) => text)
    return `${isUsual ? 'usual' : 'not usual'}: ${finding.fix}`
  }

  it('is that of its cause, unless it has a fix of its own', () => {
    expect(isUsual(hashedInput(BODY, sha256('{"a":2}')))).toBe(true)
    expect(isUsual(hashedInput(EMPTY, BODY))).toBe(false)
  })

  it('is that of its cause if the fix contains values, but not if it is the fix of a different cause', () => {
    expect(described('content-type')).toBe('usual: Send "Content-Type: a", or create the signature for "b".')
    expect(described('x-amz-security-token')).toMatch(/^not usual: Sign the session token that was issued/)
  })
})

describe('a missing Content-MD5', () => {
  const told = (message: string): Finding =>
    first({
      response: { status: 400, body: `<Error><Code>InvalidRequest</Code><Message>${message}</Message></Error>` },
    })

  it('is to be sent, and a wrong one is to be replaced', () => {
    const missing = told('Missing required header for this request: Content-MD5')
    expect(missing).toMatchObject({ cause: 'missing-header', message: 'The request did not contain Content-MD5.' })
    expect(missing.fix).toMatch(/^Send the base64-encoded MD5 digest of the body as Content-MD5\. AWS SDKs/)
    const wrong = told('The Content-MD5 you specified did not match what we received.')
    expect(wrong).toMatchObject({
      ...{ cause: 'content-md5', message: 'Content-MD5 did not match the body.' },
      fix: 'Send the base64-encoded MD5 digest of the body as Content-MD5.',
    })
    expect(told('Missing required header for this request: Content-MD5 OR x-amz-checksum-*').cause).toBe('content-md5')
  })
})

describe('an error that means something else with one service', () => {
  it('of API Gateway, for a request that is not signed, names its routes', () => {
    const response = { status: 403, body: '{"message":"Missing Authentication Token"}' }
    const unsigned = (url: string): Finding[] =>
      explain({ request: { method: 'GET', url, headers: { host: new URL(url).host } }, response }).findings
    const found = unsigned(API)
    expect(found[0]).toMatchObject({
      ...{ cause: 'anonymous', confidence: 'likely' },
      message:
        'API Gateway has no route for GET /prod/items, or the route requires a signature, and the request was not signed.',
    })
    expect(found.map(({ cause }) => cause)).not.toContain('path')
    expect(unsigned('https://sqs.eu-west-1.amazonaws.com/')[0]!.message).toBe('The request was not signed.')
    const { url } = presign('GET', API, options)
    const signed = explain({ request: { method: 'GET', url, headers: { host: new URL(url).host } }, response, now })
    expect(signed.findings.map(({ cause }) => cause)).toContain('path')
  })

  it('of Amazon SES names the SMTP password, and not the secret access key', () => {
    const { fix, message } = first(parseEvidence('535 Authentication Credentials Invalid'))
    expect(message).toMatch(/^The SMTP password was wrong: it is not the secret access key/)
    expect(fix).toContain('npx sigv4-tools token ses-smtp')
    expect(first({ response: { code: 'XMinioAdminInvalidSecretKey', message: '' } }).fix).toBe(
      'Use the secret access key that belongs to this access key ID.',
    )
  })

  it('of Amazon RDS names the token', () => {
    const found = first({ response: { message: 'pq: PAM authentication failed for user "jane"' } })
    expect(found).toMatchObject({
      ...{ cause: 'expired', message: 'The token had expired.' },
      fix: 'Create a new token for each connection: npx sigv4-tools token rds.',
    })
    const other = first({ response: { status: 403, message: 'Request has expired' } })
    expect(other.fix).toBe('Create a new URL, or presign with a longer expires option.')
  })

  it('of AWS, through a local port, names the host', () => {
    const message = 'The request signature we calculated does not match the signature you provided. Check your '
    const explained = (url: string, end: string) => {
      const signed = sign({ method: 'GET', url }, { ...options, region: 'eu-west-1', service: 'es' })
      const headers = { host: new URL(url).host, ...signed.headers }
      const { findings } = explain({
        request: { ...signed, headers },
        response: { status: 403, message: message + end },
        now,
      })
      return findings[0]!
    }
    const aws = 'AWS Secret Access Key and signing method.'
    expect(explained('https://localhost:9200/_search', aws)).toMatchObject({
      cause: 'host',
      fix: 'Sign for the host of the service, and send it as the Host header through the tunnel (curl: --connect-to).',
    })
    expect(explained('https://localhost:9200/_search', 'key and signing method.').cause).not.toBe('host')
    expect(explained('https://search.eu-west-1.es.amazonaws.com/_search', aws).cause).not.toBe('host')
  })

  it('about x-amz-content-sha256 may be about a feature, but not of AWS', () => {
    const response = { status: 400, body: '<Error><Code>XAmzContentSHA256Mismatch</Code></Error>' }
    expect(explain({ response }).findings.map(({ cause }) => cause)).toContain('not-supported')
    const { url } = presign('PUT', 'https://photos.s3.eu-west-1.amazonaws.com/a', options)
    const aws = explain({ request: { method: 'PUT', url }, response, now })
    expect(aws.findings.map(({ cause }) => cause)).not.toContain('not-supported')
  })
})

describe('Signature Version 2', () => {
  const url =
    'https://photos.s3.amazonaws.com/a?AWSAccessKeyId=AKIDEXAMPLE&Expires=1769860800&Signature=YWJjZGVmZ2hpamtsbW5vcHFyc3Q%3D'
  const request = { method: 'PUT', url, headers: { host: 'photos.s3.amazonaws.com' } }

  it('is not the reason if AWS computed a signature with it', () => {
    expect(explain({ request, response: mismatch }).findings.map(({ cause }) => cause)).not.toContain('signature-v2')
  })

  it('may be the reason if a different server does not name it', () => {
    const local = {
      ...request,
      url: url.replace('photos.s3.amazonaws.com', 'minio.example.com'),
      headers: { host: 'minio.example.com' },
    }
    expect(first({ request: local, response: mismatch }).cause).toBe('signature-v2')
  })

  it('is the reason if the service rejects it', () => {
    const message = 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.'
    const response = { status: 400, body: `<Error><Code>InvalidRequest</Code><Message>${message}</Message></Error>` }
    expect(first({ request, response })).toMatchObject({ cause: 'signature-v2', confidence: 'likely' })
    expect(first({ request }).cause).toBe('signature-v2')
  })
})

describe('an Authorization header that an error quotes', () => {
  const REST = '/20260131/eu-west-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature='
  const quoted = (header: string): Finding =>
    first({
      response: {
        status: 400,
        code: 'IncompleteSignature',
        message: `'x' not a valid key=value pair (missing equal-sign) in Authorization header: '${header}'.`,
      },
    })

  it.each([
    ['before', `AWS4-HMAC-SHA256 Credential= AKIDEXAMPLE${REST}${BODY}`],
    ['after', `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE ${REST}${BODY}`],
  ])('is read as a header: whitespace %s the access key ID', (_, header) => {
    expect(quoted(header)).toMatchObject({
      ...{ cause: 'malformed-credential', confidence: 'likely' },
      fix: 'Trim the access key ID when you read it.',
    })
  })

  it('is read as a header: its own name', () => {
    expect(quoted(`Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE${REST}${BODY}`)).toMatchObject({
      cause: 'malformed-authorization',
      message: 'The value of the Authorization header contained its name.',
    })
  })

  it('is read as a header: a bearer token', () => {
    const found = quoted('Bearer eyJhbGciOi')
    expect(found.fix).toMatch(/^Sign the request instead/)
    expect(found.message).toBe('The Authorization header contained a bearer token instead of a signature.')
  })

  it('has no fault that it does not show', () => {
    expect(quoted(`AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE${REST}${BODY}`)).toMatchObject({
      ...{ cause: 'malformed-authorization', confidence: 'possible' },
      message: 'The Authorization header was malformed.',
    })
  })

  it('is checked by the same rules in a request', () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE ${REST}${BODY}`
    const headers = { host: 'sqs.eu-west-1.amazonaws.com', 'x-amz-date': '20260131T120000Z', authorization }
    const { warnings } = inspect({ method: 'GET', url: '/', headers }, { now })
    expect(warnings.map(({ fix }) => fix)).toContain('Trim the access key ID when you read it.')
  })
})

describe('a login to Amazon MSK', () => {
  const broker = 'b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com'
  const loginUrl = (name: string): string =>
    presign('GET', `https://${name}/?Action=kafka-cluster%3AConnect`, {
      ...{ ...options, service: 'kafka-cluster', region: 'eu-west-1' },
    }).url

  it('with AWS_MSK_IAM is signed for the broker, and not a token', () => {
    const causesOf = (url: string): string[] => inspect(url, { now }).warnings.map(({ cause }) => cause)
    expect(causesOf(loginUrl(broker))).toEqual([])
    expect(inspect(loginUrl(broker), { now }).tokenFor).toBeUndefined()
  })

  it('with OAUTHBEARER is signed for the service', () => {
    const token = Buffer.from(loginUrl(broker)).toString('base64url')
    expect(inspect(token, { now }).warnings[0]).toMatchObject({
      cause: 'host',
      fix: 'Create the token for kafka.eu-west-1.amazonaws.com, whichever host the client connects to.',
    })
  })
})

describe('the evidence that decides', () => {
  const response = {
    status: 403,
    message: 'The request signature we calculated does not match the signature you provided.',
  }

  it('is the signed request, if the evidence does not contain a signature', () => {
    const url = 'https://photos.example.com/a'
    const { decides, wanted } = explain({ request: { method: 'PUT', url }, response })
    expect(decides?.evidence).toMatch(/^Add the signed request, with its Authorization header/)
    expect(wanted).not.toContain('credentials')
  })

  it('is the credentials, if it does', () => {
    const { url } = presign('PUT', 'https://photos.s3.eu-west-1.amazonaws.com/a', options)
    const { decides, wanted } = explain({
      request: { method: 'PUT', url, headers: { host: new URL(url).host } },
      response,
      now,
    })
    expect(decides?.evidence).toMatch(/^Add the credentials/)
    expect(wanted).toContain('credentials')
  })
})

describe('the fix for a fault', () => {
  const TEMPORARY = { 'x-amz-date': '20260131T120000Z', host: 'sqs.eu-west-1.amazonaws.com' }
  const listed = (names: string, more: Record<string, string> = {}) =>
    inspect(
      {
        ...{ method: 'GET', url: '/' },
        headers: {
          ...{ ...TEMPORARY, ...more },
          authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-west-1/sqs/aws4_request, SignedHeaders=${names}, Signature=${BODY}`,
        },
      },
      { now },
    ).warnings.map(({ fix }) => fix)

  it('of the list of signed headers is the right list', () => {
    expect(listed('x-amz-date;host')).toEqual([
      'Write SignedHeaders as host;x-amz-date, and sign the headers in this order.',
    ])
    expect(listed('host;x-amz-date')).toEqual([])
  })

  it('of a header that is not signed names it', () => {
    expect(listed('host;x-amz-date', { 'x-amz-acl': 'private' })).toEqual([
      'Sign the x-amz-acl header, or do not send it.',
    ])
  })

  it('of credentials that did not sign the request is not a new key', () => {
    const { url } = presign('GET', API, options)
    const other = { accessKeyId: 'AKIDOTHER', secretAccessKey: credentials.secretAccessKey }
    const { findings } = explain({ request: { method: 'GET', url }, credentials: other, now })
    expect(findings.find(({ cause }) => cause === 'unknown-access-key')?.fix).toBe(
      'Pass the credentials that signed the request, or sign it with these.',
    )
  })

  it('of a body whose hash is not the one that was sent depends on which is empty', () => {
    const told = (client: string, service: string): Finding =>
      first({
        response: {
          status: 400,
          body: `<Error><Code>XAmzContentSHA256Mismatch</Code><ClientComputedContentSHA256>${client}</ClientComputedContentSHA256><S3ComputedContentSHA256>${service}</S3ComputedContentSHA256></Error>`,
        },
      })
    expect(told(EMPTY, BODY)).toMatchObject({
      message: 'The client signed the hash of an empty body. The service received a body.',
      fix: 'Sign the SHA-256 of the body and send it as x-amz-content-sha256.',
    })
    expect(told(BODY, EMPTY)).toMatchObject({
      message: 'The client signed the hash of a body. The service received an empty body.',
      fix: 'Send exactly the bytes that were hashed.',
    })
    expect(told(BODY, sha256('{}')).message).toBe(
      'The client signed the hash of a different body than the service received.',
    )
  })

  it('of a host that was not received is to send it, because it must be signed', () => {
    const [{ fix }] = findingsOf(
      [
        {
          clue: { cause: 'header-missing', ground: 'compared', part: { of: 'header', name: 'host' } },
          ...{ confidence: 'likely', isTold: false },
        },
      ],
      String,
    ) as [Finding]
    expect(fix).toBe('Send the Host header with its signed value.')
  })
})

describe('sentences', () => {
  it('name the region auto as a value', () => {
    const url = 'https://account.r2.cloudflarestorage.com/photos/a'
    const messages = (signed: string): string[] => inspect(signed, { now }).warnings.map(({ message }) => message)
    const { url: elsewhere } = presign('GET', 'https://photos.s3.us-west-2.amazonaws.com/a', options)
    expect(messages(presign('GET', url, { ...options, region: 'eu-west-1', service: 's3' }).url)).toContain(
      'The request was signed for eu-west-1, but the host requires the region auto.',
    )
    expect(messages(elsewhere.replace('%2Fus-west-2%2F', '%2Feu-west-1%2F'))).toContain(
      'The request was signed for eu-west-1, but the host is in us-west-2.',
    )
  })

  it('name the year of a clock that was never set', () => {
    const messages = (date: number): string =>
      inspect(
        sign({ method: 'GET', url: 'https://photos.s3.eu-west-1.amazonaws.com/a' }, { ...options, now: date }) as never,
        { now },
      )
        .warnings.map(({ message }) => message)
        .join()
    expect(messages(86_400_000)).toContain('The request was dated in the year 1970.')
    expect(messages(now - 40 * 86_400_000)).toContain('The request was dated 40 days in the past.')
  })

  it('do not call a cause likely that may not be the reason', () => {
    const { url } = presign('GET', 'https://photos.s3.eu-west-1.amazonaws.com/a', { ...options, now: 1e12 })
    const given = { request: { method: 'GET', url, headers: { host: new URL(url).host } } }
    const evidenceOf = (message: string): Finding => first({ ...given, response: { status: 403, message } })
    expect(evidenceOf('Request has expired')).toMatchObject({
      ...{ cause: 'expired', confidence: 'likely' },
      evidence: 'This is visible in the request. The error was: Request has expired',
    })
    const open = explain({ ...given, response: { status: 403, message: 'Nothing known' } }).findings
    expect(open.find(({ cause }) => cause === 'expired')).toMatchObject({
      confidence: 'possible',
      evidence: 'This is visible in the request, but it may not be the reason.',
    })
  })
})

describe('a list in a sentence', () => {
  const HEADERS = ['content-type', 'x-amz-meta-author', 'x-amz-meta-case-id', 'x-amz-meta-notes', 'x-amz-meta-title']
  /** One to five names, as they are written in a sentence. */
  const LISTS = HEADERS.map((_, i) => {
    const names = HEADERS.slice(0, i + 1)
    const written = (word: string): string =>
      names.length < 3 ? names.join(` ${word} `) : `${names.slice(0, -1).join(', ')}, ${word} ${names.at(-1)}`
    return { names, and: written('and'), or: written('or') }
  })

  it.each(LISTS)('of headers that may have been signed differently has one "or": $or', ({ names, or }) => {
    const headers = Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
    const signed = sign({ method: 'PUT', url: API, headers, body: 'a' }, options)
    const authorization = signed.headers.authorization!.replace(/[\da-f]{64}$/, 'a1b2c3d4'.repeat(8))
    const { verdict } = explain({
      request: { method: 'PUT', url: API, headers: { ...headers, ...signed.headers, authorization }, body: 'a' },
      response: mismatch,
      credentials,
      now,
    })
    expect(verdict).toContain(`the client signed a different host, path, body, or value of ${or}, or the client`)
    expect(verdict).not.toMatch(/\bor or\b|,,|, ,/)
  })

  it.each(LISTS)('of headers that a URL requires has one "and": $and', ({ names, and }) => {
    const headers = Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
    const { url } = presign('PUT', 'https://photos.s3.eu-west-1.amazonaws.com/a', { ...options, headers })
    const found = explain({ request: { method: 'PUT', url }, response: mismatch, now }).findings
    expect(found.map(({ message }) => message)).toContain(
      `The URL requires headers that must be sent with their signed values: ${and}.`,
    )
    const value = names.length > 1 ? 'values' : 'value'
    expect(found.map(({ fix }) => fix)).toContain(`Send ${and} with the signed ${value}.`)
  })
})
