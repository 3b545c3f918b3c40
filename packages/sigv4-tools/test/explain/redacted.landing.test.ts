import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../src/explain.ts'
import { scorePasted, threads } from '../support/explain/threads.ts'

// What people remove before they show a request proves nothing, and does not hide the cause.

const KEY = /(Credential=)[^/%\s,&"']+(?=\/|%2F)/g
const DATED_KEY = /(Credential=)[^/%\s,&"']+(?:\/|%2F)\d{8}(?=\/|%2F)/g
const CREDENTIAL = /(X-Amz-Credential=)[^&\s"'<>]+/g
const SIGNATURE = /(Signature=)[\da-f]{64}/g
const TOKEN = /(x-amz-security-token(?:=|"?: ?"?))[^&\s"'<>,\\]{20,}/gi
const BUCKET = /(https:\/\/)[\w-]+(?=\.s3[\w.-]*\.amazonaws\.com)/g
const AUTHORIZATION = /(Authorization["']?: ?["']?)AWS4-HMAC-SHA256[^\n"']*/g

/** What is replaced, by what, and how many known cases may have another first cause for it, of all that contain it. */
const REDACTIONS: readonly [what: string, pattern: RegExp, placeholder: string, lost: number][] = [
  ['the access key ID', KEY, 'REDACTED', 0.02],
  ['the access key ID', KEY, 'AKIA************', 0.02],
  ['the access key ID', KEY, '<access-key>', 0.02],
  ['the access key ID', KEY, '{{KEY}}', 0.02],
  ['the access key ID', KEY, '…', 0.02],
  ['the access key ID', KEY, '', 0.02],
  ['the access key ID and the date', DATED_KEY, 'REDACTED', 0.08],
  ['the credential', CREDENTIAL, 'xxxxxxxx', 0.05],
  ['the credential', CREDENTIAL, '<credential>', 0.05],
  ['the credential', CREDENTIAL, '', 0.05],
  ['the signature', SIGNATURE, '...', 0.03],
  ['the signature', SIGNATURE, '[signature]', 0.03],
  ['the signature', SIGNATURE, '', 0.08],
  ['the session token', TOKEN, '<snip>', 0.1],
  ['the bucket', BUCKET, '<bucket>', 0.02],
  ['the Authorization header', AUTHORIZATION, '***', 0.25],
]

it.each(REDACTIONS)(
  'known cases without %s: %s → %j',
  async (_, pattern, placeholder, most) => {
    const [lost, proven]: [string[], string[]] = [[], []]
    let count = 0
    for (const thread of threads('known')) {
      const pasted = thread.pasted.replace(pattern, `$1${placeholder}`)
      if (pasted === thread.pasted || !(await scorePasted(thread)).isRight) continue
      count++
      const { isRight, said, wronglyProven } = await scorePasted({ ...thread, pasted })
      if (!isRight) lost.push(`${thread.id}: ${said}`)
      if (wronglyProven) proven.push(`${thread.id}: ${said}`)
    }
    expect(count).toBeGreaterThan(10)
    expect(lost.length / count, lost.join('\n')).toBeLessThanOrEqual(most)
    expect(proven).toEqual([])
  },
  60_000,
)

const URL =
  'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
  '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request' +
  '&X-Amz-Date=20260131T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host' +
  `&X-Amz-Signature=${'a1b2c3d4'.repeat(8)}`

describe('a presigned URL', () => {
  const causesOf = (text: string): string[] =>
    explain({ ...parseEvidence(text), now: Date.UTC(2026, 0, 31, 12, 1) }).findings.map(({ cause }) => cause)
  const whole = causesOf(URL)

  it.each([
    ['AKIAIOSFODNN7EXAMPLE', '<key>'],
    ['AKIAIOSFODNN7EXAMPLE%2F20260131', 'REDACTED'],
    ['AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request', '***'],
    ['a1b2c3d4'.repeat(8), ''],
    ['a1b2c3d4'.repeat(8), 'a1b2c3d4...'],
    ['a1b2c3d4'.repeat(8), '<signature>'],
    ['//photos.', '//<**bucket**>.'],
    ['eu-west-1%2Fs3', 'REDACTED%2Fs3'],
    ['eu-west-1%2Fs3', '<region>%2Fs3'],
    ['%2Fs3%2F', '%2F***%2F'],
    ['20260131%2Feu-west-1%2Fs3', '***%2FREDACTED%2F***'],
  ])('with %s replaced by %j is not at fault for it', (value, placeholder) => {
    const causes = causesOf(URL.replace(value, placeholder))
    expect(causes.filter((cause) => !whole.includes(cause))).toEqual([])
  })

  it('with a part of the credential missing is still at fault for it', () => {
    expect(causesOf(URL.replace('%2Fs3%2F', '%2F'))[0]).toBe('malformed-credential')
    expect(causesOf(URL.replace('AKIAIOSFODNN7EXAMPLE', 'REDACTED').replace('%2Fs3%2F', '%2F'))[0]).toBe(
      'malformed-credential',
    )
  })
})

describe('two canonical requests', () => {
  const canonicalOf = (key: string, path: string): string =>
    [
      'GET',
      path,
      `X-Amz-Credential=${key}%2F20260131%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host`,
      'host:photos.s3.eu-west-1.amazonaws.com',
      '',
      'host',
      'UNSIGNED-PAYLOAD',
    ].join('\n')
  const explained = (client: string, service: string) =>
    explain({
      response: {
        status: 403,
        body: `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${service.replaceAll('&', '&amp;')}</CanonicalRequest></Error>`,
      },
      signed: { canonicalRequest: client },
    }).findings[0]!

  it.each(['REDACTED', '%2A%2A%2A', 'AKIAxxxxxxxxxxxx', '[KEY]'])('do not differ where one has %s', (mask) => {
    const [ours, theirs] = [canonicalOf(mask, '/a.jpg'), canonicalOf('AKIAIOSFODNN7EXAMPLE', '/b.jpg')]
    expect(explained(ours, theirs)).toMatchObject({ cause: 'path' })
    expect(explained(theirs, ours.replace('/a.jpg', '/b.jpg')).cause).not.toBe('query-changed')
  })
})

it.each([0.95, 0.8, 0.5])(
  'proves nothing that is false in the first %s of known cases',
  async (part) => {
    const wrong: string[] = []
    for (const thread of threads('known')) {
      const pasted = thread.pasted.slice(0, thread.pasted.length * part)
      const { said, wronglyProven } = await scorePasted({ ...thread, pasted })
      if (wronglyProven) wrong.push(`${thread.id}: ${said}`)
    }
    expect(wrong).toEqual([])
  },
  60_000,
)
