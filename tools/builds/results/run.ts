import { inspect } from 'node:util'
import fc from 'fast-check'
import { type Build, type Comparison, find } from './comparison.ts'
import { type Difference, difference, outcomeOf, type Shape, shapeOf } from './outcome.ts'
import { fresh } from './values.ts'

// Makes the same random calls with two builds, and collects the differences by kind.

/** Calls that differ in the same way. */
export interface Kind extends Difference {
  readonly title: string
  count: number
  /** The smallest arguments that were found. */
  example: unknown[]
  /** Whether an option of the tool allows it. */
  readonly isAllowed: boolean
}

export interface Result {
  /** Calls that threw with the first build. */
  threw: number
  kinds: Kind[]
}

/** How often smaller arguments of a kind are tried. */
const SHRINKS = 400
/** Calls are made in so many sequences at once, because verification waits for threads. */
const LANES = 8

const INSPECT = { depth: 9, breakLength: 110, maxStringLength: 600, maxArrayLength: 8 }
const EVERYTHING = { depth: 9, maxStringLength: null, maxArrayLength: null }

async function make({ name, call, changesArguments }: Comparison, build: Build, args: unknown[]): Promise<Shape> {
  const compared = find(build, name)
  if (typeof compared !== 'function') return 'is not exported'
  const own = fresh(args)
  const outcome = await outcomeOf(() => (call ? call(build, own) : compared(...own)))
  return changesArguments ? { ...Object(outcome), arguments: shapeOf(own) } : outcome
}

/** Compares the builds in random calls of a function. `isAllowed` is passed the function, and the kind and arguments. */
export async function compare(
  builds: readonly [old: Build, next: Build],
  comparison: Comparison,
  { runs, seed }: { runs: number; seed: number },
  isAllowed: (name: string, text: string) => boolean,
): Promise<Result> {
  const { name, title = name, arbitrary } = comparison
  const found = new Map<string, { kind: Kind; seed: number; path: string }>()
  let threw = 0
  const differenceOf = async (args: unknown[]) => {
    const [old, next] = await Promise.all(builds.map((build) => make(comparison, build, args)))
    const different = difference(old!, next!)
    const allowed = different !== undefined && isAllowed(name, `${different.kind} ${inspect(args, EVERYTHING)}`)
    return { hasThrown: Object(old).threw !== undefined, different, allowed, id: `${allowed} ${different?.kind}` }
  }

  const runLane = async (seed: number, numRuns: number): Promise<void> => {
    let run = 0
    const property = fc.asyncProperty(arbitrary, async (args) => {
      const path = String(run++)
      const { hasThrown, different, allowed, id } = await differenceOf(args)
      if (hasThrown) threw++
      if (!different) return
      const known = found.get(id)
      if (known) known.kind.count++
      else found.set(id, { kind: { ...different, title, count: 1, example: args, isAllowed: allowed }, seed, path })
    })
    if (numRuns) await fc.assert(property, { numRuns, seed })
  }
  const lanes = Array.from({ length: LANES }, (_, i) => Math.floor((runs + i) / LANES))
  await Promise.all(lanes.map((count, i) => runLane(seed + i, count)))

  // the first call of each kind again: fast-check reduces its arguments
  for (const [searched, { kind, seed, path }] of found) {
    let attempts = 0
    const property = fc.asyncProperty(arbitrary, async (args) => {
      const { different, id } = await differenceOf(args)
      if (id !== searched || attempts++ > SHRINKS) return true
      Object.assign(kind, different, { example: args })
      return false
    })
    await fc.check(property, { seed, path, numRuns: runs })
  }
  return { threw, kinds: [...found.values()].map(({ kind }) => kind) }
}

/** Formats a kind of difference with its example. */
export function kindText({ title, kind, count, example, old, next }: Kind): string {
  const args = example.map((each) => inspect(each, INSPECT).replaceAll('\n', '\n    '))
  return [`${count} × ${title}: ${kind}`, ...args.map((each) => `  ${each}`), `  OLD: ${old}`, `  NEW: ${next}`].join(
    '\n',
  )
}
