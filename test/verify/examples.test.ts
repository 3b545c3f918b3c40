import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../examples/verify-express.ts'
import { handle } from '../../examples/verify-fetch.ts'
import { presignPut, sign } from '../../src/index.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { chunkedUpload } from '../support/verify/chunking.ts'

// The examples, unchanged, with clients.

vi.mock('sigv4/verify', () => import('../../src/verify.ts'))

const SCOPE = { credentials: CREDENTIALS, region: 'eu-west-1', service: 's3' }
const OPTIONS = {
  credentials: (id: string) => (id === KEY_ID ? SECRET : undefined),
  region: 'eu-west-1',
  service: 's3',
}

async function textOf(response: Response): Promise<string> {
  return `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1] ?? ''}`.trim()
}

describe('an example', () => {
  it.each(['verify-express.ts', 'verify-fetch.ts'])('is short: %s', (name) => {
    const text = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(40)
    expect(text).toContain("from 'sigv4/verify'")
  })
})

describe('with Express', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-express-'))
  let server: Server
  let origin: string
  beforeAll(async () => {
    const app = createApp(OPTIONS, folder)
    server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
    })
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  it('accepts a note whose body is the signed one', async () => {
    const { url, ...init } = await sign({ url: `${origin}/notes?a=b`, method: 'POST', body: '{"a": 1}' }, SCOPE)
    const response = await fetch(url, init)
    expect(await response.json()).toEqual({ from: KEY_ID, bytes: 8 })
    expect(await textOf(await fetch(url, { ...init, body: '{"a": 2}' }))).toBe('400 XAmzContentSHA256Mismatch')
    expect(await textOf(await fetch(url, { method: 'POST', body: 'a' }))).toBe('403 AccessDenied')
    expect(await textOf(await fetch(url.replace('a=b', 'a=c'), init))).toBe('403 SignatureDoesNotMatch')
  })

  it('stores a file after verification', async () => {
    const body = 'x'.repeat(300_000)
    const { url, ...init } = await sign({ url: `${origin}/files/a%20b`, method: 'PUT', body }, SCOPE)
    expect(await textOf(await fetch(url, { ...init, body: `${body.slice(1)}y` }))).toBe('400 XAmzContentSHA256Mismatch')
    expect(readdirSync(folder)).toEqual([])
    expect((await fetch(url, init)).status).toBe(204)
    expect(readdirSync(folder)).toEqual(['a%20b'])
    expect(readFileSync(join(folder, 'a%20b'), 'utf8')).toBe(body)
  })

  it('accepts a file in signed chunks, and responds at the first invalid one', async () => {
    const chunks = ['a'.repeat(70_000), 'b'.repeat(70_000), 'c'.repeat(70_000)]
    const url = `${origin}/files/chunks`
    const { request, encoded } = chunkedUpload(chunks, {
      kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      path: '/files/chunks',
      host: new URL(url).host,
      amzDate: `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`,
      region: 'eu-west-1',
    })
    const { host: _, 'content-length': __, ...headers } = request.headers
    const wrong = Buffer.from(encoded)
    wrong[1000]! ^= 1
    const send = (body: Uint8Array<ArrayBuffer>) => fetch(url, { method: 'PUT', headers, body })
    expect(await textOf(await send(Uint8Array.from(wrong)))).toBe('403 SignatureDoesNotMatch')
    expect(readdirSync(folder)).not.toContain('chunks')
    expect((await send(Uint8Array.from(encoded))).status).toBe(204)
    expect(readFileSync(join(folder, 'chunks'), 'utf8')).toBe(chunks.join(''))
  })

  it('accepts a file through a presigned URL', async () => {
    const { url, ...init } = await presignPut(`${origin}/files/presigned`, SCOPE)
    expect((await fetch(url, { ...init, body: 'abc' })).status).toBe(204)
    expect(readFileSync(join(folder, 'presigned'), 'utf8')).toBe('abc')
    expect(await textOf(await fetch(url.replace('presigned', 'another'), { ...init, body: 'abc' }))).toBe(
      '403 SignatureDoesNotMatch',
    )
  })
})

describe('with fetch', () => {
  it('stores a file and returns it', async () => {
    const at = 'https://files.example.com/a%20b'
    const put = await sign({ url: at, method: 'PUT', body: 'abc' }, SCOPE)
    const get = await sign({ url: at }, SCOPE)
    const request = ({ url, ...init }: { url: string } & RequestInit) => new Request(url, init)
    expect((await handle(request(get), OPTIONS)).status).toBe(404)
    expect(await textOf(await handle(request({ ...put, body: 'abd' }), OPTIONS))).toBe('400 XAmzContentSHA256Mismatch')
    expect((await handle(request(get), OPTIONS)).status).toBe(404)
    expect((await handle(request(put), OPTIONS)).status).toBe(204)
    expect(await (await handle(request(get), OPTIONS)).text()).toBe('abc')
    expect(await textOf(await handle(new Request(at), OPTIONS))).toBe('403 AccessDenied')
    const head = await handle(new Request(at, { method: 'HEAD' }), OPTIONS)
    expect([head.status, head.body]).toEqual([403, null])
  })
})
