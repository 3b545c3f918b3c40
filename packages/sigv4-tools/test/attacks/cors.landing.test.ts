import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  byForm,
  byHeader,
  byQuery,
  type Handmade,
  type Making,
  type Reply,
  send,
} from '../../../../test/support/hand.ts'
import { all, type Started, start } from '../support/serve/start.ts'

// What a page of any site can send to a server on its reader's machine, whose access key is test/test, as in every
// tutorial. The page signs with it, so only its origin and the host name distinguish it from the programs of the user.

const KNOWN = { keyId: 'test', secret: 'test' }

let started: Started
let uploadId: string
let before: unknown
let attacks = 0
let forbidden = 0

const local = () => `127.0.0.1:${started.server.port}`

/** Sends a request of the user, which no browser has touched. */
const own = (method: string, target: string, change = {}) => started.s3(method, target, { ...KNOWN, ...change })

beforeEach(async () => {
  started = await start({ credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
  await own('PUT', '/bucket/kept', { body: 'kept' })
  await own('PUT', '/empty')
  uploadId = all((await own('POST', '/bucket/open', { query: { uploads: '' } })).text, 'UploadId')[0]!
  await own('PUT', '/bucket/open', { query: { uploadId, partNumber: '1' }, body: 'part' })
  before = await stored()
})

afterEach(async () => {
  expect(await stored()).toEqual(before)
  forbidden += started.lines.filter((line) => / 403 .* {2}AccessForbidden: /.test(line)).length
  expect(started.lines.join('\n')).not.toContain('InternalError')
  await started.stop()
})

/** Returns everything that is stored. */
async function stored(): Promise<unknown> {
  const [buckets, objects, uploads, parts] = await Promise.all([
    own('GET', '/'),
    own('GET', '/bucket', { query: { 'list-type': '2' } }),
    own('GET', '/bucket', { query: { uploads: '' } }),
    own('GET', '/bucket/open', { query: { uploadId } }),
  ])
  return [
    all(buckets.text, 'Name'),
    [all(objects.text, 'Key'), all(objects.text, 'ETag')],
    all(uploads.text, 'UploadId'),
    all(parts.text, 'ETag'),
  ]
}

/** Sends a request of a page, which must be rejected, with a response that the page cannot read. */
async function refused(request: Handmade, headers: Record<string, string>): Promise<Reply> {
  attacks++
  const reply = await send(started.server.port, { ...request, headers: { ...request.headers, ...headers } })
  const what = `${request.method} ${request.target} ${JSON.stringify(headers)}: ${reply.text}`
  expect(reply.status, what).toBe(403)
  expect(
    Object.keys(reply.headers).filter((name) => name.startsWith('access-control-')),
    what,
  ).toEqual([])
  if (request.method !== 'HEAD') expect(reply.text, what).toMatch(/<Code>AccessForbidden<\/Code>.* to options\.cors\./)
  return reply
}

const md5 = (text: string) => createHash('md5').update(text).digest('base64')
const DELETION = '<Delete><Object><Key>kept</Key></Object></Delete>'

/** Requests that a page can send, signed by the page. */
const REQUESTS: Record<string, () => Handmade> = {
  'PUT, presigned': () => byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/new', body: 'evil' }),
  'PUT, signed header': () => byHeader({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/new', body: 'evil' }),
  'PUT of an existing object': () =>
    byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/kept', body: 'evil' }),
  'PUT of a bucket': () => byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/new-bucket' }),
  'PUT of a part': () => {
    const query = { uploadId, partNumber: '2' }
    return byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/open', query, body: 'evil' })
  },
  'PUT of a copy': () => {
    const headers = { 'x-amz-copy-source': '/bucket/kept' }
    return byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/new', headers })
  },
  'DELETE, presigned': () => byQuery({ ...KNOWN, host: local(), method: 'DELETE', path: '/bucket/kept' }),
  'DELETE of a bucket': () => byQuery({ ...KNOWN, host: local(), method: 'DELETE', path: '/empty' }),
  'DELETE of an upload': () =>
    byQuery({ ...KNOWN, host: local(), method: 'DELETE', path: '/bucket/open', query: { uploadId } }),
  'DELETE of many objects': () => {
    const headers = { 'content-md5': md5(DELETION) }
    return byQuery({
      ...KNOWN,
      host: local(),
      method: 'POST',
      path: '/bucket',
      query: { delete: '' },
      body: DELETION,
      headers,
    })
  },
  'GET, presigned': () => byQuery({ ...KNOWN, host: local(), path: '/bucket/kept' }),
  'GET of the buckets': () => byHeader({ ...KNOWN, host: local() }),
  HEAD: () => byQuery({ ...KNOWN, host: local(), method: 'HEAD', path: '/bucket/kept' }),
  'GET of a WebSocket': () => {
    const request = byQuery({ ...KNOWN, host: local(), path: '/bucket/kept' })
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    return { ...request, headers: { ...request.headers, ...upgrade, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } }
  },
  // No preflight request precedes the following ones.
  'POST of a form': () => byForm({ ...KNOWN, host: local() }),
  'POST of a form that replaces an object': () => {
    const conditions = ['$key', '$bucket', '$x-amz-algorithm', '$x-amz-credential', '$x-amz-date']
    const any = conditions.map((name) => ['starts-with', name, ''])
    return byForm({ ...KNOWN, host: local(), conditions: any, fields: { key: 'kept' } })
  },
  'POST of text that creates an upload': () => {
    const unsigned = { 'content-type': 'text/plain;charset=UTF-8' }
    return byQuery({ ...KNOWN, host: local(), method: 'POST', path: '/bucket/new', query: { uploads: '' }, unsigned })
  },
  'POST of text that completes an upload': () => {
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${createHash('md5').update('part').digest('hex')}</ETag></Part></CompleteMultipartUpload>`
    const unsigned = { 'content-type': 'text/plain' }
    return byQuery({
      ...KNOWN,
      host: local(),
      method: 'POST',
      path: '/bucket/open',
      query: { uploadId },
      body,
      unsigned,
    })
  },
  // Preflight requests, also from a public site to a private network.
  ...Object.fromEntries(
    ['PUT', 'DELETE', 'POST', 'GET'].map((method) => [
      `preflight of ${method}`,
      (): Handmade => ({
        method: 'OPTIONS',
        target: '/bucket/kept',
        headers: {
          host: local(),
          'access-control-request-method': method,
          'access-control-request-headers': 'content-type,x-amz-meta-a',
          'access-control-request-private-network': 'true',
        },
      }),
    ]),
  ),
}

/** Origins of other sites, and strings that resemble the origin of this machine. */
const ORIGINS = [
  ...['https://evil.example', 'http://evil.example', 'http://evil.example:9000', 'https://evil.example:8443'],
  'null', // Sandboxed frames, data: URLs, files, and redirects
  ...[
    'http://localhost.evil.example',
    'http://evil-localhost',
    'http://evillocalhost',
    'http://localhost.',
    'http://a..localhost.x',
  ],
  ...[
    'http://127.0.0.1.evil.example',
    'http://127.evil.example',
    'http://1127.0.0.1',
    'http://127.0.0.1.1',
    'http://127.0.0',
  ],
  ...[
    'http://[::2]',
    'http://[::1].evil.example',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0:9000',
    'http://192.168.0.1',
  ],
  ...['http://localhost@evil.example', 'http://localhost:80@evil.example', 'http://localhost/', 'http://localhost:x'],
  ...[
    'http://localhost, https://evil.example',
    'https://evil.example, http://localhost',
    'http://localhost https://evil.example',
  ],
  ...[
    'localhost',
    '//localhost',
    'ftp://localhost',
    'file://',
    'file://localhost',
    'chrome-extension://localhost',
    'capacitor://localhost',
  ],
  ...['*', '', 'undefined', 'http://localhost\xe9', 'http://xn--localhost-.example'],
]

describe('a page of a different site', () => {
  it.each(Object.entries(REQUESTS))('cannot send %s', async (_, request) => {
    for (const origin of ORIGINS) await refused(request(), { origin })
  })

  it('cannot send a form before the server asks for its content', async () => {
    const { headers, ...form } = byForm({ ...KNOWN, host: local() })
    await refused({ ...form, headers: { ...headers, expect: '100-continue' } }, { origin: 'https://evil.example' })
  })

  it('cannot send two origins', async () => {
    const request = byQuery({ ...KNOWN, host: local(), method: 'PUT', path: '/bucket/new', body: 'evil' })
    for (const origin of [
      ['http://localhost', 'https://evil.example'],
      ['https://evil.example', 'http://localhost'],
    ])
      await refused(request, { origin } as never)
  })

  it('cannot change the response with its origin', async () => {
    const { text } = await refused(REQUESTS['POST of a form']!(), { origin: `<a>&\x85${'x'.repeat(5000)}` })
    expect(text).toContain('&#60;a&#62;&#38;')
    expect(text).not.toMatch(/[\x7f-\x9f]/)
    expect(text.length).toBeLessThan(1000)
  })
})

// DNS rebinding: the name of the site points to this machine, so that its page and the server have the same origin.

const HOSTS = [
  ...[
    'evil.example',
    'evil.example.',
    'EVIL.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
  ],
  ...[
    '7f000001.c0a80001.rbndr.us',
    'localtest.me',
    'a.localhost.example',
    'localhost.',
    'test.example',
    'internal.example',
  ],
  ...[
    'evil.example:80:.localhost',
    ...[...'/@?#\\%,;|'].flatMap((separator) => [
      `evil.example${separator}.localhost`,
      `evil.example${separator}a.internal`,
      `evil${separator}localhost`,
    ]),
    'a.test.',
    'evil.local',
    'evil.lan',
    '1.2.3.4.example',
    '[::1].evil.example',
    'evil.xn--localhost-',
  ],
]

describe('a page whose own name points to this machine', () => {
  const port = () => `:${started.server.port}`

  it.each(HOSTS)('cannot read with the host %s', async (name) => {
    for (const host of [name, name + port()]) {
      await refused(byQuery({ ...KNOWN, host, path: '/bucket/kept' }), {})
      await refused(byHeader({ ...KNOWN, host, path: '/bucket', query: { 'list-type': '2' } }), {})
      await refused(byQuery({ ...KNOWN, host, method: 'HEAD', path: '/bucket/kept' }), {})
    }
  })

  it.each(HOSTS)('cannot write with the host %s', async (name) => {
    for (const host of [name, name + port()])
      for (const headers of [{}, { origin: `http://${host}` }, { origin: 'null' }]) {
        await refused(byQuery({ ...KNOWN, host, method: 'PUT', path: '/bucket/new', body: 'evil' }), headers)
        await refused(byForm({ ...KNOWN, host }), headers)
      }
  })
})

// A stored page has the origin of the server, which is allowed, and the cookies of all servers of this host.

describe('a page that is stored', () => {
  const page = { ...KNOWN, body: '<script>evil()</script>' }
  const html = { query: { 'response-content-type': 'text/html' } }

  it.each<[string, Partial<Making>]>([
    ['as a page', {}],
    ['as text, and shown as a page', html],
    ['as text, and shown in part', { ...html, unsigned: { range: 'bytes=0-30' } }],
    ['as text, and shown as an image', { query: { 'response-content-type': 'image/svg+xml' } }],
    ['as text, and shown as nothing', { query: { 'response-content-type': '' } }],
    ['and read with HEAD', { method: 'HEAD' }],
  ])('%s has an origin of its own', async (_, change) => {
    const type = change.query ? 'text/plain' : 'text/html'
    await own('PUT', '/bucket/page', { ...page, headers: { 'content-type': type } })
    const reply = await send(started.server.port, byQuery({ ...KNOWN, host: local(), path: '/bucket/page', ...change }))
    await own('DELETE', '/bucket/page')
    expect(reply.status).toBeOneOf([200, 206])
    const policy = reply.headers['content-security-policy'] ?? ''
    expect(policy.split(' ')[0]).toBe('sandbox')
    expect(policy).not.toContain('allow-same-origin')
    expect(policy).not.toContain('allow-top-navigation')
  })

  it('is rejected if it sends its origin', async () => {
    await refused(REQUESTS['GET, presigned']!(), { origin: 'null' })
  })
})

describe('a page of this machine, and a program', () => {
  const put = async (host: string, headers: Record<string, string>, path = '/bucket/kept') => {
    const request = byQuery({ ...KNOWN, host, method: 'PUT', path, body: 'kept' })
    return send(started.server.port, { ...request, headers: { ...request.headers, ...headers } })
  }

  it.each([
    ...[
      'http://localhost',
      'http://localhost:5173',
      'https://localhost:8443',
      'http://app.localhost:3000',
      'HTTP://LOCALHOST',
    ],
    ...[
      'http://127.0.0.1',
      'http://127.0.0.1:9000',
      'https://127.1.2.3:1',
      'http://[::1]',
      'http://[::1]:5173',
      'http://a_b.c.localhost',
    ],
  ])('of the origin %s is accepted', async (origin) => {
    expect(await put(local(), { origin })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': expect.toBeOneOf([origin, '*']) },
    })
  })

  it.each([
    ...['localhost', 'localhost:9000', '127.0.0.1', '[::1]:9000', '192.168.0.2:9000', 's3', 'minio:9000', 'my-machine'],
    ...['host.docker.internal:9000', 's3.test', 'bucket.localhost:9000', 'a.b.localhost'],
  ])('with the host %s is accepted', async (host) => {
    expect((await put(host, {})).status).toBe(200)
  })

  it('with the bucket in the host is accepted', async () => {
    expect((await put('bucket.s3.localhost:9000', {}, '/kept')).status).toBe(200)
    expect(await own('GET', '/bucket/kept')).toMatchObject({ status: 200, text: 'kept' })
  })

  it('without Origin is accepted', async () => {
    expect((await put(local(), { referer: 'https://evil.example/' })).status).toBe(200)
    expect((await send(started.server.port, byForm({ ...KNOWN, host: local() }))).status).toBe(204)
    expect((await own('DELETE', '/bucket/uploaded')).status).toBe(204)
  })
})

describe('this suite', () => {
  it('runs all of its attacks, which the server names in its log', () => {
    expect(forbidden).toBe(attacks)
    expect(attacks).toBeGreaterThan(1150)
  })
})
