import { describe, expect, it } from 'vitest'
import { sign as signAws4 } from '../../src/aws4.ts'
import { AwsV4Signer } from '../../src/aws4fetch.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import * as main from '../../src/index.ts'
import { SignatureV4 } from '../../src/smithy.ts'
import { resignChunks, signChunks } from '../../src/streams.ts'
import * as sync from '../../src/sync.ts'
import { trace } from '../../src/trace.ts'
import { verify } from '../../src/verify.ts'
import { namesOf, type Pair, received, SHAPES, settling } from '../support/attacks/linear.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { expectLinear } from '../support/linear.ts'

// Every function that reads headers takes linear time, whatever the headers are.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const OPTIONS = { credentials: CREDENTIALS, service: 's3', region: 'eu-west-1' } as const
const URL_ = `https://${HOST}/cat.jpg`

const recordOf = (pairs: readonly Pair[]): Record<string, string> => Object.fromEntries(pairs)

const VERIFY = {
  credentials: () => CREDENTIALS.secretAccessKey,
  now: Date.UTC(2026, 0, 31, 12),
  payload: 'deferred',
  allowUnsignedPayload: true,
} as const
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
  it.each(Object.entries(SHAPES))('takes linear time for %s', (_, headers) =>
    expectLinear(settling((length) => make(headers(length)))),
  )

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
