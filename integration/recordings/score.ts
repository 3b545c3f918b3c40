import { parseArgs } from 'node:util'
import {
  belowFloors,
  counts,
  isLost,
  recordings,
  type Score,
  score,
  showsStrings,
  summaryOf,
  TIERS,
  type Tier,
} from '../../packages/sigv4-tools/test/support/explain/scoring.ts'
import { scoreThreads, type ThreadScore } from '../../packages/sigv4-tools/test/support/explain/threads.ts'

// Reports how well rejected requests are explained: npm run explain:score -- --help

const HELP = `npm run explain:score -- [options]

Explains every recorded request that a real server rejected, and every real thread, and reports how often
the right cause comes first. Exits with 1 if a floor is missed.

  A, B, C, D      only these tiers (default: all of them)
  --server NAME   only this server; can be repeated
  --threads       only the threads
  --all           print every miss, not just the first ones
  --set-aside     print the misses of the threads that are set aside, too: after that, they are no longer set aside

The tiers are what explain is given:
${Object.entries(TIERS)
  .map(([tier, given]) => `  ${tier}  ${given}\n`)
  .join('')}
  first     the right cause is the first finding
  honest    tier C: or nothing but the signature is wrong about the request, and explain says that it cannot tell:
            every finding is only possible, and wrong-secret is among the first three
  in three  the right cause is among the first three findings
  lost      among the missed: what was signed is nowhere in the request
  wrong     something that is not the cause was called proven
  structured, pasted: the evidence of a thread, taken apart, and its text
`

const UNTIL_CUT = 12
const { values: options, positionals } = parseArgs({
  options: {
    server: { type: 'string', multiple: true, default: [] },
    ...{
      threads: { type: 'boolean' },
      all: { type: 'boolean' },
      'set-aside': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  },
  allowPositionals: true,
})
const tiers = (positionals.length ? positionals : Object.keys(TIERS)) as Tier[]
const unknown = [
  ...tiers.filter((tier) => !(tier in TIERS)),
  ...options.server.filter((name) => !recordings().has(name as never)),
]
if (unknown.length) throw new Error(`${unknown[0]} is not a tier or a server`)
const most = options.all ? Number.POSITIVE_INFINITY : UNTIL_CUT

const percent = (part: number, whole: number): string => (whole ? `${((100 * part) / whole).toFixed(1)} %` : '–')

function row(...cells: (string | number)[]): string {
  return cells.map((cell, i) => (i < 2 ? String(cell).padEnd(i ? 5 : 13) : String(cell).padStart(10))).join('')
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}

const failures: string[] = []
const times: number[] = []

/** Prints a row of the table and notes the floors that it falls below. */
function report(
  name: string,
  tier: Tier,
  scores: readonly Score[],
  of: { all?: boolean; showsStrings?: boolean },
): void {
  const sum = summaryOf(scores)
  const below = belowFloors(tier, sum, of)
  failures.push(...below.map((each) => `${name}, tier ${tier}: ${each}`))
  const honest = tier === 'C' ? percent(sum.honest, sum.cases) : ''
  const shares = [percent(sum.first, sum.cases), honest, percent(sum.topThree, sum.cases)]
  const mark = below.length ? `  ${below.join(', ')}` : ''
  console.log(row(name, tier, sum.cases, ...shares, sum.missed, sum.lost, sum.wrong) + mark)
}

/** Wrong proofs first; what cannot be known last. */
const byGravity = (a: Score, b: Score): number =>
  Number(b.wronglyProven) - Number(a.wronglyProven) ||
  Number(a.cannotTell || isLost(a)) - Number(b.cannotTell || isLost(b)) ||
  a.result.localeCompare(b.result)

function printMiss(what: string, id: string, said: readonly string[], reason = ''): void {
  console.log(`  ${what.padEnd(7)} ${id}\n          said: ${said.slice(0, 4).join(', ') || 'nothing'}`)
  if (reason !== '') console.log(`          why: ${reason}`)
}

function printMisses(tier: Tier, scores: readonly Score[]): void {
  const misses = scores.filter(({ result, wronglyProven }) => result !== 'first' || wronglyProven).sort(byGravity)
  if (misses.length === 0) return
  console.log(`\nTier ${tier}, right cause not first, or a wrong proof: ${misses.length}`)
  const reasons = new Map<string, number>()
  for (const { reason = 'a wrong proof' } of misses) {
    const [kind] = reason.split(/;|(?<!visible):/) as [string]
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1)
  }
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]))
    console.log(`  ${String(count).padStart(5)}  ${reason}`)
  for (const each of misses.slice(0, most)) {
    const what = each.wronglyProven ? 'WRONG' : isLost(each) ? 'lost' : each.result
    printMiss(what, each.recorded.id, each.said, each.reason)
  }
  if (misses.length > most) console.log(`  and ${misses.length - most} more; to print them: --all`)
}

function scoreRecordings(): void {
  const found = [...recordings()].filter(([server]) => options.server.length === 0 || options.server.includes(server))
  const scores: Score[] = []
  const lines: (() => void)[] = []
  found.forEach(([server, recording], at) => {
    const isShowing = recording.cases.some(showsStrings)
    for (const tier of tiers) {
      progress(`${server}, tier ${tier} (server ${at + 1} of ${found.length})`)
      const own = recording.cases.filter((each) => counts(each, tier)).map((each) => score(each, recording, tier))
      if (own.length === 0) continue
      scores.push(...own)
      lines.push(() => report(server, tier, own, { showsStrings: isShowing }))
    }
  })
  progress('')
  console.log(row('Server', 'Tier', 'cases', 'first', 'honest', 'in three', 'missed', 'lost', 'wrong'))
  for (const print of lines) print()
  const byTier = tiers.map((tier) => [tier, scores.filter((each) => each.tier === tier)] as const)
  if (found.length > 1)
    for (const [tier, own] of byTier)
      if (own.length) report('all servers', tier, own, { all: options.server.length === 0 })
  const { strictlyHonest, cases } = summaryOf(scores.filter(({ tier }) => tier === 'C'))
  if (cases)
    console.log(
      `\nIf only wrong-secret as the first finding counted, "honest" would be ${percent(strictlyHonest, cases)}.`,
    )
  for (const [tier, own] of byTier) printMisses(tier, own)
  times.push(...scores.map(({ milliseconds }) => milliseconds))
}

async function reportThreads(): Promise<void> {
  const misses: [title: string, scores: ThreadScore[]][] = []
  const lines: string[] = []
  for (const half of ['known', 'posted', 'set-aside'] as const) {
    progress(`threads, ${half}`)
    for (const [form, scores] of Object.entries(await scoreThreads(half))) {
      if (scores.length === 0) continue
      const right = scores.filter(({ isRight }) => isRight).length
      const wrong = scores.filter(({ wronglyProven }) => wronglyProven).length
      lines.push(
        `${half.padEnd(13)}${form.padEnd(15)}${String(right).padStart(7)}${String(scores.length).padStart(7)}` +
          `${percent(right, scores.length).padStart(10)}${String(wrong).padStart(7)}`,
      )
      if (wrong) failures.push(`threads, ${half}, ${form}: ${wrong} wrong ${wrong === 1 ? 'proof' : 'proofs'}`)
      times.push(...scores.map(({ milliseconds }) => milliseconds))
      if (half !== 'set-aside' || options['set-aside']) misses.push([`${half}, ${form}`, scores])
    }
  }
  progress('')
  console.log(
    `\n${'Threads'.padEnd(28)}${'right'.padStart(7)}${'all'.padStart(7)}${''.padStart(10)}${'wrong'.padStart(7)}`,
  )
  for (const line of lines) console.log(line)
  for (const [title, scores] of misses) {
    const list = scores.filter(({ isRight, wronglyProven }) => !isRight || wronglyProven)
    list.sort((a, b) => Number(b.wronglyProven) - Number(a.wronglyProven))
    if (list.length) console.log(`\nThreads, ${title}, right cause not first, or a wrong proof: ${list.length}`)
    for (const { thread, said, reason, wronglyProven } of list.slice(0, most))
      printMiss(wronglyProven ? 'WRONG' : 'missed', `${thread.id} (${thread.causes.join(' or ')})`, said, reason)
    if (list.length > most) console.log(`  and ${list.length - most} more; to print them: --all`)
  }
}

if (options.help) process.stdout.write(HELP)
else {
  if (!options.threads) scoreRecordings()
  if (options.threads || (options.server.length === 0 && tiers.length === Object.keys(TIERS).length))
    await reportThreads()
  times.sort((a, b) => a - b)
  const [median, most99, longest] = [0.5, 0.99, 1].map((share) =>
    times[Math.floor(share * (times.length - 1))]?.toFixed(1),
  )
  console.log(`\n${times.length} explanations took: median ${median} ms, 99 % ${most99} ms, longest ${longest} ms`)
  console.log(failures.length ? `\nBelow the floor:\n  ${failures.join('\n  ')}` : '\nNo floor is missed.')
  if (failures.length) process.exitCode = 1
}
