import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import { all, type Started, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { presignGet, presignPost, presignPut, sign } from '../../src/index.ts'
import { type Browser, type Page, startBrowser } from './browser.ts'
import { browsers, installDriver, lanes, until } from './stage.ts'

// What a page of a different site can do to sigv4-tools serve in a real browser, although it knows the key: nothing. The same
// for a page in a bucket that is opened through sigv4-tools proxy, which has the key.
// packages/sigv4-tools/test/attacks/cors.landing.test.ts sends the requests themselves, with all origins and hosts.

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const FORMS = ['fetched form', 'beacon', 'submitted form', 'sandboxed form']

let s3: Started
let pages: Server

beforeAll(async () => {
  await installDriver()
  pages = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><body>'))
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
}, 300_000)

afterAll(() => {
  pages.closeAllConnections()
  pages.close()
})

beforeEach(async () => {
  s3 = await start({ credentials })
  await own('PUT', '/photos/kept', 'kept')
})

afterEach(() => s3.stop())

const own = (method: string, target: string, body = '') =>
  s3.s3(method, target, { keyId: 'test', secret: 'test', body })
const target = (key: string, endpoint = s3.server.url) => ({ bucket: 'photos', key, region: 'us-east-1', endpoint })

/** Returns a script that sends one request in every way that a page has. */
async function sending(): Promise<string> {
  const put = await presignPut(target('fetched PUT'), { credentials })
  const posts = await Promise.all(FORMS.map((key) => presignPost(target(key), { credentials })))
  return `(async () => {
    const [fetched, beacon, submitted, sandboxed] = ${JSON.stringify(posts)}
    const filled = ({ fields }) => {
      const form = new FormData()
      for (const name in fields) form.append(name, fields[name])
      form.append('file', new Blob(['evil']), 'file')
      return form
    }
    const post = async ({ url, fields }) => { await fetch(url, { method: 'POST', mode: 'no-cors', body: filled({ fields }) }) }
    await fetch(${JSON.stringify(put.url)}, { method: 'PUT', body: 'evil' }).catch(() => {})
    await post(fetched)
    navigator.sendBeacon(beacon.url, filled(beacon))
    const frame = Object.assign(document.createElement('iframe'), { name: 'result' })
    const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'multipart/form-data', action: submitted.url, target: 'result' })
    for (const [name, value] of [...Object.entries(submitted.fields), ['file', 'evil']])
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    document.body.append(frame, form)
    form.submit()
    const sandbox = document.createElement('iframe')
    sandbox.sandbox = 'allow-scripts'
    sandbox.srcdoc = '<script>const filled = ' + filled + ', post = ' + post + '; post(' + JSON.stringify(sandboxed) + ')<' + '/script>'
    document.body.append(sandbox)
  })()`
}

/** Opens a page, lets it send everything, and returns the keys that are stored afterwards. */
async function keysAfter(page: Page, host: string, requests: number): Promise<string[]> {
  await page.goto(`http://${host}:${(pages.address() as AddressInfo).port}/`)
  const before = s3.lines.length
  await page.evaluate(await sending())
  await until(`${requests} requests are logged`, () => s3.lines.length >= before + requests)
  const { text } = await own('GET', '/photos?list-type=2')
  return all(text, 'Key').filter((key) => key !== 'kept')
}

describe.skipIf(browsers.length === 0).each(lanes)('in %s', (name) => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await startBrowser(name)
  })

  afterAll(() => browser?.close())

  beforeEach(async () => {
    page = await browser.newPage()
  })

  afterEach(() => page.close())

  it('a page of a different site cannot write', async () => {
    expect(await keysAfter(page, 'evil.example', 5), s3.lines.join('\n')).toEqual([])
    const rejected = s3.lines.filter((line) => / 403 .* {2}AccessForbidden: The origin "/.test(line))
    expect(rejected).toHaveLength(5)
  })

  it('a page of this machine can, except from a sandboxed frame', async () => {
    const keys = await keysAfter(page, 'localhost', 6)
    expect(keys.sort(), s3.lines.join('\n')).toEqual(['beacon', 'fetched PUT', 'fetched form', 'submitted form'])
  })

  it('a page of a different site that points to the server can neither read nor write', async () => {
    const endpoint = `http://evil.example:${s3.server.port}`
    const get = await presignGet(target('kept', endpoint), { credentials })
    await page.goto(get.url)
    const put = await presignPut(target('new', endpoint), { credentials })
    const list = await sign(
      { method: 'GET', url: `${endpoint}/photos?list-type=2` },
      { credentials, region: 'us-east-1', service: 's3' },
    )
    const seen = await page.evaluate<unknown>(`(async () => {
      const read = async (url, init) => { const response = await fetch(url, init); return [response.status, await response.text()] }
      const [put, list] = ${JSON.stringify([put, list])}
      return [location.origin, [0, document.documentElement.textContent], await read(list.url, list), await read(put.url, { method: 'PUT', body: 'evil' })]
    })()`)
    const rejected = (status: number) => [status, expect.stringMatching(/is not allowed.* to options\.cors\./)]
    expect(seen).toEqual([endpoint, rejected(0), rejected(403), rejected(403)])
    expect((await own('GET', '/photos/new')).status).toBe(404)
  })

  it('a page in a bucket that is opened through a proxy is shown, and cannot have requests signed', async () => {
    const received: string[] = []
    const script = `<script>(async () => {
      const send = (url, init) => fetch(url, init).then(({ status }) => status, () => 'rejected')
      const seen = [self.origin, await send('/photos/secret'), await send('/photos/new', { method: 'PUT', body: 'evil' })]
      document.documentElement.setAttribute('seen', seen.join(' '))
    })()</${'script'}>`
    const types = { html: 'text/html', svg: 'image/svg+xml', txt: 'text/plain' }
    const bucket = createServer(({ method, url = '' }, response) => {
      received.push(`${method} ${url}`)
      const type = types[url.split('.')[1] as 'svg'] ?? 'application/octet-stream'
      response
        .setHeader('content-type', type)
        .end(type === 'image/svg+xml' ? `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>` : `a${script}`)
    })
    await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve))
    const { port, close } = await proxy({
      upstream: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      service: 's3',
      region: 'us-east-1',
    })
    for (const path of ['/photos/page.html', '/photos/page.svg']) {
      await page.goto(`http://localhost:${port}${path}`)
      await page.waitForFunction("document.documentElement.hasAttribute('seen')")
      expect(await page.evaluate("document.documentElement.getAttribute('seen')")).toBe('null rejected rejected')
    }
    await page.goto(`http://localhost:${port}/photos/text.txt`)
    expect(await page.evaluate('document.body.textContent')).toBe(`a${script}`)
    await close()
    bucket.closeAllConnections()
    bucket.close()
    expect(received.filter((each) => !each.endsWith('favicon.ico'))).toEqual(
      ['page.html', 'page.svg', 'text.txt'].map((name) => `GET /photos/${name}`),
    )
  })

  it.each(['a frame', 'a window'])('a page of a different site cannot run stored text as a page in %s', async (way) => {
    const endpoint = `http://localhost:${s3.server.port}`
    const get = await presignGet(target('kept', endpoint), { credentials })
    const put = await presignPut(target('new', endpoint), { credentials })
    const script = `<script>(async () => {
      const tell = (seen) => (window.opener ?? parent).postMessage(seen, '*')
      const cookie = (() => { try { return document.cookie } catch { return '' } })()
      const send = (url, init) => fetch(url, init).then(({ status }) => status, () => 'rejected')
      tell([self.origin, cookie, await send(${JSON.stringify(get.url)}), await send(${JSON.stringify(put.url)}, { method: 'PUT', body: 'evil' })])
    })()</${'script'}>`
    await own('PUT', '/photos/comment', script)
    const query = { 'response-content-type': 'text/html' }
    const shown = await presignGet(target('comment', endpoint), { credentials, query })
    const { port } = pages.address() as AddressInfo
    await page.goto(`http://localhost:${port}/`)
    await page.evaluate(`void (document.cookie = 'session=secret')`)
    await page.goto(`http://evil.example:${port}/`)
    const seen = await page.evaluate(`new Promise((resolve) => {
      addEventListener('message', ({ data }) => resolve(data))
      const url = ${JSON.stringify(shown.url)}
      if (${way === 'a window'}) window.open(url)
      else document.body.append(Object.assign(document.createElement('iframe'), { src: url }))
    })`)
    expect(seen).toEqual(['null', '', 'rejected', 'rejected'])
    expect((await own('GET', '/photos/new')).status).toBe(404)
  })
})
