import { describe, expect, it } from 'vitest'
import { type PresignPostOptions, presignPost, toFormData } from '../../src/index.ts'
import { type VerifyPostOptions, verifyPost } from '../../src/verify.ts'
import { CREDENTIALS, KEY_ID, NOW, rejectionOf, SECRET, TOKEN } from './helpers.ts'

// Forms: those of presignPost are accepted, and rejected with any field changed.

const TARGET = { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1' }
const OPTIONS: VerifyPostOptions = { credentials: () => CREDENTIALS, bucket: 'photos', now: NOW }

async function form(options: Partial<PresignPostOptions> = {}): Promise<Record<string, string>> {
  const created = {
    credentials: CREDENTIALS,
    signingDate: NOW,
    contentLengthRange: [1, 10] as [number, number],
    ...options,
  }
  return { ...(await presignPost(TARGET, created)).fields }
}

async function outcome(fields: Record<string, string>, options: Partial<VerifyPostOptions> = {}) {
  const { code, awsCode, status, message } = await rejectionOf(verifyPost(fields, { ...OPTIONS, ...options }))
  return [code.replace('ERR_SIGV4_', ''), awsCode, status, message]
}

const changed = (fields: Record<string, string>, name: string, value?: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, old]) =>
      key.toLowerCase() !== name.toLowerCase() ? [[key, old]] : value === undefined ? [] : [[key, value]],
    ),
  )

describe('a form', () => {
  it('is accepted as an object and as a FormData', async () => {
    const fields = await form({ contentType: 'image/jpeg' })
    const post = await presignPost(TARGET, { credentials: CREDENTIALS, signingDate: NOW, contentType: 'image/jpeg' })
    const data = toFormData(post, new Blob(['abc'], { type: 'image/jpeg' }))
    for (const given of [fields, Object.entries(fields), data]) {
      const result = await verifyPost(given as Record<string, string>, { ...OPTIONS, size: 3 })
      expect(result).toMatchObject({ accessKeyId: KEY_ID, scope: { region: 'us-east-1', service: 's3' } })
      expect(result.fields.get('key')).toBe('cat.jpg')
    }
    expect((await verifyPost(fields, { ...OPTIONS, size: 'deferred' })).contentLengthRange).toEqual([1, 10])
  })

  it('has the token of its credentials', async () => {
    const credentials = { ...CREDENTIALS, sessionToken: TOKEN }
    const fields = await form({ credentials })
    expect((await verifyPost(fields, { ...OPTIONS, size: 1, credentials: () => credentials })).sessionToken).toBe(TOKEN)
    expect(await outcome(fields)).toContain('InvalidToken')
    expect(await outcome(await form(), { credentials: () => credentials })).toContain('InvalidToken')
    expect(await outcome(fields, { hideUnknownKeys: true })).toContain('SIGNATURE_MISMATCH')
  })

  it("is rejected in AWS's words", async () => {
    const fields = await form()
    const missing = (name: string) =>
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`
    expect(await outcome({ key: 'a' })).toEqual(['AUTH_MISSING', 'AccessDenied', 403, 'Access Denied'])
    for (const name of ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'])
      expect(await outcome(changed(fields, name))).toEqual(['AUTH_MALFORMED', 'InvalidArgument', 400, missing(name)])
    expect(await outcome(changed(fields, 'policy'))).toEqual([
      'AUTH_MALFORMED',
      'InvalidArgument',
      400,
      missing('policy'),
    ])
    expect(await outcome(changed(fields, 'x-amz-algorithm', 'AWS4-ECDSA-P256-SHA256'))).toContain(
      'ALGORITHM_UNSUPPORTED',
    )
    expect(await outcome(changed(fields, 'x-amz-credential', 'a/b'))).toContain('AUTH_MALFORMED')
    expect(await outcome(changed(fields, 'x-amz-date', '2015'))).toContain('AUTH_MALFORMED')
    expect(await outcome(changed(fields, 'x-amz-date', '20150831T000000Z'))).toContain('SCOPE_MISMATCH')
    expect(await outcome(fields, { region: 'eu-west-1' })).toContain('SCOPE_MISMATCH')
    expect(await outcome(fields, { service: 'sqs' })).toContain('SCOPE_MISMATCH')
    expect(await outcome(fields, { credentials: () => undefined })).toContain('ACCESS_KEY_UNKNOWN')
    expect(await outcome(fields, { credentials: () => undefined, hideUnknownKeys: true })).toContain(
      'SIGNATURE_MISMATCH',
    )
    expect(await outcome(fields, { credentials: () => 'another' })).toContain('SIGNATURE_MISMATCH')
    expect(await outcome(fields, { now: Number(NOW) + 8 * 86_400_000 })).toEqual([
      'EXPIRED',
      'AccessDenied',
      403,
      'Invalid according to Policy: Policy expired.',
    ])
  })

  it('is rejected if it does not meet its policy', async () => {
    const fields = await form()
    const violation = ['POLICY_VIOLATION', 'AccessDenied', 403, expect.stringContaining('Invalid according to Policy')]
    expect(await outcome(changed(fields, 'key', 'dog.jpg'))).toEqual(violation)
    expect(await outcome({ ...fields, acl: 'public-read' })).toEqual(violation)
    expect(await outcome(fields, { bucket: 'others' })).toEqual(violation)
    expect(await outcome(fields, { size: 11 })).toEqual(['POLICY_VIOLATION', 'EntityTooLarge', 400, expect.any(String)])
    expect(await outcome(fields, { size: 0 })).toEqual(['POLICY_VIOLATION', 'EntityTooSmall', 400, expect.any(String)])
  })

  it('is rejected with any byte of its policy or signature changed', async () => {
    const fields = await form()
    for (const name of ['policy', 'X-Amz-Signature']) {
      const [, value] = Object.entries(fields).find(([key]) => key.toLowerCase() === name.toLowerCase())!
      for (let at = 0; at < value.length; at += 3) {
        const other = value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1)
        expect(await outcome(changed(fields, name, other))).toContain('SIGNATURE_MISMATCH')
      }
    }
  })

  it('requires the bucket as an option, and a key', async () => {
    const fields = await form()
    for (const wrong of [{ bucket: '' }, { bucket: undefined }, { credentials: SECRET }, { credentials: () => '' }])
      await expect(verifyPost(fields, { ...OPTIONS, ...wrong } as unknown as VerifyPostOptions)).rejects.toThrow(
        TypeError,
      )
  })
})
