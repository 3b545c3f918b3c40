import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { count, time } from '../../integration/benchmarks/tables.ts'
import { bodyBytes, readRecording } from '../../packages/sigv4-tools/test/support/explain/recorded.ts'
import { copyBuilds, fail } from './copy.ts'

// npx tsx tools/builds/speed.ts OLD NEW [--rows PATTERN] [--rounds N]
//
// Times two builds, each a folder or a git revision, in the same rounds of one process, twice. A row is short if NEW
// takes over 5 % more CPU time in both runs; then the exit code is 1. The last columns are the elapsed time of a call.

interface Row {
  name: string
  /** Median over the rounds of NEW ÷ OLD in CPU time, and its quartiles. */
  ratio: number
  low: number
  high: number
  /** Median nanoseconds of a call, OLD and NEW. */
  elapsed: [number, number]
}

const MEASURE = fileURLToPath(new URL('speed/measure.mjs', import.meta.url))
const SLOWER = 1.05
const USAGE = 'usage: npx tsx tools/builds/speed.ts OLD NEW [--rows PATTERN] [--rounds N]'

/** A recorded request whose content type was changed in transit. */
function mismatch(): object {
  const recording = readRecording('minio')!
  const { request, response, now } = recording.cases.find(({ id }) => id.includes('header-changed/charset-added'))!
  const { method, target, headers } = request
  const body = bodyBytes(request).toString()
  return { request: { method, url: target, headers, body }, response, credentials: recording.credentials.right, now }
}

/** Times all rows in a new process, because by chance the compiler may favor one of two copies of the same code. */
function run(options: object): { rows: Row[]; leftOut: string[] } {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' }
  const command = [MEASURE, JSON.stringify({ ...options, mismatch: mismatch() })]
  const printed = execFileSync(process.execPath, command, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(/^TABLE (.*)$/m.exec(printed)![1]!)
}

const spread = ({ ratio, low, high }: Row): string =>
  `${ratio.toFixed(3)} (${low.toFixed(2)}–${high.toFixed(2)})`.padEnd(20)

const { values, positionals } = parseArgs({
  options: { rows: { type: 'string' }, rounds: { type: 'string', default: '40' } },
  allowPositionals: true,
})
const [old, next] = positionals
const rounds = Number(values.rounds)
if (old === undefined || next === undefined || positionals.length > 2 || !(rounds >= 1)) fail(USAGE)
const started = performance.now()
const folders = copyBuilds(old, next)
const options = { old: folders[0], next: folders[1], rounds, rows: values.rows }
const runs = [false, true].map((isNextFirst, i) => {
  console.log(
    `Run ${i + 1} of 2: ${isNextFirst ? 'NEW is loaded first, rows in reverse order' : 'OLD is loaded first'}`,
  )
  return run({ ...options, isNextFirst })
})

const [first, second] = [runs[0]!, runs[1]!]
const rows = first.rows.flatMap((row) => {
  const again = second.rows.find(({ name }) => name === row.name)
  return again ? [[row, again] as const] : []
})
if (!rows.length) fail(`--rows matches no row (got "${values.rows}")`)
const isShort = ([one, other]: readonly [Row, Row]): boolean => one.ratio > SLOWER && other.ratio > SLOWER
const width = Math.max(...rows.map(([{ name }]) => name.length))
const title = 'NEW ÷ OLD: median (quartiles)'.padEnd(width)
console.log(`\n${title}  ${'run 1'.padEnd(20)} ${'run 2'.padEnd(20)} ${'OLD'.padStart(8)} ${'NEW'.padStart(8)}`)
for (const row of rows) {
  const [one, other] = row
  const elapsed = other.elapsed.map((ns) => time(ns).padStart(8)).join(' ')
  console.log(`${one.name.padEnd(width)}  ${spread(one)} ${spread(other)} ${elapsed}${isShort(row) ? '  short' : ''}`)
}
for (const line of first.leftOut) console.log(`Left out: ${line}`)
const short = rows.filter(isShort).map(([{ name }]) => name)
console.log(
  `\n${count(rows.length)} rows, ${count(rounds)} rounds, ${Math.round((performance.now() - started) / 1000)} s`,
)
console.log(
  short.length ? `Over 5 % slower in both runs: ${short.join('; ')}` : 'No row is over 5 % slower in both runs',
)
process.exitCode = short.length ? 1 : 0
