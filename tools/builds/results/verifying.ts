import fc from 'fast-check'
import { deriveSigningKey } from '../../../src/sync.ts'
import { chunkedUpload, KINDS } from '../../../test/support/verify/chunking.ts'
import { apply, change } from '../../../test/support/verify/garbled.ts'
import { make, signing } from '../../../test/support/verify/signings.ts'
import type { Comparison } from './comparison.ts'
import { changedForms, flip } from './forms.ts'
import { outcomeOf } from './outcome.ts'
import { thrown } from './signing.ts'
import * as values from './values.ts'

// Calls of `verify`, with requests and forms that these sources sign: as they are, and changed.

type Received = Parameters<typeof apply>[0]

/** A signed request, and the options that accept it. */
export interface Sent {
  request: Received
  options: object
}

const AT = new Date('2015-08-30T12:36:00Z')
const { accessKeyId, secretAccessKey } = values.KEYS
const VALID = (): unknown => values.KEYS

/** Signs requests. */
export async function signRequests(count: number, seed: number): Promise<Sent[]> {
  const signed = fc.sample(signing, { numRuns: count, seed }).map(make)
  const chunks = fc.array(fc.constantFrom('a', 'bc', 'x'.repeat(8192)), { maxLength: 3 })
  const kinds = fc.constantFrom(...Object.keys(KINDS))
  const uploads = fc.sample(fc.tuple(chunks, kinds), { numRuns: Math.ceil(count / 7), seed }).map(([chunks, kind]) => {
    const { request, encoded } = chunkedUpload(chunks, KINDS[kind]!)
    const options = { credentials: VALID, now: AT, allowUnsignedPayload: true, allowSmallChunks: true }
    return { request: { ...request, body: Uint8Array.from(encoded) }, options }
  })
  return [...(await Promise.all(signed)), ...uploads]
}

type Scope = Parameters<typeof deriveSigningKey>[0]
const derived = (scope: Scope): unknown => deriveSigningKey(scope, { credentials: values.KEYS })

/** Lookups of credentials, valid and invalid. */
const LOOKUPS: readonly unknown[] = [
  ...[VALID, VALID, () => secretAccessKey, async () => secretAccessKey],
  (id: string) => (id === accessKeyId ? values.KEYS : undefined),
  (_: string, scope: Scope) => derived(scope),
  (_: string, scope: Scope) => ({ accessKeyId, signingKey: derived(scope) }),
  (_: string, scope: Scope) => derived({ ...scope, region: 'us-east-1' }),
  ...[undefined, null, '', 5, {}, { accessKeyId }, { key: new Uint8Array(32) }, 'a different secret'].map(
    (found) => () => found,
  ),
  () => ({ ...values.KEYS, expiration: new Date(Number(AT) - 1000) }),
  () => ({ ...values.KEYS, sessionToken: 'other' }),
  () => ({ accessKeyId: 'AKIDOTHER', secretAccessKey }),
  () => {
    throw new RangeError('not found')
  },
  ...[undefined, null, 'a secret', {}],
]

const ACCEPTING: Record<string, fc.Arbitrary<unknown>> = {
  credentials: fc.constantFrom(...LOOKUPS),
  region: fc.subarray(['eu-west-1', 'us-east-1']),
  service: fc.subarray(['s3', 'execute-api']),
  now: fc.oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -7e8, max: 7e8 })).map((ms) => Number(AT) + ms),
  clockSkew: fc.constantFrom(0, 1, 900, 1e5),
  maxExpires: fc.constantFrom(1, 900, 604_800, 1e6),
  requireSigned: fc.subarray(['content-type', 'x-b', 'user-agent', 'cookie']),
  signedIfPresent: fc.subarray(['content-type', 'x-b', 'user-agent', 'cookie']),
  allowUnsigned: fc.subarray(['x-amz-acl', 'x-amz-meta-a', 'x-amz-cf-id']),
  pathEncoding: fc.constantFrom('single', 'double', undefined),
  pathNormalization: fc.constantFrom('none', 'rfc3986', undefined),
  sessionTokenPlacement: fc.constantFrom('signed', 'appended', undefined),
  allowUnsignedPayload: fc.boolean(),
  payload: fc.constantFrom('required', 'deferred', 'deferred'),
  body: fc.constantFrom<unknown>('', 'a', new Uint8Array(2)),
  host: fc.constantFrom('files.example.com', 'other.example.com'),
  allowSmallChunks: fc.boolean(),
  hideUnknownKeys: fc.boolean(),
}

/** Changes one bit of the method, the target, a header or the body. */
function flipBit(request: Received, at: number): void {
  const parts = ['method', 'url', 'url', ...Object.keys(request.headers), 'body']
  const part = parts[at % parts.length]!
  const where = Math.floor(at / parts.length)
  if (part === 'method' || part === 'url') request[part] = flip(request[part], where)
  else if (part !== 'body') request.headers[part] = flip(String(request.headers[part]), where)
  else if (request.body instanceof Uint8Array && request.body.length) {
    request.body = request.body.slice()
    ;(request.body as Uint8Array)[where % (request.body as Uint8Array).length]! ^= 1 << (where % 8)
  }
}

/** Changes that an attacker would try. */
const ATTACKS: readonly ((request: Received) => void)[] = [
  ({ headers }) => {
    if (headers['x-amz-date']) headers['x-amz-date'] = '20150830T123700Z'
  },
  (request) => {
    request.url = request.url.replace(/(2015083)0(%2F|\/)/g, '$11$2')
    const { authorization } = request.headers
    if (authorization) request.headers.authorization = String(authorization).replace('eu-west-1', 'us-east-1')
  },
  (request) => {
    request.url += `${request.url.includes('?') ? '&' : '?'}X-Amz-Signature=${'0'.repeat(64)}`
  },
  (request) => {
    request.url = request.url.replace(/(X-Amz-Expires=)\d+/, '$1604800')
  },
  (request) => void delete request.body,
  (request) => {
    request.body = `${request.body}a`
  },
  (request) => {
    request.url = `https://files.example.com${request.url}`
  },
]

const mutation = fc.oneof(
  { weight: 6, arbitrary: fc.nat(1e6).map((at) => (request: Received) => flipBit(request, at)) },
  { weight: 3, arbitrary: change.map((one) => (request: Received) => apply(request, one)) },
  { weight: 2, arbitrary: fc.constantFrom(...ATTACKS) },
)

/** `undefined` three times in four. */
const rarely = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  values.mostly<unknown>(fc.constant(undefined), arbitrary, 3)

/** Signed requests, with so many changes, and options. */
export function changedRequests(
  signed: readonly Sent[],
  changes: { minLength: number; maxLength: number },
): fc.Arbitrary<unknown[]> {
  const others = fc
    .tuple(values.some(ACCEPTING, 2), rarely(ACCEPTING.credentials!), rarely(fc.constant(true)))
    .map(([rest, credentials, hideUnknownKeys]) => ({
      ...(credentials !== undefined && { credentials }),
      ...(hideUnknownKeys === true && { hideUnknownKeys }),
      ...rest,
    }))
  return fc
    .tuple(fc.constantFrom(...signed), fc.array(mutation, changes), values.garbled(others), fc.boolean())
    .map(([{ request, options }, mutations, [others], arePairs]) => {
      const own = { ...request, headers: { ...request.headers } }
      for (const mutate of mutations) mutate(own)
      const given = arePairs ? { ...own, headers: Object.entries(own.headers) } : own
      return [given, { ...options, ...Object(others) }]
    })
}

/** Verifies, and also reads the body through `verifyBody`. */
async function verifyAll(
  { verify }: Parameters<NonNullable<Comparison['call']>>[0],
  args: unknown[],
): Promise<unknown> {
  const [request, options] = args as [Received, unknown]
  const { verifyBody, ...result } = await verify.verify(request, options)
  const bytes = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
  const pieces = bytes instanceof Uint8Array ? [bytes.subarray(0, 5), bytes.subarray(5)] : []
  return { ...result, checked: await outcomeOf(() => readAll(verifyBody(pieces))) }
}

async function readAll(checked: AsyncGenerator<Uint8Array, unknown>): Promise<unknown> {
  const parts: Uint8Array[] = []
  for (;;) {
    const { done, value } = await checked.next()
    if (done) return [Buffer.concat(parts).toString('hex'), value]
    parts.push(value)
  }
}

/** `changed` are signed requests with changes. */
export function verifyCalls(requests: readonly Sent[], changed: fc.Arbitrary<unknown[]>): Comparison[] {
  const posts = fc
    .tuple(changedForms(1), values.garbled(values.some(ACCEPTING, 1)))
    .map(([{ fields, details }, [others]]) => [
      fields,
      { bucket: 'photos', ...Object(details), credentials: VALID, ...Object(others) },
    ])
  const responses = fc.constantFrom<unknown>(
    ...[undefined, {}, { format: 'json' }, { strings: true }, { format: 'json', strings: true, requestId: '1' }],
    ...[{ resource: '/a<b>&"c' }, { requestId: 'a', format: 'xml' }],
  )
  const inspected = fc.oneof(
    { weight: 6, arbitrary: changed.map(([request]) => request) },
    { weight: 4, arbitrary: changed.map(([request]) => `https://files.example.com${Object(request).url}`) },
    { weight: 2, arbitrary: values.url },
  )
  return [
    {
      ...{ name: 'verify.verify', group: 'verify', share: 20, call: verifyAll },
      arbitrary: changedRequests(requests, { minLength: 0, maxLength: 0 }),
    },
    {
      ...{ name: 'verify.verify', title: 'verify.verify, changed requests', group: 'verify', share: 165 },
      ...{ isChanged: true, arbitrary: changed, call: verifyAll },
    },
    {
      ...{ name: 'verify.verifyPost', title: 'verify.verifyPost, changed forms', group: 'verify', share: 25 },
      ...{ isChanged: true, arbitrary: posts },
    },
    {
      ...{ name: 'verify.toErrorResponse', group: 'verify', share: 5 },
      arbitrary: fc.tuple(values.mostly<unknown>(changed, thrown, 9), responses),
      async call(build, [given, options]) {
        if (!Array.isArray(given)) return build.verify.toErrorResponse(given, options)
        try {
          return await verifyAll(build, given)
        } catch (error) {
          return build.verify.toErrorResponse(error, options)
        }
      },
    },
    {
      ...{ name: 'verify.SigV4VerifyError', group: 'verify', share: 0.2 },
      arbitrary: fc.tuple(
        ...[fc.constant('ERR_SIGV4_EXPIRED'), values.text, fc.constantFrom(400, 403), values.text],
        ...[fc.constantFrom(undefined, { A: 'b' }), fc.constantFrom(undefined, { stringToSign: 'a' })],
      ),
      call: ({ verify }, args) => new verify.SigV4VerifyError(...args),
    },
    {
      ...{ name: 'explain.inspect', group: 'explain', share: 1 },
      arbitrary: values.garbled(
        inspected,
        values.some({ now: fc.constantFrom<unknown>(values.NOW, new Date(values.NOW)) }),
      ),
    },
  ]
}
