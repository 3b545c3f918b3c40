import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { presign } from '../../../../src/index.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import type { ProxyOptions } from '../../src/proxy.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { exchange, header, PLACEHOLDER, raw, statusOf } from '../support/proxy/upstream.ts'

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

  it.each<Partial<ProxyOptions>>([{ token: TOKEN }, { allow: ['PUT *'] }])(
    'can be allowed with other limits, which its preflight does not pass: %j',
    async (limits) => {
      const { port } = await start({ cors: ['https://app.example'], ...limits })
      const headers = ['Origin: https://app.example', 'Access-Control-Request-Method: PUT']
      expect(statusOf(await raw(port, 'OPTIONS /', headers))).toBe(204)
      expect(statusOf(await raw(port, 'GET /', headers))).toBeGreaterThanOrEqual(401)
      expect(upstream.requests).toEqual([])
    },
  )
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

describe('a response that Node does not send', () => {
  const cleanups: (() => void)[] = []
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup()
  })

  /** Starts a server that responds to the first request with exactly these bytes, and to others with 200. */
  async function responding(bytes: string): Promise<string> {
    let count = 0
    const server = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .on('data', () => socket.end(count++ ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' : bytes, 'latin1')),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => server.close())
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`
  }

  const TRAILER = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n'
  it.each([
    ['a trailer, to a client of HTTP/1.0', `${TRAILER}3\r\nabc\r\n0\r\na: b\r\n\r\n`, 'HTTP/1.0', 200],
    ['a trailer without a body', `${TRAILER}0\r\na: b\r\n\r\n`, 'HTTP/1.1', 200],
    [
      'hints with two links',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload, </b>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1',
      200,
    ],
    ['a control character in its reason', 'HTTP/1.1 200 a\x01b\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1', 502],
    ['the status 099', 'HTTP/1.1 099 a\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1', 502],
    [
      'another protocol, which was not requested',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/1.1',
      502,
    ],
  ])('does not stop the proxy: %s', async (_, bytes, version, status) => {
    const { port, close } = await start({ upstream: await responding(bytes) })
    const first = await exchange(port, `GET / ${version}\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    expect(Number(/^HTTP\/1\.1 (?:103.*?\r\n\r\nHTTP\/1\.1 )?(\d+)/s.exec(first)?.[1])).toBe(status)
    expect(statusOf(await raw(port, 'GET /'))).toBe(200)
    const started = performance.now()
    await close()
    // a hundredth of that, unless it waits for requests that are not complete: two seconds
    expect(performance.now() - started).toBeLessThan(1900)
  })
})

it('a request for a WebSocket with a body, which would be the next request, is rejected', async () => {
  const { port } = await start({ service: 's3' })
  const lines = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket']
  for (const length of ['Content-Length: 31', 'Transfer-Encoding: chunked']) {
    const head = ['PUT /a HTTP/1.1', ...lines, length].join('\r\n')
    expect(statusOf(await exchange(port, `${head}\r\n\r\nDELETE /b HTTP/1.1\r\nHost: a\r\n\r\n`))).toBe(400)
  }
  expect(upstream.requests).toEqual([])
})

it.each(['X-Amz-Signature', 'X-Amz-Signatur%65', '%58-Amz-Signature'])(
  'a presigned request is not signed again, however its parameters are written: %s',
  async (name) => {
    for (const [allowPresigned, status] of [
      [false, 403],
      [true, 200],
    ] as const) {
      const { port } = await start({ mode: 'resign', service: 's3', clientCredentials: PLACEHOLDER, allowPresigned })
      const { url } = await presign('GET', `http://localhost:${port}/a`, {
        credentials: PLACEHOLDER,
        service: 's3',
        region: 'eu-west-1',
      })
      const { pathname, search } = new URL(url)
      const target = pathname + search.replace('X-Amz-Signature', name)
      expect(statusOf(await raw(port, `GET ${target}`, [`Host: localhost:${port}`]))).toBe(status)
      expect(upstream.requests.length).toBe(allowPresigned ? 1 : 0)
    }
  },
)

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
    ['with underscores, which some servers read as hyphens', 'GET /index/a', ['X_HTTP_Method_Override: DELETE']],
    ['of other servers', 'GET /index/a', ['X-Original-Method: DELETE']],
    ['a header that replaces the path', 'GET /index/a', ['X-Original-URL: /other']],
    ['its other name', 'GET /index/a', ['X-Rewrite-Url: /other']],
  ])('with readOnly: %s', async (_, first, headers) => {
    const { port } = await start({ readOnly: true })
    expect(statusOf(await raw(port, first, ['Content-Length: 0', ...headers]))).toBe(403)
    expect(upstream.requests).toEqual([])
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(statusOf(await raw(port, `${method} /`))).toBe(200)
  })

  it.each([
    'GET /',
    'GET /index',
    'GET /index/',
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
    'GET /index/..%00/other',
    'GET /index/.%09./other',
    'GET /index/..%20/other',
    'GET /index/..%23/other',
    'GET /index/..%3fa/other',
    'GET /index/%c0%ae%c0%ae/other',
    'GET /index/%u002e./other',
    'GET /index/%ef%bc%8e./other',
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
    'GET /index/a',
    'GET /index/a/b?c=../d',
    'PUT /logs/a/_doc',
    'POST /logs/a/b/_doc',
    'GET /index/a..b/...',
    'GET /x/1/y/2/z',
  ])('is not %s', async (first) => {
    const { port } = await start({ allow: ['GET /index/*', '* /logs/*/_doc', 'GET /x/*/y/*/z'] })
    expect(statusOf(await raw(port, first))).toBe(200)
  })

  it.each([
    ['s3', 200],
    ['es', 403],
  ])('is the same path with a slash at its end for a bucket only: %s', async (service, status) => {
    const { port } = await start({ service, allow: ['GET /photos', 'GET /*/'] })
    expect(statusOf(await raw(port, 'GET /photos'))).toBe(200)
    expect(statusOf(await raw(port, 'GET /films/'))).toBe(200)
    const { port: other } = await start({ service, allow: ['GET /photos', 'GET /films/'] })
    expect(statusOf(await raw(other, 'GET /photos/?list-type=2'))).toBe(status)
    expect(statusOf(await raw(other, 'GET /films'))).toBe(status)
    for (const target of ['/photos//', '/photos/a', '/films/a'])
      expect(statusOf(await raw(other, `GET ${target}`))).toBe(403)
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
    ['a copy with a fragment', 'PUT /photos/a', ['x-amz-copy-source: photos/b#c']],
    ['a copy in a similar service', 'PUT /photos/a', ['x-goog-copy-source: secret/a']],
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
