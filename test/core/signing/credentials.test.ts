import { afterEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import * as verifying from '../../../src/verify.ts'
import { SECRET } from '../../support/credentials.ts'
import { signingKey } from '../../support/oracle.ts'
import { asReceived, judge } from '../../support/service.ts'

// Credentials, providers, signing keys, and the cache of derived keys.

const DATE = new Date('2015-08-30T12:36:00Z')
const OBJECT = { bucket: 'photos', key: 'a', region: 'eu-west-1' }
const SCOPE = { date: '20150830', region: 'eu-west-1', service: 's3' }

/** Returns a new credentials object. */
const secret = (change: object = {}) => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, ...change })

function verify(result: synchronous.PresignedRequest, secretAccessKey = SECRET): void {
  const { sent, expected } = judge(asReceived(result), secretAccessKey, 's3')
  expect(sent).toBe(expected)
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('credentials of services other than AWS', () => {
  const long = 'a1B2c3D4'.repeat(5) // as long as an AWS secret access key
  it.each([
    ['a long access key ID', { accessKeyId: long }],
    ['a secret as long as an AWS access key ID', { secretAccessKey: 'AKIAIOSFODNN7EXAMPLE' }],
    ['a secret that starts with an access key ID', { accessKeyId: long, secretAccessKey: 'AKIAIOSFODNN7EXAMPLE1' }],
    ['a secret that ends with one', { accessKeyId: long, secretAccessKey: '1ASIAIOSFODNN7EXAMPLE' }],
  ])('may have %s', async (_, change) => {
    const credentials = secret(change)
    verify(synchronous.presignGet(OBJECT, { credentials }), credentials.secretAccessKey)
    verify(await asynchronous.presignGet(OBJECT, { credentials }), credentials.secretAccessKey)
    const signingKey = synchronous.deriveSigningKey({ region: 'eu-west-1', service: 's3' }, { credentials })
    verify(
      synchronous.presignGet(OBJECT, { credentials: { accessKeyId: credentials.accessKeyId, signingKey } }),
      credentials.secretAccessKey,
    )
  })
})

describe('temporary credentials', () => {
  const token = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='

  it('have their token signed, in the query or in a header', async () => {
    const credentials = secret({ accessKeyId: 'ASIAEXAMPLE', sessionToken: token })
    const presigned = await asynchronous.presignGet(OBJECT, { credentials })
    const inQuery = judge(asReceived(presigned), SECRET, 's3')
    expect(inQuery).toMatchObject({ token, location: 'query', sent: inQuery.expected })
    const signed = await asynchronous.sign({ url: synchronous.objectUrl(OBJECT) }, { credentials })
    const inHeader = judge(asReceived(signed), SECRET, 's3')
    expect(inHeader).toMatchObject({ token, location: 'header', sent: inHeader.expected })
    expect(inHeader.signedHeaders).toContain('x-amz-security-token')
  })

  it('with a signing key whose bytes are those of the secret that replaces it use the secret', () => {
    const text = 'x'.repeat(32)
    const credentials: Record<string, unknown> = {
      accessKeyId: 'AKIDEXAMPLE',
      signingKey: { ...SCOPE, key: new TextEncoder().encode(text) },
    }
    const options = { credentials: credentials as never, now: DATE }
    synchronous.presignGet(OBJECT, options)
    delete credentials.signingKey
    credentials.secretAccessKey = text
    verify(synchronous.presignGet(OBJECT, options), text)
  })

  it('without ASIA need no token, and may have an empty one', () => {
    for (const sessionToken of ['', undefined]) {
      const { url } = synchronous.presignGet(OBJECT, { credentials: secret({ sessionToken }) })
      expect(url).not.toContain('Token')
    }
  })

  it('that expire before the URL set limitedBy', () => {
    const options = { now: DATE, expires: 900 }
    const at = (seconds: number) => new Date(DATE.getTime() + seconds * 1000)
    const limits = (expiration: Date | undefined) => {
      const { expiresAt, limitedBy } = synchronous.presignGet(OBJECT, {
        ...options,
        credentials: secret({ expiration }),
      })
      return [(expiresAt.getTime() - DATE.getTime()) / 1000, limitedBy]
    }
    expect(limits(undefined)).toEqual([900, undefined])
    expect(limits(null as never)).toEqual([900, undefined])
    expect(limits(at(901))).toEqual([900, undefined])
    expect(limits(at(900))).toEqual([900, undefined])
    expect(limits(at(899))).toEqual([899, 'credentials'])
    expect(limits(at(0.5))).toEqual([0.5, 'credentials'])
    const unlimited = synchronous.presignGet(OBJECT, { ...options, credentials: secret() })
    expect('limitedBy' in unlimited).toBe(false)
  })

  it('do not share their Date with expiresAt', () => {
    const expiration = new Date(DATE.getTime() + 1000)
    const { expiresAt } = synchronous.presignGet(OBJECT, { now: DATE, credentials: secret({ expiration }) })
    expect(expiresAt).toEqual(expiration)
    expect(expiresAt).not.toBe(expiration)
  })
})

/** Returns the code of the error that a function throws, or `'none'`. */
async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => 'none',
    (error) => error.code,
  )
}

describe('an expiration', () => {
  it.each([undefined, null])('%s does not expire, for the signer and the verifier', async (expiration) => {
    const credentials = { ...secret(), expiration } as unknown as synchronous.SecretCredentials
    for (const { presignGet } of [asynchronous, synchronous]) {
      const { url, limitedBy } = await presignGet(OBJECT, { now: DATE, credentials })
      expect(limitedBy).toBeUndefined()
      const { host, pathname, search } = new URL(url)
      const request = { url: pathname + search, headers: { host } }
      for (const hideUnknownKeys of [false, true])
        await verifying.verify(request, { credentials: () => credentials, now: DATE, hideUnknownKeys })
    }
  })

  it.each([
    [0, 'ERR_SIGV4_CREDENTIALS_MISSING'],
    ['', 'ERR_SIGV4_CREDENTIALS_MISSING'],
    [false, 'ERR_SIGV4_CREDENTIALS_MISSING'],
    [Number.NaN, 'ERR_INVALID_ARG_VALUE'],
    [new Date(Number.NaN), 'ERR_INVALID_ARG_VALUE'],
    ['soon', 'ERR_INVALID_ARG_VALUE'],
  ])('%j has expired', async (expiration, code) => {
    const credentials = { ...secret(), expiration } as unknown as synchronous.SecretCredentials
    for (const { presignGet } of [asynchronous, synchronous])
      expect(await codeOf(async () => presignGet(OBJECT, { now: DATE, credentials }))).toBe(code)
    const { host, pathname, search } = new URL(synchronous.presignGet(OBJECT, { now: DATE, credentials: secret() }).url)
    const callTimes = { credentials: () => credentials, now: DATE }
    const request = { url: pathname + search, headers: { host } }
    expect(await codeOf(() => verifying.verify(request, callTimes))).toBe('ERR_SIGV4_EXPIRED')
  })
})

describe('a provider', () => {
  it.each([
    ['a function', () => secret()],
    ['a function that returns a promise', () => Promise.resolve(secret())],
    ['an async function', async () => secret()],
  ])('can be %s', async (_, credentials) => {
    const options = { now: DATE, expires: 60 }
    const result = await asynchronous.presignGet(OBJECT, { ...options, credentials })
    expect(result).toEqual(synchronous.presignGet(OBJECT, { ...options, credentials: secret() }))
    const request = { url: synchronous.objectUrl(OBJECT) }
    expect(await asynchronous.sign(request, { now: DATE, credentials })).toEqual(
      synchronous.sign(request, { now: DATE, credentials: secret() }),
    )
    expect((await asynchronous.deriveSigningKey(SCOPE, { credentials })).key).toHaveLength(32)
  })

  it('is called once per call', async () => {
    const provider = vi.fn(() => secret())
    await asynchronous.presignGet(OBJECT, { credentials: provider })
    expect(provider).toHaveBeenCalledTimes(1)
    await asynchronous.sign({ url: synchronous.objectUrl(OBJECT) }, { credentials: provider })
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('is awaited before the clock is read', async () => {
    vi.useFakeTimers({ now: DATE, toFake: ['Date'] })
    const credentials = async () => {
      vi.setSystemTime(DATE.getTime() + 3_600_000)
      return secret()
    }
    const { url } = await asynchronous.presignGet(OBJECT, { credentials })
    expect(url).toContain('X-Amz-Date=20150830T133600Z')
  })

  it('may return different credentials each time', async () => {
    let n = 0
    const credentials = () => secret({ secretAccessKey: `secret${n++}` })
    verify(await asynchronous.presignGet(OBJECT, { credentials }), 'secret0')
    verify(await asynchronous.presignGet(OBJECT, { credentials }), 'secret1')
  })
})

/** Returns secret credentials that no other test uses: keys are cached by secret, too. */
let secrets = 0
const unused = () => secret({ secretAccessKey: `secret ${++secrets}` })

/** With what the functions with promises derive keys; each counts the derivations from now on. */
const DERIVING: readonly [name: string, count: () => () => number][] = [
  [
    'node:crypto',
    () => {
      const spy = vi.spyOn(process.getBuiltinModule('node:crypto'), 'createHmac')
      return () =>
        spy.mock.calls.filter(([, key]) =>
          Buffer.from(key as Uint8Array)
            .toString()
            .startsWith('AWS4'),
        ).length
    },
  ],
  [
    'Web Crypto',
    () => {
      vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
      const spy = vi.spyOn(crypto.subtle, 'importKey')
      return () => spy.mock.calls.length / 5 // one import for each of the four steps, one for the key itself
    },
  ],
]

describe.each(DERIVING)('keys derived with %s', (_, count) => {
  it('are derived once per credentials object', async () => {
    const derived = count()
    const credentials = unused()
    const first = await asynchronous.presignGet(OBJECT, { credentials, now: DATE })
    expect(derived()).toBe(1)
    const second = await asynchronous.presignGet(OBJECT, { credentials, now: DATE })
    expect(derived()).toBe(1)
    expect(second).toEqual(first)
    verify(second, credentials.secretAccessKey)
  })

  it('are derived once for credentials that are a new object in each call', async () => {
    const derived = count()
    const credentials = unused()
    const { secretAccessKey } = credentials
    for (const source of [{ ...credentials }, { ...credentials }, async () => ({ ...credentials })])
      verify(await asynchronous.presignGet(OBJECT, { credentials: source, now: DATE }), secretAccessKey)
    await asynchronous.sign({ url: synchronous.objectUrl(OBJECT) }, { credentials: { ...credentials }, now: DATE })
    await asynchronous.presignPost(OBJECT, { credentials: { ...credentials }, now: DATE })
    expect(derived()).toBe(1)
  })

  it('are derived once by concurrent calls', async () => {
    const derived = count()
    const credentials = unused()
    const keys = Array.from({ length: 20 }, (_, i) => `${i}`)
    const results = await Promise.all(
      keys.map((key) => asynchronous.presignGet({ ...OBJECT, key }, { credentials: { ...credentials }, now: DATE })),
    )
    expect(derived()).toBe(1)
    for (const result of results) verify(result, credentials.secretAccessKey)
  })

  it('are derived once per day, region and service', async () => {
    const derived = count()
    const credentials = unused()
    const scopes = [
      { region: 'eu-west-1', service: 's3', now: DATE },
      { region: 'eu-west-2', service: 's3', now: DATE },
      { region: 'eu-west-1', service: 's3-outposts', now: DATE },
      { region: 'eu-west-1', service: 's3', now: new Date('2015-08-31T00:00:00Z') },
    ]
    for (let round = 0; round < 2; round++)
      for (const scope of scopes) {
        verify(
          await asynchronous.presignGet('https://localhost/a', { credentials, ...scope }),
          credentials.secretAccessKey,
        )
        verify(synchronous.presignGet('https://localhost/a', { credentials, ...scope }), credentials.secretAccessKey)
      }
    expect(derived()).toBe(scopes.length)
  })

  it('are at most 8 per credentials object', async () => {
    const derived = count()
    const credentials = unused()
    const derivations = async (days: number) => {
      const before = derived()
      for (let day = 1; day <= days; day++) {
        const options = { credentials, now: Date.UTC(2024, 1, day) }
        verify(await asynchronous.presignGet(OBJECT, options), credentials.secretAccessKey)
      }
      return derived() - before
    }
    const counts: number[] = []
    for (const days of [7, 7, 8, 8, 9, 1]) counts.push(await derivations(days))
    expect(counts).toEqual([7, 0, 1, 0, 1, 1])
  })

  it('are derived for each secret: after a change to the object, in a new session, and for two accounts with one ID', async () => {
    const derived = count()
    const [one, other, third] = [unused(), unused(), unused()]
    const session = { ...third, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'token' }
    const changing = { ...one }
    const sign = async (credentials: asynchronous.Credentials): Promise<void> =>
      verify(await asynchronous.presignGet(OBJECT, { credentials }), credentials.secretAccessKey)
    await sign(changing)
    changing.secretAccessKey = other.secretAccessKey
    await sign(changing)
    for (let round = 0; round < 2; round++) for (const each of [one, other, session]) await sign({ ...each })
    expect(derived()).toBe(3)
    await sign({ ...session, secretAccessKey: unused().secretAccessKey, sessionToken: 'next' })
    expect(derived()).toBe(4)
  })

  it('are neither read nor kept by secret when requests are verified', async () => {
    const signing = unused()
    const options = { now: DATE, service: 's3' }
    const get = (region: string) =>
      asynchronous.presignGet('https://localhost/a', { ...options, credentials: { ...signing }, region })
    const derived = count()
    const request = await get('eu-west-1')
    expect(derived()).toBe(1)
    const accept = (url: string) =>
      verifying.verify(
        { method: 'GET', url: new URL(url).pathname + new URL(url).search, headers: { host: 'localhost' } },
        { credentials: () => ({ ...signing }), now: DATE.getTime() },
      )
    await accept(request.url)
    expect(derived()).toBe(2)
    for (let i = 0; i < 60; i++) {
      const { url } = synchronous.presignGet('https://localhost/a', {
        ...options,
        credentials: signing,
        region: `r-${i}`,
      })
      await accept(url)
    }
    expect(derived()).toBe(62)
    await get('eu-west-1')
    expect(derived()).toBe(62)
    await get('r-59')
    expect(derived()).toBe(63)
  })
})

describe('the cache of signing keys', () => {
  it('returns the right key after any number of scopes', async () => {
    const credentials = secret()
    for (let day = 1; day <= 28; day++) {
      const options = { credentials, now: Date.UTC(2024, 1, (day % 3) * 9 + day / 3 + 1) }
      verify(await asynchronous.presignGet(OBJECT, options))
      verify(synchronous.presignGet(OBJECT, options))
    }
  })

  it('detects a changed secret on the same object', async () => {
    const credentials = secret()
    verify(await asynchronous.presignGet(OBJECT, { credentials }))
    verify(synchronous.presignGet(OBJECT, { credentials }))
    credentials.secretAccessKey = 'another/secret'
    verify(await asynchronous.presignGet(OBJECT, { credentials }), 'another/secret')
    verify(synchronous.presignGet(OBJECT, { credentials }), 'another/secret')
    credentials.secretAccessKey = SECRET
    verify(await asynchronous.presignGet(OBJECT, { credentials }))
    verify(synchronous.presignGet(OBJECT, { credentials }))
  })

  it('detects a secret that changes while a key is derived', async () => {
    const credentials = secret()
    const first = asynchronous.presignGet(OBJECT, { credentials })
    credentials.secretAccessKey = 'another/secret'
    const second = asynchronous.presignGet(OBJECT, { credentials })
    verify(await second, 'another/secret')
    verify(await first)
    verify(await asynchronous.presignGet(OBJECT, { credentials }), 'another/secret')
  })

  it('detects a changed signing key on the same object', () => {
    const one = synchronous.deriveSigningKey(SCOPE, { credentials: secret() })
    const other = synchronous.deriveSigningKey(SCOPE, { credentials: secret({ secretAccessKey: 'another' }) })
    const credentials = { accessKeyId: 'AKIDEXAMPLE', signingKey: one }
    verify(synchronous.presignGet(OBJECT, { credentials, now: DATE }))
    credentials.signingKey = other
    verify(synchronous.presignGet(OBJECT, { credentials, now: DATE }), 'another')
  })

  it('detects bytes of a signing key that are overwritten in place', async () => {
    const one = synchronous.deriveSigningKey(SCOPE, { credentials: secret() })
    const other = synchronous.deriveSigningKey(SCOPE, { credentials: secret({ secretAccessKey: 'another' }) })
    const credentials = { accessKeyId: 'AKIDEXAMPLE', signingKey: one }
    const options = { credentials, now: DATE }
    verify(synchronous.presignGet(OBJECT, options))
    verify(await asynchronous.presignGet(OBJECT, options))
    one.key.set(other.key)
    verify(synchronous.presignGet(OBJECT, options), 'another')
    verify(await asynchronous.presignGet(OBJECT, options), 'another')
  })

  it('throws once the signing key is deleted', async () => {
    const signingKey = synchronous.deriveSigningKey(SCOPE, { credentials: secret() })
    const credentials: Partial<synchronous.ScopedCredentials> = { accessKeyId: 'AKIDEXAMPLE', signingKey }
    const options = { credentials: credentials as synchronous.Credentials, now: DATE.getTime() }
    verify(synchronous.presignGet(OBJECT, options))
    verify(await asynchronous.presignGet(OBJECT, options))
    delete (credentials as { signingKey?: unknown }).signingKey
    const missing = expect.objectContaining({ code: 'ERR_SIGV4_CREDENTIALS_MISSING' })
    expect(() => synchronous.presignGet(OBJECT, options)).toThrow(missing)
    await expect(asynchronous.presignGet(OBJECT, options)).rejects.toThrow(missing)
  })

  it('does not cache the scope of a host across functions', async () => {
    const options = { credentials: secret(), now: DATE.getTime() }
    const url = 'https://dynamodb.eu-west-1.amazonaws.com/'
    const unknown = expect.objectContaining({ code: 'ERR_SIGV4_SCOPE_UNKNOWN' })
    expect(synchronous.presign('PUT', url, options).url).toContain('dynamodb%2Faws4_request')
    expect(() => synchronous.presignPut(url, options)).toThrow(unknown)
    expect((await asynchronous.presign('PUT', url, options)).url).toContain('dynamodb%2Faws4_request')
    await expect(asynchronous.presignPut(url, options)).rejects.toThrow(unknown)
  })

  it('does not cache a failure', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const credentials = unused()
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new Error('busy'))
    await expect(asynchronous.presignGet(OBJECT, { credentials })).rejects.toThrow('busy')
    verify(await asynchronous.presignGet(OBJECT, { credentials: { ...credentials } }), credentials.secretAccessKey)
    verify(await asynchronous.presignGet(OBJECT, { credentials }), credentials.secretAccessKey)
  })

  it('does not add members to the credentials', async () => {
    const credentials = Object.freeze(secret())
    await asynchronous.presignGet(OBJECT, { credentials })
    synchronous.presignGet(OBJECT, { credentials })
    expect(Reflect.ownKeys(credentials)).toEqual(['accessKeyId', 'secretAccessKey'])
  })
})

describe('deriveSigningKey', () => {
  it.each([
    ['a date stamp', '20150830'],
    ['a Date', new Date('2015-08-30T23:59:59.999Z')],
    ['epoch milliseconds', DATE.getTime()],
  ])('accepts %s', async (_, date) => {
    const scope = { region: 'eu-west-1', service: 's3', date }
    const expected = { ...SCOPE, key: new Uint8Array(signingKey(SECRET, '20150830/eu-west-1/s3/aws4_request')) }
    expect(synchronous.deriveSigningKey(scope, { credentials: secret() })).toEqual(expected)
    expect(await asynchronous.deriveSigningKey(scope, { credentials: secret() })).toEqual(expected)
    expect(await asynchronous.deriveSigningKey(scope, { credentials: secret(), extractable: true })).toEqual(expected)
  })

  it('requires credentials that have not expired', () => {
    const derive = (ms: number) =>
      synchronous.deriveSigningKey(SCOPE, { credentials: secret({ expiration: new Date(Date.now() + ms) }) }).date
    expect(derive(60_000)).toBe(SCOPE.date)
    expect(() => derive(-1)).toThrow(expect.objectContaining({ argument: 'options.credentials.expiration' }))
  })

  it('accepts the first day of 1970', () => {
    expect(synchronous.deriveSigningKey({ ...SCOPE, date: 0 }, { credentials: secret() }).date).toBe('19700101')
  })

  it('is for today by default', async () => {
    vi.useFakeTimers({ now: new Date('2024-02-29T23:59:59Z'), toFake: ['Date'] })
    const scope = { region: 'eu-west-1', service: 's3' }
    expect(synchronous.deriveSigningKey(scope, { credentials: secret() }).date).toBe('20240229')
    expect((await asynchronous.deriveSigningKey(scope, { credentials: secret() })).date).toBe('20240229')
  })

  it('returns a key that creates the same signatures as the secret', async () => {
    const options = { now: DATE }
    const expected = synchronous.presignPut(OBJECT, { ...options, credentials: secret() })
    const identity = { accessKeyId: 'AKIDEXAMPLE' }
    const bytes = { ...identity, signingKey: synchronous.deriveSigningKey(SCOPE, { credentials: secret() }) }
    const sealed = {
      ...identity,
      signingKey: await asynchronous.deriveSigningKey(SCOPE, { credentials: secret(), extractable: false }),
    }
    expect(synchronous.presignPut(OBJECT, { ...options, credentials: bytes })).toEqual(expected)
    expect(await asynchronous.presignPut(OBJECT, { ...options, credentials: bytes })).toEqual(expected)
    expect(await asynchronous.presignPut(OBJECT, { ...options, credentials: sealed })).toEqual(expected)
    expect(await asynchronous.presignPut(OBJECT, { ...options, credentials: async () => sealed })).toEqual(expected)
  })

  it('returns a CryptoKey that signs but cannot be exported', async () => {
    const { key } = await asynchronous.deriveSigningKey(SCOPE, { credentials: secret(), extractable: false })
    expect(key).toBeInstanceOf(CryptoKey)
    expect(key.extractable).toBe(false)
    expect(key.algorithm).toMatchObject({ name: 'HMAC', hash: { name: 'SHA-256' } })
    expect(key.usages).toContain('sign')
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    expect(JSON.stringify(key)).toBe('{}')
  })

  it('returns a key that structuredClone can pass to a worker', async () => {
    const sealed = structuredClone(
      await asynchronous.deriveSigningKey(SCOPE, { credentials: secret(), extractable: false }),
    )
    const bytes = structuredClone(synchronous.deriveSigningKey(SCOPE, { credentials: secret() }))
    for (const signingKey of [sealed, bytes])
      verify(
        await asynchronous.presignGet(OBJECT, {
          credentials: { accessKeyId: 'AKIDEXAMPLE', signingKey },
          now: DATE,
        }),
      )
  })

  it('does not require the token, and a signing key does not contain it', async () => {
    const key = synchronous.deriveSigningKey(SCOPE, {
      credentials: secret({ accessKeyId: 'ASIAEXAMPLE', sessionToken: 'token' }),
    })
    expect(Object.keys(key).sort()).toEqual(['date', 'key', 'region', 'service'])
    const credentials = { accessKeyId: 'ASIAEXAMPLE', sessionToken: 'token', signingKey: key }
    verify(synchronous.presignGet(OBJECT, { credentials, now: DATE }))
  })
})
