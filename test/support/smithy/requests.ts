import fc from 'fast-check'
import { SECRET } from '../credentials.ts'
import { character } from '../unicode.ts'

// Random signers, requests and options, as users of @smithy/signature-v4 pass them: mostly valid, some invalid.

/** A call of a signer: what the constructor and the method receive, created anew for each side. */
export interface SignerCall {
  readonly init: Record<string, unknown>
  readonly request: unknown
  readonly options: Record<string, unknown> | undefined
}

const HASH = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'

const choose = fc.constantFrom
/** Missing every second time. */
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

const piece = choose(
  ...[
    'a',
    'B',
    '0',
    '-',
    '.',
    '_',
    '~',
    ' ',
    '+',
    '=',
    '&',
    '%',
    '%20',
    '%2F',
    '%e9',
    '!',
    "'",
    '(',
    ')',
    '*',
    ':',
    '@',
  ],
  ...['é', 'ß', '\u{1f600}', '?', '#', ';', ',', '$', '\\', '"', '<', '\u00a0'],
)
const text = fc.oneof(
  { weight: 500, arbitrary: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: choose('\ud800', 'a\udc00b') },
)
const segment = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: choose('', '.', '..', '...', '%2E') })
const path = fc
  .tuple(choose('/', '/', '/', ''), fc.array(segment, { maxLength: 5 }), choose('', '', '/'))
  .map(([start, segments, end]) => start + segments.join('/') + end)

/** An object with own members, also if one is called `__proto__`. */
const record = <Value>(name: fc.Arbitrary<string>, value: fc.Arbitrary<Value>, maxLength: number) =>
  fc.array(fc.tuple(name, value), { maxLength }).map((entries) => Object.fromEntries(entries))

const parameterName = fc.oneof(
  { weight: 3, arbitrary: text },
  {
    weight: 1,
    arbitrary: choose(
      ...['X-Amz-Signature', 'x-amz-signature', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Security-Token', 'x-amz-meta-a'],
      ...['a', 'A', 'a-b', 'ab', 'list-type', 'uploads'],
    ),
  },
)
const parameter = fc.oneof(
  { weight: 6, arbitrary: text as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: fc.array(text, { maxLength: 4 }) },
  { weight: 1, arbitrary: choose(null, undefined, 5, true) },
)
const query = record(parameterName, parameter, 6)

const headerName = choose(
  ...['content-type', 'Content-Type', 'content-length', 'accept', 'Accept', 'my-header', 'My-Header', 'range'],
  ...['x-amz-date', 'X-Amz-Date', 'Date', 'date', 'Authorization', 'authorization', 'X-Amz-Security-Token'],
  ...['x-amz-security-token', 'x-amz-target', 'X-Amz-Target', 'x-amz-meta-a', 'X-AMZ-META-B', 'x-amz-acl'],
  ...['cache-control', 'Connection', 'expect', 'from', 'keep-alive', 'max-forwards', 'pragma', 'referer', 'te'],
  ...[
    'trailer',
    'transfer-encoding',
    'upgrade',
    'User-Agent',
    'X-Amzn-Trace-Id',
    'proxy-a',
    'Proxy-',
    'Sec-Fetch-Mode',
  ],
  ...['constructor', 'toString', '__proto__', 'sec-', 'secure', 'x', '10', '9'],
)
const headerPiece = choose('a', 'B', ' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\v', '\f', '\u2003', 'é', ',', '"', '')
const headerValue = fc.oneof(
  { weight: 300, arbitrary: fc.array(headerPiece, { maxLength: 7 }).map((p): unknown => p.join('')) },
  { weight: 30, arbitrary: choose(undefined, null) },
  { weight: 1, arbitrary: choose(5, ['a']) },
)
const headers = fc
  .tuple(
    record(headerName, headerValue, 8),
    choose('host', 'Host'),
    sometimes(fc.tuple(choose('x-amz-content-sha256', 'X-Amz-Content-Sha256'), choose(HASH, 'UNSIGNED-PAYLOAD', ''))),
    fc.boolean(),
  )
  .map(([others, host, hash, isFirst]) => {
    const own = [[host, 'example.com:8443'], ...(hash ? [hash] : [])]
    return Object.fromEntries(isFirst ? [...own, ...Object.entries(others)] : [...Object.entries(others), ...own])
  })

const bytes = fc.uint8Array({ maxLength: 40 })
const body = fc.oneof(
  { weight: 2, arbitrary: choose<unknown>(undefined, undefined, null, '') },
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: bytes },
  {
    weight: 2,
    arbitrary: bytes.chain((content) =>
      choose<unknown>(
        content.subarray(1),
        Buffer.from(content),
        content.buffer,
        new DataView(content.buffer, 0, content.length),
        new Uint16Array(content.slice(0, content.length & ~1).buffer),
        new Uint8Array(new SharedArrayBuffer(8)).fill(content.length),
      ),
    ),
  },
  { weight: 1, arbitrary: choose<unknown>({}, new ReadableStream(), new URLSearchParams('a=1'), new Blob(['a']), 5) },
)

const request = fc
  .record({
    method: choose('GET', 'GET', 'POST', 'PUT', 'get', '', undefined),
    protocol: choose('https:', 'https:', 'http', '', undefined),
    hostname: choose('example.com', 'example.com', '', undefined),
    port: choose(undefined, undefined, 8443),
    path: fc.oneof(
      { weight: 60, arbitrary: path as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: choose(undefined, 5) },
    ),
    query: fc.oneof({ weight: 9, arbitrary: query }, { weight: 1, arbitrary: choose(undefined, null) }),
    headers,
    body,
    username: sometimes(choose('user')),
    fragment: sometimes(choose('part')),
    agent: sometimes(choose('unknown member')),
  })
  .chain((made) =>
    choose(
      made,
      JSON.parse(JSON.stringify(made)),
      new (class Copy {
        constructor() {
          Object.assign(this, made)
        }
      })(),
    ),
  )

const token = choose(undefined, undefined, '', 'IQoJb3JpZ2luX2VjEXAMPLE+/==')
const accepted = fc.record({
  accessKeyId: choose('AKIDEXAMPLE', 'ASIAEXAMPLE', 'a/b c'),
  secretAccessKey: choose(SECRET, 'é', ' '),
  sessionToken: token,
  expiration: sometimes(choose(new Date(0))),
})
const credentials = fc.oneof(
  { weight: 40, arbitrary: accepted as fc.Arbitrary<unknown> },
  {
    weight: 1,
    arbitrary: choose<unknown>(
      ...[undefined, null, {}, 'a', { accessKeyId: 'a' }, { secretAccessKey: 'a' }],
      ...[
        { accessKeyId: 5, secretAccessKey: 'a' },
        { accessKeyId: 'a', secretAccessKey: null },
      ],
    ),
  },
)
const provided = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  value.chain((made) =>
    choose<unknown>(
      made,
      () => made,
      async () => made,
    ),
  )
const region = choose('eu-west-1', 'us-east-1', 'auto', 'garage')

const init = fc.record({
  credentials: provided(credentials),
  region: provided(region),
  service: choose('s3', 'sqs', 'execute-api'),
  uriEscapePath: choose(undefined, undefined, true, false, null),
  applyChecksum: choose<unknown>(undefined, undefined, true, false, null, 'no'),
})

const date = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .integer({ min: -3e10, max: 2.5e11 })
      .chain((seconds) =>
        choose<unknown>(
          seconds,
          seconds + 0.999,
          String(seconds),
          new Date(seconds * 1000 + 7),
          new Date(seconds * 1000).toISOString(),
          new Date(seconds * 1000).toUTCString(),
        ),
      ),
  },
  { weight: 1, arbitrary: choose<unknown>('0', 'soon', '', Number.NaN, new Date(Number.NaN), null, true, {}) },
)
const names = fc.array(
  choose(
    ...['content-type', 'accept', 'my-header', 'user-agent', 'referer', 'x-amz-target', 'x-amz-meta-a', 'x-amz-acl'],
    ...['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'constructor', 'toString', '__proto__', 'sec-'],
  ),
  { maxLength: 5 },
)
const headerNames = sometimes(names.map((list) => new Set(list)))

const options = fc.record({
  now: fc.option(date, { nil: undefined }),
  signingRegion: sometimes(region),
  signingService: sometimes(choose('s3', 'es')),
  unsignableHeaders: headerNames,
  signableHeaders: headerNames,
  unhoistableHeaders: headerNames,
  // a parameter that every object inherits, and that has no value, is signed wrongly by @smithy/signature-v4
  hoistableHeaders: headerNames.map((set) => set && new Set([...set].filter((name) => !(name in {})))),
  expiresIn: choose<unknown>(undefined, 60, 900, 604_800, 604_801, 0, -1, 1.5, '60', Number.POSITIVE_INFINITY),
})

const eventOptions = fc.record({
  now: fc.option(date, { nil: undefined }),
  signingRegion: sometimes(region),
  signingService: sometimes(choose('s3', 'es')),
  priorSignature: choose<unknown>('', HASH, undefined),
  eventStreamCredentials: choose<unknown>(undefined, undefined, null, {}).chain((none) =>
    fc.oneof({ weight: 3, arbitrary: choose(none) }, { weight: 2, arbitrary: accepted as fc.Arbitrary<unknown> }),
  ),
})

const payload = fc.oneof(
  { weight: 6, arbitrary: bytes as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: choose('foo') },
)
const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
const messageHeader = fc.oneof(
  fc.record({ type: choose('boolean'), value: fc.boolean() as fc.Arbitrary<unknown> }),
  fc.record({ type: choose('byte'), value: integer(8) }),
  fc.record({ type: choose('short'), value: integer(16) }),
  fc.record({ type: choose('integer'), value: integer(32) }),
  fc.record({
    type: choose('long'),
    value: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => ({ bytes: value })),
  }),
  fc.record({ type: choose('binary'), value: bytes }),
  fc.record({ type: choose('string'), value: text }),
  fc.record({
    type: choose('timestamp'),
    value: fc.date({ noInvalidDate: false }) as fc.Arbitrary<unknown>,
  }),
  fc.record({
    type: choose('uuid'),
    value: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, { weight: 1, arbitrary: choose('foo') }),
  }),
  { weight: 1, arbitrary: fc.record({ type: choose('unknown'), value: choose(1) }) },
)

const call = <Request>(given: fc.Arbitrary<Request>): fc.Arbitrary<SignerCall> =>
  fc.record({ init, request: given, options: sometimes(options).chain((made) => choose(made, made)) })

/** A call of `sign` or `presign` for a request. */
export const requestCall: fc.Arbitrary<SignerCall> = call(request)

/** A call of `sign` for a string. */
export const stringCall: fc.Arbitrary<SignerCall> = call(fc.oneof(text, fc.string({ unit: character })))

const streamed = <Request>(given: fc.Arbitrary<Request>): fc.Arbitrary<SignerCall> =>
  fc.record({ init, request: given, options: fc.option(eventOptions, { nil: undefined, freq: 9 }) })

/** A call of `sign` for an event. */
export const eventCall: fc.Arbitrary<SignerCall> = streamed(fc.record({ headers: bytes, payload }))

/** A call of `sign` for a message. */
export const messageCall: fc.Arbitrary<SignerCall> = streamed(
  fc.record({
    message: fc.record({ headers: record(text, messageHeader, 4), body: payload }),
    priorSignature: choose('', HASH),
  }),
)
