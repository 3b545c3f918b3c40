import type * as explanation from '../../packages/sigv4-tools/src/explain.ts'
import type * as aws4fetch from '../../src/aws4fetch.ts'
import type * as credentials from '../../src/credentials.ts'
import type * as fetching from '../../src/fetch.ts'
import type * as sigv4a from '../../src/sigv4a.ts'
import type * as smithy from '../../src/smithy.ts'
import type * as streams from '../../src/streams.ts'
import type * as tokens from '../../src/tokens.ts'
import type * as tracing from '../../src/trace.ts'
import type * as verification from '../../src/verify.ts'
import { chunkCases } from './cases/chunks.ts'
import { type Compatible, compatibleCases } from './cases/compatible.ts'
import { credentialCases } from './cases/credentials.ts'
import { errorCases } from './cases/errors.ts'
import { eventCases } from './cases/events.ts'
import { explainingCases, tracingCases } from './cases/explaining.ts'
import { fetchingCases } from './cases/fetching.ts'
import { filledFormCases, formCases } from './cases/forms.ts'
import { hashCases } from './cases/hash.ts'
import { type PlatformCase, platformCases, webCases } from './cases/platform.ts'
import { publicSuiteCases } from './cases/public-suite.ts'
import { replacingCases } from './cases/replacing.ts'
import { signingCases } from './cases/signing.ts'
import { sigv4aCases } from './cases/sigv4a.ts'
import { smithyCases } from './cases/smithy.ts'
import { tokenCases } from './cases/tokens.ts'
import { partCases, uploadCases } from './cases/uploads.ts'
import { type Case, type Signer, vectorCases } from './cases/vectors.ts'
import { verifyingCases } from './cases/verifying.ts'
import { type Feature, runTests, type SuiteResult, type Test } from './harness.ts'
import type { Recorded } from './recorded.ts'

type Entry = Record<string, unknown>

/** An entry of `sigv4-tools`, which needs no Node either. */
const EXPLAIN = 'sigv4-tools/explain'

/**
 * Tests the entries of the package in the current engine. Every entry must have tests, and every function of it must
 * be called in one of them, unless all of them were skipped.
 *
 * @param loaded - The entries by their names in `exports`.
 */
export async function runSuite(loaded: Readonly<Record<string, Entry>>, recorded: Recorded): Promise<SuiteResult> {
  const names = Object.keys(loaded)
  const called: Record<string, Set<string>> = {}
  const entries: Record<string, Entry> = {}
  for (const name of names) {
    called[name] = new Set()
    entries[name] = watched(loaded[name]!, called[name])
  }
  const tests = testsOf(entries, recorded)
  const result = await runTests(names, tests)
  for (const name of names) {
    const { failed, skipped } = result.entries[name]!
    const functions = Object.keys(loaded[name]!).filter((key) => isFunctionName(loaded[name]!, key))
    const missing = functions.filter((key) => !called[name]!.has(key))
    if (!tests.some(({ entry }) => entry === name)) failed.push('the entry has no tests')
    else if (missing.length && !skipped) failed.push(`no test calls ${missing.join(', ')}`)
  }
  return result
}

function testsOf(entries: Readonly<Record<string, Entry>>, recorded: Recorded): Test[] {
  const tests: Test[] = []
  const add = (entry: string, needs: readonly Feature[], cases: readonly Case[]): void => {
    for (const [name, run] of cases) tests.push({ entry, name, needs, run })
  }
  const addPlatform = (entry: string, cases: readonly PlatformCase[], also: readonly Feature[] = []): void => {
    for (const [name, needs, run] of cases) tests.push({ entry, name, needs: [...needs, ...also], run })
  }
  const subtle = ['subtle'] as const
  for (const name of ['.', './sync']) {
    if (!(name in entries)) continue
    const signer = entries[name] as unknown as Signer
    const needs = name === '.' ? subtle : []
    add(name, needs, [
      ...vectorCases(signer, recorded),
      ...signingCases(signer),
      ...errorCases(signer),
      ...hashCases(signer, recorded),
      ...formCases(signer),
      ...uploadCases(signer),
    ])
    addPlatform(name, platformCases(signer), needs)
    addPlatform(name, filledFormCases(signer))
    add(name, [], partCases(signer))
    if (name === '.') addPlatform(name, webCases(signer))
  }
  if ('./verify' in entries) {
    const verifier = entries['./verify'] as unknown as typeof verification
    addPlatform('./verify', verifyingCases(verifier, entries['./sync'] as unknown as Signer, recorded))
    addPlatform('./verify', publicSuiteCases(verifier, recorded.suite))
  }
  if ('./streams' in entries) {
    const streamer = entries['./streams'] as unknown as typeof streams
    addPlatform('./streams', eventCases(streamer, entries['./sync'] as unknown as Signer))
    addPlatform('./streams', chunkCases(streamer, entries['./verify'] as unknown as typeof verification))
  }
  if ('./fetch' in entries) addPlatform('./fetch', fetchingCases(entries['./fetch'] as unknown as typeof fetching))
  if ('./credentials' in entries)
    addPlatform('./credentials', credentialCases(entries['./credentials'] as unknown as typeof credentials))
  if ('./trace' in entries) add('./trace', [], tracingCases(entries['./trace'] as unknown as typeof tracing, recorded))
  if (EXPLAIN in entries) add(EXPLAIN, [], explainingCases(entries[EXPLAIN] as unknown as typeof explanation, recorded))
  if ('./sigv4a' in entries)
    addPlatform('./sigv4a', sigv4aCases(entries['./sigv4a'] as unknown as typeof sigv4a, recorded.sigv4a))
  for (const name of ['./tokens', './tokens/sync'])
    if (name in entries)
      add(name, name === './tokens' ? subtle : [], tokenCases(entries[name] as unknown as typeof tokens))
  if ('./aws4fetch' in entries)
    addPlatform('./aws4fetch', replacingCases(entries['./aws4fetch'] as unknown as typeof aws4fetch))
  if ('./smithy' in entries)
    add('./smithy', subtle, smithyCases(entries['./smithy'] as unknown as typeof smithy, recorded))
  if ('./aws4' in entries) add('./aws4', [], compatibleCases(entries['./aws4'] as unknown as Compatible, recorded))
  return tests
}

/** Wraps an entry to record the functions that are used. */
function watched(entry: Entry, called: Set<string>): Entry {
  const copy: Entry = {}
  for (const key of Object.keys(entry))
    Object.defineProperty(copy, key, {
      enumerable: true,
      get: () => {
        called.add(key)
        return entry[key]
      },
    })
  return copy
}

function isFunctionName(entry: Entry, key: string): boolean {
  return typeof entry[key] === 'function'
}
