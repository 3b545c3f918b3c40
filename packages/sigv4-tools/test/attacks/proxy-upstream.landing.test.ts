import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import type { ProxyOptions } from '../../src/proxy.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { raw, statusOf } from '../support/proxy/upstream.ts'

// A hostile upstream: what it can make the proxy store, compute, or keep open.

const { start, logged } = proxies({ service: 'es', region: 'eu-west-1' })

const MODES: [name: string, options: Partial<ProxyOptions>][] = [
  ['sign', {}],
  ['watch', { mode: 'watch' }],
]

const sockets = new Set<Socket>()
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** Starts an upstream that handles each request on its socket. `open` are the connections of the proxy. */
async function hostile(onRequest: (socket: Socket, head: string) => void) {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    sockets.add(socket)
    socket.setEncoding('latin1').on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    socket.on('data', (text: string) => {
      if (/HTTP\/1\.1\r\n/.test(text)) onRequest(socket, text)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanups.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, open }
}

/** Sends the same bytes until the connection closes. */
function flood(socket: Socket, bytes: string): void {
  const many = Buffer.from(bytes.repeat(100), 'latin1')
  const write = (): void => {
    while (!socket.destroyed && socket.write(many));
  }
  socket.on('drain', write)
  write()
}

const HINTS = `HTTP/1.1 103 Early Hints\r\nLink: </${'a'.repeat(4000)}>; rel=preload\r\n\r\n`
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine'

function interim(response: string): number {
  return response.match(/^HTTP\/1\.1 10[23] /gm)?.length ?? 0
}

/** Opens a connection that does not read. */
async function silent(port: number, lines: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  sockets.add(socket.on('error', () => undefined))
  socket.pause().write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'connect')
  return socket
}

describe.each(MODES)('informational responses, mode %s', (_, options) => {
  it.each([
    ['102', PROCESSING],
    ['103', HINTS],
    ['103 without links', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['199', 'HTTP/1.1 199 Other\r\n\r\n'],
  ])('without end are a response with the status 502, and the connection closes: %s', async (_, bytes) => {
    const upstream = await hostile((socket) => flood(socket, bytes))
    const { port } = await start({ ...options, upstream: upstream.url })
    const response = await raw(port, 'GET /')
    expect(interim(response)).toBeLessThanOrEqual(20)
    const last = response.slice(response.lastIndexOf('HTTP/1.1 '))
    expect([statusOf(last), last]).toEqual([502, expect.stringContaining('informational responses')])
    await expect.poll(() => upstream.open.size).toBe(0)
    await expect.poll(() => logged.length).toBe(1)
    expect(logged[0]).toMatchObject({ status: 502, error: expect.stringContaining('more than 1000 informational') })
  })

  it('are not stored for a client that does not read', async () => {
    const upstream = await hostile((socket) => {
      // as many as the limit allows, and no end
      socket.write(HINTS.repeat(900))
    })
    const { port } = await start({ ...options, upstream: upstream.url })
    const clients = []
    for (let i = 0; i < 20; i++) clients.push(await silent(port, ['GET / HTTP/1.1', 'Host: localhost']))
    await expect.poll(() => upstream.open.size).toBe(20)
    await sleep(500)
    // all that the proxy has accepted for them is in their sockets, or in the buffers of these
    for (const client of clients) {
      let length = 0
      client.on('data', (piece: Buffer) => {
        length += piece.length
      })
      client.resume()
      await sleep(20)
      expect(length).toBeLessThan(20 * HINTS.length + 1)
      client.destroy()
    }
    await expect.poll(() => upstream.open.size).toBe(0)
  })

  it('are passed on before a response, in their order', async () => {
    const upstream = await hostile((socket) => socket.write(PROCESSING + HINTS + PROCESSING + OK))
    const { port } = await start({ ...options, upstream: upstream.url })
    const response = await raw(port, 'GET /')
    expect([...response.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual([
      '102',
      '103',
      '102',
      '200',
    ])
  })

  it('are not sent to a client of HTTP/1.0, which would read them as the response', async () => {
    const upstream = await hostile((socket) => socket.write(PROCESSING + HINTS + OK))
    const { port } = await start({ ...options, upstream: upstream.url })
    const client = await silent(port, ['GET / HTTP/1.0', 'Host: localhost'])
    let received = ''
    client.setEncoding('latin1').on('data', (text: string) => {
      received += text
    })
    client.resume()
    await once(client, 'close')
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(received).toMatch(/fine$/)
  })
})

describe.each(MODES)('a response that is not forwarded has its connection closed, mode %s', (mode, options) => {
  const endless = `Content-Length: 100000000\r\n\r\n${'x'.repeat(200_000)}`

  it.each([
    ['an invalid reason', 'GET', `HTTP/1.1 200 a\x01b\r\n${endless}`],
    ['an invalid status', 'GET', `HTTP/1.1 099 No\r\n${endless}`],
    ['an invalid header', 'GET', `HTTP/1.1 200 OK\r\nX-A: a\x01b\r\n${endless}`],
    ['an invalid header of HEAD', 'HEAD', `HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 100000000\r\n\r\n`],
    ['an invalid header of 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nX-A: a\x01b\r\n\r\n'],
    ['an invalid header of 204', 'GET', 'HTTP/1.1 204 No Content\r\nX-A: a\x01b\r\n\r\n'],
    [
      'an invalid header of a complete response',
      'GET',
      'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 2\r\n\r\nab',
    ],
    [
      'an invalid trailer',
      'GET',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n2\r\nab\r\n0\r\nx-a: a\x01b\r\n\r\n',
    ],
    ['an invalid error', 'GET', `HTTP/1.1 403 a\x01b\r\n${endless}`],
  ])('%s', async (name, method, bytes) => {
    const upstream = await hostile((socket) => socket.write(bytes, 'latin1'))
    const { port } = await start({ ...options, upstream: upstream.url })
    const response = await raw(port, `${method} /`)
    if (name !== 'an invalid trailer') expect([mode, statusOf(response)]).toEqual([mode, 502])
    await expect.poll(() => upstream.open.size).toBe(0)
  })

  it.each([200, 403])('because the client has disconnected before its body: %s', async (status) => {
    let [arrived, respond] = [false, (): void => undefined]
    const upstream = await hostile((socket) => {
      arrived = true
      respond = () => socket.write(`HTTP/1.1 ${status} OK\r\n${endless}`)
    })
    const { port } = await start({ ...options, upstream: upstream.url })
    const client = await silent(port, ['GET / HTTP/1.1', 'Host: localhost'])
    await expect.poll(() => arrived).toBe(true)
    respond()
    await sleep(50)
    client.destroy()
    await expect.poll(() => upstream.open.size).toBe(0)
  })
})

it.each([
  ['an invalid header', true],
  ['a client that has disconnected', false],
])('a second response after new credentials has its connection closed, too: %s', async (_, isInvalid) => {
  const expired = '{"__type":"ExpiredTokenException","message":"expired"}'
  let count = 0
  const upstream = await hostile((socket) => {
    count++
    const line = isInvalid && count > 1 ? 'X-A: a\x01b\r\n' : ''
    socket.write(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n${line}Content-Length: 100000000\r\n\r\n${expired}${' '.repeat(100_000)}`,
      'latin1',
    )
  })
  const credentials = async () => ({ ...CREDENTIALS, expiration: new Date(Date.now() + 3_600_000) })
  const { port } = await start({ upstream: upstream.url, credentials })
  if (isInvalid) expect(statusOf(await raw(port, 'GET /'))).toBe(502)
  else {
    const client = await silent(port, ['GET / HTTP/1.1', 'Host: localhost'])
    await expect.poll(() => count).toBe(2)
    client.destroy()
  }
  await expect.poll(() => upstream.open.size).toBe(0)
})

it('complete responses leave their connection open for the next request', async () => {
  let connections = 0
  const seen = new Set<Socket>()
  const upstream = await hostile((socket, head) => {
    if (!seen.has(socket)) connections++
    seen.add(socket)
    const bodiless = head.startsWith('HEAD') || head.includes('/304')
    socket.write(
      head.includes('/304')
        ? 'HTTP/1.1 304 Not Modified\r\n\r\n'
        : `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${bodiless ? '' : 'fine'}`,
    )
  })
  const { port } = await start({ upstream: upstream.url })
  for (const first of ['GET /', 'HEAD /', 'GET /304', 'HEAD /304', 'GET /'])
    expect(statusOf(await raw(port, first))).toBe(first.includes('304') ? 304 : 200)
  expect(connections).toBe(1)
})
