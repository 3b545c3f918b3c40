import { inspect } from 'node:util'
import fc from 'fast-check'
import * as accepted from '../../../test/support/accepted.ts'
import { host as oddHost, text as oddText, target } from '../../../test/support/aws4/arbitraries.ts'
import { CREDENTIALS } from '../../../test/support/credentials.ts'
import { endpointScopes } from '../../../test/support/fixtures.ts'

// Random arguments that are valid, and changes that make them invalid.

/** The clock of all calls. */
export const NOW = Date.UTC(2015, 7, 30, 12, 36, 0, 789)

/** An argument that a call changes or uses up, such as a `Request`: each call gets a new one. */
export class Fresh {
  readonly shown: string
  readonly make: () => unknown

  constructor(shown: string, make: () => unknown) {
    this.shown = shown
    this.make = make
  }

  [inspect.custom](): string {
    return this.shown
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** Copies arguments. What is frozen is shared, so that keys are also found in the cache. */
function copied(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => copied(each, leaf))
  if (!isRecord(value) || Object.isFrozen(value)) return leaf(value)
  const copy = Object.create(Object.getPrototypeOf(value))
  for (const [name, member] of Object.entries(value)) define(copy, name, copied(member, leaf))
  return copy
}

const define = (object: object, name: string, value: unknown): void =>
  void Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })

/** Copies arguments for one call. */
export const fresh = (args: unknown[]): unknown[] =>
  copied(args, (value) => (value instanceof Fresh ? value.make() : value)) as unknown[]

/** Values that are invalid in most places. */
const ODD: readonly unknown[] = [
  ...['', ' a', 'a b', 'a\nb', 'a\r\n', '\0', 'é', '\ud800', '{}', '5', 'x'.repeat(1025), '__proto__', 'https://a'],
  ...[0, -1, 1.5, 5, 1e16, Number.NaN, null, undefined, true, false, {}, [], [5], [null], new Date(0), NOW],
  ...[new Date(Number.NaN), new Date(NOW + 1e6), new Map([['a', 'b']]), new URLSearchParams('a=b'), new Uint8Array(2)],
  ...['arn:aws:s3:::a', 'a/b', 'EU', '..', '90s', '8d', 'body', 'a different secret', '*', 'Z'],
]
/** Members that some function has, and others that none has. */
const NAMES = [
  ...['region', 'service', 'expires', 'contentType', 'contentLength', 'download', 'headers', 'query', 'key', 'host'],
  ...['sessionToken', 'now', 'body', 'expiresIn', 'Bucket', 'signingRegion', 'X-Amz-Date', 'x-amz-signature', 'policy'],
  ...['Host', 'authorization', '__proto__', 'constructor', 'a b', 'é', '', 'content-length', 'x-amz-security-token'],
]

/** A change of one value, anywhere in the arguments. */
const change = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add'),
  at: fc.nat(200),
  value: fc.constantFrom(...ODD),
  name: fc.constantFrom(...NAMES),
})
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never

/** Every place in the arguments: the object or list that contains it, and its name there. */
function places(holder: Record<string, unknown>): [holder: Record<string, unknown>, name: string][] {
  return Object.keys(holder).flatMap((name) => {
    const value = holder[name]
    const isOpen = (Array.isArray(value) || isRecord(value)) && !Object.isFrozen(value)
    return [[holder, name] as [typeof holder, string], ...(isOpen ? places(value as typeof holder) : [])]
  })
}

function applyChange(args: unknown[], { kind, at, value, name }: Change): void {
  const all = places(args as never)
  const [holder, own] = all[at % all.length]!
  if (kind === 'replace') holder[own] = value
  else if (kind === 'remove' && Array.isArray(holder)) holder[own] = undefined
  else if (kind === 'remove') delete holder[own]
  else if (isRecord(holder[own]) && !Object.isFrozen(holder[own])) define(holder[own], name, value)
}

/** Valid arguments, of which some are made invalid. */
export function garbled(...args: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown[]> {
  const none = fc.constant<Change[]>([])
  const changes = fc.oneof(
    { weight: 7, arbitrary: none },
    { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
  )
  return fc.tuple(fc.tuple(...args), changes).map(([args, changes]) => {
    if (!changes.length) return args
    const copy = copied(args, (value) => value) as unknown[]
    for (const each of changes) applyChange(copy, { ...each, value: copied(each.value, (value) => value) })
    return copy
  })
}

/** An object with some of the members, in any order. */
export function some(members: Record<string, fc.Arbitrary<unknown>>, maxLength = 4): fc.Arbitrary<object> {
  const entry = Object.entries(members).map(([name, value]) => value.map((value) => [name, value] as const))
  return fc.array(fc.oneof(...entry), { maxLength }).map((entries) => Object.fromEntries(entries))
}

/** Mostly the first. */
export const mostly = <Value>(
  usual: fc.Arbitrary<Value>,
  other: fc.Arbitrary<Value>,
  weight = 6,
): fc.Arbitrary<Value> => fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other })

export const text = mostly(
  fc.constantFrom('a', 'photos', 'cat.jpg', 'résumé (1).pdf', 'a b', 'x-y_z~', "!'*", '東京', '😀', '2026'),
  oddText(3),
)

export const TOKEN = accepted.TOKEN
export const KEYS = Object.freeze({ ...CREDENTIALS })
export const TEMPORARY = Object.freeze({ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'b', sessionToken: TOKEN })

/** Shared by all calls, as signing keys are. */
const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i)
const WEB_KEY = await crypto.subtle.importKey('raw', KEY, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

/** Credentials with a signing key, often for the usual scope. */
const scoped = fc
  .record({
    date: mostly(fc.constant('20150830'), fc.constant('20150831')),
    region: mostly(fc.constant('eu-west-1'), fc.constantFrom('us-east-1', 'auto')),
    service: mostly(fc.constant('s3'), fc.constantFrom('execute-api', 'sts')),
    key: fc.constantFrom<unknown>(KEY, WEB_KEY),
  })
  .map((key) => ({ accessKeyId: 'AKIDEXAMPLE', signingKey: Object.freeze(key) }))
const held = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constantFrom<object>(KEYS, TEMPORARY) },
  { weight: 2, arbitrary: accepted.credentials },
  { weight: 2, arbitrary: scoped },
)
const provided = held.map(
  (credentials) => new Fresh(`async () => (${inspect(credentials)})`, () => async () => credentials),
)
export const credentials: fc.Arbitrary<unknown> = mostly<unknown>(held, provided, 20)

export const region = fc.constantFrom('eu-west-1', 'eu-west-1', 'us-east-1', 'cn-north-1', 'auto', 'us-gov-west-1')
export const service = fc.constantFrom(
  ...['s3', 's3', 's3', 's3express', 's3-outposts', 's3-object-lambda', 'execute-api', 'sts', 'iam', 'dynamodb'],
  ...['aoss', 'es', 'sqs', 'lambda', 'iotdevicegateway', 'bedrock', 'codecommit'],
)
export const expires = fc.oneof(
  fc.integer({ min: 1, max: 604_800 }),
  fc.constantFrom<unknown>('90s', '15m', '12h', '7d', '60', undefined, new Date(NOW + 60_000)),
)

const headerName = fc.constantFrom(
  ...['content-type', 'Content-Type', 'x-amz-acl', 'X-Amz-Meta-Note', 'x-amz-meta-note', 'cache-control', 'range'],
  ...['User-Agent', 'accept-encoding', 'x-b', 'content-length', 'content-encoding', 'x-amz-target', 'cookie', 'via'],
  ...['x-amz-server-side-encryption', 'x-forwarded-for', 'proxy-a', 'x-amzn-trace-id', 'if-none-match', 'x-k8s-aws-id'],
)
const headerValue = fc.constantFrom<unknown>('a', '  a \t b  ', '', 'a,b, c', '0', 5, ['a', 'b '])
export const headers = fc.oneof<fc.Arbitrary<unknown>[]>(
  fc.array(fc.tuple(headerName, headerValue), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  accepted.headers,
)
const names = fc.array(headerName, { maxLength: 3 })

/** The options of all functions that sign requests. */
export const SIGNING: Record<string, fc.Arbitrary<unknown>> = {
  ...accepted.signing,
  region,
  service,
  signedHeaders: names,
  unsignedHeaders: names,
  payloadHash: fc.constantFrom(
    ...['UNSIGNED-PAYLOAD', 'b'.repeat(64), undefined, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
    ...['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-EVENTS'],
  ),
  payloadHashHeader: fc.boolean(),
}
delete SIGNING.credentials

/** The options of a presigned request. */
export const PRESIGNING = {
  ...SIGNING,
  expires,
  headers,
  query: accepted.query,
  contentType: fc.constantFrom('image/png', 'text/plain; charset=utf-8', undefined),
  contentLength: fc.nat(),
  download: text,
}

/** Options with credentials. A signing key needs a matching scope, which the usual host and the usual clock have. */
export function options(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  const scope = fc.constantFrom({}, {}, { region: 'eu-west-1', service: 's3' }, { region: 'us-east-1', service: 'sts' })
  return fc
    .tuple(credentials, 'service' in members ? scope : fc.constant({}), some(members))
    .map(([credentials, scope, rest]) => ({ credentials, ...scope, ...rest }))
}

/** AWS hosts; some with a path, which determines their service. */
export const ENDPOINTS = [...endpointScopes().keys()]

// biome-ignore format: a table
const S3_HOSTS = [
  's3.eu-west-1.amazonaws.com', 's3.amazonaws.com', 'photos.s3.amazonaws.com', 's3-eu-west-1.amazonaws.com', 'photos.s3-accelerate.amazonaws.com',
  'photos.s3.dualstack.eu-west-1.amazonaws.com', 's3-fips.us-gov-west-1.amazonaws.com', 'photos.s3.cn-north-1.amazonaws.com.cn',
  'photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com', 'a.s3-accesspoint.eu-west-1.amazonaws.com', 'a.s3-outposts.eu-west-1.amazonaws.com',
  'a-123.s3-object-lambda.eu-west-1.amazonaws.com', 'bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com', 'photos.s3-website-eu-west-1.amazonaws.com',
  'abc.r2.cloudflarestorage.com', 'photos.fra1.digitaloceanspaces.com', 's3.eu-central-1.wasabisys.com', 's3.us-west-000.backblazeb2.com',
  'storage.googleapis.com', 'photos.s3.fr-par.scw.cloud', 'fly.storage.tigris.dev',
]
const host = fc.oneof(
  { weight: 9, arbitrary: fc.constant('photos.s3.eu-west-1.amazonaws.com') },
  { weight: 6, arbitrary: fc.constantFrom(...S3_HOSTS) },
  { weight: 6, arbitrary: fc.constantFrom(...ENDPOINTS) },
  { weight: 2, arbitrary: fc.constantFrom('localhost:9000', '[::1]:9000', 'minio', 'example.com:443', 'LOCALHOST') },
  { weight: 1, arbitrary: oddHost },
)
const path = fc.array(
  text.map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))),
  { maxLength: 4 },
)
export const url = fc
  .tuple(
    mostly(fc.constantFrom('https://', 'http://'), fc.constantFrom('HTTPS://', 'ftp://', '//', ''), 50),
    host,
    mostly(
      path.map((segments) => `/${segments.join('/')}`),
      target,
    ),
    fc.constantFrom('', '', '', '?', '?a', '?a=1&a=0&b', '?uploads', '?a=b=c', '?a+b=c+d', '?X-Amz-Expires=60', '#a'),
  )
  .map((parts) => parts.join(''))

/** A `URL`, which aws4 adds members to. */
export const urlObject = (text: string): unknown =>
  URL.canParse(text) ? new Fresh(`new URL(${JSON.stringify(text)})`, () => new URL(text)) : { href: text }

export const object = accepted.object
export const anyTarget: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 10, arbitrary: object as fc.Arbitrary<unknown> },
  { weight: 10, arbitrary: url },
  { weight: 1, arbitrary: url.map(urlObject) },
)
export const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'get', 'PATCH', 'M-SEARCH')

const bytes = fc.uint8Array({ maxLength: 200 })
export const body: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<unknown>(undefined) },
  { weight: 8, arbitrary: fc.constantFrom('{}', 'Action=List', '', 'é😀', '\ud800') },
  { weight: 6, arbitrary: bytes },
  { weight: 1, arbitrary: bytes.map((bytes) => bytes.buffer) },
  { weight: 1, arbitrary: bytes.map((bytes) => new Blob([bytes])) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      ...[
        new URLSearchParams('a=b&é=+'),
        new File(['a'], 'a.txt'),
        new FormData(),
        new DataView(new ArrayBuffer(16), 3),
      ],
      new Fresh('a stream', () => new Blob(['some bytes']).stream()),
    ),
  },
)
