import { describe, expect, it } from 'vitest'
import { startApp } from './app.ts'
import { useStage } from './stage.ts'

// The app's server, called by a client other than its page.

const stage = useStage()

interface Reply {
  status: number
  // The type of a response is unknown before it is checked.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  reply: any
  headers: Headers
}

async function post(path: string, question: unknown, headers = {}, { origin } = stage.app): Promise<Reply> {
  const response = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof question === 'string' ? question : JSON.stringify(question),
  })
  return { status: response.status, reply: await response.json(), headers: response.headers }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
const VARIABLE = '${filename}'
const UPLOAD = { way: 'put', name: 'é.png', size: 3, type: 'image/png' }

describe('an upload', () => {
  it.each([
    ['no method', { way: 'ftp' }, /not supported/],
    ['the name of an inherited property', { way: 'constructor' }, /not supported/],
    ['no name', { name: '' }, /does not have a name/],
    ['a name that is not a string', { name: ['a.png'] }, /does not have a name/],
    ['a long name', { name: `${'é'.repeat(150)}.png` }, /up to 150 characters/],
    ['a path', { name: '../a.png' }, /characters/],
    ['a Windows path', { name: 'a\\b.png' }, /characters/],
    ['dots', { name: '..' }, /characters/],
    ['a line break', { name: 'a\r\nb.png' }, /characters/],
    ['a lone surrogate', { name: 'a\ud83d.png' }, /characters/],
    ['a name with reversed text', { name: 'a\u202egpj.png' }, /characters/],
    ['the S3 variable', { name: VARIABLE }, /characters/],
    ['the S3 variable inside a name', { name: `a${VARIABLE}.png`, way: 'post' }, /characters/],
    ['the start of a variable', { name: 'a${.png', way: 'multipart' }, /characters/],
    ['a null character', { name: 'a\0.png' }, /characters/],
    ['a line separator', { name: 'a\u2028.png' }, /characters/],
    ['a noncharacter', { name: 'a\uffff.png' }, /characters/],
    ['whitespace', { name: ' \u3000' }, /characters/],
    ['invisible characters', { name: '\u200b\u2060' }, /characters/],
    ['dots and spaces', { name: '.. ' }, /characters/],
    ['a name that is too long when normalized', { name: '\ufb2c'.repeat(60) }, /up to 150 characters/],
    ['a name that is an object', { name: { toString: 1, length: 1 } }, /does not have a name/],
    ['a type that is an array', { type: ['image/png'] }, /unknown type/],
    ['a type that is an object', { type: { toString: 1, valueOf: 1 } }, /unknown type/],
    ['no type', { type: '' }, /unknown type/],
    ['a type that a browser would run', { type: 'image/svg+xml' }, /type image\/svg\+xml/],
    ['a type with parameters', { type: 'text/plain; charset=utf-8' }, /type text\/plain;/],
    ['nothing', { size: 0 }, /empty/],
    ['a negative size', { size: -1 }, /empty/],
    ['a fractional size', { size: 0.5 }, /empty/],
    ['a size that is not a number', { size: '3' }, /empty/],
    ['too large for PUT', { size: 25 * 1024 ** 2 + 1 }, /up to 25 MiB/],
    ['too large for POST', { way: 'post', size: 10 * 1024 ** 2 + 1 }, /up to 10 MiB/],
    ['too large for multipart', { way: 'multipart', size: 5 * 1024 ** 3 + 1 }, /up to 5120 MiB/],
  ])('with %s is rejected', async (_, change, text) => {
    const { status, reply } = await post('/api/uploads', { ...UPLOAD, ...change })
    expect(reply).toEqual({ error: expect.stringMatching(text) })
    expect(status).toBe(422)
  })

  it.each([
    '',
    '[]',
    'null',
    '{',
    '"text"',
    '0',
    `[${JSON.stringify(UPLOAD)}]`,
    `{"__proto__":${JSON.stringify(UPLOAD)}}`,
  ])('that is %s is rejected', async (body) => {
    const { status, reply } = await post('/api/uploads', body)
    expect(status).toBeOneOf([400, 422])
    expect(Object.keys(reply)).toEqual(['error'])
  })

  it('at each limit is accepted', async () => {
    for (const [way, size] of [
      ['put', 25],
      ['post', 10],
      ['multipart', 5120],
    ] as const)
      expect(await post('/api/uploads', { ...UPLOAD, way, size: size * 1024 ** 2 })).toMatchObject({ status: 200 })
  })
})

describe('a signed upload', () => {
  it('put: type, length, name and size', async () => {
    const { reply, headers } = await post('/api/uploads', UPLOAD)
    expect(reply.put.headers).toEqual({
      'content-type': 'image/png',
      'x-amz-meta-name': '%C3%A9.png',
      'x-amz-meta-size': '3',
    })
    const url = new URL(reply.put.url)
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;x-amz-meta-name;x-amz-meta-size',
    )
    expect(decodeURIComponent(url.pathname)).toMatch(/^\/browser-uploads\/uploads\/[\da-f-]{36}\/é\.png$/)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('post: a size range, and a condition for each field', async () => {
    const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'post' })
    const { conditions } = JSON.parse(Buffer.from(reply.post.fields.policy, 'base64').toString())
    expect(conditions).toContainEqual(['content-length-range', 1, 10 * 1024 ** 2])
    expect(JSON.stringify(conditions)).toContain('%C3%A9.png')
  })

  it('multipart: each part with its length, 64 at a time', async () => {
    const size = 1000 * 1024 ** 2
    const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'multipart', size })
    const { ticket } = reply
    const parts = (numbers: unknown) => post('/api/parts', { ticket, uploadId: 'any', parts: numbers })
    const { reply: signed } = await parts([1, 125])
    expect(signed.parts.map(({ start, end }: { start: number; end: number }) => end - start)).toEqual([
      8388608, 8388608,
    ])
    for (const { url } of signed.parts)
      expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toContain('content-length')
    expect((await parts([126])).status).toBe(400)
    expect((await parts(['1'])).status).toBe(400)
    expect((await parts(Array.from({ length: 65 }, (_, i) => i + 1))).status).toBe(422)
    expect((await post('/api/parts', { ticket, parts: [] })).status).toBe(422)
  })
})

describe.each(['put', 'post', 'multipart'])('the key of an upload with %s', (way) => {
  it.each([
    ...['%2e%2e%2fa.png', '%24%7Bfilename%7D', '$filename', '$ {filename}', '{filename}', '__proto__', 'constructor'],
    ...['uploads', '...a', 'a..', '-', 'e\u0301.png', '\u{1f469}\u200d\u{1f4bb}.png', '\uff0e\uff0e\uff0fa', '&key=a'],
  ])('is a new prefix and the name: %j', async (name) => {
    const { reply } = await post('/api/uploads', { ...UPLOAD, way, name })
    const { url } = reply.put ?? reply.post ?? reply.upload.create
    const key = reply.post?.fields.key ?? decodeURIComponent(new URL(url).pathname.slice('/browser-uploads/'.length))
    const [folder, prefix, ...rest] = key.split('/')
    expect([folder, ...rest]).toEqual(['uploads', name.normalize('NFC')])
    expect(prefix).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  })
})

describe('a form', () => {
  it.each(['a.png', '%24%7Bfilename%7D', '$filename', 'a$.png'])(
    'for %s stores the signed key whatever file name is sent',
    async (name) => {
      for (const filename of ['../../other/x', VARIABLE, '..', 'uploads/other/x', '\\..\\x']) {
        const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'post', name })
        expect(Object.values(reply.post.fields).join()).not.toContain('${')
        const { conditions } = JSON.parse(Buffer.from(reply.post.fields.policy, 'base64').toString())
        expect(JSON.stringify(conditions)).not.toMatch(/starts-with|\$\{/)
        const form = new FormData()
        for (const [field, value] of Object.entries(reply.post.fields)) form.append(field, value as string)
        form.append('file', new Blob(['abc']), filename)
        expect((await fetch(reply.post.url, { method: 'POST', body: form })).status).toBe(201)
        expect(await post('/api/finish', { ticket: reply.ticket })).toMatchObject({ status: 200, reply: { name } })
      }
    },
  )
})

describe('a request', () => {
  it.each(['https://evil.example', 'null', 'http://localhost', ''])(
    'from the origin %j is rejected',
    async (origin) => {
      for (const path of ['/api/uploads', '/api/parts', '/api/finish']) {
        const { status, reply } = await post(path, UPLOAD, { origin })
        expect(status).toBe(403)
        expect(Object.keys(reply)).toEqual(['error'])
      }
    },
  )

  it('from the origin of the page is accepted', async () => {
    expect(await post('/api/uploads', UPLOAD, { origin: stage.app.origin })).toMatchObject({ status: 200 })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json'])(
    'with the content type %s is rejected',
    async (type) => {
      expect(await post('/api/uploads', UPLOAD, { 'content-type': type })).toMatchObject({ status: 422 })
    },
  )

  it('with a body that does not decompress is rejected', async () => {
    expect(await post('/api/uploads', UPLOAD, { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 })
  })

  it('from a different site gets no CORS headers', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const method of ['OPTIONS', 'POST', 'GET']) {
      const response = await fetch(`${stage.app.origin}/api/uploads`, { method, headers })
      expect([...response.headers.keys()].join()).not.toContain('access-control')
    }
  })

  it('is not sniffed, cached, or sent as a referrer, even if it fails', async () => {
    for (const body of [UPLOAD, '{', {}]) {
      const { headers } = await post('/api/uploads', body)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('a ticket', () => {
  it('expires after UPLOAD_TICKET_EXPIRES, with a response that contains the solution', async () => {
    const app = await startApp('', { ...stage.env, UPLOAD_TICKET_EXPIRES: '1s' })
    try {
      const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'multipart' }, {}, app)
      await new Promise((resolve) => setTimeout(resolve, 1100))
      for (const path of ['/api/finish', '/api/parts'])
        expect(await post(path, { ticket: reply.ticket, uploadId: 'any', parts: [] }, {}, app)).toMatchObject({
          status: 410,
          reply: { error: 'This upload has expired. Start it again.' },
        })
    } finally {
      await app.stop()
    }
  })

  it('that is not a string, or has additional content, is rejected', async () => {
    const { reply } = await post('/api/uploads', UPLOAD)
    const { ticket } = reply
    for (const other of [[ticket], `${ticket}.`, `${ticket}.x`, `${ticket}=`, { toString: 1, valueOf: 1 }, 1, null])
      expect(await post('/api/finish', { ticket: other }), JSON.stringify(other)).toMatchObject({ status: 404 })
  })

  it("does not reach the upload of a different ticket's key", async () => {
    const [mine, other] = await Promise.all(
      [1, 2].map(async () => {
        const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'multipart' })
        const response = await fetch(reply.upload.create.url, reply.upload.create)
        const [, uploadId] = /<UploadId>(.*)<\/UploadId>/.exec(await response.text())!
        return { ticket: reply.ticket, uploadId }
      }),
    )
    const crossed = await post('/api/parts', { ticket: mine!.ticket, uploadId: other!.uploadId, parts: [1] })
    const { parts, list, complete, abort } = crossed.reply
    for (const request of [...list, abort, { ...parts[0], body: 'abc' }, { ...complete, body: '<a/>' }])
      expect((await fetch(request.url, request)).status).not.toBeLessThan(400)
    const { reply } = await post('/api/parts', { ...other, parts: [] })
    expect((await fetch(reply.list[0].url)).status).toBe(200)
  })

  it('signs parts for valid numbers and upload IDs only', async () => {
    const { reply } = await post('/api/uploads', { ...UPLOAD, way: 'multipart' })
    const { ticket } = reply
    for (const numbers of [0, -1, 1.5, 2, 1e9, null, '1', [1], {}])
      expect((await post('/api/parts', { ticket, uploadId: 'any', parts: [numbers] })).status).toBe(400)
    for (const parts of [undefined, null, 1, '1', {}, { length: 1 }, Array(1000).fill(1)])
      expect((await post('/api/parts', { ticket, uploadId: 'any', parts })).status).toBe(422)
    for (const uploadId of [undefined, null, 1, '', ['any'], {}, 'a'.repeat(2001)])
      expect((await post('/api/parts', { ticket, uploadId, parts: [] })).status).toBeOneOf([400, 422])
    const { reply: signed } = await post('/api/parts', { ticket, uploadId: '../a?b&partNumber=9#\n', parts: [1] })
    const { pathname, searchParams } = new URL(signed.parts[0].url)
    expect(decodeURIComponent(pathname)).toMatch(/^\/browser-uploads\/uploads\/[\da-f-]{36}\/é\.png$/)
    expect(searchParams.getAll('partNumber')).toEqual(['1'])
    expect(searchParams.get('uploadId')).toBe('../a?b&partNumber=9#\n')
  })

  it.each([undefined, '', 'a.b', 'e30.'])('that is %s is rejected', async (ticket) => {
    for (const path of ['/api/finish', '/api/parts'])
      expect(await post(path, { ticket, uploadId: 'any', parts: [] })).toMatchObject({ status: 404 })
  })

  it('with changed content is rejected', async () => {
    const { reply } = await post('/api/uploads', UPLOAD)
    const [text, mark] = reply.ticket.split('.')
    const ticket = JSON.parse(Buffer.from(text, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...ticket, size: 4 })).toString('base64url')
    expect(await post('/api/finish', { ticket: `${other}.${mark}` })).toMatchObject({ status: 404 })
  })

  it('of a PUT does not sign parts', async () => {
    const { reply } = await post('/api/uploads', UPLOAD)
    expect(await post('/api/parts', { ticket: reply.ticket, uploadId: 'any', parts: [] })).toMatchObject({
      status: 422,
    })
  })

  it('is not finished before the file is stored', async () => {
    const { reply } = await post('/api/uploads', UPLOAD)
    expect(await post('/api/finish', { ticket: reply.ticket })).toMatchObject({
      status: 409,
      reply: { error: 'The file did not arrive.' },
    })
    const response = await fetch(reply.put.url, { method: 'PUT', headers: reply.put.headers, body: 'abc' })
    expect(response.status).toBe(200)
    expect(await post('/api/finish', { ticket: reply.ticket })).toMatchObject({
      status: 200,
      reply: { name: 'é.png', size: 3, type: 'image/png' },
    })
  })
})

it('the page can load only from its server, and send only to the bucket', async () => {
  const { headers } = await fetch(stage.app.origin)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain(`connect-src 'self' http://127.0.0.1:${stage.line.port};`)
})
