import { describe, expect, it } from 'vitest'
import { type Evidence, explain, parseEvidence } from '../../../src/explain.ts'

// What people write around an error that shows nothing else.

const S3 = 'SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.'
const API =
  '{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}'

const causesOf = (text: string): string[] => {
  const { items: _, ...evidence }: Evidence = parseEvidence(text)
  return explain(evidence).findings.map(({ cause, confidence }) => `${cause} ${confidence}`)
}

const WORDS: [cause: string, words: string, error: string][] = [
  ['secret-encoding', 'The secret access key contains a slash.', S3],
  ['header-whitespace', 'The file name contains two consecutive spaces.', S3],
  ['expired', 'The page keeps expired presigned URLs.', S3],
  ['query-extra', 'The presigned URL has vid= appended.', S3],
  ['path-encoding', 'It fails for keys that contain a plus sign.', S3],
  ['path-encoding', 'Each segment goes through encodeURIComponent.', S3],
  ['header-changed', 'The presigned URL works with curl, and a PUT in the browser fails.', S3],
  ['header-changed', 'The proxy rewrites Accept-Encoding to gzip.', API],
  ['payload-mismatch', 'It works without HTTP compression.', API],
  ['query-encoding', 'It fails for /items?name=a%26b.', API],
  ['host', 'The API is behind Akamai.', API],
  ['method', 'The player sends a HEAD request to the presigned URL.', S3],
  ['header-changed', 'It only fails if the metadata is Russian.', S3],
  ['header-missing', "getSignedUrl('putObject', { Bucket, Key, CacheControl: 'no-cache' })", S3],
  ['header-changed', 'The presigned URL works until I set Content-Type.', S3],
  ['header-changed', 'endpoint: https://storage.googleapis.com', S3],
  ['payload-mismatch', 'GET works, and POST fails as soon as there is a body.', API],
  ['path-double-encoding', 'modelId = anthropic.claude-v2:1', API],
  ['path-normalization', 'Objects with a leading slash cannot be read.', S3],
  ['path-encoding', 'Only file names with parentheses fail.', S3],
  ['query-order', 'It fails with multiple query parameters.', API],
  ['query-encoding', 'It fails if there is a query string.', API],
  ['session-token', 'I use temporary credentials.', API],
  ['host', 'We replace the hostname before the URL is used.', S3],
  ['host-port', 'The server listens on a custom port.', S3],
  ['header-changed', 'It works until Cloudflare is enabled.', S3],
  ['host', 'There is a reverse proxy in front.', S3],
  ['host-port', 'baseUri: http://localhost:9095', S3],
]

describe('the words around an error', () => {
  it.each(WORDS)('suggest %s: %s', (cause, words, error) => {
    for (const text of [`${words}\n\n${error}`, `${error}\n\n${words}`]) {
      expect(causesOf(text)[0]).toBe(`${cause} possible`)
      expect(parseEvidence(text).items.map(({ description }) => description)).toContainEqual(
        expect.stringMatching(/^Words that suggest a cause: \S/),
      )
    }
  })

  it('are shown as complete words', () => {
    const descriptions = (text: string) => parseEvidence(text).items.map(({ description }) => description)
    const long = 'The file name of every object in the list contains a "+" character.'
    expect(descriptions(`The query parameters are odd.\n\n${S3}`)).toContain(
      'Words that suggest a cause: query parameters',
    )
    expect(descriptions(`${long}\n\n${S3}`).join('\n')).toMatch(
      /a cause: file name of every object in the list contains a "\+"/,
    )
  })

  it('are not cut off in the message of an error', () => {
    const message = 'The request signature we calculated does not match the signature you provided.'
    expect(parseEvidence(message).items[0]?.description).toBe(`Error "${message}"`)
  })

  it.each([S3, API, `${S3}\nWhat can I do?`, `Tagging: none\n${S3}`])('suggest nothing: %s', (text) => {
    expect(parseEvidence(text).hints).toBeUndefined()
    expect(causesOf(text)[0]).toBe('wrong-secret possible')
  })

  it('do not suggest a body for S3, which has an error for it', () => {
    expect(causesOf(`POST with a body to s3\n\n${API}`)[0]).toBe('wrong-secret possible')
  })

  it('do not suggest a port for the SDKs, which sign it', () => {
    expect(causesOf(`new S3Client({ url: "http://localhost:9000" })\n\n${S3}`)[0]).not.toMatch(/^host-port/)
  })

  it('count for less than a URL that shows what it requires', () => {
    const url =
      'https://b.s3.eu-west-1.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host%3Bx-amz-acl'
    const text = `presigned URL with Content-Type\n${url}&X-Amz-Signature=${'0123456789abcdef'.repeat(4)}\n${S3}`
    expect(causesOf(text)[0]).toBe('header-missing possible')
  })

  it('are not those of a URL, which always names its signed headers', () => {
    const url = `https://b.s3.eu-west-1.amazonaws.com/a?X-Amz-SignedHeaders=host&X-Amz-Signature=${'01234567'.repeat(8)}`
    expect(parseEvidence(`The presigned URL:\n${url}\n${S3}`).hints).toBeUndefined()
    expect(parseEvidence(`The presigned URL and its headers:\n${url}\n${S3}`).hints).toEqual(['header-changed'])
  })

  it('decide between the causes that an error can have', () => {
    const error = 'UnrecognizedClientException: The security token included in the request is invalid.'
    expect(causesOf(error)[0]).toBe('unknown-access-key possible')
    expect(causesOf(`With temporary credentials:\n${error}`)[0]).toBe('session-token likely')
  })

  it('are all that is left if the service returned no more than a status', () => {
    expect(causesOf('The HEAD request to the presigned URL gets a 403 response')).toEqual(['method possible'])
  })
})

describe('a sentence', () => {
  it.each([
    ['AWS says "Only one authentication mechanism is allowed."', 'two-auths possible'],
    ['The backup reports "Malformed Access Key Id"', 'keys-swapped possible'],
    ['S3 signature validation fails', 'wrong-secret possible'],
    ['minio: invalid signature error', 'wrong-secret possible'],
    ['SingatureDoesNotMatch', 'wrong-secret possible'],
    ['the request signature we calculated does not match the signature you provided', 'wrong-secret possible'],
  ])('is read as an error: %s', (text, cause) => {
    expect(causesOf(text)[0]).toBe(cause)
  })

  it.each([
    'My signature does not match the one of my colleague.',
    'This is not an error of anything.',
    'The contract has an invalid signature.',
  ])('is not read if it has nothing to do with AWS: %s', (text) => {
    expect(parseEvidence(text)).toEqual({ items: [] })
  })

  it('is not read next to an error in a format', () => {
    const { response } = parseEvidence(
      `Only one auth mechanism allowed, they say\n<Error><Code>NoSuchKey</Code></Error>`,
    )
    expect(response).toEqual({ body: '<Error><Code>NoSuchKey</Code></Error>' })
  })
})

describe('a signed request of which nothing but its URL is known', () => {
  const url =
    'https://b.s3.eu-west-1.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900'
  const signed = (names: string): string =>
    `${url}&X-Amz-SignedHeaders=${names}&X-Amz-Signature=${'0123456789abcdef'.repeat(4)}`
  const now = Date.UTC(2015, 7, 30, 12, 36, 1)

  it('has possible causes if it shows any', () => {
    expect(explain({ request: { url: signed('host%3Bx-amz-acl') }, now }).findings).toMatchObject([
      { cause: 'header-missing', confidence: 'possible' },
    ])
  })

  it('was perhaps not signed at all if a service rejected it without a signature', () => {
    const rejected = { request: { url: 'https://b.s3.eu-west-1.amazonaws.com/a' }, response: { status: 403 } }
    expect(explain(rejected).findings).toMatchObject([{ cause: 'anonymous', confidence: 'possible' }])
    expect(explain({ request: rejected.request }).findings).toEqual([])
  })

  it('has none if it shows none', () => {
    expect(explain({ request: { url: signed('host') }, now }).findings).toEqual([])
  })
})
