import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sign, toFormData } from '../../src/index.ts'
import { verifyPost } from '../../src/verify.ts'
import { ROOT } from '../../test/support/packed.ts'
import { filesOn } from '../../tools/examples.ts'
import { compile, PLATFORMS, RECIPES, withInvalidCall } from './compile.ts'
import { credentials, denoCheck, ENVIRONMENT, load, lookup, missing, serve, verified } from './run.ts'

// Every recipe compiles with the types of its platform, and runs; what it signs is verified.

const absent = missing()
const files = readdirSync(RECIPES).filter((name) => name.endsWith('.ts'))

it('the page shows every recipe', () => {
  expect(filesOn('docs/recipes.md').sort()).toEqual(files.map((name) => `examples/recipes/${name}`).sort())
})

it.skipIf(absent && !process.env.CI)('the platforms are installed', () => {
  expect(absent, 'what to install').toBeUndefined()
})

describe.skipIf(absent)('a recipe compiles', () => {
  it.each(Object.keys(PLATFORMS))('%s', (file) => {
    const { right, wrong } = compile(file)
    expect(right).toEqual([])
    expect(wrong).not.toEqual([])
  })

  it('deno.ts', async () => {
    const recipe = readFileSync(join(RECIPES, 'deno.ts'), 'utf8')
    const [right, wrong] = await denoCheck(recipe, withInvalidCall(recipe))
    expect(right).toMatchObject({ status: 0 })
    expect(wrong!.output).toMatch(/TS\d+/)
  })

  it('and there is no other', () => {
    expect([...Object.keys(PLATFORMS), 'deno.ts'].sort()).toEqual(files)
  })
})

describe.skipIf(absent)('a recipe runs', () => {
  beforeAll(() => {
    for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value)
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  })

  it('express.ts', async () => {
    const { app } = await load('express.ts')
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const post = (body: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    try {
      expect((await post({ type: 'text/html', size: 5 })).status).toBe(400)
      expect((await post({ type: 'image/png', size: 10_000_001 })).status).toBe(400)
      const upload = await (await post({ type: 'image/png', size: 5 })).json()
      const headers = { ...upload.headers, 'content-length': '5' }
      expect(await verified({ ...upload, headers })).toMatch(
        /^photos\.s3\.eu-west-1\.amazonaws\.com\/uploads\/[\w-]{36} /,
      )
      await expect(verified({ ...upload, headers: { ...headers, 'content-length': '6' } })).rejects.toThrow()
    } finally {
      server.close()
    }
  })

  it('fastify.ts', async () => {
    const { app } = await load('fastify.ts')
    expect((await app.inject({ method: 'POST', url: '/users/..%2Feric/forms' })).statusCode).toBe(400)
    const post = (await app.inject({ method: 'POST', url: '/users/eric/forms' })).json()
    const photo = toFormData(post, new File(['photo'], 'cat.png', { type: 'image/png' }))
    expect(await verifyPost(photo, { credentials: lookup, bucket: 'photos' })).toMatchObject({
      accessKeyId: credentials.accessKeyId,
    })
    const text = toFormData(post, new File(['text'], 'cat.txt', { type: 'text/plain' }))
    await expect(verifyPost(text, { credentials: lookup, bucket: 'photos' })).rejects.toThrow(/Policy Condition failed/)
  })

  it('next.ts', async () => {
    const { NextRequest } = createRequire(join(ROOT, 'integration/consumers/package.json'))('next/server')
    const { GET } = await load('next.ts')
    const { status, headers } = await GET(new NextRequest('https://example.com/files/a%20b/100%25.png?name=ü.png'))
    const url = headers.get('location')!
    expect(status).toBe(302)
    expect(await verified({ method: 'GET', url })).toContain('/a b/100%.png ')
    expect(new URL(url).searchParams.get('response-content-disposition')).toContain('%C3%BC.png')
  })

  it('hono.ts', async () => {
    const { app } = await load('hono.ts')
    const options = { credentials, region: 'eu-west-1', service: 'orders' }
    const { url, ...init } = await sign({ url: 'https://example.com/orders', body: '{"id":7}' }, options)
    expect(await (await app.request(url, init)).json()).toEqual({ from: 'AKIDEXAMPLE', order: { id: 7 } })
    expect((await app.request(url, { ...init, body: '{"id":8}' })).status).toBe(403)
    expect((await app.request(url, { method: 'POST' })).status).toBe(403)
  })

  it('lambda.ts', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    const { handler } = await load('lambda.ts')
    const { statusCode, headers } = await handler({ rawPath: '/a%20b.png' })
    expect(statusCode).toBe(302)
    expect(await verified({ method: 'GET', url: headers.location })).toContain('/a b.png ')
    expect(new URL(headers.location).searchParams.get('X-Amz-Security-Token')).toBe('token')
    expect(await handler({ rawPath: '/' })).toEqual({ statusCode: 404 })
  })

  it('react-native.ts', async () => {
    vi.stubGlobal('crypto', undefined)
    const { uploadPhoto } = await load('react-native.ts')
    const sent: object[] = []
    const { fetch: download } = globalThis
    vi.stubGlobal('fetch', (url: string, init?: { headers: object }) => {
      if (!init) return download(url)
      sent.push({ ...init, url, headers: { ...init.headers, 'content-length': '5' } })
      return Promise.resolve(new Response())
    })
    const expiration = new Date(Date.now() + 3_600_000)
    const user = { ...credentials, sessionToken: 'token', expiration }
    await uploadPhoto({ uri: 'data:image/png,photo' }, 'cat.png', user)
    vi.unstubAllGlobals()
    expect(sent).toHaveLength(1)
    expect(await verified(sent[0] as never)).toContain('/cat.png ')
  })

  it('workers.ts, in workerd', async () => {
    const [all, part, post, list] = await serve('workerd', async (url) => {
      const range = { headers: { range: 'bytes=0-9' } }
      const responses = [
        fetch(`${url}/a%20b.png`),
        fetch(`${url}/a`, range),
        fetch(url, { method: 'POST' }),
        fetch(url),
      ]
      return Promise.all(responses.map(async (response) => (await response).text()))
    })
    expect(all).toBe('all of photos.s3.eu-west-1.amazonaws.com/a%20b.png')
    expect(part).toBe('bytes=0-9 of photos.s3.eu-west-1.amazonaws.com/a')
    expect([post, list]).toEqual(['', ''])
  })

  it('deno.ts, in Deno', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'image/png' } }
    const upload = await serve('deno', async (url) => (await fetch(url, init)).json())
    expect(upload.headers).toEqual({ 'content-type': 'image/png' })
    expect(await verified(upload)).toContain('/uploads/')
  })

  it('bun.ts, in Bun', async () => {
    const response = await serve('bun', (url) => fetch(`${url}/files/a%20b.png`, { redirect: 'manual' }))
    expect(response.status).toBe(302)
    expect(await verified({ method: 'GET', url: response.headers.get('location')! })).toContain('/a b.png ')
  })
})
