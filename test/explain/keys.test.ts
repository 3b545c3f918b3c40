import { describe, expect, it } from 'vitest'
import { type ExplainInput, explain } from '../../src/explain.ts'
import { sign } from '../../src/sync.ts'

// Credentials that are not those of the request, and pairs of which both halves are the same, as local servers have them.

const URL = 'http://minio.internal:9000/photos/cat.jpg'
const SIGNED_AT = Date.UTC(2026, 0, 31, 12)
const now = SIGNED_AT + 5000
const signer = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const other = { accessKeyId: 'AKIAOTHEREXAMPLE', secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY' }

type Pair = typeof signer

/** A request that the pair signs. `sent`: headers that differ from the signed ones. */
function requestOf(credentials: Pair, sent: Record<string, string> = {}): ExplainInput['request'] {
  const signed = { 'content-type': 'image/png' }
  const signing = { credentials, region: 'us-east-1', service: 's3', signingDate: SIGNED_AT }
  const { headers } = sign({ method: 'PUT', url: URL, headers: signed, body: 'hello' }, signing)
  return {
    method: 'PUT',
    url: URL,
    headers: { host: 'minio.internal:9000', ...signed, ...headers, ...sent },
    body: 'hello',
  }
}

const mismatch = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }

describe('credentials whose access key ID is not that of the request', () => {
  it.each([
    ['a different pair', other],
    ['the same secret', { ...signer, accessKeyId: other.accessKeyId }],
    ['a pair like test and test', { accessKeyId: 'test', secretAccessKey: 'test' }],
  ])('are not used, which is a note, and prove nothing: %s', (_, credentials) => {
    for (const sent of [{}, { 'content-type': 'image/jpeg' }]) {
      const request = requestOf(signer, sent)
      const [without, given] = [{}, { credentials }].map((more) =>
        explain({ request, response: mismatch, now, ...more }),
      )
      const [note, ...others] = given!.findings
      expect(note).toMatchObject({ cause: 'unknown-access-key', confidence: 'possible' })
      expect([note?.actual, note?.expected]).toEqual([signer.accessKeyId, credentials.accessKeyId])
      expect(others).toEqual(without!.findings)
      expect(given!.wanted).toEqual(without!.wanted)
    }
  })

  it('do not hide what the request or the service shows', () => {
    const [given, added] = [requestOf(signer), requestOf(signer, { 'x-amz-meta-owner': 'maria' })]
    const shown = { response: mismatch, credentials: other }
    const expired = explain({ ...shown, request: given, now: now + 1_200_000 })
    const unsigned = explain({ ...shown, request: added, now })
    expect(expired.findings[0]?.cause).toBe('clock-past')
    expect(unsigned.findings[0]?.cause).toBe('unsigned-header')
  })

  it('are the first cause if the service does not know the access key ID', () => {
    const response = { status: 403, body: '<Error><Code>InvalidAccessKeyId</Code></Error>' }
    const [first] = explain({ request: requestOf(signer), response, now, credentials: other }).findings
    expect(first).toMatchObject({ cause: 'unknown-access-key', message: expect.stringContaining(other.accessKeyId) })
  })
})

describe.each(['minioadmin', 'test', 'AKIDEXAMPLE'])('an access key ID that is also its secret: %s', (name) => {
  const pair = { accessKeyId: name, secretAccessKey: name }
  const isSwap = /swapped|replaced by the access key ID/

  it('is correct if it made the signature', () => {
    expect(explain({ request: requestOf(pair), now, credentials: pair })).toMatchObject({
      signature: 'right',
      findings: [],
    })
    const rejected = explain({ request: requestOf(pair), response: mismatch, now, credentials: pair })
    expect(rejected.signature).toBe('unknown')
    for (const { confidence, message } of rejected.findings) {
      expect(confidence).toBe('possible')
      expect(message).not.toMatch(isSwap)
    }
  })

  it('proves what else differs', () => {
    const request = requestOf(pair, { 'content-type': 'image/jpeg' })
    const [first, ...others] = explain({ request, response: mismatch, now, credentials: pair }).findings
    expect(first).toMatchObject({ cause: 'header-changed', confidence: 'proven', expected: 'image/png' })
    expect(others).toEqual([])
  })

  it('is the wrong secret, and not swapped, if the access key has a different one', () => {
    const credentials = { ...signer, accessKeyId: name }
    for (const response of [undefined, mismatch]) {
      const { verdict, findings } = explain({ request: requestOf(pair), response, now, credentials })
      expect(verdict).not.toMatch(isSwap)
      expect(findings.map(({ cause }) => cause)).toEqual(['wrong-secret'])
    }
  })
})
