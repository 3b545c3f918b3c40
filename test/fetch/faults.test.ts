import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ServeOptions, serve } from '../../packages/sigv4-tools/src/serve.ts'
import { createSignedFetch, type SignedFetchOptions } from '../../src/fetch.ts'
import { type Fault, startFaultProxy } from '../support/fault-proxy.ts'
import { CREDENTIALS, listen, TEMPORARY } from '../support/fetch.ts'

// The signed fetch against a server and a connection that fail. The clock is faked, and waits take no time.

const HOUR = 3_600_000
const OBJECT = '/photos/cat.jpg'
const START = Date.UTC(2026, 0)

/** The wait that an attempt announced, which is skipped. */
let announced: number | undefined
const closing: (() => Promise<unknown>)[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  vi.spyOn(Math, 'random').mockReturnValue(1)
  const wait = globalThis.setTimeout
  const skip = (callback: () => void, milliseconds?: number) => {
    if (milliseconds === undefined || milliseconds !== announced) return wait(callback, milliseconds)
    announced = undefined
    return setImmediate(() => {
      vi.setSystemTime(Date.now() + milliseconds)
      callback()
    })
  }
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(skip as typeof setTimeout)
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  for (const close of closing.splice(0)) await close()
})

/** Starts a server, a proxy in front of it, and a signed fetch for that. */
async function start(
  faults: ServeOptions & { connection?: readonly (Fault | undefined)[] } = {},
  options: Partial<SignedFetchOptions> = {},
) {
  const { connection = [], ...serving } = faults
  /** The requests that the server responded to, such as `PUT 200`. */
  const served: string[] = []
  const log = (line: string) => {
    const [, status, method] = line.split(/ {2,}/)
    served.push(`${method} ${status}`)
  }
  const server = await serve({ credentials: CREDENTIALS, now: () => Date.now(), log, ...serving })
  const proxy = await startFaultProxy(server.port, connection)
  closing.push(proxy.close, server.close)
  /** The attempts: status or error, code, and if there is another one, its reason and the wait for it. */
  const attempts: string[] = []
  const signedFetch = createSignedFetch({
    credentials: CREDENTIALS,
    region: 'us-east-1',
    service: 's3',
    onAttempt: ({ status, code, retry, wait }) => {
      attempts.push([status ?? 'error', code, retry && `${retry} ${wait}`].filter(Boolean).join(' '))
      announced = wait || undefined
    },
    ...options,
  })
  const send = (method: string, path = OBJECT, init: RequestInit = method === 'PUT' ? { body: 'a cat' } : {}) =>
    signedFetch(proxy.url + path, { method, ...init })
  /** What the server has stored, read without faults. */
  const stored = async (path = OBJECT) => {
    const direct = createSignedFetch({ credentials: CREDENTIALS, region: 'us-east-1', service: 's3' })
    return (await direct(server.url + path)).text()
  }
  return { send, signedFetch, attempts, served, stored, server, proxy }
}

/** A body that can only be read once, which is not hashed. */
function stream(text = 'a cat'): RequestInit {
  const init = { body: new Blob([text]).stream(), headers: { 'content-length': String(text.length) }, duplex: 'half' }
  return { ...init, aws: { payloadHash: 'UNSIGNED-PAYLOAD' } } as RequestInit
}

describe('a clock that is wrong', () => {
  it.each([HOUR, -HOUR])('by %i ms costs one request, and no time', async (skew) => {
    const { send, attempts, served, stored } = await start({ skew: `${skew}ms` })
    expect((await send('PUT')).status).toBe(200)
    expect((await send('POST', `${OBJECT}?uploads`)).status).toBe(200)
    expect(attempts).toEqual(['403 RequestTimeTooSkewed clock 0', '200', '200'])
    expect(served).toEqual(['PUT 403', 'PUT 200', 'POST 200'])
    expect(Date.now()).toBe(START)
    expect(await stored()).toBe('a cat')
  })

  it('is reported by the response if it is not corrected', async () => {
    const { send, attempts } = await start({ skew: '1h' }, { clockSkewCorrection: false })
    expect((await send('PUT')).status).toBe(403)
    expect(attempts).toEqual(['403 RequestTimeTooSkewed'])
  })

  it('is also corrected if it changes, while credentials are refreshed', async () => {
    let fast = HOUR
    const { credentials } = tokens()
    const { send, attempts } = await start({ now: () => Date.now() + fast, expireToken: '1m' }, { credentials })
    expect((await send('GET', '/')).status).toBe(200)
    fast = -HOUR
    expect((await send('GET', '/')).status).toBe(200)
    vi.setSystemTime(START + 3 * HOUR) // two hours of the server, whose clock went back
    expect((await send('GET', '/')).status).toBe(200)
    expect(attempts).toEqual([
      '403 RequestTimeTooSkewed clock 0',
      '200',
      '403 RequestTimeTooSkewed clock 0',
      '200',
      '400 ExpiredToken credentials 0',
      '200',
    ])
  })
})

/** Credentials whose session token is a new one each time. */
function tokens() {
  let calls = 0
  const provider = vi.fn(async (_?: { readonly forceRefresh?: boolean }) => ({
    ...CREDENTIALS,
    sessionToken: `token-${++calls}`,
    expiration: new Date(Date.now() + 24 * HOUR),
  }))
  return { credentials: provider, provider }
}

describe('a server that fails', () => {
  it.each(['PUT', 'POST', 'GET'])('is sent %s up to three times, after 50 and 100 ms', async (method) => {
    const { send, attempts, served } = await start({ failRate: 0.75 })
    const path = method === 'POST' ? `${OBJECT}?uploads` : method === 'GET' ? '/' : OBJECT
    const failed = await send(method, path)
    expect([failed.status, await failed.text()]).toEqual([500, expect.stringContaining('<Code>InternalError</Code>')])
    expect(attempts).toEqual([
      '500 InternalError transient 50',
      '503 ServiceUnavailable transient 100',
      '500 InternalError',
    ])
    expect(Date.now() - START).toBe(150)
    expect((await send(method, path)).status).toBe(200)
    expect(served).toEqual([500, 503, 500, 200].map((status) => `${method} ${status}`))
  })

  it('does nothing twice if an attempt succeeds', async () => {
    const { send, attempts, served } = await start({ failRate: 2 / 3 })
    const created = await send('POST', `${OBJECT}?uploads`)
    expect([created.status, attempts.length]).toEqual([200, 3])
    expect(served).toEqual(['POST 500', 'POST 503', 'POST 200'])
  })

  it('for a long time is sent each request once, when the budget of 500 is used up', async () => {
    const { send, served } = await start({ failRate: 1 })
    const sent: number[] = []
    for (let i = 0; i < 20; i++) {
      await send('PUT')
      sent.push(served.length)
    }
    // 17 requests with two retries of 14, one with one retry, and two
    expect(sent).toEqual([...Array.from({ length: 17 }, (_, i) => 3 * (i + 1)), 53, 54, 55])
  })

  it('because of too many requests is sent another one after 1 s', async () => {
    const { send, attempts } = await start({ throttle: 1 })
    expect((await send('PUT')).status).toBe(200)
    expect((await send('PUT')).status).toBe(200)
    expect(attempts).toEqual(['200', '503 SlowDown throttling 1000', '200'])
    expect(Date.now() - START).toBe(1000)
  })

  it('because of too many requests is sent three in 3 s at most', async () => {
    const { send, attempts } = await start({ throttle: 1, now: () => START })
    await send('PUT')
    expect((await send('PUT')).status).toBe(503)
    expect(attempts).toEqual(['200', '503 SlowDown throttling 1000', '503 SlowDown throttling 2000', '503 SlowDown'])
    expect(Date.now() - START).toBe(3000)
  })

  it('with status 429 is sent another request after 1 s, or after the time that it requests', async () => {
    for (const [headers, expected] of [
      [{}, 1000],
      [{ 'retry-after': '3' }, 3000],
    ] as const) {
      const statuses = [429, 200]
      const server = await listen(() => [statuses.shift()!, { ...headers, date: new Date().toUTCString() }])
      closing.push(server.close)
      const { signedFetch, attempts } = await start()
      const { status } = await signedFetch(`${server.url}/`, { method: 'POST', body: '{}' })
      expect([status, attempts]).toEqual([200, [`429 throttling ${expected}`, '200']])
      expect(server.received.map(({ body, verified }) => [String(body), verified])).toEqual([
        ['{}', true],
        ['{}', true],
      ])
    }
  })
})

describe('a connection that is reset', () => {
  const large = { body: 'x'.repeat(1_000_000) }
  const points: [fault: Fault, method: string, init: RequestInit][] = [
    ['reset at once', 'GET', {}],
    ['reset at once', 'PUT', large],
    ['reset in the body', 'PUT', large],
    ['reset after it', 'PUT', large],
    ['reset after it', 'DELETE', {}],
    ['reset after it', 'HEAD', {}],
    ['reset in the status', 'GET', {}],
    ['reset in the status', 'PUT', large],
  ]

  const reachesServer = (fault: Fault) => fault === 'reset after it' || fault === 'reset in the status'

  it.each(points)('%s: %s is sent again, after 50 and 100 ms', async (fault, method, init) => {
    const { send, attempts, served, stored, proxy } = await start({ connection: [undefined, fault, fault] })
    await send('PUT')
    const response = await send(method, OBJECT, init)
    expect([response.status, attempts]).toEqual([
      method === 'DELETE' ? 204 : 200,
      ['200', 'error network 50', 'error network 100', String(method === 'DELETE' ? 204 : 200)],
    ])
    expect(Date.now() - START).toBe(150)
    expect(proxy.requests()).toBe(4)
    const ended = `${method} ${response.status}`
    expect(served.slice(1).filter((each) => each === ended)).toHaveLength(reachesServer(fault) ? 3 : 1)
    if (method === 'PUT') expect(await stored()).toBe(large.body)
  })

  it.each(points)('%s, three times: %s rejects with the error of fetch', async (fault, method, init) => {
    const { send, attempts, proxy } = await start({ connection: [fault, fault, fault] })
    await expect(send(method, OBJECT, init)).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    expect(attempts).toEqual(['error network 50', 'error network 100', 'error'])
    expect(proxy.requests()).toBe(3)
  })

  it.each(['reset at once', 'reset after it', 'reset in the status'] as const)(
    '%s: POST is sent once',
    async (fault) => {
      const { send, attempts, served, proxy } = await start({ connection: [undefined, fault] })
      await send('PUT')
      await expect(send('POST', `${OBJECT}?uploads`)).rejects.toMatchObject({ cause: { code: /ECONNRESET|UND_ERR/ } })
      expect(attempts).toEqual(['200', 'error'])
      expect(proxy.requests()).toBe(2)
      expect(served).toEqual(reachesServer(fault) ? ['PUT 200', 'POST 200'] : ['PUT 200'])
    },
  )

  it('is repeated for POST with the option, and then an upload is created twice', async () => {
    const retry = { unsafe: true }
    const { send, served, stored } = await start({ connection: [undefined, 'reset after it'] }, { retry })
    await send('PUT')
    expect((await send('POST', `${OBJECT}?uploads`)).status).toBe(200)
    expect(served).toEqual(['PUT 200', 'POST 200', 'POST 200'])
    expect((await stored('/photos?uploads')).match(/<UploadId>/g)).toHaveLength(2)
  })

  it('in the response is left to the caller, and the request is not repeated', async () => {
    const { send, attempts, served } = await start({ connection: [undefined, 'reset in the response'] })
    await send('PUT', OBJECT, large)
    const response = await send('GET')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
    expect([attempts, served]).toEqual([
      ['200', '200'],
      ['PUT 200', 'GET 200'],
    ])
  })

  it('in the body of an error is repeated because of its status', async () => {
    const { send, attempts } = await start({ connection: ['reset in the response'], failRate: 0.5 })
    expect((await send('POST', `${OBJECT}?uploads`)).status).toBe(200)
    expect(attempts).toEqual(['500 transient 50', '200'])
  })
})

describe('a response that takes long', () => {
  it.each(['GET', 'PUT', 'POST'])('ends with the signal, and %s is sent once', async (method) => {
    const { send, attempts, proxy } = await start({ connection: ['stall'] })
    const controller = new AbortController()
    const promise = send(method, OBJECT, { signal: controller.signal })
    while (!proxy.requests()) await new Promise((resolve) => setImmediate(resolve))
    const reason = new Error('stopped')
    controller.abort(reason)
    await expect(promise).rejects.toBe(reason)
    expect(attempts).toEqual(['error'])
    expect(proxy.requests()).toBe(1)
  })

  it('ends with the signal of a Request, also in the body of an error', async () => {
    const { signedFetch, proxy } = await start({ connection: ['stall', 'stall in the response'], failRate: 1 })
    for (const count of [1, 2]) {
      const controller = new AbortController()
      const promise = signedFetch(new Request(proxy.url + OBJECT, { signal: controller.signal }))
      while (proxy.requests() < count) await sleep(1)
      await sleep(50) // the response has begun
      const reason = new Error('stopped')
      controller.abort(reason)
      await expect(promise).rejects.toBe(reason)
      expect(proxy.requests()).toBe(count)
    }
  })

  it('ends with the timeout of a signal', async () => {
    const { send, attempts, proxy } = await start({ connection: ['stall'] })
    const signal = AbortSignal.timeout(50)
    await expect(send('PUT', OBJECT, { body: 'a cat', signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect([attempts, proxy.requests()]).toEqual([['error'], 1])
  })
})

describe('a wait', () => {
  it('ends with the signal at once, and the request is not sent again', async () => {
    const controller = new AbortController()
    const onAttempt = () => setImmediate(() => controller.abort())
    const { send, served } = await start({ failRate: 1 }, { onAttempt })
    vi.mocked(Math.random).mockReturnValue(40) // two seconds, which are not skipped
    const before = performance.now()
    const promise = send('PUT', OBJECT, { body: 'a cat', signal: controller.signal })
    await expect(promise).rejects.toMatchObject({ name: 'AbortError' })
    expect(performance.now() - before).toBeLessThan(1900)
    await sleep(2100 - (performance.now() - before))
    expect(served).toEqual(['PUT 500'])
  })
})

describe('a session token that has expired', () => {
  it('is replaced, and the request is signed again at once', async () => {
    const { credentials, provider } = tokens()
    const { send, attempts, served, stored } = await start({ expireToken: '1m' }, { credentials })
    await send('PUT')
    vi.setSystemTime(START + 60_000)
    expect((await send('PUT', OBJECT, { body: 'another cat' })).status).toBe(200)
    expect(attempts).toEqual(['200', '400 ExpiredToken credentials 0', '200'])
    expect(served).toEqual(['PUT 200', 'PUT 400', 'PUT 200'])
    expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
    expect(await stored()).toBe('another cat')
  })

  it('is replaced once for 100 requests at once', async () => {
    const { credentials, provider } = tokens()
    const { send, served } = await start({ expireToken: '1m' }, { credentials })
    await send('PUT')
    vi.setSystemTime(START + 60_000)
    const responses = await Promise.all(Array.from({ length: 100 }, () => send('POST', `${OBJECT}?uploads`)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    expect(provider).toHaveBeenCalledTimes(2)
    expect(served.filter((each) => each === 'POST 200')).toHaveLength(100) // no upload was created twice
  })

  it('is sent twice at most', async () => {
    const provider = vi.fn(async () => TEMPORARY)
    const { send, attempts } = await start(
      { expireToken: '1m', credentials: () => CREDENTIALS.secretAccessKey },
      { credentials: provider },
    )
    await send('GET', '/')
    vi.setSystemTime(START + 60_000)
    expect((await send('GET', '/')).status).toBe(400)
    expect(attempts).toEqual(['200', '400 ExpiredToken credentials 0', '400 ExpiredToken'])
  })

  it('of an object is sent once', async () => {
    const credentials = { ...CREDENTIALS, sessionToken: 'the-only-one' }
    const { send, attempts } = await start({ expireToken: '1m' }, { credentials })
    await send('GET', '/')
    vi.setSystemTime(START + 60_000)
    expect((await send('GET', '/')).status).toBe(400)
    expect(attempts).toEqual(['200', '400 ExpiredToken'])
  })
})

describe('a bucket in a different region', () => {
  it.each([
    [301, 'PermanentRedirect', { redirectRegion: 'eu-west-1' }],
    [400, 'AuthorizationHeaderMalformed', { region: 'eu-west-1' }],
  ])('is found by status %i, for one more request', async (status, code, options) => {
    const { send, attempts, served } = await start(options)
    expect((await send('PUT')).status).toBe(200)
    expect((await send('HEAD')).status).toBe(200)
    expect(attempts).toEqual([`${status} ${code} region 0`, '200', `${status} region 0`, '200'])
    expect(served).toEqual([`PUT ${status}`, 'PUT 200', `HEAD ${status}`, 'HEAD 200'])
    expect(Date.now()).toBe(START)
  })
})

describe('a stream that cannot be repeated', () => {
  const once: [what: string, faults: Parameters<typeof start>[0], attempt: string][] = [
    ['an error', { failRate: 1 }, '500 InternalError'],
    ['a wrong clock', { skew: '1h' }, '403 RequestTimeTooSkewed'],
    ['a different region', { redirectRegion: 'eu-west-1' }, '301 PermanentRedirect'],
    ['a reset', { connection: ['reset at once'] }, 'error'],
    ['a reset in the body', { connection: ['reset in the body'] }, 'error'],
    ['a reset after it', { connection: ['reset after it'] }, 'error'],
  ]

  it.each(once)('is sent once, in spite of %s', async (_, faults, attempt) => {
    const { send, attempts, proxy } = await start(faults)
    const result = await send('PUT', OBJECT, stream('x'.repeat(100_000))).catch((error: Error) => error.message)
    expect(result instanceof Response ? String(result.status) : result).toBe(
      attempt === 'error' ? 'fetch failed' : attempt.slice(0, 3),
    )
    expect([attempts, proxy.requests()]).toEqual([[attempt], 1])
  })

  it('is sent once with a token that has expired, and the next one with a new token', async () => {
    const { credentials, provider } = tokens()
    const { send, attempts } = await start({ expireToken: '1m' }, { credentials })
    await send('PUT')
    vi.setSystemTime(START + 60_000)
    expect((await send('PUT', OBJECT, stream())).status).toBe(400)
    expect((await send('PUT', OBJECT, stream())).status).toBe(200)
    expect(attempts).toEqual(['200', '400 ExpiredToken', '200'])
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('teaches the time of the server to the next request', async () => {
    const { send, attempts } = await start({ skew: '1h' })
    await send('PUT', OBJECT, stream())
    expect((await send('PUT', OBJECT, stream())).status).toBe(200)
    expect(attempts).toEqual(['403 RequestTimeTooSkewed', '200'])
  })

  it('is repeated if it is read first, because its hash is not given', async () => {
    const connection: Fault[] = ['reset in the body']
    const { send, attempts, stored } = await start({ connection, failRate: 0.5 })
    const body = new Blob(['x'.repeat(100_000)]).stream()
    expect((await send('PUT', OBJECT, { body, duplex: 'half' } as RequestInit)).status).toBe(200)
    expect(attempts[0]).toBe('error network 50')
    expect(attempts.at(-1)).toBe('200')
    expect(await stored()).toBe('x'.repeat(100_000))
  })
})
