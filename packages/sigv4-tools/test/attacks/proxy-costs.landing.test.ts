import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { sign } from '../../../../src/index.ts'
import { explain } from '../../src/explain.ts'
import type { ProxyOptions } from '../../src/proxy.ts'
import { serve as startServe } from '../../src/serve.ts'
import { generateCredentials } from '../../src/server/key.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { exchange, KEY, PLACEHOLDER, raw, startUpstream, statusOf } from '../support/proxy/upstream.ts'

// How much clients without a key can make the proxy store or compute.

const { upstream, start, logged } = proxies({
  service: 'es',
  region: 'eu-west-1',
  mode: 'resign',
  clientCredentials: PLACEHOLDER,
})
const SCOPE = { service: 'es', region: 'eu-west-1' }

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Returns the lines of a signed POST without a body, and with the length of one that is not sent. */
async function linesOf(
  port: number,
  length: number,
  { id = PLACEHOLDER.accessKeyId, scope = SCOPE, now: signedAt = Date.now() } = {},
): Promise<string[]> {
  const credentials = { accessKeyId: id, secretAccessKey: 'of-an-attacker' }
  const url = `http://localhost:${port}/_bulk`
  const { headers } = await sign({ method: 'POST', url }, { credentials, ...scope, now: signedAt })
  return [
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${length}`,
  ]
}

/** Sends the head of a request and the start of its body, and returns what is received until `milliseconds` later. */
async function stall(port: number, lines: readonly string[], body = '', milliseconds = 10_000): Promise<string> {
  let received = ''
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.setEncoding('latin1').on('error', () => undefined)
  socket.on('data', (text: string) => {
    received += text
  })
  socket.write(`POST /_bulk HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  const started = performance.now()
  while (received === '' && performance.now() - started < milliseconds) await sleep(5)
  return received
}

describe('a body', () => {
  it.each<[string, Parameters<typeof linesOf>[2]]>([
    ['of an unknown key', { id: 'AKIDUNKNOWN' }],
    ['of the key of the proxy', { id: KEY }],
    ['that was signed an hour ago', { now: Date.now() - 3_600_000 }],
    ['for a different service', { scope: { service: 'iam', region: 'eu-west-1' } }],
    ['for a different region', { scope: { service: 'es', region: 'us-east-1' } }],
  ])('is not read: %s', async (_, claim) => {
    const { port } = await start()
    for (const expectation of [[], ['Expect: 100-continue']]) {
      const response = await stall(port, [...(await linesOf(port, 50_000_000, claim)), ...expectation])
      expect(statusOf(response)).toBeGreaterThanOrEqual(400) // the only response, without 100 before it
    }
    expect(upstream.requests).toEqual([])
  })

  it('of requests without a signature is not read', async () => {
    const { port } = await start()
    const lines = ['Host: localhost', 'Content-Length: 50000000', 'Expect: 100-continue']
    expect(statusOf(await stall(port, lines))).toBe(403)
  })

  it.each<[string, Partial<ProxyOptions>]>([
    ['sign', { mode: 'sign', clientCredentials: undefined }],
    ['resign', {}],
  ])('that is too long is rejected before the client sends it: mode %s', async (_, options) => {
    const { port } = await start({ ...options, maxBody: 1000 })
    const lines = [...(await linesOf(port, 1001)), 'Expect: 100-continue']
    if (options.mode === 'sign') lines.splice(1, lines.length - 3)
    expect(statusOf(await stall(port, lines))).toBe(413)
    expect(upstream.requests).toEqual([])
  })

  it('that is not verified takes no space from others', async () => {
    const { port } = await start({ maxBody: 100_000 })
    const lines = await linesOf(port, 100_000)
    const held: Promise<string>[] = []
    for (let i = 0; i < 6; i++) held.push(stall(port, lines, 'x'.repeat(90_000), 1000))
    expect(await Promise.all(held)).toEqual(Array(6).fill(''))
    // the oldest make room
    await expect.poll(() => sockets.filter((socket) => socket.destroyed).length).toBe(2)
    const url = `http://localhost:${port}/_bulk`
    const request = { method: 'POST', url, body: 'x'.repeat(90_000) }
    const signed = await sign(request, { credentials: PLACEHOLDER, ...SCOPE })
    for (let i = 0; i < 20; i++) expect((await fetch(signed.url, signed)).status).toBe(200)
    const { headers } = await sign({ method: 'POST', url }, { credentials: PLACEHOLDER, ...SCOPE })
    expect((await fetch(url, { ...request, headers })).status).toBe(403) // the body is not the signed one
  })

  it.each([2, 10])('that is verified keeps its space and its connection, of at most %s', async (maxConnections) => {
    const { port } = await start({ maxBody: 100_000, maxConnections })
    const url = `http://localhost:${port}/_bulk`
    const body = 'x'.repeat(100_000)
    const { headers } = await sign(
      { method: 'POST', url, body },
      { credentials: PLACEHOLDER, ...SCOPE, payloadHashHeader: true },
    )
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    socket.write(
      `POST /_bulk HTTP/1.1\r\nHost: localhost:${port}\r\n${lines.join('\r\n')}\r\nContent-Length: 100000\r\n\r\n`,
    )
    socket.write(body.slice(0, 60_000))
    await sleep(100)
    const others = await linesOf(port, 100_000)
    for (let i = 0; i < 30; i++) await stall(port, others, 'x'.repeat(90_000), 20)
    socket.write(body.slice(60_000))
    await expect.poll(() => statusOf(received)).toBe(200)
    socket.destroy()
  })

  it.each([2, 10])('that was stored before it was verified keeps them, too, of at most %s', async (maxConnections) => {
    const responses: ServerResponse[] = []
    const slow = await startUpstream((_, response) => responses.push(response))
    try {
      const { port } = await start({ upstream: slow.url, maxBody: 100_000, maxConnections })
      const request = { method: 'POST', url: `http://localhost:${port}/_bulk`, body: 'x'.repeat(90_000) }
      const signed = await sign(request, { credentials: PLACEHOLDER, ...SCOPE })
      const status = fetch(signed.url, signed).then(
        (response) => response.status,
        () => 'closed',
      )
      await expect.poll(() => responses.length).toBe(1)
      const others = await linesOf(port, 100_000)
      for (let i = 0; i < 6; i++) await stall(port, others, 'x'.repeat(90_000), 50)
      for (const response of responses) response.end()
      expect(await status).toBe(200)
    } finally {
      await slow.stop()
    }
  })
})

it('connections to the port for health checks are limited, and closed after each response', async () => {
  const { healthUrl } = await start({ health: 0 })
  const port = Number(new URL(healthUrl!).port)
  expect(await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 .*connection: close/is)
  for (let i = 0; i < 100; i++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket.on('error', () => undefined))
  }
  await expect.poll(() => sockets.filter(({ destroyed, readable }) => destroyed || !readable).length).toBe(80)
})

it.each([
  ['send nothing', ''],
  ['send a part of a head', 'GET / HTTP/1.1\r\nHost: a\r\n'],
  ['send a request and do not read', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['send a request that is rejected, and not its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'],
  ['send bytes that are not HTTP', 'GARBAGE\r\n\r\n'],
])('a health check succeeds while more clients than the limit %s', async (_, bytes) => {
  const { healthUrl } = await start({ health: 0 })
  const port = Number(new URL(healthUrl!).port)
  const clients: Socket[] = []
  for (let i = 0; i < 40; i++) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket.on('error', () => undefined))
    clients.push(socket)
    await once(socket, 'connect')
    socket.pause().write(bytes)
  }
  for (let i = 0; i < 10; i++) expect(statusOf(await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).toBe(200)
})

it('a path in escapes that stand for many characters costs no more than others', async () => {
  const { port } = await start({ mode: 'sign', clientCredentials: undefined, allow: ['GET /index/*'] })
  const timeOf = async (escaped: string): Promise<number> => {
    const { user, system } = process.cpuUsage()
    for (let i = 0; i < 10; i++) await raw(port, `GET /other/${escaped.repeat(9000)}`)
    const after = process.cpuUsage()
    return after.user + after.system - user - system
  }
  await timeOf('%u0041')
  const plain = await timeOf('%u0041')
  // as much; with six busy programs beside it as well
  expect(await timeOf('%ufdfa')).toBeLessThan(2 * plain + 20_000)
})

describe.each(['proxy', 'serve'] as const)('a rejection by %s', (program) => {
  const own = generateCredentials()
  const servers: { close(): Promise<void> }[] = []
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  const serving = async () => {
    const server = await startServe({ explain: true, credentials: own })
    servers.push(server)
    return server
  }

  /** Sends a request that is signed with a wrong secret. Returns the response. */
  async function rejected(accessKeyId: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const scope = { service: 's3', region: 'eu-west-1' }
    const { port } = program === 'proxy' ? await start(scope) : await serving()
    const url = `http://localhost:${port}/photos/a`
    const request = { method: 'GET', url, headers: { host: `localhost:${port}`, ...headers } }
    const signed = await sign(request, {
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'of-an-attacker' },
      ...scope,
    })
    const lines = Object.entries({ ...request.headers, ...signed.headers })
    return raw(
      port,
      'GET /photos/a',
      lines.map(([name, value]) => `${name}: ${value.replace('=AKID/', `=${accessKeyId}/`)}`),
    )
  }

  it.each(['&', "'", 'a.'])('does not repeat a long access key ID: %s', async (text) => {
    // the longest that the program receives
    const response = await rejected(text.repeat(program === 'proxy' ? 29_000 : 7000))
    expect([statusOf(response), response.length < 4000]).toEqual([403, true])
  })

  it('takes less time to explain than the function for one request', async () => {
    const headers = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-amz-meta-${i}`, 'a b+c%20'.repeat(20)]))
    const { accessKeyId } = program === 'proxy' ? PLACEHOLDER : own
    const cpuOf = async (work: () => unknown): Promise<number> => {
      const { user, system } = process.cpuUsage()
      await work()
      const after = process.cpuUsage()
      return after.user + after.system - user - system
    }
    const url = '/photos/a'
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date;${Object.keys(headers).sort().join(';')}, Signature=${'0'.repeat(64)}`
    const given = { host: 'localhost', 'x-amz-date': '20260131T120000Z', ...headers, authorization }
    const credentials = { accessKeyId, secretAccessKey: 'a-secret' }
    const whole = () => explain({ request: { method: 'GET', url, headers: given }, credentials })
    await rejected(accessKeyId, headers) // loads the code
    whole()
    const most = await cpuOf(whole)
    // a fifth to an eighth; with six busy programs beside it as well
    expect(await cpuOf(() => rejected(accessKeyId, headers))).toBeLessThan(most / 2)
  })
})

describe('an explanation', () => {
  const long = Array.from({ length: 300 }, (_, i) => `x-amz-meta-${i}: ${'a%20b+c '.repeat(20)}`)

  it('is omitted for a key that the proxy does not recognize', async () => {
    const { port } = await start()
    await exchange(
      port,
      `POST / HTTP/1.1\r\n${(await linesOf(port, 0, { id: 'AKIDUNKNOWN' })).join('\r\n')}\r\nConnection: close\r\n\r\n`,
    )
    await expect.poll(() => logged.length).toBe(1)
    expect(logged[0]).toMatchObject({
      error: expect.stringContaining('InvalidAccessKeyId'),
      explanation: ['Fix: Sign with the access key ID AKIDPLACEHOLDER, which this proxy accepts.'],
    })
    expect(logged[0]).not.toHaveProperty('cause')
  })

  it('takes a twentieth of the time for consecutive requests', async () => {
    const { port } = await start()
    const lines = [...(await linesOf(port, 0)), ...long.slice(0, 60)]
    const send = () => raw(port, `POST /_bulk?${'a=b+c%20d&'.repeat(200)}`, lines)
    await send() // loads the code
    const started = performance.now()
    let count = 1
    for (; count < 2000 && performance.now() - started < 6000; count++) {
      expect(statusOf(await send())).toBe(403)
    }
    await expect.poll(() => logged.length).toBe(count)
    const not = logged.filter(({ explanation }) => explanation?.[0]?.startsWith('No explanation: earlier explanations'))
    expect(not.length).toBeGreaterThan(count / 2)
    expect(not.length).toBeLessThan(count)
  })

  it('is omitted if the head is too long', async () => {
    const { port } = await start()
    await raw(port, 'POST /_bulk', [...(await linesOf(port, 0)), ...long.slice(0, 150)])
    await expect.poll(() => logged.length).toBe(1)
    expect(logged[0]!.explanation).toEqual([
      expect.stringMatching(/^No explanation: the head .* longer than 16384 bytes/),
    ])
  })
})
