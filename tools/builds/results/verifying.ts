import fc from 'fast-check'
import { chunkedUpload, KINDS } from '../../../test/support/verify/chunking.ts'
import { apply, change } from '../../../test/support/verify/garbled.ts'
import { received, sha256 } from '../../../test/support/verify/helpers.ts'
import { type Signing, signing } from '../../../test/support/verify/signings.ts'
import type { Build, Comparison } from './comparison.ts'
import { changedForms, flip } from './forms.ts'
import { outcomeOf } from './outcome.ts'
import { thrown } from './signing.ts'
import * as values from './values.ts'

// Calls of `verify`, with requests and forms that one build signed: as they are, and changed.

type Received = Parameters<typeof apply>[0]

/** A signed request, and the options that accept it. */
export interface Sent {
  request: Received
  options: object
}

const AT = new Date('2015-08-30T12:36:00Z')
const SCOPE = { region: 'eu-west-1' }

/** Signs a request with a build. */
function signed({ sync }: Build, one: Signing): Sent {
  const { location, service, method, token, placement, pathEncoding, expires } = one
  const isS3 = service.startsWith('s3')
  const isUnsigned = one.isUnsigned && (isS3 || location === 'header')
  const body =
    method === 'GET' || method === 'DELETE' ? new Uint8Array() : Uint8Array.from(Buffer.from(one.body as string))
  const secrets = token ? { ...values.KEYS, sessionToken: token } : values.KEYS
  const common = {
    ...{ credentials: secrets, ...SCOPE, service, signingDate: AT, sessionTokenPlacement: placement, pathEncoding },
    ...{ signHeaders: one.signHeaders, unsignedHeaders: one.unsignedHeaders },
    payloadHash: isUnsigned ? 'UNSIGNED-PAYLOAD' : sha256(body),
  }
  const object = { bucket: 'photos', key: one.key, region: 'eu-west-1', endpoint: 'https://files.example.com' }
  const objectUrl: string = sync.objectUrl(object)
  // URL parsers read two slashes at the start as a host
  const url = isS3 ? objectUrl : new URL(objectUrl.replaceAll('%2F', '/')).href.replace(/(?<=\.com)\/+/, '/')
  const request =
    location === 'query'
      ? sync.presign(method, url, { ...common, headers: one.headers, query: one.query, expires })
      : sync.sign({ method, url, headers: one.headers, body }, { ...common, payloadHashHeader: true })
  return {
    request: received(request, body),
    options: {
      ...{
        credentials: lookup('() => secrets', () => secrets),
        ...SCOPE,
        service,
        now: AT,
        allowUnsignedPayload: true,
      },
      ...{ pathEncoding, sessionTokenPlacement: placement, pathNormalization: isS3 ? undefined : 'rfc3986' },
    },
  }
}

/** A function that looks up credentials, and what to print for it. */
const lookup = (shown: string, found: (id: string, scope: { date: string }) => unknown): values.Fresh =>
  new values.Fresh(shown, () => found)

const VALID = lookup('() => KEYS', () => values.KEYS)

function uploaded([chunks, kind]: [chunks: string[], kind: string]): Sent {
  const { request, encoded } = chunkedUpload(chunks, KINDS[kind]!)
  const options = { credentials: VALID, now: AT, allowUnsignedPayload: true, allowSmallChunks: true }
  return { request: { ...request, body: Uint8Array.from(encoded) }, options }
}

/** Results of lookups, valid and invalid. */
function lookups({ sync }: Build): fc.Arbitrary<unknown> {
  const { accessKeyId, secretAccessKey } = values.KEYS
  const expiration = new Date(Number(AT) - 1000)
  return fc.constantFrom(
    ...[
      VALID,
      VALID,
      lookup('() => SECRET', () => secretAccessKey),
      lookup('async () => SECRET', async () => secretAccessKey),
    ],
    lookup('(id) => KEYS if it is the ID', (id) => (id === accessKeyId ? values.KEYS : undefined)),
    lookup('derived', (_, scope) => sync.deriveSigningKey(values.KEYS, scope)),
    lookup('scoped', (_, scope) => ({ accessKeyId, signingKey: sync.deriveSigningKey(values.KEYS, scope) })),
    lookup('for us-east-1', (_, scope) => sync.deriveSigningKey(values.KEYS, { ...scope, region: 'us-east-1' })),
    ...[undefined, null, '', 5, {}, { accessKeyId }, { key: new Uint8Array(32) }, 'a different secret'].map((found) =>
      lookup(`() => ${JSON.stringify(found)}`, () => found),
    ),
    lookup('expired', () => ({ ...values.KEYS, expiration })),
    lookup('with a token', () => ({ ...values.KEYS, sessionToken: 'other' })),
    lookup('of a different ID', () => ({ accessKeyId: 'AKIDOTHER', secretAccessKey })),
    lookup('throws', () => {
      throw new RangeError('not found')
    }),
    ...[undefined, null, 'a secret', {}],
  )
}

const names = (...valid: string[]): fc.Arbitrary<unknown> =>
  values.mostly(fc.subarray(valid), [...valid, null, 5, {}, [5], undefined])
const accepting = (build: Build): Record<string, fc.Arbitrary<unknown>> => ({
  credentials: lookups(build),
  region: names('eu-west-1', 'us-east-1'),
  service: names('s3', 'execute-api'),
  now: values.mostly(
    fc.oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -7e8, max: 7e8 })).map((ms) => Number(AT) + ms),
    [Number.NaN, new Date(Number.NaN), '2015', null, AT, undefined],
  ),
  clockSkew: values.mostly(fc.constantFrom(0, 1, 900, 1e5), [-1, 0.5, '5', null, undefined]),
  maxExpires: values.mostly(fc.constantFrom(1, 900, 604_800, 1e6), [-1, 0.5, '5', null, undefined]),
  requireSigned: names('content-type', 'x-b', 'user-agent', 'cookie'),
  signedIfPresent: names('content-type', 'x-b', 'user-agent', 'cookie'),
  unsignedHeaders: names('x-amz-acl', 'x-amz-meta-a', 'x-amz-cf-id'),
  pathEncoding: values.mostly(fc.constantFrom('single', 'double', undefined), [null, '', 1]),
  pathNormalization: values.mostly(fc.constantFrom('none', 'rfc3986', undefined), [null, '', true]),
  sessionTokenPlacement: values.mostly(fc.constantFrom('signed', 'appended', undefined), [null, '']),
  allowUnsignedPayload: values.mostly(fc.boolean(), [null, 'yes', undefined]),
  payload: values.mostly(fc.constantFrom('required', 'deferred', 'deferred'), [null, '', undefined]),
  body: values.mostly(fc.constantFrom<unknown>('', 'a', new Uint8Array(2)), [null, 5, {}]),
  host: values.mostly(fc.constantFrom('files.example.com', 'other.example.com'), [null, '', 5, 'a b']),
  allowSmallChunks: values.mostly(fc.boolean(), [null, 1]),
  hideUnknownKeys: values.mostly(fc.boolean(), [null, 'a']),
  expiresIn: fc.constant(60),
})

/** Changes one bit of the method, the target, a header or the body. */
function flipBit({ request }: Sent, at: number): void {
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
const ATTACKS: Record<string, (request: Received, text: string) => void> = {
  'a later date': ({ headers }) => {
    if (headers['x-amz-date']) headers['x-amz-date'] = '20150830T123700Z'
  },
  'another scope': (request) => {
    request.url = request.url.replace(/(2015083)0(%2F|\/)/g, '$11$2')
    const { authorization } = request.headers
    if (authorization) request.headers.authorization = String(authorization).replace('eu-west-1', 'us-east-1')
  },
  'not signed': (request) => {
    request.headers['x-amz-meta-new'] = 'a'
  },
  'both locations': (request) => {
    request.url += `${request.url.includes('?') ? '&' : '?'}X-Amz-Signature=${'0'.repeat(64)}`
  },
  'repeated header': (request, text) => {
    request.rawHeaders = [...Object.entries(request.headers).flat(), 'X-Amz-Date', text]
  },
  'a longer life': (request) => {
    request.url = request.url.replace(/(X-Amz-Expires=)\d+/, '$1604800')
  },
  'without host': ({ headers }) => void delete headers.host,
  token: (request, text) => {
    request.headers['x-amz-security-token'] = text
  },
  'no body': (request) => void delete request.body,
  'a longer body': (request) => {
    request.body = `${request.body}a`
  },
  absolute: (request) => {
    request.url = `https://files.example.com${request.url}`
  },
}

type Mutation = (sent: Sent) => void
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.nat(1e6).map(
      (at): Mutation =>
        (sent) =>
          flipBit(sent, at),
    ),
  },
  {
    weight: 3,
    arbitrary: change.map(
      (one): Mutation =>
        ({ request }) =>
          apply(request, one),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...Object.keys(ATTACKS)), values.text).map(
      ([name, text]): Mutation =>
        ({ request }) =>
          ATTACKS[name]!(request, text),
    ),
  },
)

/** Whether no change had an effect, because it does not apply to the request. */
function isSame(one: Received, other: Received): boolean {
  const { body, ...rest } = one
  const { body: before, ...original } = other
  return body === before && JSON.stringify(rest) === JSON.stringify(original)
}

/** Passes the headers as an object, or as pairs. */
function shaped(request: Received, arePairs: boolean): unknown {
  return arePairs ? { ...request, headers: Object.entries(request.headers) } : request
}

const uploads = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'bc', 'x'.repeat(8192)), { maxLength: 3 }),
    fc.constantFrom(...Object.keys(KINDS)),
  )
  .map(uploaded)

/** Signs requests with a build. */
export function signRequests(build: Build, count: number, seed: number): Sent[] {
  const requests = signing.map((one) => signed(build, one))
  const sent = fc.oneof({ weight: 7, arbitrary: requests }, { weight: 1, arbitrary: uploads })
  return fc.sample(sent, { numRuns: count, seed })
}

/** `undefined` three times in four. */
const rarely = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Signed requests, with so many changes, and options. */
export function changedRequests(
  build: Build,
  signed: readonly Sent[],
  changes: { minLength: number; maxLength: number },
): fc.Arbitrary<unknown[]> {
  const others = fc
    .tuple(values.some(accepting(build), 2), rarely(lookups(build)), rarely(fc.constant(true)))
    .map(([rest, credentials, hideUnknownKeys]) => ({
      ...(credentials !== undefined && { credentials }),
      ...(hideUnknownKeys === true && { hideUnknownKeys }),
      ...rest,
    }))
  return fc
    .tuple(fc.constantFrom(...signed), fc.array(mutation, changes), others, fc.boolean())
    .map(([{ request, options }, mutations, others, arePairs]) => {
      const own = { request: { ...request, headers: { ...request.headers } }, options }
      for (const mutate of mutations) mutate(own)
      if (mutations.length && isSame(own.request, request)) flipBit(own, 1)
      return [shaped(own.request, arePairs), { ...options, ...others }]
    })
}

/** Verifies, and also reads the body through `verifyBody`. */
async function verifyAll({ verify }: Build, args: unknown[]): Promise<unknown> {
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

/** `changed` are signed requests with changes; `forms` are the fields of signed forms. */
export function verifyCalls(
  signer: Build,
  requests: readonly Sent[],
  changed: fc.Arbitrary<unknown[]>,
  forms: readonly Record<string, string>[],
): Comparison[] {
  const posts = fc
    .tuple(changedForms(forms, 1), values.some(accepting(signer), 1))
    .map(([{ fields, details }, others]) => [
      fields,
      { bucket: 'photos', ...Object(details), credentials: VALID, ...others },
    ])
  const responses = fc.constantFrom<unknown>(
    ...[undefined, {}, { format: 'json' }, { strings: true }, { format: 'json', strings: true, requestId: '1' }],
    ...[{ resource: '/a<b>&"c' }, { requestId: 'a', format: 'xml' }],
  )
  return [
    {
      ...{ name: 'verify.verify', group: 'verify', share: 20 },
      arbitrary: changedRequests(signer, requests, { minLength: 0, maxLength: 0 }),
      call: verifyAll,
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
      arbitrary: fc.tuple(fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: thrown }), responses),
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
  ]
}
