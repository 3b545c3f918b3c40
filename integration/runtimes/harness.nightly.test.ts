import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as synchronous from '../../src/sync.ts'
import { type Packed, pack } from '../../test/support/packed.ts'
import { bundle } from './bundle.ts'
import { type Lane, outcomeOf } from './engines.ts'
import type { EntryResult } from './harness.ts'
import { LAUNCHES } from './lanes.ts'
import { AT_LEAST, absence, compare, problemsOf, type Row, startMatrix } from './matrix.ts'
import { runToEnd } from './process.ts'
import { recorded } from './recorded.ts'
import { runSuite } from './suite.ts'

// Broken packages and engines must make a lane fail.

let packed: Packed

beforeAll(async () => {
  packed = await pack()
})

afterAll(() => packed?.remove())

function launchesOf(...engines: string[]) {
  return LAUNCHES.filter(
    ({ lanes: [lane], missing }) =>
      engines.includes(lane!.engine) && /^(?:import|bundle)/.test(lane!.how) && !missing(),
  )
}

/** Changes the built package, and returns the problems of some engines. */
async function broken(from: string | RegExp, to: string, ...engines: string[]): Promise<Map<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-broken-'))
  try {
    cpSync(packed.folder, folder, { recursive: true })
    const dist = join(folder, 'node_modules/sigv4/dist')
    let changed = 0
    for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name) && !name.startsWith('cli'))) {
      const text = readFileSync(join(dist, file), 'utf8')
      if (text.replace(from, to) === text) continue
      writeFileSync(join(dist, file), text.replace(from, to))
      changed++
    }
    expect(changed, `files with ${from}`).toBe(2) // ESM and CommonJS
    await bundle({ ...packed, folder }, ['files.mjs', 'files.cjs', 'shell.mjs', 'script.js'])
    const rows = (await Promise.all(startMatrix(folder, launchesOf(...engines)))).flat()
    return new Map(rows.map(({ lane, problems }) => [`${lane.engine}, ${lane.how}`, problems]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('a package', () => {
  it('with a wrong constant of SHA-256 fails wherever that SHA-256 is used', async () => {
    const lanes = await broken(
      /Int32Array\.from\(found\)/,
      '(found[0] ^= 1, Int32Array.from(found))',
      'Node 20',
      'JavaScriptCore',
    )
    expect(lanes.size).toBeGreaterThan(0)
    for (const [lane, problems] of lanes) {
      expect(problems.filter((text) => text.startsWith('./sync ')).length, lane).toBeGreaterThan(80)
      expect(
        problems.filter((text) => text.startsWith('. ')),
        lane,
      ).toEqual([])
    }
  })

  it('that requires TextEncoder fails only where it is missing', async () => {
    const lanes = await broken(
      /typeof TextEncoder === "function" \? new TextEncoder\(\) : void 0/,
      '{ encodeInto: (text, bytes) => new TextEncoder().encodeInto(text, bytes) }',
      'Node 20',
      'QuickJS',
      'JavaScriptCore',
      'Hermes',
    )
    for (const [lane, problems] of lanes)
      if (lane.startsWith('Node')) expect(problems, lane).toEqual([])
      else expect(problems.filter((text) => /TextEncoder/.test(text)).length, lane).toBeGreaterThan(50)
    expect([...lanes.keys()].some((lane) => lane.startsWith('Node'))).toBe(process.version.startsWith('v20.'))
  })
})

describe('the suite', () => {
  it('requires tests of every entry and function', async () => {
    const { entries } = await runSuite({ './sync': { ...synchronous, another() {} }, './new': { a() {} } }, recorded())
    expect(entries['./new']!.failed).toEqual(['the entry has no tests'])
    expect(entries['./sync']!.failed).toEqual(['no test calls another'])
    expect(entries['./sync']!.passed).toBeGreaterThan(150)
  })
})

describe('a lane', () => {
  const lane: Lane = { engine: 'X', how: 'y', lacks: [] }
  const row = (value: string, more: Partial<Row> = {}, tests: Partial<EntryResult> = {}): Row => {
    const of: EntryResult = { passed: AT_LEAST.all, skipped: 0, failed: [], outputs: [['key', value]], ...tests }
    const outcome = { version: '', ms: 0, result: { lacks: [], entries: { '.': of } } }
    return { lane, outcome, missing: undefined, problems: [], ...more }
  }

  it('fails when the engine has lost Web Crypto', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sigv4-broken-'))
    try {
      cpSync(packed.folder, folder, { recursive: true })
      await bundle({ ...packed, folder }, ['files.mjs'])
      const args = ['--no-experimental-global-webcrypto', 'files.mjs']
      const { output } = await runToEnd({ file: process.execPath, args, cwd: folder }, 30_000)
      const problems = problemsOf(lane, outcomeOf(output, '', 0, ''))
      // Node 22 and later do not have this option.
      if (process.version.startsWith('v20.'))
        expect(problems).toEqual([
          // node:crypto signs without it
          expect.stringContaining('not "ERR_SIGV4_CRYPTO_UNAVAILABLE"'),
          'lacks subtle, not none',
          expect.stringMatching(/^\d+ tests passed, fewer than \d+$/),
        ])
      else expect(problems).toHaveLength(1)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('fails if too few tests pass, with a failed test, and without a result', () => {
    expect(problemsOf(lane, row('').outcome!)).toEqual([])
    const few = row('', {}, { passed: AT_LEAST.all - 1 }).outcome!
    const failed = row('', {}, { failed: ['a: b'] }).outcome!
    expect(problemsOf(lane, few)).toEqual([`${AT_LEAST.all - 1} tests passed, fewer than ${AT_LEAST.all}`])
    expect(problemsOf(lane, failed)).toEqual(['. a: b'])
    expect(problemsOf(lane, outcomeOf('Segmentation fault', '', 0, 'exited with 139'))).toEqual([
      'exited with 139: Segmentation fault',
    ])
  })

  it('with a different output is reported', () => {
    const rows = [row('"1"'), row('"1"'), row('"2"', { lane: { ...lane, engine: 'Z' } })]
    const { differences, digests, common } = compare(rows)
    expect(differences).toEqual(['sign: key: Z, y has "2", X, y has "1"'])
    expect([new Set(digests.values()).size, common]).toEqual([2, 1])
    expect(compare(rows.slice(0, 2)).differences).toEqual([])
  })

  it('without its engine fails only in CI', () => {
    const missing = row('', { outcome: undefined, missing: 'npm ci' })
    expect(absence(missing, true)).toEqual(['The engine is missing: npm ci'])
    expect(absence(missing, false)).toEqual([])
    expect(compare([missing]).digests.size).toBe(0)
  })

  it('that hangs is stopped with its child processes', async () => {
    const script = `const { spawn } = require('node:child_process')
      console.log('pid ' + spawn('sleep', ['60']).pid); setInterval(() => {}, 1000)`
    const command = { file: process.execPath, args: ['-e', script], cwd: tmpdir() }
    const { status, output } = await runToEnd(command, 1500)
    expect([status, output.split('\n')[0]]).toEqual([1, 'not done within 1.5 s'])
    const [, pid] = /pid (\d+)/.exec(output)!
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
  })
})
