// A test has a name, an entry, required features, and a function that throws. It does not depend on
// a test framework, timers, console or Intl.

/** Features that an engine may lack. Tests that require one are skipped, and a lane reports the missing ones. */
const FEATURES = {
  subtle: () => globalThis.crypto?.subtle,
  TextEncoder: () => globalThis.TextEncoder,
  URL: () => globalThis.URL && globalThis.URLSearchParams,
  Blob: () => globalThis.Blob,
  FormData: () => globalThis.FormData,
  Request: () => globalThis.Request,
  ReadableStream: () => globalThis.ReadableStream,
  SharedArrayBuffer: () => globalThis.SharedArrayBuffer,
}

export type Feature = keyof typeof FEATURES

export interface Test {
  /** The entry under test, as in `exports`. */
  entry: string
  name: string
  needs: readonly Feature[]
  /** Throws if the test fails. The values passed to `output` must be equal in all engines and entries. */
  run(output: (key: string, value: unknown) => void): void | Promise<void>
}

/** The results of an entry's tests. */
export interface EntryResult {
  passed: number
  skipped: number
  failed: string[]
  outputs: [key: string, value: string][]
}

export interface SuiteResult {
  lacks: Feature[]
  entries: Record<string, EntryResult>
}

export function lackingFeatures(): Feature[] {
  return (Object.keys(FEATURES) as Feature[]).filter((name) => !FEATURES[name]())
}

/** Runs tests one after another. */
export async function runTests(entries: readonly string[], tests: readonly Test[]): Promise<SuiteResult> {
  const lacks = lackingFeatures()
  const result: SuiteResult = { lacks, entries: {} }
  for (const entry of entries) result.entries[entry] = { passed: 0, skipped: 0, failed: [], outputs: [] }
  for (const { entry, name, needs, run } of tests) {
    const of = result.entries[entry]!
    if (needs.some((feature) => lacks.includes(feature))) of.skipped++
    else
      try {
        await run((key, value) => of.outputs.push([key, JSON.stringify(value)]))
        of.passed++
      } catch (error) {
        of.failed.push(`${name}: ${String((error as Error)?.message ?? error).slice(0, 500)}`)
      }
  }
  return result
}

/** Throws unless two values are equal as JSON. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`${what} is ${one}, not ${other}`)
}

/** Throws unless the function throws or rejects with a code. Returns the error. */
export async function refused(code: string, call: () => unknown): Promise<Error> {
  let error: unknown
  try {
    await call()
  } catch (thrown) {
    error = thrown
  }
  equal((error as { code?: unknown } | undefined)?.code ?? String(error), code, 'code')
  return error as Error
}
