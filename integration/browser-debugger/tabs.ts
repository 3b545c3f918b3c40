import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe } from 'vitest'
import { buildPage } from '../../packages/sigv4-tools/build-debugger.ts'
import { running } from '../../packages/sigv4-tools/test/support/cli.ts'
import { isDeep } from '../../test/support/depth.ts'
import { type BrowserName, findBrowser, type Page, startBrowser } from '../browser-upload/browser.ts'
import { installPackages } from '../servers/install.ts'
import { freePort, untilReady } from '../support/starting.ts'

// The debugger page in real browsers: Chromium and Firefox through Puppeteer, WebKitGTK through its WebDriver.

/** A tab of a browser. */
export interface Tab {
  goto(url: string): Promise<void>
  /** Evaluates an expression in the page, and waits if it is a promise. */
  run<Result>(source: string): Promise<Result>
  /** What went wrong in the page, and requests other than of its own files. */
  readonly complaints: string[]
  /** Missing in WebKit. */
  readonly page?: Page
  close(): Promise<void>
}

export type Source = 'file' | 'server' | 'package'

export interface Scene {
  readonly name: string
  /** Opens the page, as one file, from a server, or as the command of the package serves it. */
  open(from?: Source, before?: string): Promise<Tab>
  readonly stage: Stage
}

export interface Stage {
  readonly files: Record<string, string>
  readonly fileUrl: string
  readonly serverUrl: string
  /** The URL of `sigv4-tools debugger`. */
  readonly packageUrl: string
  /** Targets that were requested from the server. */
  readonly requested: string[]
  /** Stops the server, as a network does that is gone. */
  stop(): Promise<void>
}

const TYPES: Record<string, string> = { html: 'text/html', css: 'text/css', js: 'text/javascript' }

async function startStage(folder: string): Promise<Stage> {
  const files = await buildPage()
  const file = join(folder, 'debugger.html')
  writeFileSync(file, files['debugger.html']!)
  const requested: string[] = []
  const server: Server = createServer((request, response) => {
    requested.push(request.url!)
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1)
    const text = files[name]
    response.writeHead(text === undefined ? 404 : 200, {
      'content-type': TYPES[name.replace(/.*\./, '')] ?? 'text/plain',
    })
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const own = await running(['debugger'], { readOwn: (name) => files[name]! })
  return {
    files,
    requested,
    fileUrl: pathToFileURL(file).href,
    serverUrl: `http://127.0.0.1:${port}/`,
    packageUrl: `http://127.0.0.1:${own.port}/`,
    stop: async () => {
      await own.stop()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Complains about violations of the content security policy and about errors. */
const WATCH = `
  window.complaints = []
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    window.complaints.push(violatedDirective + ' ' + blockedURI))
  addEventListener('error', ({ message }) => window.complaints.push(message))
  addEventListener('unhandledrejection', ({ reason }) => window.complaints.push(String(reason)));
`

async function puppeteerTab(page: Page, before: string): Promise<Tab> {
  const complaints: string[] = []
  page.on('console', (event) => complaints.push(event.text?.() ?? ''))
  page.on('pageerror', (event) => complaints.push(event.message ?? ''))
  await page.evaluateOnNewDocument(WATCH + before)
  return {
    complaints,
    page,
    goto: async (url) => void (await page.goto(url)),
    run: (source) => page.evaluate(source),
    close: () => page.close(),
  }
}

export const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver'
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** A session of WebKitGTK. Its driver speaks the W3C protocol. */
async function startWebkit(folder: string): Promise<{ tab: Tab; stop(): Promise<void> }> {
  const port = await freePort()
  const env = { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, LIBGL_ALWAYS_SOFTWARE: '1' }
  const driver = spawn('xvfb-run', ['-a', WEBKIT_DRIVER, `--port=${port}`], { env, stdio: 'ignore', detached: true })
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body ? JSON.stringify(body) : null,
    })
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null }
    if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`)
    return value
  }
  const options = { binary: MINI_BROWSER, args: ['--automation'] }
  const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } }
  let problem = ''
  const ended = new Promise((resolve) => driver.once('exit', resolve))
  const session = await untilReady({ ended, output: () => problem }, () =>
    call('POST', '/session', { capabilities }).catch((error: Error) => {
      problem = error.message
      return undefined
    }),
  )
  const path = `/session/${(session as { sessionId: string }).sessionId}`
  const tab: Tab = {
    complaints: [],
    goto: async (url) => void (await call('POST', `${path}/url`, { url })),
    run: async <Result>(source: string) =>
      (await call('POST', `${path}/execute/sync`, { script: `return (${source})`, args: [] })) as Result,
    close: async () => {},
  }
  return {
    tab,
    async stop() {
      await call('DELETE', path).catch(() => {})
      process.kill(-driver.pid!, 'SIGKILL')
    },
  }
}

/** The browsers that must be installed: one for each landing. */
export const BROWSERS: readonly string[] = isDeep ? ['chromium', 'firefox', 'webkit'] : ['chromium']

export const browsers = BROWSERS.filter((name) =>
  name === 'webkit' ? existsSync(WEBKIT_DRIVER) : findBrowser(name as BrowserName),
)

/** Runs tests in each browser that there is. */
export function inEachBrowser(define: (scene: Scene) => void): void {
  const HERE = fileURLToPath(new URL('../browser-upload', import.meta.url))
  // without any, the tests are listed as skipped
  describe.skipIf(browsers.length === 0).each(browsers.length > 0 ? browsers : ['no browser'])('in %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'sigv4-debugger-'))
    let stage: Stage
    let stop: () => Promise<void>
    let newTab: (before: string) => Promise<Tab>
    let tab: Tab | undefined

    beforeAll(async () => {
      stage = await startStage(folder)
      if (name === 'webkit') {
        const webkit = await startWebkit(folder)
        stop = webkit.stop
        newTab = async () => webkit.tab
        return
      }
      await installPackages(HERE)
      const browser = await startBrowser(name as BrowserName)
      stop = () => browser.close()
      newTab = async (before) => puppeteerTab(await browser.newPage(), before)
    }, 300_000)

    afterAll(async () => {
      await stop?.()
      await stage?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    define({
      name,
      get stage() {
        return stage
      },
      async open(from = 'file', before = '') {
        await tab?.close()
        tab = await newTab(before)
        await tab.goto('about:blank')
        await tab.goto(stage[`${from}Url`])
        return tab
      },
    })
  })
}

/** Sets fields of the page, waits for the report, and returns what the page shows. */
export function enter(fields: { paste?: string; response?: string; secret?: string }): string {
  return `new Promise((resolve, reject) => {
    const fields = ${JSON.stringify(fields)}
    const finding = document.getElementById('finding')
    const timer = setTimeout(() => reject(new Error('no report')), 10000)
    new MutationObserver((_, observer) => {
      observer.disconnect()
      clearTimeout(timer)
      resolve(${SEEN})
    }).observe(finding, { childList: true })
    for (const [name, value] of Object.entries(fields)) document.getElementById(name).value = value
    document.getElementById(Object.keys(fields)[0]).dispatchEvent(new InputEvent('input', { bubbles: true }))
  })`
}

/** What the page shows. */
export interface Seen {
  readonly badge: string
  readonly headline: string
  readonly fix: string
  readonly cause: string
  readonly problem: string
  readonly recognized: string
  readonly warning: string
}

export const SEEN = `(() => {
  const text = (selector) => document.querySelector(selector)?.textContent ?? ''
  return {
    badge: text('.result .badge'),
    headline: text('.result h2'),
    fix: text('.result .fix'),
    cause: text('.result .cause summary'),
    problem: text('.problem'),
    recognized: text('#recognized'),
    warning: text('#warning'),
  }
})()`

/** Clicks on an example, and returns what the page shows then. */
export function clickExample(title: string): string {
  return `new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no report')), 10000)
    let last
    new MutationObserver((_, observer) => {
      clearTimeout(last)
      last = setTimeout(() => {
        observer.disconnect()
        clearTimeout(timer)
        resolve(${SEEN})
      }, 60)
    }).observe(document.getElementById('finding'), { childList: true })
    const example = [...document.querySelectorAll('.example')].find((each) => each.textContent === ${JSON.stringify(title)})
    example.click()
  })`
}

/** axe-core as a script. */
export function axe(): string {
  return readFileSync(new URL('../browser-upload/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
}
