import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all, credentials, type Started, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { compileServers, NEEDS, PROJECTS, type Site, startNest, startProject, UPLOADS } from './uploads.ts'

// The handler of examples/uploads in each framework, and what sigv4-tools serve has stored.

const absent = NEEDS.find(([path]) => !existsSync(path))?.[1]
const NAMES = [...Object.keys(PROJECTS), 'nest']
const PNG = { type: 'image/png', size: 5 }

it.skipIf(absent && !process.env.CI)('the frameworks are installed', () => {
  expect(absent, 'what to install').toBeUndefined()
})

it.skipIf(absent)('the servers compile, and each of them is tested', async () => {
  expect(readdirSync(join(UPLOADS, 'servers')).sort()).toEqual(NAMES.map((name) => `${name}.ts`).sort())
  expect(await compileServers()).toBe('')
})

describe.skipIf(absent).each(NAMES)('the handler for uploads in %s', (name) => {
  let s3: Started
  let site: Site

  beforeAll(async () => {
    s3 = await start()
    await s3.s3('PUT', '/uploads')
    const env = {
      ...{ AWS_ENDPOINT_URL_S3: s3.server.url, AWS_REGION: 'us-east-1', BUCKET: 'uploads' },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    }
    site = await (name === 'nest' ? startNest(env) : startProject(name, env))
  }, 120_000)
  afterAll(async () => {
    await site?.stop()
    await s3?.stop()
  })

  async function sign(request: object, session = 'a-secret-session-id') {
    const headers = { 'content-type': 'application/json', cookie: `session=${session}`, origin: site.url }
    const response = await fetch(`${site.url}/uploads`, { method: 'POST', headers, body: JSON.stringify(request) })
    return { status: response.status, ...(await response.json()) }
  }
  const keys = async (): Promise<string[]> => all((await s3.s3('GET', '/uploads?list-type=2')).text, 'Key')

  it('signs what the user of the session may upload, and nothing else', async () => {
    const { status, key, url, headers, method } = await sign({ method: 'PUT', ...PNG })
    expect([status, method, headers]).toEqual([200, 'PUT', { 'content-type': 'image/png' }])
    expect(key).toMatch(/^users\/eric\/[\da-f-]{36}$/)
    expect((await fetch(url, { method, headers, body: 'a photo' })).status).toBe(403)
    expect((await fetch(url, { method, headers: { 'content-type': 'text/html' }, body: 'photo' })).status).toBe(403)
    expect(await keys()).toEqual([])
    expect((await fetch(url, { method, headers, body: 'photo' })).status).toBe(200)
    expect(await keys()).toEqual([key])
    const stored = await s3.s3('GET', `/uploads/${key}`)
    expect([stored.headers['content-type'], stored.text]).toEqual(['image/png', 'photo'])
  })

  it('rejects a request without a session, a type, a size, and an unknown upload', async () => {
    expect(await sign({ method: 'PUT', ...PNG }, 'a-guess')).toEqual({ status: 401, error: 'Log in first.' })
    const error = 'Choose an image or a video of up to 100 MB.'
    expect(await sign({ method: 'PUT', type: 'text/html', size: 5 })).toEqual({ status: 400, error })
    expect(await sign({ method: 'POST', type: 'image/png', size: 100_000_001 })).toEqual({ status: 400, error })
    const other = { method: 'PUT', key: 'users/alice/1', uploadId: 'a', partNumber: 1 }
    expect(await sign(other)).toEqual({ status: 404, error: 'This upload does not exist.' })
  })
})
