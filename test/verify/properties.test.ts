import { createServer, request as send } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { type ReceivedRequest, type VerifiedRequest, type VerifyOptions, verify } from '../../src/verify.ts'
import { asReceived, deepFreeze, judge } from '../wire.ts'
import { arrived, KEY_ID, NOW, read, SECRET, sha256, TOKEN, verdict } from './given.ts'

// Whatever this package signs, it accepts; whatever is changed then, it refuses.

fc.configureGlobal({ interruptAfterTimeLimit: 5000 })

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom("!'()*", '+', '%', '%2F', '&=?#;:@,$', '[]^|`{}"<>\\', ' ', '€ 😀 é', '\t\r\n'),
)
const key = fc
  .array(fc.oneof(text, fc.constantFrom('', '.', '..', 'a')), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((key) => !/^\.{0,2}$/.test(key))
const value = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 9 }),
  fc.constantFrom('a  b', 'text/plain; charset="utf-8"', 'a,b, c'),
)
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'x-amz-meta-a', 'x-amz-acl', 'cache-control', 'x-b', 'user-agent'),
  value,
  { maxKeys: 4, noNullPrototype: true },
)
const query = fc.dictionary(
  text.filter((name) => !/^(?:x-amz-.*|signature|__proto__)$/i.test(name)),
  fc.oneof(text, fc.array(text, { maxLength: 3 })),
  { maxKeys: 3, noNullPrototype: true },
)

/** One request, and how it is signed. */
const signing = fc.record({
  entry: fc.constantFrom('asynchronous', 'synchronous'),
  location: fc.constantFrom('header', 'query'),
  service: fc.constantFrom('s3', 's3express', 's3-outposts', 'execute-api', 'sts', 'iotdevicegateway'),
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
  key,
  headers,
  query,
  body: fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.uint8Array({ maxLength: 70 })),
  isUnsigned: fc.boolean(),
  token: fc.constantFrom(undefined, TOKEN),
  placement: fc.constantFrom(undefined, 'signed', 'appended'),
  signHeaders: fc.constantFrom(undefined, ['user-agent']),
  unsignedHeaders: fc.constantFrom(undefined, ['cache-control']),
  pathEncoding: fc.constantFrom(undefined, 'single', 'double'),
  expires: fc.integer({ min: 1, max: 604_800 }),
  holdsKey: fc.boolean(),
})
type Signing = typeof signing extends fc.Arbitrary<infer Value> ? Value : never

interface Sent {
  request: ReturnType<typeof arrived>
  options: VerifyOptions
  payload: VerifiedRequest['payload']
  url: string
  body: Uint8Array<ArrayBuffer>
}

/** Signs a request, and says how it is to be verified. */
async function make(one: Signing): Promise<Sent> {
  const { location, service, query, isUnsigned, token, placement, pathEncoding, expires } = one
  const entry = one.entry === 'synchronous' ? synchronous : asynchronous
  const isS3 = service.startsWith('s3')
  const hasBody = one.method !== 'GET' && one.method !== 'DELETE'
  const body = Uint8Array.from(hasBody ? Buffer.from(one.body as string) : [])
  const scope = { region: 'eu-west-1', service }
  const secrets = { accessKeyId: KEY_ID, secretAccessKey: SECRET, ...(token && { sessionToken: token }) }
  const signingKey = await entry.deriveSigningKey(
    { accessKeyId: KEY_ID, secretAccessKey: SECRET },
    { ...scope, date: NOW },
  )
  const credentials = one.holdsKey
    ? { accessKeyId: KEY_ID, signingKey: signingKey as synchronous.SigningKey, ...(token && { sessionToken: token }) }
    : secrets
  const isFree = isUnsigned && (isS3 || location === 'header')
  const payloadHash = isFree ? 'UNSIGNED-PAYLOAD' : sha256(body)
  const common = {
    credentials,
    ...scope,
    payloadHash,
    signingDate: NOW,
    sessionTokenPlacement: placement as 'signed' | undefined,
    signHeaders: one.signHeaders,
    unsignedHeaders: one.unsignedHeaders,
    pathEncoding: pathEncoding as 'single' | undefined,
  }
  const url = entry.objectUrl({
    bucket: 'photos',
    key: one.key,
    region: 'eu-west-1',
    endpoint: 'https://files.example.com',
  })
  // objects have their dots escaped, which only S3 reads so
  const target = isS3 ? url : new URL(url.replaceAll('%2F', '/')).href
  const added = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  )
  const full = target + (added.length && location === 'header' ? `?${new URLSearchParams(added)}` : '')
  const signed =
    location === 'query'
      ? await entry.presign(one.method, target, { ...common, headers: one.headers, query, expires })
      : await entry.sign(
          { method: one.method, url: full, headers: one.headers, body },
          { ...common, payloadHashHeader: true },
        )
  const options: VerifyOptions = {
    credentials: () => (one.holdsKey ? (signingKey as synchronous.SigningKey) : secrets),
    ...scope,
    now: NOW,
    allowUnsignedPayload: true,
    pathEncoding: pathEncoding as 'single' | undefined,
    sessionTokenPlacement: placement as 'signed' | undefined,
  }
  return { request: arrived(signed, body), options, payload: isFree ? 'unsigned' : 'verified', url: signed.url, body }
}

async function expectGood(one: Signing, sent: Sent, request: ReceivedRequest | Request): Promise<void> {
  const result = await verify(request, sent.options)
  expect(result).toMatchObject({
    accessKeyId: KEY_ID,
    scope: { date: '20150830', region: 'eu-west-1', service: one.service },
    location: one.location,
    signingDate: NOW,
    payload: sent.payload,
  })
  expect(result.sessionToken).toBe(one.token)
  expect(result.expiresAt).toEqual(one.location === 'query' ? new Date(Number(NOW) + one.expires * 1000) : undefined)
  const whole = result.body ?? (await read(result.check([sent.body])))
  expect(Buffer.from(whole).equals(sent.body)).toBe(true)
}

describe('a request that was signed here', () => {
  it('is accepted in every form, and nothing that was given is changed', async () => {
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

  it('is accepted by a server of node:http that it reaches', async () => {
    await fc.assert(
      fc.asyncProperty(signing, async (one) => {
        const sent = await make(one)
        await expectGood(one, sent, await through(sent))
      }),
      { numRuns: 40 },
    )
  })

  it('is refused with any change that is one', async () => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(signing, fc.nat(), fc.integer({ min: 1, max: 127 }), async (one, place, bits) => {
        const sent = await make({ ...one, pathEncoding: undefined, isUnsigned: false })
        const { method, headers, url } = sent.request
        const signed =
          one.location === 'header'
            ? /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!
            : decodeURIComponent(/SignedHeaders=([^&]+)/.exec(url)![1]!)
        const names = [...signed.split(';'), ...(headers.authorization ? ['authorization'] : [])].filter(
          (name) => headers[name],
        )
        const parts = [method, url, ...names.map((name) => headers[name]!), Buffer.from(sent.body).toString('latin1')]
        let at = place % parts.join('').length
        let which = 0
        for (; parts[which]!.length <= at; which++) at -= parts[which]!.length
        const part = parts[which]!
        parts[which] = part.slice(0, at) + String.fromCharCode(part.charCodeAt(at) ^ bits) + part.slice(at + 1)
        const [changedMethod, changedUrl, ...values] = parts
        const body = Buffer.from(values.pop()!, 'latin1')
        const changed = { ...headers }
        for (const [i, name] of names.entries()) changed[name] = values[i]!
        const answer = await verdict({ method: changedMethod!, url: changedUrl!, headers: changed, body }, sent.options)
        if (answer !== 'accepted') refused++
        else
          expect(
            isEqual(one, { method: changedMethod!, target: changedUrl!, headers: Object.entries(changed), body }),
          ).toBe(true)
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(250)
  })
})

/** Whether the service of test/wire.ts, which follows the rules of AWS by itself, sees the same request. */
function isEqual(one: Signing, received: ReturnType<typeof asReceived>): boolean {
  const { sent, expected } = judge(
    received,
    SECRET,
    one.service.startsWith('s3') ? 's3' : 'other',
    one.placement === 'appended',
  )
  return sent === expected
}

// ---- A server, which hands out what arrives as Node has it ----

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
    // signed by the book, since sign refuses them
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
      signHeaders: undefined,
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

  it('are read as the octets that came', async () => {
    const request = await by(octets)
    const arrivedThere = await through({ request, body: new Uint8Array(0) })
    expect(arrivedThere.rawHeaders).toContain(octets)
    expect((await verify(arrivedThere, options)).signedHeaders).toContain('x-amz-meta-a')
    expect(await verdict({ ...request, headers: { ...request.headers, 'x-amz-meta-a': 'Kätzchen 😀' } }, options)).toBe(
      'accepted',
    )
  })

  it('cannot be written in Latin-1 instead', async () => {
    const request = await by(Buffer.from('Kätzchen').toString('latin1'))
    expect(await verdict(await through({ request, body: new Uint8Array(0) }), options)).toBe('accepted')
    request.headers['x-amz-meta-a'] = 'K\xe4tzchen'
    expect(await verdict(await through({ request, body: new Uint8Array(0) }), options)).toBe(
      'ERR_SIGV4_SIGNATURE_MISMATCH',
    )
  })
})
