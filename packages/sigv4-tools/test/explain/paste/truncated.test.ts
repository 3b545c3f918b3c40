import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../../src/explain.ts'

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const NOW = Date.UTC(2026, 0, 31, 12, 1)

describe('an error whose end was cut off, by a log or by a copy,', () => {
  const HASH = 'a1b2c3d4'.repeat(8)
  const SENT = {
    method: 'PUT',
    url: `https://${HOST}/cat.jpg`,
    headers: {
      host: HOST,
      'content-type': 'image/png',
      'x-amz-date': '20260131T120000Z',
      'x-amz-content-sha256': HASH,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=${HASH}`,
    },
  }
  const RAW = `PUT /cat.jpg HTTP/1.1\n${Object.entries(SENT.headers)
    .map((pair) => pair.join(': '))
    .join('\n')}\n\nHTTP/1.1 403 Forbidden\nContent-Type: application/xml\n\n`
  const canonical = `PUT\n/cat.jpg\n\ncontent-type:image/png\nhost:${HOST}\nx-amz-content-sha256:${HASH}\nx-amz-date:20260131T120000Z\n\ncontent-type;host;x-amz-content-sha256;x-amz-date\n${HASH}`
  const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${HASH}`
  const message = 'The request signature we calculated does not match the signature you provided. Check your key.'
  const xml = (code: string, text: string, more = ''): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${text}</Message>${more}</Error>`
  const mismatch = xml(
    'SignatureDoesNotMatch',
    message,
    `<StringToSign>${toSign}</StringToSign><SignatureProvided>${HASH}</SignatureProvided><CanonicalRequest>${canonical}</CanonicalRequest>`,
  )
  const json = JSON.stringify({
    __type: 'com.amazon.coral.service#InvalidSignatureException',
    message: `${message}\n\nThe Canonical String for this request should have been\n'${canonical}'\n\nThe String-to-Sign should have been\n'${toSign}'\n`,
  })
  const ENDS = ['', '…', '...', '...(truncated)', ' [truncated]']

  /** What explain concludes from the error alone, and from a paste of the request and the error. */
  const explanations = (body: string) => [
    explain({ request: SENT, response: { status: 403, body }, now: NOW }),
    explain({ ...parseEvidence(RAW + body), now: NOW }),
  ]

  it.each([
    ['in XML', mismatch, 'we calc'],
    ['in JSON', json, 'The request signature we'],
    ['in a canonical request', mismatch, `host:${HOST.slice(0, 9)}`],
    ['in a payload hash', mismatch, `x-amz-date\n${HASH.slice(0, 9)}`],
    ['in the canonical request of JSON', json, `host:${HOST.slice(0, 9)}`],
  ])('is read by its start: %s', (_, whole, last) => {
    const cut = whole.slice(0, whole.lastIndexOf(last) + last.length)
    for (const end of ENDS)
      for (const { findings, signature, wanted } of explanations(cut + end)) {
        expect(signature).toBe('wrong')
        expect(findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'possible' })
        expect(wanted).toContain('body')
      }
  })

  it.each([
    ['a mismatch', mismatch],
    ['a mismatch in JSON', json],
    ['an expired URL', xml('AccessDenied', 'Request has expired', '<X-Amz-Expires>900</X-Amz-Expires>')],
    ['a permission', xml('AccessDenied', 'User: anna is not authorized to perform: s3:PutObject')],
    ['a limit', xml('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')],
    ['a missing object', xml('NoSuchKey', 'The specified key does not exist.')],
    [
      'a region',
      xml(
        'AuthorizationHeaderMalformed',
        "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'eu-central-1'",
        '<Region>eu-central-1</Region>',
      ),
    ],
    [
      'unsigned headers',
      xml(
        'AccessDenied',
        'There were headers present in the request which were not signed',
        '<HeadersNotSigned>x-amz-meta-owner</HeadersNotSigned>',
      ),
    ],
    [
      'a clock',
      xml(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        '<RequestTime>20260131T120000Z</RequestTime><ServerTime>2026-01-31T14:30:00Z</ServerTime>',
      ),
    ],
  ])('does not clear the signature, and no part of it counts as a value, wherever it is cut: %s', (_, whole) => {
    const known = new Set(['eu-west-1', 'eu-central-1', 'x-amz-meta-owner', '20260131T120000Z', '20260131T143000Z'])
    const wrong: unknown[] = []
    for (let length = 1; length < whole.lastIndexOf('<'); length += 7)
      for (const end of ['', '...(truncated)'])
        for (const { findings, signature, verdict } of explanations(whole.slice(0, length) + end)) {
          if (signature === 'right') wrong.push([length, end, signature])
          if (verdict.includes('not the problem')) wrong.push([length, end, verdict])
          for (const { actual, expected } of findings)
            for (const value of [actual, expected])
              if (value !== undefined && !known.has(value)) wrong.push([length, end, value])
        }
    expect(wrong).toEqual([])
  })

  it('clears the signature if it is whole', () => {
    for (const { signature } of explanations(xml('NoSuchKey', 'The specified key does not exist.')))
      expect(signature).toBe('right')
  })

  it('shows what differs before its end', () => {
    const ours = canonical.replace('image/png', 'image/jpeg')
    const cut = mismatch.slice(0, mismatch.indexOf('x-amz-date:2026') + 15)
    const text = `Canonical request that I sent:\n${ours}\n\nThe error:\n${cut}`
    expect(explain(parseEvidence(text)).findings[0]).toMatchObject({
      cause: 'header-changed',
      expected: 'image/jpeg',
      actual: 'image/png',
    })
  })
})
