import { describe, expect, it } from 'vitest'
import { hmacHex, sha256Hex } from '../../../../src/crypto/sha256.ts'
import { presign, presignGet, sign } from '../../../../src/sync.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { signingKeyOf } from '../../src/explain/search/keys.ts'
import { type ExplainInput, explain } from '../../src/explain.ts'

// What is missing from the evidence is not empty, and what the evidence fixes cannot differ.

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET }
const temporary = {
  ...credentials,
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  sessionToken: 'IQoJb3JpZ2luX2VjEEM+DmFw/xQ+kZr7/Aq9w==',
}
const now = Date.UTC(2026, 0, 31, 12)
const API = 'https://abc123defg.execute-api.eu-west-1.amazonaws.com/prod/items'
const BODY = '{"a":1,"b":"x"}'
const MESSAGE = 'The request signature we calculated does not match the signature you provided.'
const response = {
  status: 403,
  headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
  body: JSON.stringify({ message: MESSAGE }),
}
const S3_ERROR = { status: 403, body: `<Error><Code>SignatureDoesNotMatch</Code><Message>${MESSAGE}</Message></Error>` }

/** A request as curl -v prints it: without its body. */
function posted(body: string | undefined, more: Readonly<Record<string, string>> = { 'content-length': '15' }) {
  const headers = { 'content-type': 'application/json' }
  const signed = sign({ method: 'POST', url: API, headers, body }, { credentials, now })
  return { method: 'POST', url: API, headers: { host: new URL(API).host, ...headers, ...signed.headers, ...more } }
}

describe('a body that the evidence does not contain', () => {
  const wrong = { ...credentials, secretAccessKey: 'a different secret access key' }

  it.each([
    ['the right secret', credentials],
    ['a wrong secret', wrong],
  ])('is asked for, and nothing is excluded: %s', (_, known) => {
    const { verdict, signature, decides, findings } = explain({
      request: posted(BODY),
      response,
      credentials: known,
      now,
    })
    expect(verdict).toContain('The signature covers the body, which the evidence does not contain')
    expect(signature).toBe('unknown')
    expect(findings.map(({ confidence }) => confidence)).not.toContain('likely')
    expect(decides?.command).toBe('npx sigv4-tools explain --data-file BODY < LOG')
  })

  it('was not signed as an empty one if the signature is that of an S3 URL for another service', () => {
    const s3 = { pathEncoding: 'single', pathNormalization: 'none', payloadHash: 'UNSIGNED-PAYLOAD' } as const
    const headers = { 'content-type': 'application/json' }
    const scope = { region: 'us-east-1', service: 'execute-api' }
    const options = { ...s3, ...scope, credentials, now, headers }
    const { url, method } = presign('PUT', 'http://127.0.0.1:9000/b/a%20b', options)
    const sent = { ...headers, host: '127.0.0.1:9000', 'content-length': '32' }
    const { findings } = explain({ request: { method, url, headers: sent }, credentials, now })
    expect(findings.map(({ cause }) => cause)).not.toContain('payload-mismatch')
  })

  it('was signed as an empty one if that reproduces the signature, and never makes it correct', () => {
    const { verdict, findings, signature } = explain({ request: posted(undefined), response, credentials, now })
    expect(verdict).toBe('Proven: The client signed an empty body, but the request contained a body of 15 bytes.')
    expect(findings[0]).toMatchObject({ cause: 'payload-mismatch', confidence: 'proven' })
    expect(signature).toBe('wrong')
    const chunked = explain({
      request: posted(undefined, { 'transfer-encoding': 'chunked' }),
      response,
      credentials,
      now,
    })
    expect(chunked.verdict).toBe('Proven: The client signed an empty body, but the request contained a body.')
  })

  it('may have been empty if only its content type is shown', () => {
    const { verdict, findings } = explain({ request: posted(undefined, {}), response, credentials, now })
    expect(verdict).toContain('The signature is correct for a request with an empty body.')
    expect(findings[0]).toMatchObject({ cause: 'payload-mismatch', confidence: 'likely' })
    expect(explain({ request: posted(undefined, {}), credentials, now }).verdict).toBe(
      'The signature is correct if the request is sent with an empty body.',
    )
  })

  it('is not asked for if the request shows it or states its hash', () => {
    const shown = explain({ request: { ...posted(BODY), body: BODY }, response, credentials: wrong, now })
    expect(shown.verdict).toContain('The secret access key differs')
    const put = sign(
      {
        method: 'PUT',
        url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.png',
        body: BODY,
        headers: { 'content-type': 'text/plain' },
      },
      { credentials, now },
    )
    const headers = {
      host: 'photos.s3.eu-west-1.amazonaws.com',
      'content-length': '15',
      'content-type': 'text/plain',
      ...put.headers,
    }
    const stated = {
      request: { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.png', headers },
      response: S3_ERROR,
      now,
    }
    expect(explain({ ...stated, credentials }).verdict).toContain('The signature is correct for this request')
    expect(explain({ ...stated, credentials: wrong }).verdict).toContain('The secret access key differs')
  })
})

describe('the parts that nothing in the evidence fixes', () => {
  it('are all listed, once', () => {
    const url = `${API}?a=1`
    const type = { 'content-type': 'application/json' }
    const signed = sign({ method: 'POST', url, headers: type, body: BODY }, { credentials: temporary, now })
    const headers = { host: new URL(url).host, ...type, ...signed.headers }
    const { verdict, findings } = explain({
      request: { method: 'POST', url, headers, body: BODY },
      response,
      credentials: { ...temporary, secretAccessKey: 'a different secret access key' },
      now,
    })
    expect(verdict).toBe(
      'Possible cause: The secret access key differs. Otherwise, the client signed a different host, path, query string, body, session token, or value of content-type, or the client assembled its canonical request or string to sign in a way that was not tried.',
    )
    expect(findings[0]?.fix).toBe('Use the secret access key that belongs to this access key ID.')
    expect(findings.filter(({ message }) => message.includes('Otherwise'))).toHaveLength(1)
  })

  const asSigned = (signedUrl: string, sentHost: string): ExplainInput => {
    const signed = sign({ method: 'GET', url: signedUrl }, { credentials, now, region: 'eu-west-1' })
    const { pathname } = new URL(signedUrl)
    return {
      request: { method: 'GET', url: pathname, headers: { ...signed.headers, host: sentHost } },
      response: S3_ERROR,
      credentials,
      now,
    }
  }

  it.each([
    ['https://photos.s3.dualstack.eu-west-1.amazonaws.com/cat.png', 'photos.s3.eu-west-1.amazonaws.com'],
    ['https://photos.s3.eu-west-1.amazonaws.com/cat.png', 'photos.s3-accelerate.amazonaws.com'],
    ['https://photos.s3-fips.eu-west-1.amazonaws.com/cat.png', 'photos.s3.eu-west-1.amazonaws.com'],
    ['https://files.example.com.s3.eu-west-1.amazonaws.com/cat.png', 'files.example.com'],
    ['https://sqs-fips.eu-west-1.amazonaws.com/queue', 'sqs.eu-west-1.amazonaws.com'],
  ])('include the other endpoints of a service: %s → %s', (url, host) => {
    const { findings } = explain(asSigned(url, host))
    expect(findings[0]).toMatchObject({
      cause: 'host',
      confidence: 'proven',
      expected: new URL(url).host,
      actual: host,
    })
  })

  it('do not include a host that the signature fits', () => {
    const url = 'https://photos.s3-accelerate.amazonaws.com/cat.png'
    expect(explain(asSigned(url, new URL(url).host)).verdict).toContain('The signature is correct for this request')
  })

  it.each<[string, string | Uint8Array, string]>([
    ['a byte order mark', `\ufeff${BODY}`, BODY],
    ['ISO 8859-1', Buffer.from('{"a":"é"}', 'latin1'), '{"a":"é"}'],
    ['ASCII escapes', '{"a": "\\u00e9"}', '{"a":"é"}'],
    ["Python's str(bytes)", `b'${BODY}'`, BODY],
    ['a different order of fields', 'a=1&b=2', 'b=2&a=1'],
    ['a final line break', `${BODY}\n`, BODY],
  ])('include the encodings of a body: %s', (_, hashed, sent) => {
    const request = { ...posted(undefined, {}), body: sent }
    const signed = sign(
      { method: 'POST', url: API, headers: { 'content-type': 'application/json' }, body: hashed },
      { credentials, now },
    )
    const headers = { ...request.headers, ...signed.headers }
    const { findings } = explain({ request: { ...request, headers }, response, credentials, now })
    expect(findings[0]).toMatchObject({ cause: 'payload-mismatch', confidence: 'proven' })
  })
})

describe('a request whose signature is correct, and which a service rejects', () => {
  it('may have had its body or content type changed by the HTTP library; credentials may be wrong for client and user', () => {
    const { findings, verdict } = explain({ request: { ...posted(BODY), body: BODY }, response, credentials, now })
    expect(verdict).toContain('the service received a different request, or has a different secret')
    expect(findings.slice(0, 3)).toMatchObject([
      { cause: 'payload-mismatch' },
      { cause: 'header-changed', part: { of: 'header', name: 'content-type' } },
      { cause: 'wrong-secret' },
    ])
  })

  const local = (headers: Readonly<Record<string, string>>, region = 'eu-west-1'): ExplainInput => {
    const url = 'http://127.0.0.1:9000/photos/cat.png'
    const options = { credentials, now, region, service: 's3', signedHeaders: Object.keys(headers) }
    const signed = sign({ method: 'PUT', url, headers, body: BODY }, options)
    const all = { host: '127.0.0.1:9000', ...headers, ...signed.headers }
    return { request: { method: 'PUT', url, headers: all, body: BODY }, response: S3_ERROR, credentials, now }
  }

  it('may have reached a local server through a proxy, or that server has a different secret', () => {
    const { findings, verdict } = explain(local({}))
    expect(verdict).toContain('or has a different secret')
    expect(findings[0]?.cause).toBe('host-port')
    expect(findings.map(({ cause }) => cause)).toContain('wrong-secret')
  })

  it('keeps what is visible in it: a header that was sent twice', () => {
    const input = local({ 'content-type': 'image/png, image/png' })
    expect(explain(input).findings[0]).toMatchObject({
      cause: 'header-changed',
      fix: 'Send the Content-Type header once.',
    })
  })

  it('keeps what is visible in it: a region in uppercase', () => {
    const scope = ['20260131', 'EU-WEST-1', 's3', 'aws4_request']
    const hash = 'UNSIGNED-PAYLOAD'
    const canonical = `GET\n/photos/cat.png\n\nhost:127.0.0.1:9000\nx-amz-content-sha256:${hash}\nx-amz-date:20260131T120000Z\n\nhost;x-amz-content-sha256;x-amz-date\n${hash}`
    const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n${scope.join('/')}\n${sha256Hex(canonical)}`
    const signature = hmacHex(signingKeyOf(credentials.secretAccessKey, scope), toSign)
    const headers = {
      host: '127.0.0.1:9000',
      ...{ 'x-amz-content-sha256': hash, 'x-amz-date': '20260131T120000Z' },
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope.join('/')}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    }
    const { verdict, findings } = explain({
      request: { url: '/photos/cat.png', method: 'GET', headers },
      response: S3_ERROR,
      credentials,
      now,
    })
    expect(verdict).toContain('The signature is correct for this request')
    expect(findings[0]).toMatchObject({ cause: 'scope-region', expected: 'eu-west-1' })
  })
})

describe('temporary credentials without their token', () => {
  const { sessionToken: _, ...keys } = temporary
  const target = { bucket: 'photos', key: 'cat.png', region: 'eu-west-1' }
  const { url } = presignGet(target, { credentials: temporary, now })

  it('are used with the token in the request', () => {
    const { verdict, findings } = explain({
      request: { method: 'GET', url, headers: { host: new URL(url).host } },
      response: S3_ERROR,
      credentials: keys,
      now,
    })
    expect(verdict).toContain('The signature is correct for this request')
    expect(findings.map(({ cause }) => cause)).not.toContain('session-token')
  })

  it.each([
    ['with spaces for +', (token: string) => token.replaceAll('+', ' ')],
    ['percent-encoded', encodeURIComponent],
  ])('prove that the token in a header was signed %s', (_, change) => {
    const { host } = new URL(url)
    const canonical = (token: string) =>
      `GET\n/cat.png\n\nhost:${host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260131T120000Z\nx-amz-security-token:${token}\n\nhost;x-amz-content-sha256;x-amz-date;x-amz-security-token\nUNSIGNED-PAYLOAD`
    const scope = ['20260131', 'eu-west-1', 's3', 'aws4_request']
    const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n${scope.join('/')}\n${sha256Hex(canonical(change(temporary.sessionToken)))}`
    const headers = {
      ...{ host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-date': '20260131T120000Z' },
      'x-amz-security-token': temporary.sessionToken,
      authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/${scope.join('/')}, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=${hmacHex(signingKeyOf(keys.secretAccessKey, scope), toSign)}`,
    }
    const { verdict } = explain({
      request: { method: 'GET', url: '/cat.png', headers },
      response: S3_ERROR,
      credentials: keys,
      now,
    })
    expect(verdict).toBe('Proven: The x-amz-security-token header changed after signing.')
  })

  it('are only suspicious with the ID of a long-term key', () => {
    const { url: mixed } = presignGet(target, {
      credentials: { ...credentials, sessionToken: temporary.sessionToken },
      now,
    })
    const { findings } = explain({
      request: { url: mixed },
      response: S3_ERROR,
      credentials: { ...credentials, secretAccessKey: 'x'.repeat(40) },
      now,
    })
    const token = findings.find(({ cause }) => cause === 'session-token')
    expect(token).toMatchObject({ confidence: 'possible', message: expect.stringContaining('long-term') })
  })

  it('are missing their token if the request lacks it too', () => {
    const without = presignGet(target, { credentials: { ...credentials }, now }).url.replace('AKIA', 'ASIA')
    const { findings } = explain({ request: { url: without }, response: S3_ERROR, credentials: keys, now })
    expect(findings[0]).toMatchObject({ cause: 'session-token', confidence: 'likely' })
  })
})

describe('the time of pasting', () => {
  const { url } = presignGet('https://photos.s3.eu-west-1.amazonaws.com/cat.png', { credentials, now })
  const forbidden = { status: 403, body: '' }
  const headers = { host: '127.0.0.1:9000' }

  it('is not that of the request: the age of a URL comes last, and is only possible', () => {
    for (const more of [{}, { response: forbidden }]) {
      const { findings } = explain({ request: { method: 'GET', url: `${url}&utm=1`, headers }, ...more })
      expect(findings.at(-1)).toMatchObject({ cause: 'expired', confidence: 'possible' })
    }
  })

  it.each<[string, Partial<ExplainInput>]>([
    ['the response has a date', { response: { ...forbidden, headers: { date: 'Sat, 31 Jan 2026 13:00:00 GMT' } } }],
    ['the time is passed', { response: forbidden, now: now + 3_600_000 }],
    [
      'the error names it',
      {
        response: {
          status: 403,
          body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
        },
      },
    ],
  ])('does not matter if %s', (_, more) => {
    const { findings } = explain({ request: { method: 'GET', url, headers }, ...more })
    expect(findings[0]).toMatchObject({ cause: 'expired', confidence: 'likely' })
  })

  const dated = (signedAt: number, time: number) => {
    const target = 'https://abc123defg.execute-api.eu-west-1.amazonaws.com/prod'
    const signed = sign({ method: 'GET', url: target }, { credentials, now: signedAt })
    const request = { method: 'GET', url: target, headers: { host: new URL(target).host, ...signed.headers } }
    return explain({ request, response: { status: 403, body: '' }, now: time })
  }

  it.each([
    ['minutes for the month', Date.UTC(2026, 4, 1, 2, 1), Date.UTC(2026, 11, 1, 2, 1, 30)],
    ['the year of the week', Date.UTC(2026, 11, 29, 12), Date.UTC(2025, 11, 29, 12)],
  ])('and a date in a different month with the time of day is one in a wrong format: %s', (_, signed, time) => {
    const { findings, verdict } = dated(signed, time)
    expect(findings[0]).toMatchObject({ cause: 'date-format', confidence: 'likely' })
    expect(verdict).toContain('at the same time of day')
  })

  it.each([
    ['two days', Date.UTC(2026, 0, 29, 12), 'clock-past', 'The request was dated 2 days in the past.'],
    ['40 days and an hour', Date.UTC(2025, 11, 22, 11), 'clock-past', 'The request was dated 40 days in the past.'],
    ['twelve hours', Date.UTC(2026, 0, 31, 0), 'clock-timezone', 'or the hour for a clock of 12 hours.'],
    ['five hours', Date.UTC(2026, 0, 31, 7), 'clock-timezone', 'as if local time had been written as UTC.'],
    ['1970', 60_000, 'clock-past', 'The request was dated in the year 1970.'],
  ])('and other differences are those of clocks: %s', (_, signed, cause, event) => {
    const { findings, verdict } = dated(signed, now)
    expect(findings[0]?.cause).toBe(cause)
    expect(verdict).toContain(event)
  })
})

describe('an empty value in the canonical request of a service', () => {
  const canonical = (host: string) =>
    `PUT\n/photos/cat.png\n\ncontent-type:image/png\nhost:${host}\nx-amz-date:20260131T120000Z\n\ncontent-type;host;x-amz-date\nUNSIGNED-PAYLOAD`
  const answer = (host: string) => ({
    status: 403,
    body: `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical(host)}</CanonicalRequest><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'0'.repeat(64)}</StringToSign></Error>`,
  })

  it('may have been removed before it was pasted', () => {
    const { findings } = explain({ response: answer('') })
    expect(findings.map(({ confidence }) => confidence)).not.toContain('likely')
    expect(findings[0]?.message).toContain('Unless its value was removed')
  })

  it('differs from the value that the client signed', () => {
    const { findings } = explain({ response: answer(''), signed: { canonicalRequest: canonical('h.example') } })
    expect(findings[0]).toMatchObject({ cause: 'header-missing', confidence: 'likely', expected: 'h.example' })
  })
})

/** What a client signs that assembles its strings itself. */
function signedFor(canonicalRequest: string, scope: string, date: string, algorithm = 'AWS4-HMAC-SHA256') {
  const stringToSign = `${algorithm}\n${date}\n${scope}\n${sha256Hex(canonicalRequest)}`
  const signature = hmacHex(signingKeyOf(credentials.secretAccessKey, scope.split('/')), stringToSign)
  return { signature, signed: { canonicalRequest, stringToSign } }
}

it('the signatures of chunks are not called incorrect if the algorithm is not known', () => {
  const url = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
  const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
  const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '1' }
  const options = { credentials, region: 'eu-west-1', service: 's3', now, payloadHash }
  const { headers: signed } = sign({ method: 'PUT', url, headers }, options)
  const names = ['content-encoding', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-decoded-content-length']
  const lines = names.map((name) => `${name}:${{ ...signed, host: new URL(url).host }[name]}\n`)
  const canonicalRequest = `PUT\n/cat.jpg\n\n${lines.join('')}\n${names.join(';')}\n${payloadHash}`
  const scope = '20260131/eu-west-1/s3/aws4_request'
  const { signature } = signedFor(canonicalRequest, scope, '20260131T120000Z', 'AWS4-HMAC-SHA512')
  const authorization = signed.authorization!.replace('SHA256', 'SHA512').replace(/[\da-f]{64}$/, signature)
  const body = `1;chunk-signature=${'0'.repeat(64)}\r\na\r\n0;chunk-signature=${'0'.repeat(64)}\r\n\r\n`
  const request = { method: 'PUT', url, headers: { ...signed, authorization }, body }
  const causes = explain({ request, credentials, now }).findings.map(({ cause }) => cause)
  expect(causes[0]).toBe('algorithm')
  expect(causes).not.toContain('streaming-chunk-signature')
})

it('a + in the date of a URL, which was signed as a space, is a mistake in the URL', () => {
  const date = 'Sat, 31 Jan 2026 12:00:00 GMT'
  const scope = '20260131/eu-west-1/s3/aws4_request'
  const credential = `X-Amz-Credential=${encodeURIComponent(`${credentials.accessKeyId}/${scope}`)}`
  const rest = 'X-Amz-Expires=900&X-Amz-SignedHeaders=host'
  const query = (text: string) => `X-Amz-Algorithm=AWS4-HMAC-SHA256&${credential}&X-Amz-Date=${text}&${rest}`
  const host = 'photos.s3.eu-west-1.amazonaws.com'
  const canonical = `GET\n/a\n${query(encodeURIComponent(date))}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`
  const { signature, signed } = signedFor(canonical, scope, date)
  const sent = query(encodeURIComponent(date).replaceAll('%20', '+'))
  const request = { method: 'GET', url: `https://${host}/a?${sent}&X-Amz-Signature=${signature}` }
  const { findings } = explain({ request, signed, credentials, now })
  expect(findings[0]).toMatchObject({ cause: 'query-plus', confidence: 'proven' })
  expect(findings.map(({ cause }) => cause)).not.toContain('string-to-sign')
})

it('a bucket that was signed in the path and sent in the host is recognized without a signed host', () => {
  const scope = '20260131/eu-west-1/s3/aws4_request'
  const date = '20260131T120000Z'
  const hash = 'UNSIGNED-PAYLOAD'
  const names = 'x-amz-content-sha256;x-amz-date'
  const canonical = `GET\n/photos/a\n\nx-amz-content-sha256:${hash}\nx-amz-date:${date}\n\n${names}\n${hash}`
  const { signature } = signedFor(canonical, scope, date)
  const credential = `Credential=${credentials.accessKeyId}/${scope}`
  const headers = {
    ...{ host: 'photos.s3.eu-west-1.amazonaws.com', 'x-amz-date': date, 'x-amz-content-sha256': hash },
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
  const { findings } = explain({ request: { method: 'GET', url: '/a', headers }, credentials, now })
  expect(findings[0]).toMatchObject({ cause: 'path-style-mismatch', confidence: 'proven' })
})

it('a path that only the rules of an API encode again is not proven to have changed, if the host is not an API', () => {
  const scope = '20260131/us-east-1/execute-api/aws4_request'
  const hash = 'UNSIGNED-PAYLOAD'
  const credential = `X-Amz-Credential=${encodeURIComponent(`${credentials.accessKeyId}/${scope}`)}`
  const date = '20260131T120000Z'
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&${credential}&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-SignedHeaders=host`
  const canonical = `GET\n/b/r%E9sum%E9/%E6%9D%B1\n${query}\nhost:127.0.0.1:9000\n\nhost\n${hash}`
  const { signature, signed } = signedFor(canonical, scope, date)
  const url = `http://127.0.0.1:9000/b/r%C3%A9sum%C3%A9/%E6%9D%B1?${query}&X-Amz-Signature=${signature}`
  const { findings } = explain({ request: { method: 'GET', url }, signed, credentials, now })
  expect(findings.filter(({ confidence }) => confidence === 'proven')).toEqual([])
})
