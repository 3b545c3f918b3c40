import { createServer, request as send } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ReceivedRequest, type VerifyOptions, verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../support/credentials.ts'
import { asReceived, deepFreeze, judge } from '../support/service.ts'
import { NOW, read, verdict } from '../support/verify/helpers.ts'
import { make, type Sent, type Signing, signing } from '../support/verify/signings.ts'

// Every request that this package signs is accepted; mutations.test.ts and test/attacks change requests.

async function expectGood(one: Signing, sent: Sent, request: ReceivedRequest | Request): Promise<void> {
  const result = await verify(request, sent.options)
  expect(result).toMatchObject({
    accessKeyId: KEY_ID,
    scope: { date: '20150830', region: 'eu-west-1', service: one.service },
    location: one.location,
    signedAt: NOW,
    payload: sent.payload,
  })
  expect(result.sessionToken).toBe(one.placement === 'appended' ? undefined : one.token) // only a signed token is returned
  expect(result.expiresAt).toEqual(one.location === 'query' ? new Date(Number(NOW) + one.expires * 1000) : undefined)
  const absolute = result.body ?? (await read(result.verifyBody([sent.body])))
  expect(Buffer.from(absolute).equals(sent.body)).toBe(true)
}

describe('a request signed by this package', () => {
  it('is accepted in every form, and no input is changed', async () => {
    const forms = fc.constantFrom('object', 'lists', 'pairs', 'Headers', 'rawHeaders', 'absolute', 'Request')
    await fc.assert(
      fc.asyncProperty(signing, forms, async (one, form) => {
        const sent = await make(one)
        const { method, url, headers, body } = sent.request
        const pairs = Object.entries(headers)
        const requests: Record<typeof form, () => ReceivedRequest | Request> = {
          object: () => sent.request,
          lists: () => ({
            ...sent.request,
            headers: Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
          }),
          pairs: () => ({ ...sent.request, headers: pairs }),
          Headers: () => ({ ...sent.request, headers: new Headers(pairs) }),
          rawHeaders: () => ({ method, url, headers: {}, rawHeaders: pairs.flat(), body: body ?? '' }),
          absolute: () => ({
            method,
            url: sent.url,
            headers: Object.fromEntries(pairs.filter(([name]) => name !== 'host')),
            body: body ?? '',
          }),
          Request: () =>
            new Request(sent.url, {
              method,
              headers: pairs.filter(([name]) => !/^(?:host|content-length)$/.test(name)),
              ...(sent.body.length && { body: sent.body }),
            }),
        }
        const request = requests[form]()
        if (form === 'object' || form === 'lists') deepFreeze(request)
        deepFreeze({ ...sent.options, credentials: undefined })
        Object.freeze(sent.options)
        await expectGood(one, sent, request)
      }),
      { numRuns: 200 },
    )
  })

  it('is accepted by a node:http server that it is sent to', async () => {
    await fc.assert(
      fc.asyncProperty(signing, async (one) => {
        const sent = await make(one)
        await expectGood(one, sent, await through(sent))
      }),
      { numRuns: 40 },
    )
  })
})

// ---- A server that passes on what Node receives ----

let take: (request: ReceivedRequest) => void
const server = createServer((incoming, response) => {
  const parts: Uint8Array[] = []
  incoming.on('data', (part) => parts.push(part))
  incoming.on('end', () => {
    take(Object.assign(incoming, { body: Buffer.concat(parts) }))
    response.end()
  })
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

function through({
  request: { method, url, headers },
  body,
}: Pick<Sent, 'request' | 'body'>): Promise<ReceivedRequest> {
  const { port } = server.address() as { port: number }
  return new Promise((resolve, reject) => {
    take = resolve
    send({ port, method, path: url, headers, agent: false }, (response) => response.resume())
      .on('error', reject)
      .end(body)
  })
}

describe('headers that are not ASCII', () => {
  const octets = Buffer.from('Kätzchen 😀').toString('latin1')
  const by = async (value: string) => {
    // signed by test/support/service.ts, because sign rejects them
    const { request } = await make({
      ...fc.sample(signing, { numRuns: 1, seed: 1 })[0]!,
      location: 'header',
      service: 's3',
      method: 'GET',
      key: 'a',
      query: {},
      headers: { 'x-amz-meta-a': 'x' },
      token: undefined,
      holdsKey: false,
      isUnsigned: false,
      signedHeaders: undefined,
    })
    request.headers['x-amz-meta-a'] = value
    const received = {
      ...asReceived({ ...request, url: `https://files.example.com${request.url}` }),
      headers: Object.entries(request.headers),
    }
    const { expected } = judge(received, SECRET, 's3')
    request.headers.authorization = request.headers.authorization!.replace(/Signature=.*/, `Signature=${expected}`)
    return request
  }
  const options: VerifyOptions = { credentials: () => SECRET, now: NOW }

  it('are read as the received octets', async () => {
    const request = await by(octets)
    const arrivedThere = await through({ request, body: new Uint8Array(0) })
    expect(arrivedThere.rawHeaders).toContain(octets)
    expect((await verify(arrivedThere, options)).signedHeaders).toContain('x-amz-meta-a')
    expect(await verdict({ ...request, headers: { ...request.headers, 'x-amz-meta-a': 'Kätzchen 😀' } }, options)).toBe(
      'accepted',
    )
  })

  it('cannot be sent as Latin-1 instead', async () => {
    const request = await by(Buffer.from('Kätzchen').toString('latin1'))
    expect(await verdict(await through({ request, body: new Uint8Array(0) }), options)).toBe('accepted')
    request.headers['x-amz-meta-a'] = 'K\xe4tzchen'
    expect(await verdict(await through({ request, body: new Uint8Array(0) }), options)).toBe(
      'ERR_SIGV4_SIGNATURE_MISMATCH',
    )
  })
})
