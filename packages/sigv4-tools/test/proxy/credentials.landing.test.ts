import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../src/proxy.ts'
import { header, raw, startUpstream, statusOf, type Upstream, verified } from '../support/proxy/upstream.ts'

// Credentials that change while the proxy runs.

const HOUR = 3_600_000
let upstream: Upstream
let respond: Parameters<typeof startUpstream>[0]
const running: { close(): Promise<void> }[] = []

beforeAll(async () => {
  upstream = await startUpstream((request, response, body) => respond!(request, response, body))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
  upstream.requests.splice(0)
})
afterAll(() => upstream.stop())

async function start(
  credentials: ProxyOptions['credentials'],
  credentialsMaxAge?: string,
  more: Partial<ProxyOptions> = {},
) {
  const scope = { service: 'es', region: 'eu-west-1', ...more }
  const logged: LoggedRequest[] = []
  const log = (request: LoggedRequest): unknown => logged.push(request)
  const started = await proxy({ upstream: upstream.url, credentials, credentialsMaxAge, log, ...scope })
  running.push(started)
  return { url: started.url, port: started.port, logged }
}

const temporary = (i: number) => ({
  ...CREDENTIALS,
  sessionToken: `token-${i}`,
  expiration: new Date(Date.now() + HOUR),
})

describe('a credential provider', () => {
  it('is called once for all requests that wait for it', async () => {
    respond = (_, response) => response.end('fine')
    let calls = 0
    const { url } = await start(async () => {
      calls++
      await new Promise((resolve) => setTimeout(resolve, 50))
      return temporary(calls)
    })
    const all = await Promise.all(Array.from({ length: 50 }, () => fetch(url)))
    expect(all.every(({ status }) => status === 200)).toBe(true)
    expect(calls).toBe(1)
  })

  it.each([
    ['XML', 403, {}, '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>'],
    ['XML of S3', 400, {}, '<Error><Code>ExpiredToken</Code></Error>'],
    ['JSON', 403, {}, '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"expired"}'],
    ['a header', 403, { 'x-amzn-errortype': 'ExpiredTokenException:http://internal.amazon.com/' }, '{}'],
    ['a header', 403, { 'x-amzn-errortype': 'aws.protocoltests.restjson#ExpiredTokenException' }, '{}'],
    ['a header', 401, { 'x-amzn-errortype': 'ExpiredTokenException' }, ''],
    ['a message', 403, {}, '{"message":"The security token included in the request is expired"}'],
    ['another JSON', 403, {}, '{"Error":{"Code":"ExpiredToken","Message":"expired"}}'],
    ['another code', 400, {}, '{"__type":"TokenRefreshRequired"}'],
  ])('is called again once if the service reports in %s that they have expired', async (_, status, headers, body) => {
    const options: unknown[] = []
    respond = (request, response) => {
      if (request.headers['x-amz-security-token'] === 'token-1') response.writeHead(status, headers).end(body)
      else response.end('fine')
    }
    const { url } = await start((given) => {
      options.push(given)
      return temporary(options.length)
    })
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => (await fetch(url, { method: 'PUT', body: 'abc' })).text()),
    )
    expect(new Set(texts)).toEqual(new Set(['fine']))
    expect(options).toEqual([undefined, { forceRefresh: true }])
    for (const received of upstream.requests) {
      verified(received, 'other')
      expect(String(received.body)).toBe('abc')
    }
  })

  it('is called again once if the service always reports that they have expired, until 10 seconds have passed', async () => {
    const expired = '<Error><Code>ExpiredToken</Code></Error>'
    respond = (_, response) => response.writeHead(403).end(expired)
    for (const isSame of [true, false]) {
      const options: unknown[] = []
      const held = temporary(0)
      const { url } = await start((given) => {
        options.push(given)
        return isSame ? held : temporary(options.length)
      })
      for (let round = 0; round < 2; round++) {
        const responses = await Promise.all(Array.from({ length: 50 }, () => fetch(url)))
        expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(403))
        expect(await Promise.all(responses.map((each) => each.text()))).toEqual(Array(50).fill(expired))
      }
      expect(options).toEqual([undefined, { forceRefresh: true }])
    }
  })

  it('that throws after a rejection causes an error, and its credentials are still sent', async () => {
    let calls = 0
    respond = (request, response) =>
      response.writeHead(request.url === '/ok' ? 200 : 403).end('<Code>ExpiredToken</Code>')
    const { url, logged } = await start((given) => {
      calls++
      if (given?.forceRefresh) throw new Error('unavailable')
      return temporary(calls)
    })
    expect((await fetch(url)).status).toBe(503)
    await expect
      .poll(() => logged.map(({ error }) => error))
      .toEqual(['The credentials could not be obtained: unavailable'])
    expect((await fetch(`${url}/ok`)).status).toBe(200)
    expect((await fetch(url)).status).toBe(403)
    expect(calls).toBe(2)
  })

  it('is called again for the next request if the body of a rejected one cannot be repeated', async () => {
    respond = (request, response) => {
      const isExpired = request.headers['x-amz-security-token'] === 'token-1'
      response.writeHead(isExpired ? 403 : 200).end(isExpired ? '<Error><Code>ExpiredToken</Code></Error>' : 'fine')
    }
    const options: unknown[] = []
    const provide = (given: unknown) => {
      options.push(given)
      return temporary(options.length)
    }
    const { url } = await start(provide, undefined, { service: 's3' })
    const send = () => fetch(`${url}/photos/a`, { method: 'PUT', body: 'a'.repeat(2_000_000) })
    const first = await send()
    expect([first.status, await first.text()]).toEqual([403, '<Error><Code>ExpiredToken</Code></Error>'])
    expect((await send()).status).toBe(200)
    expect(options).toEqual([undefined, { forceRefresh: true }])
  })

  it('does not delay an error whose body stalls for more than 5 seconds', async () => {
    let finish = (): void => undefined
    respond = (_, response) => {
      response.writeHead(403).write('{"__type":"Exp')
      finish = () => response.end('iredToken"}')
    }
    const { url } = await start(() => temporary(1))
    const response = await fetch(url)
    finish()
    expect(await response.text()).toBe('{"__type":"ExpiredToken"}')
  }, 20_000) // five seconds

  it('is not called again for another error, which arrives complete', async () => {
    let calls = 0
    const message = `<Error><Code>AccessDenied</Code><Message>${'no '.repeat(50_000)}</Message></Error>`
    respond = (_, response) => response.writeHead(403).end(message)
    const { url } = await start(() => temporary(++calls))
    expect(await (await fetch(url)).text()).toBe(message)
    expect([calls, upstream.requests.length]).toEqual([1, 1])
  })

  it('is called again after credentialsMaxAge, once for all requests, and may fail', async () => {
    respond = (_, response) => response.end('fine')
    let calls = 0
    const provide = async () => {
      calls++
      if (calls === 2) throw new Error('unavailable')
      return temporary(calls)
    }
    const { url } = await start(provide, '200ms')
    const tokens: (string | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      await Promise.all(Array.from({ length: 10 }, () => fetch(url)))
      const sent = new Set(upstream.requests.splice(0).map((received) => header(received, 'x-amz-security-token')))
      tokens.push([...sent].join())
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    expect(tokens).toEqual(['token-1', 'token-1', 'token-3'])
    expect(calls).toBe(3)
  })

  it('that returns expired credentials leads to an error', async () => {
    respond = (_, response) => response.end('fine')
    const { port, logged } = await start(() => ({ ...CREDENTIALS, expiration: new Date(Date.now() - HOUR) }))
    expect(statusOf(await raw(port, 'GET /'))).toBe(503)
    expect(upstream.requests).toEqual([])
    await expect.poll(() => logged.map(({ error }) => error)).toEqual(['The credentials have expired.'])
  })

  it('that throws is quoted in the log, without secrets, and not in the response', async () => {
    const { port, logged } = await start(() => {
      throw new Error(`no session for ${CREDENTIALS.secretAccessKey}`)
    })
    const response = await raw(port, 'GET /')
    expect(statusOf(response)).toBe(503)
    expect(response).toMatch(
      /\r\n\r\nsigv4-tools proxy: The credentials of the proxy could not be obtained, .* Its log contains the/,
    )
    expect(response).not.toContain('session')
    await expect
      .poll(() => logged.map(({ error }) => error))
      .toEqual(['The credentials could not be obtained: no session for [secret]'])
  })

  it('is not called again for credentials that the caller passed', async () => {
    respond = (_, response) => response.writeHead(403).end('<Code>ExpiredToken</Code>')
    const { url } = await start(CREDENTIALS)
    expect((await fetch(url)).status).toBe(403)
    expect(upstream.requests.length).toBe(1)
    expect(header(upstream.take(), 'x-amz-security-token')).toBeUndefined()
  })
})
