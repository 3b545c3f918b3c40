import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { copyBuilds, ENTRIES, fail } from './copy.ts'
import { type Build, type Comparison, NOT_COMPARED, uncovered } from './results/comparison.ts'
import { changedForms } from './results/forms.ts'
import { compare, type Kind, kindText } from './results/run.ts'
import { aws4Calls, otherCalls, sharedCalls, signingCalls, tokenCalls } from './results/signing.ts'
import { NOW } from './results/values.ts'
import { changedRequests, signRequests, verifyCalls } from './results/verifying.ts'

// npx tsx tools/builds/results.ts OLD NEW [--runs 100000] [--seed N] [--only PATTERN] [--allow FUNCTION:WORD]…
//
// Shows that two builds, each a folder or a git revision, return the same for the same random calls: results and errors.
// --allow permits differences of a function (`sign`, `sync.sign`, `*`) whose kind or arguments contain the word.

const USAGE =
  'usage: npx tsx tools/builds/results.ts OLD NEW [--runs 100000] [--seed N] [--only PATTERN] [--allow FUNCTION:WORD]…'

/** Calls of each group relative to `--runs`. */
const GROUPS = { sign: 1, verify: 2.4, explain: 0.2 }

const HINT = 'add them to tools/builds/results'

async function load(folder: string, entries: readonly string[]): Promise<Build> {
  const modules = entries.map((entry) => import(pathToFileURL(`${folder}/${entry}.js`).href))
  return Object.fromEntries((await Promise.all(modules)).map((module, i) => [entries[i], { ...module }]))
}

/** Stops the clock. */
function fixClock(): void {
  globalThis.Date = new Proxy(Date, {
    construct: (target, args) => Reflect.construct(target, args.length ? args : [NOW]),
    apply: (target) => new target(NOW).toString(),
    get: (target, name) => (name === 'now' ? () => NOW : Reflect.get(target, name)),
  })
}

/** All calls. Both builds verify the same, which these sources sign. */
async function comparisons(seed: number, runs: number): Promise<Comparison[]> {
  const requests = await signRequests(Math.min(3000, 100 + runs), seed)
  const changed = changedRequests(requests, { minLength: 1, maxLength: 3 })
  return [
    ...signingCalls('index'),
    ...signingCalls('sync'),
    ...sharedCalls(changedForms(0)),
    ...aws4Calls(),
    ...tokenCalls('tokens'),
    ...tokenCalls('tokens-sync'),
    ...otherCalls(),
    ...verifyCalls(requests, changed),
  ]
}

/** Returns whether `--allow` permits a difference of a function, in whose description a word must occur. */
function allowances(given: readonly string[]): (name: string, text: string) => boolean {
  const patterns = given.map((pattern) => {
    const [, name, word] = /^([\w.*]+):(.+)$/.exec(pattern) ?? fail(`--allow must be FUNCTION:WORD (got "${pattern}")`)
    const escaped = word!.replace(/[^\w\s]/g, '\\$&')
    return { name: name!, word: RegExp(`(?<!\\w)${escaped}(?!\\w)`) }
  })
  return (name, text) =>
    patterns.some((each) => (each.name === '*' || `.${name}`.endsWith(`.${each.name}`)) && each.word.test(text))
}

function print(kinds: readonly Kind[], totals: Record<string, number>): void {
  const [allowed, different] = [true, false].map((isAllowed) => kinds.filter((kind) => kind.isAllowed === isAllowed))
  for (const kind of allowed!) console.log(`\nAllowed: ${kindText(kind)}`)
  for (const kind of different!) console.log(`\nDifferent: ${kindText(kind)}`)
  const { sign, verify, explain, changed } = totals
  console.log(
    `\nCalls: ${sign} of signing, ${verify} of verifying (${changed} changed after signing), ${explain} of explain`,
  )
  const sum = (counted: readonly Kind[]): number => counted.reduce((total, { count }) => total + count, 0)
  console.log(
    `Differences: ${sum(different!)} of ${different!.length} kinds; allowed: ${sum(allowed!)} of ${allowed!.length}`,
  )
}

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    allow: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
})
const [old, next] = positionals
const runs = Number(values.runs)
const seed = Number(values.seed ?? Date.now() % 1e6)
if (old === undefined || next === undefined || positionals.length > 2 || !(runs > 0) || Number.isNaN(seed)) fail(USAGE)
const isAllowed = allowances(values.allow)
const folders = copyBuilds(old, next)
const started = performance.now()
fixClock()
const [shared, added] = [true, false].map((isOld) =>
  ENTRIES.filter((entry) => !(entry in NOT_COMPARED) && existsSync(`${folders[0]}/${entry}.js`) === isOld),
)
if (added!.length) console.log(`Entries that OLD does not have: ${added!.join(', ')}`)
const builds = [await load(folders[0], shared!), await load(folders[1], shared!)] as const
const all = (await comparisons(seed, runs)).filter(({ name }) => shared!.includes(name.split('.')[0]!))
const names = all.map(({ name }) => name)
const missing = new Set(builds.flatMap((build) => uncovered(build, names)))
if (missing.size) fail(`These functions are not compared, ${HINT}: ${[...missing].join(', ')}`)

const kinds: Kind[] = []
const totals: Record<string, number> = { sign: 0, verify: 0, explain: 0, changed: 0 }
for (const [i, comparison] of all.entries()) {
  const { name, title = name, group, share, isChanged } = comparison
  if (!new RegExp(values.only).test(name)) continue
  const shares = all.reduce((sum, each) => sum + (each.group === group ? each.share : 0), 0)
  const count = Math.ceil((runs * GROUPS[group] * share) / shares)
  const { threw, kinds: found } = await compare(
    builds,
    comparison,
    { runs: count, seed: seed + 100_000 * i },
    isAllowed,
  )
  const differing = found.reduce((sum, { count }) => sum + count, 0)
  const columns = [`${count} calls`.padStart(12), `${threw} threw`.padStart(12), `${differing} differ`.padStart(10)]
  console.log(`${title.padEnd(34)} ${columns.join(', ')}`)
  totals[group]! += count
  if (isChanged) totals.changed! += count
  kinds.push(...found)
}
print(kinds, totals)
console.log(`${Math.round((performance.now() - started) / 1000)} s, --seed ${seed}`)
process.exit(kinds.some(({ isAllowed }) => !isAllowed) ? 1 : 0)
