import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, createServer as createTlsServer, request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sign } from '../../../../src/index.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { type Certificate, createCertificate } from '../support/proxy/certificate.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { exchange, header, listen, PLACEHOLDER, receivedOf, verified } from '../support/proxy/upstream.ts'

// Clients connect with TLS, by the name of the proxy or by that of the service.

const HOST = 's3.eu-west-1.amazonaws.com'
const { upstream, start, logged } = proxies({ service: 'es', region: 'eu-west-1' })

let folder: string
let certificate: Certificate
const cleanups: (() => unknown)[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-tls-'))
  certificate = createCertificate(folder, ['localhost', '127.0.0.1', 'proxy.internal', HOST, `*.${HOST}`])
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0)) await cleanup()
})
afterAll(() => rmSync(folder, { recursive: true }))

const startTls = (options: Parameters<typeof start>[0] = {}) => {
  const { cert, key } = certificate
  return start({ tls: { cert, key }, ...options })
}

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string | undefined
}

/** Sends a request to a name that resolves to this machine, and verifies the certificate. */
async function send(port: number, name: string, { method = 'GET', path = '/', headers = {}, body }: Sent = {}) {
  const agent = new Agent({ ca: certificate.cert })
  const lookup = (_: unknown, options: { all?: boolean }, done: (...results: unknown[]) => void) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  const sent = request({
    agent,
    host: name,
    servername: name.replace(/^[\d.]+$/, ''),
    port,
    method,
    path,
    lookup,
    headers,
  } as never)
  sent.end(body)
  const [response] = await new Promise<[import('node:http').IncomingMessage]>((resolve, reject) =>
    sent.on('response', (message) => resolve([message])).on('error', reject),
  )
  const received = { status: response.statusCode!, headers: response.headers, text: await text(response) }
  agent.destroy()
  return received
}

/** Signs for a host as if it had the default port, as clients do whose hosts file names this machine. */
async function signed(host: string, init: { path?: string; method?: string; body?: string } = {}, secret?: string) {
  const { path = '/photos/cat.jpg', method = 'GET', body } = init
  const credentials = secret === undefined ? CREDENTIALS : { ...CREDENTIALS, secretAccessKey: secret }
  const { headers } = await sign(
    { method, url: `https://${host}${path}`, body, headers: { 'content-type': 'text/plain' } },
    { credentials, service: 's3', region: 'eu-west-1' },
  )
  return { method, path, body, headers: { ...headers, host } }
}

/** Sends bytes over TLS, and collects what is received. */
function exchangeTls(port: number, bytes: string, reply?: [after: string, send: string]): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificate.cert, servername: 'localhost' }, () =>
      socket.write(bytes),
    )
    socket.setEncoding('latin1').on('data', (piece: string) => {
      received += piece
      if (reply && received.endsWith(reply[0])) socket.write(reply[1])
      if (reply && received.endsWith(reply[1])) socket.end()
    })
    socket.on('error', () => undefined).on('close', () => resolve(received))
  })
}

describe('a proxy with a certificate', () => {
  it('has a URL with https, and signs', async () => {
    const { url, port } = await startTls()
    expect(url).toBe(`https://127.0.0.1:${port}`)
    const reply = await send(port, '127.0.0.1', { method: 'POST', path: '/index/_search', body: 'abc' })
    expect([reply.status, reply.text]).toEqual([200, 'fine'])
    const received = upstream.take()
    expect(String(received.body)).toBe('abc')
    verified(received, 'other')
  })

  it('can be reached by a name, as curl does', async () => {
    const { port } = await startTls({ allowHosts: ['proxy.internal'] })
    const run = (name: string) =>
      promisify(execFile)('curl', [
        ...['-sS', '--noproxy', '*', '--cacert', certificate.certFile],
        ...['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/index`],
      ])
    expect((await run('proxy.internal')).stdout).toBe('fine')
    verified(upstream.take(), 'other')
    expect((await run(`photos.${HOST}`)).stdout).toContain('is not a name of this proxy')
    await expect(run('other.internal')).rejects.toThrow(/certificate|SSL/)
    expect(upstream.requests).toEqual([])
  })

  it('verifies the placeholder key of clients that use the name of the service, and signs again', async () => {
    const { port } = await startTls({
      mode: 'resign',
      service: 's3',
      clientCredentials: PLACEHOLDER,
      allowHosts: [HOST],
    })
    for (const host of [HOST, `photos.${HOST}`]) {
      const { headers } = await sign(
        { url: `https://${host}/photos/cat.jpg` },
        { credentials: PLACEHOLDER, service: 's3', region: 'eu-west-1' },
      )
      const reply = await send(port, host, { path: '/photos/cat.jpg', headers: { ...headers, host } })
      expect([reply.status, reply.text]).toEqual([200, 'fine'])
      const received = upstream.take()
      expect(received.target).toBe(host === HOST ? '/photos/cat.jpg' : '/photos/photos/cat.jpg')
      expect(verified(received, 's3').credential).toMatch(/^AKIDEXAMPLE\//)
    }
  })

  it('joins WebSockets, without warnings of Node', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error) => warnings.push(warning)
    process.on('warning', warn)
    cleanups.push(() => process.off('warning', warn))
    const server = createServer().on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello ')
      socket.pipe(socket)
    })
    const { port: at, stop } = await listen(server)
    cleanups.push(stop)
    const { port } = await startTls({ upstream: `http://127.0.0.1:${at}` })
    const head = 'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    const joined = await exchangeTls(port, `${head}\r\n`, ['hello ', 'ping'])
    expect(joined).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\nhello ping$/s)
    expect(warnings).toEqual([])
    expect(await exchangeTls(port, `${head}Origin: https://evil.example\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('ignores an upgrade to HTTP/2', async () => {
    const { port } = await startTls()
    const lines = ['Host: localhost', 'Connection: Upgrade, close', 'Upgrade: h2c', 'Content-Length: 4']
    expect(await exchangeTls(port, `POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\nbody`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(String(upstream.take().body)).toBe('body')
  })

  it('closes connections without TLS, and those that have not finished the handshake', async () => {
    const { port, close } = await startTls()
    expect(await exchange(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).not.toContain('fine')
    const socket = connect(port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined))
    await new Promise((resolve) => socket.on('connect', resolve))
    const closing = performance.now()
    await Promise.all([close(), closed])
    // two seconds; ten, if the limit of a handshake ends it
    expect(performance.now() - closing).toBeLessThan(8000)
    expect(upstream.requests).toEqual([])
  })
})

describe('pages', () => {
  it('of a site that is allowed, and of the proxy, can use it', async () => {
    const { port } = await startTls({ cors: ['https://app.example'] })
    const allowed = await send(port, 'localhost', { headers: { origin: 'https://app.example' } })
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example')
    expect((await send(port, 'localhost', { headers: { origin: `https://localhost:${port}` } })).status).toBe(200)
  })

  it.each<[string, Record<string, string>]>([
    ['without encryption', { origin: 'http://localhost' }],
    ['of other sites', { origin: 'https://evil.example' }],
    ['of other sites, in an image', { 'sec-fetch-site': 'cross-site' }],
    ['of other sites, with their own name', { host: 'evil.example' }],
    ['of other sites, with the name of the service', { host: HOST }],
  ])('%s cannot', async (_, headers) => {
    const { port } = await startTls({ upstream: `http://${HOST}`, connect: upstream.host, service: 's3' })
    expect((await send(port, 'localhost', { headers: { host: 'localhost', ...headers } })).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })
})

describe('a watched request for the host of the service', () => {
  it.each([HOST, `photos.${HOST}`])('%s is forwarded unchanged', async (host) => {
    const options = { mode: 'watch', upstream: `http://${HOST}`, connect: upstream.host } as const
    const { port } = await startTls({ ...options, service: undefined, region: undefined })
    const made = await signed(host, { method: 'PUT', body: 'abc' })
    expect((await send(port, host, made)).status).toBe(200)
    const received = upstream.take()
    for (const name of ['host', 'authorization', 'x-amz-date', 'content-type'])
      expect(header(received, name)).toBe((made.headers as Record<string, string>)[name])
    expect([received.target, String(received.body)]).toEqual(['/photos/cat.jpg', 'abc'])
    verified(received, 's3')
    await expect.poll(() => logged[0]).toMatchObject({ verdict: 'right', status: 200 })
    const wrong = await signed(host, {}, 'another-secret')
    expect((await send(port, host, wrong)).status).toBe(200)
    await expect.poll(() => logged[1]).toMatchObject({ verdict: 'wrong', cause: 'wrong-secret' })
  })

  it('requires no credentials, which requests for the host of the proxy do', async () => {
    const options = { mode: 'watch', upstream: `http://${HOST}`, connect: upstream.host } as const
    const { port } = await startTls({ ...options, credentials: undefined, service: undefined, region: undefined })
    expect((await send(port, HOST, await signed(HOST))).status).toBe(200)
    expect(header(upstream.take(), 'host')).toBe(HOST)
    await expect.poll(() => logged[0]).toMatchObject({ verdict: 'unchecked' })
    const reply = await send(port, 'localhost', await signed(`localhost:${port}`))
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('pass the credentials of the client')])
    for (const host of ['evil.example', `evil-${HOST}`, `${HOST}.evil.example`, 'other.amazonaws.com'])
      expect((await send(port, 'localhost', await signed(host))).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })

  it('is sent to the address of the service, whose certificate is verified', async () => {
    let received: ReturnType<typeof receivedOf> | undefined
    const server = createTlsServer({ cert: certificate.cert, key: certificate.key }, async (incoming, response) => {
      received = receivedOf(incoming, Buffer.from(await text(incoming)))
      response.end('fine')
    })
    const { port: at, stop } = await listen(server)
    cleanups.push(stop)
    const { port } = await startTls({
      mode: 'watch',
      upstream: `https://${HOST}`,
      connect: `127.0.0.1:${at}`,
      service: undefined,
      region: undefined,
    })
    const rejected = await send(port, HOST, await signed(HOST))
    expect([rejected.status, rejected.text]).toEqual([502, expect.stringMatching(/cannot connect .*SELF_SIGNED/)])
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    expect((await send(port, HOST, await signed(HOST))).text).toBe('fine')
    verified(received!, 's3')
  })
})

describe('a certificate', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const pem = { type: 'pkcs8', format: 'pem' } as const

  it.each<[string, (own: { cert: string; key: string }) => unknown, string]>([
    ['that is a path', (own) => ({ ...own, cert: certificate.certFile }), 'options.tls.cert is not valid.'],
    ['that is a key', ({ key }) => ({ cert: key, key }), 'options.tls.cert is not valid.'],
    ['without a key', ({ cert }) => ({ cert }), 'options.tls.key is missing. Pass cert and key.'],
    ['alone', ({ cert }) => cert, 'options.tls has the wrong type.'],
    ['of bytes', ({ cert, key }) => ({ cert: Buffer.from(cert), key }), 'options.tls.cert has the wrong type.'],
    ['with a certificate as its key', (own) => ({ ...own, key: certificate.cert }), 'options.tls.key is not valid.'],
    [
      'with an encrypted key',
      (own) => ({ ...own, key: other.export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'secret' }) }),
      'options.tls.key is not valid. Pass a private key in PEM format, without a passphrase.',
    ],
    [
      'with another key',
      (own) => ({ ...own, key: other.export(pem) }),
      'options.tls.key does not match. Pass the private key of the certificate.',
    ],
    ['with an unknown option', (own) => ({ ...own, passphrase: 'x' }), 'options.tls.passphrase is unknown.'],
  ])('%s is rejected', async (_, tls, message) => {
    const { cert, key } = certificate
    await expect(start({ tls: tls({ cert, key }) as never })).rejects.toThrow(message)
  })
})
