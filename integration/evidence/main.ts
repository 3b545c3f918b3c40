import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { auditServers } from '../audits/audits.ts'
import { runOthers } from '../others/others.ts'
import { measureProxy } from './proxy.ts'
import { measureRequests, receiveRequests } from './requests.ts'
import { soakProxy } from './soak.ts'
import { measureUploads, receiveUploads } from './uploads.ts'

// What takes too long for a test:
// npm run evidence -- --mib 5120 --requests 10000 --mutated 50000 --faults 10000 --verdicts 50000
// [--only uploads|proxy|requests|soak|faults|verdicts|random]
// It audits other servers only if told to, because it installs them and writes their table:
// npm run evidence -- --only audits [--servers s3proxy,rclone] [--reports NEW_FOLDER]
// And it runs the tests of other projects only if told to, because it clones them, installs what they depend on, and runs it:
// npm run evidence -- --only suites [--projects dynalite,request]

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '64' },
    requests: { type: 'string', default: '10000' },
    mutated: { type: 'string', default: '50000' },
    faults: { type: 'string', default: '10000' },
    verdicts: { type: 'string', default: '50000' },
    only: { type: 'string' },
    servers: { type: 'string', default: '' },
    projects: { type: 'string', default: '' },
    reports: { type: 'string' },
    receive: { type: 'string' },
  },
})

function readCount(name: 'mib' | 'requests' | 'mutated' | 'faults' | 'verdicts'): number {
  const count = Number(values[name])
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} must be a whole number, 1 or more.`)
  return count
}

/** Returns the names in a list, separated by commas. */
function namesIn(list: string): string[] {
  return list.split(',').filter((name) => name !== '')
}

async function run(receive: string, measure: (receiver: ChildProcess) => Promise<void>): Promise<void> {
  const receiver = fork(fileURLToPath(import.meta.url), ['--receive', receive], { execArgv: process.execArgv })
  try {
    await measure(receiver)
  } finally {
    receiver.kill()
  }
}

/** Explains requests with random faults, of which no wrong cause may be called proven. */
function explainFaults(count: number): void {
  console.log(`${count} requests with one or two faults`)
  const file = 'packages/sigv4-tools/test/explain/properties.landing.test.ts'
  vitest([file, '-t', 'on random requests calls nothing proven'], { SIGV4_RANDOM_FAULTS: String(count) })
}

/** Compares what verify and explain make of random signatures. */
function compareVerdicts(count: number): void {
  console.log(`${count} received requests`)
  vitest(['packages/sigv4-tools/test/explain/agreement.repeating.slow.test.ts'], { SIGV4_RECEIVED: String(count) })
}

/** What test files with random cases import. */
const RANDOM = /'fast-check'|\bSEED\b|\b(?:compareRandomRequests|compareAtRandom|compareWithPackage)\b/

/** Runs the tests that have random cases with others than those of `npm test`. */
function runRandomCases(): void {
  const files = ['test', 'packages/sigv4-tools/test', 'suite/test'].flatMap((house) =>
    readdirSync(house, { recursive: true, encoding: 'utf8' }).map((name) => `${house}/${name}`),
  )
  vitest(
    files.filter((name) => /^(?!.*node_modules).*\.test\.ts$/.test(name) && RANDOM.test(readFileSync(name, 'utf8'))),
    { SIGV4_LESS_EVIDENCE: '2000' }, // of fewer requests, one that is worse may be chance
  )
}

function vitest(args: readonly string[], variables: Record<string, string> = {}): void {
  const seed = process.env.SIGV4_SEED ?? String(randomInt(2 ** 31))
  console.log(`SIGV4_SEED=${seed}`)
  execFileSync('npx', ['vitest', 'run', ...args], {
    env: { ...process.env, ...variables, SIGV4_SEED: seed },
    stdio: 'inherit',
  })
}

if (values.receive === 'uploads') await receiveUploads()
else if (values.receive === 'requests') receiveRequests()
else {
  const mib = readCount('mib')
  const requests = readCount('requests')
  const mutated = readCount('mutated')
  const faults = readCount('faults')
  const verdicts = readCount('verdicts')
  const parts: Record<string, () => Promise<void>> = {
    uploads: () => run('uploads', (receiver) => measureUploads(receiver, mib)),
    proxy: () => measureProxy(mib, console.log),
    requests: () => run('requests', (receiver) => measureRequests(receiver, requests)),
    soak: () => soakProxy(mutated, console.log),
    faults: async () => explainFaults(faults),
    verdicts: async () => compareVerdicts(verdicts),
    random: async () => runRandomCases(),
    audits: () => auditServers(namesIn(values.servers), values.reports),
    suites: async () => {
      if (!(await runOthers(namesIn(values.projects)))) process.exitCode = 1
    },
  }
  const onlyIfTold = ['audits', 'suites']
  const { only } = values
  if (only !== undefined && !Object.hasOwn(parts, only))
    throw new Error('--only must be uploads, proxy, requests, soak, faults, verdicts, random, audits, or suites.')
  for (const [name, measure] of Object.entries(parts))
    if (only === undefined ? !onlyIfTold.includes(name) : name === only) await measure()
  process.exit() // Node 20 waits without end for sockets that were reset
}
