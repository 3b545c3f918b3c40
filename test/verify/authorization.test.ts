import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/core/http/query.ts'
import {
  parseAuthorization,
  parsePresigned,
  readCredential,
  readSigningParameters,
  schemeOf,
} from '../../src/verify/authorization.ts'
import { SigV4VerifyError } from '../../src/verify.ts'

// Parsers of a request's claims about its signature; test/verify/rejections.test.ts has what they reject.

const SCOPE = '20150830/us-east-1/s3/aws4_request'
const SIGNATURE = '5'.repeat(64)

describe('a credential', () => {
  it.each(['AKIDEXAMPLE', 'a/b', '/', '//', 'test:tester', 'a+b=c', '20150830/us-east-1/s3/aws4_request', '!~'])(
    'is parsed from the right: the key ID may be %j',
    (accessKeyId) => {
      const scope = { date: '20150830', region: 'us-east-1', service: 's3' }
      for (const location of ['header', 'query'] as const)
        expect(readCredential(`${accessKeyId}/${SCOPE}`, location)).toEqual({
          accessKeyId,
          credentialScope: SCOPE,
          scope,
        })
    },
  )

  it.each([
    '',
    '/',
    SCOPE,
    `/${SCOPE}`,
    `a b/${SCOPE}`,
    `é/${SCOPE}`,
    `a/${SCOPE}/`,
    `a/${SCOPE}\n`,
    `a//${SCOPE.slice(8)}`,
    'a/20150830/us-east-1//aws4_request',
    `a/1${SCOPE}`,
    `a/${SCOPE.replace('/', 'x/')}`,
  ])('is not %j', (credential) => {
    for (const location of ['header', 'query'] as const)
      expect(() => readCredential(credential, location)).toThrow(SigV4VerifyError)
  })
})

describe('an Authorization header', () => {
  const expected = { location: 'header', accessKeyId: 'a', signedHeaders: ['host', 'x-amz-date'], signature: SIGNATURE }
  const parts = [`Credential=a/${SCOPE}`, 'SignedHeaders=host;x-amz-date', `Signature=${SIGNATURE}`]

  it.each([
    parts.join(', '),
    parts.join(','), // as in AWS's own examples
    parts.join(' , '),
    `${parts.join(',\t')} `,
    [...parts].reverse().join(', '),
  ])('may be %j', (text) => {
    expect(parseAuthorization(`AWS4-HMAC-SHA256 ${text}`)).toMatchObject(expected)
    expect(parseAuthorization(`AWS4-HMAC-SHA256\t ${text}`)).toMatchObject(expected)
  })

  it.each([
    `aws4-hmac-sha256 ${parts.join(', ')}`,
    `AWS4-HMAC-SHA256${parts.join(', ')}`,
    ` AWS4-HMAC-SHA256 ${parts.join(', ')}`,
    `AWS4-HMAC-SHA256 ${parts.join('; ')}`,
    `AWS4-HMAC-SHA256 ${parts.join(', ')},`,
    `AWS4-HMAC-SHA256 ${parts.join(', ').replace('Signature', 'signature')}`,
    `AWS4-HMAC-SHA256 ${parts.join(', ').replace('=', ' = ')}`,
    `AWS4-HMAC-SHA256 ${parts.join(', ').replace(';', '; ')}`,
  ])('may not be %j', (header) => {
    expect(() => parseAuthorization(header)).toThrow(SigV4VerifyError)
  })

  it('may have signed headers with any first character', () => {
    const header = `AWS4-HMAC-SHA256 ${parts.join(', ').replace('host', '!a;0;host')}`
    expect(parseAuthorization(header).signedHeaders).toEqual(['!a', '0', 'host', 'x-amz-date'])
    expect(() => parseAuthorization(header.replace('host', 'host\u00e9'))).toThrow(/unique header names/)
  })

  it('has a scheme only if it cannot be a token', () => {
    expect(['Bearer abc', 'abc', '', ' x', 'a\tb'].map(schemeOf)).toEqual(['Bearer', '', '', '', 'a'])
  })
})

describe('a presigned URL', () => {
  const read = (service: string, ...without: string[]) => {
    const parameters = new Map([
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', `a/20150830/us-east-1/${service}/aws4_request`],
      ['X-Amz-Signature', SIGNATURE],
      ['X-Amz-Date', '20150830T123600Z'],
      ['X-Amz-SignedHeaders', 'host'],
      ['X-Amz-Expires', '60'],
    ])
    for (const name of without) parameters.delete(name)
    return parsePresigned(parameters)
  }

  it('needs a lifetime only for S3', () => {
    expect(read('sqs', 'X-Amz-Expires')).toMatchObject({ location: 'query', signedHeaders: ['host'] })
    const incomplete: [string, ...string[]][] = [
      ['s3', 'X-Amz-Expires'],
      ['s3', 'X-Amz-Credential', 'X-Amz-Expires'],
      ['sqs', 'X-Amz-Credential'],
      ['sqs', 'X-Amz-Date', 'X-Amz-Expires'],
    ]
    for (const [service, ...without] of incomplete)
      expect(() => read(service, ...without)).toThrow(/^Query-string authentication version 4 requires/)
  })
})

describe('signing parameters', () => {
  it('are found among others and decoded', () => {
    const entries = parseQuery('a=b&X-Amz-Date=x%2Fy+z&X-Amz-Meta=1&x-amz-meta=2&X-Amz-Security-Token=%C3%A9')
    expect([...readSigningParameters(entries)]).toEqual([
      ['X-Amz-Date', 'x/y z'],
      ['X-Amz-Security-Token', 'é'],
    ])
  })

  it('have case-sensitive names, encoded or not', () => {
    expect([...readSigningParameters(parseQuery('X%2DAmz%2DDate=1'))]).toEqual([['X-Amz-Date', '1']])
    expect(() => readSigningParameters(parseQuery('x-amz-date=1'))).toThrow(SigV4VerifyError)
    expect(() => readSigningParameters(parseQuery('X-Amz-Security-Token=a%FF'))).toThrow(
      expect.objectContaining({
        awsCode: 'AuthorizationQueryParametersError',
        message: 'The parameter X-Amz-Security-Token is not valid UTF-8.',
      }),
    )
    expect(() => readSigningParameters(parseQuery('X-Amz-Date=1&X%2DAmz%2DDate=1'))).toThrow(SigV4VerifyError)
  })
})
