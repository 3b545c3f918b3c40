import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fence, fencesOf } from '../../test/support/docs/markdown.ts'
import { type Packed, pack, ROOT } from '../../test/support/packed.ts'
import { freePort } from '../support/starting.ts'

// Every fence of docs/testing-your-code.md, in a folder with the installed package, as a user would run it.

const fences = fencesOf('docs/testing-your-code.md')
/** The fences that are files, by the name in their first line. A name that is used twice has several. */
const files = fences
  .filter(({ language }) => language === 'js')
  .map(({ code }) => [/^\/\/ (\S+)/.exec(code)![1]!, code])
const used = new Set<string>()
const JEST = join(import.meta.dirname, 'node_modules/jest/bin/jest.js')
const hasJest = existsSync(JEST)

let packed: Packed
beforeAll(async () => {
  packed = await pack()
}, 120_000)
afterAll(() => packed?.remove())

/** Creates a folder with the package and some of the files. */
function project(name: string, type: 'module' | 'commonjs', names: readonly string[]): string {
  const folder = join(packed.folder, name)
  mkdirSync(folder)
  symlinkSync(join(packed.folder, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type, scripts: { test: 'node upload.js' } }),
  )
  for (const name of names) {
    const [, code] = files.find(([file]) => file === name)!
    used.add(name)
    writeFileSync(join(folder, name), code!)
  }
  return folder
}

interface Outcome {
  code: number | null
  output: string
}

/** Runs a program in a process group, which is killed afterwards. */
async function run(cwd: string, command: string, ...args: string[]): Promise<Outcome> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' }
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve))
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // Nothing is left of the group.
  }
  return { code, output }
}

/** Returns whether a server listens on a port. */
const isListening = (port: number) =>
  fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    () => false,
  )

describe('an example', () => {
  it('for Vitest', async () => {
    const folder = project('vitest', 'module', ['uploads.js', 'vitest.config.js', 's3.setup.js', 'uploads.test.js'])
    symlinkSync(join(ROOT, 'node_modules/vitest'), join(packed.folder, 'node_modules/vitest'))
    const { code, output } = await run(folder, process.execPath, 'node_modules/vitest/vitest.mjs', 'run')
    expect(output).toMatch(/Tests\D+2 passed/)
    expect([code, output]).toEqual([0, expect.not.stringMatching(/failed|hanging|error/i)])
  })

  it.skipIf(!hasJest && !process.env.CI)('for Jest', async () => {
    const names = ['jest.config.mjs', 's3.setup.mjs', 's3.teardown.mjs', 'download.test.js']
    const { code, output } = await run(project('jest', 'commonjs', names), process.execPath, JEST)
    expect(output).toMatch(/Tests: +1 passed, 1 total/)
    expect([code, output]).toEqual([0, expect.not.stringMatching(/failed|did not exit/)])
  })

  it('for node:test', async () => {
    const folder = project('node-test', 'module', ['uploads.js', 'expiry.test.js'])
    expect(await run(folder, process.execPath, '--test')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/pass 1\n.*fail 0\n/s),
    })
  })

  it('for retries', async () => {
    const folder = project('retries', 'module', ['retries.test.js'])
    expect(await run(folder, process.execPath, '--test')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/pass 1\n.*fail 0\n/s),
    })
  })

  it('explains a rejected request', async () => {
    const folder = project('explained', 'module', ['explained.js'])
    const { code, output } = await run(folder, process.execPath, 'explained.js')
    expect([code, output]).toEqual([0, expect.stringMatching(/^403 .*<Explanation>.+content-type.+<\/Explanation>/ims)])
    expect(output).toMatch(/^\d\d:\d\d:\d\d {2}403 {2}PUT /m)
  })
})

describe('the server as a program', () => {
  const UPLOAD = `import { presignUpload } from './uploads.js'
const upload = await presignUpload('cat.jpg')
const { status } = await fetch(upload.url, { ...upload, body: 'a cat' })
console.log('STATUS', status)
`

  /** Runs a script whose server is on port 9000, and returns the other port that it used. */
  async function script(name: string, code: string): Promise<Outcome & { port: number }> {
    const folder = project(name, 'module', ['uploads.js'])
    writeFileSync(join(folder, 'upload.js'), UPLOAD)
    const port = await freePort()
    const text = code.replaceAll(':9000', `:${port}`).replaceAll('cli.js serve', `cli.js serve --port ${port}`)
    return { ...(await run(folder, 'sh', '-ec', text)), port }
  }

  const only = (language: string): Fence => {
    const [fence, ...others] = fences.filter((each) => each.language === language)
    expect(others).toEqual([])
    return fence!
  }

  it('in a script, which ends it', async () => {
    const { code } = only('sh')
    const { port, ...outcome } = await script(
      'shell',
      `${code}wait || true\nif curl -s ${'$'}AWS_ENDPOINT_URL_S3; then exit 9; fi`,
    )
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining('STATUS 200') })
    expect(await isListening(port)).toBe(false)
  })

  it('in GitHub Actions', async () => {
    const { code } = only('yaml')
    const variables = [...code.matchAll(/^ {6}([A-Z_\d]+): (.+)$/gm)].map(
      ([, name, value]) => `export ${name}=${value}`,
    )
    const steps = [...code.matchAll(/^ {6}- run: (.+)$/gm)].map(([, step]) => step!)
    expect([variables.length, steps.length, steps[0]]).toEqual([4, 5, 'npm ci'])
    const outcome = await script('actions', [...variables, ...steps.slice(1)].join('\n'))
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining('STATUS 200') })
    expect(outcome.output).toMatch(/\d\d:\d\d:\d\d {2}200 {2}PUT {5,}5 B {2}.*\/photos\/cat\.jpg {2}signed by test$/m)
  })

  it('keeps running if npx started it and is killed', async () => {
    const folder = project('npx', 'module', [])
    const port = await freePort()
    const wait = `curl -s -o s3.xml --retry 20 --retry-delay 1 --retry-connrefused http://127.0.0.1:${port}`
    const code = `npx --offline --no-install sigv4-tools serve --port ${port} > s3.log & ${wait}; kill $!; wait $! || true; sleep 1; ${wait} && echo running`
    expect(await run(folder, 'sh', '-c', code)).toMatchObject({ output: expect.stringContaining('running') })
    expect(await isListening(port)).toBe(false)
  })
})

it('every file of the page is used', () => {
  const skipped =
    hasJest || process.env.CI ? [] : ['jest.config.mjs', 's3.setup.mjs', 's3.teardown.mjs', 'download.test.js']
  expect([...used, ...skipped].sort()).toEqual(files.map(([name]) => name).sort())
})
