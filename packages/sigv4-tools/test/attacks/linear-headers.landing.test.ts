import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withoutHops } from '../../../../src/core/http/headers.ts'
import { namesOf, type Pair, received, SHAPES, settling } from '../../../../test/support/attacks/linear.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { expectLinear } from '../../../../test/support/linear.ts'
import { explainWithin } from '../../src/explain/explain.ts'
import { explain, inspect, parseEvidence } from '../../src/explain.ts'
import { divideHeaders, headerLists, headerPairs, withoutSignature } from '../../src/proxy/http/headers.ts'
import { readError } from '../../src/proxy/http/read-error.ts'
import { readOptions } from '../../src/proxy/options/settings.ts'
import { checkRequest, checkSource } from '../../src/proxy/request/check.ts'
import { receive } from '../../src/proxy/request/receive.ts'
import { proxy } from '../../src/proxy.ts'
import { storedHeaders } from '../../src/serve/http/headers.ts'
import { serve } from '../../src/serve.ts'
import { claimedKeyId } from '../../src/server/claimed-key.ts'
import { exchange, listen } from '../support/proxy/upstream.ts'

// Every reader of headers takes linear time, whatever the headers are, and so do the servers, which limit their length.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const OPTIONS = { credentials: CREDENTIALS, service: 's3', region: 'eu-west-1' } as const
const NOW = Date.UTC(2026, 0, 31, 12)

const incoming = (pairs: readonly Pair[]): IncomingMessage => received(pairs) as unknown as IncomingMessage

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

const REJECTED = {
  status: 403,
  body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message></Error>',
}
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
  inspect: (pairs) => () => inspect(received(pairs)),
  explain: (pairs) => () => explain({ request: received(pairs), response: REJECTED, now: NOW }),
  // few attempts to find what was signed, whose limit packages/sigv4-tools/test/explain/explain.test.ts tests
  'explain, signed headers, with credentials': (pairs) => () =>
    explainWithin(
      { request: received(pairs, namesOf(pairs)), response: REJECTED, credentials: CREDENTIALS, now: NOW },
      { hypotheses: 10, work: Number.POSITIVE_INFINITY },
    ),
  'explain, headers of a response': (pairs) => () =>
    explain({ request: received([]), response: { ...REJECTED, headers: pairs }, now: NOW }),
  'parseEvidence of a request': (pairs) => () =>
    parseEvidence(`GET /cat.jpg HTTP/1.1\nHost: ${HOST}\n${pairs.map((pair) => pair.join(': ')).join('\n')}\n`),
}

describe.each(Object.entries(READERS))('%s', (_, make) => {
  it.each(Object.entries(SHAPES))('takes linear time for %s', (_, headers) =>
    expectLinear(settling((length) => make(headers(length)))),
  )

  it('reads headers', async () => {
    const call = make([
      ['a0', 'b'],
      ['a1', 'c'],
    ])
    expect(await (async () => call())().catch((error) => error.code ?? error)).not.toBeInstanceOf(Error)
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

  it.each(Object.entries(SHAPES))('takes linear time for %s', (_, headers) =>
    expectLinear(
      (length) => {
        const pairs = headers(length)
        return () => send(pairs)
      },
      { length: 60_000 },
    ),
  )

  it('gets a response', async () => {
    expect(await send([['a', 'b']])).toMatch(mode === 'serve' ? /^HTTP\/1\.1 403 / : /^HTTP\/1\.1 200 /)
  })
})
