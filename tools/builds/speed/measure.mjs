// One run: times two builds in interleaved rounds of this process, and in pairs of fresh processes. Times are CPU time of
// the process with its threads, because elapsed time depends on what else the machine does; both are reported. Options:
// `old` and `next` (folders), `isNextFirst`, `rounds`, `rows` (a pattern), `mismatch` (see rows.mjs).
import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { median, quantile, shuffled } from '../../../integration/benchmarks/measure/race.mjs'
import { options, reason, report } from '../../../integration/benchmarks/measure/report.mjs'
import { ENTRIES, rowsOf, signedRequests } from './rows.mjs'

const { old, next, isNextFirst, rounds, mismatch } = options
const folders = [old, next]
const isMeasured = ({ name }) => new RegExp(options.rows ?? '', 'i').test(name)
/** Short, so that most slices are not interrupted; longer for calls that hand over to threads or do very different things. */
const SLICE_NS = { short: 1e6, long: 4e6 }
/** More for calls that take so long that a slice has few. */
const attemptsOf = ({ calls }) => (calls < 8 ? 6 : 3)
const leftOut = []

async function load(folder) {
  const modules = ENTRIES.map((entry) => import(pathToFileURL(`${folder}/${entry}.js`).href))
  return Object.fromEntries((await Promise.all(modules)).map((module, i) => [ENTRIES[i], module]))
}

/** A row with the functions of both builds, and their times in each round. */
const pair = (row, functions) => ({ ...row, functions, calls: 1, call: 1, times: [] })

let sink
/** Returns nanoseconds per call. */
async function slice({ functions, isAsync, calls, call }, build) {
  const run = functions[build]
  const end = call + calls
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  if (isAsync) for (let i = call; i < end; i++) sink = await run(i)
  else
    for (let i = call; i < end; i++) {
      sink = run(i)
      if (typeof sink === 'string') sink.charCodeAt(sink.length - 1) // joins what was concatenated, as a caller would
    }
  const elapsed = (performance.now() - start) * 1e6
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: ((user + system) * 1e3) / calls, elapsed: elapsed / calls }
}

/** Times both builds alternately, and keeps the best slice of each: the machine's speed drifts, so only these compare. */
async function timePair(row) {
  const slices = [[], []]
  for (let attempts = attemptsOf(row); attempts > 0; attempts--) {
    for (const build of shuffled([0, 1])) slices[build].push(await slice(row, build))
    row.call += row.calls
  }
  const best = (build, key) => Math.min(...slices[build].map((each) => each[key]))
  return [0, 1].map((build) => ({ cpu: best(build, 'cpu'), elapsed: best(build, 'elapsed') }))
}

async function loadPairs() {
  const builds = isNextFirst ? [await load(next), await load(old)].reverse() : [await load(old), await load(next)]
  const requests = signedRequests(builds[0].sync)
  const rows = await Promise.all(builds.map((build) => rowsOf(build, requests, mismatch)))
  const pairs = []
  for (const [i, row] of rows[0].entries()) {
    if (!isMeasured(row)) continue
    const functions = rows.map((each) => each[i].run)
    try {
      for (const run of functions) await run(1)
      pairs.push(pair(row, functions))
    } catch (error) {
      leftOut.push(`${row.name}: ${reason(error)}`)
    }
  }
  return isNextFirst ? pairs.reverse() : pairs
}

async function timeCalls(pairs) {
  // warms up, and determines the number of calls, which is the same for both builds
  for (let round = 0; round < rounds / 2; round++)
    for (const row of pairs) {
      const [one, other] = await timePair(row)
      row.calls = Math.ceil(SLICE_NS[row.isLong ? 'long' : 'short'] / Math.min(one.elapsed, other.elapsed))
    }
  for (let round = 0; round < rounds; round++) for (const row of shuffled(pairs)) row.times.push(await timePair(row))
  return pairs
}

const PROCESS = fileURLToPath(new URL('process.mjs', import.meta.url))

/** Times fresh processes, which measure themselves: without the start of Node. */
function timeProcesses() {
  const all = {
    sync: {
      first: pair({ name: 'sync import and first URL, fresh process' }),
      many: pair({ name: 'sync 10,000 URLs, fresh process' }),
    },
    index: { first: pair({ name: 'async import and first URL, fresh process' }) },
  }
  const timeEntry = (entry, parts) => {
    const printed = [{}, {}]
    for (const build of shuffled([0, 1])) {
      const command = [PROCESS, `${folders[build]}/${entry}.js`, ...parts]
      const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
      if (!stdout) throw new Error(stderr)
      printed[build] = JSON.parse(stdout)
    }
    return printed
  }
  for (const [entry, rows] of Object.entries(all))
    for (let i = -1; i < rounds; i++) {
      const parts = Object.keys(rows).filter((part) => isMeasured(rows[part]) && (part === 'first' || i < rounds / 2))
      const printed = parts.length && timeEntry(entry, parts)
      // the first pair fills the file cache
      for (const part of i < 0 ? [] : parts) rows[part].times.push(printed.map((times) => times[part]))
    }
  return Object.values(all).flatMap(Object.values).filter(isMeasured)
}

const rows = [...(await timeCalls(await loadPairs())), ...timeProcesses()].map(({ name, times }) => {
  const ratios = times.map(([one, other]) => other.cpu / one.cpu)
  const elapsed = [0, 1].map((build) => median(times.map((both) => both[build].elapsed)))
  return { name, ratio: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75), elapsed }
})
report('builds', rows, leftOut)
process.exit(0)
