import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { all, credentials, type Started, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { isDeep } from '../../test/support/depth.ts'
import { installPackages } from '../servers/install.ts'
import { freePort } from '../support/starting.ts'
import { type App, FOLDER, startApp } from './app.ts'
import { type Browser, type BrowserName, findBrowser, startBrowser } from './browser.ts'
import { type Driver, open } from './driver.ts'
import { type Line, lineTo } from './line.ts'

// The environment of the page tests: sigv4-tools serve, the app, a proxy between them, files, and browsers.

export const MiB = 1024 ** 2
const HERE = fileURLToPath(new URL('.', import.meta.url))
const BUCKET = '/browser-uploads'

export const PICTURE = 'résumé ✓ 日本 (1)+&%.png'
export const FILM = 'größe ü.mp4'
/** Small enough for a form. */
export const POSTER = 'Plakat.png'
/** Too large for a single request. */
export const LARGE = 'large.png'
export const HTML = 'page.html'
const SIZES = { [PICTURE]: 300_001, [FILM]: 21 * MiB + 5, [POSTER]: 9 * MiB, [LARGE]: 26 * MiB, [HTML]: 2000 }

/** Each upload method and a file for it. */
export const WAYS = [
  ['put', PICTURE, 'image/png'],
  ['post', PICTURE, 'image/png'],
  ['multipart', FILM, 'video/mp4'],
] as const

export interface Stage {
  s3: Started
  line: Line
  app: App
  /** A host name for which the page is not a secure context. */
  insecure: string
  path(file: string): string
  bytes(file: string): Buffer
  /** Environment of an app whose files are sent through the proxy. */
  env: Record<string, string>
}

/** Installs the package that controls browsers. */
export const installDriver = (): Promise<void> => installPackages(HERE)

/** Sets up the environment before the tests of a file, and removes it afterwards. */
export function useStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-files-'))
  const files = new Map<string, Buffer>()
  const stage = {
    path: (file) => join(folder, file),
    bytes: (file) => files.get(file)!,
  } as Stage

  beforeAll(async () => {
    for (const prefix of [HERE, FOLDER]) await installPackages(prefix)
    for (const [name, size] of Object.entries(SIZES)) {
      files.set(name, makeBytes(name, size))
      writeFileSync(stage.path(name), files.get(name)!)
    }
    const port = await freePort()
    stage.insecure = `http://insecure.test:${port}`
    stage.s3 = await start({ maxBytes: 1024 * MiB, cors: [stage.insecure] })
    stage.line = await lineTo(stage.s3.server.port)
    stage.env = {
      S3_ENDPOINT: `http://127.0.0.1:${stage.line.port}`,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }
    await stage.s3.s3('PUT', BUCKET)
    const origins = { PORT: String(port), APP_ORIGIN: `http://localhost:${port},${stage.insecure}` }
    stage.app = await startApp('', { ...stage.env, ...origins })
  }, 300_000)

  afterAll(async () => {
    await stage.app?.stop()
    await stage.line?.close()
    await stage.s3?.stop()
    rmSync(folder, { recursive: true })
  })
  return stage
}

/** Reproducible bytes without a pattern, so that parts cannot be confused. */
function makeBytes(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 64) block.copy(bytes, at, 0, Math.min(64, size - at))
  for (let at = 0; at < size; at += 4096) bytes.writeUInt32BE(at, Math.min(at, size - 4))
  return bytes
}

/** A page under test, and the changes in the bucket since the test started. */
export interface Scene {
  /** Opens the page. `before` is a script that runs before those of the page. */
  open(options?: { origin?: string; before?: string }): Promise<Driver>
  /** The open page. */
  readonly driver: Driver
  /** New keys. */
  added(): Promise<string[]>
  /** New multipart uploads that are neither completed nor aborted. */
  started(): Promise<number>
  /** Expects exactly one new upload and its copy, with the content of this file. */
  expectStored(file: string, type: string): Promise<void>
  /** Expects a failed upload, no sign of success, and no new object. */
  expectFailure(text: RegExp, code?: string): Promise<void>
  /** Expects the same, without a button to retry. */
  expectRejected(text: RegExp): Promise<void>
}

/** The browsers that must be installed: one for each landing. */
export const BROWSERS: readonly BrowserName[] = isDeep ? ['chromium', 'firefox'] : ['chromium']

export const browsers = BROWSERS.filter(findBrowser)

/** The browsers to run tests in. Without any, the tests are listed as skipped. */
export const lanes = browsers.length > 0 ? browsers : (['no browser'] as unknown as BrowserName[])

/** Runs tests in each installed browser. */
export function inEachBrowser(stage: Stage, define: (scene: Scene, name: BrowserName) => void): void {
  describe.skipIf(browsers.length === 0).each(lanes)('in %s', (name) => {
    let browser: Browser
    let driver: Driver | undefined
    let keysBefore: string[]
    let startedBefore: number

    const post = (method: string, target: string) =>
      stage.s3.s3(method, target, { host: `127.0.0.1:${stage.s3.server.port}` })
    const keys = async () => all((await post('GET', `${BUCKET}?list-type=2&encoding-type=url`)).text, 'Key')
    const countStarted = async () => all((await post('GET', `${BUCKET}?uploads`)).text, 'UploadId').length

    const scene: Scene = {
      async open({ origin = stage.app.origin, before = '' } = {}) {
        driver = await open(browser, origin, before)
        return driver
      },
      get driver() {
        return driver!
      },
      added: async () => (await keys()).filter((key) => !keysBefore.includes(key)),
      started: async () => (await countStarted()) - startedBefore,
      async expectStored(file, type) {
        const [copy, upload, ...others] = (await scene.added()).map(decodeKey).sort()
        expect(others, 'other new objects').toEqual([])
        expect(copy).toMatch(/^files\/[\da-f-]{36}\//)
        expect(upload).toMatch(/^uploads\/[\da-f-]{36}\//)
        expect([copy!.split('/')[2], upload!.split('/')[2]]).toEqual([file, file])
        const { status, headers, body } = await post('GET', pathOf(copy!))
        expect(status).toBe(200)
        expect(headers['content-type']).toBe(type)
        expect(decodeURIComponent(headers['x-amz-meta-name']!)).toBe(file)
        expect(headers['x-amz-meta-size']).toBe(String(stage.bytes(file).length))
        expect(body.equals(stage.bytes(file)), 'the bytes are the same').toBe(true)
      },
      async expectFailure(text, code = '') {
        expect(await failure(text, code)).toContain('Try again')
      },
      async expectRejected(text) {
        expect(await failure(text, '')).toEqual([])
      },
    }

    /** Returns the available buttons after a failure. */
    const failure = async (text: RegExp, code: string): Promise<string[]> => {
      const seen = await scene.driver.until('failed')
      expect(seen).toMatchObject({ state: 'failed', code, link: '' })
      expect(seen.text).toMatch(text)
      expect(await scene.added(), 'new objects').toEqual([])
      return seen.buttons
    }

    beforeAll(async () => {
      browser = await startBrowser(name)
    }, 60_000)

    afterAll(() => browser?.close())

    beforeEach(async () => {
      keysBefore = await keys()
      startedBefore = await countStarted()
    })

    afterEach(async () => {
      stage.line.restore()
      stage.line.speed = undefined
      stage.line.release()
      for (const key of await scene.added()) await post('DELETE', pathOf(decodeKey(key)))
      if (!driver || driver.page.isClosed()) return
      await driver.page.evaluate('localStorage.clear()')
      await driver.page.close()
    })

    define(scene, name)
  })
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

function pathOf(key: string): string {
  return `${BUCKET}/${key.split('/').map(encode).join('/')}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Waits for a new log line of the server, which may respond before it logs. */
export function untilLogged(stage: Stage, pattern: RegExp, since: number): Promise<void> {
  return until(`the server logs ${pattern}`, () => stage.s3.lines.slice(since).some((entry) => pattern.test(entry)))
}

/** Waits until a condition is true. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within 30 seconds: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
