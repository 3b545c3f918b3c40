import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startJobs } from '../test/support/pool.ts'
import { LANDING_PACKAGES, PARTS, type Part, testsOf } from './parts.ts'

// Runs the tests of a lane. Which lane a test is in, the end of its file's name determines: vitest.config.ts.
//
// npm test [-- PATH ...]           after each change
// npm cit                          before each landing: installs everything first, so npm calls this, too
// npm run test:all [-- PART ...]   nightly, and before a release; --list lists the parts

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')
/** Each night has other random cases. What failed is repeated with the seed that is printed. */
const SEED = process.env.SIGV4_SEED ?? String(randomInt(2 ** 31))
const COUNT = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m

/** What `npm run check` runs, the longest first. */
const CHECKS: readonly string[] = [
  'tsc -p .',
  'tsc -p examples',
  'depcruise src packages suite test integration tools',
  'tsx tools/language-check.ts',
  'biome check .',
  'tsc -p src/core',
]

interface Outcome {
  readonly isRight: boolean
  readonly output: string
}

/** Runs a command. Its output is printed at once, or returned only. */
function run(command: string, env: Record<string, string> = {}, isPrinted = true): Promise<Outcome> {
  const path = `${BIN}:${process.env.PATH}`
  const started = spawn(command, { shell: true, cwd: ROOT, env: { ...process.env, ...env, PATH: path } })
  const output: string[] = []
  for (const [from, to] of [
    [started.stdout, process.stdout],
    [started.stderr, process.stderr],
  ] as const)
    from.setEncoding('utf8').on('data', (piece: string) => {
      output.push(piece)
      if (isPrinted) to.write(piece)
    })
  return new Promise((resolve) => {
    started.on('close', (code) => resolve({ isRight: code === 0, output: output.join('') }))
  })
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(0)} s`

/** Runs commands, two at a time, and prints the output of those that fail. */
async function runAll(commands: readonly string[]): Promise<boolean> {
  const outcomes = startJobs(
    commands.map((command) => async () => {
      const begun = Date.now()
      const { isRight, output } = await run(command, {}, false)
      console.log(`${isRight ? 'ok' : 'FAILED'}  ${command}  (${seconds(begun)})`)
      if (!isRight) console.log(output)
      return isRight
    }),
  )
  return (await Promise.all(outcomes)).every(Boolean)
}

/** Returns the commands that install what folders depend on, unless that is done. */
function installs(folders: readonly string[]): string[] {
  const time = (path: string): number => (existsSync(join(ROOT, path)) ? statSync(join(ROOT, path)).mtimeMs : 0)
  return folders
    .filter((folder) => time(`${folder}/node_modules/.package-lock.json`) < time(`${folder}/package-lock.json`))
    .map(
      (folder) =>
        `npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --prefix ${folder}`,
    )
}

/** Runs the tests of each change, or of each landing. */
async function runLane(isLanding: boolean, args: readonly string[]): Promise<boolean> {
  const others = isLanding ? installs(LANDING_PACKAGES) : []
  if (!(await runAll(['npm run --silent build -- --silent', ...CHECKS, ...others]))) return false
  const lanes = isLanding ? '--coverage --project change --project landing --project integration' : '--project change'
  return (await run(`vitest run ${lanes} ${args.map((arg) => JSON.stringify(arg)).join(' ')}`)).isRight
}

/** Runs a part of all tests, and returns what is wrong, with the number of tests. */
async function runPart(part: Part): Promise<{ problem: string; count: string }> {
  const { packages = [], folders = [], steps = [] } = part
  if (!(await runAll(installs(packages)))) return { problem: 'npm ci', count: '' }
  const commands = [...(folders.length > 0 ? [`vitest run ${testsOf(part)}`] : []), ...steps]
  const problems: string[] = []
  let count = ''
  for (const command of commands) {
    console.log(`\n$ ${command}`)
    const { isRight, output } = await run(command, { SIGV4_TESTS: 'all', SIGV4_SEED: SEED })
    count ||= COUNT.exec(output)?.[0] ?? ''
    if (!isRight) problems.push(command)
  }
  return { problem: problems.join('; '), count }
}

async function runEverything(names: readonly string[]): Promise<boolean> {
  const unknown = names.find((name) => !PARTS.some((part) => part.name === name))
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}. The parts are ${PARTS.map(({ name }) => name).join(', ')}.`)
  const parts = PARTS.filter(({ name }) => names.length === 0 || names.includes(name))
  if (!(await runAll(['npm run --silent build -- --silent', ...(names.length === 0 ? CHECKS : [])]))) return false
  const rows: string[] = []
  let isRight = true
  for (const [i, part] of parts.entries()) {
    console.log(`\n=== ${part.name} (${i + 1} of ${parts.length}): ${part.what}`)
    const begun = Date.now()
    const { problem, count } = await runPart(part)
    if (problem) isRight = false
    rows.push(
      `${problem ? 'FAILED' : 'ok    '}  ${part.name.padEnd(12)}  ${seconds(begun).padStart(7)}  ${count}  ${problem}`.trim(),
    )
    console.log(`=== ${rows.at(-1)}`)
  }
  console.log(`\n${rows.join('\n')}`)
  return isRight
}

const [lane, ...args] = process.argv.slice(2)
let isRight: boolean
if (lane === 'check') isRight = await runAll(CHECKS)
else if (lane === 'all' && args[0] === '--list') {
  for (const { name, what } of PARTS) console.log(`${name.padEnd(12)}  ${what}`)
  isRight = true
} else if (lane === 'all') isRight = await runEverything(args)
// `npm cit` calls the script `test`, as `npm test` does
else isRight = await runLane(process.env.npm_command === 'install-ci-test', args)
process.exitCode = isRight ? 0 : 1
