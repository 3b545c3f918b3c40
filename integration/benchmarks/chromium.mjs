// Presigning in Chromium: bundles the page, serves it on the loopback interface, and starts the browser. Options:
// `rounds`, `file`, the path of the browser, and `tables` as of signing.mjs.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { checks } from './measure/oracle.mjs'
import { options, report } from './measure/report.mjs'

const WITHIN = 60_000
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('browser-page.mjs', import.meta.url))],
  ...{ bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error' },
})
const page = '<!doctype html><script type="module" src="/page.js"></script>'
const folder = mkdtempSync(join(tmpdir(), 'sigv4-bench-'))
let browser
try {
  const result = await new Promise((resolve, reject) => {
    const server = createServer(async (request, response) => {
      // isolated pages have a fine clock
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.setHeader('cross-origin-embedder-policy', 'require-corp')
      const body = JSON.parse(String(Buffer.concat(await request.toArray())) || 'null')
      if (request.url === '/') response.setHeader('content-type', 'text/html').end(page)
      else if (request.url === '/page.js')
        response.setHeader('content-type', 'text/javascript').end(outputFiles[0].text)
      else if (request.url === '/options') response.end(JSON.stringify(options))
      else if (request.url === '/check') response.writeHead(checks[body.task](body.url) ? 200 : 400).end()
      else if (request.url === '/result') resolve(body)
      else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1', () => {
      const flags = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-sync',
      ]
      flags.push('--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage')
      const args = [...flags, `--user-data-dir=${folder}`, `http://127.0.0.1:${server.address().port}/`]
      browser = spawn(options.file, args, { stdio: 'ignore', detached: true, env: { ...process.env, HOME: folder } })
      browser.on('error', reject).on('exit', () => reject(new Error('the browser exited')))
      setTimeout(() => reject(new Error('the page did not respond')), WITHIN)
    })
  })
  if (result.error) throw new Error(result.error)
  for (const [table, rows] of Object.entries(result.tables)) report(table, rows)
} finally {
  if (browser?.pid) process.kill(-browser.pid, 'SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 200))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
process.exit(0)
