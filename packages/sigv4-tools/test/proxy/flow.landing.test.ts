import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sign } from '../../../../src/index.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { usedMemory } from '../../../../test/support/memory.ts'
import type { Received } from '../../../../test/support/service.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../src/proxy.ts'
import { arrival } from '../support/arrival.ts'
import { type Certificate, createCertificate } from '../support/proxy/certificate.ts'
import {
  exchange,
  header,
  listen,
  PLACEHOLDER,
  raw,
  receivedOf,
  statusOf,
  verified,
} from '../support/proxy/upstream.ts'

// How requests and responses pass through the proxy: without delay, without a copy, and until either side ends.

const cleanups: (() => unknown)[] = []
const logged: LoggedRequest[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  logged.splice(0)
})

/** Starts a proxy in front of a server. */
async function start(server: Parameters<typeof listen>[0], options: Partial<ProxyOptions> = {}, scheme = 'http') {
  const { port, stop } = await listen(server)
  cleanups.push(stop)
  return startFor(`${scheme}://127.0.0.1:${port}`, options)
}

async function startFor(upstream: string, options: Partial<ProxyOptions>) {
  const running = await proxy({
    upstream,
    credentials: CREDENTIALS,
    service: 'es',
    region: 'eu-west-1',
    log: (entry) => logged.push(entry),
    ...options,
  })
  cleanups.push(running.close)
  return running
}

/** A server that responds as soon as it has received a body, and reports how many connections were not idle when they closed. */
const RESPONDING = `
const { parentPort, workerData } = require('node:worker_threads')
let closed = 0
const server = require('node:https').createServer(workerData, (incoming, response) => {
  incoming.resume().on('end', () => {
    incoming.socket.used = performance.now()
    response.end()
  })
})
server.on('secureConnection', (socket) => socket.on('close', () => {
  if (performance.now() - socket.used < 900) closed++
}))
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
parentPort.on('message', () => parentPort.postMessage(closed))
`

/** Creates a certificate that the proxy in this process accepts. */
function trustedCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-tls-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  return createCertificate(folder)
}

/** A server that collects the body before it responds. */
function collecting(respond: (request: IncomingMessage, response: ServerResponse, received: Received) => void) {
  return createServer(async (request, response) =>
    respond(request, response, receivedOf(request, Buffer.concat(await request.toArray()))),
  )
}

describe('a response', () => {
  it('arrives piece by piece: an event before the server sends the next one', async () => {
    let next = (): void => undefined
    const { url } = await start(
      createServer(async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (let i = 0; i < 3; i++) {
          response.write(`data: ${i}\n\n`)
          await new Promise<void>((resolve) => {
            next = resolve
          })
        }
        response.end()
      }),
    )
    const response = await fetch(url)
    const events: string[] = []
    for await (const piece of response.body!) {
      events.push(Buffer.from(piece).toString())
      next()
    }
    expect(events).toEqual(['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n'])
  })

  it('keeps its status, repeated headers, encoding, and trailers, but not the headers of the connection', async () => {
    const body = Buffer.from('1f8b08000000000000034bcc4a4c06002a1e0e5b04000000', 'hex')
    const { port } = await start(
      createServer((_, response) => {
        response.writeHead(299, 'Unusual', [
          ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'content-encoding', 'gzip', 'trailer', 'x-sum'],
          ...['connection', 'x-hop', 'x-hop', '1', 'date', 'Sun, 29 Nov 2026 00:00:00 GMT'],
        ])
        response.write(body)
        response.addTrailers({ 'x-sum': 'abc' })
        response.end()
      }),
    )
    const text = await raw(port, 'GET /')
    expect(text).toMatch(/^HTTP\/1\.1 299 Unusual\r\n/)
    expect(text.match(/set-cookie: [ab]=\d/g)).toEqual(['set-cookie: a=1', 'set-cookie: b=2'])
    expect(text).toContain('content-encoding: gzip')
    expect(text).not.toContain('x-hop')
    expect(text.match(/date: .*/gi)).toEqual(['date: Sun, 29 Nov 2026 00:00:00 GMT'])
    expect(text).toMatch(/\r\n0\r\nx-sum: abc\r\n\r\n$/i)
  })

  it('has the bytes of its headers, also if its body comes later', async () => {
    const { port } = await start(
      createServer((_, response) => {
        response.writeHead(200, ['x-name', 'caf\xe9'])
        response.write('', 'latin1')
        setTimeout(() => response.end('late'), 20)
      }),
    )
    expect(await raw(port, 'GET /')).toContain('x-name: caf\xe9\r\n')
  })

  it('with a redirect is not followed', async () => {
    const { url } = await start(
      createServer((_, response) => response.writeHead(307, { location: 'https://elsewhere.example/' }).end()),
    )
    const { status, headers } = await fetch(url, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([307, 'https://elsewhere.example/'])
  })

  it('to HEAD has the length of the body that GET returns', async () => {
    const { port } = await start(createServer((_, response) => response.writeHead(200, { 'content-length': 7 }).end()))
    expect(await raw(port, 'HEAD /')).toMatch(/content-length: 7\r\n/)
  })

  it('can follow early hints', async () => {
    const { port } = await start(
      createServer((_, response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        setTimeout(() => response.end('late'), 20)
      }),
    )
    expect(await raw(port, 'GET /')).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>.*HTTP\/1\.1 200 OK/s)
  })

  it('that ends too early is not complete for the client either', async () => {
    const { url } = await start(
      createServer((_, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('half')
        setTimeout(() => response.destroy(), 20)
      }),
    )
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow()
  })

  it('is read no faster than the client reads it', async () => {
    const size = 200 * 1024 * 1024
    let written = 0
    const { port } = await start(
      createServer(async (_, response) => {
        response.writeHead(200, { 'content-length': size })
        const piece = Buffer.alloc(1024 * 1024)
        while (written < size && !response.destroyed) {
          written += piece.length
          if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
        }
        response.end()
      }),
    )
    const response = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve))
    response.pause()
    await sleep(300)
    const before = written
    await sleep(300)
    expect(written).toBe(before) // it waits
    expect(written).toBeLessThan(size / 2)
    response.destroy()
    await expect.poll(() => logged[0]?.error).toBeDefined()
  })
})

describe('a request body', () => {
  it('is sent to S3 over TLS while it is received, unsigned', async () => {
    const { cert, key } = trustedCertificate()
    let first = (_: unknown): void => undefined
    const arrived = new Promise((resolve) => {
      first = resolve
    })
    let received: Received | undefined
    const server = createTlsServer({ key, cert }, async (incoming, response) => {
      const pieces: Buffer[] = []
      for await (const piece of incoming) {
        pieces.push(piece)
        first(piece)
      }
      received = receivedOf(incoming, Buffer.concat(pieces))
      response.end()
    })
    const { port } = await start(server as never, { service: 's3' }, 'https')
    const upload = request({ port, host: '127.0.0.1', method: 'PUT', path: '/a', headers: { 'content-length': 6 } })
    upload.write('abc')
    expect(String(await arrived)).toBe('abc')
    upload.end('def')
    const [response] = await once(upload, 'response')
    expect(response.statusCode).toBe(200)
    expect(verified(received!, 's3').payloadHash).toBe('UNSIGNED-PAYLOAD')
    response.resume()
  })

  it('leaves its connection open for the next one, however soon the response arrives', async () => {
    const { cert, key } = trustedCertificate()
    // only in a thread of its own, it can respond before the proxy knows that the body was sent
    const worker = new Worker(RESPONDING, { eval: true, workerData: { cert, key } })
    cleanups.push(() => worker.terminate())
    const [port] = await once(worker, 'message')
    const { url } = await startFor(`https://127.0.0.1:${port}`, { service: 's3' })
    const body = Buffer.alloc(1024 * 1024)
    const upload = async (): Promise<void> => {
      for (let i = 0; i < 40; i++) expect((await fetch(`${url}/a`, { method: 'PUT', body })).status).toBe(200)
    }
    await Promise.all(Array.from({ length: 8 }, upload))
    worker.postMessage('report')
    const [closed] = await once(worker, 'message')
    expect(closed).toBe(0) // the proxy closes those that are idle for a second
  })

  it('waits for the upstream if the client waits for 100 Continue, which a final response replaces', async () => {
    const seen: string[] = []
    const names: unknown[] = []
    const server = createServer()
    const handler = async (incoming: IncomingMessage, response: ServerResponse) => {
      names.push(incoming.headers['x-name'])
      if (incoming.url === '/no') return void response.writeHead(403).end('no')
      if (incoming.headers.expect) response.writeContinue()
      seen.push(Buffer.concat(await incoming.toArray()).toString())
      response.end('stored')
    }
    server.on('checkContinue', handler).on('request', handler)
    const { port } = await start(server, { service: 's3' })
    const size = 2_000_000
    const put = async (path: string) => {
      const headers = { 'content-length': size, expect: '100-continue' }
      const upload = request({ port, host: '127.0.0.1', method: 'PUT', path, headers })
      const events: string[] = []
      upload.on('continue', () => {
        events.push('continue')
        upload.end(Buffer.alloc(size))
      })
      upload.on('error', () => undefined)
      upload.flushHeaders()
      const [response] = (await once(upload, 'response')) as [IncomingMessage]
      events.push(String(response.statusCode), Buffer.concat(await response.toArray()).toString())
      upload.destroy()
      return events
    }
    expect(await put('/no')).toEqual(['403', 'no'])
    expect(await put('/yes')).toEqual(['continue', '200', 'stored'])
    expect(seen[0]!.length).toBeGreaterThan(size)
    await raw(
      port,
      'PUT /yes',
      [`Content-Length: ${size}`, 'Expect: 100-continue', 'X-Name: caf\xe9'],
      'a'.repeat(size),
    )
    expect(names.at(-1)).toBe('caf\xe9')
  })

  it('that is read first gets 100 Continue from the proxy, but not if the request is rejected', async () => {
    const { port } = await start(
      collecting((_, response, { body }) => response.end(body)),
      { readOnly: false, allow: ['* /a'] },
    )
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`
    const text = await new Promise<string>((resolve) => {
      let all = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(head('/a')))
      socket.on('data', (data) => {
        all += data
        if (all === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('abc')
      })
      socket.on('close', () => resolve(all))
    })
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK.*abc/s)
    expect(await exchange(port, head('/b'))).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('is not kept in memory: one of 160 MiB adds less than 64 MiB', async () => {
    const server = createServer((incoming, response) => {
      incoming.resume().on('end', () => response.end())
    })
    for (const service of ['es', 's3']) {
      const { port } = await start(server.listening ? createServer(server.listeners('request')[0] as never) : server, {
        service,
        maxBody: 200 * 1024 * 1024,
      })
      const before = usedMemory()
      let most = 0
      const size = 160 * 1024 * 1024
      const upload = request({
        port,
        host: '127.0.0.1',
        method: 'PUT',
        path: '/a',
        headers: { 'content-length': size },
      })
      for (let sent = 0; sent < size; sent += 1024 * 1024) {
        if (!upload.write(Buffer.alloc(1024 * 1024))) await once(upload, 'drain')
        if (sent % (32 * 1024 * 1024) === 0) most = Math.max(most, usedMemory() - before)
      }
      upload.end()
      const [response] = await once(upload, 'response')
      expect(response.statusCode).toBe(200)
      expect(most).toBeLessThan(64 * 1024 * 1024)
      response.resume()
    }
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('sigv4-proxy-'))).toEqual([])
  })
})

describe('a connection', () => {
  it('that was closed before the response is replaced once, if the body can be sent again', async () => {
    let attempts = 0
    const bodies: string[] = []
    const server = collecting((incoming, response, { body }) => {
      bodies.push(body.toString())
      if (++attempts === 1) incoming.socket.destroy()
      else response.end('second')
    })
    const { url } = await start(server)
    expect(await (await fetch(url, { method: 'PUT', body: 'abc' })).text()).toBe('second')
    expect(bodies).toEqual(['abc', 'abc'])
  })

  it('that is closed each time leads to 502, and POST is not repeated on a new connection', async () => {
    let attempts = 0
    const { port } = await start(
      collecting((incoming) => {
        attempts++
        incoming.socket.destroy()
      }),
    )
    expect(statusOf(await raw(port, 'POST /', ['Content-Length: 3'], 'abc'))).toBe(502)
    expect(attempts).toBe(1)
    expect(await raw(port, 'GET /')).toMatch(/^HTTP\/1\.1 502 .*closed the connection before it responded/s)
    expect(attempts).toBe(3)
  })

  it('is reused, and replaced if it was closed when it was idle', async () => {
    const sockets = new Set<Socket>()
    const server = createServer((incoming, response) => {
      sockets.add(incoming.socket)
      response.end('fine')
    })
    const { url } = await start(server)
    for (let i = 0; i < 3; i++) await (await fetch(url)).text()
    expect(sockets.size).toBe(1)
    for (const socket of sockets) socket.destroy()
    expect(await (await fetch(url, { method: 'POST', body: 'a' })).text()).toBe('fine')
  })

  it('is reused for a body that cannot be sent again, but not after a second', async () => {
    const sockets = new Set<Socket>()
    const { url } = await start(
      collecting((incoming, response) => {
        sockets.add(incoming.socket)
        response.end('stored')
      }),
      { service: 's3' },
    )
    const upload = async () => (await fetch(`${url}/a`, { method: 'PUT', body: Buffer.alloc(2_000_000) })).text()
    expect([await upload(), await upload()]).toEqual(['stored', 'stored'])
    expect(sockets.size).toBe(1)
    await sleep(1300)
    expect(await upload()).toBe('stored')
    expect(sockets.size).toBe(2)
  })

  it('to an upstream that does not listen leads to 502', async () => {
    const holder = createTcpServer()
    holder.listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const running = await proxy({
      upstream: `http://127.0.0.1:${port}`,
      credentials: CREDENTIALS,
      service: 'es',
      region: 'eu-west-1',
      log: (entry) => logged.push(entry),
    })
    cleanups.push(running.close)
    holder.close()
    await once(holder, 'close')
    expect(await raw(running.port, 'GET /')).toMatch(/^HTTP\/1\.1 502 .*cannot connect to .*ECONNREFUSED/s)
    expect(logged[0]).toMatchObject({ status: 502, error: expect.stringContaining('ECONNREFUSED') })
  })

  it('without a byte is closed, and the client gets 504', async () => {
    const { port } = await start(
      createServer(() => undefined),
      { idleTimeout: '200ms' },
    )
    expect(await raw(port, 'GET /')).toMatch(/^HTTP\/1\.1 504 .*did not respond in time/s)
  })

  it('of the upstream is closed if the client disconnects', async () => {
    let closed = 0
    const { port } = await start(
      createServer((_, response) => {
        response.on('close', () => closed++)
      }),
    )
    const client = request({ port, host: '127.0.0.1' }).on('error', () => undefined)
    const arrived = arrival(2) // at the proxy, and at the upstream
    client.end()
    await arrived
    client.destroy()
    await expect.poll(() => closed).toBe(1)
    await expect.poll(() => logged[0]).toMatchObject({ error: 'the client disconnected', status: undefined })
  })

  it.each(['sign', 'resign'] as const)('is one of 1,000 at once, and few remain: %s', async (mode) => {
    const sockets = new Set<Socket>()
    const server = createServer((incoming, response) => setTimeout(() => response.end(incoming.url), 5))
    server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
    const { url } = await start(server, { mode, ...(mode === 'resign' && { clientCredentials: PLACEHOLDER }) })
    const send = async (path: string) => {
      const request = { url: url + path }
      const signed = await sign(request, { credentials: PLACEHOLDER, service: 'es', region: 'eu-west-1' })
      const response = await fetch(url + path, mode === 'resign' ? { headers: signed.headers } : {})
      return response.text()
    }
    await send('/first')
    const before = usedMemory()
    const paths = Array.from({ length: 1000 }, (_, i) => `/${i}`)
    expect(await Promise.all(paths.map(send))).toEqual(paths)
    expect(logged.every(({ status }) => status === 200)).toBe(true)
    await expect.poll(() => sockets.size).toBeLessThanOrEqual(256)
    expect(usedMemory() - before).toBeLessThan(32 * 1024 * 1024)
  })
})

describe('an upgrade', () => {
  /** A server that echoes what it receives after the upgrade. */
  function echoing(requests: Received[]) {
    const server = createServer((_, response) => response.writeHead(426).end('upgrade'))
    server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
      requests.push(receivedOf(incoming, Buffer.alloc(0)))
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhello ',
      )
      socket.pipe(socket)
    })
    return server
  }

  /** Sends an upgrade, then the word `ping`, and returns what arrives. */
  function upgrade(port: number, lines: readonly string[] = [], target = '/ws?a=1'): Promise<string> {
    return new Promise((resolve) => {
      let all = ''
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(
          `GET ${target} HTTP/1.1\r\n${['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: abc', ...lines].join('\r\n')}\r\n\r\n`,
        ),
      )
      socket.on('data', (data) => {
        all += data
        if (all.endsWith('hello ')) socket.end('ping')
      })
      socket.on('close', () => resolve(all)).on('error', () => undefined)
    })
  }

  it.each([
    ['the header', 'execute-api', false],
    ['the query', 'execute-api', true],
    ['the query, with the token of IoT', 'iotdevicegateway', true],
  ])('to a WebSocket is signed in %s, and joins the connections', async (_, service, query) => {
    const requests: Received[] = []
    const credentials = { ...CREDENTIALS, sessionToken: 'a/token' }
    const { port } = await start(echoing(requests), { service, signQuery: query, credentials })
    const text = await upgrade(port)
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n.*sec-websocket-accept: x.*\r\n\r\nhello ping$/is)
    const { location } = verified(requests[0]!, 'other', undefined, service === 'iotdevicegateway')
    expect(location).toBe(query ? 'query' : 'header')
    expect(header(requests[0]!, 'sec-websocket-key')).toBe('abc')
    await upgrade(port, [], '/x?')
    expect(requests[1]!.target).toMatch(query ? /^\/x\?X-Amz-/ : /^\/x\?$/)
    verified(requests[1]!, 'other', undefined, service === 'iotdevicegateway')
    await expect.poll(() => logged[0]).toMatchObject({ status: 101, method: 'GET' })
  })

  it('that is rejected has the response of the upstream', async () => {
    const { port } = await start(createServer((_, response) => response.writeHead(403).end('no')))
    expect(await upgrade(port)).toMatch(/^HTTP\/1\.1 403 .*no/s)
  })

  it('of a foreign page is rejected by the proxy', async () => {
    const { port } = await start(echoing([]))
    expect(await upgrade(port, ['Origin: https://evil.example'])).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('to HTTP/2 is ignored, and the request is complete', async () => {
    const { port } = await start(collecting((_, response, { body }) => response.end(`got ${body}`)))
    const headers = [
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
      'Content-Length: 4',
    ]
    expect(await raw(port, 'POST /', headers, 'body')).toMatch(/^HTTP\/1\.1 200 .*got body/s)
  })
})

describe('close', () => {
  it('waits for pending requests, and closes WebSockets', async () => {
    const { url, close } = await start(createServer((_, response) => setTimeout(() => response.end('slow'), 200)))
    const arrived = arrival()
    const pending = fetch(url).then((response) => response.text())
    await arrived
    await close()
    expect(await pending).toBe('slow')
    await expect(fetch(url)).rejects.toThrow()
  })
})
