import { describe, expect, it } from 'vitest'
import { useStage } from './stage.ts'

// The server of the app, asked by somebody who is not its page.

const stage = useStage()

interface Reply {
  status: number
  // what a server answers is known to nobody before it is looked at
  // biome-ignore lint/suspicious/noExplicitAny: see above
  answer: any
  headers: Headers
}

async function ask(path: string, question: unknown): Promise<Reply> {
  const response = await fetch(`${stage.app.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof question === 'string' ? question : JSON.stringify(question),
  })
  return { status: response.status, answer: await response.json(), headers: response.headers }
}

const CLAIM = { way: 'put', name: 'é.png', size: 3, type: 'image/png' }

describe('a claim', () => {
  it.each([
    ['no way', { way: 'ftp' }, /no such way/],
    ['the name of a member of all objects', { way: 'constructor' }, /no such way/],
    ['no name', { name: '' }, /has no name/],
    ['a name that is no text', { name: ['a.png'] }, /has no name/],
    ['a long name', { name: `${'é'.repeat(150)}.png` }, /150 characters at most/],
    ['a path', { name: '../a.png' }, /characters/],
    ['a path of Windows', { name: 'a\\b.png' }, /characters/],
    ['dots', { name: '..' }, /characters/],
    ['a line break', { name: 'a\r\nb.png' }, /characters/],
    ['half a character', { name: 'a\ud83d.png' }, /characters/],
    ['a name that reads backwards', { name: 'a\u202egpj.png' }, /characters/],
    ['no type', { type: '' }, /unknown type/],
    ['a type that a browser would run', { type: 'image/svg+xml' }, /type image\/svg\+xml/],
    ['a type with parameters', { type: 'text/plain; charset=utf-8' }, /type text\/plain;/],
    ['nothing', { size: 0 }, /empty/],
    ['less than nothing', { size: -1 }, /empty/],
    ['half a byte', { size: 0.5 }, /empty/],
    ['a size that is no number', { size: '3' }, /empty/],
    ['too much by PUT', { size: 25 * 1024 ** 2 + 1 }, /25 MiB at most/],
    ['too much by POST', { way: 'post', size: 10 * 1024 ** 2 + 1 }, /10 MiB at most/],
    ['too much in parts', { way: 'multipart', size: 5 * 1024 ** 3 + 1 }, /5120 MiB at most/],
  ])('of %s is refused', async (_, change, text) => {
    const { status, answer } = await ask('/api/uploads', { ...CLAIM, ...change })
    expect(answer).toEqual({ error: expect.stringMatching(text) })
    expect(status).toBe(422)
  })

  it.each(['', '[]', 'null', '{', '"text"'])('that is %s is refused', async (body) => {
    const { status, answer } = await ask('/api/uploads', body)
    expect(status).toBeOneOf([400, 422])
    expect(Object.keys(answer)).toEqual(['error'])
  })

  it('at every limit is taken', async () => {
    for (const [way, size] of [
      ['put', 25],
      ['post', 10],
      ['multipart', 5120],
    ] as const)
      expect(await ask('/api/uploads', { ...CLAIM, way, size: size * 1024 ** 2 })).toMatchObject({ status: 200 })
  })
})

describe('what is signed', () => {
  it('put: type, length, name and size', async () => {
    const { answer, headers } = await ask('/api/uploads', CLAIM)
    expect(answer.put.headers).toEqual({
      'content-type': 'image/png',
      'x-amz-meta-name': '%C3%A9.png',
      'x-amz-meta-size': '3',
    })
    const url = new URL(answer.put.url)
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;x-amz-meta-name;x-amz-meta-size',
    )
    expect(decodeURIComponent(url.pathname)).toMatch(/^\/browser-uploads\/uploads\/[\da-f-]{36}\/é\.png$/)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('post: a size range, and a condition for each field', async () => {
    const { answer } = await ask('/api/uploads', { ...CLAIM, way: 'post' })
    const { conditions } = JSON.parse(Buffer.from(answer.post.fields.policy, 'base64').toString())
    expect(conditions).toContainEqual(['content-length-range', 1, 10 * 1024 ** 2])
    expect(JSON.stringify(conditions)).toContain('%C3%A9.png')
  })

  it('parts: each with its length, 64 at once', async () => {
    const size = 1000 * 1024 ** 2
    const { answer } = await ask('/api/uploads', { ...CLAIM, way: 'multipart', size })
    const { ticket } = answer
    const parts = (numbers: unknown) => ask('/api/parts', { ticket, uploadId: 'any', parts: numbers })
    const { answer: signed } = await parts([1, 125])
    expect(signed.parts.map(({ start, end }: { start: number; end: number }) => end - start)).toEqual([
      8388608, 8388608,
    ])
    for (const { url } of signed.parts)
      expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toContain('content-length')
    expect((await parts([126])).status).toBe(400)
    expect((await parts(['1'])).status).toBe(400)
    expect((await parts(Array.from({ length: 65 }, (_, i) => i + 1))).status).toBe(422)
    expect((await ask('/api/parts', { ticket, parts: [] })).status).toBe(422)
  })
})

describe('a ticket', () => {
  it.each([undefined, '', 'a.b', 'e30.'])('that is %s is refused', async (ticket) => {
    for (const path of ['/api/finish', '/api/parts'])
      expect(await ask(path, { ticket, uploadId: 'any', parts: [] })).toMatchObject({ status: 404 })
  })

  it('with another claim in it is refused', async () => {
    const { answer } = await ask('/api/uploads', CLAIM)
    const [text, mark] = answer.ticket.split('.')
    const ticket = JSON.parse(Buffer.from(text, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...ticket, size: 4 })).toString('base64url')
    expect(await ask('/api/finish', { ticket: `${other}.${mark}` })).toMatchObject({ status: 404 })
  })

  it('of a PUT signs no parts', async () => {
    const { answer } = await ask('/api/uploads', CLAIM)
    expect(await ask('/api/parts', { ticket: answer.ticket, uploadId: 'any', parts: [] })).toMatchObject({
      status: 422,
    })
  })

  it('is not finished before the file is there', async () => {
    const { answer } = await ask('/api/uploads', CLAIM)
    expect(await ask('/api/finish', { ticket: answer.ticket })).toMatchObject({
      status: 409,
      answer: { error: 'The file did not arrive.' },
    })
    const response = await fetch(answer.put.url, { method: 'PUT', headers: answer.put.headers, body: 'abc' })
    expect(response.status).toBe(200)
    expect(await ask('/api/finish', { ticket: answer.ticket })).toMatchObject({
      status: 200,
      answer: { name: 'é.png', size: 3, type: 'image/png' },
    })
  })
})

it('the page may load nothing from elsewhere, and send only to the bucket', async () => {
  const { headers } = await fetch(stage.app.origin)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain(`connect-src 'self' http://127.0.0.1:${stage.line.port};`)
})
