import { describe, expect, it } from 'vitest'
import { deriveSigningKey, type PresignPostOptions, presignPost, toFormData } from '../../src/index.ts'
import { type VerifyPostOptions, verifyPost } from '../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { hmac, signingKey } from '../support/oracle.ts'
import { NOW, rejectionOf, TOKEN } from '../support/verify/helpers.ts'

// Forms: those of presignPost are accepted, and rejected with any field changed.

const TARGET = { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1' }
const OPTIONS: VerifyPostOptions = { credentials: () => CREDENTIALS, bucket: 'photos', now: NOW }

async function form(options: Partial<PresignPostOptions> = {}): Promise<Record<string, string>> {
  const created = {
    credentials: CREDENTIALS,
    now: NOW,
    contentLengthRange: [1, 10] as [number, number],
    ...options,
  }
  return { ...(await presignPost(TARGET, created)).fields }
}

async function outcome(fields: Record<string, string>, options: Partial<VerifyPostOptions> = {}) {
  const error = await rejectionOf(verifyPost(fields, { ...OPTIONS, ...options }))
  const { code, awsCode, status, message, details } = error
  const argument = details.ArgumentName === undefined ? [] : [details.ArgumentName]
  return [code.replace('ERR_SIGV4_', ''), awsCode, status, message, ...argument]
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
    const post = await presignPost(TARGET, { credentials: CREDENTIALS, now: NOW, contentType: 'image/jpeg' })
    const data = toFormData(post, new Blob(['abc'], { type: 'image/jpeg' }))
    for (const given of [fields, Object.entries(fields), data]) {
      const result = await verifyPost(given as Record<string, string>, { ...OPTIONS, size: 3 })
      expect(result).toMatchObject({ accessKeyId: KEY_ID, scope: { region: 'us-east-1', service: 's3' } })
      expect(result.fields.get('key')).toBe('cat.jpg')
    }
    expect((await verifyPost(fields, { ...OPTIONS, size: 'deferred' })).contentLengthRange).toEqual([1, 10])
  })

  it('has one session token, also for S3 Express', async () => {
    const fields = await form({ credentials: { ...CREDENTIALS, sessionToken: TOKEN } })
    const credential = fields['x-amz-credential']!.replace('/s3/', '/s3express/')
    const both = { ...fields, 'x-amz-credential': credential, 'x-amz-s3session-token': TOKEN }
    const [code, , , message] = await outcome(both)
    expect([code, message]).toEqual(['AUTH_AMBIGUOUS', 'The parameter X-Amz-S3session-Token must be sent only once.'])
  })

  it('has the limits that all its ranges have in common, if there are any', async () => {
    const ranges = await form({ contentLengthRange: [1, 10], conditions: [['content-length-range', 2, 8]] })
    expect((await verifyPost(ranges, { ...OPTIONS, size: 'deferred' })).contentLengthRange).toEqual([2, 8])
    const unlimited = await presignPost(TARGET, { credentials: CREDENTIALS, now: NOW })
    const result = await verifyPost(unlimited.fields, OPTIONS)
    expect('contentLengthRange' in result || 'sessionToken' in result).toBe(false)
  })

  it('that is signed with version 2 is told apart from one without a signature', async () => {
    const version2 = { key: 'cat.jpg', policy: 'e30=', AWSAccessKeyId: KEY_ID, signature: 'c2lnbmF0dXJl' }
    expect((await outcome(version2)).slice(0, 2)).toEqual(['ALGORITHM_UNSUPPORTED', 'InvalidRequest'])
    for (const name of ['AWSAccessKeyId', 'signature'])
      expect((await outcome(changed(version2, name))).slice(0, 2)).toEqual(['AUTH_MISSING', 'AccessDenied'])
  })

  it('has the token of its credentials', async () => {
    const credentials = { ...CREDENTIALS, sessionToken: TOKEN }
    const fields = await form({ credentials })
    expect((await verifyPost(fields, { ...OPTIONS, size: 1, credentials: () => credentials })).sessionToken).toBe(TOKEN)
    expect(await outcome(fields)).toContain('InvalidToken')
    expect(await outcome(await form(), { credentials: () => credentials })).toContain('InvalidAccessKeyId')
    expect(await outcome(fields, { hideUnknownKeys: true })).toContain('SIGNATURE_MISMATCH')
  })

  it("is rejected in AWS's words", async () => {
    const fields = await form()
    const missing = (name: string) =>
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`
    expect(await outcome({ key: 'a' })).toEqual(['AUTH_MISSING', 'AccessDenied', 403, 'Access Denied'])
    const argument = (code: string, name: string, message: string) => [code, 'InvalidArgument', 400, message, name]
    for (const name of ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature', 'policy'])
      expect(await outcome(changed(fields, name))).toEqual(argument('AUTH_MALFORMED', name, missing(name)))
    expect(await outcome(changed(fields, 'x-amz-algorithm', 'AWS4-ECDSA-P256-SHA256'))).toEqual(
      argument('ALGORITHM_UNSUPPORTED', 'X-Amz-Algorithm', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"'),
    )
    expect(await outcome(changed(fields, 'x-amz-credential', 'a/b'))).toEqual(
      argument('AUTH_MALFORMED', 'X-Amz-Credential', expect.stringMatching(/^the Credential is mal-formed; expecting/)),
    )
    expect(await outcome(changed(fields, 'x-amz-date', '2015'))).toEqual(
      argument('AUTH_MALFORMED', 'X-Amz-Date', expect.stringMatching(/^X-Amz-Date must be in the ISO8601 Long Format/)),
    )
    const mismatch = (message: string) => argument('SCOPE_MISMATCH', 'X-Amz-Credential', message)
    expect(await outcome(changed(fields, 'x-amz-date', '20150831T000000Z'))).toEqual(
      mismatch('Invalid credential date "20150830". This date is not the same as X-Amz-Date: "20150831".'),
    )
    expect(await outcome(fields, { region: 'eu-west-1' })).toEqual(
      mismatch("the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
    )
    expect(await outcome(fields, { service: 'sqs' })).toEqual(
      mismatch('incorrect service "s3". This endpoint belongs to "sqs".'),
    )
    const key = await deriveSigningKey(
      { region: 'us-east-1', service: 's3', date: '20150831' },
      { credentials: CREDENTIALS },
    )
    expect(await outcome(fields, { credentials: () => key })).toEqual(
      mismatch('the key of this credential is not valid for 20150830/us-east-1/s3/aws4_request.'),
    )
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

  it('has a signed policy that is base64 and valid', async () => {
    const fields = await form()
    const sign = (policy: string, more: Record<string, string> = {}) => ({
      ...fields,
      ...more,
      policy,
      'x-amz-signature': hmac(signingKey(SECRET, '20150830/us-east-1/s3/aws4_request'), policy).toString('hex'),
    })
    const document = String(Buffer.from(fields.policy!, 'base64'))
    await verifyPost(sign(Buffer.from(document).toString('base64')), { ...OPTIONS, size: 1 })
    for (const policy of [document, ` ${document}`, '*', Buffer.from('[').toString('base64')]) {
      const error = await rejectionOf(verifyPost(sign(policy), { ...OPTIONS, size: 1 }))
      expect([error.code, error.stringToSign]).toEqual(['ERR_SIGV4_SIGNATURE_MISMATCH', policy])
      expect(error.details).toEqual({
        AWSAccessKeyId: KEY_ID,
        SignatureProvided: expect.stringMatching(/^[\da-f]{64}$/),
      })
    }
    expect(await outcome(sign(Buffer.from('{}').toString('base64')))).toEqual([
      'POLICY_VIOLATION',
      'InvalidPolicyDocument',
      400,
      'Invalid Policy: Policy missing expiration.',
    ])
    expect(await outcome(sign(fields.policy!, { key: '' }), { size: 1 })).toEqual([
      'POLICY_VIOLATION',
      'InvalidArgument',
      400,
      expect.stringMatching(/named 'key'/),
      'key',
    ])
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
    for (const bucket of ['', undefined, 7 as never])
      await expect(verifyPost(fields, { ...OPTIONS, bucket } as VerifyPostOptions)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: 'options.bucket has the wrong type. Pass the bucket that the form was sent to.',
      })
    for (const wrong of [{ credentials: SECRET }, { credentials: () => '' }])
      await expect(verifyPost(fields, { ...OPTIONS, ...wrong } as unknown as VerifyPostOptions)).rejects.toThrow(
        TypeError,
      )
  })
})
