import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presignPut } from '../../src/index.ts'
import { type Packed, pack, ROOT } from '../../test/support/packed.ts'
import { chromium, runBrowser } from './browsers.ts'
import { fromDebian, WITHIN } from './engines.ts'

// The script for pages without a build.

let packed: Packed
let folder: string

beforeAll(async () => {
  packed = await pack()
  folder = mkdtempSync(join(tmpdir(), 'sigv4-script-'))
}, 120_000)
afterAll(() => {
  packed?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

describe('the script for pages', () => {
  it('is the file of the package that docs/runtimes.md names', () => {
    const page = readFileSync(join(ROOT, 'docs/runtimes.md'), 'utf8')
    const [, range, path] = /<script src="https:\/\/cdn\.jsdelivr\.net\/npm\/sigv4@(\d+)\/([\w./]+)"><\/script>/.exec(
      page,
    )!
    const { version, jsdelivr } = JSON.parse(readFileSync(join(packed.stage, 'package.json'), 'utf8'))
    expect(version.split('.')[0]).toBe(range)
    expect(jsdelivr).toBe(`./${path}`)
    expect(packed.files).toContain(path)
  })

  it('presigns in Chromium as the package does', async ({ skip }) => {
    const { missing } = fromDebian('chromium', 'chromium')
    if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
    const target = { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' }
    const options = { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }, now: 0 }
    const script = join(packed.stage, 'dist/sigv4.global.js')
    const call = `sigv4.presignPut(${JSON.stringify(target)}, ${JSON.stringify(options)})`
    const body = `${call}.then(({ url }) => fetch('/result/secure', { method: 'POST', body: url }))`
    writeFileSync(join(folder, 'page.js'), `${readFileSync(script, 'utf8')}\n${body}`)
    const posted = await runBrowser(chromium, join(folder, 'page.js'), ['secure'], WITHIN)
    expect(posted.get('secure')?.text).toBe((await presignPut(target, options)).url)
  })
})
