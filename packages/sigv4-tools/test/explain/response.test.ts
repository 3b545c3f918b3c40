import { describe, expect, it } from 'vitest'
import { explain } from '../../src/explain.ts'

// Responses alone: what services state in them, and bodies that are damaged or repeat themselves.

const MISMATCH = 'The request signature we calculated does not match the signature you provided.'
const read = (body: string, more: object = {}) => explain({ response: { status: 400, body, ...more } })
const xml = (code: string, message: string, elements = '') =>
  `<Error><Code>${code}</Code><Message>${message}</Message>${elements}</Error>`

describe('a service states', () => {
  it.each([
    [
      'the service of the scope',
      xml(
        'SignatureDoesNotMatch',
        'Authorization header malformed, unexpected scope: 20260131/eu-west-1/ses/aws4_request',
      ),
      { cause: 'scope-service', expected: 's3', actual: 'ses' },
    ],
    [
      'the region of a bucket',
      xml(
        'PermanentRedirect',
        'The bucket you are attempting to access must be addressed using the specified endpoint.',
        '<Endpoint>photos.s3.eu-west-1.amazonaws.com</Endpoint><Region>eu-west-1</Region>',
      ),
      { cause: 'scope-region', expected: 'eu-west-1' },
    ],
    [
      'the host of a bucket',
      xml(
        'PermanentRedirect',
        'The bucket you are attempting to access must be addressed using the specified endpoint.',
        '<Endpoint>photos.s3.eu-west-1.amazonaws.com</Endpoint>',
      ),
      { cause: 'host', expected: 'photos.s3.eu-west-1.amazonaws.com' },
    ],
    [
      'a signed header that was not sent',
      xml(
        'AuthorizationParametersError',
        'A signed header is not in the request',
        '<ParameterName>x-amz-acl</ParameterName>',
      ),
      { cause: 'header-missing', fix: expect.stringContaining('x-amz-acl') },
    ],
    [
      'the digest of a checksum',
      xml(
        'BadDigest',
        'The SHA256 you specified did not match the calculated checksum.',
        '<ExpectedDigest>AAAA</ExpectedDigest><CalculatedDigest>BBBB</CalculatedDigest>',
      ),
      { cause: 'checksum', expected: 'AAAA', actual: 'BBBB' },
    ],
    [
      'that it received an empty body',
      xml(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        `<ClientComputedContentSHA256>${'a'.repeat(64)}</ClientComputedContentSHA256><S3ComputedContentSHA256>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</S3ComputedContentSHA256>`,
      ),
      { cause: 'payload-mismatch', message: expect.stringContaining('The service received an empty body.') },
    ],
  ])('%s', (_, body, finding) => {
    expect(read(body).findings).toEqual(expect.arrayContaining([expect.objectContaining(finding)]))
  })

  it('a value of an argument, but not of which one', () => {
    const body = xml('InvalidArgument', 'Invalid argument', '<ArgumentValue>abc</ArgumentValue>')
    expect(read(body).findings.map(({ cause }) => cause)).not.toContain('payload-hash')
  })
})

describe('a body is read', () => {
  const skewed = { cause: 'clock-past' }

  it.each([
    ['XML that repeats its elements', `<Error><Code>RequestTimeTooSkewed</Code><Code>AccessDenied</Code></Error>`],
    ['XML that is cut inside of CDATA', '<Error><Code>RequestTimeTooSkewed</Code><Message><![CDATA[The difference'],
    [
      'HTML that repeats its elements',
      '<html><ul><li>Code: RequestTimeTooSkewed</li><li>Code: AccessDenied</li></ul></html>',
    ],
    ['JSON that is cut', '{"Code": "RequestTimeTooSkewed", "Code": "AccessDenied", "Message": "The diff'],
    ['JSON with empty members', '{"errors": [null, {"code": "RequestTimeTooSkewed"}, {"code": "AccessDenied"}]}'],
  ])('%s', (_, body) => {
    expect(read(body).findings[0]).toMatchObject(skewed)
  })

  it('a message of the SDK for Java that has only its details', () => {
    const message =
      '(Service: Amazon S3; Status Code: 403; Error Code: RequestTimeTooSkewed; Request ID: 4442587FB7D0A2F9)'
    expect(read('', { message }).findings[0]).toMatchObject(skewed)
  })

  it('with headers that are not set', () => {
    const headers = { date: undefined, 'x-amz-error-code': 'RequestTimeTooSkewed' }
    expect(read('', { headers }).findings[0]).toMatchObject(skewed)
  })

  it('a page of a website without a title', () => {
    expect(
      read(`<html><ul><li>Code: SignatureDoesNotMatch</li><li>Message: ${MISMATCH}</li></ul></html>`).verdict,
    ).toMatch(/Common cause: The request was signed/)
  })
})
