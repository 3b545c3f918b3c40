import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPackages, run } from '../servers/install.ts'
import { freePort } from '../support/starting.ts'
import { type App, FOLDER, startApp } from './app.ts'
import { type Browser, type BrowserName, startBrowser } from './browser.ts'
import { open } from './driver.ts'
import { browsers } from './stage.ts'

// The app started by its commands: with sigv4-tools serve, and with LocalStack, whose bucket has the app's CORS rule.

const folder = mkdtempSync(join(tmpdir(), 'sigv4-places-'))
const FILM = join(folder, 'größe (1).mp4')
const bytes = randomBytes(9 * 1024 ** 2)

beforeAll(async () => {
  await installPackages(FOLDER)
  writeFileSync(FILM, bytes)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true }))

describe.runIf(browsers.length > 0).each(['serve', 'localstack'] as const)('on %s', (kind) => {
  let app: App | undefined
  let absence = ''
  const started = new Map<BrowserName, Browser>()

  beforeAll(async () => {
    const port = await freePort()
    const origins = `http://localhost:${port},http://insecure.test:${port}`
    app = await startApp(kind, { PORT: String(port), APP_ORIGIN: origins }).catch((error: Error) => {
      if (process.env.CI === 'true' || !/needs Python/.test(error.message)) throw error
      absence = error.message.split('\n').find((line) => line.includes('requires Python'))!
      console.log(`NOT RUN: the upload app on ${kind} (${absence})`)
      return undefined
    })
    for (const name of browsers) started.set(name, await startBrowser(name))
  }, 300_000)

  afterAll(async () => {
    for (const browser of started.values()) await browser.close()
    await app?.stop()
  })

  for (const name of browsers)
    it.for(['put', 'post', 'multipart'] as const)(`%s from ${name}`, async (way, { skip }) => {
      skip(!app, absence)
      const driver = await open(started.get(name)!, app!.origin)
      await driver.upload(way, 'axios', FILM)
      const seen = await driver.until('done')
      expect(seen, `${seen.text}\n${app!.output()}`).toMatchObject({ state: 'done' })
      const response = await fetch(seen.link)
      expect(response.headers.get('content-type')).toBe('video/mp4')
      expect(response.headers.get('x-amz-meta-size')).toBe(String(bytes.length))
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
      await driver.page.close()
    })

  it('prints the storage and the allowed origins', ({ skip }) => {
    skip(!app, absence)
    expect(app!.output()).toMatch(
      /^Uploads are stored in (?:sigv4-tools serve|LocalStack 4\S*) at http:\S+, bucket browser-uploads\.$/m,
    )
    expect(app!.output()).toMatch(
      kind === 'serve'
        ? /^sigv4-tools serve allows pages of this machine/m
        : /allows pages of http:\/\/localhost:\d+ and/,
    )
  })

  if (kind === 'serve') return
  /** Runs `npm run bucket` for an origin of the page. */
  const allowOrigin = async (origin: string): Promise<void> => {
    const [, endpoint] = /^Uploads are stored in .* at (\S+),/m.exec(app!.output())!
    const env = {
      ...{ S3_ENDPOINT: endpoint!, APP_ORIGIN: origin },
      ...{ AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'test' },
    }
    const args = [join(FOLDER, 'node_modules/tsx/dist/cli.mjs'), join(FOLDER, 'server/main.ts'), 'bucket']
    const { status, output } = await run(process.execPath, args, env)
    expect(output).toBe(`The bucket allows pages of ${origin}.\n`)
    expect(status).toBe(0)
  }

  it('rejects origins that are not in the rule', async ({ skip }) => {
    skip(!app, absence)
    await allowOrigin(app!.origin)
    const driver = await open(started.get(browsers[0]!)!, app!.origin.replace('localhost', 'insecure.test'))
    await driver.upload('put', 'axios', FILM)
    const seen = await driver.until('failed')
    expect(seen).toMatchObject({ state: 'failed', link: '' })
    expect(seen.text).toMatch(/connection to the storage service was lost/) // The page's server has signed.
    await driver.page.close()
  })

  it('allows a different origin after npm run bucket', async ({ skip }) => {
    skip(!app, absence)
    const origin = app!.origin.replace('localhost', 'insecure.test')
    await allowOrigin(origin)
    const driver = await open(started.get(browsers[0]!)!, origin)
    await driver.upload('put', 'axios', FILM)
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await driver.page.close()
  })
})

it('the rule for other servers is minimal', async () => {
  const args = [join(FOLDER, 'node_modules/tsx/dist/cli.mjs'), join(FOLDER, 'server/main.ts'), 'cors']
  const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', APP_ORIGIN: 'https://a.example' }
  const { output } = await run(process.execPath, args, env)
  const json = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)
  expect(JSON.parse(json)).toEqual({
    CORSRules: [
      {
        AllowedOrigins: ['https://a.example'],
        AllowedMethods: ['DELETE', 'GET', 'POST', 'PUT'],
        AllowedHeaders: ['content-type', 'x-amz-meta-name', 'x-amz-meta-size'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 3600,
      },
    ],
  })
  for (const line of [
    '<AllowedOrigin>https://a.example</AllowedOrigin>',
    'MINIO_API_CORS_ALLOW_ORIGIN=https://a.example',
    'aws s3api put-bucket-cors --bucket ',
  ])
    expect(output).toContain(line)
})

it('reports missing configuration', async () => {
  const args = [join(FOLDER, 'node_modules/tsx/dist/cli.mjs'), join(FOLDER, 'server/main.ts')]
  const { status, output } = await run(process.execPath, args, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  expect(status).toBe(1)
  expect(output).toMatch(/^Pass serve or localstack, or set AWS_ACCESS_KEY_ID.*\n$/)
})
