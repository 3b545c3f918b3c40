import { createHash } from 'node:crypto'
import { startJobs } from '../../test/support/pool.ts'
import type { Lane, Launch, Outcome } from './engines.ts'
import type { SuiteResult } from './harness.ts'
import { LAUNCHES } from './lanes.ts'

/** A lane and its outcome. */
export interface Row {
  lane: Lane
  /** Missing if the engine is available. */
  outcome: Outcome | undefined
  /** What to install. */
  missing: string | undefined
  /** The problem of a lane. A missing engine is not one, except in CI. */
  problems: string[]
}

/** Minimum number of passing tests with and without Web Crypto. Raise it with the suite. */
export const AT_LEAST = { all: 520, withoutSubtle: 275 }

/** Minimum number of outputs in every lane. */
export const COMMON_OUTPUTS = 165

/** Runs the lanes, two at a time, and yields their rows. */
export function startMatrix(folder: string, launches: readonly Launch[] = LAUNCHES): Promise<Row[]>[] {
  return startJobs(launches.map((launch) => () => run(launch, folder)))
}

async function run(launch: Launch, folder: string): Promise<Row[]> {
  const missing = launch.missing()
  if (missing) return launch.lanes.map((lane) => ({ lane, outcome: undefined, missing, problems: [] }))
  try {
    const outcomes = await launch.run(folder)
    return launch.lanes.map((lane, i) => {
      return { lane, outcome: outcomes[i]!, missing: undefined, problems: problemsOf(lane, outcomes[i]!) }
    })
  } catch (error) {
    const failure = String((error as Error).message)
    const outcome = { version: '', ms: 0, failure }
    return launch.lanes.map((lane) => ({ lane, outcome, missing: undefined, problems: [failure] }))
  }
}

/** Returns the problem of a missing engine, which exists only in CI. */
export function absence(row: Row, inCI = Boolean(process.env.CI)): string[] {
  return row.missing && inCI ? [`The engine is missing: ${row.missing}`] : []
}

/** Returns the problem of a single lane. */
export function problemsOf(lane: Lane, outcome: Outcome): string[] {
  if ('failure' in outcome) return [outcome.failure]
  if ('compiled' in outcome) return []
  const { result } = outcome
  const problems = Object.entries(result.entries).flatMap(([name, { failed }]) =>
    failed.map((text) => `${name} ${text}`),
  )
  const [lacks, expected] = [result.lacks, lane.lacks].map((features) => [...features].sort().join(', ') || 'none')
  if (lacks !== expected) problems.push(`lacks ${lacks}, not ${expected}`)
  const { passed } = count(result)
  const least = lane.lacks.includes('subtle') ? AT_LEAST.withoutSubtle : AT_LEAST.all
  if (passed < least) problems.push(`${passed} tests passed, fewer than ${least}`)
  return problems
}

export function count({ entries }: SuiteResult): { passed: number; failed: number; skipped: number } {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const { passed, failed, skipped } of Object.values(entries)) {
    sum.passed += passed
    sum.failed += failed.length
    sum.skipped += skipped
  }
  return sum
}

/** The compared outputs: their differences, and a digest per lane of the common ones. */
export interface Comparison {
  differences: string[]
  /** The number of outputs in every lane. */
  common: number
  digests: Map<Row, string>
}

/** Compares the outputs of all lanes by name. `.` and `./sync` must be equal. */
export function compare(rows: readonly Row[]): Comparison {
  const ran = rows.flatMap((row) => {
    const outputs = outputsOf(row)
    return outputs ? [{ row, outputs }] : []
  })
  const differences: string[] = []
  const known = new Map<string, { value: string; row: Row; times: number }>()
  for (const { row, outputs } of ran)
    for (const [key, values] of outputs) {
      const first = known.get(key) ?? { value: values[0]!, row, times: 0 }
      first.times++
      known.set(key, first)
      for (const value of values)
        if (value !== first.value)
          differences.push(`${key}: ${name(row)} has ${value}, ${name(first.row)} has ${first.value}`)
    }
  const common = [...known].filter(([, { times }]) => times === ran.length).map(([key]) => key)
  const digests = new Map<Row, string>()
  for (const { row, outputs } of ran) {
    const hash = createHash('sha256')
    for (const key of common.sort()) hash.update(JSON.stringify([key, outputs.get(key)![0]]))
    digests.set(row, hash.digest('hex'))
  }
  return { differences, common: common.length, digests }
}

function outputsOf({ outcome }: Row): Map<string, string[]> | undefined {
  if (!outcome || !('result' in outcome)) return undefined
  const outputs = new Map<string, string[]>()
  for (const [entry, { outputs: entries }] of Object.entries(outcome.result.entries))
    for (const [key, value] of entries) {
      const full = `${entry === '.' || entry === './sync' ? 'sign' : entry}: ${key}`
      outputs.set(full, [...(outputs.get(full) ?? []), value])
    }
  return outputs
}

export function name({ lane }: Row): string {
  return `${lane.engine}, ${lane.how}`
}
