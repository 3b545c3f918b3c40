import { inspect } from 'node:util'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { presignPut, sign } from '../../src/index.ts'
import { type ErrorResponseOptions, isSigV4Error, SigV4VerifyError, toErrorResponse, verify } from '../../src/verify.ts'
import { SECRET } from '../support/credentials.ts'
import { HOST, NOW, received, rejectionOf, SIGNING, TOKEN, VERIFYING } from '../support/verify/helpers.ts'

// Error responses: well-formed, in AWS's words, and without secrets.

const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false, htmlEntities: true })

function parse(body: string): Record<string, string> {
  expect(XMLValidator.validate(body)).toBe(true)
  return parser.parse(body).Error
}

async function wrong(): Promise<SigV4VerifyError> {
  const credentials = { ...SIGNING.credentials, sessionToken: TOKEN }
  const request = received(
    await sign(
      { url: `https://${HOST}/a&b<c>?x=é`, headers: { 'x-amz-meta-a': `"it's" <&> ]]>` } },
      { ...SIGNING, credentials },
    ),
  )
  return rejectionOf(verify(request, { ...VERIFYING, credentials: () => 'a different secret' }))
}

describe('the S3 XML', () => {
  it("has AWS's elements in order, and the requested ones", async () => {
    const error = await wrong()
    const { status, headers, body } = toErrorResponse(error, { requestId: '4442587FB7D0A2F9', resource: '/a&b<c>' })
    expect(status).toBe(403)
    expect(headers).toEqual({ 'content-type': 'application/xml', 'x-amz-request-id': '4442587FB7D0A2F9' })
    const response = parse(body)
    expect(Object.keys(response)).toEqual([
      'Code',
      'Message',
      'AWSAccessKeyId',
      'SignatureProvided',
      'Resource',
      'RequestId',
    ])
    expect(response).toMatchObject({
      Code: 'SignatureDoesNotMatch',
      AWSAccessKeyId: 'AKIDEXAMPLE',
      Resource: '/a&b<c>',
    })
    expect(response.Message).toBe(error.message)
  })

  it('has the strings and their bytes on request', async () => {
    const error = await wrong()
    const response = parse(toErrorResponse(error, { strings: true, requestId: 'x' }).body)
    expect(Object.keys(response)).toEqual(
      'Code Message AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes RequestId'.split(
        ' ',
      ),
    )
    expect(response.CanonicalRequest).toBe(error.canonicalRequest)
    expect(response.StringToSign).toBe(error.stringToSign)
    expect(response.CanonicalRequest).toContain(`x-amz-meta-a:"it's" <&> ]]>\n`)
    for (const name of ['StringToSign', 'CanonicalRequest']) {
      const bytes = response[`${name}Bytes`]!
      expect(bytes).toMatch(/^(?:[\da-f]{2} )+[\da-f]{2}$/)
      expect(String(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))).toBe(response[name])
    }
  })

  it('is well-formed for any strings', () => {
    const strings = [
      '\0\x01\x08\x0b\x1f',
      '\ud800 \udfff',
      ']]>',
      '<!--',
      '&amp;&#0;',
      '\ufffe\uffff',
      '"\'',
      'é 😀',
      '\r\n\t',
    ]
    for (const text of strings) {
      const error = new SigV4VerifyError(
        'ERR_SIGV4_SIGNATURE_MISMATCH',
        'X',
        403,
        text,
        { AWSAccessKeyId: text },
        {
          canonicalRequest: text,
          stringToSign: text,
        },
      )
      for (const strings of [false, true]) {
        const { body } = toErrorResponse(error, { strings, resource: text, requestId: text })
        expect(XMLValidator.validate(body)).toBe(true)
        expect(body).not.toMatch(/[^\t\n -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u) // XML 1.0 section 2.2
      }
      expect(JSON.parse(toErrorResponse(error, { format: 'json', strings: true }).body).message).toContain(text)
    }
    const response = parse(toErrorResponse(new Error(), { resource: 'é 😀 <a> "b" & c\0' }).body)
    expect(response.Resource).toBe('é 😀 <a> "b" & c\ufffd')
  })
})

describe('the JSON of other services', () => {
  it.each([
    ['ERR_SIGV4_AUTH_MISSING', 'MissingAuthenticationTokenException'],
    ['ERR_SIGV4_AUTH_MALFORMED', 'IncompleteSignatureException'],
    ['ERR_SIGV4_AUTH_AMBIGUOUS', 'IncompleteSignatureException'],
    ['ERR_SIGV4_ALGORITHM_UNSUPPORTED', 'IncompleteSignatureException'],
    ['ERR_SIGV4_ACCESS_KEY_UNKNOWN', 'UnrecognizedClientException'],
    ['ERR_SIGV4_TIME_SKEWED', 'InvalidSignatureException'],
    ['ERR_SIGV4_EXPIRED', 'InvalidSignatureException'],
  ] as const)('for %s is a %s', (code, type) => {
    const { status, headers, body } = toErrorResponse(new SigV4VerifyError(code, 'X', 400, 'A "message"'), {
      format: 'json',
    })
    expect([status, headers['content-type'], headers['x-amzn-errortype']]).toEqual([
      400,
      'application/x-amz-json-1.1',
      type,
    ])
    expect(JSON.parse(body)).toEqual({ __type: type, message: 'A "message"' })
  })

  it('for an expired token is an ExpiredTokenException', () => {
    const error = new SigV4VerifyError('ERR_SIGV4_EXPIRED', 'ExpiredToken', 400, 'The provided token has expired.')
    expect(toErrorResponse(error, { format: 'json' }).headers['x-amzn-errortype']).toBe('ExpiredTokenException')
  })

  it('has the strings in its message on request', async () => {
    const error = await wrong()
    expect(JSON.parse(toErrorResponse(error, { format: 'json' }).body).message).toBe(error.message)
    expect(JSON.parse(toErrorResponse(error, { format: 'json', strings: true }).body).message).toBe(
      `${error.message}\n\nThe Canonical String for this request should have been\n'${error.canonicalRequest}'\n\nThe String-to-Sign should have been\n'${error.stringToSign}'\n`,
    )
  })
})

describe('any other error', () => {
  it.each([
    [new Error(SECRET)],
    [new TypeError(SECRET)],
    [SECRET],
    [undefined],
    [null],
    [{ message: SECRET, status: 200, details: { a: SECRET } }],
  ])('is a generic 500: %#', (thrown) => {
    for (const format of ['xml', 'json'] as const) {
      const { status, body } = toErrorResponse(thrown, { format, strings: true })
      expect(status).toBe(500)
      expect(body).toMatch(/Internal/)
      expect(body).not.toContain(SECRET)
    }
    expect(parse(toErrorResponse(thrown).body)).toEqual({
      Code: 'InternalError',
      Message: 'We encountered an internal error. Please try again.',
    })
  })

  it('is distinguished from a SigV4VerifyError of a different copy of this package', async () => {
    const { message, code, awsCode, status, details } = await wrong()
    const foreign = Object.assign(new Error(message), { name: 'SigV4VerifyError', code, awsCode, status, details })
    expect(toErrorResponse(foreign)).toEqual(toErrorResponse(await wrong()))
    expect(isSigV4Error(foreign)).toBe(true)
  })
})

describe('a secret', () => {
  const SECRETS = [SECRET, TOKEN, encodeURIComponent(TOKEN), 'a different secret']
  const shown = (error: SigV4VerifyError, options?: ErrorResponseOptions): string =>
    [
      error.message,
      String(error),
      error.stack,
      inspect(error, { depth: 9 }),
      JSON.stringify(error),
      toErrorResponse(error, options).body,
    ].join('\n')

  it('is not in an error, its inspection or its response', async () => {
    const credentials = { ...SIGNING.credentials, sessionToken: TOKEN }
    const url = `https://${HOST}/a`
    const header = received(await sign({ url }, { ...SIGNING, credentials }))
    const query = received(await presignPut(url, { ...SIGNING, credentials }))
    const lookups = [
      () => 'a different secret',
      () => undefined,
      () => SIGNING.credentials,
      () => ({ ...credentials, expiration: NOW }),
    ]
    let count = 0
    for (const request of [header, query])
      for (const credentials of lookups)
        for (const hideUnknownKeys of [false, true])
          for (const options of [{}, { region: 'x' }, { now: 0 }, { host: 'other' }]) {
            const error = await rejectionOf(verify(request, { ...VERIFYING, credentials, hideUnknownKeys, ...options }))
            for (const secret of SECRETS) expect(shown(error)).not.toContain(secret)
            count++
          }
    expect(count).toBe(64)
    for (const request of [
      { ...header, headers: { ...header.headers, authorization: TOKEN } },
      { ...query, headers: { ...query.headers, authorization: TOKEN } },
      { ...query, url: query.url.replace('X-Amz-Expires', 'X-Amz-Security-Token=x&X-Amz-Expires') },
    ])
      for (const secret of SECRETS) expect(shown(await rejectionOf(verify(request, VERIFYING)))).not.toContain(secret)
  })

  it('is not in the canonical request, but signed headers are, on request', async () => {
    const error = await wrong()
    expect(Object.keys(error)).not.toContain('canonicalRequest')
    expect(inspect(error)).not.toContain('x-amz-security-token')
    expect(error.canonicalRequest).toContain(`x-amz-security-token:${TOKEN}`)
    expect(shown(error, { strings: true })).toContain(TOKEN) // the client's own
    expect(shown(error, { strings: true })).not.toContain(SECRET)
  })
})

describe('the options', () => {
  it.each<[string, unknown, string, string]>([
    [
      'a format that does not exist',
      { format: 'yaml' },
      'ERR_INVALID_ARG_VALUE',
      "options.format is not valid. Pass 'xml' or 'json'.",
    ],
    [
      'strings that are not a boolean',
      { strings: 'yes' },
      'ERR_INVALID_ARG_TYPE',
      'options.strings has the wrong type. Pass a boolean.',
    ],
    ['an unknown option', { formats: 'xml' }, 'ERR_INVALID_ARG_VALUE', 'options.formats'],
  ])('with %s are rejected', (_, options, code, message) => {
    expect(() => toErrorResponse(undefined, options as ErrorResponseOptions)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
