import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { clickExample } from '../integration/browser-debugger/tabs.ts'
import { startBrowser } from '../integration/browser-upload/browser.ts'
import { buildPage } from '../packages/sigv4-tools/build-debugger.ts'

// npx tsx tools/screenshots.ts writes the screenshot in packages/sigv4-tools/src/debugger/README.md, with Chromium. With a
// folder, it writes all of them there: phone and desktop, light and dark.

const SHOWN = 'difference-desktop-light'
const SIZES = { desktop: { width: 1000, height: 1000 }, phone: { width: 390, height: 844 } }
const STATES = {
  empty: undefined,
  finding: 'Content type changed by the client',
  difference: 'Path encoded differently',
}

interface Camera {
  screenshot(options: { path: string }): Promise<unknown>
}

const [given] = process.argv.slice(2)
const to = given ?? fileURLToPath(new URL('../packages/sigv4-tools/src/debugger/screenshots/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sigv4-debugger-'))
const file = join(folder, 'debugger.html')
writeFileSync(file, (await buildPage())['debugger.html']!)
mkdirSync(to, { recursive: true })
const browser = await startBrowser('chromium')
for (const [size, viewport] of Object.entries(SIZES))
  for (const theme of ['light', 'dark'])
    for (const [state, example] of Object.entries(STATES)) {
      const name = `${state}-${size}-${theme}`
      if (given === undefined && name !== SHOWN) continue
      const page = await browser.newPage()
      await page.setViewport(viewport)
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
      await page.goto(pathToFileURL(file).href)
      if (example) await page.evaluate(clickExample(example))
      await (page as unknown as Camera).screenshot({ path: join(to, `${name}.png`) })
      await page.close()
    }
await browser.close()
rmSync(folder, { recursive: true })
