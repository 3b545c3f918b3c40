import fc from 'fast-check'
import { SECRET } from '../credentials.ts'
import { character } from '../unicode.ts'

// Random requests, both as users write them and invalid.

/** A part of a string: mostly what paths and queries contain, sometimes any character. */
// biome-ignore format: a table
const part = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('/', '//', 'a', 'b', 'photos', 'cat.jpg', '.', '..', '-', '_', '~', '%20', '%2F', '%2f', '%C3%A9', '%41') },
  { weight: 4, arbitrary: fc.constantFrom(' ', '+', '%', '%zz', '%e9', '%ff', "'", '(', ')', '*', '!', '#', ';', ',', ':', '@', '$', '"', '<', '\\', '|', '^', '`', '{', '}', '[', ']', '&', '=', '?') },
  { weight: 1, arbitrary: fc.string({ unit: character, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`) },
  { weight: 1, arbitrary: fc.constantFrom('é', '😀', '\u2028', '\u00a0', '\ufeff', '\ud800', '\udc00', '\0', '\t', '\n', '\r') },
)
export const text = (maxLength: number) => fc.array(part, { maxLength }).map((parts) => parts.join(''))

// biome-ignore format: a table
const parameterName = fc.oneof(
  fc.constantFrom(
    'a', 'b', 'A', 'x-id', '10', '9', '', '__proto__', 'constructor', 'a%20b', 'a+b', 'a%2Fb', 'list-type', 'Action', 'X-Amz-Expires',
    'X-Amz-Date', 'X-Amz-Security-Token', 'X-Amz-Signature', 'X-Amz-Algorithm', 'X-Amz-SignedHeaders', 'x-amz-date',
  ),
  text(3),
)
const parameter = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(parameterName, text(3)).map(([name, value]) => `${name}=${value}`) },
  { weight: 1, arbitrary: parameterName },
  { weight: 1, arbitrary: fc.constantFrom('', '=', '==', 'a', 'X-Amz-Date=20150830T123600Z', 'X-Amz-Expires=60') },
)
const query = fc.oneof(
  { weight: 40, arbitrary: fc.array(parameter, { maxLength: 6 }).map((parameters) => parameters.join('&')) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 990, max: 1010 })
      .map((count) => Array.from({ length: count }, (_, i) => (i % 7 ? `p${i}=${i}` : '')).join('&')),
  },
)
const path = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('/', '/photos/cat.jpg', '/a/b/c', '/uploads/2026/photo%201.jpg') },
  { weight: 2, arbitrary: text(8).map((rest) => `/${rest}`) },
  { weight: 1, arbitrary: text(5) },
)
/** Path and query. */
export const target = fc.oneof(
  { weight: 3, arbitrary: path },
  { weight: 4, arbitrary: fc.tuple(path, query).map(([start, rest]) => `${start}?${rest}`) },
)

// biome-ignore format: a table
const label = fc.oneof(
  fc.constantFrom(
    's3', 'sqs', 'sts', 'iam', 'es', 'aoss', 'email', 'queue', 'us-east-1', 'eu-west-1', 'photos', 'a.b', 'dualstack', 's3-eu-west-1', 's3-fips',
    's3-accelerate', 's3-website', 's3-', 'S3', 'execute-api', 'runtime.sagemaker', 'codecommit', 'cn-north-1', '', '-', 'amazonaws', 'com', 'é',
  ),
  fc.integer({ min: 60, max: 66 }).map((length) => 'x'.repeat(length)),
)
export const host = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.array(label, { maxLength: 4 }),
        fc.constantFrom(
          'amazonaws.com',
          'amazonaws.com.cn',
          'AMAZONAWS.COM',
          'amazonaws.com.',
          'amazonaws.com:443',
          'amazonaws.co',
          'on.aws',
        ),
      )
      .map(([labels, domain]) => [...labels, domain].join('.')),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'localhost',
      '127.0.0.1',
      '[::1]',
      'localhost:9000',
      'abc.r2.cloudflarestorage.com',
      '',
      'amazonaws.com',
    ),
  },
  { weight: 1, arbitrary: text(3) },
)

// biome-ignore format: a table
const headerName = fc.constantFrom(
  'Host', 'host', 'HOST', 'Date', 'date', 'X-Amz-Date', 'x-amz-date', 'X-AMZ-DATE', 'Content-Type', 'content-type', 'Content-Length', 'content-length',
  'X-Amz-Content-Sha256', 'x-amz-content-sha256', 'X-Amz-Security-Token', 'x-amz-security-token', 'Authorization', 'authorization', 'AUTHORIZATION',
  'Connection', 'User-Agent', 'user-agent', 'Range', 'Expect', 'Presigned-Expires', 'X-Amzn-Trace-Id', 'Cookie', 'Accept-Encoding', 'constructor',
  'toString', 'X-Amz-Target', 'x-amz-meta-a', 'X-Amz-Meta-A', 'x-k8s-aws-id', 'a', 'A', 'b', 'B', 'ß', 'İ', '10', '',
)
const headerValue = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom(
      'a',
      'text/plain',
      ' a  b ',
      '\ta\n\u00a0b',
      '',
      ' ',
      '0',
      '20150830T123600Z',
      'UNSIGNED-PAYLOAD',
      'é',
    ),
  },
  { weight: 3, arbitrary: text(3) },
  { weight: 1, arbitrary: fc.constantFrom(5, 0, true, false, ['a', 'b '], [], new Date(1_440_938_160_000), {}) },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, Object.create(null)) },
)
/** Dates in every form that a `Date` header may have, and invalid ones. */
const date = fc.oneof(
  fc.constantFrom<unknown>(
    'Sun, 30 Aug 2015 12:36:00 GMT',
    '2015-08-30T12:36:00Z',
    '2015-08-30',
    'Aug 30 2015 12:36 UTC',
    1_440_938_160_000,
    '1440938160000',
  ),
  fc.constantFrom<unknown>(
    '20150830T123600Z',
    'yesterday',
    '',
    0,
    8.64e15,
    8.65e15,
    -1,
    Number.NaN,
    '-000001-01-01T00:00:00Z',
    '0999-12-31T23:59:59.999Z',
    '1000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T00:00:00Z',
    '+012345-01-01T00:00:00Z',
    ['2015-08-30'],
    {},
    true,
  ),
  fc.date({ noInvalidDate: false }),
  fc.date({ min: new Date(0), max: new Date(4e12) }).map((value) => value.toUTCString()),
  fc.date({ noInvalidDate: true }).map(Number),
)
const headers = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
        fc.option(fc.tuple(fc.constantFrom('Date', 'date', 'X-Amz-Date', 'x-amz-date'), date)),
        fc.option(fc.tuple(fc.constant('__proto__'), fc.constantFrom('a', 5)), { freq: 20 }),
      )
      .map(([most, ...rest]) => Object.fromEntries([...most, ...rest.filter((entry) => entry !== null)])),
  },
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(null, 'ab', [['a', 'b']], new Map([['a', 'b']]), new Headers({ a: 'b' }), 5, true),
  },
)

const body = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '{}',
      'Action=List',
      '',
      'é😀',
      '\ud800',
      '\udc00a',
      '\ud83d\ud83d\ude00',
      '\u007f\u0080\u07ff\u0800',
    ),
  },
  { weight: 1, arbitrary: text(10) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .chain(({ buffer }) =>
        fc.constantFrom(
          new Uint16Array(buffer, 4, 3),
          new DataView(buffer, 3),
          new Float64Array(buffer),
          new Uint8Array(buffer, 5),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      0,
      5,
      false,
      true,
      {},
      [],
      new ArrayBuffer(4),
      new URLSearchParams('a=b'),
      new Blob(['a']),
    ),
  },
)

const names = fc
  .array(fc.constantFrom('host', 'Host', 'a', 'date', 'x-amz-date', 'user-agent', 'range', 'cookie', 'constructor'), {
    maxLength: 3,
  })
  .chain((some) =>
    fc.constantFrom(
      Object.fromEntries(some.map((name) => [name, true])),
      Object.assign(Object.create(null), Object.fromEntries(some.map((name) => [name, 1]))),
    ),
  )

/** Mostly `usual`, sometimes a different value. */
const mostly = <T, U>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: other })
const odd = fc.constantFrom<unknown>(null, 70, true, {}, [])
/** Values that equal no string in other requests: aws4 reuses the key for the string '5' if it receives the number 5. */
const oddScope = fc.constantFrom<unknown>(null, 70, true, {})

const service = fc.constantFrom(
  's3',
  'sqs',
  'sts',
  'ses',
  'email',
  'iam',
  'sdb',
  'execute-api',
  'es',
  'codecommit',
  's3express',
  'a/b',
  'é',
  '',
)
const region = fc.constantFrom('us-east-1', 'eu-west-1', 'auto', 'cn-north-1', 'a/b', 'a b', 'é', '')

/** A request as an object. */
export const request = fc.record(
  {
    host: mostly(host, odd),
    hostname: mostly(host, odd),
    port: fc.constantFrom<unknown>(443, 80, 9000, '9000', 0, '', null),
    method: mostly(fc.constantFrom<unknown>('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'put', 'GIT', ''), odd),
    path: mostly(target, odd),
    headers,
    body,
    service: mostly(service, oddScope),
    region: mostly(region, oddScope),
    signQuery: fc.constantFrom<unknown>(true, false, 1, undefined),
    doNotModifyHeaders: fc.constantFrom<unknown>(true, false, 1),
    doNotEncodePath: fc.constantFrom<unknown>(true, false, 1),
    extraHeadersToIgnore: mostly(names, fc.constantFrom<unknown>(null, false, 'a')),
    extraHeadersToInclude: mostly(names, fc.constantFrom<unknown>(null, false, 'a')),
    url: fc.constant('https://example.com/'),
    data: fc.constant('a'),
  },
  { requiredKeys: [] },
)

/** A URL as a string without NUL: Node truncates the host there, this package throws a TypeError. */
export const url = fc
  .tuple(
    fc.constantFrom('https:', 'http:', 'HTTPS:', 'ftp:', 'javascript:', 'file:', 'aws:', 'mailto:', ''),
    fc.constantFrom('//', '/', '', '\\\\', '///'),
    fc.constantFrom('', '', '', 'user@', 'user:pass%40@', 'a@b@', '%zz@'),
    fc.oneof(
      fc.constantFrom(
        'sqs.eu-west-1.amazonaws.com',
        'Photos.S3.amazonaws.com',
        'localhost',
        '[::1]',
        '[::1',
        'bücher.example',
        '',
        'a b',
        'x'.repeat(256),
        "a'b",
        'a\tb',
      ),
      fc.array(label, { maxLength: 4 }).map((labels) => [...labels, 'amazonaws.com'].join('.')),
    ),
    fc.constantFrom('', '', '', ':9000', ':', ':0'),
    fc.oneof(
      target,
      target.map((rest) => `${rest}#${rest}`),
      fc.constant(''),
    ),
    fc.constantFrom('', '', '', ' ', '\n\u00a0', '\ufeff'),
  )
  .map(([protocol, slashes, user, name, port, rest, blank]) =>
    (blank + protocol + slashes + user + name + port + rest + blank).replaceAll('\0', ''),
  )

const secret = fc.constantFrom(SECRET, 'b', 'é😀', '\ud800', 'x'.repeat(100))
const token = mostly(
  fc.constantFrom('FwoGZXIvYXdzEXAMPLE//w==', 'a b', "!'()*", ''),
  fc.constantFrom<unknown>(5, true, ['a', 'b'], null),
)

/** Credentials, or `undefined` for those in the environment. */
export const credentials = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        accessKeyId: mostly(fc.constantFrom('AKIDEXAMPLE', 'a/b', 'é', ''), odd),
        secretAccessKey: secret,
        sessionToken: token,
      },
      { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom({}, { accessKeyId: 'AKIDEXAMPLE' }, { secretAccessKey: 'b' }, 'a', 5) },
  { weight: 3, arbitrary: fc.constantFrom(undefined, null, false, '') },
)

/** Environment variables. */
export const environment = fc.record(
  {
    AWS_ACCESS_KEY_ID: fc.constantFrom('AKIDENV', ''),
    AWS_ACCESS_KEY: fc.constant('AKIDOLD'),
    AWS_SECRET_ACCESS_KEY: secret.filter((text) => text !== '\ud800'),
    AWS_SECRET_KEY: fc.constant('old'),
    AWS_SESSION_TOKEN: fc.constantFrom('token', ''),
  },
  { requiredKeys: [] },
)

/** Copies a value, so that signing cannot change shared objects. */
export function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const made = Object.create(prototype)
  for (const [name, member] of Object.entries(value))
    Object.defineProperty(made, name, { value: copy(member), enumerable: true, writable: true, configurable: true })
  return made
}
