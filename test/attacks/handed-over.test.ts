import { describe, expect, it } from 'vitest'
import { type ReceivedRequest, type VerifyOptions, verify } from '../../src/verify.ts'
import { attacks, type Forged, type Forging, forge, HOST, NOW, scopedKey, target } from '../support/attacks/attacker.ts'
import { KEY_ID, SECRET } from '../support/credentials.ts'

// Between the attacker and verify stand adapters, middleware and parsers: what they hand over is not always what was sent.
// Nothing that was added to a signed request, or changed in it, may be accepted because of them.

const attack = attacks()
const OPTIONS: VerifyOptions = { credentials: scopedKey, now: NOW, host: HOST }
const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

type HandedOver = Omit<ReceivedRequest, 'headers' | 'url'> & { url: string; headers: Record<string, string> }

/** How a request reaches the application, beside a `headers` object that is complete. */
const HANDS: Record<string, (pairs: string[][]) => Pick<ReceivedRequest, 'rawHeaders'>> = {
  // serverless-http, @vendia/serverless-express: new IncomingMessage() with headers assigned
  'empty rawHeaders': () => ({ rawHeaders: [] }),
  'no rawHeaders': () => ({}),
  'rawHeaders with the host only': () => ({ rawHeaders: ['Host', HOST] }),
  'rawHeaders without x-amz-*': (pairs) => ({ rawHeaders: pairs.filter(([name]) => !/^x-amz/.test(name!)).flat() }),
  'rawHeaders without Authorization': (pairs) => ({
    rawHeaders: pairs.filter(([name]) => name !== 'authorization').flat(),
  }),
  'complete rawHeaders': (pairs) => ({ rawHeaders: pairs.flat() }),
}

function handedOver(forged: Forged, hand: string, added: Record<string, string> = {}): HandedOver {
  const pairs = [...forged.headers, ...Object.entries(added)]
  const { method, body } = forged
  const { rawHeaders } = HANDS[hand]!(pairs)
  return { method, url: target(forged), headers: Object.fromEntries(pairs), ...(rawHeaders && { rawHeaders }), body }
}

const GENUINE: Record<string, Forging> = {
  'a presigned GET': { location: 'query' },
  'a presigned PUT': { location: 'query', method: 'PUT', headers: { 'content-type': 'image/png' } },
  'a signed PUT': { method: 'PUT', headers: { 'content-type': 'image/png', 'x-amz-meta-owner': 'erin' } },
}
const CASES = Object.keys(HANDS).flatMap((hand) => Object.keys(GENUINE).map((name): [string, string] => [name, hand]))

describe.each(CASES)('%s, handed over with %s', (name, hand) => {
  const forged = forge(GENUINE[name]!)
  const given = (added?: Record<string, string>) => handedOver(forged, hand, added)
  const isHeader = name === 'a signed PUT'

  it('is accepted, also with headers that middleware adds', async () => {
    for (const added of [{}, { 'x-request-id': '1', traceparent: '00-1', 'x-forwarded-for': '10.0.0.1' }])
      await expect(verify(given(added), OPTIONS)).resolves.toMatchObject({ accessKeyId: KEY_ID })
  })

  it('is rejected with an x-amz-* header that was not signed', async () => {
    for (const [header, value] of [
      ['x-amz-acl', 'public-read'],
      ['x-amz-copy-source', '/private/salaries.csv'],
      ['X-Amz-Grant-Full-Control', 'uri=all'],
      ['x-amz-security-token', 'a token'],
    ] as const)
      await attack.rejected(verify(given({ [header]: value }), OPTIONS), header, /HEADER_NOT_SIGNED/)
  })

  it('is rejected with another Authorization header', async () => {
    if (!isHeader) {
      for (const value of ['Bearer a', forged.headers[0]![1], 'AWS4-HMAC-SHA256 Credential=a'])
        await attack.rejected(verify(given({ authorization: value }), OPTIONS), value, /AMBIGUOUS/)
      return
    }
    const request = given()
    const changed = { ...request, headers: { ...request.headers, authorization: 'Bearer admin' } }
    await attack.rejected(verify(changed as ReceivedRequest, OPTIONS), 'another scheme')
  })

  it('is rejected with a header that must be signed', async () => {
    const options = { ...OPTIONS, signedIfPresent: ['x-tenant', 'Content-Language'] }
    await attack.rejected(verify(given(), { ...OPTIONS, requireSigned: ['x-tenant'] }), 'omitted', /HEADER_NOT_SIGNED/)
    for (const header of ['x-tenant', 'X-Tenant', 'content-language'])
      await attack.rejected(verify(given({ [header]: 'b' }), options), header, /HEADER_NOT_SIGNED/)
  })

  it.each(['content-type', 'x-amz-meta-owner'])('is rejected if its %s was changed or removed', async (header) => {
    if (!forged.headers.some(([name]) => name === header)) return
    const request = given()
    for (const value of ['text/html', '', undefined]) {
      const { [header]: _, ...others } = request.headers
      const headers = value === undefined ? others : { ...others, [header]: value }
      const rawHeaders = request.rawHeaders && hand !== 'complete rawHeaders' ? ['Host', HOST] : request.rawHeaders
      if (value === undefined && hand === 'complete rawHeaders') continue // it was sent, and nothing replaced it
      await attack.rejected(verify({ ...request, rawHeaders, headers } as ReceivedRequest, OPTIONS), [header, value])
    }
  })
})

describe('a header that reads differently in headers and in rawHeaders', () => {
  const forged = forge({ method: 'PUT', headers: { 'content-type': 'image/png' } })

  it('is rejected, whether it is signed or not', async () => {
    const request = handedOver(forged, 'complete rawHeaders', { 'x-tenant': 'erin', accept: '*/*' })
    for (const [name, value] of [
      ['content-type', 'text/html'],
      ['content-type', 'image/png, text/html'],
      ['x-tenant', 'mallory'],
      ['x-tenant', ''],
      ['accept', 'text/html'],
      ['authorization', 'Bearer admin'],
      ['x-amz-date', '20150830T123601Z'],
    ] as const) {
      const headers = { ...request.headers, [name]: value }
      await attack.rejected(verify({ ...request, headers } as ReceivedRequest, OPTIONS), [name, value], /AMBIGUOUS/)
    }
  })

  it('is accepted if it is the Host header and options.host replaces it', async () => {
    const request = handedOver(forged, 'complete rawHeaders')
    const given = { ...request, headers: { ...request.headers, host: 'internal:8080' } } as ReceivedRequest
    await expect(verify(given, OPTIONS)).resolves.toMatchObject({ accessKeyId: KEY_ID })
    await attack.rejected(verify(given, { ...OPTIONS, host: undefined }), 'host', /AMBIGUOUS/)
  })
})

describe('a body that a parser has read', () => {
  const PARSED: unknown[] = [
    { amount: 1 },
    [],
    [1],
    5,
    true,
    new URLSearchParams('a=1'),
    new Map(),
    new Date(0),
    () => 0,
  ]

  it.each(Object.keys(HANDS))('is not verified beside the hash of an empty body, with %s', async (hand) => {
    const signed = handedOver(forge({ method: 'POST', payloadHash: HASH }), hand)
    const presigned = handedOver(forge({ method: 'POST', location: 'query', service: 'execute-api' }), hand)
    for (const request of [signed, presigned])
      for (const body of PARSED)
        for (const payload of ['required', 'deferred'] as const)
          await attack.wrongArgument(verify({ ...request, body }, { ...OPTIONS, payload }), [hand, body, payload])
    for (const body of PARSED)
      await attack.wrongArgument(verify(signed, { ...OPTIONS, body: body as string }), [hand, body])
  })

  it('may be the empty object that Express 4 sets, only if the request has no body', async () => {
    const request = handedOver(forge({ method: 'POST', payloadHash: HASH }), 'complete rawHeaders')
    await expect(verify({ ...request, body: {} }, OPTIONS)).resolves.toMatchObject({ payload: 'verified' })
    for (const added of [{ 'content-length': '2' }, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const given = { ...request, headers: { ...request.headers, ...added }, body: {} } as ReceivedRequest
      await attack.wrongArgument(verify(given, OPTIONS), added)
    }
    await attack.wrongArgument(verify({ ...request, body: {}, httpVersionMajor: 2 }, OPTIONS), 'HTTP/2')
  })

  it('is not a stream, which is never taken for an empty body', async () => {
    const request = handedOver(forge({ method: 'POST', payloadHash: HASH }), 'no rawHeaders')
    for (const stream of [new Blob(['a']).stream(), (async function* () {})()])
      await attack.wrongArgument(verify({ ...request, body: stream }, OPTIONS), 'a stream')
    const deferred = await verify({ ...request, body: new Blob(['a']).stream() }, { ...OPTIONS, payload: 'deferred' })
    expect(deferred.payload).toBe('deferred')
    const read = async () => {
      for await (const _ of deferred.verifyBody(new Blob(['a']).stream()));
    }
    await attack.rejected(read(), 'a stream beside the hash of an empty body', /PAYLOAD_MISMATCH/)
  })
})

describe('a signed header value', () => {
  it.each(['\v', '\f', '\r', '\n', '\r\n', '\r\n '])('with %j is rejected instead of folded', async (mark) => {
    for (const value of [`a${mark}b`, `${mark}a b`, `a b${mark}`]) {
      const forged = forge({ headers: { 'x-amz-meta-note': 'a b' } })
      for (const hand of ['no rawHeaders', 'empty rawHeaders', 'complete rawHeaders']) {
        const pairs = forged.headers.map(([name, old]) => [name, name === 'x-amz-meta-note' ? value : old])
        const given = { ...handedOver(forged, hand), headers: Object.fromEntries(pairs), ...HANDS[hand]!(pairs) }
        await attack.rejected(verify(given, OPTIONS), [value, hand])
      }
    }
  })

  it('that a framework has decoded is not decoded again', async () => {
    // signed as é; sent as the four bytes that a framework decodes to Ã©
    const forged = forge({ headers: { 'x-amz-meta-name': '\u00e9' } })
    for (const hand of ['no rawHeaders', 'empty rawHeaders', 'rawHeaders without x-amz-*']) {
      const request = handedOver(forged, hand)
      const headers = { ...request.headers, 'x-amz-meta-name': '\u00c3\u00a9' }
      await attack.rejected(verify({ ...request, headers } as ReceivedRequest, OPTIONS), hand, /SIGNATURE_MISMATCH/)
    }
  })
})

describe('rawHeaders of another kind', () => {
  it.each<[string, unknown]>([
    ['buffers', [Buffer.from('Host'), Buffer.from(HOST)]],
    ['pairs', [['Host', HOST]]],
    ['an odd number of strings', ['Host']],
    ['an object', { host: HOST }],
    ['a string', `Host: ${HOST}`],
    ['null', null],
  ])('%s is the error of an argument', async (_, rawHeaders) => {
    const request = handedOver(forge({ location: 'query' }), 'no rawHeaders')
    await attack.wrongArgument(verify({ ...request, rawHeaders } as never, OPTIONS), rawHeaders)
  })
})

describe('a token that was added after signing', () => {
  const options: VerifyOptions = { ...OPTIONS, sessionTokenPlacement: 'appended', credentials: () => SECRET }

  it('is not returned, because anyone can replace it', async () => {
    const forged = forge({ location: 'query', service: 'iotdevicegateway' })
    for (const token of ['an administrator', 'a']) {
      const url = `${target(forged)}&X-Amz-Security-Token=${encodeURIComponent(token)}`
      const result = await verify({ ...handedOver(forged, 'no rawHeaders'), url }, options)
      attack.counted()
      expect(result).not.toHaveProperty('sessionToken')
    }
    const header = handedOver(forge({ service: 'iotdevicegateway' }), 'no rawHeaders', { 'x-amz-security-token': 'a' })
    attack.counted()
    expect(await verify(header, options)).not.toHaveProperty('sessionToken')
  })

  it('is returned if it was signed', async () => {
    const forged = forge({ token: 'a token', service: 'iotdevicegateway' })
    expect(await verify(handedOver(forged, 'no rawHeaders'), options)).toMatchObject({ sessionToken: 'a token' })
  })
})

it('the attacks are complete', () => {
  expect(attack.count).toBeGreaterThanOrEqual(300)
})
