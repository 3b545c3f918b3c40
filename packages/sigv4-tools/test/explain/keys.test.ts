import { describe, expect, it } from 'vitest'
import { sign } from '../../../../src/sync.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { EMPTY_HASH, signatureOf, stringToSignOf } from '../../../../test/support/oracle.ts'
import { type ExplainInput, explain } from '../../src/explain.ts'

// Credentials that are not those of the request, and pairs of which both halves are the same, as local servers have them.

const URL = 'http://minio.internal:9000/photos/cat.jpg'
const SIGNED_AT = Date.UTC(2026, 0, 31, 12)
const now = SIGNED_AT + 5000
const signer = { ...CREDENTIALS }
const other = { accessKeyId: 'AKIAOTHEREXAMPLE', secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY' }

type Pair = typeof signer

/** A request that the pair signs. `sent`: headers that differ from the signed ones. */
function requestOf(credentials: Pair, sent: Record<string, string> = {}): ExplainInput['request'] {
  const signed = { 'content-type': 'image/png' }
  const signing = { credentials, region: 'us-east-1', service: 's3', now: SIGNED_AT }
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

describe('an access key ID and a secret that were swapped', () => {
  const DATE = '20260131T120000Z'
  const SCOPE = ['20260131', 'us-east-1', 's3', 'aws4_request']
  const HOST = 'storage.example.com'
  const signature = (secret: string, toSign: string): string => signatureOf(secret, SCOPE, toSign)
  const toSign = (...lines: string[]): string => stringToSignOf(lines.join('\n'), DATE, SCOPE.join('/'))

  type Sign = (id: string, secret: string) => ExplainInput['request']
  const inHeader =
    (write: (id: string) => string): Sign =>
    (id, secret) => {
      const headers = { host: HOST, 'x-amz-content-sha256': EMPTY_HASH, 'x-amz-date': DATE }
      const names = Object.keys(headers).join(';')
      const lines = Object.entries(headers).map((pair) => pair.join(':'))
      const signed = signature(secret, toSign('GET', '/cat.jpg', '', ...lines, '', names, EMPTY_HASH))
      const authorization = `AWS4-HMAC-SHA256 Credential=${write(id)}, SignedHeaders=${names}, Signature=${signed}`
      return { method: 'GET', url: '/cat.jpg', headers: { ...headers, authorization } }
    }
  const LOCATIONS: Record<string, Sign> = {
    'the Authorization header': inHeader((id) => [id, ...SCOPE].join('/')),
    'the Authorization header, with an encoded ID': inHeader((id) => [encodeURIComponent(id), ...SCOPE].join('/')),
    'the Authorization header, encoded': inHeader((id) => encodeURIComponent([id, ...SCOPE].join('/'))),
    'the query': (id, secret) => {
      const credential = encodeURIComponent([id, ...SCOPE].join('/'))
      const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${DATE}&X-Amz-Expires=300&X-Amz-SignedHeaders=host`
      const signed = signature(secret, toSign('GET', '/cat.jpg', query, `host:${HOST}`, '', 'host', 'UNSIGNED-PAYLOAD'))
      const url = `https://${HOST}/cat.jpg?${query}&X-Amz-Signature=${signed}`
      return { method: 'GET', url, headers: { host: HOST } }
    },
    'a form': (id, secret) => {
      const conditions = ['bucket', 'key', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date'].map((name) => [
        'starts-with',
        `$${name}`,
        '',
      ])
      const policy = Buffer.from(JSON.stringify({ expiration: '2026-01-31T13:00:00Z', conditions })).toString('base64')
      const fields = {
        ...{
          bucket: 'photos',
          key: 'cat.jpg',
          'x-amz-algorithm': 'AWS4-HMAC-SHA256',
          'x-amz-credential': [id, ...SCOPE].join('/'),
        },
        ...{ 'x-amz-date': DATE, policy, 'x-amz-signature': signature(secret, policy), file: 'hello' },
      }
      const parts = Object.entries(fields).map(
        ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      const headers = { host: HOST, 'content-type': 'multipart/form-data; boundary=x' }
      return { method: 'POST', url: '/', headers, body: `${parts.join('')}--x--\r\n` }
    },
  }
  /** Pairs as AWS issues them, and as other servers do. */
  const PAIRS: Record<string, Pair> = {
    AWS: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET },
    radosgw: { accessKeyId: '0555b35654ad1656d804', secretAccessKey: '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' },
    MinIO: { accessKeyId: 'photos-app', secretAccessKey: 'correct-horse/battery+staple' },
  }
  const error = (code: string, message = '', status = 403): ExplainInput['response'] => ({
    status,
    body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  })
  const RESPONSES: Record<string, ExplainInput['response']> = {
    none: undefined,
    InvalidAccessKeyId: error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ),
    SignatureDoesNotMatch: error('SignatureDoesNotMatch'),
    AccessDenied: error('AccessDenied', 'Access Denied'),
    'the length of the ID': error('InvalidArgument', 'Credential access key has length 64, should be 32', 400),
    'the form of the credential': error('AuthorizationHeaderMalformed', 'The Credential is mal-formed.', 400),
  }
  const all = Object.entries(LOCATIONS).flatMap(([location, send]) =>
    Object.entries(PAIRS).flatMap(([server, pair]) =>
      Object.entries(RESPONSES).map(([said, response]) => ({ location, server, said, pair, response, send })),
    ),
  )
  const swap = ({ accessKeyId, secretAccessKey }: Pair): Pair => ({
    accessKeyId: secretAccessKey,
    secretAccessKey: accessKeyId,
  })

  /** Explains the request of a client with swapped keys, and checks that no part of a secret is shown. */
  const explained = ({ send, pair, response }: (typeof all)[number], credentials?: Pair): string[] => {
    const request = send(pair.secretAccessKey, pair.accessKeyId)
    const explanation = explain({ request, response, credentials, now })
    const text = JSON.stringify(explanation)
    for (const secret of [pair.secretAccessKey, encodeURIComponent(pair.secretAccessKey)])
      if (credentials || pair === PAIRS.AWS) expect(text).not.toContain(secret.slice(0, 12))
    return explanation.findings.map(({ cause, confidence }) => `${cause} ${confidence}`)
  }

  it.each(all)('are proven with the credentials: $location, $server, $said', (each) => {
    expect(explained(each, each.pair)[0]).toBe('keys-swapped proven')
  })

  it.each(all.filter(({ server }) => server === 'AWS'))('are likely by their form: $location, $said', (each) => {
    const found = explained(each)
    expect(found.indexOf('keys-swapped likely')).toBe(found[0] === 'malformed-credential likely' ? 1 : 0)
  })

  it.each(all.filter(({ server }) => server === 'AWS'))(
    'are proven if the credentials are swapped, too: $location, $said',
    (each) => {
      expect(explained(each, swap(each.pair))[0]).toBe('keys-swapped proven')
    },
  )
})
