import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as original from '../../src/aws4fetch.ts'
import { tableRows } from '../support/aws4/page.ts'
import { listen, runTimers } from '../support/fetch.ts'
import { sha256 } from '../support/oracle.ts'

// Every row of the table of corrections in docs/migrating/from-aws4fetch.md has a test here, and every test has a row.

const { fixed } = original
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const TOKEN = 'the/session+token='
const SQS = 'https://sqs.eu-west-1.amazonaws.com/'
const PHOTO = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const UNSIGNED = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }

type Init = original.AwsRequestInit
type Options = Partial<original.AwsClientOptions>

/** Does the same with both classes of clients, aws4fetch's first. */
async function both<Value>(
  run: (client: original.AwsClient) => Value,
  options: Options = {},
): Promise<Awaited<Value>[]> {
  const results: Awaited<Value>[] = []
  for (const Client of [original.AwsClient, fixed.AwsClient])
    results.push(await run(new Client({ ...KEYS, ...options })))
  return results
}

/** Returns the message of an error, or its code if it has one. */
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error) => error.code ?? error.message ?? error,
  )

/** Returns the signed headers of a request. */
const signedHeaders = ({ headers, url }: Request): string =>
  /SignedHeaders=([^,]+)/.exec(headers.get('authorization') ?? '')?.[1] ??
  new URL(url).searchParams.get('X-Amz-SignedHeaders')!

const scope = ({ headers }: Request): string => /\d{8}\/(.*?)\/aws4_request/.exec(headers.get('authorization')!)![1]!

/** Sends a request to a script of statuses and errors; returns the end, the attempts, and the milliseconds that passed. */
async function send(
  client: original.AwsClient,
  steps: (number | Error | (() => Response))[],
  input: () => RequestInfo = () => SQS,
  init: () => Init = () => ({}),
): Promise<{ end: unknown; sent: Request[]; ms: number }> {
  const sent: Request[] = []
  vi.stubGlobal('fetch', async (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, { duplex: 'half', ...init } as RequestInit)
    request.signal.throwIfAborted()
    await request.clone().text()
    sent.push(request)
    const step = steps[sent.length - 1]!
    if (typeof step === 'number') return new Response(null, { status: step })
    if (step instanceof Error) throw step
    return step()
  })
  const [result, ms] = await runTimers(caughtOr(client.fetch(input(), init())))
  return { end: (result as PromiseFulfilledResult<unknown>).value, sent, ms }
}

const caughtOr = (promise: Promise<Response>): Promise<unknown> =>
  promise.then(
    ({ status }) => status,
    (error) => error.code ?? error.message ?? error,
  )

const rows: Record<string, () => Promise<void>> = {
  'a content type, even if `fetch` adds it for the body': async () => {
    const sent: [input: () => RequestInfo, init?: Init][] = [
      [() => PHOTO, { method: 'PUT', body: new Uint8Array([97]), headers: { 'Content-Type': 'image/jpeg' } }],
      [() => SQS, { body: '{}', headers: { 'content-type': 'application/x-amz-json-1.0' } }],
      [() => SQS, { body: '{}' }],
      [() => SQS, { body: new URLSearchParams('a=b') }],
      [() => new Request(PHOTO, { method: 'PUT', body: new Blob(['a'], { type: 'image/png' }) })],
      [() => PHOTO, { method: 'PUT', headers: { 'content-type': 'image/jpeg' }, aws: { signQuery: true } }],
    ]
    for (const [input, init = {}] of sent) {
      const isHashed = init.body instanceof URLSearchParams // aws4fetch cannot hash it
      const signed = await both(async (client) => signedHeaders(await client.sign(input(), isHashed ? {} : init)))
      const names = signed.map((list) => list.split(';').includes('content-type'))
      expect(names).toEqual([false, !isHashed])
      const own = await send(new fixed.AwsClient(KEYS), [200], input, () => init)
      const [request] = own.sent
      expect(request!.headers.get('content-type')).not.toBeNull()
      expect(signedHeaders(request!).split(';')).toContain('content-type')
    }
    const signer = new fixed.AwsV4Signer({ ...KEYS, url: PHOTO, method: 'PUT', headers: { 'content-type': 'a/b' } })
    expect(signer.signedHeaders.split(';')).toContain('content-type')
    expect(await signer.canonicalString()).toContain('\ncontent-type:a/b\n')
  },
  'the body of a `Request` without a content type': async () => {
    const make = () => new Request(SQS, { method: 'POST', body: new Uint8Array([97]) })
    expect(await both(async (client) => (await client.sign(make())).text())).toEqual(['', 'a'])
    const [theirs, own] = await both(async (client) => (await send(client, [200], make)).sent[0]!.text())
    expect([theirs, own]).toEqual(['', 'a'])
  },
  'the signal, `redirect`, `cache`, and `credentials` of a `Request`': async () => {
    const settings = { redirect: 'error', cache: 'no-store', credentials: 'omit' } as const
    const make = () => new Request(SQS, { ...settings, signal: AbortSignal.abort('stop') })
    const kept = await both(async (client) => {
      const { redirect, cache, credentials, signal } = await client.sign(make())
      return [redirect, cache, credentials, signal.aborted]
    })
    expect(kept).toEqual([
      ['follow', 'default', 'same-origin', false],
      ['error', 'no-store', 'omit', true],
    ])
    const ends = await both(async (client) => {
      const { end, sent } = await send(client, [200], make)
      return [end, sent.length]
    })
    expect(ends).toEqual([
      [200, 1],
      ['stop', 0],
    ])
  },
  'status 500 after a stream, or after a `Request` with `X-Amz-Content-Sha256`': async () => {
    vi.useRealTimers()
    const { url, close } = await listen(() => [500])
    const init = () => ({
      method: 'PUT',
      body: new Blob(['a']).stream(),
      headers: { ...UNSIGNED, 'content-length': '1', 'content-type': 'text/plain' },
      duplex: 'half',
    })
    const calls = [(client: original.AwsClient) => client.fetch(url, init() as Init)]
    calls.push((client) => client.fetch(new Request(url, init() as RequestInit)))
    for (const call of calls) {
      const options = { service: 's3', initRetryMs: 1, retries: 1 }
      const [theirs, own] = await both((client) => caughtOr(call(client)), options)
      expect(theirs).toMatch(/disturbed or locked/)
      expect(own).toBe(500)
    }
    await close()
  },
  'a signal that is aborted during a wait': async () => {
    const ends = await both(async (client) => {
      const controller = new AbortController()
      const step = () => {
        setTimeout(() => controller.abort('stop'), 20)
        return new Response(null, { status: 500 })
      }
      const { end, ms } = await send(client, [step, 200], undefined, () => ({ signal: controller.signal }))
      return [end, ms]
    })
    expect(ends).toEqual([
      ['stop', expect.any(Number)],
      ['stop', 20],
    ])
    expect(ends[0]![1]).toBeGreaterThanOrEqual(50)
  },
  '`Retry-After`': async () => {
    const busy = () => new Response(null, { status: 503, headers: { 'retry-after': '2' } })
    expect(await both(async (client) => (await send(client, [busy, 200])).ms)).toEqual([50, 2000])
  },
  'the body of a response before a retry': async () => {
    const cancel = vi.fn()
    const counts = await both(async (client) => {
      cancel.mockClear()
      const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(65_536))
      await send(client, [() => new Response(new ReadableStream({ pull, cancel }), { status: 500 }), 200])
      return cancel.mock.calls.length
    })
    expect(counts).toEqual([0, 1])
  },
  'status 501, 505, or 511': async () => {
    for (const status of [501, 505, 511])
      expect(await both(async (client) => (await send(client, [status, 200])).end)).toEqual([200, status])
  },
  'status 408, or a network error': async () => {
    const failed = new TypeError('fetch failed')
    expect(await both(async (client) => (await send(client, [408, 200])).end)).toEqual([408, 200])
    expect(await both(async (client) => (await send(client, [failed, 200])).end)).toEqual(['fetch failed', 200])
    const post = () => ({ method: 'POST', body: '{}' })
    expect(await both(async (client) => (await send(client, [failed, 200], undefined, post)).end)).toEqual([
      'fetch failed',
      'fetch failed',
    ])
  },
  'a redirect to a different host': async () => {
    const seen = await both(
      async (client) => {
        const moved = () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })
        const { sent, end } = await send(client, [moved])
        return [sent[0]!.redirect, end]
      },
      { sessionToken: TOKEN },
    )
    expect(seen).toEqual([
      ['follow', 307],
      ['manual', 307],
    ])
  },
  'a `Blob`, `URLSearchParams`, `FormData`, or stream, except for S3': async () => {
    const form = new FormData()
    form.set('a', 'b')
    const bodies = [
      () => new Blob(['a']),
      () => new URLSearchParams({ a: 'b' }),
      () => form,
      () => new Blob(['a']).stream(),
    ]
    for (const body of bodies) {
      const init = () => ({ method: 'POST', body: body() })
      const [theirs, own] = await both((client) => caught(client.sign(SQS, init())))
      expect([theirs, own]).toEqual([expect.stringMatching(/^body must be a string/), 'nothing'])
      const client = new fixed.AwsClient(KEYS)
      const { sent, end } = await send(client, [200], undefined, init)
      expect([end, sent.length]).toEqual([200, 1])
    }
    const { AwsV4Signer } = fixed
    const signer = new AwsV4Signer({ ...KEYS, url: SQS, body: new Blob(['a']) })
    expect(await signer.hexBodyHash()).toBe(sha256('a'))
    expect(await caught(new AwsV4Signer({ ...KEYS, url: SQS, body: form }).sign())).toBe('ERR_SIGV4_BODY_NOT_HASHABLE')
  },
  'a body for S3': async () => {
    const init = () => ({ method: 'PUT', body: 'a' })
    const hashes = await both(async (client) => {
      const { sent } = await send(client, [200], () => PHOTO, init)
      return sent[0]!.headers.get('x-amz-content-sha256')
    })
    expect(hashes).toEqual(['UNSIGNED-PAYLOAD', sha256('a')])
    const signed = await both(async (client) => (await client.sign(PHOTO, init())).headers.get('x-amz-content-sha256'))
    expect(signed).toEqual(['UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD'])
  },
  '`cf-*`, `cookie`, `x-forwarded-*`, `x-request-id`, `accept-encoding`, and other headers that proxies change':
    async () => {
      const headers = {
        'cf-ray': 'a',
        cookie: 'a',
        'x-forwarded-for': 'a',
        'x-request-id': 'a',
        'accept-encoding': 'a',
        'x-a': 'a',
      }
      const names = await both(async (client) => signedHeaders(await client.sign(SQS, { headers })))
      expect(names).toEqual([
        'accept-encoding;cf-ray;cookie;host;x-a;x-amz-date;x-forwarded-for;x-request-id',
        'host;x-a;x-amz-date',
      ])
      const sent = await both(async (client) => (await send(client, [200], undefined, () => ({ headers }))).sent[0]!)
      expect(sent.map(signedHeaders)).toEqual(names)
      expect(sent[1]!.headers.get('x-forwarded-for')).toBe('a')
      const all = await new fixed.AwsClient(KEYS).sign(SQS, { headers, aws: { allHeaders: true } })
      expect(signedHeaders(all)).toBe(names[0])
    },
  'a presigned URL that is signed again': async () => {
    const again = await both(async (client) => {
      const { url } = await client.sign(`${PHOTO}?X-Amz-Expires=60`, {
        aws: { signQuery: true, datetime: '20200101T000000Z' },
      })
      const { url: next } = await client.sign(url, { aws: { signQuery: true } })
      const { searchParams } = new URL(next)
      const fresh = await client.sign(`${PHOTO}?X-Amz-Expires=60`, { aws: { signQuery: true } })
      return [
        searchParams.get('X-Amz-Expires'),
        [...searchParams].sort().join() === [...new URL(fresh.url).searchParams].sort().join(),
      ]
    })
    expect(again).toEqual([
      ['60', false],
      ['60', true],
    ])
    const { sent } = await send(new fixed.AwsClient(KEYS), [200], () => new Request(`${PHOTO}?X-Amz-Signature=a&b=c`))
    expect(sent[0]!.url).toBe(`${PHOTO}?b=c`)
  },
  'a header `X-Amz-Expires` with `signQuery`': async () => {
    const init = { headers: { 'X-Amz-Expires': '60' }, aws: { signQuery: true } }
    const signed = await both((client) => client.sign(PHOTO, init))
    expect(signed.map(({ url }) => new URL(url).searchParams.get('X-Amz-Expires'))).toEqual(['86400', '60'])
    expect(signed.map(signedHeaders)).toEqual(['host;x-amz-expires', 'host'])
  },
  'an expiry outside 1 to 604800': async () => {
    const url = `${PHOTO}?X-Amz-Expires=604801`
    expect(await both((client) => caught(client.sign(url, { aws: { signQuery: true } })))).toEqual([
      'nothing',
      'ERR_SIGV4_EXPIRES_RANGE',
    ])
  },
  'a host whose last labels are not `service.region`': async () => {
    const hosts: [host: string, theirs: string, own: string][] = [
      ['bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com', 'eu-west-1/vpce', 'eu-west-1/s3'],
      [
        'a--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com',
        'eu-west-1/s3express-euw1-az1',
        'eu-west-1/s3express',
      ],
      ['lambda.eu-west-1.api.aws', 'us-east-1/', 'eu-west-1/lambda'],
      ['bedrock-runtime.us-west-2.amazonaws.com', 'us-west-2/bedrock-runtime', 'us-west-2/bedrock'],
      ['abc.aoss.eu-west-1.on.aws', 'us-east-1/', 'eu-west-1/aoss'],
      ['sqs.us-iso-east-1.c2s.ic.gov', 'us-east-1/', 'us-iso-east-1/sqs'],
      ['search-a.eu-west-1.cloudsearch.amazonaws.com', 'eu-west-1/cloudsearch', 'eu-west-1/cloudsearch'],
      ['a.iot.eu-west-1.amazonaws.com/mqtt', 'eu-west-1/iotdevicegateway', 'eu-west-1/iotdevicegateway'],
    ]
    const seen = []
    for (const [host] of hosts)
      seen.push([host, ...(await both((client) => client.sign(`https://${host}`))).map(scope)])
    expect(seen).toEqual(hosts)
    const target = { headers: { 'X-Amz-Target': 'AnyScaleFrontendService.DescribeScalingPolicies' } }
    const scaling = await both((client) => client.sign('https://autoscaling.eu-west-1.amazonaws.com/', target))
    expect(scaling.map(scope)).toEqual(Array(2).fill('eu-west-1/application-autoscaling'))
  },
  'a host that does not identify a service': async () => {
    const run = (client: original.AwsClient) => caught(client.sign('https://localhost:9000/'))
    expect(await both(run)).toEqual(['nothing', 'ERR_SIGV4_SCOPE_UNKNOWN'])
    expect(await both(run, { service: 's3' })).toEqual(['nothing', 'nothing'])
  },
  '`appendSessionToken` without `signQuery`': async () => {
    const init = { aws: { appendSessionToken: true } }
    const signed = await both((client) => client.sign(SQS, init), { sessionToken: TOKEN })
    expect(signed.map(({ headers }) => headers.get('x-amz-security-token'))).toEqual([null, TOKEN])
    expect(signed.map(signedHeaders)).toEqual(['host;x-amz-date', 'host;x-amz-date'])
    const url = await new fixed.AwsClient({ ...KEYS, sessionToken: TOKEN }).sign(
      'https://a.iot.eu-west-1.amazonaws.com/mqtt',
      {
        aws: { signQuery: true },
      },
    )
    expect(url.url).toMatch(/&X-Amz-Signature=[\da-f]{64}&X-Amz-Security-Token=the%2Fsession%2Btoken%3D$/)
  },
  '`singleEncode` for S3': async () => {
    const paths = [original, fixed].map(
      ({ AwsV4Signer }) => new AwsV4Signer({ ...KEYS, url: `${PHOTO}%20b`, singleEncode: true }).encodedPath,
    )
    expect(paths).toEqual(['/cat.jpg b', '/cat.jpg%20b'])
  },
  'a parameter twice, for S3': async () => {
    const queries = [original, fixed].map(
      ({ AwsV4Signer }) => new AwsV4Signer({ ...KEYS, url: `${PHOTO}?a=1&a=2` }).encodedSearch,
    )
    expect(queries).toEqual(['a=1', 'a=1&a=2'])
  },
  'a method in lowercase': async () => {
    const methods = await both(async (client) => (await client.sign(SQS, { method: 'patch' })).method)
    expect(methods[0]).toBe('patch')
    const signer = new fixed.AwsV4Signer({ ...KEYS, url: SQS, method: 'patch' })
    expect([signer.method, (await signer.sign()).method, methods[1]]).toEqual(['PATCH', 'PATCH', 'PATCH'])
  },
  'a `datetime` that is not one': async () => {
    const init = { aws: { datetime: '2015-08-30' } }
    expect(await both((client) => caught(client.sign(SQS, init)))).toEqual(['nothing', 'ERR_INVALID_ARG_VALUE'])
  },
  'empty credentials': async () => {
    const run = (client: original.AwsClient) => caught(client.sign(SQS))
    expect(await both(run, { accessKeyId: '' })).toEqual(['nothing', 'ERR_SIGV4_CREDENTIALS_MISSING'])
  },
  'negative `retries`': async () => {
    const ends = await both(async (client) => (await send(client, [200])).end, { retries: -1 })
    expect(ends).toEqual(['An unknown error occurred, ensure retries is not negative', 'ERR_INVALID_ARG_VALUE'])
  },
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.UTC(2026, 0, 31, 12) })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('the fixed classes', () => {
  it('have a row in docs/migrating/from-aws4fetch.md for each correction, and the reverse', () => {
    expect(tableRows('Corrections', 'migrating/from-aws4fetch.md')).toEqual(Object.keys(rows))
  })

  it.each(Object.entries(rows))('correct %s', (_, check) => check())

  it('sign requests without these faults as aws4fetch does', async () => {
    const requests: [url: string, init: Init, options?: Options][] = [
      [`${SQS}?Action=ListQueues`, {}, { sessionToken: TOKEN }],
      [SQS, { body: new Uint8Array([123, 125]), headers: { 'x-amz-target': 'a' } }],
      [PHOTO, { method: 'PUT', body: new Uint8Array([97]), headers: { 'x-amz-meta-type': 'image/jpeg' } }],
      [`${PHOTO}?a=b%20c&X-Amz-Expires=60`, { aws: { signQuery: true } }, { sessionToken: TOKEN }],
      [
        'https://abc.execute-api.eu-west-1.amazonaws.com/a%20b//c',
        { aws: { allHeaders: true }, headers: { range: 'a' } },
      ],
      ['http://localhost:9000/photos/cat.jpg', { headers: UNSIGNED }, { service: 's3' }],
    ]
    for (const [url, init, options] of requests) {
      const signed = await both(async (client) => {
        const request = await client.sign(url, init)
        const query = [...new URL(request.url).searchParams].sort()
        return { query, headers: [...request.headers], method: request.method, body: await request.text() }
      }, options)
      expect(signed[1]).toEqual(signed[0])
    }
  })

  it('are subclasses, and have the same fields', () => {
    const [theirs, own] = [original, fixed].map(({ AwsV4Signer }) => new AwsV4Signer({ ...KEYS, url: SQS }))
    expect(own).toBeInstanceOf(original.AwsV4Signer)
    expect(Object.keys(own!)).toEqual(Object.keys(theirs!))
    expect(JSON.stringify(own)).toBe(JSON.stringify(theirs))
    expect(new fixed.AwsClient(KEYS)).toBeInstanceOf(original.AwsClient)
    expect(Object.keys(new fixed.AwsClient(KEYS))).toEqual(Object.keys(new original.AwsClient(KEYS)))
  })

  it('leave a Request usable, and send with the current fields of the client', async () => {
    const request = new Request(SQS, { method: 'POST', body: '{}' })
    const client = new fixed.AwsClient({ ...KEYS, retries: 2, initRetryMs: 10 })
    const first = await send(client, [500, 500, 500, 200], () => request)
    expect([first.end, first.sent.length, first.ms]).toEqual([500, 3, 30])
    client.accessKeyId = 'AKIDOTHER'
    client.retries = 0
    const second = await send(client, [500], () => request)
    expect(second.sent[0]!.headers.get('authorization')).toContain('Credential=AKIDOTHER/')
    expect([second.end, await second.sent[0]!.text(), request.bodyUsed]).toEqual([500, '{}', false])
  })

  it('send presigned URLs, and retry as aws4fetch does', async () => {
    const init = () => ({ aws: { signQuery: true } })
    const { end, sent } = await send(new fixed.AwsClient(KEYS), [500, 200], () => PHOTO, init)
    expect([end, sent.length, sent[0]!.headers.get('authorization')]).toEqual([200, 2, null])
    expect(sent[0]!.url).toContain('X-Amz-Expires=86400')
  })
})
