import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Request as ExpressRequest } from 'express'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { deriveSigningKey, presignGet, sign } from '../../src/index.ts'
import { type ReceivedRequest, type VerifiedRequest, type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS, HOST, KEY_ID, NOW, received, SECRET, SIGNING, TOKEN, VERIFYING, verdict } from './helpers.ts'

// Options: their effects, and invalid ones.

const URL_ = `https://${HOST}/a`
const signed = async (headers: Record<string, string> = {}, more: object = {}) =>
  received(await sign({ url: URL_, headers }, { ...SIGNING, ...more }))

describe('an invalid option is a TypeError before anything is looked up', () => {
  it.each<[object | undefined]>([
    [undefined],
    [{}],
    [{ credentials: SECRET }],
    [{ now: 'today' }],
    [{ now: new Date('x') }],
    [{ now: Number.POSITIVE_INFINITY }],
    [{ now: '1440938160000' }],
    [{ clockSkew: '900' }],
    [{ clockSkew: -1 }],
    [{ clockSkew: Number.NaN }],
    [{ clockSkew: Number.POSITIVE_INFINITY }],
    [{ maxExpires: '60' }],
    [{ maxExpires: 0.5 }],
    [{ payload: 'later' }],
    [{ pathEncoding: 'Single' }],
    [{ pathNormalization: 'rfc-3986' }],
    [{ sessionTokenPlacement: 'append' }],
    [{ region: null }],
    [{ region: [undefined] }],
    [{ service: /s3/ }],
    [{ requireSigned: 'content-type' }],
    [{ unsignedHeaders: [1] }],
    [{ host: new URL(URL_) }],
  ])('%j', async (wrong) => {
    const credentials = () => expect.unreachable()
    const options = wrong && (Object.keys(wrong).length ? { credentials, now: NOW, ...wrong } : wrong)
    const call = verify(await signed(), options as unknown as VerifyOptions)
    await expect(call).rejects.toMatchObject({ name: 'TypeError', code: expect.stringMatching(/^ERR_INVALID_ARG_/) })
  })
})

describe('an option', () => {
  it('that is undefined has its default', async () => {
    const names = 'allowUnsignedPayload body clockSkew host maxExpires pathEncoding pathNormalization payload region'
    const more = 'requireSigned service sessionTokenPlacement hideUnknownKeys unsignedHeaders'
    const nothing = Object.fromEntries(`${names} ${more}`.split(' ').map((name) => [name, undefined]))
    expect(await verdict(await signed(), { ...VERIFYING, ...nothing })).toBe('accepted')
  })

  it('now is the current time by default', async () => {
    const request = received(await sign({ url: URL_ }, { ...SIGNING, signingDate: Date.now() }))
    expect(await verdict(request, { credentials: () => SECRET })).toBe('accepted')
    expect(await verdict(await signed(), { credentials: () => SECRET })).toBe('ERR_SIGV4_TIME_SKEWED')
  })

  it('region and service accept one or several names', async () => {
    for (const region of ['us-east-1', ['eu-west-1', 'us-east-1']])
      for (const service of ['s3', ['sqs', 's3']])
        expect(await verdict(await signed(), { ...VERIFYING, region, service })).toBe('accepted')
    expect(await verdict(await signed(), { ...VERIFYING, region: [] })).toBe('ERR_SIGV4_SCOPE_MISMATCH')
  })

  it('unsignedHeaders and requireSigned change which headers must be signed', async () => {
    const request = await signed({ 'content-type': 'text/plain' })
    const added = { ...request, headers: { ...request.headers, 'x-amz-cf-id': 'abc', via: '1.1 proxy' } }
    expect(await verdict(added, VERIFYING)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
    expect(await verdict(added, { ...VERIFYING, unsignedHeaders: ['X-Amz-CF-Id'] })).toBe('accepted')
    expect(await verdict(request, { ...VERIFYING, requireSigned: ['content-type', 'x-none'] })).toBe('accepted')
    expect(await verdict(added, { ...VERIFYING, unsignedHeaders: ['x-amz-cf-id'], requireSigned: ['via'] })).toBe(
      'ERR_SIGV4_HEADER_NOT_SIGNED',
    )
  })

  it('host is the public host', async () => {
    const request = await signed()
    request.headers.host = 'internal:8080'
    expect(await verdict(request, VERIFYING)).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
    expect(await verdict(request, { ...VERIFYING, host: HOST })).toBe('accepted')
  })

  it('sessionTokenPlacement is the location of the security token', async () => {
    const credentials = { ...CREDENTIALS, sessionToken: TOKEN }
    const url = await presignGet(URL_, { ...SIGNING, credentials, sessionTokenPlacement: 'appended' })
    const header = await signed({}, { credentials, sessionTokenPlacement: 'appended' })
    for (const request of [received(url), header]) {
      const options = { ...VERIFYING, credentials: () => credentials }
      expect(await verdict(request, options)).not.toBe('accepted')
      expect(await verdict(request, { ...options, sessionTokenPlacement: 'appended' })).toBe('accepted')
    }
  })

  it('body passes the body, and payload defers it', async () => {
    const { body: _, ...request } = received(await sign({ url: URL_, method: 'PUT', body: 'ab' }, SIGNING), 'ab')
    for (const body of ['ab', Buffer.from('ab'), Uint8Array.of(97, 98), Uint8Array.of(97, 98).buffer]) {
      const result = await verify(request, { ...VERIFYING, body })
      expect([result.payload, Buffer.from(result.body!).toString()]).toEqual(['verified', 'ab'])
      expect((await verify({ ...request, body }, VERIFYING)).payload).toBe('verified')
    }
    expect((await verify(request, { ...VERIFYING, payload: 'deferred' })).payload).toBe('deferred')
    // a GET has no body to defer
    expect((await verify(await signed(), { ...VERIFYING, payload: 'deferred' })).payload).toBe('verified')
  })

  it.each([{ a: 1 }, 5, true, new Blob(['ab'])])('body is not a parsed body: %j', async (body) => {
    const { body: _, ...request } = received(await sign({ url: URL_, method: 'PUT', body: 'ab' }, SIGNING), 'ab')
    const given = { ...VERIFYING, body: body as unknown as string }
    for (const call of [() => verify({ ...request, body }, VERIFYING), () => verify(request, given)])
      await expect(call()).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  })
})

describe('a Request', () => {
  const put = () => sign({ url: URL_, method: 'PUT', body: 'ab' }, SIGNING)

  it('keeps its body for later handlers', async () => {
    const { url, ...init } = await put()
    const request = new Request(url, init)
    expect((await verify(request, VERIFYING)).payload).toBe('verified')
    expect(await request.text()).toBe('ab')
  })

  it('whose body was read or cannot be read is distinguished from one without a body', async () => {
    const { url, ...init } = await put()
    const request = new Request(url, init)
    await request.text()
    await expect(verify(request, VERIFYING)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    expect((await verify(request, { ...VERIFYING, body: 'ab' })).payload).toBe('verified')
  })

  it('with an invalid signature is not read', async () => {
    const { url, ...init } = await put()
    let pulled = 0
    const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 })
    const request = new Request(url, { ...init, body, duplex: 'half' } as RequestInit)
    for (const credentials of [() => undefined, () => 'another'])
      await expect(verify(request, { ...VERIFYING, credentials })).rejects.toMatchObject({ name: 'SigV4VerifyError' })
    expect(pulled).toBe(0)
    const deferred = await verify(request, { ...VERIFYING, payload: 'deferred' })
    expect([deferred.payload, pulled]).toEqual(['deferred', 0])
  })
})

describe('types', () => {
  it('accept the requests of servers', () => {
    type Given = Parameters<typeof verify>[0]
    expectTypeOf<IncomingMessage>().toExtend<Given>()
    expectTypeOf<Http2ServerRequest>().toExtend<Given>()
    expectTypeOf<Request>().toExtend<Given>()
    expectTypeOf<ExpressRequest>().toExtend<Given>()
    expectTypeOf<ReceivedRequest>().toExtend<Given>()
    expectTypeOf<string>().not.toExtend<Given>()
  })

  it('accept the results of credential lookups', async () => {
    const secrets = new Map([[KEY_ID, SECRET]])
    const key = await deriveSigningKey(CREDENTIALS, { region: 'us-east-1', service: 's3', date: NOW })
    const lookups: VerifyOptions['credentials'][] = [
      (id) => secrets.get(id),
      async (id) => secrets.get(id) ?? null,
      () => key,
      async () => CREDENTIALS,
    ]
    for (const credentials of lookups)
      expect(await verdict(await signed(), { ...VERIFYING, credentials })).toBe('accepted')
    expectTypeOf<() => false>().not.toExtend<VerifyOptions['credentials']>()
    expectTypeOf<VerifiedRequest['payload']>().toEqualTypeOf<'verified' | 'unsigned' | 'deferred'>()
  })
})
