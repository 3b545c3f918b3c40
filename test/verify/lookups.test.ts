import node from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deriveSigningKey, presignGet, type S3Object, sign } from '../../src/index.ts'
import { type FoundCredentials, type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { HOST, NOW, received, rejectionOf, SIGNING, TOKEN, verdict } from '../support/verify/helpers.ts'

// Results of credential lookups, and what a response must not reveal about them.

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

describe('a lookup must not return', async () => {
  const secrets: Record<string, string> = {}
  it.each([
    ['an inherited member', 'constructor', secrets.constructor, 'function Object() { [native code] }'],
    ['an inherited member', 'toString', secrets.toString, 'function toString() { [native code] }'],
    ['the prototype', '__proto__', Reflect.getPrototypeOf(secrets), '[object Object]'],
    ['an empty secret', KEY_ID, '', 'unknown'],
    ['false', KEY_ID, false, 'false'],
    ['zero', KEY_ID, 0, '0'],
    ['credentials without a secret', KEY_ID, { accessKeyId: KEY_ID }, 'undefined'],
    ['credentials with an empty secret', KEY_ID, { accessKeyId: KEY_ID, secretAccessKey: '' }, 'unknown'],
    ['a list', KEY_ID, [SECRET], SECRET],
    ['a key that is a string', KEY_ID, { ...SCOPE, key: SECRET }, SECRET],
    ['a short key', KEY_ID, { ...SCOPE, key: new Uint8Array(31) }, SECRET],
    ['a secret that is a number', KEY_ID, { accessKeyId: KEY_ID, secretAccessKey: 5 }, '5'],
    ['credentials without a key ID', KEY_ID, { secretAccessKey: SECRET }, SECRET],
    ['a key without a day', KEY_ID, { ...SCOPE, date: undefined, key: new Uint8Array(32) }, SECRET],
    ['a key without a region', KEY_ID, { ...SCOPE, region: '', key: new Uint8Array(32) }, SECRET],
    ['a key for a list of services', KEY_ID, { ...SCOPE, service: ['s3'], key: new Uint8Array(32) }, SECRET],
    ...[
      await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, false, ['verify']),
      await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
      await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']),
      ...[{}, { algorithm: { name: 'HMAC' } }, { algorithm: { name: 'HMAC', hash: { name: 'SHA-256' } } }].map(
        (members) => ({ [Symbol.toStringTag]: 'CryptoKey', ...members }),
      ),
      { algorithm: { name: 'HMAC', hash: { name: 'SHA-256' } }, usages: ['verify'] },
      {
        [Symbol.toStringTag]: 'CryptoKey',
        algorithm: { name: 'ECDSA', hash: { name: 'SHA-256' } },
        usages: ['verify'],
      },
    ].map((key, i): [string, string, unknown, string] => [
      `an unusable CryptoKey ${i}`,
      KEY_ID,
      { ...SCOPE, key },
      SECRET,
    ]),
  ])('%s (%s), which a client could guess', async (_, keyId, found, guess) => {
    for (const request of await signed(keyId, guess as string))
      for (const hideUnknownKeys of [false, true]) {
        const call = verify(request, { credentials: () => found as string, now: NOW, hideUnknownKeys })
        await expect(call).rejects.toMatchObject({
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
          message: expect.stringMatching(/^The result of options\.credentials has the wrong type\. Return a secret/),
        })
      }
  })
})

describe('a lookup', () => {
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
  const names = ['digest', 'importKey', 'sign', 'verify', 'deriveBits', 'deriveKey', 'encrypt'] as const
  let calls: string[] = []
  beforeEach(() => {
    for (const name of ['hash', 'createHmac', 'timingSafeEqual'] as const) {
      const real = node[name] as (...args: unknown[]) => unknown
      vi.spyOn(node, name).mockImplementation(((...args: unknown[]) => {
        calls.push(name)
        return real(...args)
      }) as never)
    }
    for (const name of names) {
      const { subtle } = globalThis.crypto
      const real = subtle[name].bind(subtle) as (...args: unknown[]) => unknown
      vi.spyOn(subtle, name).mockImplementation(((...args: unknown[]) => {
        const sizes = args.map((arg) => (ArrayBuffer.isView(arg) && name !== 'digest' ? arg.byteLength : ''))
        calls.push(`${name} ${sizes.join(' ').trim()}`)
        return real(...args)
      }) as never)
    }
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Returns everything that is observable about an error, and the work done for it. */
  async function seen(
    found: FoundCredentials | undefined,
    request: Parameters<typeof verify>[0],
    hideUnknownKeys = true,
  ) {
    calls = []
    const error = await rejectionOf(verify(request, { credentials: () => found, now: NOW, hideUnknownKeys }))
    const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack')
    const properties = own.map((name) => [name, error[name as 'message']])
    const frames = error.stack!.split('\n').filter((line) => line.includes('/src/'))
    return { properties, frames, text: String(error), work: calls }
  }

  it.each(['node:crypto', 'Web Crypto'])('makes all errors indistinguishable, with %s', async (crypto) => {
    if (crypto === 'Web Crypto') vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const secretKey = await deriveSigningKey(SCOPE, {
      credentials: { accessKeyId: KEY_ID, secretAccessKey: 'another' },
    })
    const closed = await deriveSigningKey(SCOPE, {
      credentials: { accessKeyId: KEY_ID, secretAccessKey: 'another' },
      extractable: false,
    })
    const kept = { accessKeyId: KEY_ID, secretAccessKey: 'x'.repeat(SECRET.length) }
    const right = { ...CREDENTIALS }
    for (const request of await signed(KEY_ID, SECRET, TOKEN)) {
      await rejectionOf(verify(request, { credentials: () => kept, now: NOW })) // its key is now in the cache
      await rejectionOf(verify(request, { credentials: () => right, now: NOW }))
      const unknown = await seen(undefined, request)
      expect(unknown.properties).toContainEqual(['code', 'ERR_SIGV4_SIGNATURE_MISMATCH'])
      expect(unknown.work.length).toBeGreaterThan(10)
      const wrong = {
        'a wrong secret': 'x'.repeat(SECRET.length),
        'credentials with a wrong secret': kept,
        'a wrong key': secretKey,
        'a wrong non-extractable key': closed,
        'credentials with a wrong key': { accessKeyId: KEY_ID, signingKey: secretKey },
        'the right secret without the token': right,
        'the right secret with a different token': { ...CREDENTIALS, sessionToken: 'foreign' },
        'credentials for a different key ID': { ...CREDENTIALS, accessKeyId: 'AKIDOTHER' },
        'expired credentials': { ...CREDENTIALS, sessionToken: TOKEN, expiration: NOW },
        'a key for a different day': { ...secretKey, date: '20150831' },
      }
      for (const [what, found] of Object.entries(wrong)) {
        const response = await seen(found as FoundCredentials, request)
        // the block that an HMAC key is hashed into hides its length, and the hash of a token hides the token's
        const lengths = (work: string[]) => work.map((call) => call.replace(/ \d\d$/, ''))
        expect(lengths(response.work), what).toEqual(lengths(unknown.work))
        expect({ ...response, work: [] }, what).toEqual({ ...unknown, work: [] })
      }
    }
  })

  it('is off by default, which reveals more', async () => {
    const [request] = await signed()
    const unknown = await seen(undefined, request!, false)
    const wrong = await seen('another', request!, false)
    expect(unknown.properties).not.toEqual(wrong.properties)
  })

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
