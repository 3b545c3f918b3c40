import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/core/http/query.ts'
import { parseAuthorization, readSigningParameters, schemeOf } from '../../src/verify/authorization.ts'
import { SigV4VerifyError } from '../../src/verify.ts'

// Forms of a claim that parsers accept; the rows of the suite, and test/attacks/request.test.ts, have what they reject.

const SCOPE = '20150830/us-east-1/s3/aws4_request'
const SIGNATURE = '5'.repeat(64)

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
