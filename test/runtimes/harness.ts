// A test is a name, the entry it is of, what it needs of the engine, and a function that throws. Nothing else is used:
// no test framework, no timers, no console, no Intl.

/** What an engine may lack; a test that needs it is skipped there, and a lane says which of these it lacks. */
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
  /** Throws if it fails. What it gives to `output` must be the same wherever the test runs, and in every entry. */
  run(output: (key: string, value: unknown) => void): void | Promise<void>
}

/** What became of the tests of one entry. */
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

/** Throws unless two values are the same as JSON. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`${what} is ${one}, not ${other}`)
}

/** Throws unless the call throws, now or later, an error with this code; gives the error. */
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
