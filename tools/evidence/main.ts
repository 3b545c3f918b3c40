import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { auditServers } from '../suite/audits.ts'
import { measureProxy } from './proxy.ts'
import { measureRequests, receiveRequests } from './requests.ts'
import { soakProxy } from './soak.ts'
import { measureUploads, receiveUploads } from './uploads.ts'

// What takes too long for a test:
// npm run evidence -- --mib 5120 --requests 10000 --mutated 50000 --faults 10000 --verdicts 50000
// [--only uploads|proxy|requests|soak|faults|verdicts]
// It audits other servers only if told to, because it installs them and writes their table:
// npm run evidence -- --only audits [--servers s3proxy,rclone] [--reports FOLDER]

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '64' },
    requests: { type: 'string', default: '10000' },
    mutated: { type: 'string', default: '50000' },
    faults: { type: 'string', default: '10000' },
    verdicts: { type: 'string', default: '50000' },
    only: { type: 'string' },
    servers: { type: 'string', default: '' },
    reports: { type: 'string' },
    receive: { type: 'string' },
  },
})

function readCount(name: 'mib' | 'requests' | 'mutated' | 'faults' | 'verdicts'): number {
  const count = Number(values[name])
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} must be a whole number, 1 or more.`)
  return count
}

async function run(receive: string, measure: (receiver: ChildProcess) => Promise<void>): Promise<void> {
  const receiver = fork(fileURLToPath(import.meta.url), ['--receive', receive], { execArgv: process.execArgv })
  try {
    await measure(receiver)
  } finally {
    receiver.kill()
  }
}

/** Runs tests of a file for random requests, whose number is in a variable. */
function runTests(what: string, count: number, variable: string, file: string, args: readonly string[] = []): void {
  const seed = randomInt(2 ** 31)
  console.log(`${count} ${what}, SIGV4_SEED=${seed}`)
  const env = { ...process.env, [variable]: String(count), SIGV4_SEED: String(seed) }
  execFileSync('npx', ['vitest', 'run', '--project', 'repeating', file, ...args], { env, stdio: 'inherit' })
}

/** Explains requests with random faults, of which no wrong cause may be called proven. */
function explainFaults(count: number): void {
  const only = ['-t', 'on random requests calls nothing proven']
  runTests(
    'requests with one or two faults',
    count,
    'SIGV4_RANDOM_FAULTS',
    'test/explain/properties.slow.test.ts',
    only,
  )
}

/** Compares what verify and explain make of random signatures. */
function compareVerdicts(count: number): void {
  runTests('received requests', count, 'SIGV4_RECEIVED', 'test/explain/agreement.slow.test.ts')
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
    audits: () =>
      auditServers(
        values.servers.split(',').filter((name) => name !== ''),
        values.reports,
      ),
  }
  const { only } = values
  if (only !== undefined && !Object.hasOwn(parts, only))
    throw new Error('--only must be uploads, proxy, requests, soak, faults, verdicts, or audits.')
  for (const [name, measure] of Object.entries(parts))
    if (only === undefined ? name !== 'audits' : name === only) await measure()
}
