import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign as signAws4 } from '../../../src/aws4.ts'
import { AwsV4Signer } from '../../../src/aws4fetch.ts'
import { withoutHops } from '../../../src/core/http/headers.ts'
import { createSignedFetch } from '../../../src/fetch.ts'
import * as main from '../../../src/index.ts'
import { SignatureV4 } from '../../../src/smithy.ts'
import { resignChunks, signChunks } from '../../../src/streams.ts'
import * as sync from '../../../src/sync.ts'
import { trace } from '../../../src/trace.ts'
import { verify } from '../../../src/verify.ts'
import { SECRET } from '../../../test/support/credentials.ts'
import { checkLinear } from '../../../test/support/linear-work.ts'
import { explain, inspect, parseEvidence } from '../src/explain.ts'
import { divideHeaders, headerLists, headerPairs, withoutSignature } from '../src/proxy/http/headers.ts'
import { readError } from '../src/proxy/http/read-error.ts'
import { readOptions } from '../src/proxy/options/settings.ts'
import { checkRequest, checkSource } from '../src/proxy/request/check.ts'
import { receive } from '../src/proxy/request/receive.ts'
import { proxy } from '../src/proxy.ts'
import { storedHeaders } from '../src/serve/http/headers.ts'
import { serve } from '../src/serve.ts'
import { claimedKeyId } from '../src/server/claimed-key.ts'
import { exchange, listen } from './support/proxy/upstream.ts'

// Every function that reads headers takes linear time: 60 kB of the worst headers cost about ten times as much as 6 kB.

type Pair = [name: string, value: string]

const LENGTH = 60_000
/** Adapters have no limit, and few comparisons take no time. */
const LONGER = { 'verify, altered headers': 200_000 } as Readonly<Record<string, number>>
const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const KEY = 'AKIDEXAMPLE'
const CREDENTIALS = { accessKeyId: KEY, secretAccessKey: SECRET }
const OPTIONS = { credentials: CREDENTIALS, service: 's3', region: 'eu-west-1' } as const
const URL_ = `https://${HOST}/cat.jpg`

/** Repeats a header with different values for `i` until the head has a length. */
function many(length: number, header: (i: number) => Pair): Pair[] {
  const pairs: Pair[] = []
  for (let size = 0; size < length; ) {
    const pair = header(pairs.length)
    pairs.push(pair)
    size += pair[0].length + pair[1].length + 4
  }
  return pairs
}

const names = (length: number): string[] => many(length, (i) => [`a${i}`, '']).map(([name]) => name)

/** Headers of a length. */
const SHAPES: Readonly<Record<string, (length: number) => Pair[]>> = {
  'a repeated header': (length) => many(length, () => ['a', '']),
  'a repeated header with different values': (length) => many(length, (i) => ['a', `${i}`]),
  'a repeated x-amz- header': (length) => many(length, () => ['x-amz-meta-a', 'b']),
  'different headers': (length) => many(length, (i) => [`a${i}`, '']),
  'different x-amz- headers': (length) => many(length, (i) => [`x-amz-${i}`, 'b']),
  'different headers, each twice': (length) => many(length, (i) => [`a${i >> 1}`, `${i}`]),
  'a long value': (length) => [['x-amz-meta-a', 'a'.repeat(length)]],
  'spaces in a value': (length) => [['x-amz-meta-a', `a${' '.repeat(length)}b`]],
  'commas in a value': (length) => [['x-amz-meta-a', ', '.repeat(length / 2)]],
  'bytes in a value': (length) => [['x-amz-meta-a', '\xc3\xa9'.repeat(length / 2)]],
  'a repeated content-encoding': (length) => many(length, () => ['content-encoding', 'aws-chunked']),
  'a list in content-encoding': (length) => [['content-encoding', 'gzip,'.repeat(length / 5)]],
  'names in connection, and their headers': (length) => [
    ['connection', names(length / 2).join(',')],
    ...many(length / 2, (i): Pair => [`a${i}`, '']),
  ],
  'a repeated connection': (length) => many(length, (i) => ['connection', `a${i}`]),
  'names in x-amz-trailer': (length) => [['x-amz-trailer', names(length).join(',')]],
  cookies: (length) => many(length, (i) => ['cookie', `a${i}=b`]),
  'encodings in the source of a copy': (length) => [['x-amz-copy-source', `bucket/${'%c0%ae'.repeat(length / 6)}`]],
  'a repeated origin': (length) => many(length, () => ['origin', 'http://localhost']),
}

/** A request with such headers, with a signature that covers those in `signed`. */
function received(pairs: readonly Pair[], signed: readonly string[] = [], change: readonly Pair[] = []) {
  const list = [...new Set(['host', 'x-amz-content-sha256', 'x-amz-date', ...signed])].sort().join(';')
  const base: Pair[] = [
    ['Host', 'localhost'],
    ['X-Amz-Date', '20260131T120000Z'],
    ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'],
    [
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${KEY}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=${list}, Signature=${'0'.repeat(64)}`,
    ],
  ]
  const rawHeaders = [...base, ...pairs].flat()
  const headers: Record<string, string> = {}
  for (const [name, value] of [...base, ...pairs, ...change]) headers[name.toLowerCase()] ??= value
  return { method: 'GET', url: '/bucket/key', headers, rawHeaders }
}

const incoming = (pairs: readonly Pair[]): IncomingMessage => received(pairs) as unknown as IncomingMessage
const recordOf = (pairs: readonly Pair[]): Record<string, string> => Object.fromEntries(pairs)
const namesOf = (pairs: readonly Pair[]): string[] => [...new Set(pairs.map(([name]) => name))]
const NOW = Date.UTC(2026, 0, 31, 12)

const settings = readOptions(
  {
    upstream: 'http://localhost:9000',
    ...OPTIONS,
    mode: 'resign',
    clientCredentials: { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder' },
    allow: ['GET /bucket/*'],
    cors: ['http://localhost'],
  },
  CREDENTIALS,
)

const VERIFY = {
  credentials: () => CREDENTIALS.secretAccessKey,
  now: NOW,
  payload: 'deferred',
  allowUnsignedPayload: true,
} as const
const REJECTED = {
  status: 403,
  body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message></Error>',
}
const CHUNKS: Pair[] = [
  ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
  ['x-amz-decoded-content-length', '3'],
]

/** What `verify` returns for an upload, whose body is not read here. */
const verifiedWith = (signedHeaders: readonly string[]) => ({
  signedHeaders,
  verifyBody: (): never => {
    throw new Error('not read')
  },
})

/** Every reader, with the headers that it gets. */
const READERS: Readonly<Record<string, (pairs: Pair[]) => () => unknown>> = {
  'proxy: headerPairs': (pairs) => () => headerPairs(pairs.flat()),
  'proxy: headerLists': (pairs) => () => headerLists(pairs),
  'proxy: divideHeaders': (pairs) => () => divideHeaders(pairs),
  'proxy: withoutHops': (pairs) => () => withoutHops(pairs, namesOf(pairs)),
  'proxy: withoutSignature': (pairs) => () => withoutSignature(pairs, false),
  'proxy: readError': (pairs) => () => readError(pairs.flat(), []),
  'proxy: receive and check': (pairs) => () => {
    const request = receive(incoming(pairs))
    checkSource(settings, request)
    checkRequest(settings, request)
  },
  'serve: storedHeaders': (pairs) => () => storedHeaders(new Map(pairs)),
  'serve: claimedKeyId': (pairs) => () => claimedKeyId(incoming(pairs)),
  verify: (pairs) => () => verify(received(pairs), VERIFY),
  'verify, headers as pairs': (pairs) => () => {
    const { rawHeaders: _, headers, ...request } = received(pairs)
    return verify({ ...request, headers: [...Object.entries(headers), ...pairs] }, VERIFY)
  },
  'verify, signed headers': (pairs) => () => verify(received(pairs, namesOf(pairs)), VERIFY),
  // each name in rawHeaders twice, with a value that the application does not see; and as many others that are signed
  'verify, altered headers': (pairs) => () => {
    const { rawHeaders, headers, ...request } = received(
      [...pairs, ...pairs],
      namesOf(pairs).map((name) => `${name}-`),
    )
    return verify(
      {
        ...request,
        rawHeaders,
        headers: { ...headers, ...Object.fromEntries(namesOf(pairs).map((name) => [name, 'x'])) },
      },
      VERIFY,
    )
  },
  sign: (pairs) => () => main.sign({ url: URL_, headers: pairs }, OPTIONS),
  'sync sign': (pairs) => () => sync.sign({ url: URL_, headers: pairs }, OPTIONS),
  presign: (pairs) => () => sync.presign('GET', URL_, { ...OPTIONS, headers: pairs }),
  trace: (pairs) => () => trace({ method: 'GET', url: '/cat.jpg', headers: [['host', HOST], ...pairs] }, OPTIONS),
  inspect: (pairs) => () => inspect(received(pairs)),
  explain: (pairs) => () => explain({ request: received(pairs), response: REJECTED, now: NOW }),
  'explain, signed headers, with credentials': (pairs) => () =>
    explain({ request: received(pairs, namesOf(pairs)), response: REJECTED, credentials: CREDENTIALS, now: NOW }),
  'explain, headers of a response': (pairs) => () =>
    explain({ request: received([]), response: { ...REJECTED, headers: pairs }, now: NOW }),
  'parseEvidence of a request': (pairs) => () =>
    parseEvidence(`GET /cat.jpg HTTP/1.1\nHost: ${HOST}\n${pairs.map((pair) => pair.join(': ')).join('\n')}\n`),
  signChunks: (pairs) => () => signChunks({ url: URL_, headers: pairs }, { ...OPTIONS, decodedLength: 3 }),
  resignChunks: (pairs) => () =>
    resignChunks(
      { url: URL_, headers: [...CHUNKS, ...pairs] },
      {
        service: 's3',
        region: 'eu-west-1',
        from: verifiedWith([]),
        credentials: CREDENTIALS,
      },
    ),
  'resignChunks, signed headers': (pairs) => () =>
    resignChunks(
      { url: URL_, headers: [...CHUNKS, ...pairs] },
      {
        service: 's3',
        region: 'eu-west-1',
        from: verifiedWith(namesOf(pairs).map((name) => `${name}-`)),
        credentials: CREDENTIALS,
      },
    ),
  'signed fetch': (pairs) => () =>
    createSignedFetch({ ...OPTIONS, fetch: async () => new Response('a') })(URL_, { headers: pairs }),
  'signed fetch, headers of a response': (pairs) => () =>
    createSignedFetch({
      ...OPTIONS,
      retry: false,
      fetch: async () => new Response('a', { status: 403, headers: pairs }),
    } as never)(URL_),
  aws4: (pairs) => () =>
    signAws4({ host: HOST, path: '/cat.jpg', service: 's3', headers: recordOf(pairs) }, CREDENTIALS),
  aws4fetch: (pairs) => () => new AwsV4Signer({ ...CREDENTIALS, url: URL_, headers: pairs }).sign(),
  smithy: (pairs) => () =>
    new SignatureV4({ ...OPTIONS, sha256: undefined as never }).sign({
      method: 'GET',
      protocol: 'https:',
      hostname: HOST,
      path: '/cat.jpg',
      query: {},
      headers: recordOf(pairs),
    }),
}

describe.each(Object.entries(READERS))('%s', (reader, make) => {
  it.each(Object.entries(SHAPES))('takes linear time for %s', async (shape, headers) => {
    await checkLinear(
      `${reader}: ${shape}`,
      (length) => {
        const call = make(headers(length))
        return async () => {
          try {
            await call()
          } catch {
            // a rejection may not cost more
          }
        }
      },
      LONGER[reader] ?? LENGTH,
    )
  })

  it('reads headers', async () => {
    const call = make([
      ['a0', 'b'],
      ['a1', 'c'],
    ])
    const outcome = await (async () => call())().catch((error) => error.code ?? error)
    if (reader.startsWith('verify')) expect(outcome).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
    else expect(outcome).not.toBeInstanceOf(Error)
  })
})

describe.each(['sign', 'watch', 'serve'] as const)('a request to a server in the mode %s', (mode) => {
  let port: number
  const endings: (() => unknown)[] = []

  beforeAll(async () => {
    const upstream = await listen(createServer({ maxHeaderSize: 1_000_000 }, (_, response) => response.end('fine')))
    const started =
      mode === 'serve'
        ? await serve({ credentials: CREDENTIALS, log: () => {} })
        : await proxy({ upstream: `http://127.0.0.1:${upstream.port}`, mode, ...OPTIONS, allow: ['GET /bucket/*'] })
    port = started.port
    endings.push(started.close, upstream.stop)
  })
  afterAll(async () => {
    for (const end of endings) await end()
  })

  const send = async (pairs: readonly Pair[]): Promise<string> => {
    const lines = [['Host', 'localhost'], ['Connection', 'close'], ...pairs].map((pair) => `${pair.join(': ')}\r\n`)
    return exchange(port, `GET /bucket/key HTTP/1.1\r\n${lines.join('')}\r\n`)
  }

  it.each(Object.entries(SHAPES))('takes linear time for %s', async (shape, headers) => {
    await checkLinear(
      `${mode}: ${shape}`,
      (length) => {
        const pairs = headers(length)
        return () => send(pairs)
      },
      LENGTH,
    )
  })

  it('gets a response', async () => {
    expect(await send([['a', 'b']])).toMatch(mode === 'serve' ? /^HTTP\/1\.1 403 / : /^HTTP\/1\.1 200 /)
  })
})
