import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, send } from '../../../../test/support/hand.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../src/proxy.ts'
import { header, PLACEHOLDER, raw, startUpstream, type Upstream } from '../support/proxy/upstream.ts'

// Options, and what remains of a request in unusual cases.

let upstream: Upstream
const running: { close(): Promise<void> }[] = []

beforeAll(async () => {
  upstream = await startUpstream()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
  upstream.requests.splice(0)
})
afterAll(() => upstream.stop())

async function start(options: Partial<ProxyOptions> = {}) {
  const started = await proxy({
    upstream: upstream.url,
    credentials: CREDENTIALS,
    service: 'es',
    region: 'eu-west-1',
    ...options,
  })
  running.push(started)
  return started
}

describe('proxy', () => {
  it.each<[object, string]>([
    [{ upstream: undefined }, 'options.upstream is missing'],
    [{ upstream: 5 }, 'options.upstream has the wrong type'],
    [{ upstream: '' }, 'options.upstream is not valid'],
    [{ mode: 'other' }, 'options.mode is not valid'],
    [{ port: '80' }, 'options.port has the wrong type'],
    [{ port: -1 }, 'options.port is out of range'],
    [{ port: 65_536 }, 'options.port is out of range'],
    [{ maxBody: 0 }, 'options.maxBody is out of range'],
    [{ idleTimeout: 30_000 }, "options.idleTimeout has the wrong type. Pass a number and its unit, such as '30s'."],
    [{ idleTimeout: '0s' }, 'options.idleTimeout is out of range'],
    [{ cors: 'https://app.example' }, 'options.cors has the wrong type'],
    [{ allowHosts: [5] }, 'options.allowHosts has the wrong type'],
    [{ allow: [''] }, 'options.allow has the wrong type'],
    [{ log: 'file' }, 'options.log has the wrong type'],
    [{ readOnly: 1 }, 'options.readOnly has the wrong type'],
    [{ token: '' }, 'options.token is not valid'],
    [{ connect: 'a b' }, 'options.connect is not valid'],
    [{ credentials: 'key' }, 'options.credentials has the wrong type'],
    [{ credentials: { accessKeyId: 'a' } }, 'options.credentials.secretAccessKey is missing'],
    [{ mode: 'resign', clientCredentials: { accessKeyId: 'a' } }, 'options.credentials.secretAccessKey is missing'],
    [{ mode: 'resign', clientCredentials: CREDENTIALS }, 'options.clientCredentials cannot be used here'],
    [{ mode: 'watch', signQuery: true }, 'options.signQuery cannot be used here'],
  ])('rejects %j', async (options, message) => {
    await expect(start(options)).rejects.toThrow(message)
  })

  it('listens on IPv6, and on a port that is in use only once', async () => {
    const { url, port } = await start({ host: '::1' })
    expect(url).toBe(`http://[::1]:${port}`)
    expect((await fetch(url)).status).toBe(200)
    await expect(start({ host: '::1', port })).rejects.toThrow('EADDRINUSE')
  })

  it('continues if the log throws', async () => {
    const { url } = await start({
      log: () => {
        throw new Error('full')
      },
    })
    for (let i = 0; i < 2; i++) expect((await fetch(url)).status).toBe(200)
  })

  it('uses the clock that is passed', async () => {
    const { url } = await start({ now: () => Date.UTC(2026, 0, 31, 12) })
    await fetch(url)
    expect(header(upstream.take(), 'x-amz-date')).toBe('20260131T120000Z')
  })
})

describe('a request', () => {
  it('with HEAD that is rejected has no body in its response', async () => {
    const { port } = await start()
    expect(await raw(port, 'HEAD /', ['Host: evil.example'])).toMatch(/^HTTP\/1\.1 403 .*\r\n\r\n$/s)
  })

  it('that is watched keeps an empty length, and WebSockets are forwarded', async () => {
    const entries: LoggedRequest[] = []
    const { port } = await start({ mode: 'watch', log: (entry) => entries.push(entry) })
    await raw(port, 'POST /', ['Content-Length: 0'])
    expect(header(upstream.take(), 'content-length')).toBe('0')
    await raw(port, 'POST /', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n')
    expect(String(upstream.take().body)).toBe('abc')
    await raw(port, 'GET /ws', ['Connection: Upgrade', 'Upgrade: websocket'])
    expect(header(upstream.take(), 'upgrade')).toBe('websocket')
    await expect.poll(() => entries.length).toBe(3)
  })

  it('with the placeholder key and a body of unknown length is read first', async () => {
    const { port } = await start({
      mode: 'resign',
      clientCredentials: PLACEHOLDER,
      service: 's3',
      allowPresigned: true,
    })
    const { accessKeyId: keyId, secretAccessKey: secret } = PLACEHOLDER
    const making = { method: 'PUT', path: '/b/k', host: 'localhost', keyId, secret, region: 'eu-west-1', body: 'abc' }
    for (const made of [byHeader(making), byHeader({ ...making, payloadHash: 'UNSIGNED-PAYLOAD' }), byQuery(making)]) {
      const { 'content-length': _, ...headers } = made.headers
      const reply = await send(port, { ...made, headers: { ...headers, 'transfer-encoding': 'chunked' } })
      expect([reply.status, reply.text]).toEqual([200, 'fine'])
      const received = upstream.take()
      expect([String(received.body), header(received, 'content-length')]).toEqual(['abc', '3'])
    }
  })

  it('with the placeholder key of a service that does not state the hash is verified after its body', async () => {
    const { port } = await start({ mode: 'resign', clientCredentials: PLACEHOLDER })
    const { accessKeyId: keyId, secretAccessKey: secret } = PLACEHOLDER
    const made = byHeader({
      method: 'POST',
      host: 'localhost',
      keyId,
      secret,
      region: 'eu-west-1',
      service: 'es',
      body: 'abc',
    })
    // the hash is signed, and another header that is not must not replace it
    expect((await send(port, made)).status).toBe(200)
    expect((await send(port, { ...made, body: 'abd' })).status).toBe(400)
  })
})
