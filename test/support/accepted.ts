import fc from 'fast-check'
import type * as synchronous from '../../src/sync.ts'
import { SECRET } from './credentials.ts'
import { character } from './unicode.ts'

// Random targets and options that the package accepts.

export const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
export const DATE = new Date('2015-08-30T12:36:00Z')

/** Any string with a UTF-8 form, with a focus on strings that are difficult to sign. */
export const text = fc.oneof(
  fc.string({ unit: character, maxLength: 8 }),
  fc.string({ unit: 'binary-ascii', maxLength: 8 }),
  fc.constantFrom(
    "!'()*",
    '+',
    '%',
    '%2F',
    '%2e%2e',
    '%zz',
    '&=?#;:@,$',
    '[]^|`{}"<>\\',
    ' ',
    '\t\r\n',
    '\u{feff}',
    '€ 😀 é',
  ),
)

/** Any key, often with empty and dot segments; not the three keys that no URL can contain. */
export const anyKey = fc
  .array(fc.oneof(text, fc.constantFrom('', '.', '..', '...', 'a')), { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join('/'))
  .filter((key) => !/^\.{0,2}$/.test(key))

export const bucket = fc.constantFrom('photos', 'my-photos-2', 'my.photos.example', 'x', 'cache--use1-az4--x-s3')

const port = fc.integer({ min: 1, max: 65_535 })
export const prefix = fc.constantFrom('', '/', '/storage/v1/s3', '/storage/v1/s3/', '/pre%20fix', '/pré fix/')

const endpoint = fc.oneof(
  fc.tuple(fc.constantFrom('http://localhost', 'https://s3.example.com', 'HTTPS://S3.Example.COM'), port, prefix),
  fc.tuple(fc.constantFrom('http://127.0.0.1', 'http://[::1]', 'https://[2001:db8::7]'), port, prefix),
  fc.tuple(fc.constant('http://minio'), fc.constantFrom(80, 443), prefix),
  fc.tuple(fc.constant('https://minio'), fc.constantFrom(80, 443), prefix),
)

/** Any S3 object: in every bucket style, with every endpoint. */
export const object = fc
  .record({
    bucket,
    key: anyKey,
    region: fc.constantFrom('eu-west-1', 'us-east-1', 'cn-north-1', 'eusc-de-east-1', 'auto'),
    endpoint: fc.option(
      endpoint.map(([origin, port, prefix]) => `${origin}:${port}${prefix}`),
      { nil: undefined },
    ),
    pathStyle: fc.constantFrom(undefined, true, false),
  })
  .filter(({ endpoint, pathStyle }) => pathStyle !== false || !/\/\/(\d|\[)/.test(endpoint ?? '')) // not a host with a bucket
  .filter(({ endpoint, region }) => endpoint !== undefined || region !== 'auto') // AWS has no such region

const headerName = fc.oneof(
  fc.constantFrom('x-amz-meta-note', 'X-Amz-Acl', 'Content-Type', 'cache-control', 'x-amz-tagging', 'Content-Encoding'),
  fc.string({ unit: fc.constantFrom(...'abcxyz019-_.!~'), minLength: 1, maxLength: 6 }).map((end) => `x-${end}`),
)
const headerText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 12 }),
  fc.constantFrom('', 'a', 'a  b', ' a\t b ', 'text/plain; charset="utf-8"', 'a,b, c'),
)

/** Headers in every accepted form: an object with strings, lists and gaps, pairs with repeated names, a `Headers`. */
export const headers: fc.Arbitrary<synchronous.HeadersInput | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.dictionary(
    headerName,
    fc.oneof(headerText, fc.array(headerText, { minLength: 1, maxLength: 3 }), fc.constant(undefined)),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  ),
  fc.array(fc.tuple(headerName, headerText), { maxLength: 5 }),
  fc.array(fc.tuple(headerName, headerText), { maxLength: 5 }).map((pairs) => new Headers(pairs)),
)

export const query = fc.option(
  fc.dictionary(
    text.filter((name) => !/^x-amz-/i.test(name) && name !== '__proto__'),
    fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.nat(), fc.constant(undefined)),
    { maxKeys: 4, noNullPrototype: true },
  ),
  { nil: undefined },
)

export const credentials = fc.record(
  {
    accessKeyId: fc.constantFrom('AKIDEXAMPLE', 'test', 'a/b+c'),
    secretAccessKey: fc.oneof(
      fc.constant(SECRET),
      fc.string({ unit: 'grapheme', minLength: 1 }).map((end) => `s${end}s`),
    ),
    sessionToken: fc.constantFrom(undefined, TOKEN),
    expiration: fc.constantFrom(undefined, new Date('2015-08-30T12:40:00Z'), new Date('2015-09-09T00:00:00Z')),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
)

/** The options that every call supports. */
export const signing = {
  credentials,
  now: fc.oneof(
    fc.constant(DATE),
    fc.date({ min: new Date('2000-01-01'), max: new Date('2015-08-30T12:39:00Z'), noInvalidDate: true }),
    // between them, milliseconds are rejected, because they look like seconds
    fc.integer({ min: 0, max: 1_000_000_000 }),
    fc.integer({ min: 10_000_000_000, max: 1_440_938_160_999 }),
  ),
  payloadHash: fc.constantFrom(undefined, undefined, 'UNSIGNED-PAYLOAD', 'b'.repeat(64)),
  pathEncoding: fc.constantFrom(undefined, undefined, 'single', 'double'),
  pathNormalization: fc.constantFrom(undefined, undefined, 'none', 'rfc3986'),
  sessionTokenPlacement: fc.constantFrom(undefined, 'signed', 'appended'),
  signedHeaders: fc.constantFrom(undefined, ['Range', 'user-agent']),
  unsignedHeaders: fc.constantFrom(undefined, ['X-a', 'content-type']),
} as const

export const presigning = fc.record(
  {
    ...signing,
    expires: fc.oneof(fc.integer({ min: 1, max: 604_800 }), fc.constantFrom('90s', '15m', '12h', '7d')),
    headers,
    query,
    contentLength: fc.option(fc.nat(), { nil: undefined }),
    download: fc.option(text, { nil: undefined }),
  },
  { requiredKeys: ['credentials', 'now'] },
)

export type Presigning = typeof presigning extends fc.Arbitrary<infer Options> ? Options : never

/** The options that a method supports, or, sometimes, all of them. */
export function usable(method: string, options: Presigning, all: boolean): Presigning {
  const usable = { ...options }
  if (all) return usable
  if (!/^get$/i.test(method)) delete usable.download
  if (/^(?:get|head)$/i.test(method)) delete usable.contentLength
  return usable
}

/** One call in ten. */
export const seldom = fc.nat(9).map((n) => n === 0)

/** URLs of services other than S3. */
export const url = fc
  .tuple(
    fc.constantFrom('https://abc123.execute-api.eu-west-1.amazonaws.com', 'https://sts.us-east-1.amazonaws.com'),
    fc.webPath(),
    fc.option(fc.webQueryParameters(), { nil: undefined }),
  )
  .map(([origin, path, query]) => origin + path + (query === undefined ? '' : `?${query}`))
  .filter((url) => !/[?&]x-amz-/i.test(url))

export const method = fc.constantFrom('GET', 'put', 'HEAD', 'Delete', 'PATCH')
