import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Request as ExpressRequest } from 'express'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { deriveSigningKey, presignGet, presignPut, sign } from '../../src/index.ts'
import { type ReceivedRequest, type VerifiedRequest, type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { sha256 } from '../support/oracle.ts'
import { HOST, NOW, received, rejectionOf, SIGNING, TOKEN, VERIFYING, verdict } from '../support/verify/helpers.ts'

// Options: their effects, and invalid ones.

const URL_ = `https://${HOST}/a`
const signed = async (headers: Record<string, string> = {}, more: object = {}) =>
  received(await sign({ url: URL_, headers }, { ...SIGNING, ...more }))

describe('an invalid option is a TypeError before anything is looked up', () => {
  it.each<[wrong: object | undefined, argument: string, reason: string, hint: RegExp]>([
    [undefined, 'credentials', 'type', /a function/],
    [{}, 'credentials', 'type', /a function/],
    [{ credentials: SECRET }, 'credentials', 'type', /a function/],
    [{ now: 'today' }, 'now', 'invalid', /Date, epoch/],
    [{ now: new Date('x') }, 'now', 'invalid', /Date, epoch/],
    [{ now: Number.POSITIVE_INFINITY }, 'now', 'invalid', /Date, epoch/],
    [{ now: '1440938160000' }, 'now', 'invalid', /Date, epoch/],
    [{ clockSkew: '900' }, 'clockSkew', 'invalid', /whole number/],
    [{ clockSkew: -1 }, 'clockSkew', 'invalid', /whole number/],
    [{ clockSkew: Number.NaN }, 'clockSkew', 'invalid', /whole number/],
    [{ clockSkew: Number.POSITIVE_INFINITY }, 'clockSkew', 'invalid', /whole number/],
    [{ clockSkew: 120_000 }, 'clockSkew', 'range', /'1d' or less/],
    [{ maxExpires: 3_600_000 }, 'maxExpires', 'range', /'7d' or less/],
    [{ maxExpires: '60' }, 'maxExpires', 'invalid', /whole number/],
    [{ maxExpires: 0.5 }, 'maxExpires', 'invalid', /whole number/],
    [{ payload: 'later' }, 'payload', 'invalid', /'required' or 'deferred'/],
    [{ pathEncoding: 'Single' }, 'pathEncoding', 'invalid', /'single' or 'double'/],
    [{ pathNormalization: 'rfc-3986' }, 'pathNormalization', 'invalid', /'none' or 'rfc3986'/],
    [{ sessionTokenPlacement: 'append' }, 'sessionTokenPlacement', 'invalid', /'signed' or 'appended'/],
    [{ region: null }, 'region', 'type', /list/],
    [{ region: [undefined] }, 'region', 'type', /list/],
    [{ service: /s3/ }, 'service', 'type', /list/],
    [{ requireSigned: 'content-type' }, 'requireSigned', 'type', /list/],
    [{ signedIfPresent: 'content-type' }, 'signedIfPresent', 'type', /list/],
    [{ allowUnsigned: [1] }, 'allowUnsigned', 'type', /list/],
    [{ algorithms: {} }, 'algorithms', 'type', /Pass \[sigv4a\]/],
    [{ algorithms: ['AWS4-ECDSA-P256-SHA256'] }, 'algorithms', 'type', /Pass \[sigv4a\]/],
    [{ algorithms: [undefined] }, 'algorithms', 'type', /Pass \[sigv4a\]/],
    [{ host: new URL(URL_) }, 'host', 'type', /string/],
    [{ allowUnsignedPayload: 'false' }, 'allowUnsignedPayload', 'type', /boolean/],
    [{ allowSmallChunks: 1 }, 'allowSmallChunks', 'type', /boolean/],
    [{ hideUnknownKeys: null }, 'hideUnknownKeys', 'type', /boolean/],
  ])('%j', async (wrong, name, reason, hint) => {
    const credentials = () => expect.unreachable()
    const options = wrong && (Object.keys(wrong).length ? { credentials, now: NOW, ...wrong } : wrong)
    const call = verify(await signed(), options as unknown as VerifyOptions)
    await expect(call).rejects.toMatchObject({
      name: 'TypeError',
      code: reason === 'type' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_INVALID_ARG_VALUE',
      argument: `options.${name}`,
      reason,
      message: expect.stringMatching(hint),
    })
  })
})

describe('an option', () => {
  it('that is undefined has its default', async () => {
    const names = 'allowUnsignedPayload body clockSkew host maxExpires pathEncoding pathNormalization payload region'
    const more = 'requireSigned signedIfPresent service sessionTokenPlacement hideUnknownKeys allowUnsigned'
    const nothing = Object.fromEntries(`${names} ${more}`.split(' ').map((name) => [name, undefined]))
    expect(await verdict(await signed(), { ...VERIFYING, ...nothing })).toBe('accepted')
  })

  it('may have its default as a value, and a clockSkew of 0', async () => {
    const defaults = { payload: 'required', pathEncoding: 'single', pathNormalization: 'none' } as const
    expect(await verdict(await signed(), { ...VERIFYING, ...defaults, clockSkew: 0 })).toBe('accepted')
    const service = { service: 'sqs', pathEncoding: 'double', pathNormalization: 'rfc3986' } as const
    expect(await verdict(await signed({}, service), { ...VERIFYING, ...service })).toBe('accepted')
  })

  it('pathNormalization makes the path the one that S3 reads, where + is a space', async () => {
    const request = received(await sign({ url: `${URL_}%20b` }, SIGNING))
    request.url = '/a+b'
    expect(await verdict(request, VERIFYING)).toBe('ERR_SIGV4_AUTH_MALFORMED')
    expect(await verdict(request, { ...VERIFYING, pathNormalization: 'none' })).toBe('accepted')
    const octets = received(await sign({ url: `${URL_}%C3%A9` }, SIGNING))
    octets.url = '/a\xc3\xa9'
    expect(await verdict(octets, VERIFYING)).toBe('ERR_SIGV4_AUTH_MALFORMED')
    expect(await verdict(octets, { ...VERIFYING, pathNormalization: 'none' })).toBe('accepted')
  })

  it('now is the current time by default', async () => {
    const request = received(await sign({ url: URL_ }, { ...SIGNING, now: Date.now() }))
    expect(await verdict(request, { credentials: () => SECRET })).toBe('accepted')
    expect(await verdict(await signed(), { credentials: () => SECRET })).toBe('ERR_SIGV4_TIME_SKEWED')
  })

  it('region and service accept one or several names', async () => {
    for (const region of ['us-east-1', ['eu-west-1', 'us-east-1']])
      for (const service of ['s3', ['sqs', 's3']])
        expect(await verdict(await signed(), { ...VERIFYING, region, service })).toBe('accepted')
    expect(await verdict(await signed(), { ...VERIFYING, region: [] })).toBe('ERR_SIGV4_SCOPE_MISMATCH')
  })

  it('allowUnsigned and signedIfPresent change which headers must be signed', async () => {
    const request = await signed({ 'content-type': 'text/plain' })
    const added = { ...request, headers: { ...request.headers, 'x-amz-cf-id': 'abc', via: '1.1 proxy' } }
    expect(await verdict(added, VERIFYING)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
    expect(await verdict(added, { ...VERIFYING, allowUnsigned: ['X-Amz-CF-Id'] })).toBe('accepted')
    expect(await verdict(request, { ...VERIFYING, signedIfPresent: ['content-type', 'x-none'] })).toBe('accepted')
    expect(await verdict(added, { ...VERIFYING, allowUnsigned: ['x-amz-cf-id'], signedIfPresent: ['Via'] })).toBe(
      'ERR_SIGV4_HEADER_NOT_SIGNED',
    )
  })

  describe.each(['header', 'query'] as const)('requireSigned, with the signature in the %s', (location) => {
    const required = { ...VERIFYING, requireSigned: ['X-Tenant', 'host'] }
    const send = async (headers: Record<string, string>, options = {}) => {
      if (location === 'header') return signed(headers, options)
      const { url } = await presignGet(URL_, { ...SIGNING, ...options, headers })
      return { method: 'GET', url, headers: { host: new URL(url).host, ...headers } }
    }

    it('accepts a header that is present and signed', async () => {
      expect(await verdict(await send({ 'x-tenant': 'erin' }), required)).toBe('accepted')
      expect(await verdict(await send({ 'x-tenant': '' }), required)).toBe('accepted')
    })

    it('rejects a request without the header', async () => {
      const request = await send({})
      expect(await verdict(request, VERIFYING)).toBe('accepted')
      const error = await verify(request, required).catch((error) => error)
      expect(error).toMatchObject({
        code: 'ERR_SIGV4_HEADER_NOT_SIGNED',
        awsCode: 'AccessDenied',
        status: 403,
        message: 'The request must contain the signed headers x-tenant.',
        details: { HeadersNotSigned: 'x-tenant' },
      })
      const two = await verify(request, { ...required, requireSigned: ['x-tenant', 'Content-Type'] }).catch((e) => e)
      expect(two.details).toEqual({ HeadersNotSigned: 'content-type, x-tenant' })
    })

    it('rejects a header that is not signed, whether it was sent or only its name was signed', async () => {
      const request = await send({})
      const added = { ...request, headers: { ...request.headers, 'x-tenant': 'mallory' } }
      expect(await verdict(added, VERIFYING)).toBe('accepted')
      expect(await verdict(added, required)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
      const { 'x-tenant': _, ...headers } = (await send({ 'x-tenant': '' })).headers as Record<string, string>
      const named = { ...(await send({ 'x-tenant': '' })), headers }
      expect(await verdict(named, VERIFYING)).toBe('accepted')
      expect(await verdict(named, required)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
      const unsigned = await send({ 'x-tenant': 'erin' }, { unsignedHeaders: ['x-tenant'] })
      expect(await verdict(unsigned, required)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
    })
  })

  it('requireSigned has no exceptions in allowUnsigned', async () => {
    const options = { ...VERIFYING, requireSigned: ['x-amz-cf-id'], allowUnsigned: ['x-amz-cf-id'] }
    const request = await signed()
    expect(await verdict(request, options)).toBe('ERR_SIGV4_HEADER_NOT_SIGNED')
    expect(await verdict(await signed({ 'x-amz-cf-id': 'a' }), options)).toBe('accepted')
  })

  it('allowUnsigned does not make an unsigned session token a signed one', async () => {
    const request = await signed({}, { credentials: { ...CREDENTIALS, sessionToken: TOKEN } })
    const options = { ...VERIFYING, credentials: () => SECRET, allowUnsigned: ['x-amz-security-token'] }
    expect(await verify(request, options)).toMatchObject({ sessionToken: TOKEN })
    const unsigned = await signed()
    const headers = { ...unsigned.headers, 'x-amz-security-token': 'of anyone' }
    expect(await verify({ ...unsigned, headers }, options)).not.toHaveProperty('sessionToken')
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
    const calls = {
      'request.body': () => verify({ ...request, body }, VERIFYING),
      'options.body': () => verify(request, given),
    }
    for (const [argument, call] of Object.entries(calls))
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        argument,
        message: expect.stringMatching(/ has the wrong type\. Verify the request before its body is parsed/),
      })
  })
})

describe('a body of HTTP/2', () => {
  it('may exist without content-length, so a request without one needs its body', async () => {
    const request = await signed()
    const pseudo = { ...request, headers: { ...request.headers, ':method': 'GET' } }
    for (const sent of [{ ...request, httpVersionMajor: 2 }, pseudo]) {
      expect(await verdict(sent, VERIFYING)).toBe('ERR_SIGV4_PAYLOAD_UNCHECKED')
      expect(await verdict({ ...sent, body: '' }, VERIFYING)).toBe('accepted')
    }
    expect(await verdict({ ...request, httpVersionMajor: 1 }, VERIFYING)).toBe('accepted')
  })
})

describe('a header with a hash that is not signed', () => {
  const hash = sha256('ab')
  const put = async (header: string, body?: string) => {
    const request = received(await presignPut(URL_, SIGNING), body)
    return { ...request, headers: { ...request.headers, 'x-amz-content-sha256': header, 'content-length': '2' } }
  }

  it('is the hash that the body must have', async () => {
    expect(await verify(await put(hash, 'ab'), VERIFYING)).toMatchObject({
      payload: 'unsigned',
      signedHeaders: ['host'],
    })
    expect(await verdict(await put(hash, 'ac'), VERIFYING)).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
    expect(await verdict(await put(hash), VERIFYING)).toBe('ERR_SIGV4_PAYLOAD_UNCHECKED')
    expect(await verdict(await put('UNSIGNED-PAYLOAD'), VERIFYING)).toBe('accepted')
  })

  it.each([`0${hash}`, `${hash}0`, hash.slice(1), 'a', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'])(
    'is not %s',
    async (header) => {
      expect(await rejectionOf(verify(await put(header, 'ab'), VERIFYING))).toMatchObject({
        code: 'ERR_SIGV4_AUTH_MALFORMED',
        details: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: header },
      })
    },
  )
})

describe('the result', () => {
  it('has dates and a token only if the request has them', async () => {
    const header = await verify(await signed(), VERIFYING)
    expect(header.signedAt).toEqual(NOW)
    expect('expiresAt' in header || 'sessionToken' in header).toBe(false)
    const query = await verify(received(await presignPut(URL_, { ...SIGNING, expires: 60 })), VERIFYING)
    expect(query.expiresAt).toEqual(new Date(Number(NOW) + 60_000))
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
    await expect(verify(request, VERIFYING)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringMatching(/^request\.body cannot be used here\. It was already read/),
    })
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
    const key = await deriveSigningKey({ region: 'us-east-1', service: 's3', date: NOW }, { credentials: CREDENTIALS })
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
