import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Controls browsers with puppeteer-core, which is installed in a nested package.

export interface Element {
  click(): Promise<void>
  press(key: string): Promise<void>
  uploadFile(...paths: string[]): Promise<void>
}

export interface Page {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  $(selector: string): Promise<Element | null>
  waitForSelector(selector: string, options?: { timeout?: number; visible?: boolean }): Promise<Element | null>
  waitForFileChooser(): Promise<{ accept(paths: string[]): Promise<void> }>
  waitForFunction(source: string, options?: { timeout?: number; polling?: number }): Promise<unknown>
  select(selector: string, value: string): Promise<unknown>
  evaluate<Result>(source: string): Promise<Result>
  setCookie(cookie: { name: string; value: string; url: string }): Promise<void>
  evaluateOnNewDocument(source: string): Promise<unknown>
  setViewport(size: { width: number; height: number; deviceScaleFactor?: number }): Promise<void>
  emulateMediaFeatures(features: { name: string; value: string }[]): Promise<void>
  on(event: 'console' | 'pageerror', listener: (event: { text?(): string; message?: string }) => void): void
  keyboard: Record<'press' | 'down' | 'up', (key: string) => Promise<void>>
  close(): Promise<void>
  isClosed(): boolean
}

export interface Browser {
  newPage(): Promise<Page>
  close(): Promise<void>
  process(): { pid?: number } | null
  version(): Promise<string>
}

export type BrowserName = 'chromium' | 'firefox'

const FILES: Record<BrowserName, string> = { chromium: 'chromium', firefox: 'firefox-esr' }

/** The path of a browser, or `undefined` if it is not installed. */
export function findBrowser(name: BrowserName): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${FILES[name]}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** Starts a browser with a new profile. `insecure.test` and `evil.example` resolve to this machine. */
export async function startBrowser(name: BrowserName, profile?: string): Promise<Browser> {
  const resolve = createRequire(import.meta.url).resolve
  const { default: puppeteer } = await import(/* @vite-ignore */ pathToFileURL(resolve('puppeteer-core')).href)
  const folder = mkdtempSync(join(tmpdir(), `sigv4-${name}-`))
  const common = {
    executablePath: findBrowser(name),
    headless: true,
    env: { ...process.env, HOME: folder, TMPDIR: folder },
    ...(profile && { userDataDir: profile }),
    protocolTimeout: 600_000,
  }
  const browser: Browser =
    name === 'chromium'
      ? await puppeteer.launch({
          ...common,
          args: [
            ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--disable-sync'],
            ...['--disable-background-networking', '--disable-component-update'],
            '--host-resolver-rules=MAP insecure.test 127.0.0.1,MAP evil.example 127.0.0.1',
          ],
        })
      : await puppeteer.launch({
          ...common,
          browser: 'firefox',
          extraPrefsFirefox: {
            'network.dns.localDomains': 'insecure.test,evil.example',
            'dom.security.https_first': false,
            'dom.security.https_first_schemeless': false,
          },
        })
  return {
    newPage: () => browser.newPage(),
    process: () => browser.process(),
    version: () => browser.version(),
    async close() {
      await browser.close().catch(() => {}) // The browser may already have exited.
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
