import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, start } from './process.ts'

// A browser without a driver: it opens a page on the loopback interface, and the page posts its results.

/** Returns the command that starts a browser with a new profile. */
export type StartBrowser = (folder: string, url: string, port: number) => Omit<Command, 'cwd'>

export const chromium: StartBrowser = (folder, url) => ({
  file: 'chromium',
  args: [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
    ...[`--user-data-dir=${folder}`, '--host-resolver-rules=MAP insecure.test 127.0.0.1', url],
  ],
  env: { HOME: folder, TMPDIR: folder },
})

export const firefox: StartBrowser = (folder, url) => {
  const off = [
    ...['dom.security.https_first', 'dom.security.https_first_schemeless', 'browser.shell.checkDefaultBrowser'],
    ...['datareporting.policy.dataSubmissionEnabled', 'app.normandy.enabled'],
    ...['network.captive-portal-service.enabled', 'network.connectivity-service.enabled'],
  ]
  const preferences = off.map((name) => `user_pref("${name}", false);`)
  preferences.push('user_pref("network.dns.localDomains", "insecure.test");')
  writeFileSync(join(folder, 'user.js'), preferences.join('\n'))
  return {
    file: 'firefox-esr',
    args: ['--headless', '--no-remote', '--profile', folder, url],
    env: { HOME: folder, TMPDIR: folder },
  }
}

export const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** WebKitGTK reaches the insecure host through the server as its proxy. */
export const webkit: StartBrowser = (folder, url, port) => ({
  file: 'xvfb-run',
  args: ['-a', MINI_BROWSER, `--proxy=http://127.0.0.1:${port}`, url],
  env: { HOME: folder, TMPDIR: folder, XDG_RUNTIME_DIR: folder, LIBGL_ALWAYS_SOFTWARE: '1' },
})

/** Runs the secure origin `localhost`, in Chromium also the workers, and then the insecure origin. Returns the results. */
export async function runBrowser(
  startBrowser: StartBrowser,
  script: string,
  lanes: readonly string[],
  within: number,
): Promise<Map<string, { text: string; ms: number }>> {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-browser-'))
  const posted = new Map<string, { text: string; ms: number }>()
  let last = Date.now()
  let done: () => void
  const all = new Promise<void>((resolve) => {
    done = resolve
  })
  const server = createServer((request, response) => {
    handle(request, response, script, lanes, (lane, text) => {
      posted.set(lane, { text, ms: Date.now() - last })
      last = Date.now()
      if (lanes.every((name) => posted.has(name))) done()
    })
  })
  const port = await listen(server)
  const profile = join(folder, 'profile')
  mkdirSync(profile, { mode: 0o700 })
  const browser = start({ ...startBrowser(profile, `http://localhost:${port}/`, port), cwd: folder })
  const timer = new AbortController()
  try {
    const late = sleep(within, undefined, { signal: timer.signal }).catch(() => {})
    const ended = browser.ended.then(({ output }) => output)
    const output = await Promise.race([all, late, ended])
    if (typeof output === 'string' && posted.size < lanes.length) throw new Error(`the browser exited: ${output}`)
  } finally {
    timer.abort()
    await browser.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return posted
}

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  script: string,
  lanes: readonly string[],
  take: (lane: string, text: string) => void,
): void {
  const path = request.url!.replace(/^http:\/\/[^/]+/, '') // A proxy receives the complete URL.
  const [, lane] = /^\/result\/([a-z-]+)$/.exec(path) ?? []
  if (lane && request.method === 'POST') {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    request.on('end', () => {
      response.end()
      take(lane, text)
    })
  } else if (path === '/page.js') {
    response.setHeader('content-type', 'text/javascript; charset=utf-8').end(readFileSync(script))
  } else if (path === '/') {
    const port = (request.socket.address() as { port: number }).port
    const next = { workers: lanes.includes('service-worker'), insecure: `http://insecure.test:${port}/` }
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(
        `<!doctype html><script type="application/json" id="next">${JSON.stringify(next)}</script><script src="/page.js"></script>`,
      )
  } else response.writeHead(404).end()
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}
