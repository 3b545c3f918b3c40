import { describe, expect, it, vi } from 'vitest'
import { deriveSigningKey, presignGet, type S3Object, sign } from '../../src/index.ts'
import { type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { HOST, NOW, received, rejectionOf, SIGNING, TOKEN, verdict } from '../support/verify/helpers.ts'

// Results of credential lookups; test/attacks/no-key.test.ts has those that are not keys, and test/attacks/key-ids.test.ts what
// responses must not reveal about them.

const SCOPE = { date: '20150830', region: 'us-east-1', service: 's3' }
const TARGET: S3Object = { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1' }

async function signed(accessKeyId = KEY_ID, secretAccessKey = SECRET, sessionToken?: string) {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  return [
    received(await sign({ url: `https://${HOST}/a` }, { ...SIGNING, credentials })),
    received(await presignGet(TARGET, { credentials, now: NOW })),
  ]
}

async function responses(found: unknown, ...who: Parameters<typeof signed>): Promise<string[]> {
  const requests = await signed(...who)
  const options: VerifyOptions = { credentials: () => found as string, now: NOW }
  return Promise.all(requests.map((request) => verdict(request, options)))
}

describe('a lookup may return', () => {
  it('the secret, synchronously or as a promise', async () => {
    expect(await responses(SECRET)).toEqual(['accepted', 'accepted'])
    expect(await responses(Promise.resolve(SECRET))).toEqual(['accepted', 'accepted'])
    // biome-ignore lint/suspicious/noThenProperty: a promise from a different library
    expect(await responses({ then: (done: (value: string) => void) => done(SECRET) })).toEqual(['accepted', 'accepted'])
  })

  it('a signing key in bytes, or a non-extractable one, alone or in credentials', async () => {
    const bytes = await deriveSigningKey(SCOPE, { credentials: CREDENTIALS })
    const closed = await deriveSigningKey(SCOPE, { credentials: CREDENTIALS, extractable: false })
    for (const key of [bytes, closed]) {
      expect(await responses(key)).toEqual(['accepted', 'accepted'])
      expect(await responses({ accessKeyId: KEY_ID, signingKey: key })).toEqual(['accepted', 'accepted'])
      expect(await responses(key, KEY_ID, 'another')).toEqual(Array(2).fill('ERR_SIGV4_SIGNATURE_MISMATCH'))
    }
  })

  it('credentials with a token, which the request must have', async () => {
    const found = { ...CREDENTIALS, sessionToken: TOKEN, expiration: new Date('2015-08-30T12:36:01Z') }
    expect(await responses(found, KEY_ID, SECRET, TOKEN)).toEqual(['accepted', 'accepted'])
    for (const token of [undefined, `${TOKEN}x`, TOKEN.slice(1)])
      expect(await responses(found, KEY_ID, SECRET, token)).toEqual(Array(2).fill('ERR_SIGV4_ACCESS_KEY_UNKNOWN'))
  })

  it('credentials with a different token, which the error contains where loggers do not print it', async () => {
    const [request] = await signed(KEY_ID, SECRET, TOKEN)
    const { details } = await rejectionOf(verify(request!, { credentials: () => CREDENTIALS, now: NOW }))
    expect(details['Token-0']).toBe(TOKEN)
    expect(Object.keys(details)).toEqual([])
  })

  it('credentials that have expired, with which requests are rejected', async () => {
    const found = { ...CREDENTIALS, sessionToken: TOKEN, expiration: NOW }
    for (const request of await signed(KEY_ID, SECRET, TOKEN)) {
      const { awsCode, status, details } = await rejectionOf(verify(request, { credentials: () => found, now: NOW }))
      expect([awsCode, status, details['Token-0']]).toEqual(['ExpiredToken', 400, TOKEN])
    }
  })

  it('only a secret, so that the caller must check the token', async () => {
    for (const request of await signed(KEY_ID, SECRET, TOKEN))
      expect((await verify(request, { credentials: () => SECRET, now: NOW })).sessionToken).toBe(TOKEN)
  })

  it('nothing', async () => {
    expect(await responses(undefined)).toEqual(Array(2).fill('ERR_SIGV4_ACCESS_KEY_UNKNOWN'))
    expect(await responses(null)).toEqual(Array(2).fill('ERR_SIGV4_ACCESS_KEY_UNKNOWN'))
    expect(await responses(Promise.resolve())).toEqual(Array(2).fill('ERR_SIGV4_ACCESS_KEY_UNKNOWN'))
  })

  it('credentials that are valid for their own key ID only', async () => {
    expect(await responses(CREDENTIALS)).toEqual(['accepted', 'accepted'])
    expect(await responses(CREDENTIALS, 'AKIDOTHER')).toEqual(Array(2).fill('ERR_SIGV4_ACCESS_KEY_UNKNOWN'))
  })

  it('credentials whose secret changes', async () => {
    const found = { ...CREDENTIALS }
    expect(await responses(found)).toEqual(['accepted', 'accepted'])
    found.secretAccessKey = 'another'
    expect(await responses(found)).toEqual(Array(2).fill('ERR_SIGV4_SIGNATURE_MISMATCH'))
    expect(await responses(found, KEY_ID, 'another')).toEqual(['accepted', 'accepted'])
  })
})

describe('a lookup', () => {
  it('must not return anything else, which the error names', async () => {
    const [request] = await signed()
    const results = [
      ...['', false, 0, [SECRET], {}, { secretAccessKey: SECRET }, { accessKeyId: KEY_ID, secretAccessKey: '' }],
      ...[SECRET, new Uint8Array(31), {}].map((key) => ({ ...SCOPE, key })),
      ...['date', 'region', 'service'].map((part) => ({ ...SCOPE, [part]: '', key: new Uint8Array(32) })),
    ]
    for (const found of results)
      await expect(verify(request!, { credentials: () => found as never, now: NOW })).rejects.toMatchObject({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^The result of options\.credentials has the wrong type\. Return a secret/),
      })
  })

  it('that throws rejects with its error', async () => {
    const error = new Error('the database is unavailable')
    const [request] = await signed()
    await expect(verify(request!, { credentials: () => Promise.reject(error), now: NOW })).rejects.toBe(error)
    const thrown = () => {
      throw error
    }
    await expect(verify(request!, { credentials: thrown, now: NOW })).rejects.toBe(error)
  })

  it("is called once, with the request's claims, after every check that needs no secret", async () => {
    const credentials = vi.fn(() => SECRET)
    const [request] = await signed()
    await verify(request!, { credentials, now: NOW })
    expect(credentials.mock.calls).toEqual([[KEY_ID, SCOPE]])
    await rejectionOf(verify(request!, { credentials, now: NOW, region: 'eu-west-1' }))
    await rejectionOf(verify(request!, { credentials, now: 0 }))
    await rejectionOf(
      verify({ ...request!, headers: { ...request!.headers, 'x-amz-acl': 'private' } }, { credentials, now: NOW }),
    )
    expect(credentials).toHaveBeenCalledTimes(1)
  })

  it('is called as a method of its object', async () => {
    class Options {
      readonly #secrets = new Map([[KEY_ID, SECRET]])
      readonly now = NOW
      credentials(id: string) {
        return this.#secrets.get(id)
      }
    }
    for (const request of await signed()) await verify(request, new Options())
  })
})

describe('hideUnknownKeys', () => {
  it('accepts valid requests', async () => {
    const closed = await deriveSigningKey(SCOPE, { credentials: CREDENTIALS, extractable: false })
    const bytes = await deriveSigningKey(SCOPE, { credentials: CREDENTIALS })
    for (const found of [SECRET, CREDENTIALS, bytes, closed, { accessKeyId: KEY_ID, signingKey: closed }])
      for (const request of await signed())
        expect((await verify(request, { credentials: () => found, now: NOW, hideUnknownKeys: true })).accessKeyId).toBe(
          KEY_ID,
        )
  })
})
