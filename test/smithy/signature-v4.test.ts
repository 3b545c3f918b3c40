import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sign } from '../../src/index.ts'
import { isSigV4Error, SignatureV4, type SignatureV4Init } from '../../src/smithy.ts'
import { encodeEvent, verifyEvents } from '../../src/streams.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../support/credentials.ts'
import { Original, observe, Sha256 } from '../support/smithy/compare.ts'

// What the random requests of differential.test.ts leave open: errors, and what is intentionally different.

const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const INIT = { credentials: CREDENTIALS, region: 'eu-west-1', service: 'sqs' }
const HOST = 'sqs.eu-west-1.amazonaws.com'
const EVENT = { headers: new Uint8Array(1), payload: new Uint8Array(1) }
const REQUEST = { method: 'GET', protocol: 'https:', hostname: HOST, path: '/', headers: { host: HOST } }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 12) })
})
afterEach(() => {
  vi.useRealTimers()
})

// biome-ignore lint/suspicious/noExplicitAny: calls that types do not allow
type Any = any

/** A signer without types, as JavaScript calls it. */
const untyped = (init: object = {}): Any => new SignatureV4({ ...INIT, ...init } as SignatureV4Init)

describe('what it does not sign', () => {
  const express = "For S3 Express, omit signerConstructor, or use s3ExpressSession of 'sigv4/tokens'."
  const regions = "Sign for several regions with 'sigv4/sigv4a'."

  it.each([
    ['signWithCredentials', express, () => untyped().signWithCredentials(REQUEST, CREDENTIALS, {})],
    ['presignWithCredentials', express, () => untyped().presignWithCredentials(REQUEST, CREDENTIALS, {})],
    ['options.signingRegion', regions, () => untyped().sign(REQUEST, { signingRegion: '*' })],
    ['options.signingRegion', regions, () => untyped().presign(REQUEST, { signingRegion: 'us-*' })],
    ['options.signingRegion', regions, () => untyped().sign('a', { signingRegion: 'us-east-1,us-west-1' })],
    ['options.region', regions, () => untyped({ region: async () => '*' }).sign(REQUEST)],
    ['options.region', regions, () => untyped({ region: async () => '*' }).sign(EVENT, { priorSignature: '' })],
  ])('is an error that names what to use: %s', async (argument, hint, call) => {
    const error = await call().catch((error: unknown) => error)
    expect(isSigV4Error(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_SIGV4_UNSUPPORTED',
      argument,
      reason: 'unusable',
      message: `${argument} cannot be used here. ${hint}`,
    })
  })
})

describe('what it rejects although @smithy/signature-v4 signs it, because no service accepts the signature', () => {
  it.each([
    ['options.credentials.accessKeyId', { credentials: { ...CREDENTIALS, accessKeyId: '' } }, {}],
    ['options.credentials.secretAccessKey', { credentials: { ...CREDENTIALS, secretAccessKey: '' } }, {}],
    ['options.region', { region: undefined }, {}],
    ['options.region', { region: '' }, {}],
    ['options.service', { service: undefined }, {}],
    ['options.signingService', {}, { signingService: '' }],
    ['options.signingRegion', {}, { signingRegion: 'eu west 1' }],
    ['options.signingRegion', {}, { signingRegion: 'eu/west' }],
    ['options.signingDate', {}, { signingDate: new Date(Date.UTC(12_026, 0)) }],
    ['options.signingDate', {}, { signingDate: new Date(Date.UTC(0, 0) - 4e13) }],
  ])('%s', async (argument, init, options) => {
    expect(await observe(Original, 'sign', { init: { ...INIT, ...init }, request: REQUEST, options })).toHaveProperty(
      'returned',
    )
    await expect(untyped(init).sign(REQUEST, options)).rejects.toMatchObject({
      argument,
      code: expect.stringMatching(/^ERR_/),
    })
  })

  it('options.expiresIn', async () => {
    const options = { expiresIn: Number.NaN }
    expect(await observe(Original, 'presign', { init: INIT, request: REQUEST, options })).toHaveProperty('returned')
    await expect(untyped().presign(REQUEST, options)).rejects.toMatchObject({ argument: 'options.expiresIn' })
  })
})

describe('what it signs correctly, but @smithy/signature-v4 does not', () => {
  const receive = async (
    Signer: typeof Original | typeof SignatureV4,
    request: { query?: Record<string, string | null>; headers?: Record<string, string | undefined> },
    target: string,
  ) => {
    const signer = new Signer({ ...INIT, sha256: Sha256 })
    const headers = { ...REQUEST.headers, ...request.headers } as Record<string, string>
    const signed = await signer.sign({ ...REQUEST, ...request, headers })
    return verify(
      { method: 'GET', url: target, headers: signed.headers },
      { credentials: () => CREDENTIALS.secretAccessKey },
    )
  }

  it.each([
    ['a parameter called __proto__', { query: { ['__proto__']: 'a' } }, '/?__proto__=a'],
    ['a parameter called constructor without a value', { query: { constructor: null } }, '/'],
    ['a hash header that is undefined', { headers: { 'x-amz-content-sha256': undefined } }, '/'],
  ])('%s', async (_, request, target) => {
    await expect(receive(SignatureV4, request, target)).resolves.toHaveProperty('accessKeyId', 'AKIDEXAMPLE')
    await expect(receive(Original, request, target)).rejects.toHaveProperty('code', 'ERR_SIGV4_SIGNATURE_MISMATCH')
  })
})

describe('errors', () => {
  it.each([
    ['options.credentials.accessKeyId', 'ERR_SIGV4_CREDENTIALS_MISSING', { credentials: {} }, {}],
    ['options.credentials.accessKeyId', 'ERR_SIGV4_CREDENTIALS_MISSING', { credentials: undefined }, {}],
    [
      'options.credentials.secretAccessKey',
      'ERR_SIGV4_CREDENTIALS_MISSING',
      { credentials: { ...CREDENTIALS, secretAccessKey: 5 } },
      {},
    ],
    ['options.expiresIn', 'ERR_INVALID_ARG_TYPE', {}, { expiresIn: null }],
    ['options.signingDate', 'ERR_INVALID_ARG_VALUE', {}, { signingDate: 'soon' }],
    ['request.headers["a"]', 'ERR_INVALID_ARG_TYPE', {}, {}, { headers: { a: 5 } }],
    ['request.path', 'ERR_INVALID_ARG_VALUE', {}, {}, { path: '/\ud800' }],
    ['request.query["\\ud800"]', 'ERR_INVALID_ARG_VALUE', {}, {}, { query: { '\ud800': 'a' } }],
  ])('name the argument: %s, %s', async (argument, code, init, options, request?: object) => {
    await expect(untyped(init).presign({ ...REQUEST, ...request }, options)).rejects.toMatchObject({ argument, code })
  })

  it.each([{}, { accessKeyId: 'a' }, { ...CREDENTIALS, secretAccessKey: 5 }, { ...CREDENTIALS, accessKeyId: '' }])(
    'of credentials have the message of @smithy/signature-v4: %j',
    async (credentials) => {
      const signer = untyped({ credentials })
      const eventStreamCredentials = credentials
      for (const call of [
        () => signer.sign(REQUEST),
        () => signer.presign(REQUEST),
        () => signer.sign('a string'),
        () => signer.sign(EVENT, { priorSignature: '' }),
        () => untyped().sign('a string', { eventStreamCredentials }),
      ])
        await expect(call()).rejects.toMatchObject({
          message: 'Resolved credential object is not valid',
          code: 'ERR_SIGV4_CREDENTIALS_MISSING',
          argument: expect.stringMatching(/^options\.credentials\.(?:accessKeyId|secretAccessKey)$/),
        })
    },
  )

  it.each([604_801, '604801', Number.POSITIVE_INFINITY])(
    'of a lifetime over a week are a string: %s',
    async (expiresIn) => {
      const theirs = await observe(Original, 'presign', { init: INIT, request: REQUEST, options: { expiresIn } })
      expect(theirs.error).toContain('less than one week in the future')
      await expect(untyped().presign(REQUEST, { expiresIn })).rejects.toBe(theirs.error)
    },
  )

  it('of a provider are passed on', async () => {
    const error = new Error('no profile')
    const credentials = () => Promise.reject(error)
    await expect(untyped({ credentials }).sign(REQUEST)).rejects.toBe(error)
  })

  it('name sigv4/sync if the runtime has neither Web Crypto nor node:crypto', async () => {
    vi.stubGlobal('crypto', {})
    vi.stubGlobal('process', { nextTick: process.nextTick })
    await expect(untyped({ credentials: { ...CREDENTIALS } }).sign(REQUEST)).rejects.toHaveProperty(
      'code',
      'ERR_SIGV4_CRYPTO_UNAVAILABLE',
    )
    vi.unstubAllGlobals()
  })
})

describe('a signer', () => {
  it('asks the providers for each signature, so that credentials can be refreshed', async () => {
    let calls = 0
    const signer = untyped({ credentials: async () => ({ ...CREDENTIALS, accessKeyId: `AKID${++calls}` }) })
    const ids = [await signer.sign(REQUEST), await signer.sign(REQUEST)].map(
      ({ headers }) => /Credential=(\w+)/.exec(headers.authorization)![1],
    )
    expect(ids).toEqual(['AKID1', 'AKID2'])
  })

  it('signs the request as it was when sign was called', async () => {
    const request = { ...REQUEST, headers: { ...REQUEST.headers, a: '1' }, query: { list: ['1'] } }
    const expected = await untyped().sign(structuredClone(request))
    const signed = untyped().sign(request)
    request.headers.a = '2'
    request.query.list.push('2')
    expect(await signed).toEqual(expected)
  })

  it('signs requests that are frozen, and does not use the given hash', async () => {
    const sha256 = () => expect.unreachable()
    const request = Object.freeze({ ...REQUEST, headers: Object.freeze({ ...REQUEST.headers }) })
    await expect(untyped({ sha256 }).sign(request)).resolves.toHaveProperty('headers.authorization')
  })
})

describe('an event', () => {
  const message = { headers: { ':date': { type: 'timestamp', value: new Date(0) } }, body: new Uint8Array([1, 2]) }

  it('is signed with the credentials of its stream, and no others are requested', async () => {
    const signed = await untyped().signMessage({ message, priorSignature: 'a' }, {})
    const eventStreamCredentials = { ...CREDENTIALS }
    const signer = untyped({ credentials: () => expect.unreachable() })
    const streamed = await signer.sign({ message, priorSignature: 'a' }, { eventStreamCredentials })
    expect(streamed).toEqual(signed)
    expect(streamed.message).toBe(message)
  })

  it('is accepted by verifyEvents', async () => {
    const url = `https://transcribestreaming.eu-west-1.amazonaws.com/stream-transcription`
    const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'
    const seed = await sign({ method: 'POST', url }, { credentials: CREDENTIALS, payloadHash })
    const signer = untyped({ service: 'transcribe' })
    let priorSignature = /Signature=(\w+)/.exec(seed.headers.authorization!)![1]!
    const frames: Uint8Array[] = []
    const event = encodeEvent({ headers: {}, body: new Uint8Array([1, 2, 3]) })
    for (const body of [event, new Uint8Array(0)]) {
      const date = { ':date': { type: 'timestamp', value: new Date() } as const }
      const { signature } = await signer.sign({ message: { headers: date, body }, priorSignature }, {})
      const value = Buffer.from(signature, 'hex')
      frames.push(encodeEvent({ headers: { ...date, ':chunk-signature': { type: 'binary', value } }, body }))
      priorSignature = signature
    }
    const verified: Uint8Array[] = []
    for await (const { body } of verifyEvents(frames, { seed, credentials: CREDENTIALS })) verified.push(body)
    expect(verified).toEqual([new Uint8Array([1, 2, 3])])
  })
})

describe('a subclass', () => {
  class Own extends SignatureV4 {
    override async sign(...args: Any[]): Promise<Any> {
      return [this.getCanonicalHeaderList({ b: 1, a: 2 }), await this.credentialProvider(), await super.sign(args[0])]
    }
    protected override createCanonicalRequest(): string {
      return 'GET\n/\n\nhost:a\n\nhost\nUNSIGNED-PAYLOAD'
    }
  }

  it('can replace a step, as one of @smithy/signature-v4 can', async () => {
    const own = new Own(INIT)
    const [list, credentials, one] = await own.sign(REQUEST)
    const [, , other] = await own.sign({ ...REQUEST, path: '/other' })
    expect([list, credentials]).toEqual(['a;b', CREDENTIALS])
    expect(one.headers).toEqual(other.headers)
  })
})
