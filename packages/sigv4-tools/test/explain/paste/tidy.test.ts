import { describe, expect, it } from 'vitest'
import { type Evidence, parseEvidence } from '../../../src/explain/paste/parse.ts'
import { explain } from '../../../src/explain.ts'

// What editors, forums, mail and logs do to what they show. It is read as if they had not.

const HASH = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90'
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${HASH}`
const HEADERS = `Host: ${HOST}
X-Amz-Date: 20260131T120000Z
X-Amz-Content-Sha256: ${EMPTY}
Authorization: ${AUTHORIZATION}`
const ERROR =
  '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message></Error>'
const PASTE = `GET /my_cat.jpg HTTP/1.1
${HEADERS}

HTTP/1.1 403 Forbidden
Content-Type: application/xml
Server: AmazonS3

${ERROR}
`

function content(text: string): Omit<Evidence, 'items'> {
  const { items, ...rest } = parseEvidence(text)
  return rest
}

const each = (change: (line: string, i: number) => string, text = PASTE) => text.split('\n').map(change).join('\n')

describe('a request and its response', () => {
  const expected = content(PASTE)

  it('are read', () => {
    expect(expected.request).toMatchObject({ method: 'GET', headers: { length: 4 } })
    expect(expected.response).toMatchObject({ status: 403, body: ERROR })
  })

  it.each([
    ['with numbered lines and bars', each((line, i) => `${String(i + 1).padStart(3)} | ${line}`)],
    ['with the escapes of Markdown', PASTE.replace(/[_*-]/g, '\\$&')],
    ['with the escapes of HTML', PASTE.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['with the line breaks of HTML', PASTE.replaceAll('\n', '<br>\n')],
    ['with the line breaks of Markdown', each((line) => `${line}  `)],
    ['with the time and level of a log', each((line) => `2026-01-31T12:00:00.123Z INFO app[web.1]: ${line}`)],
    ['with the name of a container', each((line) => `web_1  | ${line}`)],
  ])('are the same %s', (_, changed) => {
    expect(content(changed)).toEqual(expected)
  })
})

describe('headers', () => {
  const expected = content(HEADERS)

  it('are a request of their own', () => {
    expect(expected.request).toMatchObject({ url: '/', headers: [['Host', HOST], {}, {}, {}] })
  })

  it('are read with typographic quotation marks', () => {
    const command = (open: string, close: string) =>
      `curl -X PUT -H ${open}Authorization: ${AUTHORIZATION}${close} -H ${open}X-Amz-Date: 20260131T120000Z${close} https://${HOST}/cat.jpg`
    expect(content(command('\u201c', '\u201d'))).toEqual(content(command('"', '"')))
    expect(content(command('\u2018', '\u2019'))).toEqual(content(command("'", "'")))
  })
})

it('numbers that are not those of lines stay', () => {
  const list = '1. I sign the URL\n2. I send it\nHTTP error\n403 Forbidden'
  expect(content(list)).toEqual({ response: { status: 403 } })
})

it('a masked hash is not a malformed one', () => {
  const causesOf = (hash: string) =>
    explain({ ...parseEvidence(PASTE.replace(EMPTY, hash)), now: Date.UTC(2026, 0, 31, 12) }).findings.map(
      ({ cause }) => cause,
    )
  expect(causesOf('sha256')).toContain('payload-hash')
  expect(causesOf('****')).not.toContain('payload-hash')
  expect(causesOf('[REDACTED]')).not.toContain('payload-hash')
})

it('what a service requires is one message, even if it is broken into sentences', () => {
  const sentences = ['Signature', 'SignedHeaders'].map((name) => `Authorization header requires '${name}' parameter.`)
  const { items, response } = parseEvidence(sentences.join('\n'))
  expect(items).toHaveLength(1)
  expect(response?.message ?? response?.body).toContain(sentences[1])
})

it('the requests that MinIO logs as JSON are read', () => {
  const header = Object.fromEntries(HEADERS.split('\n').map((line) => line.split(': ')))
  const { request } = parseEvidence(JSON.stringify({ method: 'GET', reqURI: '/cat.jpg', header }))
  expect(request).toEqual({ method: 'GET', url: `https://${HOST}/cat.jpg`, headers: content(HEADERS).request?.headers })
})

it('two canonical requests that differ show what was changed, but prove nothing without a request', () => {
  const canonical = (type: string) =>
    `PUT\n/cat.jpg\n\ncontent-type:${type}\nhost:${HOST}\nx-amz-date:20260131T120000Z\n\ncontent-type;host;x-amz-date\nUNSIGNED-PAYLOAD`
  const result = explain(
    parseEvidence(
      `My canonical request:\n\n${canonical('image/png')}\n\nWhat the service expects:\n\n<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical('image/jpeg')}</CanonicalRequest></Error>`,
    ),
  )
  expect(result.findings[0]).toMatchObject({ cause: 'header-changed', confidence: 'likely' })
})
