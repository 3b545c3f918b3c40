import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { all, credentials, type Started, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { ROOT } from '../../test/support/packed.ts'
import { run } from '../servers/install.ts'
import { type Browser, findBrowser, type Page, startBrowser } from './browser.ts'
import { type Line, lineTo } from './line.ts'
import { installDriver, MiB, until } from './stage.ts'
import { NEEDS, servePages, UPLOADS, WIDGETS } from './widgets.ts'

// The recipes of examples/uploads in Chromium, with each widget as it is published, and what sigv4-tools serve has stored.

const absent = NEEDS.find(([path]) => !existsSync(path))?.[1] ?? (findBrowser('chromium') ? undefined : 'chromium')
const BUCKET = '/uploads'
const folder = mkdtempSync(join(tmpdir(), 'sigv4-widgets-'))
const FILM = join(folder, 'film.mp4')
const HTML = join(folder, 'page.html')
const film = Buffer.alloc(20 * MiB + 5)
for (let at = 0; at < film.length; at += 64) createHash('sha512').update(String(at)).digest().copy(film, at)

it.skipIf(absent && !process.env.CI)('the widgets and Chromium are installed', () => {
  expect(absent, 'what to install').toBeUndefined()
})

it.skipIf(absent)('the recipes compile', async () => {
  const tsc = join(ROOT, 'node_modules/typescript/lib/tsc.js')
  const { status, output } = await run(process.execPath, [tsc, '-p', UPLOADS])
  expect(output).toBe('')
  expect(status).toBe(0)
})

it('an error names the status of a response that is not signed', async () => {
  const { sign } = await import(/* @vite-ignore */ pathToFileURL(join(UPLOADS, 'sign.ts')).href)
  const respond = (body: string, status: number) => vi.stubGlobal('fetch', async () => new Response(body, { status }))
  try {
    for (const [body, status] of [
      ['', 404],
      ['<!doctype html>', 200],
      ['{"statusCode":500,"message":"Internal server error"}', 500],
    ] as const) {
      respond(body, status)
      const error = `The response of /uploads has no URL, and status ${status}.`
      await expect(sign({ method: 'POST' })).rejects.toThrow(error)
    }
    respond('{"error":"Log in first."}', 401)
    await expect(sign({ method: 'POST' })).rejects.toThrow('Log in first.')
  } finally {
    vi.unstubAllGlobals()
  }
})

describe.skipIf(absent)('an upload in Chromium with', () => {
  let s3: Started
  let line: Line
  let site: { url: string; server: Server }
  let browser: Browser
  let page: Page
  let firstLine: number
  const logged: string[] = []

  const sendToServe = (method: string, target: string) => s3.s3(method, target, { host: `127.0.0.1:${s3.server.port}` })
  const keys = async (): Promise<string[]> => all((await sendToServe('GET', `${BUCKET}?list-type=2`)).text, 'Key')
  const unfinished = async (): Promise<number> =>
    all((await sendToServe('GET', `${BUCKET}?uploads`)).text, 'UploadId').length
  const linesWith = (pattern: RegExp): string[] => s3.lines.slice(firstLine).filter((each) => pattern.test(each))
  /** The number of each part that was stored, in the order in which that happened. */
  const parts = (): number[] =>
    linesWith(/ 200 +PUT .*partNumber=/).map((each) => Number(/partNumber=(\d+)/.exec(each)![1]))

  beforeAll(async () => {
    await installDriver()
    writeFileSync(FILM, film)
    writeFileSync(HTML, '<script>alert(1)</script>')
    s3 = await start()
    await s3.s3('PUT', BUCKET)
    line = await lineTo(s3.server.port)
    site = await servePages({
      ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${line.port}`, AWS_REGION: 'us-east-1', BUCKET: BUCKET.slice(1) },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    })
    browser = await startBrowser('chromium')
  }, 300_000)

  afterAll(async () => {
    await browser?.close()
    site?.server.close().closeAllConnections()
    await line?.close()
    await s3?.stop()
    rmSync(folder, { recursive: true })
  })

  beforeEach(() => {
    firstLine = s3.lines.length
    logged.length = 0
  })

  afterEach(async () => {
    line.release()
    line.speed = undefined
    await page.close()
    for (const key of await keys()) await sendToServe('DELETE', `${BUCKET}/${key}`)
    const { text } = await sendToServe('GET', `${BUCKET}?uploads`)
    const ids = all(text, 'UploadId')
    for (const [i, key] of all(text, 'Key').entries())
      await sendToServe('DELETE', `${BUCKET}/${key}?uploadId=${ids[i]}`)
  })

  describe.each(Object.entries(WIDGETS))('%s', (name, widget) => {
    const state = (): Promise<string> => page.evaluate(`String(${widget.state})`)
    const untilState = async (pattern: RegExp): Promise<string> => {
      const condition = `${pattern}.test(String(${widget.state}))`
      await page.waitForFunction(condition, { timeout: 15_000, polling: 50 }).catch(async ({ message }: Error) => {
        throw new Error(`${message}: ${await state()}\n${logged.join('\n')}`)
      })
      return state()
    }
    async function choose(path: string, session = 'a-secret-session-id'): Promise<void> {
      page = await browser.newPage()
      page.on('console', (event) => logged.push(event.text?.() ?? ''))
      page.on('pageerror', (event) => logged.push(event.message ?? ''))
      await page.evaluateOnNewDocument('window.shown = ""')
      await page.setCookie({ name: 'session', value: session, url: site.url })
      await page.goto(`${site.url}/${name}`)
      await (await page.waitForSelector(widget.input))!.uploadFile(path)
      if (widget.start) await page.evaluate(widget.start)
    }
    async function expectStored(): Promise<void> {
      const [key = '', ...others] = await keys()
      expect(others).toEqual([])
      expect(key).toMatch(/^users\/eric\/[\da-f-]{36}$/)
      expect(await state()).toBe(`stored ${key}`)
      const { body, headers } = await sendToServe('GET', `${BUCKET}/${key}`)
      expect(headers['content-type']).toBe('video/mp4')
      expect(body.equals(film), 'the bytes are the same').toBe(true)
      expect(await unfinished()).toBe(0)
    }

    it('stores 20 MB', async () => {
      await choose(FILM)
      await untilState(/^stored /)
      await expectStored()
      expect(parts()).toEqual(widget.isMultipart ? [1, 2, 3, 4, 5] : [])
    })

    it(widget.isMultipart ? 'resumes after an abort' : 'sends the file again after an abort', async () => {
      line.hold(7 * MiB)
      await choose(FILM)
      await untilState(widget.isMultipart ? /^(?:2[5-9]|[3-9]\d)$/ : /^[1-9]\d?$/)
      if (widget.isMultipart) await until('the first part is stored', () => parts().length === 1)
      await page.evaluate(widget.pause)
      expect(await keys()).toEqual([])
      // what has reached the line would still arrive
      line.cut()
      line.restore()
      line.release()
      if (widget.resume) await page.evaluate(widget.resume)
      else await (await page.waitForSelector(widget.input))!.uploadFile(FILM)
      await untilState(/^stored /)
      await expectStored()
      expect(parts()).toEqual(widget.isMultipart ? [1, 2, 3, 4, 5] : [])
    })

    const sending = widget.isMultipart ? it : undefined
    sending?.('sends a part again after the connection was lost', async () => {
      line.hold(7 * MiB)
      await choose(FILM)
      await until('the first part is stored', () => parts().length === 1)
      line.cut()
      line.restore()
      line.release()
      await untilState(/^stored /)
      await expectStored()
      // the response to the first one may have been lost, too
      expect([...new Set(parts())]).toEqual([1, 2, 3, 4, 5])
    })

    it('shows why a type is rejected, and stores nothing', async () => {
      await choose(HTML)
      await untilState(/^Choose an image or a video of up to 100 MB\.$/)
      expect(await keys()).toEqual([])
      expect(linesWith(/PUT|POST/)).toEqual([])
    })

    it('is rejected without a session', async () => {
      await choose(FILM, 'a-guess')
      await untilState(/^Log in first\.$/)
      expect(linesWith(/PUT|POST/)).toEqual([])
    })

    if (!widget.cancel) return
    it('deletes the parts of a canceled upload', async () => {
      line.hold(7 * MiB)
      await choose(FILM)
      await until('the first part is stored', () => parts().length === 1)
      line.release()
      await page.evaluate(widget.cancel!)
      await until('the upload is aborted', async () => linesWith(/ 204 +DELETE /).length === 1)
      expect([await unfinished(), await keys()]).toEqual([0, []])
    })
  })
})
