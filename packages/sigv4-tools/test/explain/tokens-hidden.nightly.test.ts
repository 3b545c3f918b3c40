import { describe, expect, it } from 'vitest'
import { presignGet } from '../../../../src/sync.ts'
import { SECRET } from '../../../../test/support/credentials.ts'
import { type Explanation, explain, highlightDiff } from '../../src/explain.ts'
import { ALL_FAULT_CASES } from '../support/explain/generator/cases.ts'
import { type Pair, produce, type Scene } from '../support/explain/generator/signing.ts'

// No output shows a session token, as it was received, as it was signed, or in any notation between.

const TOKEN = 'IQoJb3JpZ2luX2VjEEM+DmFw/xQ+kZr7/Aq9wEXAMPLEtoken+q/4=='
const now = Date.UTC(2026, 0, 31, 12)
const scene: Scene = {
  ...{ host: '127.0.0.1:9000', virtualHost: 's3.localhost:9000', bucket: 'photos', region: 'us-east-1', now },
  credentials: {
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    secretAccessKey: SECRET,
    sessionToken: TOKEN,
  },
}
const keys = { ...scene.credentials, sessionToken: undefined }
const MISMATCH = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }

/** A string without percent-encoding, in which every notation of a + is one. */
function plain(text: string): string {
  for (let level = 0; level < 4; level++)
    text = text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return text.replaceAll(' ', '+').replaceAll('\\/', '/')
}

const PARTS = Array.from({ length: TOKEN.length - 9 }, (_, i) => TOKEN.slice(i, i + 10).toLowerCase())

/** The parts of the token that an explanation shows, also where the command line marks a difference. */
function leaked(explanation: Explanation): string[] {
  const marked = explanation.findings.map(({ expected = '', actual = '' }) => highlightDiff(expected, actual))
  const text = plain(JSON.stringify([explanation, marked])).toLowerCase()
  return PARTS.filter((part) => text.includes(part))
}

const escaped = encodeURIComponent
/** What happens to a token between the client and the paste. */
const WAYS: readonly (readonly [name: string, (text: string) => string])[] = [
  ['as sent', (text) => text],
  ['+ as a space', (text) => text.replaceAll(escaped(TOKEN), escaped(TOKEN.replaceAll('+', ' ')))],
  ['not encoded', (text) => text.replaceAll(escaped(TOKEN), TOKEN)],
  ['encoded twice', (text) => text.replaceAll(escaped(TOKEN), escaped(escaped(TOKEN)))],
  ['cut', (text) => text.replaceAll(escaped(TOKEN), escaped(TOKEN.slice(0, -20)))],
]

describe('a session token is hidden', () => {
  it.each(WAYS)(
    'in the explanations of all faults: %s',
    (_, change) => {
      const shown: string[] = []
      let count = 0
      for (const [i, { base, location, hooks, cause, row }] of ALL_FAULT_CASES.entries()) {
        // each way with a few of the faults: most of them are searched for a second
        if (i % 15 !== WAYS.findIndex((way) => way[1] === change)) continue
        const { request, signed } = produce(scene, { ...base, token: true }, location, hooks)
        const { method, body } = request
        const headers = request.headers.map(
          ([name, value]): Pair => [name, value.replace(TOKEN, plain(change(escaped(TOKEN))))],
        )
        const url = change(request.target)
        const more = i % 2 ? { signed } : {}
        const input = { request: { method, url, headers, body }, response: MISMATCH, now, ...more }
        for (const credentials of [scene.credentials, keys]) {
          const parts = leaked(explain({ ...input, credentials }))
          if (parts.length) shown.push(`${cause}/${row}: ${parts}`)
        }
        count++
      }
      expect(shown).toEqual([])
      expect(count).toBeGreaterThan(10)
    },
    600_000,
  )
})

describe('a token that was signed with + and received with spaces', () => {
  const options = { now, region: 'eu-west-1', credentials: scene.credentials }
  const { url } = presignGet({ bucket: 'photos', key: 'cat.png', region: 'eu-west-1' }, options)
  const received = url.replace(escaped(TOKEN), escaped(TOKEN.replaceAll('+', ' ')))

  it.each([
    ['with', scene.credentials],
    ['without', keys],
  ])('is named and not shown, %s the token', (_, credentials) => {
    const explanation = explain({ request: { url: received }, response: MISMATCH, credentials, now })
    expect(leaked(explanation)).toEqual([])
    expect(explanation.verdict).toBe(
      'Proven: A + in the query string was interpreted differently for signing: the X-Amz-Security-Token parameter differs.',
    )
    expect(explanation.findings[0]).toMatchObject({
      cause: 'query-plus',
      part: { of: 'parameter', name: 'X-Amz-Security-Token' },
      fix: 'Write a space as %20 and a plus as %2B.',
    })
    expect(explanation.findings[0]).not.toHaveProperty('expected')
  })

  it('does not hide a difference in a different parameter', () => {
    const target = { bucket: 'photos', key: 'cat.png', region: 'eu-west-1' }
    const tagged = presignGet(target, { ...options, query: { 'x-id': 'a+b' } }).url
    const { findings } = explain({
      request: { url: tagged.replace('a%2Bb', 'a%20b') },
      ...{ response: MISMATCH, credentials: scene.credentials, now },
    })
    expect(findings[0]).toMatchObject({ cause: 'query-plus', part: { of: 'query' } })
    expect(findings[0]?.expected).toContain('x-id=a%2Bb')
    expect(findings[0]?.actual).toContain('x-id=a%20b')
  })

  it('is hidden in the canonical requests of both sides', () => {
    const canonical = (token: string) =>
      `GET\n/\nX-Amz-Security-Token=${token}&a=1\nhost:h\nx-amz-security-token:${token}\n\nhost;x-amz-security-token\nUNSIGNED-PAYLOAD`
    const toSign = `AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/eu-west-1/s3/aws4_request\n${'0'.repeat(64)}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical(escaped(TOKEN.replaceAll('+', ' '))).replaceAll('&', '&amp;')}</CanonicalRequest><StringToSign>${toSign}</StringToSign></Error>`
    const explanation = explain({
      request: { url: received, headers: { host: 'h' } },
      response: { status: 403, body },
      signed: { canonicalRequest: canonical(TOKEN) },
    })
    expect(explanation.canonicalRequests).toBeDefined()
    expect(leaked(explanation)).toEqual([])
  })
})
