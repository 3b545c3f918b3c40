import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judge, verdictLine } from './gates.ts'
import { charts, circumstances, environment, type Measured, page } from './page.ts'
import { type Program, type Regime, regimes, type Scale } from './regimes.ts'
import { collect, markdownTable, type Table } from './tables.ts'

// npm run bench [-- --only NAME | --gate] [--quick] [--long SECONDS]

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CACHE = `${ROOT}.cache/bench/`
const MIB = 1024 ** 2
const GATE_SECONDS = 290

const FULL: Scale = {
  ...{ rounds: 41, freshRounds: 3, startRounds: 21, largest: 256 * MIB, uploadMebibytes: 1024, uploadRounds: 2 },
  ...{ share: 2, seconds: 3, largeMebibytes: 64, long: 30, isGate: false },
}
const QUICK: Scale = {
  ...{ rounds: 3, freshRounds: 1, startRounds: 1, largest: 16 * MIB, uploadMebibytes: 16, uploadRounds: 1 },
  ...{ share: 100, seconds: 0.5, largeMebibytes: 16, long: 2, isGate: false },
}

const started = performance.now()
const elapsed = (): number => (performance.now() - started) / 1000
const progress = (text: string): void => {
  const minutes = Math.floor(elapsed() / 60)
  console.log(`[${minutes}:${String(Math.floor(elapsed() % 60)).padStart(2, '0')}] ${text}`)
}
let failures = 0

/** Runs a program, and returns the tables that it prints. */
function run({ doing, tables, file, options, command = [process.execPath], missing }: Program): Promise<Table[]> {
  const leftOut = (why: string): Table[] => [{ table: tables[0]!, rows: [], leftOut: [`${doing}: ${why}`] }]
  progress(missing ? `${doing}: left out, ${missing}` : doing)
  if (missing) return Promise.resolve(leftOut(missing))
  const [program, ...flags] = command
  const env = { ...process.env, NODE_NO_WARNINGS: '1' }
  const child = spawn(program!, [...flags, file, JSON.stringify(options)], { cwd: HERE, env })
  let [printed, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(leftOut(error.message)))
    child.on('close', (status) => {
      const found = printed
        .split('\n')
        .flatMap((line) => (line.startsWith('TABLE ') ? [JSON.parse(line.slice(6))] : []))
      const ours = found.flatMap(({ leftOut }: Table) => leftOut).filter((line) => line.startsWith('sigv4'))
      for (const line of ours) console.error(line)
      failures += ours.length
      if (status === 0) return resolve(found)
      const [message = `it exited with ${status}`] = /^\w*(?:Error|Unavailable): .*/m.exec(errors) ?? []
      if (!message.startsWith('ServerUnavailable')) failures++
      console.error(errors.slice(-2000))
      resolve([...found, ...leftOut(message)])
    })
  })
}

async function measure({ complete }: Regime, programs: readonly Program[]): Promise<Map<string, Table>> {
  const reported: Table[] = []
  for (const program of programs) reported.push(...(await run(program)))
  const tables = collect(reported)
  complete?.(tables)
  return tables
}

function saved(): Map<string, Measured> {
  const files = regimes.map(({ name }) => [name, `${CACHE}${name}.json`] as const)
  return new Map(
    files.flatMap(([name, file]) => (existsSync(file) ? [[name, JSON.parse(readFileSync(file, 'utf8'))]] : [])),
  )
}

/** Writes the page from all that is measured so far. */
function writePage(): void {
  const measured = saved()
  const tables = new Map([...measured.values()].flatMap(({ tables }) => tables.map((table) => [table.table, table])))
  mkdirSync(`${ROOT}docs/benchmarks`, { recursive: true })
  for (const { file, svg } of charts(tables)) writeFileSync(`${ROOT}docs/benchmarks/${file}`, svg)
  writeFileSync(`${ROOT}docs/benchmarks.md`, page(measured, environment()))
}

async function measureAll(chosen: readonly Regime[], scale: Scale, isWritten: boolean): Promise<void> {
  const all = new Map<string, Table>()
  for (const regime of chosen) {
    const when = circumstances()
    const tables = await measure(regime, regime.programs(scale))
    for (const [name, table] of tables) all.set(name, table)
    for (const definition of regime.tables) console.log(`\n${markdownTable(definition, tables.get(definition.id))}`)
    if (!isWritten) continue
    mkdirSync(CACHE, { recursive: true })
    const result: Measured = { circumstances: when, tables: [...tables.values()] }
    writeFileSync(`${CACHE}${regime.name}.json`, JSON.stringify(result))
    writePage()
  }
  for (const verdict of judge(all)) if (verdict.value !== undefined) console.log(verdictLine(verdict))
}

/** Measures what the gates need. What is missed is measured again, if there is time, and the second result counts. */
async function checkGates(scale: Scale): Promise<void> {
  const all = new Map<string, Table>()
  for (const regime of regimes) {
    const programs = regime.programs(scale)
    for (const [name, table] of await measure(regime, programs)) all.set(name, table)
    const missed = new Set(judge(all).flatMap(({ gate, isMissed }) => (isMissed ? [gate.table] : [])))
    const again = programs.filter(({ tables }) => tables.some((table) => missed.has(table)))
    if (!again.length || elapsed() > GATE_SECONDS / 2) continue
    progress('once more, what was missed')
    for (const [name, table] of await measure(regime, again)) all.set(name, table)
  }
  const verdicts = judge(all)
  for (const verdict of verdicts) console.log(verdictLine(verdict))
  failures += verdicts.filter(({ isMissed }) => isMissed).length
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    gate: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    long: { type: 'string' },
  },
})
const { only, gate, quick, long } = values
const scale: Scale = { ...(quick ? QUICK : FULL), ...(long !== undefined && { long: Number(long) }) }
const chosen = regimes.filter(({ name }) => only === undefined || name === only)
if (!chosen.length) {
  console.error(`--only must be one of ${regimes.map(({ name }) => name).join(', ')} (got "${only}")`)
  process.exit(2)
}
if (gate) await checkGates({ ...scale, rounds: quick ? 3 : 31, isGate: true })
else {
  if (!only && !quick) for (const { name } of regimes) rmSync(`${CACHE}${name}.json`, { force: true })
  await measureAll(chosen, scale, !quick)
}
progress(failures ? `${failures} failed or missed` : 'finished')
process.exit(failures ? 1 : 0)
