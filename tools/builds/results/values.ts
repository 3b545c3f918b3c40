import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { host as oddHost, target as oddTarget, text as oddText } from '../../../test/support/aws4/arbitraries.ts'

// Random arguments of the functions that sign: every option, with valid and with invalid values.

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

/** Copies arguments for one call. What is frozen is shared, so that keys are also found in the cache. */
export function fresh<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Fresh) return value.make() as Value
  if (Array.isArray(value)) return value.map(fresh) as Value
  const prototype = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || Object.isFrozen(value)) return value
  const copy = Object.create(prototype)
  for (const [name, member] of Object.entries(value))
    Object.defineProperty(copy, name, { value: fresh(member), enumerable: true, writable: true, configurable: true })
  return copy
}

/** A `URL`, which aws4 adds members to. */
export function urlObject(text: string): unknown {
  return URL.canParse(text) ? new Fresh(`new URL(${JSON.stringify(text)})`, () => new URL(text)) : { href: text }
}

/** Mostly a valid value, sometimes an invalid one. */
export function mostly(valid: fc.Arbitrary<unknown>, invalid: readonly unknown[], weight = 25): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary: valid }, { weight: 1, arbitrary: fc.constantFrom(...invalid) })
}

/** An object with some of the members, in any order. */
export function some(members: Record<string, fc.Arbitrary<unknown>>, maxLength = 4): fc.Arbitrary<object> {
  const entry = Object.entries(members).map(([name, value]) => value.map((value) => [name, value] as const))
  return fc.array(fc.oneof(...entry), { maxLength }).map((entries) => Object.fromEntries(entries))
}

const word = fc.constantFrom('a', 'photos', 'cat.jpg', 'résumé (1).pdf', 'a b', 'x-y_z~', "!'*", '東京', '😀', '2026')
/** Mostly what users write, sometimes any characters. */
export const text = fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: oddText(3) })
export const key = mostly(
  fc
    .array(fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom('.', '..', '') }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((segments) => segments.join('/')),
  ['', '.', '..', '\ud800', undefined, null, 5],
  40,
)

export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
export const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
export const KEYS = Object.freeze({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET })
export const TEMPORARY = Object.freeze({ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'b', sessionToken: TOKEN })

/** Shared by all calls, as signing keys are. */
const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i)
const WEB_KEY = await crypto.subtle.importKey('raw', KEY, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

/** A signing key, often for the usual scope. */
export const signingKey = fc
  .record({
    date: mostly(fc.constant('20150830'), ['20150831', '', undefined], 9),
    region: mostly(fc.constant('eu-west-1'), ['us-east-1', 'auto', undefined], 9),
    service: mostly(fc.constant('s3'), ['execute-api', 'sts', undefined], 9),
    key: mostly(fc.constantFrom<unknown>(KEY, WEB_KEY), [new Uint8Array(31), SECRET, null, KEY.buffer]),
  })
  .map((key) => Object.freeze(key))

const ODD_SECRETS = ['', ' a', 'a\n', undefined, 5]
const ODD_EXPIRATIONS = [new Date(NOW - 1), new Date(Number.NaN), 'soon', NOW + 1e6, null]
const secrets = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constantFrom<object>(KEYS, TEMPORARY) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        accessKeyId: mostly(fc.constantFrom('AKIDEXAMPLE', 'a/b+c', 'test'), ['', 'a b', 'é', undefined, 5]),
        secretAccessKey: mostly(fc.constantFrom(SECRET, 'x'.repeat(100), 'é😀', 'a b'), ODD_SECRETS),
        sessionToken: mostly(fc.constantFrom<unknown>(TOKEN, undefined), ['', 'a b', 'é', null, 5]),
        expiration: mostly(fc.constantFrom(new Date(NOW + 60_000), new Date(NOW + 1e9), undefined), ODD_EXPIRATIONS),
      },
      { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
    ),
  },
)
const scoped = fc.record(
  {
    accessKeyId: fc.constantFrom('AKIDEXAMPLE', 'a/b'),
    signingKey,
    sessionToken: fc.constantFrom(undefined, TOKEN),
    expiration: mostly(fc.constantFrom(undefined, new Date(NOW + 1000)), [new Date(0), null]),
  },
  { requiredKeys: ['accessKeyId', 'signingKey'] },
)
const provided = fc
  .tuple(fc.oneof(secrets, scoped), fc.boolean())
  .map(([credentials, isAsync]) =>
    isAsync
      ? new Fresh(`async () => (${inspect(credentials)})`, () => async () => credentials)
      : new Fresh(`() => (${inspect(credentials)})`, () => () => credentials),
  )

export const credentials: fc.Arbitrary<unknown> = fc.oneof(
  { withCrossShrink: true },
  { weight: 20, arbitrary: secrets },
  { weight: 6, arbitrary: scoped },
  { weight: 1, arbitrary: provided },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, null, {}, 'AKIDEXAMPLE', [], new Fresh('() => {}', () => () => {})),
  },
)

export const region = mostly(
  fc.constantFrom('eu-west-1', 'eu-west-1', 'us-east-1', 'cn-north-1', 'auto', 'eusc-de-east-1', 'us-gov-west-1'),
  ['', 'a/b', 'EU', 'eu west', 'é', 5, null, undefined, {}],
)
export const service = mostly(
  fc.constantFrom(
    ...['s3', 's3', 's3', 's3express', 's3-outposts', 's3-object-lambda', 'execute-api', 'sts', 'iam', 'dynamodb'],
    ...['aoss', 'es', 'sqs', 'lambda', 'iotdevicegateway', 'bedrock', 'codecommit'],
  ),
  ['', 'a/b', 'S3', 'é', 5, null, undefined],
)
export const date = mostly(
  fc.oneof(
    fc.constantFrom<unknown>(new Date(NOW), NOW, NOW + 1000, undefined, new Date('2026-02-28T23:59:59.999Z')),
    fc.integer({ min: 0, max: 4e12 }),
  ),
  [Number.NaN, new Date(Number.NaN), '2015-08-30', -1, 0, 8.64e15, -1e14, null, {}],
)
export const expires = mostly(
  fc.oneof(
    fc.integer({ min: 1, max: 604_800 }),
    fc.constantFrom<unknown>('90s', '15m', '12h', '7d', '60', undefined, new Date(NOW + 60_000)),
  ),
  [0, -1, 604_801, 1.5, Number.NaN, '8d', '1w', '', '1.5h', null, false, {}, new Date(NOW), new Date(Number.NaN)],
)

const headerName = fc.constantFrom(
  ...['content-type', 'Content-Type', 'x-amz-acl', 'X-Amz-Meta-Note', 'x-amz-meta-note', 'cache-control', 'range'],
  ...['User-Agent', 'accept-encoding', 'x-b', 'content-length', 'content-encoding', 'x-amz-target', 'cookie', 'via'],
  ...['x-amz-server-side-encryption', 'x-forwarded-for', 'proxy-a', 'x-amzn-trace-id', 'if-none-match', 'x-k8s-aws-id'],
)
const oddHeaderName = fc.constantFrom(
  ...['Host', 'authorization', 'X-Amz-Date', 'x-amz-content-sha256', 'x-amz-security-token', 'X-Amz-Signature', 'a b'],
  ...['', 'é', '__proto__', 'constructor', 'a:b'],
)
const headerValue = mostly(
  fc.constantFrom<unknown>('a', 'text/plain; charset="utf-8"', '  a \t b  ', '', 'a,b, c', '0', 5, ['a', 'b ']),
  ['é', 'a\nb', 'a\r\n', '\0', null, undefined, true, {}, [5, null], []],
)
const headerPair = fc.tuple(
  fc.oneof({ weight: 25, arbitrary: headerName }, { weight: 1, arbitrary: oddHeaderName }),
  headerValue,
)
export const headers = fc.oneof(
  { weight: 12, arbitrary: fc.array(headerPair, { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)) },
  { weight: 2, arbitrary: fc.array(headerPair, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(headerName, { maxLength: 3 })
      .map((names) => new Headers(names.map((name): [string, string] => [name, ' a  b']))),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(new Map([['x-a', '1']]), 'a: b', null, 5, [['a']], [5], undefined) },
)

const queryName = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom('a', 'b', 'A', 'versionId', 'x-id', 'list-type', 'é', 'a b', '', '10', '9'),
  },
  { weight: 5, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc.constantFrom('X-Amz-Date', 'x-amz-signature', 'X-Amz-Expires', 'X-Amz-Foo', '__proto__', 'Signature'),
  },
)
const queryValue = mostly(fc.oneof(text, fc.nat(), fc.array(fc.oneof(text, fc.nat(99)), { maxLength: 3 })), [
  ...['\ud800', null, undefined, true, {}, [null], Number.NaN],
])
export const query = mostly(
  fc.array(fc.tuple(queryName, queryValue), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ['a=b', null, 5, [['a', 'b']], new Map([['a', 'b']]), new URLSearchParams('a=b'), undefined],
)

const oddNames = ['range', null, {}, [5], undefined]
const names = mostly(fc.array(fc.oneof(headerName, oddHeaderName), { maxLength: 3 }), oddNames)
const DIGEST = 'b'.repeat(64)
const PAYLOAD_HASHES = [
  ...['UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD', DIGEST, DIGEST, undefined, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
  ...['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-EVENTS'],
]
const ODD_HASHES = [DIGEST.toUpperCase(), '', 'abc', 5, null, 'unsigned-payload']

/** The options of all functions that sign requests. */
export const SIGNING = {
  region,
  service,
  signingDate: date,
  payloadHash: mostly(fc.constantFrom(...PAYLOAD_HASHES), ODD_HASHES),
  pathEncoding: mostly(fc.constantFrom('single', 'double', undefined), ['', 'triple', null, 1]),
  pathNormalization: mostly(fc.constantFrom('none', 'rfc3986', undefined), ['', 'full', null, true]),
  sessionTokenPlacement: mostly(fc.constantFrom('signed', 'appended', undefined), ['', 'none', null, false]),
  signHeaders: names,
  unsignedHeaders: names,
  payloadHashHeader: mostly(fc.boolean(), [undefined, null, 1, 'yes']),
}

/** The options of a presigned request. */
export const PRESIGNING = {
  ...SIGNING,
  expires,
  headers,
  query,
  contentType: mostly(fc.constantFrom('image/png', 'text/plain; charset=utf-8', undefined), ['é', 'a\n', 5, null]),
  contentLength: mostly(fc.nat(), [-1, 1.5, '5', null, Number.NaN, undefined]),
  download: mostly(text, ['', 5, null, undefined, '\ud800', 'a"b\\c\n']),
}

/** Options that no function has. */
const UNKNOWN = fc.constantFrom('expiresIn', 'window', 'Bucket', 'signingRegion', 'body', 'method')

/** Options with credentials. A signing key needs a matching scope, which the usual host and the usual clock have. */
export function options(members: Record<string, fc.Arbitrary<unknown>>, maxLength?: number): fc.Arbitrary<unknown> {
  const unknown = fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: UNKNOWN })
  const scope = fc.constantFrom({}, {}, { region: 'eu-west-1', service: 's3' }, { region: 'us-east-1', service: 'sts' })
  const all = fc
    .tuple(credentials, 'service' in members ? scope : fc.constant({}), some(members, maxLength), unknown)
    .map(([credentials, scope, rest, name]) => ({
      ...{ credentials, ...scope, ...rest },
      ...(name !== undefined && { [name]: 60 }),
    }))
  return mostly(all, [undefined, null, {}, 'options', []], 80)
}

/** Hosts of all AWS endpoints. */
export const ENDPOINTS = readFileSync(new URL('../../../fixtures/aws-endpoints/endpoints.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' ')[0]!)

// biome-ignore format: a table
const S3_HOSTS = [
  'photos.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com', 's3.amazonaws.com', 'photos.s3.amazonaws.com', 's3-eu-west-1.amazonaws.com',
  'photos.s3.dualstack.eu-west-1.amazonaws.com', 'photos.s3-accelerate.amazonaws.com', 's3-fips.us-gov-west-1.amazonaws.com',
  'photos--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com', 'a.s3-accesspoint.eu-west-1.amazonaws.com', 'photos.s3.cn-north-1.amazonaws.com.cn',
  'a-123.s3-object-lambda.eu-west-1.amazonaws.com', 'a.s3-outposts.eu-west-1.amazonaws.com', 'bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com',
  'photos.s3-website-eu-west-1.amazonaws.com', 'abc.r2.cloudflarestorage.com', 'photos.fra1.digitaloceanspaces.com', 's3.eu-central-1.wasabisys.com',
  's3.us-west-000.backblazeb2.com', 'storage.googleapis.com', 'photos.s3.fr-par.scw.cloud', 'fly.storage.tigris.dev',
]
const OTHER_HOSTS = ['localhost:9000', '127.0.0.1:4566', '[::1]:9000', 'minio', 'example.com:443', 'LOCALHOST']
const host = fc.oneof(
  { weight: 9, arbitrary: fc.constant('photos.s3.eu-west-1.amazonaws.com') },
  { weight: 6, arbitrary: fc.constantFrom(...S3_HOSTS) },
  { weight: 3, arbitrary: fc.constantFrom(...ENDPOINTS) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('abc123.execute-api.eu-west-1.amazonaws.com', 'abc.eu-west-1.aoss.amazonaws.com'),
  },
  { weight: 2, arbitrary: fc.constantFrom(...OTHER_HOSTS) },
  { weight: 1, arbitrary: oddHost },
)
const encoded = fc.oneof(
  { weight: 8, arbitrary: text.map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '.', '..', '%2F', '%2f', '%41', '%e9', '~', '+', "!'()*", '$&,;=:@', 'é'),
  },
)
const path = fc.oneof(
  { weight: 10, arbitrary: fc.array(encoded, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`) },
  { weight: 1, arbitrary: oddTarget },
)
const search = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.tuple(encoded, encoded), { maxLength: 3 })
      .map((pairs) => `?${pairs.map((pair) => pair.join('=')).join('&')}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?', '?a', '?a=1&a=0&b', '?uploads', '?a=b=c', '?a+b=c+d', '?X-Amz-Expires=60', '#a'),
  },
)
export const url = fc
  .tuple(
    mostly(fc.constantFrom('https://', 'https://', 'http://'), ['HTTPS://', 'ftp://', '//', '']),
    host,
    path,
    search,
  )
  .map((parts) => parts.join(''))

const bucket = mostly(
  fc.constantFrom('photos', 'my.photos', 'a-1', 'cache--use1-az4--x-s3', 'A_b'),
  ['', 'a/b', 'é', 5, null],
  40,
)
const endpoint = mostly(
  fc.constantFrom<unknown>(
    ...['http://localhost:9000', 'https://s3.example.com/storage/', 'http://127.0.0.1/pre%20fix', undefined],
    ...['https://S3.eu-west-1.amazonaws.com', 'https://fra1.digitaloceanspaces.com', urlObject('http://[::1]:9000')],
  ),
  ['localhost:9000', '', 'ftp://a', 'https://a?b', 5, null, {}],
)

/** The members of an S3 object other than its key. */
export const place = fc
  .tuple(
    bucket,
    some({ region, endpoint, pathStyle: mostly(fc.constantFrom(true, false, undefined), [null, 'yes']) }, 3),
  )
  .map(([bucket, rest]) => ({ bucket, region: 'eu-west-1', ...rest }))
export const object = fc.tuple(place, key).map(([place, key]) => ({ ...place, key }))

export const target: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 10, arbitrary: object },
  { weight: 10, arbitrary: url },
  { weight: 1, arbitrary: url.map(urlObject) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null, 5, {}, '', [], { href: 5 }) },
)

export const method = mostly(fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'get', 'PATCH', 'M-SEARCH'), [
  '',
  'G T',
  'é',
  5,
  null,
  undefined,
])

const bytes = fc.uint8Array({ maxLength: 200 })
export const body: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 8, arbitrary: fc.constantFrom('{}', 'Action=List', '', 'é😀', '\ud800') },
  { weight: 6, arbitrary: bytes },
  { weight: 1, arbitrary: bytes.map((bytes) => bytes.buffer) },
  { weight: 1, arbitrary: bytes.map((bytes) => new Blob([bytes])) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, 5, true, {}, [], new URLSearchParams('a=b&é=+'), new File(['a'], 'a.txt'), new FormData()],
      new DataView(new ArrayBuffer(16), 3),
      new Fresh('a stream', () => new Blob(['some bytes']).stream()),
    ),
  },
)
