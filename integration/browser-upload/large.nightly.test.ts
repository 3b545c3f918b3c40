import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { credentials, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { startApp } from './app.ts'
import { type Browser, startBrowser } from './browser.ts'
import { open } from './driver.ts'
import { lineTo } from './line.ts'
import { browsers, MiB, until } from './stage.ts'

// Uploads a file of 1 GiB in parts, kills the browser during the upload, and resumes it in a different one. It takes
// minutes.

const SIZE = 1024 * MiB
const folder = mkdtempSync(join(tmpdir(), 'sigv4-large-'))
const path = join(folder, 'großer Film.mp4')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The processes of a browser in which pages run, and how many MiB of memory each has. */
function pageMemory(browser: Browser): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // The process has exited.
    }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === browser.process()?.pid || isOurs(parents.get(pid)))
  let most = 0
  for (const pid of parents.keys())
    try {
      if (!isOurs(pid) || !/--type=renderer|-contentproc.* tab$/.test(commandOf(pid))) continue
      const [, kilobytes] = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      most = Math.max(most, Number(kilobytes ?? 0) / 1024)
    } catch {
      // The process has exited.
    }
  return most
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of stream) hash.update(bytes)
  return hash.digest('hex')
}

describe('1 GiB', () => {
  it.each(browsers)(
    'in %s, killed during the upload',
    async (name) => {
      const file = openSync(path, 'w')
      truncateSync(path, SIZE)
      for (let at = 0; at < SIZE; at += 16 * MiB) writeSync(file, Buffer.from(`here is byte ${at}`), 0, undefined, at)
      const dir = join(folder, `objects-${name}`)
      const s3 = await start({ dir })
      await s3.s3('PUT', '/browser-uploads')
      const line = await lineTo(s3.server.port)
      const app = await startApp('', {
        S3_ENDPOINT: `http://127.0.0.1:${line.port}`,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      })
      const profile = join(folder, `profile-${name}`)
      let browser = await startBrowser(name, profile)
      try {
        let driver = await open(browser, app.origin)
        const idle = pageMemory(browser)
        line.speed = 48 * MiB
        const samples: number[] = []
        const timer = setInterval(() => samples.push(pageMemory(browser)), 250)
        await driver.upload('multipart', 'axios', path)
        await driver.untilTrue(`document.querySelector('#uploads progress').position > 0.5`, 120_000)
        const { parts } = await driver.seen()
        expect(parts.filter((state) => state === 'done').length).toBeGreaterThan(40)
        const { pid } = browser.process()!
        process.kill(pid!, 'SIGKILL')
        await until('the browser has exited', () => !existsSync(`/proc/${pid}`))
        await browser.close()
        line.speed = undefined
        browser = await startBrowser(name, profile)
        driver = await open(browser, app.origin)
        expect(await driver.seen()).toMatchObject({ name: 'großer Film.mp4', state: 'paused' })
        const sent = line.sent()
        await driver.upload('multipart', 'axios', path)
        await driver.untilTrue(`document.querySelector('#uploads > li').dataset.state === 'done'`, 120_000)
        clearInterval(timer)
        const again = (line.sent() - sent) / MiB
        const most = Math.max(...samples)
        console.log(
          `${name}: page ${idle.toFixed(0)} MiB idle, ${most.toFixed(0)} MiB maximum in ${samples.length} samples; ${again.toFixed(0)} MiB of 1024 sent by the second browser`,
        )
        expect(again).toBeLessThan(600)
        expect(most - idle).toBeLessThan(150)
        // The measurement includes memory that a page holds
        const before = pageMemory(browser)
        await driver.page.evaluate('window.held = new Uint8Array(256 * 1024 ** 2).fill(1), 0')
        expect(pageMemory(browser) - before).toBeGreaterThan(200)
        const { link } = await driver.seen()
        const response = await fetch(link)
        expect(response.headers.get('content-length')).toBe(String(SIZE))
        const stored = await hashOf(response.body as unknown as AsyncIterable<Uint8Array>)
        expect(stored).toBe(await hashOf(createReadStream(path)))
      } finally {
        await browser.close()
        await app.stop()
        await line.close()
        await s3.stop()
        rmSync(dir, { recursive: true, force: true })
      }
    },
    280_000,
  )
})
