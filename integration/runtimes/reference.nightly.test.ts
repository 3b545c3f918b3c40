import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { chromium, runBrowser } from './browsers.ts'
import { CAPNP, HERE } from './bundle.ts'
import { type Found, fromDebian, fromNpm, MODULES, WITHIN } from './engines.ts'
import { type Command, runToEnd } from './process.ts'

// The test of reference/sigv4.ts, in engines that run it as it is, and, bundled with what it imports from Node, in others.

const FILE = 'reference/sigv4.test.ts'
const TESTS = 99
const FIXTURES = ['aws-signing-test-suite/v4', 's3-docs']

/** What replaces the modules of Node. */
const MODULES_OF_NODE: Readonly<Record<string, () => string>> = {
  'node:test': () => `const tests = []
    export const test = (name, body) => tests.push([name, body])
    export async function run() {
      const failed = []
      for (const [name, body] of tests) try { await body() } catch (error) { failed.push(name + ': ' + error) }
      return { passed: tests.length - failed.length, failed }
    }`,
  'node:assert/strict': () => `const fail = (message) => { throw new Error(message) }
    export const ok = (value) => value || fail(value + ' is not true')
    export const equal = (one, other) => Object.is(one, other) || fail(one + ' is not ' + other)
    export const deepEqual = (one, other) => equal(JSON.stringify(one), JSON.stringify(other))
    export const rejects = (promise, type) =>
      promise.then(() => fail('was not rejected'), (error) => ok(error instanceof type))`,
  'node:fs': () => {
    const names = FIXTURES.flatMap((folder) =>
      readdirSync(join(ROOT, 'fixtures', folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    const files = Object.fromEntries(names.map((name) => [name.slice(ROOT.length), readFileSync(name, 'utf8')]))
    return `const files = ${JSON.stringify(files)}
      const nameOf = (url) => String(url).slice('file:///'.length)
      export const existsSync = (url) => nameOf(url) in files
      export const readFileSync = (url) => files[nameOf(url)]
      export const readdirSync = (url) => [...new Set(Object.keys(files)
        .filter((name) => name.startsWith(nameOf(url)))
        .map((name) => name.slice(nameOf(url).length).split('/')[0]))]`
  },
}

const replaced: Plugin = {
  name: 'replaced',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:|conformance$)/ }, ({ path }) => ({ path, namespace: 'replaced' }))
    onLoad({ filter: /.*/, namespace: 'replaced' }, ({ path }) => ({
      contents:
        path === 'conformance' ? `export { run } from 'node:test'; import './${FILE}'` : MODULES_OF_NODE[path]!(),
      resolveDir: ROOT,
    }))
  },
}

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-reference-'))
  mkdirSync(join(folder, 'deno'))
  writeFileSync(join(folder, 'workerd.capnp'), CAPNP)
  for (const [runner, format, outfile] of [
    ['workerd', 'esm', 'worker.js'],
    ['page', 'iife', 'page.js'],
  ] as const)
    await build({
      bundle: true,
      format,
      target: 'es2022',
      logLevel: 'error',
      entryPoints: [join(HERE, `runners/${runner}.ts`)],
      outfile: join(folder, outfile),
      ignoreAnnotations: true, // the tests are side effects, of which the package has none
      plugins: [replaced],
      define: { 'import.meta.url': '"file:///test/support/fixtures.ts"' },
    })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command and returns its output and its status. */
const printed = (command: Omit<Command, 'cwd'>, cwd = ROOT) => runToEnd({ ...command, cwd }, WITHIN)

const node = (major: string): [string, Found, () => Promise<{ status: number; output: string }>] => [
  `node --test of Node ${major}`,
  fromNpm(`node${major}`),
  () => printed({ file: join(MODULES, `node${major}/bin/node`), args: ['--test', '--test-reporter=tap', FILE] }),
]

const ENGINES: [string, Found, () => Promise<{ status: number; output: string }>][] = [
  ...['22', '24', '26'].map(node),
  [
    'deno test',
    fromNpm('@deno/linux-x64-glibc'),
    () =>
      printed({
        file: join(MODULES, '@deno/linux-x64-glibc/deno'),
        args: ['test', '--no-lock', '--no-remote', '--no-prompt', '--node-modules-dir=manual', '--allow-read=.', FILE],
        env: { DENO_NO_UPDATE_CHECK: '1', DENO_DIR: join(folder, 'deno'), NO_COLOR: '1' },
      }),
  ],
  [
    'bun test',
    fromNpm('@oven/bun-linux-x64'),
    () =>
      printed({
        file: join(MODULES, '@oven/bun-linux-x64/bin/bun'),
        args: ['test', `./${FILE}`],
        env: { DO_NOT_TRACK: '1', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
      }),
  ],
  [
    'workerd',
    fromNpm('@cloudflare/workerd-linux-64'),
    () =>
      printed(
        { file: join(MODULES, '@cloudflare/workerd-linux-64/bin/workerd'), args: ['test', 'workerd.capnp'] },
        folder,
      ),
  ],
  [
    'Chromium',
    fromDebian('chromium', 'chromium'),
    async () => {
      const posted = await runBrowser(chromium, join(folder, 'page.js'), ['secure'], WITHIN)
      return { status: 0, output: posted.get('secure')?.text ?? 'no results' }
    },
  ],
]

describe(`the ${TESTS} tests of the reference pass in`, () => {
  it.for(ENGINES)('%s', async ([, { missing }, run], { skip }) => {
    if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
    const { status, output } = await run()
    expect(output).toMatch(new RegExp(`^# pass ${TESTS}$|\\b${TESTS} pass|"passed":${TESTS},"failed":\\[\\]`, 'm'))
    expect(status).toBe(0)
  })
})
