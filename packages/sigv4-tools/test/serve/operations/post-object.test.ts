import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byForm, elements, type FormMaking, send, signature } from '../../../../../test/support/hand.ts'
import { amzDateOf } from '../../../../../test/support/oracle.ts'
import { type Started, start } from '../../support/serve/start.ts'

const SIGNATURE = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature']
const NOW = Date.UTC(2024, 0, 2, 3, 4, 5)

let started: Started
beforeAll(async () => {
  started = await start({ now: () => NOW })
})
afterAll(() => started.stop())

async function post(change: Partial<FormMaking>) {
  const { status, text } = await send(
    started.server.port,
    byForm({ ...started.making({ path: '/bucket', time: NOW }), ...change }),
  )
  return { status, ...elements(text) }
}
const without = (...names: string[]) => Object.fromEntries(names.map((name) => [name, null]))

describe('a form without a signature field is denied', () => {
  it.each([
    ['neither policy nor key', { ...without(...SIGNATURE, 'policy', 'key'), acl: 'private' }],
    ['no policy', without(...SIGNATURE, 'policy')],
    ['a policy', without(...SIGNATURE)],
    ['a policy and no key', without(...SIGNATURE, 'key')],
  ])('with %s', async (_, fields) => {
    expect(await post({ fields })).toMatchObject({ status: 403, Code: 'AccessDenied', Message: 'Access Denied' })
  })
})

it('a form that is signed with Version 2 is rejected for it, as by S3', async () => {
  const fields = { ...without(...SIGNATURE), AWSAccessKeyId: 'AKIDEXAMPLE', signature: 'bWQ5Xb1CtGQ0qVpOxZKpsZYGYwA=' }
  expect(await post({ fields })).toMatchObject({
    status: 400,
    Code: 'InvalidRequest',
    Message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  })
})

it('a form whose fields all follow the file does not have a key', async () => {
  const fields = without(...SIGNATURE, 'policy', 'key')
  expect(await post({ fields })).toMatchObject({ status: 400, Code: 'InvalidArgument', ArgumentName: 'key' })
})

it.each(SIGNATURE)('a form with only %s is rejected for the missing field', async (name) => {
  const fields = without(...SIGNATURE.filter((other) => other !== name), 'key')
  expect(await post({ fields })).toMatchObject({ status: 400, Code: 'InvalidArgument', ArgumentName: 'key' })
})

it.each([
  ['text', 'invalid JSON'],
  ['nothing', ' '],
  ['truncated JSON', '{"expiration":"2099-01-01T00:00:00Z","conditions":['],
])('a signed form whose policy is %s does not match its signature', async (_, text) => {
  const policy = Buffer.from(text).toString('base64')
  const signed = signature(started.making({}), policy, amzDateOf(NOW))
  const reply = await post({ fields: { policy, 'x-amz-signature': signed } })
  expect(reply).toMatchObject({ status: 403, Code: 'SignatureDoesNotMatch', StringToSign: policy })
  expect(reply).not.toHaveProperty('CanonicalRequest')
  expect((await started.s3('GET', '/bucket/uploaded', { time: NOW })).status).toBe(404)
})
