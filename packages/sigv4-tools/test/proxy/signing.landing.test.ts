import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { verify } from '../../../../src/verify.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import type { Settings } from '../../src/proxy/options/settings.ts'
import { signDraft } from '../../src/proxy/request/sign.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { TARGETS } from '../support/proxy/targets.ts'
import { header, raw, statusOf, verified } from '../support/proxy/upstream.ts'

// Requests that the proxy signs: a service that verifies them independently must accept each.

const { upstream, start, logged } = proxies({ service: 'es', region: 'eu-west-1' })

async function* pieces(text: string) {
  yield Buffer.from(text)
}

describe('the target', () => {
  it.each([
    '/a/../b/./c//d',
    '//evil.example/a',
    '/a%20b%2Fc%2f+d;e=f,(g)!$&*@:',
    '/x?b=2&a=1&a=%7e&c=a+b&d&=e&e=f=g/?h',
    '/?q=%E9%aa',
    '/x?',
    '/x??',
  ])('%s arrives byte for byte, with a valid signature of any service', async (target) => {
    for (const [service, rule] of [
      ['es', 'other'],
      ['execute-api', 'other'],
      ['s3', 's3'],
    ] as const) {
      const { port } = await start({ service })
      expect(statusOf(await raw(port, `GET ${target}`))).toBe(200)
      const received = upstream.take()
      expect(received.target).toBe(target)
      const { credential } = verified(received, rule)
      expect(credential).toMatch(new RegExp(`^AKIDEXAMPLE/\\d{8}/eu-west-1/${service}/aws4_request$`))
    }
  })

  it('is signed by its octets, even those that Node rejects, however the body is sent', async () => {
    const scope = { service: 's3', region: 'eu-west-1' }
    const settings = { upstream: { host: 'localhost', isEncrypted: false }, now: Date.now } as unknown as Settings
    const plans = [{ kind: 'none' }, { kind: 'signed-chunks', length: 1 }] as const
    for (const [path, query] of [
      ['/b/caf\xc3\xa9', 'x=\xc3\xa9'],
      ['/b/../\xe6\x97\xa5+a', undefined],
      ['/b/caf%C3%A9', ''],
    ] as const)
      for (const plan of plans) {
        const draft = { method: 'PUT', path, query, headers: [], scope, isPresigned: false, plan, body: pieces('a') }
        const { method, target, headers } = await signDraft(settings, draft, CREDENTIALS)
        expect(target).toBe(query === undefined ? path : `${path}?${query}`)
        const lines = Object.entries(headers) as [name: string, value: string][]
        verified({ method, target, headers: lines, body: Buffer.of() }, 's3')
      }
  })

  it('follows the prefix', async () => {
    const { url } = await start({ service: 'execute-api', prefix: '/prod' })
    await fetch(`${url}/pets?a=1`)
    const received = upstream.take()
    expect(received.target).toBe('/prod/pets?a=1')
    verified(received, 'other')
  })

  it('has the bucket of the Host header in the path', async () => {
    const { port } = await start({ service: 's3' })
    await raw(port, 'GET /cat.jpg?versionId=1', [`Host: photos.localhost:${port}`])
    const received = upstream.take()
    expect(received.target).toBe('/photos/cat.jpg?versionId=1')
    expect(header(received, 'host')).toBe(upstream.host)
    verified(received, 's3')
  })

  it('loses the parameters of another signature, and no others', async () => {
    const { url } = await start({ service: 's3' })
    await fetch(
      `${url}/a?x=1&X-Amz-Signature=00&x-amz-date=1&X%2DAmz%2DCredential=a&y=%2f&X-Amz-S3session-Token=a&X-Amz-Region-Set=*`,
    )
    const received = upstream.take()
    expect(received.target).toBe('/a?x=1&y=%2f')
    verified(received, 's3')
    await fetch(`${url}/a?X-Amz-Date=1`)
    expect(upstream.take().target).toBe('/a')
  })

  it('is signed for the upstream and sent to the address of connect', async () => {
    const { url } = await start({ upstream: 'http://api.localhost:81', connect: upstream.host })
    expect((await fetch(url)).status).toBe(200)
    const received = upstream.take()
    expect(header(received, 'host')).toBe('api.localhost:81')
    verified(received, 'other')
  })
})

const JSON_TYPE = 'Content-Type: application/json'
const lengthOf = (body: string) => `Content-Length: ${body.length}`
const gzipped = gzipSync('{"query":{}}').toString('latin1')
const long = 'x'.repeat(1_100_000) // kept in a file
const BODIES: readonly (readonly [headers: readonly string[], sent: string, body: string])[] = [
  [[], '', ''],
  [[JSON_TYPE, 'Content-Length: 0'], '', ''],
  [[JSON_TYPE, 'Content-Length: 2', `X-Amz-Content-Sha256: ${'0'.repeat(64)}`], '{}', '{}'],
  [['Content-Type: application/x-ndjson', 'Content-Length: 6'], '{}\n{}\n', '{}\n{}\n'],
  [[JSON_TYPE, 'Content-Encoding: gzip', lengthOf(gzipped)], gzipped, gzipped],
  [[JSON_TYPE, 'Transfer-Encoding: chunked'], '2\r\n{"\r\n3\r\na"}\r\n0\r\n\r\n', '{"a"}'],
  [[lengthOf(long)], long, long],
]

describe('a request of', () => {
  it.each(TARGETS)('%s for %s is accepted with every method and body', async (service, target) => {
    const { port } = await start({ service })
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      for (const [head, sent, body] of BODIES) {
        expect(statusOf(await raw(port, `${method} ${target}`, head, sent))).toBe(200)
        const received = upstream.take()
        expect([received.method, received.target]).toEqual([method, target])
        expect(received.body.toString('latin1') === body).toBe(true)
        const { payloadHash } = verified(received, 'other')
        expect(payloadHash).toBe(sha256(received.body))
        expect(header(received, 'x-amz-content-sha256')).toBe(service === 'aoss' ? payloadHash : undefined)
        const { headers } = received
        const verdict = await verify(
          { method, url: target, headers, body: received.body },
          { credentials: () => CREDENTIALS, service, region: 'eu-west-1' },
        )
        expect(verdict.accessKeyId).toBe(CREDENTIALS.accessKeyId)
      }
  })
})

describe('headers', () => {
  it('are signed only if nothing changes them in transit', async () => {
    const { port } = await start()
    await raw(port, 'POST /', [
      'Content-Type: application/json',
      'Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==',
      'X-Amz-Target: A.B',
      'X-Amz-Meta-A: 1',
      'X-Amz-Meta-A:  2   3',
      'X-Amz-Meta-B: caf\xc3\xa9',
      'User-Agent: me',
      'Accept-Encoding: gzip',
      'X-Other: 4',
    ])
    const received = upstream.take()
    expect(verified(received, 'other').signedHeaders).toEqual(
      'content-md5 content-type host x-amz-date x-amz-meta-a x-amz-meta-b x-amz-target'.split(' '),
    )
    for (const [name, value] of [
      ['user-agent', 'me'],
      ['accept-encoding', 'gzip'],
      ['x-other', '4'],
    ] as const)
      expect(header(received, name)).toBe(value)
  })

  it('with bytes other than ASCII are signed as UTF-8 and arrive unchanged, however the body is sent', async () => {
    const { port } = await start({ service: 's3' })
    for (const body of ['', 'abc', long]) {
      const head = ['X-Amz-Meta-B: caf\xc3\xa9', 'Content-Type: text/a; \xc3\xa9', `Content-Length: ${body.length}`]
      expect(statusOf(await raw(port, 'PUT /b/k', head, body))).toBe(200)
      const received = upstream.take()
      const { payloadHash, signedHeaders } = verified(received, 's3')
      expect(payloadHash.startsWith('STREAMING-')).toBe(body === long)
      expect(signedHeaders).toEqual(expect.arrayContaining(['content-type', 'x-amz-meta-b']))
      expect(header(received, 'x-amz-meta-b')).toBe('caf\xc3\xa9')
      expect(received.headers.filter(([name]) => name.toLowerCase() === 'host')).toHaveLength(1)
    }
  })

  it('with the encoding of a body name aws-chunked, too, if it is sent in signed chunks', async () => {
    const { port } = await start({ service: 's3' })
    for (const body of ['abc', long]) {
      const head = ['Content-Encoding: br', 'Content-Encoding: gzip', `Content-Length: ${body.length}`]
      expect(statusOf(await raw(port, 'PUT /b/k', head, body))).toBe(200)
      const received = upstream.take()
      const { signedHeaders } = verified(received, 's3')
      const encodings = received.headers.filter(([name]) => name.toLowerCase() === 'content-encoding')
      expect(encodings.map(([, value]) => value)).toEqual(body === long ? ['br,gzip,aws-chunked'] : ['br', 'gzip'])
      expect(signedHeaders.includes('content-encoding')).toBe(body === long)
    }
  })

  it.each([
    ['Authorization', 'Basic eDp5'],
    ['X-Forwarded-For', '10.0.0.1'],
    ['Forwarded', 'for=10.0.0.1'],
    ['Via', '1.1 other'],
    ['amz-sdk-invocation-id', 'a'],
    ['Cookie', 'a=b'],
    ['X-Amz-Security-Token', 'other'],
    ['X-Amz-S3session-Token', 'other'],
    ['X-Amz-Region-Set', '*'],
    ['Proxy-Authorization', 'Basic eDp5'],
    ['TE', 'gzip'],
    ['Keep-Alive', 'timeout=5'],
  ])('%s is not forwarded', async (name, value) => {
    const { port } = await start()
    await raw(port, 'GET /', [`${name}: ${value}`])
    const received = upstream.take()
    verified(received, 'other')
    expect(header(received, name.toLowerCase()) ?? '').not.toBe(value)
    expect(header(received, 'x-amz-security-token')).toBeUndefined()
  })

  it('that Connection names are not forwarded, but cannot remove those of the signature', async () => {
    const { port } = await start()
    await raw(port, 'GET /', ['Connection: close, X-Amz-Date, Host, X-Hop, Authorization', 'X-Hop: 1', 'X-Amz-Date: 1'])
    const received = upstream.take()
    verified(received, 'other')
    expect(header(received, 'x-hop')).toBeUndefined()
  })

  it('include cookies if they are allowed', async () => {
    const { port } = await start({ cookies: true })
    await raw(port, 'GET /', ['Cookie: a=b'])
    expect(header(upstream.take(), 'cookie')).toBe('a=b')
  })

  it('have the session token of temporary credentials', async () => {
    const { url } = await start({ credentials: { ...CREDENTIALS, sessionToken: 'a-token' } })
    await fetch(url)
    expect(verified(upstream.take(), 'other').signedHeaders).toContain('x-amz-security-token')
  })
})

describe('bodies', () => {
  it.each([
    ['es', 5],
    ['es', 3_000_000],
    ['aoss', 5],
    ['s3', 5],
    ['s3', 3_000_000],
  ])('of %s with %d bytes are hashed or sent in signed chunks', async (service, size) => {
    const { url } = await start({ service })
    const body = Buffer.alloc(size, 'body ')
    expect((await fetch(`${url}/a`, { method: 'PUT', body })).status).toBe(200)
    const received = upstream.take()
    const { payloadHash } = verified(received, service === 's3' ? 's3' : 'other')
    if (service === 's3' && size > 1024 * 1024) {
      expect(payloadHash).toBe('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
      expect(header(received, 'x-amz-decoded-content-length')).toBe(String(size))
      expect(header(received, 'content-length')).toBe(String(received.body.length))
    } else {
      expect(payloadHash).toBe(sha256(body))
      expect(Buffer.compare(received.body, body)).toBe(0)
      expect(header(received, 'x-amz-content-sha256')).toBe(service === 'es' ? undefined : sha256(body))
    }
    await expect
      .poll(() => logged[0])
      .toMatchObject({ received: size, status: 200, accessKeyId: CREDENTIALS.accessKeyId })
  })

  it('of unknown length are read first, and sent with their length', async () => {
    const { port } = await start({ service: 's3' })
    await raw(port, 'PUT /a', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
    const received = upstream.take()
    expect([String(received.body), header(received, 'content-length')]).toEqual(['abcde', '5'])
    verified(received, 's3')
  })

  it('of GET are forwarded, as OpenSearch expects', async () => {
    const { port } = await start()
    await raw(port, 'GET /_search', ['Content-Type: application/json', 'Content-Length: 2'], '{}')
    const received = upstream.take()
    expect(String(received.body)).toBe('{}')
    verified(received, 'other')
  })

  it('that the client has encoded in unsigned chunks remain unchanged', async () => {
    const { port } = await start({ service: 's3' })
    const body = '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n'
    await raw(
      port,
      'PUT /a',
      [
        'Content-Encoding: aws-chunked',
        'X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'X-Amz-Decoded-Content-Length: 3',
        'X-Amz-Trailer: x-amz-checksum-crc32',
        `Content-Length: ${body.length}`,
      ],
      body,
    )
    const received = upstream.take()
    expect(String(received.body)).toBe(body)
    const { payloadHash, signedHeaders } = verified(received, 's3')
    expect(payloadHash).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    expect(signedHeaders).toEqual(expect.arrayContaining(['content-encoding', 'x-amz-trailer']))
  })

  it('in signed chunks are rejected, because the proxy cannot verify them', async () => {
    const { port } = await start({ service: 's3' })
    const head = ['X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'Content-Length: 3']
    expect(await raw(port, 'PUT /a', head, 'abc')).toMatch(/^HTTP\/1\.1 400 .*Only the mode 'resign' can/s)
    expect(upstream.requests).toEqual([])
  })

  it('that are longer than maxBody are rejected before they are sent', async () => {
    const { port } = await start({ maxBody: 10 })
    expect(statusOf(await raw(port, 'PUT /a', ['Content-Length: 11'], 'a'.repeat(11)))).toBe(413)
    const chunked = await raw(port, 'PUT /a', ['Transfer-Encoding: chunked'], 'b\r\nabcdefghijk\r\n0\r\n\r\n')
    expect(chunked).toMatch(/^HTTP\/1\.1 413 .*Raise options\.maxBody\./s)
    expect(upstream.requests).toEqual([])
  })

  it('that are event streams are rejected by name', async () => {
    const { port } = await start({ service: 'transcribe' })
    const response = await raw(
      port,
      'POST /',
      ['Content-Type: application/vnd.amazon.eventstream', 'Content-Length: 1'],
      'x',
    )
    expect(response).toMatch(/^HTTP\/1\.1 501 .*HTTP\/2/s)
  })
})
