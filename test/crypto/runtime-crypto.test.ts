import { createHmac } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import * as sigv4 from '../../src/index.ts'
import { SignatureV4 } from '../../src/smithy.ts'
import { signChunks } from '../../src/streams.ts'
import * as sync from '../../src/sync.ts'
import { rdsToken } from '../../src/tokens.ts'
import { verify } from '../../src/verify.ts'
import { SECRET } from '../support/credentials.ts'

// Which crypto the asynchronous functions use: the runtime's if it needs no promise, otherwise Web Crypto. The signatures are
// the same.

const DATE = Date.UTC(2015, 7, 30, 12, 36)
const OBJECT = { bucket: 'photos', key: 'a b/é.jpg', region: 'eu-west-1' }
const URL_S3 = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const KEY_ID = 'AKIDEXAMPLE'
const fetched: RequestInit[] = []
const send = (async (_: string, init: RequestInit) => {
  fetched.push(init)
  return new Response()
}) as never

type Credentials = sigv4.Credentials

/** One call of every function that signs for S3 in eu-west-1, whose key can therefore be given. */
const CALLS: Record<string, (credentials: Credentials) => Promise<unknown>> = {
  presign: (credentials) => sigv4.presign('PATCH', URL_S3, { credentials, now: DATE }),
  presignGet: (credentials) => sigv4.presignGet(OBJECT, { credentials, now: DATE, download: 'é.jpg' }),
  presignPut: (credentials) => sigv4.presignPut(OBJECT, { credentials, now: DATE, contentType: 'image/jpeg' }),
  presignHead: (credentials) => sigv4.presignHead(OBJECT, { credentials, now: DATE }),
  presignDelete: (credentials) => sigv4.presignDelete(OBJECT, { credentials, now: DATE }),
  presignPost: (credentials) => sigv4.presignPost(OBJECT, { credentials, now: DATE }),
  presignMultipartUpload: (credentials) => sigv4.presignMultipartUpload(OBJECT, { credentials, now: DATE, size: 1e8 }),
  presignMultipartParts: (credentials) =>
    sigv4.presignMultipartParts(OBJECT, { credentials, now: DATE, size: 1e8, uploadId: 'a' }),
  sign: (credentials) => sigv4.sign({ method: 'PUT', url: URL_S3, body: 'é' }, { credentials, now: DATE }),
  'sign, a Blob': async (credentials) =>
    (await sigv4.sign({ method: 'PUT', url: URL_S3, body: new Blob(['é']) }, { credentials, now: DATE })).headers,
  signChunks: async (credentials) => {
    const { encode, headers } = await signChunks({ url: URL_S3 }, { credentials, now: DATE, decodedLength: 5 })
    const pieces: string[] = []
    for await (const piece of encode(['a', 'bcde'].map((text) => new TextEncoder().encode(text))))
      pieces.push(Buffer.from(piece).toString())
    return [headers, pieces.join('')]
  },
  createSignedFetch: async (credentials) => {
    fetched.length = 0
    const signedFetch = createSignedFetch({ credentials, fetch: send })
    await signedFetch(URL_S3, { method: 'PUT', body: 'é', aws: { now: DATE } })
    return (fetched[0] as { headers: unknown }).headers
  },
  verify: async (credentials) => {
    const { url } = sync.presignGet(URL_S3, {
      credentials: { accessKeyId: KEY_ID, secretAccessKey: SECRET },
      now: DATE,
    })
    const { pathname, search, host } = new URL(url)
    const request = { method: 'GET', url: pathname + search, headers: { host } }
    const results = []
    for (const hideUnknownKeys of [false, true])
      results.push(await verify(request, { credentials: () => credentials, now: DATE, hideUnknownKeys }))
    return results.map(({ accessKeyId, scope }) => ({ accessKeyId, scope }))
  },
}

/** More functions, which need the secret. */
const WITH_SECRET: typeof CALLS = {
  deriveSigningKey: (credentials) =>
    sigv4.deriveSigningKey(
      { date: '20150830', region: 'eu-west-1', service: 's3' },
      { credentials: credentials as never },
    ),
  rdsToken: (credentials) =>
    rdsToken({ host: 'db.123.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }, {
      credentials,
      now: DATE,
    } as never),
  SignatureV4: (credentials) =>
    new SignatureV4({
      credentials: credentials as never,
      region: 'eu-west-1',
      service: 'sqs',
      sha256: undefined as never,
    }).sign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: 'sqs.eu-west-1.amazonaws.com',
        path: '/',
        headers: {},
        query: {},
      } as never,
      { signingDate: new Date(DATE) },
    ),
}

const secret = (): Credentials => ({ accessKeyId: KEY_ID, secretAccessKey: SECRET })
const key = sync.deriveSigningKey(
  { date: '20150830', region: 'eu-west-1', service: 's3' },
  { credentials: secret() as never },
)

/** Returns the results of all calls, as JSON. */
async function results(calls: typeof CALLS, credentials: () => Credentials): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const [name, call] of Object.entries(calls)) all[name] = JSON.stringify(await call(credentials()))
  return all
}

/** Returns a process with other members. It inherits the rest, which the test runner uses. */
function shim(members: object): object {
  const own = Object.entries(members).map(([name, value]) => [name, { value, configurable: true }])
  return Object.create(process, Object.fromEntries(own))
}

/** Counts the calls of Web Crypto. */
function countWebCrypto(): () => number {
  const spies = (['digest', 'importKey', 'sign', 'verify'] as const).map((name) => vi.spyOn(crypto.subtle, name))
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const expected = await results({ ...CALLS, ...WITH_SECRET }, secret)

describe('Node 20 and later', () => {
  it('call no function of Web Crypto to sign with a secret, or with bytes', async () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(20)
    const { verify, ...signing } = CALLS
    const count = countWebCrypto()
    await results({ ...signing, ...WITH_SECRET }, () => ({ ...secret(), secretAccessKey: `${SECRET}2` }) as Credentials)
    expect(await results(signing, () => ({ accessKeyId: KEY_ID, signingKey: key }))).toEqual(
      Object.fromEntries(Object.keys(signing).map((name) => [name, expected[name]])),
    )
    expect(count()).toBe(0)
  })

  it('need neither Web Crypto nor timers', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('crypto', undefined)
    const { verify, createSignedFetch, ...signing } = CALLS
    for (const [name, call] of Object.entries({ ...signing, ...WITH_SECRET }))
      expect(JSON.stringify(await call({ ...secret() })), name).toBe(expected[name])
    vi.useRealTimers()
  })

  it('need no TextEncoder, which jsdom lacks', async () => {
    vi.stubGlobal('crypto', undefined)
    vi.stubGlobal('TextEncoder', undefined)
    const { verify, signChunks, ...signing } = CALLS
    const fresh = { ...CALLS, ...WITH_SECRET }
    for (const name of Object.keys({ ...signing, ...WITH_SECRET }))
      expect(JSON.stringify(await fresh[name]!({ ...secret() })), name).toBe(expected[name])
  })

  it('use functions that a test environment has replaced', async () => {
    const { hash, ...module } = process.getBuiltinModule('node:crypto')
    const replaced = vi.fn(createHmac)
    const getBuiltinModule = () => ({ ...module, hash, createHmac: replaced })
    vi.stubGlobal('process', shim({ getBuiltinModule }))
    await CALLS.presignPut!(secret())
    expect(replaced).toHaveBeenCalled()
  })
})

describe('Web Crypto', () => {
  const { versions } = process
  const builtin = process.getBuiltinModule('node:crypto')
  const only = (...names: (keyof typeof builtin)[]) =>
    shim({ getBuiltinModule: () => Object.fromEntries(names.map((name) => [name, builtin[name]])) })
  it.each([
    ['an empty process, as bundlers add', shim({ versions: undefined, getBuiltinModule: undefined })],
    ['a process without versions of Node, as bundlers add', shim({ versions: {} })],
    ['no getBuiltinModule, as in Node 18', shim({ versions, getBuiltinModule: undefined })],
    ['no node:crypto', shim({ getBuiltinModule: () => undefined })],
    ['an empty node:crypto', only()],
    ['only a hash', only('hash')],
    ['only an HMAC', only('createHmac')],
    ['a hash in pieces', only('createHash', 'timingSafeEqual')],
  ])('does what is missing in a runtime with %s, with the same results', async (_, host) => {
    const { SignatureV4, ...others } = WITH_SECRET
    vi.stubGlobal('process', host)
    const count = countWebCrypto()
    // once without the keys that are cached, and once with them
    await results(
      { ...CALLS, ...others },
      () => ({ ...secret(), secretAccessKey: `${SECRET}${_}` }) as Credentials,
    ).catch(
      (error) => expect(error.code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH'), // of verify, whose request has another secret
    )
    expect(count()).toBeGreaterThan(0)
    const found = await results({ ...CALLS, ...others }, secret)
    for (const [name, result] of Object.entries(found)) expect(result, name).toBe(expected[name])
  })

  it.each([
    ['node:crypto', process],
    ['an empty process', shim({ versions: undefined, getBuiltinModule: undefined })],
  ])('signs and verifies with a CryptoKey that cannot be exported, with %s', async (_, host) => {
    const closed = await sigv4.deriveSigningKey(
      { date: '20150830', region: 'eu-west-1', service: 's3' },
      { credentials: secret() as never, extractable: false },
    )
    expect((closed.key as CryptoKey).extractable).toBe(false)
    vi.stubGlobal('process', host)
    const found = await results(CALLS, () => ({ accessKeyId: KEY_ID, signingKey: closed as never }))
    for (const [name, result] of Object.entries(found)) expect(result, name).toBe(expected[name])
  })
})

describe('another realm', () => {
  it('signs with the crypto of Node, and its bytes are a key here', async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/index.ts'],
      bundle: true,
      format: 'iife',
      globalName: 'sigv4',
      write: false,
    })
    const realm: { sigv4?: typeof sigv4 } = runInNewContext(`${outputFiles[0]!.text};({ sigv4 })`, {
      process,
      TextEncoder,
      URL,
    })
    const own = realm.sigv4!
    const signed = await own.presignPut(OBJECT, { credentials: secret(), now: DATE, contentType: 'image/jpeg' })
    expect(JSON.stringify(signed)).toBe(expected.presignPut)
    const { key, ...scope } = await own.deriveSigningKey(
      {
        date: '20150830',
        region: 'eu-west-1',
        service: 's3',
      },
      { credentials: secret() as never },
    )
    expect(key instanceof Uint8Array).toBe(false)
    expect(Object.prototype.toString.call(key)).toBe('[object Uint8Array]')
    const credentials = { accessKeyId: KEY_ID, signingKey: { ...scope, key } } as Credentials
    expect(await results({ presignPut: CALLS.presignPut!, verify: CALLS.verify! }, () => credentials)).toEqual({
      presignPut: expected.presignPut,
      verify: expected.verify,
    })
    const there = await own.presignPut(OBJECT, {
      credentials: {
        accessKeyId: KEY_ID,
        signingKey: sync.deriveSigningKey(scope, { credentials: secret() as never }),
      },
      now: DATE,
      contentType: 'image/jpeg',
    })
    expect(there.url).toBe(signed.url)
  })
})
