import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sign } from '../../../../src/index.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import type { ProxyOptions } from '../../src/proxy.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { listen, PLACEHOLDER, statusOf } from '../support/proxy/upstream.ts'

// Attacks by clients without a key that open connections, send bytes, or stop sending them, in any order, and by an upstream
// that does the same.

const { start, logged } = proxies({ service: 'es', region: 'eu-west-1' })
const TOKEN = 'a-token-of-many-characters'

/** Modes of the proxy, and what its own clients send to be forwarded. */
const MODES: [name: string, options: Partial<ProxyOptions>][] = [
  ['sign', {}],
  ['sign with a token', { token: TOKEN }],
  ['resign', { mode: 'resign', clientCredentials: PLACEHOLDER }],
  ['watch', { mode: 'watch' }],
]

const uncaught: unknown[] = []
const note = (error: unknown): void => void uncaught.push(error)
const cleanups: (() => unknown)[] = []
beforeEach(() => {
  process.on('uncaughtException', note).on('unhandledRejection', note)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
  process.off('uncaughtException', note).off('unhandledRejection', note)
  expect(uncaught.splice(0)).toEqual([])
})

/** A connection that can send any bytes. */
class Client {
  received = ''
  readonly socket: Socket
  isClosed = false
  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1').on('error', () => undefined)
    this.socket.on('data', (text: string) => {
      this.received += text
    })
    this.socket.on('close', () => {
      this.isClosed = true
    })
    cleanups.push(() => this.socket.destroy())
  }
  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }
  async closed(): Promise<this> {
    if (!this.isClosed) await new Promise((resolve) => this.socket.once('close', resolve))
    return this
  }
}

function head(first: string, ...lines: string[]): string {
  return `${[`${first} HTTP/1.1`, 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`
}

const GET = head('GET /a')
const WEB_SOCKET = head(
  'GET /socket',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
)
const H2C = head(
  'GET /b',
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
)

/** Throws unless a client with its key gets a response of the upstream. */
async function expectAlive(port: number, options: Partial<ProxyOptions>): Promise<void> {
  const { mode, token } = options
  const credentials = mode === 'resign' ? PLACEHOLDER : mode === 'watch' ? CREDENTIALS : undefined
  const url = `http://localhost:${port}/alive`
  const init = credentials
    ? await sign({ url }, { credentials, service: 'es', region: 'eu-west-1' })
    : { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
  expect([response.status, await response.text()]).toEqual([200, 'fine'])
}

describe.each(MODES)('a client without a key, mode %s', (_, options) => {
  const withToken = (text: string): string =>
    options.token === undefined
      ? text
      : text.replaceAll('\r\n\r\n', `\r\nAuthorization: Bearer ${options.token}\r\n\r\n`)

  it.each([
    ['a request and a WebSocket', GET + WEB_SOCKET],
    ['requests and a WebSocket', GET.repeat(5) + WEB_SOCKET],
    ['a WebSocket and a request', WEB_SOCKET + GET],
    ['two WebSockets', WEB_SOCKET + WEB_SOCKET],
    ['a request and one that offers HTTP/2', GET + H2C],
    ['requests that offer HTTP/2', H2C.repeat(4)],
    ['a request, one that offers HTTP/2, and a WebSocket', GET + H2C + WEB_SOCKET],
    ['one that offers HTTP/2, and a WebSocket', H2C + WEB_SOCKET + GET],
    ['a rejected request and a WebSocket', head('TRACE /') + WEB_SOCKET],
    ['a request that closes the connection, and a WebSocket', head('GET /a', 'Connection: close') + WEB_SOCKET],
    ['a request for CONNECT', `${GET}CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a request with a body, and a WebSocket', `${head('POST /a', 'Content-Length: 3')}abc${WEB_SOCKET}`],
    [
      'a request that expects 100, and a WebSocket',
      head('POST /a', 'Content-Length: 3', 'Expect: 100-continue') + WEB_SOCKET,
    ],
    ['a request with an unknown expectation, and a WebSocket', head('GET /a', 'Expect: tea') + WEB_SOCKET],
  ])('does not end the proxy, whether it waits or disconnects: %s', async (_, bytes) => {
    const { port, close } = await start(options)
    for (const text of new Set([bytes, withToken(bytes)])) {
      const waiting = new Client(port).send(text)
      const leaving = [0, 1, 5, 20].map(async (delay) => {
        const client = new Client(port).send(text)
        if (delay) await sleep(delay)
        client.socket.resetAndDestroy()
      })
      await Promise.all(leaving)
      await sleep(20)
      waiting.socket.end()
    }
    await expectAlive(port, options)
    const started = performance.now()
    await close()
    // two seconds for a request that is not complete; five minutes if it waits until the connection is idle
    expect(performance.now() - started).toBeLessThan(8000)
  })

  it('gets the responses of pipelined requests in their order, and the WebSocket after them', async () => {
    const { port } = await start(options)
    const client = new Client(port).send(withToken(GET + head('TRACE /') + GET + H2C))
    await client.closed()
    const [first, second, third, fourth] = client.statuses
    expect(client.statuses.length).toBe(4)
    expect([second, first === third, first === fourth]).toEqual([405, true, true])
  })

  it('has no requests forwarded after the last response of its connection', async () => {
    const body = Buffer.alloc(8_000_000, 'x')
    let count = 0
    const service = createHttpServer((incoming, response) => {
      count++
      incoming.resume()
      response.end(body)
    })
    const { port: at, stop } = await listen(service)
    cleanups.push(stop)
    const running = await start({ ...options, upstream: `http://127.0.0.1:${at}`, idleTimeout: '500ms' })
    const last = head('GET /last', 'Connection: close')
    const client = new Client(running.port).send(withToken(GET + last + GET.repeat(3)))
    client.socket.pause() // so that the last response is not sent completely
    await sleep(300)
    client.socket.resume()
    await client.closed()
    await expect.poll(() => running.transfers()).toEqual([])
    expect(count).toBeLessThanOrEqual(2)
  })

  it('leaves no connections if its own is reset', async () => {
    const running = await start(options)
    for (let i = 0; i < 40; i++) {
      const client = new Client(running.port).send(withToken(GET.repeat(3)))
      await once(client.socket, 'connect')
      if (i % 2) await sleep(2)
      client.socket.resetAndDestroy()
    }
    await expectAlive(running.port, options)
    await expect.poll(() => running.transfers()).toEqual([])
    await running.close()
    // a request that arrived is in the log, and those of a connection that was reset too early did not arrive
    expect(logged.length % 3).toBe(1)
  })

  it('cannot open more than one connection to the upstream with its own', async () => {
    let [open, most] = [0, 0]
    const service = createHttpServer((incoming, response) => {
      most = Math.max(most, ++open)
      incoming.resume()
      setTimeout(() => {
        open--
        response.end('fine')
      }, 5)
    })
    const { port: at, stop } = await listen(service)
    cleanups.push(stop)
    const running = await start({ ...options, upstream: `http://127.0.0.1:${at}` })
    const client = new Client(running.port).send(withToken(GET.repeat(60)))
    await expect.poll(() => client.statuses.length, { timeout: 10_000 }).toBe(60)
    expect(most).toBeLessThanOrEqual(1)
    const greedy = await new Client(running.port).send(withToken(GET.repeat(1000))).closed()
    expect(greedy.statuses.length).toBeLessThan(100)
    expect(most).toBeLessThanOrEqual(1)
    await expectAlive(running.port, options)
    expect(logged.filter(({ error }) => error?.startsWith('The client sent more than 100 requests')).length).toBe(1)
  })

  it.each([
    ['is not HTTP', 'GARBAGE\r\n\r\n'],
    ['has an invalid header', 'GET / HTTP/1.1\r\nHost: a\r\nX y: 1\r\n\r\n'],
    ['is repeated', 'GARBAGE\r\n\r\n'.repeat(1000)],
  ])('gets no bytes of the proxy in a response: what follows its request %s', async (_, garbage) => {
    const body = 'x'.repeat(300_000)
    const service = createHttpServer((incoming, response) => {
      incoming.resume()
      response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, 1000))
      setTimeout(() => response.end(body.slice(1000)), 50)
    })
    const { port: at, stop } = await listen(service)
    cleanups.push(stop)
    const { port } = await start({ ...options, upstream: `http://127.0.0.1:${at}` })
    const client = await new Client(port).send(withToken(GET) + garbage).closed()
    const [first = '', ...rest] = client.received.split(/(?=HTTP\/1\.1 )/)
    if (statusOf(first) === 200) expect(first.endsWith(`\r\n\r\n${body}`)).toBe(true)
    expect(rest.map(statusOf)).toEqual([400])
  })

  it.each([
    ['send nothing', () => ''],
    ['send a part of a head', () => GET.slice(0, -4)],
    ['send a request, and a part of the next one', () => GET + GET.slice(0, -4)],
    ['send a request for a method that is rejected, and not its body', () => head('TRACE /', 'Content-Length: 9')],
  ])('does not keep others out: connections that %s', async (_, bytes) => {
    const { port } = await start({ ...options, maxConnections: 20 })
    const clients: Client[] = []
    for (let i = 0; i < 60; i++) {
      const client = new Client(port)
      await once(client.socket, 'connect')
      clients.push(client.send(bytes()))
    }
    const started = performance.now()
    await expectAlive(port, options)
    // a hundredth of that, unless it waits for the connections to be closed: ten seconds
    expect(performance.now() - started).toBeLessThan(5000)
    await expect.poll(() => clients.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(20)
  })
})

it('the head of every request must arrive within ten seconds', async () => {
  const check = async ([, options]: (typeof MODES)[number]): Promise<void> => {
    const { port } = await start(options)
    const started = performance.now()
    const silent = new Client(port)
    const second = new Client(port).send(GET)
    await expect.poll(() => second.statuses.length).toBe(1)
    const slow = [new Client(port).send('GET'), second.send('GET')]
    const timer = setInterval(() => {
      for (const client of slow) client.send(' ')
    }, 500)
    cleanups.push(() => clearInterval(timer))
    await Promise.all([silent, ...slow].map((client) => client.closed()))
    expect(performance.now() - started).toBeLessThan(20_000) // also on a machine that is a second late
    expect(second.statuses.at(-1)).toBe(408)
    await expectAlive(port, options)
  }
  await Promise.all(MODES.map(check))
})

describe('an upstream', () => {
  const CLIENTS = MODES.filter(([name]) => name === 'sign' || name === 'watch')

  it.each(
    CLIENTS.flatMap(([mode, options]) =>
      [
        ['an invalid reason', 'HTTP/1.1 101 a\x01b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
        ['an invalid header', 'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: web\x01socket\r\n\r\n'],
        ['a name with bytes', 'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: \xe9\r\n\r\n'],
        ['bytes after it', 'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01a'],
        [
          'hints before it',
          'HTTP/1.1 103 Hints\r\nLink: a\x01\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 101 OK\r\n\r\n',
        ],
      ].map(([name, bytes]) => [mode, name!, options, bytes!] as const),
    ),
  )('that changes the protocol and resets does not end the proxy: mode %s, %s', async (_, __, options, bytes) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
      socket.once('data', () => {
        socket.write(bytes, 'latin1')
        setTimeout(() => socket.resetAndDestroy(), 10)
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    cleanups.push(() => server.close())
    const { port, close } = await start({
      ...options,
      upstream: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    })
    for (let i = 0; i < 5; i++) await new Client(port).send(WEB_SOCKET).closed()
    const leaving = new Client(port).send(WEB_SOCKET)
    await once(leaving.socket, 'connect')
    leaving.socket.resetAndDestroy()
    await expect.poll(() => sockets.size).toBe(0)
    expect(statusOf((await new Client(port).send(head('GET /', 'Connection: close')).closed()).received)).toBe(502)
    await close()
    expect(logged.length).toBeGreaterThanOrEqual(6)
  })

  it('joins a WebSocket after the responses that a client has not read yet', async () => {
    const body = Buffer.alloc(8_000_000, 'x')
    const service = createHttpServer((_, response) => response.end(body))
    service.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello')
      socket.pipe(socket)
    })
    const { port: at, stop } = await listen(service)
    cleanups.push(stop)
    const { port } = await start({ upstream: `http://127.0.0.1:${at}` })
    const client = new Client(port).send(GET + WEB_SOCKET)
    client.socket.pause()
    await sleep(300)
    client.socket.resume()
    await expect.poll(() => client.received.endsWith('hello'), { timeout: 10_000 }).toBe(true)
    expect(client.statuses).toEqual([200, 101])
    expect(client.received.indexOf('HTTP/1.1 101')).toBe(client.received.indexOf('\r\n\r\n') + 4 + body.length)
    client.send('echo')
    await expect.poll(() => client.received.endsWith('echo')).toBe(true)
  })
})
