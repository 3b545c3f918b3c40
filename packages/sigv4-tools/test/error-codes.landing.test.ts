import { describe, expect, it } from 'vitest'
import * as obtaining from '../../../src/credentials.ts'
import * as fetching from '../../../src/fetch.ts'
import * as asynchronous from '../../../src/index.ts'
import * as sigv4a from '../../../src/sigv4a.ts'
import * as streams from '../../../src/streams.ts'
import * as synchronous from '../../../src/sync.ts'
import * as tokens from '../../../src/tokens.ts'
import * as tokensSync from '../../../src/tokens-sync.ts'
import * as tracing from '../../../src/trace.ts'
import * as verifying from '../../../src/verify.ts'
import { SECRET } from '../../../test/support/credentials.ts'
import * as explaining from '../src/explain.ts'
import { proxy } from '../src/proxy.ts'
import { serve } from '../src/serve.ts'

// Whatever is passed to a function, in any argument or member of one: an error has a code, and contains no secret. The
// runtime's own errors, such as that of `new URL`, have neither the name of the argument nor a fix.

const PASSWORD = 'hunter2-correct-horse'
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'a-session-token' }
const OBJECT = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1', endpoint: 'http://localhost:9000' }
const SCOPE = { region: 'eu-west-1', service: 's3' }
const SIGNING = {
  ...SCOPE,
  now: Date.UTC(2026, 0, 31),
  payloadHash: 'UNSIGNED-PAYLOAD',
  signedHeaders: ['accept'],
  unsignedHeaders: ['user-agent'],
  pathEncoding: 'single',
  pathNormalization: 'none',
  sessionTokenPlacement: 'signed',
}
const HEADERS = { accept: 'image/jpeg', 'x-amz-meta-a': 'a' }
const REQUEST = {
  method: 'PUT',
  url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?a=b',
  headers: HEADERS,
  body: 'x',
}

const HOSTILE: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 10n],
  ...[
    '',
    ' ',
    'a',
    'not a URL',
    'http://',
    'http://[',
    'https://[::1',
    '//host',
    '/path',
    '?a=b',
    'https://host:99999/',
    'https://a b/',
  ],
  ...[
    `https://jane:${PASSWORD}@host/`,
    `https://jane:${PASSWORD}@[`,
    'https://host/%',
    'https://host/?a=%zz',
    'https://host/%ff',
    'ftp://host/',
  ],
  ...[
    '%',
    '%ff',
    '\ud800',
    '\0',
    'a\nb',
    'a\r\nb: c',
    '{',
    '{"a":',
    '[]',
    'null',
    '2026-13-45T99:99:99Z',
    '99999999T999999Z',
    '+275760-09-13T00:00:00.001Z',
  ],
  ...[[], [null], [[]], [['a']], {}, { a: null }, () => {}, new Map(), new Set(['a'])],
  ...[
    new Date(Number.NaN),
    new Date(8.64e15),
    new Date(-8.64e15),
    new Uint8Array(3),
    new ArrayBuffer(3),
    new Error('a'),
    /a/,
  ],
  ...[
    Promise.resolve('a'),
    new URL('https://host/'),
    new Headers({ a: 'b' }),
    new Response('a').body,
    'x'.repeat(70_000),
  ],
]

type Call = readonly [name: string, call: (...args: never[]) => unknown, args: readonly unknown[]]

const call = (entry: object, prefix: string, name: string, ...args: unknown[]): Call => [
  `${prefix} ${name}`,
  (entry as Record<string, (...args: never[]) => unknown>)[name]!,
  args,
]

const signing = (entry: object, prefix: string): Call[] => {
  const options = { credentials, ...SIGNING, headers: HEADERS, query: { a: 'b' }, expires: 60 }
  const large = { credentials, size: 10_000_000, partSize: 5_242_880, expires: 60 }
  const form = synchronous.presignPost({ bucket: 'photos', keyPrefix: 'a/', region: 'eu-west-1' }, { credentials })
  return [
    call(entry, prefix, 'presign', 'GET', OBJECT, options),
    call(entry, prefix, 'presign', 'GET', 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?a=b', { credentials }),
    call(entry, prefix, 'presignGet', OBJECT, { credentials, download: 'cat.jpg' }),
    call(entry, prefix, 'presignPut', OBJECT, {
      credentials,
      contentType: 'image/jpeg',
      contentLength: 10,
      checksum: { algorithm: 'sha256', value: 'a' },
    }),
    call(entry, prefix, 'presignHead', OBJECT, { credentials }),
    call(entry, prefix, 'presignDelete', OBJECT, { credentials }),
    call(
      entry,
      prefix,
      'presignPost',
      { bucket: 'photos', keyPrefix: 'a/', region: 'eu-west-1' },
      { credentials, expires: 60, fields: { a: 'b' }, conditions: [['starts-with', '$b', '']] },
    ),
    call(entry, prefix, 'presignMultipartUpload', OBJECT, large),
    call(entry, prefix, 'presignMultipartParts', OBJECT, { ...large, uploadId: 'a', partNumbers: [1] }),
    call(entry, prefix, 'multipartCompletionBody', [{ partNumber: 1, etag: '"a"' }]),
    call(entry, prefix, 'parseMultipartResponse', '<UploadId>a</UploadId>', 200),
    call(entry, prefix, 'sign', REQUEST, { credentials, ...SIGNING }),
    call(entry, prefix, 'objectUrl', OBJECT),
    call(entry, prefix, 'accessPoint', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/a', 'cat.jpg'),
    call(entry, prefix, 'deriveSigningKey', { ...SCOPE, date: '20260131' }, { credentials }),
    call(entry, prefix, 'checkPost', form.fields.policy, form.fields, { size: 1 }),
    call(entry, prefix, 'toFormData', form, 'text', { filename: 'a' }),
    call(entry, prefix, 'isSigV4Error', new Error('a')),
  ]
}

const tokensOf = (entry: object, prefix: string): Call[] => {
  const options = { credentials, now: Date.UTC(2026, 0, 31) }
  return [
    call(
      entry,
      prefix,
      'rdsToken',
      { host: 'a.b.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane', region: 'eu-west-1' },
      options,
    ),
    call(entry, prefix, 'dsqlToken', { host: 'a.dsql.eu-west-1.on.aws', admin: true, region: 'eu-west-1' }, options),
    call(
      entry,
      prefix,
      'cacheToken',
      { cache: 'c', user: 'jane', region: 'eu-west-1', service: 'elasticache', serverless: true },
      options,
    ),
    call(entry, prefix, 'mskToken', { region: 'eu-west-1' }, options),
    call(entry, prefix, 'mskToken', 'b-1.demo.c2.kafka.eu-west-1.amazonaws.com:9098', options),
    call(entry, prefix, 'eksToken', { cluster: 'c', region: 'eu-west-1' }, options),
    call(entry, prefix, 'bedrockKey', { region: 'eu-west-1' }, options),
    call(entry, prefix, 'keyspacesResponse', { challenge: 'nonce=1', region: 'eu-west-1' }, options),
    call(entry, prefix, 'codecommitCredentials', 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a', {
      ...options,
      region: 'eu-west-1',
    }),
    call(entry, prefix, 'sesSmtpPassword', { region: 'eu-west-1' }, { credentials }),
    call(entry, prefix, 'callerIdentity', { region: 'eu-west-1', headers: { a: 'b' } }, options),
    call(entry, prefix, 's3ExpressSession', { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }, options),
    call(entry, prefix, 'appSyncProtocols', 'https://a.appsync-api.eu-west-1.amazonaws.com/event', {
      ...options,
      region: 'eu-west-1',
      body: '{}',
    }),
    call(entry, prefix, 'webSocketUrl', 'wss://a.execute-api.eu-west-1.amazonaws.com/prod', options),
  ]
}

const respond = async (): Promise<Response> => new Response('', { status: 200 })
const SIGNED = await asynchronous.sign({ ...REQUEST, body: undefined }, { credentials })
const RECEIVED = {
  method: 'PUT',
  url: '/cat.jpg?a=b',
  headers: { ...SIGNED.headers, host: 'photos.s3.eu-west-1.amazonaws.com' },
  body: 'x',
}
const lookup = { credentials: () => SECRET, now: Date.UTC(2026, 0, 31) }

/** A call of `fetch` with the arguments that are passed to it, and options of `createSignedFetch`. */
const signedFetch = (input: never, init: never, options: object): unknown =>
  fetching.createSignedFetch({ credentials, ...SCOPE, fetch: respond as never, retry: false, ...options })(input, init)

const EXPLAINED = {
  request: {
    method: 'GET',
    url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg',
    headers: [['host', 'a']],
    body: 'x',
  },
  response: {
    status: 403,
    headers: { date: 'Sat, 31 Jan 2026 12:00:00 GMT' },
    body: '<Error><Code>SignatureDoesNotMatch</Code></Error>',
  },
  signed: { canonicalRequest: 'GET\n/\n\nhost:a\n\nhost\nUNSIGNED-PAYLOAD', stringToSign: 'a', headers: { host: 'a' } },
  credentials,
  endpoint: 'http://localhost:9000',
  hints: ['method'],
  now: Date.UTC(2026, 0, 31),
}

const CALLS: readonly Call[] = [
  ...signing(asynchronous, 'sigv4'),
  ...signing(synchronous, 'sigv4/sync'),
  ...tokensOf(tokens, 'sigv4/tokens'),
  ...tokensOf(tokensSync, 'sigv4/tokens/sync'),
  call(sigv4a, 'sigv4a', 'presign', 'GET', OBJECT, { credentials, regionSet: ['eu-west-1'], expires: 60 }),
  call(sigv4a, 'sigv4a', 'presignGet', OBJECT, { credentials, regionSet: '*' }),
  call(sigv4a, 'sigv4a', 'presignPut', OBJECT, { credentials, regionSet: '*' }),
  call(sigv4a, 'sigv4a', 'sign', REQUEST, { credentials, regionSet: '*', ...SIGNING }),
  call(sigv4a, 'sigv4a', 'deriveSigningKey', { credentials }),
  call(verifying, 'sigv4/verify', 'verify', RECEIVED, { ...lookup, allowUnsignedPayload: true, services: ['s3'] }),
  call(verifying, 'sigv4/verify', 'verifyPost', { key: 'a', policy: 'e30=' }, { ...lookup, bucket: 'photos' }),
  call(verifying, 'sigv4/verify', 'toErrorResponse', new Error('a'), { resource: '/', requestId: 'a' }),
  call(explaining, 'sigv4-tools/explain', 'explain', EXPLAINED),
  call(explaining, 'sigv4-tools/explain', 'inspect', EXPLAINED.request, { now: 0 }),
  call(explaining, 'sigv4-tools/explain', 'inspect', { ...RECEIVED, rawHeaders: ['Host', 'a.example'] }),
  call(explaining, 'sigv4-tools/explain', 'inspect', 'https://host/?X-Amz-Date=20260131T120000Z&X-Amz-Expires=900', {
    now: 0,
  }),
  call(
    tracing,
    'sigv4/trace',
    'trace',
    { method: 'GET', target: '/', headers: { host: 'a' }, body: 'x' },
    { credentials, ...SCOPE, now: 0 },
  ),
  call(explaining, 'sigv4-tools/explain', 'parseEvidence', 'https://host/'),
  call(explaining, 'sigv4-tools/explain', 'causeText', 'method'),
  call(explaining, 'sigv4-tools/explain', 'highlightDiff', 'a', 'b'),
  [
    'sigv4/fetch createSignedFetch',
    signedFetch as never,
    [REQUEST.url, { method: 'PUT', headers: HEADERS, body: 'x', aws: SCOPE }, { maxBufferedBytes: 10 }],
  ],
  [
    'sigv4/fetch createSignedFetch',
    fetching.createSignedFetch as never,
    [
      {
        credentials,
        ...SIGNING,
        retry: { attempts: 2, baseDelay: '1ms', unsafe: true },
        onAttempt: () => {},
        fetch: respond,
      },
    ],
  ],
  call(obtaining, 'sigv4/credentials', 'fromWebIdentity', {
    roleArn: 'arn:aws:iam::123456789012:role/a',
    token: 'a',
    region: 'eu-west-1',
    roleSessionName: 'a',
    endpoint: 'https://sts.example.com',
    fetch: respond,
  }),
  call(obtaining, 'sigv4/credentials', 'fromS3Express', 'photos--use1-az4--x-s3', {
    credentials,
    region: 'us-east-1',
    fetch: respond,
  }),
  call(obtaining, 'sigv4/credentials', 'fromContainer', {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://localhost/',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'a',
  }),
  call(obtaining, 'sigv4/credentials', 'fromEnvironment', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: SECRET }),
  call(
    streams,
    'sigv4/streams',
    'signChunks',
    { ...REQUEST, body: new Uint8Array(3) },
    { credentials, ...SCOPE, length: 3, chunkSize: 65_536 },
  ),
  call(streams, 'sigv4/streams', 'encodeEvent', { headers: { ':date': new Date(0), a: 1 }, body: new Uint8Array(3) }),
  call(streams, 'sigv4/streams', 'decodeEvent', streams.encodeEvent({ headers: {}, body: new Uint8Array(3) } as never)),
  [
    'sigv4/streams decodeEvents',
    (async (source: never) => {
      for await (const each of streams.decodeEvents(source)) void each
    }) as never,
    [[streams.encodeEvent({ headers: {}, body: new Uint8Array(3) } as never)]],
  ],
  call(streams, 'sigv4/streams', 'signEvents', SIGNED, { credentials, ...SCOPE }),
  call(streams, 'sigv4/streams', 'verifyEvents', RECEIVED, lookup),
  call(streams, 'sigv4/streams', 'resignChunks', RECEIVED, { ...lookup, sign: { credentials, ...SCOPE } }),
  [
    'sigv4-tools/serve',
    (async (options: object) => (await serve(options as never)).close()) as never,
    [{ port: 0, host: '127.0.0.1', credentials: { accessKeyId: 'a', secretAccessKey: SECRET }, cors: ['http://a'] }],
  ],
  [
    'sigv4-tools/proxy',
    (async (upstream: never, options: never) =>
      (
        await (proxy as never as (...args: unknown[]) => Promise<{ close(): unknown }>)(upstream, options)
      ).close()) as never,
    ['https://sqs.eu-west-1.amazonaws.com', { port: 0, host: '127.0.0.1', credentials }],
  ],
]

/** Every list of arguments in which one value, or a member of one, is hostile. */
function* variants(args: readonly unknown[]): Generator<[path: string, args: unknown[], value: unknown]> {
  for (const [i, arg] of args.entries())
    for (const [path, changed, value] of variantsOf(arg, 3))
      yield [`${i}${path}`, args.map((each, at) => (at === i ? changed : each)), value]
}

function* variantsOf(given: unknown, depth: number): Generator<[path: string, changed: unknown, value: unknown]> {
  for (const value of HOSTILE) yield ['', value, value]
  const isPlain =
    Array.isArray(given) ||
    (typeof given === 'object' && given !== null && [Object.prototype, null].includes(Object.getPrototypeOf(given)))
  if (!isPlain || depth === 0) return
  for (const [name, member] of Object.entries(given as object))
    for (const [path, changed, value] of variantsOf(member, depth - 1)) {
      const copy: Record<string, unknown> = Array.isArray(given) ? (given.slice() as never) : { ...(given as object) }
      copy[name] = changed
      yield [`.${name}${path}`, copy, value]
    }
}

const valueAt = (args: readonly unknown[], path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], args)

const described = (value: unknown): string => {
  try {
    return typeof value === 'string'
      ? JSON.stringify(value.slice(0, 60))
      : typeof value === 'object'
        ? Object.prototype.toString.call(value)
        : String(value)
  } catch {
    return 'value'
  }
}

it('every function of the entries is called', () => {
  const entries = {
    asynchronous,
    synchronous,
    tokens,
    tokensSync,
    sigv4a,
    verifying,
    explaining,
    tracing,
    fetching,
    obtaining,
    streams,
  }
  const called = new Set(CALLS.map(([name]) => name.split(' ').pop()!))
  // classes, checksums, which have methods instead, and functions without arguments
  const others = /^(?:SigV4\w*Error|sigv4a|causes|crc\w+|md5|sha\d+|isSigV4Error|forgetSigningKeys)$/
  for (const [entry, members] of Object.entries(entries))
    for (const name of Object.keys(members)) if (!others.test(name)) expect(called, `${entry}.${name}`).toContain(name)
})

describe('an error for a bad argument has a code and contains no secret', () => {
  it.each(CALLS.map(([name, ...rest], i) => [`${name} (${i})`, ...rest] as const))('%s', async (_, run, args) => {
    const bare = new Map<string, string>()
    for (const [path, changed, value] of variants(args)) {
      let error: unknown
      try {
        await run(...(changed as never[]))
      } catch (thrown) {
        error = thrown
      }
      if (error === undefined) continue
      // the values of other arguments may be repeated
      const isUrl = /^(?:http|ws)s?:/.test(String(valueAt(args, path)))
      const { code, message, stack } = error as Error & { code?: unknown }
      const problem = `${path}: ${message} ${stack
        ?.split('\n')
        .find((line) => line.includes('/src/'))
        ?.trim()}`
      if (typeof code !== 'string') bare.set(`${path} ${message}`.slice(0, 200), `${described(value)} → ${problem}`)
      if ((isUrl && message.includes(PASSWORD)) || message.includes(SECRET))
        bare.set(message, `secret: ${described(value)} → ${problem}`)
    }
    expect([...bare.values()]).toEqual([])
  })
})
