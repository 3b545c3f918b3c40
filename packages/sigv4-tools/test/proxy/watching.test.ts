import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sign } from '../../../../src/index.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { byForm, byHeader, type Handmade, type Making, send } from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../src/proxy.ts'
import { serve } from '../../src/serve.ts'
import { KEY, raw, startUpstream } from '../support/proxy/upstream.ts'

// Requests pass unchanged to a server that verifies them; the proxy explains why it rejects them.

const cleanups: (() => unknown)[] = []
let logged: LoggedRequest[]

beforeEach(() => {
  logged = []
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function watch(upstream: string, options: Partial<ProxyOptions> = {}) {
  const started = await proxy({
    upstream,
    mode: 'watch',
    credentials: CREDENTIALS,
    log: (entry) => logged.push(entry),
    ...options,
  })
  cleanups.push(started.close)
  return started
}

async function watchServer(options: Partial<ProxyOptions> = {}) {
  const server = await serve({ credentials: CREDENTIALS, region: 'us-east-1' })
  cleanups.push(server.close)
  return watch(server.url, options)
}

const making = (port: number, change: Partial<Making> = {}): Making => ({
  host: `127.0.0.1:${port}`,
  keyId: KEY,
  secret: SECRET,
  method: 'PUT',
  path: '/bucket/key',
  body: 'abc',
  ...change,
})

/** Sends a request, and returns what the proxy logged. */
async function observe(port: number, made: Handmade): Promise<LoggedRequest> {
  const before = logged.length
  await send(port, made)
  await expect.poll(() => logged.length).toBe(before + 1)
  return logged.at(-1)!
}

describe('a request', () => {
  it('arrives unchanged, except for what belongs to the connection', async () => {
    const upstream = await startUpstream()
    cleanups.push(upstream.stop)
    const { port } = await watch(upstream.url)
    const lines = [
      'Host: localhost:1',
      'Authorization: Basic eDp5',
      'Cookie: a=b',
      'X-Forwarded-For: 1',
      'X-Amz-Date: 1',
    ]
    for (const target of ['/x?', '//x?&'])
      expect((await raw(port, `GET ${target}`)) && upstream.take().target).toBe(target)
    await raw(port, 'POST /a/../b?X-Amz-Date=1&&c', [...lines, 'TE: gzip', 'Content-Length: 3'], 'abc')
    const { target, headers, body } = upstream.take()
    expect(target).toBe('/a/../b?X-Amz-Date=1&&c')
    expect(String(body)).toBe('abc')
    const sent = headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    expect(sent).toEqual(
      expect.arrayContaining(lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))),
    )
    expect(sent.join()).not.toContain('te: gzip')
  })

  it('with a right signature is accepted and right', async () => {
    const { port } = await watchServer()
    expect(await observe(port, byHeader(making(port)))).toMatchObject({
      status: 200,
      verdict: 'right',
      accessKeyId: KEY,
    })
    const unsigned = byHeader(making(port, { method: 'GET', body: '' }))
    expect(await observe(port, unsigned)).toMatchObject({ status: 200, verdict: 'right' })
    expect(logged.every(({ cause }) => cause === undefined)).toBe(true)
  })
})

describe('a rejected request', () => {
  const changed = (made: Handmade, change: Partial<Handmade>): Handmade => ({ ...made, ...change })

  it.each<[string, string, (port: number) => Handmade]>([
    ['another parameter', 'query-extra', (port) => changed(byHeader(making(port)), { target: '/bucket/key?a=1' })],
    ['a wrong secret', 'wrong-secret', (port) => byHeader(making(port, { secret: 'another-secret' }))],
    ['an old date', 'clock-past', (port) => byHeader(making(port, { time: Date.now() - 1_300_000 }))],
    ['another body', 'payload-mismatch', (port) => changed(byHeader(making(port)), { body: 'abd' })],
    [
      'another host',
      'host',
      (port) => {
        const made = byHeader(making(port, { host: 's3.amazonaws.com' }))
        return changed(made, { headers: { ...made.headers, host: `127.0.0.1:${port}` } })
      },
    ],
  ])('with %s is wrong, and its cause is %s', async (_, cause, make) => {
    const { port } = await watchServer()
    const entry = await observe(port, make(port))
    expect(entry.status).toBeGreaterThanOrEqual(400)
    expect(entry).toMatchObject({ verdict: 'wrong', cause })
    expect(entry.explanation!.join('\n')).toMatch(/Fix: /)
    expect(JSON.stringify(entry)).not.toContain(SECRET)
  })

  it.each([100, 100_000])('is explained with its body if that is a form, of at most 64 KiB: %d bytes', async (size) => {
    const upstream = await startUpstream((_, response) => response.writeHead(403).end())
    cleanups.push(upstream.stop)
    const { port } = await watch(upstream.url)
    const made = byForm({ ...making(port), path: '/bucket', secret: 'another-secret', file: 'x'.repeat(size) })
    const { verdict, cause } = await observe(port, made)
    expect([verdict, cause === 'wrong-secret']).toEqual(['wrong', size === 100])
  })

  it('is not called accepted, whatever the status', async () => {
    const upstream = await startUpstream((_, response) => response.writeHead(404).end())
    cleanups.push(upstream.stop)
    const { port } = await watch(upstream.url)
    const entry = await observe(port, byHeader(making(port, { secret: 'another-secret' })))
    expect(entry).toMatchObject({ status: 404, verdict: 'wrong', cause: 'wrong-secret' })
    expect(entry.explanation!.join()).not.toContain('accepted')
    const right = await observe(port, byHeader(making(port)))
    expect([right.verdict, right.cause, right.explanation]).toEqual(['right', undefined, undefined])
  })

  it('is explained without credentials as far as possible', async () => {
    const { port } = await watchServer({ credentials: undefined })
    const entry = await observe(port, byHeader(making(port, { time: Date.now() - 1_300_000 })))
    expect(entry).toMatchObject({ verdict: 'unchecked', cause: 'clock-past' })
  })

  it('that was right when it was received was changed after the proxy, or the server has another key', async () => {
    const server = await serve({
      credentials: { accessKeyId: KEY, secretAccessKey: 'another-key' },
      region: 'us-east-1',
    })
    cleanups.push(server.close)
    const { port } = await watch(server.url)
    const entry = await observe(port, byHeader(making(port)))
    expect(entry).toMatchObject({ status: 403, verdict: 'right' })
    expect(entry.explanation!.join('\n')).toContain('The signature was correct when the proxy received the request.')
  })

  it.each([
    [
      'xml',
      's3',
      'content-type: application/xml',
      '<Code>AccessDenied</Code><Message>sigv4-tools proxy: PUT /b is not allowed. Add',
    ],
    [
      'json',
      'dynamodb',
      'x-amzn-errortype: AccessDeniedException',
      '"message":"sigv4-tools proxy: PUT /b is not allowed. Add',
    ],
  ])(
    'by the proxy itself has the format of the service, and does not mention the server: %s',
    async (_, service, header, text) => {
      const { port } = await watchServer({ allow: ['GET /a'], service })
      const authorization = `AWS4-HMAC-SHA256 Credential=${KEY}/20250101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`
      const response = await raw(port, 'PUT /b', [`Authorization: ${authorization}`, 'Content-Length: 0'])
      expect(response.toLowerCase()).toContain(header.toLowerCase())
      expect(response).toContain(text)
      await expect.poll(() => logged.length).toBe(1)
      expect(logged[0]).toMatchObject({
        status: 403,
        error: "PUT /b is not allowed. Add 'PUT /b' to options.allow.",
      })
      expect(logged[0]).not.toHaveProperty('explanation')
    },
  )

  it('by the host of a bucket names the option of the client', async () => {
    const { port } = await watchServer()
    expect(await raw(port, 'GET /key', ['Host: bucket.localhost'])).toMatch(/^HTTP\/1\.1 400 .*forcePathStyle/s)
  })
})

describe('a server that accepts a wrong signature', () => {
  it('is reported once', async () => {
    const upstream = await startUpstream()
    cleanups.push(upstream.stop)
    const { port } = await watch(upstream.url)
    const made = byHeader(making(port, { secret: 'another-secret' }))
    const first = await observe(port, made)
    expect(first).toMatchObject({ status: 200, verdict: 'wrong', cause: 'wrong-secret' })
    expect(first.explanation![0]).toContain('may not check signatures')
    const second = await observe(port, made)
    expect(second).toMatchObject({ status: 200, verdict: 'wrong' })
    expect(second.explanation).toBeUndefined()
  })

  it.each<[string, (port: number) => Handmade]>([
    ['a public object', () => ({ method: 'GET', target: '/bucket/key', headers: { host: 'localhost' } })],
    [
      'a form, which has its signature in the body',
      (port) => ({
        method: 'POST',
        target: '/bucket',
        headers: { host: `localhost:${port}`, 'content-type': 'multipart/form-data; boundary=b' },
        body: '--b--',
      }),
    ],
    ['a request with the key of a different client', (port) => byHeader(making(port, { keyId: 'AKIDOTHER' }))],
  ])('is not one that accepts %s', async (_, make) => {
    const upstream = await startUpstream()
    cleanups.push(upstream.stop)
    const { port } = await watch(upstream.url)
    const entry = await observe(port, make(port))
    expect(entry).toMatchObject({ status: 200, verdict: 'unchecked' })
    expect(entry.explanation).toBeUndefined()
  })
})

describe('a service that accepts only its own host', () => {
  it('gets requests that the proxy has verified and signed again', async () => {
    const upstream = await startUpstream()
    cleanups.push(upstream.stop)
    const { url, port } = await watch('http://s3.eu-west-1.amazonaws.com', { connect: `127.0.0.1:${upstream.port}` })
    const request = await sign(
      { method: 'PUT', url: `${url}/bucket/key`, body: 'abc' },
      { credentials: CREDENTIALS, service: 's3', region: 'eu-west-1' },
    )
    expect((await fetch(request.url, request as RequestInit)).status).toBe(200)
    const { headers, body } = upstream.take()
    expect(headers).toContainEqual(['host', 's3.eu-west-1.amazonaws.com'])
    expect(sha256(body)).toBe(sha256('abc'))
    await expect.poll(() => logged[0]).toMatchObject({ verdict: 'right' })
    const wrong = byHeader(making(port, { secret: 'another-secret', region: 'eu-west-1' }))
    expect(await observe(port, wrong)).toMatchObject({ status: 403, verdict: 'wrong', cause: 'wrong-secret' })
    expect(upstream.requests).toEqual([])
  })

  it('requires credentials', async () => {
    await expect(watch('https://s3.eu-west-1.amazonaws.com', { credentials: undefined })).rejects.toThrow(
      /^options\.credentials is missing\. s3\.eu-west-1\.amazonaws\.com accepts only requests for its own host/,
    )
  })
})
