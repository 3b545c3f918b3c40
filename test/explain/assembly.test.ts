import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../src/explain.ts'

// Strings that a client assembled incorrectly and shows: they are compared as they are.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const DATE = '20260131T120000Z'
const SCOPE = '20260131/eu-west-1/s3/aws4_request'
const EMPTY = createHash('sha256').digest('hex')
const NAMES = 'host;x-amz-content-sha256;x-amz-date'
const now = Date.UTC(2026, 0, 31, 12, 0, 5)

const RIGHT = [
  ...['GET', '/cat.jpg', '', `host:${HOST}`, `x-amz-content-sha256:${EMPTY}`, `x-amz-date:${DATE}`, '', NAMES, EMPTY],
]
const without = (index: number): string => RIGHT.filter((_, i) => i !== index).join('\n')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const toSign = (canonical: string): string => ['AWS4-HMAC-SHA256', DATE, SCOPE, sha256(canonical)].join('\n')

const SIGNATURE = 'a1b2c3d4'.repeat(8)
const headers = {
  Host: HOST,
  'X-Amz-Content-Sha256': EMPTY,
  'X-Amz-Date': DATE,
  Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=${NAMES}, Signature=${SIGNATURE}`,
}
const REQUEST = `GET /cat.jpg HTTP/1.1\n${Object.entries(headers)
  .map((pair) => pair.join(': '))
  .join('\n')}\n`
const service = RIGHT.join('\n')
const ERROR = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${toSign(service)}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest>${service}</CanonicalRequest></Error>`

const MISTAKES: [name: string, canonical: string, how: RegExp][] = [
  ['the empty line after the headers', without(6), /without the empty line after the headers/],
  ['the line of the query string', without(2), /without the line of the query string/],
]

describe.each(MISTAKES)('a canonical request without %s', (_, canonical, how) => {
  const own = `My canonical request:\n${canonical}\n\nMy string to sign:\n${toSign(canonical)}\n`

  it.each([
    ['with the request and the error of the service', `${own}\n${REQUEST}\n${ERROR}`],
    ['with the request', `${own}\n${REQUEST}`],
    ['with the error', `${own}\n${ERROR}`],
    ['in strings of a program', `${JSON.stringify(canonical)}\n${JSON.stringify(toSign(canonical))}\n\n${REQUEST}`],
    ['in a code block of Markdown', `\`\`\`\n${own}\`\`\`\n\n${REQUEST}\n${ERROR}`],
  ])('is proven by its hash in the string to sign, pasted %s', (_, text) => {
    const evidence = parseEvidence(text)
    expect(evidence.signed?.canonicalRequest).toBe(canonical)
    const { verdict, findings } = explain({ ...evidence, now })
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toMatch(how)
  })

  it('is proven if it is passed', () => {
    const signed = { canonicalRequest: canonical, stringToSign: toSign(canonical) }
    const request = { method: 'GET', url: `https://${HOST}/cat.jpg`, headers }
    const { verdict, findings } = explain({ request, signed, now })
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toMatch(how)
  })
})

describe('a canonical request that a copy changed', () => {
  it('is read as it was, as its hash in the string to sign shows', () => {
    for (const copy of [without(6), without(2), RIGHT.join(' '), RIGHT.map((line) => `  ${line}`).join('\n')]) {
      const evidence = parseEvidence(
        `My canonical request:\n${copy}\n\nMy string to sign:\n${toSign(service)}\n\n${REQUEST}`,
      )
      expect(evidence.signed?.canonicalRequest).toBe(service)
      expect(explain({ ...evidence, now }).findings).toEqual([])
    }
  })
})

describe('strings that the client shows, with less of the request', () => {
  it('do not differ from a request that is not signed: that is the cause', () => {
    const signed = { canonicalRequest: service, stringToSign: toSign(service) }
    const response = { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }
    const { Authorization, ...unsigned } = headers
    for (const request of [
      { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: unsigned },
      { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: { Host: HOST } },
    ])
      for (const shown of [signed, { stringToSign: signed.stringToSign }])
        expect(explain({ request, response, signed: shown, now }).findings.map(({ cause }) => cause)).toEqual([
          'anonymous',
        ])
  })

  it('do not show that the signature changed if the request without its body does not contain it', () => {
    const policy = Buffer.from('{"expiration":"2026-01-31T13:00:00Z","conditions":[]}').toString('base64')
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${policy}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided></Error>`
    const request = {
      method: 'POST',
      url: `https://${HOST}/`,
      headers: { Host: HOST, 'Content-Type': 'multipart/form-data; boundary=x' },
    }
    const { findings } = explain({ request, response: { status: 403, body }, signed: { stringToSign: policy }, now })
    expect(findings.map(({ cause }) => cause)).not.toContain('tampered-signature')
    expect(findings[0]?.cause).toBe('wrong-secret')
  })
})
