import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS, json, runTimers, scripted, xml } from '../support/fetch.ts'

const SQS = 'https://sqs.eu-west-1.amazonaws.com/'
const DYNAMODB = 'https://dynamodb.eu-west-1.amazonaws.com/'
const STREAMS = 'https://streams.dynamodb.eu-west-1.amazonaws.com/'
const POST = { method: 'POST', body: '{}' }
const RESET = new TypeError('fetch failed')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Sends a request; returns the status or error, the waits, and the milliseconds that passed. */
async function run(steps: Parameters<typeof scripted>[0], url = SQS, init: RequestInit = POST, options = {}) {
  const { signedFetch, sent, attempts } = scripted(steps, options)
  const [result, ms] = await runTimers(signedFetch(url, init))
  const waits = attempts.slice(0, -1).map(([, wait]) => wait)
  expect(ms).toBe(waits.reduce((sum, wait) => sum + wait, 0))
  expect(attempts.at(-1)).toEqual([undefined, 0])
  return {
    end: result.status === 'fulfilled' ? result.value.status : result.reason,
    count: sent.length,
    waits,
    reasons: attempts.slice(0, -1).map(([reason]) => reason),
  }
}

describe('a retry', () => {
  it.each([408, 500, 502, 503, 504])('follows status %i after 50 and 100 ms', async (status) => {
    expect(await run([status, status, 200])).toMatchObject({ end: 200, count: 3, waits: [50, 100] })
    expect(await run([status, status, status])).toMatchObject({ end: status, count: 3 })
  })

  it.each([
    ['status 429', () => new Response(null, { status: 429 })],
    ...['BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException', 'PriorRequestNotComplete']
      .concat('ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'RequestThrottled')
      .concat('RequestThrottledException', 'SlowDown', 'ThrottledException', 'Throttling', 'ThrottlingException')
      .concat('TooManyRequestsException', 'TransactionInProgressException')
      .map((code) => [code, () => json(400, code)] as const),
    ['SlowDown in XML', () => xml(503, 'SlowDown')],
  ] as const)('of throttling follows %s after 1 and 2 s', async (_, response) => {
    expect(await run([response, response, 200])).toMatchObject({
      end: 200,
      waits: [1000, 2000],
      reasons: ['throttling', 'throttling'],
    })
  })

  it.each(['RequestTimeout', 'RequestTimeoutException'])('follows code %s', async (code) => {
    expect(await run([() => xml(400, code), 200])).toMatchObject({ end: 200, waits: [50] })
  })

  it('follows an expired signature, but no other invalid one', async () => {
    const expired = () =>
      new Response('{"__type":"InvalidSignatureException","message":"Signature expired: …"}', { status: 400 })
    expect(await run([expired, 200])).toMatchObject({ end: 200, count: 2 })
    expect(await run([() => json(400, 'InvalidSignatureException')])).toMatchObject({ end: 400, count: 1 })
  })

  it.each([200, 301, 304, 400, 401, 403, 404, 409, 412, 501, 505])('does not follow status %i', async (status) => {
    expect(await run([status])).toMatchObject({ end: status, count: 1 })
  })

  it.each(['AccountLimitExceededException', 'AccessDenied', 'ValidationException'])(
    'does not follow code %s',
    async (code) => {
      expect(await run([() => json(400, code)])).toMatchObject({ end: 400, count: 1 })
    },
  )

  it('of DynamoDB and its Streams is one of three, after 25 ms', async () => {
    for (const url of [DYNAMODB, STREAMS]) {
      expect(await run([500, 500, 500, 500], url)).toMatchObject({ end: 500, count: 4, waits: [25, 50, 100] })
      const slow = () => json(400, 'ProvisionedThroughputExceededException')
      expect(await run([slow, slow, slow, 200], url)).toMatchObject({ end: 200, waits: [1000, 2000, 4000] })
    }
  })

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('follows a network error of %s', async (method) => {
    expect(await run([RESET, RESET, 200], SQS, { method })).toMatchObject({ end: 200, waits: [50, 100] })
    expect(await run([RESET, RESET, RESET], SQS, { method })).toMatchObject({ end: RESET, count: 3 })
  })

  it.each(['POST', 'PATCH'])(
    'does not follow a network error of %s, which the service may have processed',
    async (method) => {
      expect(await run([RESET], SQS, { method })).toMatchObject({ end: RESET, count: 1 })
      expect(await run([RESET, 200], SQS, { method }, { retry: { unsafe: true } })).toMatchObject({
        end: 200,
        count: 2,
      })
    },
  )

  it('waits up to baseDelay first, except after throttling', async () => {
    const retry = { baseDelay: '8ms' }
    expect(await run([500, 500, 200], SQS, POST, { retry })).toMatchObject({ end: 200, waits: [8, 16] })
    expect(await run([500, 200], DYNAMODB, POST, { retry })).toMatchObject({ waits: [8] })
    expect(await run([429, 200], SQS, POST, { retry })).toMatchObject({ waits: [1000] })
    const create = () => createSignedFetch({ credentials: CREDENTIALS, retry: { baseDelay: '-1ms' } })
    expect(create).toThrow("options.retry.baseDelay is out of range. Pass a number and its unit, such as '50ms'.")
  })

  it('waits up to 20 s', async () => {
    const { waits } = await run([...Array(11).fill(500), 200], SQS, POST, { retry: { attempts: 12 } })
    expect(waits.slice(-3)).toEqual([12_800, 20_000, 20_000])
  })

  it('waits for a random part of the delay', async () => {
    vi.mocked(Math.random).mockReturnValue(0.5)
    expect(await run([500, 500, 200])).toMatchObject({ waits: [25, 50] })
  })

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '60' }, 5050],
    [{ 'x-amz-retry-after': '1500' }, 1500],
    [{ 'x-amz-retry-after': '20' }, 50],
    [{ 'x-amz-retry-after': '700', 'retry-after': '3' }, 700],
    [{ 'retry-after': 'soon' }, 50],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:03 GMT' }, 3000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 50],
  ])('with %o waits %i ms', async (headers, wait) => {
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
    expect(await run([() => new Response(null, { status: 503, headers }), 200])).toMatchObject({
      end: 200,
      waits: [wait],
    })
  })

  it('is not made with retry: false', async () => {
    expect(await run([500], SQS, POST, { retry: false })).toMatchObject({ end: 500, count: 1 })
    expect(await run([RESET], SQS, {}, { retry: false })).toMatchObject({ end: RESET, count: 1 })
  })

  it('is signed again, with the same body and the whole init', async () => {
    const dispatcher = {}
    const init = { ...POST, keepalive: true, dispatcher, cf: { cacheTtl: 5 } }
    const { signedFetch, sent } = scripted([429, 200])
    await runTimers(signedFetch(`${SQS}#part`, init as RequestInit))
    const dates = sent.map((each) => each.init.headers['x-amz-date'])
    expect(new Set(dates).size).toBe(2)
    for (const { url, init } of sent) {
      expect(url).toBe(SQS)
      expect(init).toMatchObject({
        method: 'POST',
        keepalive: true,
        dispatcher,
        cf: { cacheTtl: 5 },
        redirect: 'manual',
      })
      expect(init).not.toHaveProperty('aws')
      expect(await new Response(init.body).text()).toBe('{}')
    }
  })
})

describe('the budget of all requests', () => {
  it('allows 35 retries, and is given back by success', async () => {
    let status = 500
    const { signedFetch, attempts } = scripted([], { fetch: async () => new Response(null, { status }) })
    for (let i = 0; i < 20; i++) await runTimers(signedFetch(SQS, POST))
    expect(attempts.filter(([reason]) => reason)).toHaveLength(35)
    status = 200
    for (let i = 0; i < 4; i++) await signedFetch(SQS) // 10 tokens are left, 14 are enough for a retry
    status = 500
    await runTimers(signedFetch(SQS, POST))
    expect(attempts.filter(([reason]) => reason)).toHaveLength(36)
  })

  it('allows 100 retries of throttled requests', async () => {
    const { signedFetch, attempts } = scripted([], { fetch: async () => new Response(null, { status: 429 }) })
    for (let i = 0; i < 60; i++) await runTimers(signedFetch(SQS, POST))
    expect(attempts.filter(([reason]) => reason)).toHaveLength(100)
  })
})

describe('a signal', () => {
  it('that is aborted before the request prevents it', async () => {
    const { signedFetch, sent } = scripted([])
    const reason = new Error('stopped')
    await expect(signedFetch(SQS, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(signedFetch(new Request(SQS, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect(sent).toEqual([])
  })

  it('ends the wait for a retry, which is not made', async () => {
    const controller = new AbortController()
    const { signedFetch, sent } = scripted([429], { onAttempt: () => setTimeout(() => controller.abort(), 300) })
    const [result, ms] = await runTimers(signedFetch(SQS, { signal: controller.signal }))
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    expect([ms, sent.length]).toEqual([300, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends the wait for credentials', async () => {
    const controller = new AbortController()
    const { signedFetch, sent } = scripted([], { credentials: () => new Promise(() => undefined) })
    const response = signedFetch(SQS, { signal: controller.signal })
    controller.abort()
    await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    expect(sent).toEqual([])
  })

  it.each(['AbortError', 'TimeoutError'])('of the given fetch ends the request: %s', async (name) => {
    const error = new DOMException('stopped', name)
    expect(await run([error], SQS, { method: 'GET' })).toMatchObject({ end: error, count: 1 })
  })
})

describe('a response', () => {
  it('is returned unread, and those before it are discarded', async () => {
    const cancelled: number[] = []
    const broken = (status: number) =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(50_000).fill(97)),
          cancel: () => void cancelled.push(status),
        }),
        { status },
      )
    const { signedFetch } = scripted([broken(500), xml(404, 'NoSuchKey')])
    const [result] = await runTimers(signedFetch(SQS))
    const { value } = result as PromiseFulfilledResult<Response>
    expect(value.bodyUsed).toBe(false)
    expect(await value.text()).toContain('NoSuchKey')
    expect(cancelled).toEqual([500])
  })

  it.each([
    [json(401, 'ThrottlingException'), 'ThrottlingException'],
    [new Response(null, { status: 400, headers: { 'x-amzn-errortype': 'Slow:http://internal.example/' } }), 'Slow'],
    [new Response(null, { status: 400, headers: { 'x-amzn-errortype': 'com.aws#Slow' } }), 'Slow'],
    [new Response('{"code":"Plain"}', { status: 403 }), 'Plain'],
    [xml(403, 'AccessDenied'), 'AccessDenied'],
    [new Response(`${'a'.repeat(70_000)}<Code>TooLate</Code>`, { status: 400 }), undefined],
    [new Response(`<Error>${' '.repeat(70_000)}<Code>TooLate</Code></Error>`, { status: 400 }), undefined],
  ])('reports its error code: %#', async (response, code) => {
    const codes: (string | undefined)[] = []
    const { signedFetch } = scripted([response], { retry: false, onAttempt: (attempt) => codes.push(attempt.code) })
    const [result] = await runTimers(signedFetch(SQS))
    expect(codes).toEqual([code])
    expect((result as PromiseFulfilledResult<Response>).value).toBe(response)
  })
})

describe('the body of an error', () => {
  /** A response whose body starts, and then neither continues nor ends. */
  const stalled = (status: number, start = '<Error><Code>Slo') => {
    const cancelled: number[] = []
    const body = new ReadableStream({
      start: (controller) => (start ? controller.enqueue(new TextEncoder().encode(start)) : undefined),
      cancel: () => void cancelled.push(status),
    })
    return { response: new Response(body, { status }), cancelled }
  }

  it.each([408, 429, 500, 502, 503, 504])(
    'that stalls is not waited for if the status is a reason to retry: %i',
    async (status) => {
      const first = stalled(status)
      const { signedFetch, attempts } = scripted([first.response, 200])
      const [result, ms] = await runTimers(signedFetch(SQS))
      expect(result).toMatchObject({ status: 'fulfilled', value: { status: 200 } })
      const reason = status === 429 ? 'throttling' : 'transient'
      const wait = status === 429 ? 1000 : 50
      expect(attempts).toEqual([
        [reason, wait],
        [undefined, 0],
      ])
      expect(ms).toBeLessThanOrEqual(wait + 100)
      expect(first.cancelled).toEqual([status])
    },
    3000,
  )

  it.each([400, 403, 501])(
    'that stalls is returned to the caller after 5 s, with status %i',
    async (status) => {
      for (const start of ['', '{"__type":"Thrott']) {
        const { response } = stalled(status, start)
        const { signedFetch, attempts } = scripted([response])
        const [result, ms] = await runTimers(signedFetch(SQS))
        const { value } = result as PromiseFulfilledResult<Response>
        expect([value, ms]).toEqual([response, 5000])
        expect(attempts).toEqual([[undefined, 0]])
        expect(value.bodyUsed).toBe(false)
        if (start) expect(new TextDecoder().decode((await value.body!.getReader().read()).value)).toBe(start)
      }
      expect(vi.getTimerCount()).toBe(0)
    },
    3000,
  )

  it('that arrives late decides how long a retry waits', async () => {
    const body = new ReadableStream({
      start(controller) {
        setTimeout(() => {
          controller.enqueue(new TextEncoder().encode('<Error><Code>SlowDown</Code></Error>'))
          controller.close()
        }, 90)
      },
    })
    const { signedFetch, attempts } = scripted([new Response(body, { status: 503 }), 200])
    await runTimers(signedFetch(SQS))
    expect(attempts[0]).toEqual(['throttling', 1000])
  })

  it.each([
    [
      '{"__type":"ValidationException","message":"the value <Code>SlowDown</Code> is not valid"}',
      'ValidationException',
    ],
    ['{"detail":{"code":"SlowDown"},"__type":"ValidationException"}', 'ValidationException'],
    ['{"message":"<Error><Code>SlowDown</Code></Error>"}', undefined],
    ['the code is "code":"SlowDown" or <Code>SlowDown</Code>', undefined],
    ['<Error><Code>AccessDenied</Code><Message>{"__type":"SlowDown"}</Message></Error>', 'AccessDenied'],
    ['<Error><Message>{"code":"SlowDown"}</Message></Error>', undefined],
  ])('that only quotes a code is not repeated: %s', async (text, code) => {
    const codes: (string | undefined)[] = []
    const onAttempt = (attempt: { code: string | undefined }) => codes.push(attempt.code)
    const { signedFetch } = scripted([() => new Response(text, { status: 400 })], { onAttempt })
    const [result] = await runTimers(signedFetch(DYNAMODB, POST))
    expect(result).toMatchObject({ status: 'fulfilled', value: { status: 400 } })
    expect(codes).toEqual([code])
  })
})

describe('onAttempt', () => {
  it('receives no secret', async () => {
    const seen: unknown[] = []
    const { signedFetch } = scripted([RESET, 200], {
      credentials: { ...CREDENTIALS, sessionToken: 'the-session-token' },
      onAttempt: (attempt) => seen.push(attempt),
    })
    await runTimers(signedFetch(`${SQS}?token=hidden`, { headers: { 'x-key': 'hidden' } }))
    expect(seen).toEqual([
      {
        attempt: 1,
        method: 'GET',
        url: SQS,
        status: undefined,
        code: undefined,
        error: RESET,
        retry: 'network',
        wait: 50,
      },
      {
        attempt: 2,
        method: 'GET',
        url: SQS,
        status: 200,
        code: undefined,
        error: undefined,
        retry: undefined,
        wait: 0,
      },
    ])
    expect(JSON.stringify(seen)).not.toMatch(/hidden|session|Signature/)
  })
})

describe('an option', () => {
  const create = (options: object) => () => createSignedFetch({ credentials: CREDENTIALS, ...options } as never)
  it('that is invalid is rejected', () => {
    expect(create({ credentials: undefined })).toThrow('options.credentials.accessKeyId is missing.')
    expect(create({ credentials: { ...CREDENTIALS, secretAccessKey: '' } })).toThrow('secretAccessKey is missing')
    expect(create({ fetch: 'a' })).toThrow('options.fetch has the wrong type.')
    expect(create({ onAttempt: 'a' })).toThrow('options.onAttempt has the wrong type.')
    for (const attempts of [0, -1, Number.NaN])
      expect(create({ retry: { attempts } })).toThrow('options.retry.attempts is out of range. Pass 1 or more.')
    for (const maxBufferedBytes of [-1, Number.NaN])
      expect(create({ maxBufferedBytes })).toThrow('options.maxBufferedBytes is out of range. Pass 0 or more.')
    expect(create({ onAtempt: () => undefined })).toThrow(
      'options.onAtempt is unknown. Allowed: credentials, fetch, retry',
    )
    expect(create({ retry: { attemps: 5 } })).toThrow(
      'options.retry.attemps is unknown. Allowed: attempts, baseDelay, unsafe.',
    )
    expect(create({ retry: 5 })).toThrow('options.retry has the wrong type.')
    expect(() => createSignedFetch(CREDENTIALS as never)).toThrow('options has the wrong type.')
  })

  it.each([
    ['retry.attempts', { retry: { attempts: '3' } }],
    ['retry.attempts', { retry: { attempts: 'a' } }],
    ['retry.attempts', { retry: { attempts: null } }],
    ['retry.attempts', { retry: { attempts: [3] } }],
    ['retry.baseDelay', { retry: { baseDelay: 50 } }],
    ['retry.baseDelay', { retry: { baseDelay: true } }],
    ['retry.unsafe', { retry: { unsafe: 'false' } }],
    ['retry.unsafe', { retry: { unsafe: 0 } }],
    ['retry', { retry: true }],
    ['maxBufferedBytes', { maxBufferedBytes: '16 MiB' }],
    ['maxBufferedBytes', { maxBufferedBytes: '16' }],
    ['clockSkewCorrection', { clockSkewCorrection: 'false' }],
    ['followRegion', { followRegion: 'no' }],
  ])('of the wrong type is a TypeError: %s, %j', (name, options) => {
    expect(create(options)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', argument: `options.${name}` }),
    )
  })

  it('of a request replaces the one of all requests, except for credentials', async () => {
    const { signedFetch, sent } = scripted([200], { region: 'us-east-1', service: 'sqs' })
    await signedFetch('https://localhost/', { aws: { region: 'eu-west-2' } })
    expect(sent[0]!.init.headers.authorization).toContain('/eu-west-2/sqs/aws4_request')
    await expect(signedFetch(SQS, { aws: { credentials: CREDENTIALS } as never })).rejects.toThrow(
      'init.aws.credentials cannot be used here. Pass it to createSignedFetch.',
    )
    await expect(signedFetch(SQS, { aws: { colour: 1 } as never })).rejects.toThrow('options.colour is unknown')
  })

  it('is not guessed', async () => {
    const { signedFetch, sent } = scripted([])
    await expect(signedFetch('https://localhost/')).rejects.toMatchObject({ code: 'ERR_SIGV4_SCOPE_UNKNOWN' })
    expect(sent).toEqual([])
  })
})
