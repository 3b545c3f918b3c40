import * as aws4fetch from 'aws4fetch'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as reference from '../../reference/sigv4.ts'
import * as entry from '../../src/aws4fetch.ts'
import { createSignedFetch, type SignedFetchOptions } from '../../src/fetch.ts'
import { presign, sign } from '../../src/index.ts'
import { tableRows } from '../support/aws4/page.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { listen, runTimers } from '../support/fetch.ts'
import { sent as shown } from '../support/reference.ts'

// Every row of the table of bugs in docs/migrating/from-aws4fetch.md has a test here, and every test has a row. aws4fetch and
// its replacement have the bug; sigv4 signs as the reference does, which is a different implementation, or throws.

const KEYS = { ...CREDENTIALS }
const TOKEN = 'the/session+token='
const SQS = 'https://sqs.eu-west-1.amazonaws.com/'
const PHOTO = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const NOW = Date.UTC(2026, 0, 31, 12)
const OPTIONS = { credentials: KEYS, now: NOW }

type Module = Pick<typeof entry, 'AwsClient' | 'AwsV4Signer'>
type Init = entry.AwsRequestInit
type Call = (input: RequestInfo, init?: Init) => Promise<Response>
type Step = number | Error | (() => Response)

const MODULES: [name: string, module: Module][] = [
  ['aws4fetch', aws4fetch as Module],
  ['sigv4/aws4fetch', entry],
]

interface Bug {
  /** Does what the row describes. */
  readonly run: (module: Module) => unknown
  /** The result of aws4fetch and of its replacement. */
  readonly wrong: unknown
  /** Checks what sigv4 does instead. */
  readonly right: () => Promise<void>
}

const code = (value: string) => expect.objectContaining({ code: value })

/** Returns the signed headers of a request. */
const signedHeaders = ({ headers, url }: Request): string =>
  /SignedHeaders=([^,]+)/.exec(headers.get('authorization') ?? '')?.[1] ??
  new URL(url).searchParams.get('X-Amz-SignedHeaders')!

/** Returns the region and service of a signed request. */
const scopeOf = ({ headers }: Request): string => /\d{8}\/(.*?)\/aws4_request/.exec(headers.get('authorization')!)![1]!

/** Returns the status of a response, or the message of an error. */
const endOf = (promise: Promise<Response>): Promise<unknown> =>
  promise.then(
    ({ status }) => status,
    (error) => error.code ?? error.message ?? error,
  )

/** Sends a request to a script of statuses and errors; returns the end, the attempts, and the milliseconds that passed. */
async function send(
  call: Call,
  steps: Step[],
  input: RequestInfo = SQS,
  init: Init = {},
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
  const [result, ms] = await runTimers(endOf(call(input, init)))
  return { end: (result as PromiseFulfilledResult<unknown>).value, sent, ms }
}

/** Sends a request with a new client of aws4fetch. */
const sendAs = ({ AwsClient }: Module, ...given: [steps: Step[], input?: RequestInfo, init?: Init]) => {
  const client = new AwsClient(KEYS)
  return send((input, init) => client.fetch(input, init), ...given)
}

/** Sends a request with a new signed fetch. */
const sendSigned = (steps: Step[], input?: RequestInfo, init?: Init, options: Partial<SignedFetchOptions> = {}) =>
  send(createSignedFetch({ credentials: KEYS, ...options }), steps, input, init as never)

/** Signs with the reference. */
function expected(request: Partial<reference.HttpRequest> & { url: string }, [region, service]: string[]) {
  const given = { region: region!, service: service!, credentials: KEYS, date: new Date(NOW) }
  return reference.sign({ method: 'GET', ...request }, given)
}

/** Checks that a sent request has the signature of the reference for its body and headers. */
async function expectSent(request: Request, scope: string, names: string[]): Promise<void> {
  const headers = Object.fromEntries(names.map((name) => [name, request.headers.get(name)!]))
  const { method, url } = request
  const body = new Uint8Array(await request.clone().arrayBuffer())
  const signed = await expected({ method, url, headers, body }, scope.split('/'))
  expect(request.headers.get('authorization')).toBe(signed.headers.authorization)
}

/** Checks that sigv4, which is not told the scope, signs a URL as the reference does for it. */
async function expectSigned(url: string, scope: string): Promise<void> {
  expect(shown(await sign({ url }, OPTIONS))).toEqual(shown(await expected({ url }, scope.split('/'))))
}

const TYPED: [input: () => RequestInfo, init?: Init][] = [
  [() => PHOTO, { method: 'PUT', body: new Uint8Array([97]), headers: { 'Content-Type': 'image/jpeg' } }],
  [() => SQS, { method: 'POST', body: '{}', headers: { 'content-type': 'application/x-amz-json-1.0' } }],
  [() => SQS, { method: 'POST', body: '{}' }],
  [() => new Request(PHOTO, { method: 'PUT', body: new Blob(['a'], { type: 'image/png' }) })],
]

const withoutType = () => new Request(SQS, { method: 'POST', body: new Uint8Array([97]) })

const configured = (init: RequestInit = {}) =>
  new Request(SQS, { redirect: 'error', cache: 'no-store', credentials: 'omit', ...init })

const streamed = (headers: Record<string, string>) => ({
  method: 'PUT',
  body: new Blob(['a']).stream(),
  headers: { ...headers, 'content-length': '1', 'content-type': 'text/plain' },
  duplex: 'half',
})

/** Runs with a server that responds with status 500, in real time. */
async function withFailing<Result>(run: (url: string) => Promise<Result>): Promise<Result> {
  vi.useRealTimers()
  const { url, close } = await listen(() => [500])
  try {
    return await run(url)
  } finally {
    await close()
  }
}

/** Runs with a server that redirects to a different one; returns what was received by that one. */
async function redirected(call: (url: string) => Promise<Response>) {
  vi.useRealTimers()
  const other = await listen(() => [200])
  const first = await listen(() => [307, { location: `${other.url}/` }])
  try {
    const { status } = await call(first.url)
    return { status, tokens: other.received.map(({ headers }) => headers['x-amz-security-token']) }
  } finally {
    await first.close()
    await other.close()
  }
}

/** Returns a step that aborts during the wait after it, and the signal. */
function aborting(): [step: () => Response, signal: AbortSignal] {
  const controller = new AbortController()
  const step = () => {
    setTimeout(() => controller.abort('stop'), 20)
    return new Response(null, { status: 500 })
  }
  return [step, controller.signal]
}

const busy = () => new Response(null, { status: 503, headers: { 'retry-after': '2' } })

/** Returns a step with a body that does not end, and a function that is called when it is canceled. */
function endless() {
  const cancel = vi.fn()
  const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(65_536))
  return { cancel, step: () => new Response(new ReadableStream({ pull, cancel }), { status: 500 }) }
}

const NOT_REPEATED = [501, 505, 511]
const failed = new TypeError('fetch failed')

function bodies(): [blob: Blob, parameters: URLSearchParams, form: FormData, stream: ReadableStream] {
  const form = new FormData()
  form.set('a', 'b')
  return [new Blob(['a']), new URLSearchParams({ a: 'b' }), form, new Blob(['a']).stream()]
}

const PROXIED = {
  'cf-ray': 'a',
  cookie: 'a',
  'x-forwarded-for': 'a',
  'x-request-id': 'a',
  'accept-encoding': 'a',
  'x-a': 'a',
}

const HOSTS: [host: string, wrong: string, right: string][] = [
  ['bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com', 'eu-west-1/vpce', 'eu-west-1/s3'],
  ['lambda.eu-west-1.api.aws', 'us-east-1/', 'eu-west-1/lambda'],
  ['bedrock-runtime.us-west-2.amazonaws.com', 'us-west-2/bedrock-runtime', 'us-west-2/bedrock'],
  ['abc.aoss.eu-west-1.on.aws', 'us-east-1/', 'eu-west-1/aoss'],
  ['sqs.us-iso-east-1.c2s.ic.gov', 'us-east-1/', 'us-iso-east-1/sqs'],
  ['iot.us-west-2.amazonaws.com', 'us-west-2/execute-api', 'us-west-2/iot'],
  ['importexport.amazonaws.com', 'us-east-1/importexport', 'us-east-1/IngestionService'],
]
const EXPRESS = 'a--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com'

const bugs: Record<string, Bug> = {
  'a content type, even if `fetch` adds it for the body': {
    async run({ AwsClient }) {
      const client = new AwsClient(KEYS)
      const signed = await Promise.all(TYPED.map(([input, init]) => client.sign(input(), init)))
      const headers = { 'content-type': 'image/jpeg' }
      signed.push(await client.sign(PHOTO, { method: 'PUT', headers, aws: { signQuery: true } }))
      return signed.map((request) => [
        request.headers.has('content-type'),
        signedHeaders(request).includes('content-type'),
      ])
    },
    wrong: Array(5).fill([true, false]),
    async right() {
      for (const [input, init] of TYPED) {
        const [request] = (await sendSigned([200], input(), init)).sent
        const scope = request!.url === PHOTO ? 'eu-west-1/s3' : 'eu-west-1/sqs'
        await expectSent(request!, scope, ['content-type'])
      }
      const headers = { 'content-type': 'image/jpeg' }
      const request = { method: 'PUT', url: PHOTO, headers }
      const given = { region: 'eu-west-1', service: 's3', credentials: KEYS, date: new Date(NOW) }
      const own = await presign('PUT', PHOTO, { ...OPTIONS, headers })
      expect(shown(own)).toEqual(shown(await reference.presign(request, given)))
    },
  },
  'the body of a `Request` without a content type': {
    run: async (module) => [
      await (await new module.AwsClient(KEYS).sign(withoutType())).text(),
      await (await sendAs(module, [200], withoutType())).sent[0]!.text(),
    ],
    wrong: ['', ''],
    async right() {
      const [request] = (await sendSigned([200], withoutType())).sent
      await expectSent(request!, 'eu-west-1/sqs', [])
      expect(await request!.text()).toBe('a')
      const { headers } = await sign(withoutType(), OPTIONS)
      expect(headers.authorization).toBe(request!.headers.get('authorization'))
    },
  },
  'the signal, `redirect`, `cache`, and `credentials` of a `Request`': {
    async run(module) {
      const signal = AbortSignal.abort('stop')
      const signed = await new module.AwsClient(KEYS).sign(configured({ signal }))
      const { end, sent } = await sendAs(module, [200], configured({ signal }))
      return [signed.redirect, signed.cache, signed.credentials, signed.signal.aborted, end, sent.length]
    },
    wrong: ['follow', 'default', 'same-origin', false, 200, 1],
    async right() {
      const [request] = (await sendSigned([200], configured())).sent
      expect([request!.cache, request!.credentials]).toEqual(['no-store', 'omit'])
      const { end, sent } = await sendSigned([200], configured({ signal: AbortSignal.abort('stop') }))
      expect([end, sent.length]).toEqual(['stop', 0])
    },
  },
  'status 500 after a stream, or after a `Request` with `X-Amz-Content-Sha256`': {
    run: ({ AwsClient }) =>
      withFailing(async (url) => {
        const client = new AwsClient({ ...KEYS, service: 's3', initRetryMs: 1, retries: 1 })
        const init = () => streamed({ 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' })
        return [
          await endOf(client.fetch(url, init() as Init)),
          await endOf(client.fetch(new Request(url, init() as RequestInit))),
        ]
      }),
    wrong: Array(2).fill(expect.stringMatching(/disturbed or locked/)),
    right: () =>
      withFailing(async (url) => {
        const aws = { service: 's3', region: 'eu-west-1', payloadHash: 'UNSIGNED-PAYLOAD' }
        const signedFetch = createSignedFetch({ credentials: KEYS, retry: { attempts: 2, baseDelay: '1ms' } })
        expect(await endOf(signedFetch(url, { ...streamed({}), aws } as never))).toBe(500)
        expect(await endOf(signedFetch(new Request(url, streamed({}) as RequestInit), { aws }))).toBe(500)
      }),
  },
  'a signal that is aborted during a wait': {
    async run(module) {
      const [step, signal] = aborting()
      const { end, ms } = await sendAs(module, [step, 200], SQS, { signal })
      return [end, ms >= 50]
    },
    wrong: ['stop', true],
    async right() {
      const [step, signal] = aborting()
      const { end, ms } = await sendSigned([step, 200], SQS, { signal })
      expect([end, ms]).toEqual(['stop', 20])
    },
  },
  '`Retry-After`': {
    run: async (module) => (await sendAs(module, [busy, 200])).ms,
    wrong: 50,
    async right() {
      expect((await sendSigned([busy, 200], SQS, {}, { retry: { baseDelay: '50ms' } })).ms).toBe(2000)
    },
  },
  'the body of a response before a retry': {
    async run(module) {
      const { cancel, step } = endless()
      const { end } = await sendAs(module, [step, 200])
      return [end, cancel.mock.calls.length]
    },
    wrong: [200, 0],
    async right() {
      const { cancel, step } = endless()
      const { end } = await sendSigned([step, 200])
      expect([end, cancel.mock.calls.length]).toEqual([200, 1])
    },
  },
  'status 501, 505, or 511': {
    async run(module) {
      const ends = []
      for (const status of NOT_REPEATED) ends.push((await sendAs(module, [status, 200])).end)
      return ends
    },
    wrong: [200, 200, 200],
    async right() {
      for (const status of NOT_REPEATED) expect((await sendSigned([status, 200])).end).toBe(status)
    },
  },
  'status 408, or a network error': {
    run: async (module) => [
      (await sendAs(module, [408, 200])).end,
      (await sendAs(module, [failed, 200])).end,
      (await sendAs(module, [failed, 200], SQS, { method: 'POST', body: '{}' })).end,
    ],
    wrong: [408, 'fetch failed', 'fetch failed'],
    async right() {
      expect((await sendSigned([408, 200])).end).toBe(200)
      expect((await sendSigned([failed, 200])).end).toBe(200)
      expect((await sendSigned([failed, 200], SQS, { method: 'POST', body: '{}' })).end).toBe('fetch failed')
    },
  },
  'a redirect to a different host': {
    run: ({ AwsClient }) =>
      redirected((url) => new AwsClient({ ...KEYS, sessionToken: TOKEN, service: 'sqs' }).fetch(url)),
    wrong: { status: 200, tokens: [TOKEN] },
    async right() {
      const options = { credentials: { ...KEYS, sessionToken: TOKEN }, service: 'sqs', region: 'eu-west-1' }
      expect(await redirected(createSignedFetch(options))).toEqual({ status: 307, tokens: [] })
    },
  },
  'a `Blob`, `URLSearchParams`, `FormData`, or stream, except for S3': {
    async run({ AwsClient }) {
      const ends = []
      for (const body of bodies())
        ends.push(await new AwsClient(KEYS).sign(SQS, { method: 'POST', body }).catch(({ message }) => message))
      return ends
    },
    wrong: Array(4).fill(expect.stringMatching(/^body must be a string/)),
    async right() {
      for (const body of bodies()) {
        const [request] = (await sendSigned([200], SQS, { method: 'POST', body })).sent
        await expectSent(request!, 'eu-west-1/sqs', request!.headers.has('content-type') ? ['content-type'] : [])
      }
      const [blob, parameters, form, stream] = bodies()
      for (const [body, text] of [
        [blob, 'a'],
        [parameters, 'a=b'],
      ] as const) {
        const signed = await expected({ method: 'POST', url: SQS, body: text }, ['eu-west-1', 'sqs'])
        const { headers } = await sign({ method: 'POST', url: SQS, body }, OPTIONS)
        expect(headers.authorization).toBe(signed.headers.authorization)
      }
      for (const body of [form, stream])
        await expect(sign({ method: 'POST', url: SQS, body: body as never }, OPTIONS)).rejects.toEqual(
          code('ERR_SIGV4_BODY_NOT_HASHABLE'),
        )
    },
  },
  'a body for S3': {
    async run(module) {
      const [request] = (await sendAs(module, [200], PHOTO, { method: 'PUT', body: 'a' })).sent
      return request!.headers.get('x-amz-content-sha256')
    },
    wrong: 'UNSIGNED-PAYLOAD',
    async right() {
      const [request] = (await sendSigned([200], PHOTO, { method: 'PUT', body: 'a' })).sent
      await expectSent(request!, 'eu-west-1/s3', ['content-type'])
      const signed = await expected({ method: 'PUT', url: PHOTO, body: 'a' }, ['eu-west-1', 's3'])
      expect(shown(await sign({ method: 'PUT', url: PHOTO, body: 'a' }, OPTIONS))).toEqual(shown(signed))
    },
  },
  '`cf-*`, `cookie`, `x-forwarded-*`, `x-request-id`, `accept-encoding`, and other headers that proxies change': {
    run: async ({ AwsClient }) => signedHeaders(await new AwsClient(KEYS).sign(SQS, { headers: PROXIED })),
    wrong: 'accept-encoding;cf-ray;cookie;host;x-a;x-amz-date;x-forwarded-for;x-request-id',
    async right() {
      const [request] = (await sendSigned([200], SQS, { headers: PROXIED })).sent
      await expectSent(request!, 'eu-west-1/sqs', ['x-a'])
      expect(request!.headers.get('x-forwarded-for')).toBe('a')
    },
  },
  'a presigned URL that is signed again': {
    async run({ AwsV4Signer }) {
      const { url } = await new AwsV4Signer({ ...KEYS, url: PHOTO, signQuery: true }).sign()
      return new AwsV4Signer({ ...KEYS, url, signQuery: true }).encodedSearch.includes('X-Amz-Signature')
    },
    wrong: true,
    async right() {
      const { url } = await presign('GET', PHOTO, OPTIONS)
      await expect(presign('GET', url, OPTIONS)).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
    },
  },
  'a header `X-Amz-Expires` with `signQuery`': {
    async run({ AwsClient }) {
      const init = { headers: { 'X-Amz-Expires': '60' }, aws: { signQuery: true } }
      const request = await new AwsClient(KEYS).sign(PHOTO, init)
      return [new URL(request.url).searchParams.get('X-Amz-Expires'), signedHeaders(request)]
    },
    wrong: ['86400', 'host;x-amz-expires'],
    async right() {
      const given = presign('GET', PHOTO, { ...OPTIONS, headers: { 'X-Amz-Expires': '60' } })
      await expect(given).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
      await expectLifetime(60)
    },
  },
  'an expiry outside 1 to 604800': {
    async run({ AwsClient }) {
      const expiries = []
      for (const expires of [0, 604_801]) {
        const { url } = await new AwsClient(KEYS).sign(`${PHOTO}?X-Amz-Expires=${expires}`, {
          aws: { signQuery: true },
        })
        expiries.push(new URL(url).searchParams.get('X-Amz-Expires'))
      }
      return expiries
    },
    wrong: ['0', '604801'],
    async right() {
      for (const expires of [0, 604_801])
        await expect(presign('GET', PHOTO, { ...OPTIONS, expires })).rejects.toEqual(code('ERR_SIGV4_EXPIRES_RANGE'))
      for (const expires of [1, 604_800]) await expectLifetime(expires)
    },
  },
  'a host whose last labels are not `service.region`': {
    run: ({ AwsClient }) =>
      Promise.all(
        [...HOSTS.map(([host]) => host), EXPRESS].map(async (host) =>
          scopeOf(await new AwsClient(KEYS).sign(`https://${host}/`)),
        ),
      ),
    wrong: [...HOSTS.map(([, wrong]) => wrong), 'eu-west-1/s3express-euw1-az1'],
    async right() {
      for (const [host, , scope] of HOSTS) await expectSigned(`https://${host}/`, scope)
      // the reference does not sign for S3 Express
      const { headers } = await sign({ url: `https://${EXPRESS}/` }, OPTIONS)
      expect(headers.authorization).toContain('/eu-west-1/s3express/aws4_request')
    },
  },
  'a host that does not identify a service': {
    run: async ({ AwsClient }) => scopeOf(await new AwsClient(KEYS).sign('https://localhost:9000/')),
    wrong: 'us-east-1/',
    right: () =>
      expect(sign({ url: 'https://localhost:9000/' }, OPTIONS)).rejects.toEqual(code('ERR_SIGV4_SCOPE_UNKNOWN')),
  },
  '`appendSessionToken` without `signQuery`': {
    async run({ AwsClient }) {
      const client = new AwsClient({ ...KEYS, sessionToken: TOKEN })
      const { headers } = await client.sign(SQS, { aws: { appendSessionToken: true } })
      return headers.get('x-amz-security-token')
    },
    wrong: null,
    async right() {
      const credentials = { ...KEYS, sessionToken: TOKEN }
      const { headers } = await sign({ url: SQS }, { ...OPTIONS, credentials, sessionTokenPlacement: 'appended' })
      const unsigned = await expected({ url: SQS }, ['eu-west-1', 'sqs'])
      expect(headers).toEqual({ ...unsigned.headers, 'x-amz-security-token': TOKEN })
    },
  },
  '`singleEncode` for S3': {
    run: ({ AwsV4Signer }) => new AwsV4Signer({ ...KEYS, url: `${PHOTO}%20b`, singleEncode: true }).encodedPath,
    wrong: '/cat.jpg b',
    async right() {
      const url = `${PHOTO}%20b`
      const signed = await expected({ url }, ['eu-west-1', 's3'])
      expect(shown(await sign({ url }, { ...OPTIONS, pathEncoding: 'single' }))).toEqual(shown(signed))
    },
  },
  'a parameter twice, for S3': {
    run: ({ AwsV4Signer }) => new AwsV4Signer({ ...KEYS, url: `${PHOTO}?a=1&a=2` }).encodedSearch,
    wrong: 'a=1',
    right: () => expectSigned(`${PHOTO}?a=1&a=2`, 'eu-west-1/s3'),
  },
  'a method in lowercase': {
    async run({ AwsClient, AwsV4Signer }) {
      const canonical = await new AwsV4Signer({ ...KEYS, url: SQS, method: 'patch' }).canonicalString()
      return [canonical.split('\n')[0], (await new AwsClient(KEYS).sign(SQS, { method: 'patch' })).method]
    },
    wrong: ['PATCH', 'patch'],
    async right() {
      const signed = await expected({ method: 'PATCH', url: SQS }, ['eu-west-1', 'sqs'])
      expect(shown(await sign({ method: 'patch', url: SQS }, OPTIONS))).toEqual(shown(signed))
      expect((await sendSigned([200], SQS, { method: 'patch' })).sent[0]!.method).toBe('PATCH')
    },
  },
  'a `datetime` that is not one': {
    run: async ({ AwsClient }) =>
      (await new AwsClient(KEYS).sign(SQS, { aws: { datetime: '2015-08-30' } })).headers.get('x-amz-date'),
    wrong: '2015-08-30',
    right: () =>
      expect(sign({ url: SQS }, { credentials: KEYS, now: new Date('today') })).rejects.toEqual(
        code('ERR_INVALID_ARG_VALUE'),
      ),
  },
  'empty credentials': {
    run: async ({ AwsClient }) =>
      (await new AwsClient({ ...KEYS, accessKeyId: '' }).sign(SQS)).headers.get('authorization')!.slice(0, 28),
    wrong: 'AWS4-HMAC-SHA256 Credential=',
    right: () =>
      expect(sign({ url: SQS }, { credentials: { ...KEYS, accessKeyId: '' } })).rejects.toEqual(
        code('ERR_SIGV4_CREDENTIALS_MISSING'),
      ),
  },
  'negative `retries`': {
    async run({ AwsClient }) {
      const client = new AwsClient({ ...KEYS, retries: -1 })
      return (await send((input, init) => client.fetch(input, init), [200])).end
    },
    wrong: 'An unknown error occurred, ensure retries is not negative',
    async right() {
      const create = () => createSignedFetch({ credentials: KEYS, retry: { attempts: 0 } })
      expect(create).toThrow(code('ERR_INVALID_ARG_VALUE'))
    },
  },
}

/** Checks that a URL with a lifetime is presigned as by the reference. */
async function expectLifetime(expires: number): Promise<void> {
  const given = { region: 'eu-west-1', service: 's3', credentials: KEYS, date: new Date(NOW), expires }
  const own = await presign('GET', PHOTO, { ...OPTIONS, expires })
  expect(shown(own)).toEqual(shown(await reference.presign({ method: 'GET', url: PHOTO }, given)))
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: NOW })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a bug of aws4fetch', () => {
  it('has a row in docs/migrating/from-aws4fetch.md, and the reverse', () => {
    expect(tableRows('Bugs that sigv4 does not have', 'migrating/from-aws4fetch.md')).toEqual(Object.keys(bugs))
  })

  it.each(Object.entries(bugs))('is in aws4fetch and its replacement, and not in sigv4: %s', async (_, bug) => {
    for (const [name, module] of MODULES) {
      vi.setSystemTime(NOW)
      expect(await bug.run(module), name).toEqual(bug.wrong)
      vi.unstubAllGlobals()
    }
    vi.setSystemTime(NOW)
    await bug.right()
  })
})
