import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Refusal } from '../../src/received/refusals.ts'
import * as refusals from '../../src/received/refusals.ts'
import type { PolicyReason } from '../../src/s3/post/policy.ts'
import { FIELD_MISSING } from '../../src/s3/post/refusals.ts'
import { TESTS } from '../../suite/test/files.ts'
import { isKnown } from '../../suite/test/known.ts'
import { ROOT } from '../support/packed.ts'
import { failureOf, type Verifiers } from './runs.ts'

// The suite notices each rule of verify that is switched off, in a copy whose refusals can be ignored one by one.

const REFUSALS = Object.entries({ ...refusals, FIELD_MISSING }).filter(([, refusal]) => Array.isArray(refusal)) as [
  string,
  Refusal,
][]

/** Without those for which S3's response is not known: fields that are sent twice. */
const REASONS: readonly PolicyReason[] = ['document', 'expired', 'extra-field', 'condition', 'too-small', 'too-large']

/** Rules that no bytes of a request show: they depend on options, or on what a server made of a request. */
const WITHOUT_TESTS: Readonly<Record<string, string>> = {
  BODY_EVENTS: 'an option that is missing',
  BODY_UNAVAILABLE: 'a body that is not passed',
  BODY_UNSIGNED: 'an option',
  CHECKSUM_UNKNOWN: 'an option',
  EXPIRES_MAXIMUM: 'an option',
  HASH_DIFFERS: 'a header beside a hash in the query, whose response from S3 is not known',
  HEADER_ALTERED: 'headers that middleware changed',
  HEADER_FOLDED: 'servers reject line breaks in headers, or replace them',
  HEADER_REPEATED: 'headers that a server does not join',
  HEADER_REQUIRED: 'an option',
  HOST_TWICE: 'HTTP/2',
  PARAMETER_CASE: 'requests that S3 accepts, or that other rules reject too',
  PARAMETER_UTF8: 'requests that other rules reject too',
  SCOPE_KEY: 'a lookup that returns a signing key',
  TOKEN_EXPIRED: 'a lookup that returns expired credentials',
}

let folder: string
let copy: Verifiers
/** Set by the test, and read by the copy. */
const off: { rule?: Refusal; reason?: PolicyReason } = {}
Object.assign(globalThis, { switchedOff: off })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-rules-'))
  const file = join(folder, 'copy.mjs')
  const entry = ['verify', 'streams', 'sigv4a'].map((name) => `export * from './src/${name}.ts'`).join('\n')
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: ROOT },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'switch',
        setup({ onLoad }) {
          const insert = (name: string, file: string, after: string, condition: string): void =>
            onLoad({ filter: RegExp(`/src/verify/${file}$`) }, ({ path }) => {
              const source = readFileSync(path, 'utf8')
              const start =
                source.indexOf('{', source.indexOf('): never', source.indexOf(`function ${name}(`))) + after.length
              const check = `if (${condition}) return undefined as never;`
              return { contents: source.slice(0, start) + check + source.slice(start), loader: 'ts' }
            })
          const { rule, reason } = { rule: 'globalThis.switchedOff.rule', reason: 'globalThis.switchedOff.reason' }
          insert('refuse', 'refuse\\.ts', '{', `${rule}?.[0] === message && ${rule}[2] === awsCode`)
          insert('rejectViolation', 'post\\.ts', '{', `${reason} === reason`)
        },
      },
    ],
  })
  writeFileSync(file, outputFiles[0]!.text)
  copy = (await import(pathToFileURL(file).href)) as Verifiers
})

afterAll(() => {
  delete off.rule
  rmSync(folder, { recursive: true, force: true })
})

/** Returns the classes of the tests that fail. */
async function failedClasses(): Promise<string[]> {
  const classes = new Set<string>()
  for (const [test, group] of TESTS) {
    if (test.layer === 'storage') continue
    const error = await failureOf(copy, test, group)
    const isWrong = test.result !== 'acceptable' && (error === undefined) !== (test.result === 'valid')
    const { status = error?.status, code = error?.awsCode } = test.aws ?? {}
    const isOther =
      error !== undefined &&
      test.aws !== undefined &&
      !isKnown(test, group) &&
      (error.status !== status || error.awsCode !== code)
    if (isWrong || isOther) classes.add(test.flags[0]!)
  }
  return [...classes]
}

describe('the suite', () => {
  it('notices nothing if no rule is switched off', async () => {
    delete off.rule
    expect(await failedClasses()).toEqual([])
  })

  it.each(REFUSALS.filter(([name]) => !(name in WITHOUT_TESTS)))('notices that %s is switched off', async (_, rule) => {
    off.rule = rule
    delete off.reason
    expect(await failedClasses()).not.toEqual([])
  })

  it.each(REASONS)('notices that a form is not rejected because of %s', async (reason) => {
    delete off.rule
    off.reason = reason
    expect(await failedClasses()).not.toEqual([])
  })
})
