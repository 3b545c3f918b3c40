import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentials, type Started, start } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import { presignPut } from '../../src/index.ts'
import { installOnce, installPackages, run, runInstaller } from '../servers/install.ts'
import { startBrowser } from './browser.ts'
import { browsers, lanes } from './stage.ts'

// Each program in examples/callers uploads the same file, which the test then downloads.

const FOLDER = fileURLToPath(new URL('../../examples/callers/', import.meta.url))
const CLI = fileURLToPath(new URL('../../packages/sigv4-tools/dist/cli.js', import.meta.url))
const NAME = 'résumé (1) +ü.txt'

const folder = mkdtempSync(join(tmpdir(), 'sigv4-callers-'))
const bytes = randomBytes(200_000)
let s3: Started
let env: Record<string, string>

beforeAll(async () => {
  await installPackages(FOLDER)
  writeFileSync(join(folder, NAME), bytes)
  s3 = await start()
  env = {
    FILE: join(folder, NAME),
    S3_ENDPOINT: s3.server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    NO_PROXY: '*',
  }
}, 300_000)

afterAll(async () => {
  await s3?.stop()
  rmSync(folder, { recursive: true })
})

/** Checks the stored file and its content type. */
async function expectStored(caller: string): Promise<void> {
  const name = encodeURIComponent(NAME).replace(/[()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const { status, headers, body } = await s3.s3('GET', `/photos/${caller}/${name}`)
  expect(status, s3.lines.slice(-3).join('\n')).toBe(200)
  expect(headers['content-type']).toBe('text/plain')
  expect(body.equals(bytes)).toBe(true)
}

const SCRIPTS = ['aws-sdk-credentials', 'axios', 'fetch', 'got', 'ky', 'undici']
const PAGES = ['axios-browser', 'xml-http-request']

it('each caller has a test', () => {
  const programs = readdirSync(FOLDER).filter((name) => /\.(ts|py|sh)$/.test(name))
  const known = [...SCRIPTS, ...PAGES, 'react-native', 'setup'].map((name) => `${name}.ts`)
  expect(programs.sort()).toEqual([...known, 'curl.sh', 'requests_upload.py'].sort())
})

it('they compile', async () => {
  const tsc = join(FOLDER, 'node_modules/typescript/lib/tsc.js')
  const { status, output } = await run(process.execPath, [tsc, '-p', FOLDER])
  expect(output).toBe('')
  expect(status).toBe(0)
})

it.each(SCRIPTS)('%s', async (name) => {
  const tsx = join(FOLDER, 'node_modules/tsx/dist/cli.mjs')
  const { output } = await run(process.execPath, [tsx, join(FOLDER, `${name}.ts`)], env)
  expect(output).toBe('200\n')
  await expectStored(`${name}.ts`)
})

it('react-native, without Web Crypto', async () => {
  const preload = join(folder, 'no-crypto.mjs')
  writeFileSync(preload, `delete globalThis.crypto\nif (globalThis.crypto) throw new Error('crypto still exists')`)
  const tsx = join(FOLDER, 'node_modules/tsx/dist/cli.mjs')
  const without = { ...env, NODE_OPTIONS: `--import ${pathToFileURL(preload)}` }
  const { output } = await run(process.execPath, [tsx, join(FOLDER, 'react-native.ts')], without)
  expect(output).toBe('200\n')
  await expectStored('react-native.ts')
})

it('a caller with a wrong secret fails', async () => {
  const tsx = join(FOLDER, 'node_modules/tsx/dist/cli.mjs')
  const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' }
  const { status, output } = await run(process.execPath, [tsx, join(FOLDER, 'got.ts')], wrong)
  expect(status).not.toBe(0)
  expect(output).toContain('403')
})

it('curl', async () => {
  // Replaces npx with the built package.
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 })
  const path = `${folder}:${process.env.PATH}`
  const { output } = await run(join(FOLDER, 'curl.sh'), [], { ...env, PATH: path })
  expect(output).toBe('200\n')
  await expectStored('curl.sh')
})

it('Python requests', async ({ skip }) => {
  if (!process.env.CI && spawnSync('python3', ['--version']).error)
    skip('NOT RUN: Python requests (python3 is missing)')
  const requirements = join(FOLDER, 'requirements.txt')
  const pins = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8)
  const version = await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
  expect(version.status, version.output).toBe(0)
  const installed = await installOnce(`requests-python${version.output.trim()}-${pins}`, async (draft) => {
    await runInstaller('python3', ['-m', 'venv', draft])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
    await runInstaller(join(draft, 'bin', 'python'), pip)
  })
  const upload = join(folder, 'upload.json')
  const signed = await run(
    process.execPath,
    [
      ...[CLI, 'presign', 'put', `s3://photos/requests_upload.py/${NAME}`, '--json', '--content-type', 'text/plain'],
      ...['--endpoint', s3.server.url, '--region', 'us-east-1'],
    ],
    env,
  )
  writeFileSync(upload, signed.output)
  const [python, script] = [join(installed, 'bin', 'python'), join(FOLDER, 'requests_upload.py')]
  const command = `'${python}' '${script}' "$FILE" < '${upload}'`
  const { output } = await run('sh', ['-c', command], env)
  expect(output).toBe('200\n')
  await expectStored('requests_upload.py')
}, 120_000)

describe.skipIf(browsers.length === 0).each(lanes)('in %s', (browserName) => {
  it.each(PAGES)('%s', async (name) => {
    const program = `import { send } from './${name}.ts'
      window.begin = async (upload) => {
        const seen = []
        const file = document.querySelector('input').files[0]
        const status = await send(upload, file, (part) => seen.push(part))
        return { status, last: seen.at(-1) }
      }`
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: FOLDER, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      logLevel: 'error',
    })
    const page = `<!doctype html><meta charset="utf-8"><label>File <input type="file"></label><script>${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script>`
    const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await startBrowser(browserName)
    try {
      const tab = await browser.newPage()
      await tab.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
      const [chooser] = await Promise.all([tab.waitForFileChooser(), (await tab.$('input'))!.click()])
      await chooser.accept([join(folder, NAME)])
      const key = `${name}-${browserName}.ts/${NAME}`
      const target = { bucket: 'photos', key, region: 'us-east-1', endpoint: s3.server.url }
      const upload = await presignPut(target, { credentials, contentType: 'text/plain' })
      const result = await tab.evaluate(`begin(${JSON.stringify(upload)})`)
      expect(result).toEqual({ status: 200, last: 1 })
      await expectStored(`${name}-${browserName}.ts`)
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  })
})
