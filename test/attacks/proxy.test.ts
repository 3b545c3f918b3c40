import { describe, expect, it } from 'vitest'
import type { ProxyOptions } from '../../src/proxy.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { CREDENTIALS, exchange, header, raw, SECRET, statusOf } from '../support/proxy/upstream.ts'

// Attacks on a proxy that signs: by pages in a browser of this machine, by other machines, and by clients that are allowed
// to do less than the credentials can.

const TOKEN = 'a-token-of-many-characters'
const { upstream, start, logged } = proxies({ service: 'es', region: 'eu-west-1' })

describe('a page of another site', () => {
  it.each([
    ['DNS rebinding', ['Host: evil.example']],
    ['DNS rebinding, with the port', ['Host: evil.example:9000']],
    ['a name that ends like one of the proxy', ['Host: evil-localhost']],
    ['a name that starts like one of the proxy', ['Host: localhost.evil.example']],
    ['another address of the machine', ['Host: 192.168.0.1']],
    ['a subdomain of localhost', ['Host: evil.localhost']],
    ['a form', ['Origin: https://evil.example']],
    ['a form of a page on another port', ['Host: localhost:9000', 'Origin: http://localhost:3000']],
    ['a form of a sandboxed frame', ['Origin: null']],
    ['an image', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image']],
    ['an image on a page on another port', ['Sec-Fetch-Site: same-site']],
    ['a link', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate']],
    ['two origins', ['Origin: http://localhost', 'Origin: https://evil.example']],
  ])('is rejected: %s', async (_, headers) => {
    const { port } = await start()
    for (const method of ['GET', 'POST', 'OPTIONS'])
      expect(statusOf(await raw(port, `${method} /`, [...headers, 'Content-Length: 0']))).toBe(403)
    expect(upstream.requests).toEqual([])
  })

  it.each([
    ['a program', []],
    ['its own pages', ['Host: localhost:9000', 'Origin: http://localhost:9000', 'Sec-Fetch-Site: same-origin']],
    ['an address that the user typed', ['Sec-Fetch-Site: none']],
    ['the address that it listens on', ['Host: 127.0.0.1']],
    ['the address of IPv6', ['Host: [::1]:9000']],
  ])('but not %s', async (_, headers) => {
    const { port } = await start()
    expect(statusOf(await raw(port, 'GET /', headers))).toBe(200)
  })

  it('can be allowed by name, for its preflight and its requests', async () => {
    const { port } = await start({ cors: ['https://app.example'], allowHosts: ['proxy.internal'] })
    const headers = ['Host: proxy.internal', 'Origin: https://app.example', 'Sec-Fetch-Site: cross-site']
    const preflight = [...headers, 'Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: x-a']
    const allowed = await raw(port, 'OPTIONS /', preflight)
    expect(allowed).toMatch(/^HTTP\/1\.1 204 /)
    expect(allowed).toMatch(/access-control-allow-origin: https:\/\/app\.example/i)
    expect(upstream.requests).toEqual([])
    expect(await raw(port, 'PUT /', [...headers, 'Content-Length: 0'])).toMatch(
      /^HTTP\/1\.1 200 .*access-control-allow-origin: https:\/\/app\.example/is,
    )
    expect(statusOf(await raw(port, 'GET /', ['Origin: https://app.example.evil.example']))).toBe(403)
  })
})

describe('a request that servers read in different ways', () => {
  const head = 'Host: localhost\r\nConnection: close\r\n'
  it.each([
    ['two hosts', `GET / HTTP/1.1\r\nHost: evil.example\r\n${head}\r\n`],
    ['two hosts, the first of the proxy', `GET / HTTP/1.1\r\n${head}Host: evil.example\r\n\r\n`],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: localhost/a\r\nConnection: close\r\n\r\n'],
    ['a host with a user', 'GET / HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n'],
    ['an absolute target', `GET http://evil.example/ HTTP/1.1\r\n${head}\r\n`],
    ['an absolute target of the proxy', `GET http://localhost/ HTTP/1.1\r\n${head}\r\n`],
    ['a star', `OPTIONS * HTTP/1.1\r\n${head}\r\n`],
    ['a target without a slash', `GET a HTTP/1.1\r\n${head}\r\n`],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${head}\r\n`],
    ['a backslash', `GET /a\\..\\b HTTP/1.1\r\n${head}\r\n`],
    ['a tab', `GET /a\tb HTTP/1.1\r\n${head}\r\n`],
    ['an unencoded letter', `GET /\xe9 HTTP/1.1\r\n${head}\r\n`],
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST / HTTP/1.1\r\n${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a signed length', `POST / HTTP/1.1\r\n${head}Content-Length: +1\r\n\r\na`],
    ['a folded header', `GET / HTTP/1.1\r\n${head}X-A: 1\r\n X-B: 2\r\n\r\n`],
    ['a bare line feed', `GET / HTTP/1.1\r\n${head}X-A: 1\nX-B: 2\r\n\r\n`],
    ['a space before the colon', `GET / HTTP/1.1\r\n${head}X-A : 1\r\n\r\n`],
    ['a NUL', `GET / HTTP/1.1\r\n${head}X-A: \0\r\n\r\n`],
    ['a different transfer encoding', `POST / HTTP/1.1\r\n${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['a header without an end', `GET / HTTP/1.1\r\n${head}${'X-A: 1\r\n'.repeat(20_000)}\r\n`],
    ['a request that shows the signature', `TRACE / HTTP/1.1\r\n${head}\r\n`],
  ])('is rejected: %s', async (_, bytes) => {
    const { port } = await start()
    expect(statusOf(await exchange(port, bytes))).toSatisfy((status: number) => status >= 400 && status <= 501)
    expect(upstream.requests).toEqual([])
  })

  it('closes the connection for CONNECT', async () => {
    const { port } = await start()
    await exchange(port, `CONNECT evil.example:443 HTTP/1.1\r\n${head}\r\n`)
    expect(upstream.requests).toEqual([])
  })
})

describe('a token', () => {
  it.each([
    ['none', []],
    ['a wrong one', ['Authorization: Bearer a-token-of-many-letters']],
    ['an empty one', ['Authorization: Bearer ']],
    ['a prefix', [`Authorization: Bearer ${TOKEN.slice(0, -1)}`]],
    ['two', [`Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer x']],
    ['a different scheme', [`Authorization: Basic ${TOKEN}`]],
    ['one in the query', []],
  ])('is required: %s', async (_, headers) => {
    const { port } = await start({ token: TOKEN })
    const response = await raw(port, `GET /?token=${TOKEN}`, headers)
    expect(response).toMatch(/^HTTP\/1\.1 401 .*www-authenticate: Bearer/is)
    expect(response).not.toContain(TOKEN)
    expect(upstream.requests).toEqual([])
  })

  it('is accepted, and not forwarded', async () => {
    const { port } = await start({ token: TOKEN })
    expect(statusOf(await raw(port, 'GET /', [`Authorization: bearer ${TOKEN}`]))).toBe(200)
    expect(header(upstream.take(), 'authorization')).toMatch(/^AWS4-HMAC-SHA256 /)
  })
})

it('what is not HTTP gets a response, and an entry in the log', async () => {
  const { port } = await start()
  expect(await raw(port, 'GET /ü')).toMatch(/^HTTP\/1\.1 400 .*must be percent-encoded/s)
  await expect.poll(() => logged.length).toBe(1)
  expect(logged[0]).toMatchObject({ method: '', path: '', status: 400, error: expect.stringContaining('must be') })
})

describe('what is not allowed', () => {
  it.each([
    ['another method', 'POST /index/a', []],
    ['a method that a server may not know', 'PATCH /index/a', []],
    ['a WebSocket, which can write', 'GET /index/a', ['Upgrade: websocket', 'Connection: Upgrade']],
    ['a header that replaces the method', 'GET /index/a', ['X-HTTP-Method-Override: DELETE']],
    ['its other names', 'GET /index/a', ['X-Method-Override: DELETE']],
  ])('with readOnly: %s', async (_, first, headers) => {
    const { port } = await start({ readOnly: true })
    expect(statusOf(await raw(port, first, ['Content-Length: 0', ...headers]))).toBe(403)
    expect(upstream.requests).toEqual([])
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(statusOf(await raw(port, `${method} /`))).toBe(200)
  })

  it.each([
    'GET /',
    'GET /index',
    'GET /other/a',
    'GET /other/index/a',
    'GET //index/a',
    'GET /index/../other',
    'GET /index/..',
    'GET /index/%2e%2e/other',
    'GET /index/.%2E/other',
    'GET /index/..%2fother',
    'GET /index/..%5cother',
    'GET /index/%252e%252e/other',
    'GET /index/%25252525252525252e./other',
    'GET /index/..;a=b/other',
    'GET /INDEX/a',
    'DELETE /index/a',
    'PUT /logs/a/_docs',
    'get /index/a',
    'GET /x/1/z',
    'GET /x/y',
  ])('by the list: %s', async (first) => {
    const { port } = await start({ allow: ['GET /index/*', '* /logs/*/_doc', 'GET /x/*/y/*/z'] })
    expect(statusOf(await raw(port, first))).toSatisfy((status: number) => status === 403 || status === 400)
    expect(upstream.requests).toEqual([])
  })

  it.each([
    'GET /index/',
    'GET /index/a/b?c=../d',
    'PUT /logs/a/_doc',
    'POST /logs/a/b/_doc',
    'GET /index/a..b/...',
    'GET /x/1/y/2/z',
  ])('is not %s', async (first) => {
    const { port } = await start({ allow: ['GET /index/*', '* /logs/*/_doc', 'GET /x/*/y/*/z'] })
    expect(statusOf(await raw(port, first))).toBe(200)
  })

  const S3 = { service: 's3', allow: ['GET /photos/*', 'PUT /photos/*'] }

  it.each<[string, string, string[]]>([
    ['a bucket in the host', 'GET /photos/a', ['Host: secret.localhost']],
    ['a bucket in the host, with an address', 'GET /photos/a', ['Host: secret.127.0.0.1']],
    ['a bucket in the host that ends the path', 'GET /a', ['Host: photos.secret.localhost']],
    ['a copy of another object', 'PUT /photos/a', ['x-amz-copy-source: secret/a']],
    ['a copy with a slash', 'PUT /photos/a', ['x-amz-copy-source: /secret/a?versionId=1']],
    ['a copy with dot segments', 'PUT /photos/a', ['x-amz-copy-source: photos/%2e%2e/secret/a']],
    [
      'a copy of an access point',
      'PUT /photos/a',
      ['x-amz-copy-source: arn:aws:s3:eu-west-1:1:accesspoint/a/object/a'],
    ],
    ['one of two sources', 'PUT /photos/a', ['x-amz-copy-source: photos/b', 'X-Amz-Copy-Source: secret/a']],
    ['a source in the query string', 'PUT /photos/a?X-Amz-Copy%2DSource=photos/b', []],
    ['a rename', 'PUT /photos/a?renameObject', ['x-amz-rename-source: photos/b']],
  ])('of S3, by the list: %s', async (_, first, headers) => {
    const { port } = await start(S3)
    expect(statusOf(await raw(port, first, ['Content-Length: 0', ...headers]))).toBe(403)
    expect(upstream.requests).toEqual([])
  })

  it.each<[string, string, string[]]>([
    ['an allowed bucket in the host', 'GET /a', ['Host: photos.localhost']],
    ['HEAD, which GET includes', 'HEAD /photos/a', []],
    ['a copy of an allowed object', 'PUT /photos/a', ['x-amz-copy-source: photos/b%20c?versionId=1']],
  ])('of S3, is not %s', async (_, first, headers) => {
    const { port } = await start(S3)
    expect(statusOf(await raw(port, first, ['Content-Length: 0', ...headers]))).toBe(200)
    await expect.poll(() => logged.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/photos\/a$/)])
  })

  it('leaves the prefix', async () => {
    const { port } = await start({ prefix: '/prod' })
    for (const target of ['/../admin', '/%2e%2e/admin', '/..'])
      expect(statusOf(await raw(port, `GET ${target}`))).toBe(403)
    expect(upstream.requests).toEqual([])
    expect(statusOf(await raw(port, 'GET /a..b'))).toBe(200)
  })
})

describe('an option that would open the proxy', () => {
  it.each<[Partial<ProxyOptions>, string]>([
    [{ host: '0.0.0.0' }, 'options.token is missing'],
    [{ host: '::' }, 'options.token is missing'],
    [{ host: '0.0.0.0', token: 'short' }, 'options.token is not valid'],
    [{ mode: 'watch', host: '0.0.0.0' }, 'options.host cannot be used here'],
    [{ mode: 'resign', host: '0.0.0.0', token: TOKEN }, 'options.token cannot be used here'],
    [{ upstream: 'http://10.0.0.1' }, 'options.allowHttp is missing'],
    [{ upstream: 'http://localhost.evil.example' }, 'options.allowHttp is missing'],
    [{ upstream: 'http://localhost', connect: '10.0.0.1' }, 'options.allowHttp is missing'],
    [{ upstream: 'https://user:password@example.com' }, 'options.upstream is not valid'],
    [{ upstream: 'https://example.com/path' }, 'options.upstream is not valid'],
    [{ upstream: 'ftp://example.com' }, 'options.upstream is not valid'],
    [{ cors: ['*'] }, 'options.cors is not valid'],
    [{ cors: ['null'] }, 'options.cors is not valid'],
    [{ allow: ['/index/*'] }, 'options.allow is not valid'],
    [{ allow: ['GET /index?a=*'] }, 'options.allow is not valid'],
    [{ allow: ['get /index'] }, 'options.allow is not valid'],
    [{ readOnly: true, allow: ['GET *', 'POST /_search'] }, 'options.allow is not valid'],
    [{ prefix: 'prod' }, 'options.prefix is not valid'],
    [{ prefix: '/prod/' }, 'options.prefix is not valid'],
    [{ prefix: '/a?b' }, 'options.prefix is not valid'],
    [{ readonly: true } as never, 'options.readonly is unknown'],
    [{ credentials: undefined }, 'options.credentials is missing'],
    [{ service: undefined }, 'options.service is missing'],
    [{ region: 'eu/west' }, 'options.region is not valid'],
    [{ mode: 'sign', allowPresigned: true }, 'options.allowPresigned cannot be used here'],
  ])('is rejected: %j', async (options, message) => {
    await expect(start(options)).rejects.toThrow(message)
  })
})

describe('a secret', () => {
  it('is in no log and in no response', async () => {
    const credentials = { ...CREDENTIALS, sessionToken: 'session-token-of-the-proxy' }
    const { port } = await start({ credentials, token: TOKEN })
    const requests = [
      raw(port, `GET /?token=${TOKEN}`, [`Authorization: Bearer ${TOKEN}`]),
      raw(port, `GET http://user:${SECRET}@localhost/`),
      raw(port, 'GET /', [`Authorization: Bearer ${SECRET}`]),
    ]
    const responses = (await Promise.all(requests)).join()
    await expect.poll(() => logged.length).toBe(3)
    for (const text of [responses, JSON.stringify(logged)])
      for (const secret of [SECRET, TOKEN, credentials.sessionToken]) expect(text).not.toContain(secret)
  })

  it('is not in the error of a credential provider', async () => {
    const { port } = await start({
      credentials: () => {
        throw new Error(`bad key ${SECRET}`)
      },
    })
    const response = await raw(port, 'GET /')
    expect(response).toMatch(/^HTTP\/1\.1 503 .*could not be obtained/s)
    expect(response + JSON.stringify(logged)).not.toContain(SECRET)
  })
})
