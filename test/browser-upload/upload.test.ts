import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { credentials, type Started, start } from '../serve/start.ts'
import { run, runInstaller } from '../servers/install.ts'
import { type App, FOLDER, startApp } from './app.ts'
import { type Browser, type BrowserName, findBrowser, startBrowser } from './browser.ts'
import { changed, type Driver, open } from './driver.ts'
import { type Line, lineTo } from './line.ts'

// The app in real browsers: every way of uploading, and every way that it can go wrong.

const MiB = 1024 ** 2
const HERE = fileURLToPath(new URL('.', import.meta.url))
const BUCKET = '/browser-uploads'

const folder = mkdtempSync(join(tmpdir(), 'sigv4-files-'))
const files: Record<string, { path: string; bytes: Buffer }> = {}
/** Bytes without a pattern, the same in each run. */
function makeFile(name: string, size: number): void {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 64) block.copy(bytes, at, 0, Math.min(64, size - at))
  for (let at = 0; at < size; at += 4096) bytes.writeUInt32BE(at, Math.min(at, size - 4))
  files[name] = { path: join(folder, name), bytes }
  writeFileSync(join(folder, name), bytes)
}

const PICTURE = 'résumé ✓ 日本 (1)+&%.png'
const FILM = 'größe ü.mp4'

let s3: Started
let line: Line
let app: App
let hasty: App

beforeAll(async () => {
  for (const prefix of [HERE, FOLDER])
    await runInstaller('npm', [
      'ci',
      ...['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', prefix],
    ])
  makeFile(PICTURE, 300_001)
  makeFile(FILM, 21 * MiB + 5)
  makeFile('large.png', 26 * MiB)
  makeFile('page.html', 2000)
  s3 = await start({ maxBytes: 1024 * MiB })
  line = await lineTo(s3.server.port)
  const env = {
    S3_ENDPOINT: `http://127.0.0.1:${line.port}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
  app = await startApp('', env)
  hasty = await startApp('', { ...env, UPLOAD_EXPIRES: '3s' })
}, 300_000)

afterAll(async () => {
  await Promise.all([app?.stop(), hasty?.stop()])
  await line?.close()
  await s3?.stop()
  rmSync(folder, { recursive: true })
})

/** A request to the server by another way than that of the page, signed by hand. */
const ask = (method: string, target: string) => s3.s3(method, target, { host: `127.0.0.1:${s3.server.port}` })

async function keys(): Promise<string[]> {
  const { text } = await ask('GET', `${BUCKET}?list-type=2`)
  return [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) =>
    key!.replace(/&(?:amp|#38);/g, '&').replace(/&apos;/g, "'"),
  )
}

/** Uploads that were begun and neither completed nor given up. */
async function countBegun(): Promise<number> {
  const { text } = await ask('GET', `${BUCKET}?uploads`)
  return [...text.matchAll(/<UploadId>/g)].length
}

/** What is stored, and expected to be exactly this file. */
async function expectStored(name: string, type: string, key: string): Promise<void> {
  expect(key).toMatch(/^uploads\/[\da-f-]{36}\//)
  expect(key.split('/')[2]).toBe(name)
  const path = key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`.toUpperCase()),
    )
    .join('/')
  const { status, headers, body } = await ask('GET', `${BUCKET}/${path}`)
  expect(status).toBe(200)
  expect(headers['content-type']).toBe(type)
  expect(decodeURIComponent(headers['x-amz-meta-name']!)).toBe(name)
  expect(headers['x-amz-meta-size']).toBe(String(files[name]!.bytes.length))
  expect(body.equals(files[name]!.bytes), 'the bytes').toBe(true)
}

const names: BrowserName[] = ['chromium', 'firefox']
const found = names.map((name) => ({ name, path: findBrowser(name) }))

for (const { name, path } of found)
  it(`${name} is there`, ({ skip }) => {
    if (path) return
    if (process.env.CI === 'true') throw new Error(`${name} is not installed`)
    console.log(`NOT RUN: the upload app in ${name}, which is not installed`)
    skip()
  })

it('the app compiles', async () => {
  const { status, output } = await run(process.execPath, [
    join(FOLDER, 'node_modules/typescript/lib/tsc.js'),
    '-p',
    FOLDER,
  ])
  expect(output).toBe('')
  expect(status).toBe(0)
})

describe.each(found.filter(({ path }) => path))('in $name', ({ name }) => {
  let browser: Browser
  let driver: Driver
  let before: string[]
  let begunBefore: number

  beforeAll(async () => {
    browser = await startBrowser(name)
  }, 60_000)

  afterAll(() => browser?.close())

  beforeEach(async () => {
    line.mend()
    line.speed = undefined
    before = await keys()
    begunBefore = await countBegun()
  })

  afterEach(async () => {
    line.mend()
    line.speed = undefined
    if (driver && !driver.page.isClosed()) {
      await driver.page.evaluate('localStorage.clear()')
      await driver.page.close()
    }
  })

  /** What there is now, and was not before. */
  async function added(): Promise<string[]> {
    return (await keys()).filter((key) => !before.includes(key))
  }

  async function begun(): Promise<number> {
    return (await countBegun()) - begunBefore
  }

  /** The page says that it failed, and shows nothing that looks like success. */
  async function expectFailure(text: RegExp, code = ''): Promise<void> {
    const seen = await driver.until('failed')
    expect(seen).toMatchObject({ state: 'failed', code, link: '' })
    expect(seen.text).toMatch(text)
    expect(seen.buttons).toContain('Try again')
    expect(await added()).toEqual([])
  }

  for (const client of ['axios', 'fetch'] as const)
    for (const [way, file, type] of [
      ['put', PICTURE, 'image/png'],
      ['post', PICTURE, 'image/png'],
      ['multipart', FILM, 'video/mp4'],
    ] as const)
      it(`${way} with ${client} stores the file as it is`, async () => {
        driver = await open(browser, app.origin)
        await driver.upload(way, client, files[file]!.path)
        const seen = await driver.until('done')
        expect(seen).toMatchObject({ name: file, state: 'done', progress: 1, buttons: [] })
        const [key, ...others] = await added()
        expect(others).toEqual([])
        await expectStored(file, type, key!)
        const response = await fetch(seen.link)
        expect(Buffer.from(await response.arrayBuffer()).equals(files[file]!.bytes)).toBe(true)
        expect(response.headers.get('content-disposition')).toContain(encodeURIComponent(file.split(' ')[0]!))
        expect(await begun()).toBe(0)
      })

  it('works on an origin that is not secure', async () => {
    const url = app.origin.replace('localhost', 'insecure.test')
    driver = await open(browser, url)
    expect(await driver.page.evaluate('[isSecureContext, typeof crypto.subtle]')).toEqual([false, 'undefined'])
    for (const [way, file, type] of [
      ['put', PICTURE, 'image/png'],
      ['post', PICTURE, 'image/png'],
      ['multipart', FILM, 'video/mp4'],
    ] as const) {
      before = await keys()
      await driver.upload(way, 'axios', files[file]!.path)
      expect(await driver.until('done')).toMatchObject({ name: file, state: 'done' })
      await expectStored(file, type, (await added())[0]!)
    }
  })

  it('says that a file must be chosen', async () => {
    driver = await open(browser, app.origin)
    await (await driver.page.$('button[type=submit]'))!.click()
    await driver.untilTrue(`document.querySelector('#problem').textContent === 'Choose a file first.'`)
    expect(await driver.page.evaluate('document.activeElement.id')).toBe('file')
  })

  it.each(['put', 'post'] as const)('%s: too large', async (way) => {
    driver = await open(browser, app.origin)
    await driver.upload(way, 'axios', files['large.png']!.path)
    await expectFailure(way === 'put' ? /too large.* 25 MiB/ : /too large.* 10 MiB/)
  })

  it('post: too large, and the page said otherwise', async () => {
    // the server believes ten bytes; the form allows ten megabytes, and is asked before anything is sent
    const lie = `{ const real = window.fetch; window.fetch = (path, init) => real(path, init.body ? { ...init, body: init.body.replace(/"size":\\d+/, '"size":10') } : init) }`
    driver = await open(browser, app.origin, lie)
    const sent = line.sent()
    await driver.upload('post', 'axios', files['large.png']!.path)
    await expectFailure(/exceeds the maximum allowed size/, 'EntityTooLarge')
    expect(line.sent()).toBe(sent)
  })

  it('put: larger than was signed', async () => {
    const lie = `{ const real = window.fetch; window.fetch = (path, init) => real(path, init.body ? { ...init, body: init.body.replace(/"size":\\d+/, '"size":10') } : init) }`
    driver = await open(browser, app.origin, lie)
    await driver.upload('put', 'axios', files[PICTURE]!.path)
    await expectFailure(/not what was signed/, 'SignatureDoesNotMatch')
  })

  it('post: too large, and nobody knows before S3 does', async () => {
    const lie = `Object.defineProperty(Blob.prototype, 'size', { get: () => 10 })`
    driver = await open(browser, app.origin, lie)
    await driver.upload('post', 'fetch', files['large.png']!.path)
    await expectFailure(/larger than was allowed/, 'EntityTooLarge')
    expect(s3.lines.some((entry) => / 400 .*EntityTooLarge/.test(entry))).toBe(true)
  })

  it.each(['put', 'post', 'multipart'] as const)('%s: a type that is not taken', async (way) => {
    driver = await open(browser, app.origin)
    await driver.upload(way, 'fetch', files['page.html']!.path)
    await expectFailure(/text\/html/)
  })

  it.each([
    ['put', `answer.put.headers['content-type'] = 'text/html'`, /not what was signed/, 'SignatureDoesNotMatch'],
    ['put', `answer.put.headers['x-amz-meta-name'] = 'other'`, /not what was signed/, 'SignatureDoesNotMatch'],
    ['put', `answer.put.url = answer.put.url.replace(/%20/, '%21')`, /not what was signed/, 'SignatureDoesNotMatch'],
    ['post', `answer.post.fields.key += '.html'`, /Policy Condition failed/, 'AccessDenied'],
    ['post', `answer.post.fields['Content-Type'] = 'text/html'`, /Policy Condition failed/, 'AccessDenied'],
    ['post', `answer.post.fields['x-amz-meta-name'] = 'other'`, /Policy Condition failed/, 'AccessDenied'],
    [
      'post',
      `answer.post.fields['x-amz-signature'] = answer.post.fields['x-amz-signature'].replace(/./g, (digit) => digit === '0' ? '1' : '0')`,
      /not what was signed/,
      'SignatureDoesNotMatch',
    ],
    [
      'multipart',
      `answer.upload.create.headers['content-type'] = 'text/html'`,
      /not what was signed/,
      'SignatureDoesNotMatch',
    ],
  ] as const)('%s, tampered: %s', async (way, change, text, code) => {
    driver = await open(browser, app.origin, changed('/api/uploads', change))
    await driver.upload(way, 'axios', files[PICTURE]!.path)
    await expectFailure(text, code)
  })

  it('multipart, tampered: a part of another length', async () => {
    driver = await open(browser, app.origin, changed('/api/parts', 'for (const part of answer.parts) part.end -= 1'))
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await expectFailure(/not what was signed/, 'SignatureDoesNotMatch')
  })

  it('multipart, tampered: a ticket that nobody gave', async () => {
    driver = await open(browser, app.origin, changed('/api/uploads', `answer.ticket = 'e30.' + 'A'.repeat(43)`))
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await expectFailure(/not started here/)
  })

  it.each(['put', 'post'] as const)('%s: expired', async (way) => {
    driver = await open(browser, hasty.origin, changed('/api/uploads', '', 4500))
    await driver.upload(way, 'axios', files[PICTURE]!.path)
    await expectFailure(/expired/, 'AccessDenied')
  })

  it('multipart: parts whose time is over are signed again', async () => {
    driver = await open(
      browser,
      hasty.origin,
      changed('/api/parts', 'if (answer.parts.length > 1) await new Promise((go) => setTimeout(go, 4500))'),
    )
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(s3.lines.some((entry) => / 403 .*expired/i.test(entry))).toBe(true)
  })

  it.each([
    ['put', 'axios', PICTURE],
    ['post', 'axios', PICTURE],
    ['put', 'fetch', PICTURE],
  ] as const)('%s with %s: offline in the middle', async (way, client, file) => {
    driver = await open(browser, app.origin)
    line.speed = 100_000
    const sent = line.sent()
    await driver.upload(way, client, files[file]!.path)
    await until(() => line.sent() > sent + 60_000)
    line.cut()
    await expectFailure(/connection to the storage was lost.*not stored/)
    expect((await driver.seen()).progress).toBe(0)
    line.mend()
    line.speed = undefined
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done', progress: 1 })
    await expectStored(file, 'image/png', (await added())[0]!)
  })

  it('put: the answer is lost, and the file is there', async () => {
    const deaf = `{ const real = window.fetch; window.fetch = async (url, init) => {
      const response = await real(url, init)
      if (init?.method === 'PUT') throw new TypeError('Failed to fetch')
      return response
    } }`
    driver = await open(browser, app.origin, deaf)
    await driver.upload('put', 'fetch', files[PICTURE]!.path)
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await expectStored(PICTURE, 'image/png', (await added())[0]!)
  })

  it('multipart: offline in the middle, and on again where it stopped', async () => {
    driver = await open(browser, app.origin)
    line.speed = 12 * MiB
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await driver.untilTrue(`document.querySelector('#uploads [data-part=done]')`)
    line.cut()
    await expectFailure(/connection to the storage was lost.*parts that arrived are kept/)
    expect((await driver.seen()).progress).toBeLessThan(1)
    expect(await begun()).toBe(1)
    const puts = () => s3.lines.filter((entry) => /PUT .*uploadId&partNumber {2}200/.test(entry)).length
    const there = puts()
    line.mend()
    line.speed = undefined
    await driver.press('Try again')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    expect(puts() - there).toBeLessThan(3)
    await expectStored(FILM, 'video/mp4', (await added())[0]!)
    expect(await begun()).toBe(0)
  })

  it('multipart: a part that is lost is sent again by itself', async () => {
    driver = await open(browser, app.origin)
    line.speed = 10 * MiB
    const sent = line.sent()
    await driver.upload('multipart', 'fetch', files[FILM]!.path)
    await until(() => line.sent() > sent + 3 * MiB)
    line.cut()
    line.mend()
    line.speed = undefined
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await expectStored(FILM, 'video/mp4', (await added())[0]!)
  })

  it('multipart: pause, go on', async () => {
    driver = await open(browser, app.origin)
    line.speed = 8 * MiB
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.1`)
    await driver.press('Pause')
    const paused = await driver.until('paused')
    expect(paused).toMatchObject({ state: 'paused', buttons: ['Go on', 'Cancel'] })
    expect(await driver.page.evaluate('document.activeElement.textContent')).toBe('Go on')
    // what is in buffers on the way still arrives
    let sent = -1
    await until(async () => {
      const before = sent
      await sleep(400)
      sent = line.sent()
      return sent === before
    })
    await sleep(500)
    expect(line.sent()).toBe(sent)
    expect(await added()).toEqual([])
    line.speed = undefined
    await driver.press('Go on')
    expect(await driver.until('done')).toMatchObject({ state: 'done' })
    await expectStored(FILM, 'video/mp4', (await added())[0]!)
  })

  it.each(['put', 'multipart'] as const)('%s: cancel', async (way) => {
    driver = await open(browser, app.origin)
    line.speed = 8 * MiB
    const sent = line.sent()
    await driver.upload(way, 'axios', files[FILM]!.path)
    await until(() => line.sent() > sent + MiB)
    await driver.press('Cancel')
    expect(await driver.until('cancelled')).toMatchObject({ state: 'cancelled', progress: 0, buttons: [] })
    expect(await driver.page.evaluate('document.activeElement.tagName')).toBe('H3')
    await sleep(1500)
    expect(await added()).toEqual([])
    expect(await begun()).toBe(0)
  })

  it('multipart: killed, and gone on with in another page', async () => {
    driver = await open(browser, app.origin)
    line.speed = 12 * MiB
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await driver.untilTrue(`document.querySelector('#uploads [data-part=done]')`)
    await driver.page.close()
    line.speed = undefined
    expect(await added()).toEqual([])
    driver = await open(browser, app.origin)
    expect(await driver.seen()).toMatchObject({ name: FILM, state: 'paused', buttons: ['Cancel'], link: '' })
    const posts = () => s3.lines.filter((entry) => /\?uploads {2}200/.test(entry)).length
    const there = posts()
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    expect(await driver.until('done')).toMatchObject({ name: FILM, state: 'done' })
    expect(posts()).toBe(there)
    await expectStored(FILM, 'video/mp4', (await added())[0]!)
    expect(await driver.page.evaluate(`document.querySelectorAll('#uploads > li').length`)).toBe(1)
  })

  it('multipart: left behind, and given up in another page', async () => {
    driver = await open(browser, app.origin)
    line.speed = 12 * MiB
    await driver.upload('multipart', 'axios', files[FILM]!.path)
    await driver.untilTrue(`document.querySelector('#uploads [data-part=done]')`)
    await driver.page.close()
    line.speed = undefined
    driver = await open(browser, app.origin)
    expect(await begun()).toBe(1)
    await driver.press('Cancel')
    await until(async () => (await begun()) === 0)
    expect(await driver.page.evaluate(`[document.activeElement.id, Object.keys(localStorage)]`)).toEqual([
      'uploads-title',
      [],
    ])
  })

  it('multipart: completed with 200 and an error is not done', async () => {
    const broken = `{ const real = window.fetch; window.fetch = (url, init) => init?.method === 'POST' && /uploadId=/.test(url)
      ? Promise.resolve(new Response('<?xml version="1.0"?>\\n\\n<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>'))
      : real(url, init) }`
    driver = await open(browser, app.origin, broken)
    await driver.upload('multipart', 'fetch', files[FILM]!.path)
    await expectFailure(/internal error/, 'InternalError')
    expect(await begun()).toBe(1)
    await driver.press('Cancel')
    expect(await driver.until('cancelled')).toMatchObject({ state: 'cancelled' })
    expect(await begun()).toBe(0)
  })

  it('what is stored is not what was announced: not done', async () => {
    // everything is signed and stored, but the server that looks at it finds another size
    const lie = `{ const real = window.fetch; window.fetch = (path, init) => real(path, path === '/api/uploads' ? { ...init, body: init.body.replace(/"size":\\d+/, '"size":300000') } : init) }`
    driver = await open(browser, app.origin, lie)
    await driver.upload('post', 'fetch', files[PICTURE]!.path)
    const seen = await driver.until('failed')
    expect(seen).toMatchObject({ state: 'failed', link: '' })
    expect(seen.text).toMatch(/not in the bucket as it was announced/)
  })

  it('tells screen readers, and can be used by keyboard alone', async () => {
    driver = await open(browser, app.origin)
    const { page } = driver
    await page.evaluate('document.querySelector("input[name=way]:checked").focus()')
    await page.keyboard.press('ArrowDown')
    expect(await page.evaluate('document.querySelector("input[name=way]:checked").value')).toBe('post')
    await driver.choose([files[PICTURE]!.path])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.type')).toBe('submit')
    await page.keyboard.press('Enter')
    await driver.until('done')
    await driver.untilTrue(`document.querySelector('[role=status]').textContent.includes('Stored and checked')`)
    const unnamed = await page.evaluate<string[]>(`[...document.querySelectorAll('input, select, button, progress, a')]
      .filter((control) => !control.labels?.length && !control.ariaLabel && !control.textContent.trim())
      .map((control) => control.outerHTML)`)
    expect(unnamed).toEqual([])
  })

  it('fits a small screen', async () => {
    driver = await open(browser, app.origin)
    await driver.page.setViewport({ width: 320, height: 640 })
    await driver.upload('put', 'axios', files[PICTURE]!.path)
    await driver.until('done')
    expect(await driver.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  })
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += 20) {
    if (waited > 30_000) throw new Error('It does not come about')
    await sleep(20)
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
