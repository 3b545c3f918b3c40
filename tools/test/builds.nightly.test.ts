import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { ENTRIES } from '../builds/copy.ts'
import { SOURCES } from '../entries.js'

// The tools that compare two builds are run by hand; this checks that they work, and that they find a change.

const folder = mkdtempSync(join(tmpdir(), 'sigv4-builds-test-'))
const OLD = join(folder, 'old')
const EXPLAIN = SOURCES['sigv4-tools/explain']!

beforeAll(async () => {
  await build({
    entryPoints: ENTRIES.map((out) => ({ in: join(ROOT, out === 'explain' ? EXPLAIN : `src/${out}.ts`), out })),
    ...{ outdir: OLD, bundle: true, splitting: true, format: 'esm', platform: 'node', chunkNames: 'shared-[hash]' },
    logLevel: 'silent',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Copies the build with a change, which must occur in one of its files. */
function changed(name: string, text: string, replacement: string): string {
  const copy = join(folder, name)
  cpSync(OLD, copy, { recursive: true })
  const file = readdirSync(copy).find((each) => readFileSync(join(copy, each), 'utf8').includes(text))
  if (!file) throw new Error(`no file of the build contains ${text}`)
  writeFileSync(join(copy, file), readFileSync(join(copy, file), 'utf8').replace(text, replacement))
  return copy
}

function run(tool: string, ...args: string[]): Promise<{ status: number; output: string }> {
  const command = ['--import', 'tsx', join(ROOT, 'tools/builds', tool), ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr }),
    )
  })
}

const PRESIGN = /function readPresign\([^)]*\) \{/

describe('tools/builds/speed.ts', { timeout: 240_000 }, () => {
  it('measures every row', async () => {
    const { output } = await run('speed.ts', OLD, OLD, '--rounds', '1')
    expect(output).toMatch(/^36 rows, 1 rounds/m)
    expect(output).not.toContain('Left out')
    for (const row of ['sync presignPut, object', 'verifyBody', 'parseEvidence', 'async import and first URL'])
      expect(output).toMatch(RegExp(`^${row}.* \\d\\.\\d{3} \\(.*\\d [nµm]s`, 'm'))
  })

  it('fails if a row is slower in both runs', async () => {
    const [start] = PRESIGN.exec(
      readdirSync(OLD)
        .map((file) => readFileSync(join(OLD, file), 'utf8'))
        .join(''),
    )!
    const slow = changed('slow', start, `${start} for (let i = 0; i < 5e4; i++) Math.sqrt(i);`)
    const { status, output } = await run('speed.ts', OLD, slow, '--rounds', '3', '--rows', '^sync presignPut, same')
    expect(output).toContain('Over 5 % slower in both runs: sync presignPut, same options')
    expect(status).toBe(1)
  })

  it('rejects what is neither a folder nor a revision', async () => {
    const { status, output } = await run('speed.ts', OLD, 'no-such-build')
    expect(output).toContain('NEW must be a folder that contains index.js, or a git revision (got "no-such-build")')
    expect(status).toBe(2)
  })
})

describe('tools/builds/results.ts', { timeout: 240_000 }, () => {
  const compare = (next: string, ...args: string[]) => run('results.ts', OLD, next, '--seed', '1', ...args)

  it('finds no difference between a build and itself', async () => {
    const { status, output } = await compare(OLD, '--runs', '300')
    expect(output).toMatch(/^Differences: 0 of 0 kinds/m)
    expect(status).toBe(0)
  })

  it('builds a revision', async () => {
    const { output } = await compare('HEAD', '--runs', '30', '--only', '^sync.sign$')
    expect(output).toMatch(/^NEW: HEAD is [\da-f]{10}, which is built/m)
    expect(output).toMatch(/^Calls: \d+ of signing/m)
  })

  it('finds a change in signing, unless it is allowed', async () => {
    const next = changed('changed', '|keep-alive|range|te|', '|keep-alive|te|')
    const args = ['--runs', '3000', '--only', '^sync.sign$']
    const { status, output } = await compare(next, ...args)
    expect(output).toMatch(/Different: \d+ × sync\.sign: returned\.headers\.authorization SignedHeaders\n/)
    expect(output).toMatch(/OLD: host;.*\n {2}NEW: host;range;/)
    expect(status).toBe(1)
    expect((await compare(next, ...args, '--allow', 'sign:range')).status).toBe(0)
  })

  it('finds a change in verification', async () => {
    const next = changed('verify', '"Request has expired"', '"It has expired"')
    const { status, output } = await compare(next, '--runs', '400', '--only', 'verify.verify$')
    expect(output).toMatch(/× verify\.verify, changed requests: threw\.message\n/)
    expect(status).toBe(1)
  })

  it('fails for an exported function that is not compared', async () => {
    const next = changed('added', 'export {', 'export const added = () => 1;\nexport {')
    const { status, output } = await compare(next, '--runs', '1')
    expect(output).toMatch(/These functions are not compared, add them to tools\/builds\/results: \w+\.added/)
    expect(status).toBe(2)
  })
})
