import { FLOORS, isLost, recordings, type Score, scoreAll, TIERS, type Tier } from './scoring.ts'

// Prints how many recorded requests are explained rightly: npm run explain:score [tier …] [--all]

const args = process.argv.slice(2)
const tiers = (Object.keys(TIERS) as Tier[]).filter((tier) => !args.some((a) => a in TIERS) || args.includes(tier))
const MISSES_SHOWN = args.includes('--all') ? Number.POSITIVE_INFINITY : 12

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`
const row = (...cells: (string | number)[]): string =>
  cells.map((cell, i) => (i < 2 ? String(cell).padEnd(12) : String(cell).padStart(10))).join('')

let failed = false
const misses: Score[] = []
const times: number[] = []
console.log(row('server', 'tier', 'cases', 'first', 'top three', 'missed', 'lost', 'wrong'))
for (const [server, recording] of recordings()) {
  for (const tier of tiers) {
    const scores = scoreAll(recording, tier)
    if (scores.length === 0) continue
    const first = scores.filter(({ result }) => result === 'first').length
    const topThree = scores.filter(({ result }) => result !== 'missed').length
    const wrong = scores.filter(({ wronglyProven }) => wronglyProven).length
    const n = scores.length
    const lost = scores.filter(isLost).length
    const floor = FLOORS[tier]
    const low = floor && (first / n < floor.first || topThree / (n - lost) < floor.topThree)
    if (low || wrong > 0) failed = true
    const mark = low ? '  below the floor' : ''
    console.log(row(server, tier, n, percent(first, n), percent(topThree, n), n - topThree, lost, wrong) + mark)
    misses.push(...scores.filter(({ result, wronglyProven }) => result !== 'first' || wronglyProven))
    times.push(...scores.map(({ milliseconds }) => milliseconds))
  }
}
for (const [tier, text] of Object.entries(TIERS)) console.log(`  ${tier}: ${text}`)
console.log('  lost: among the missed, those where what was signed is nowhere in the request')
console.log('  wrong: something that is not the cause was called proven')
times.sort((a, b) => a - b)
const quantile = (share: number) => times[Math.floor(share * (times.length - 1))]!.toFixed(1)
console.log(
  `  ${times.length} explanations: median ${quantile(0.5)} ms, 95 % ${quantile(0.95)} ms, longest ${quantile(1)} ms`,
)

for (const tier of tiers) {
  const all = misses
    .filter((each) => each.tier === tier)
    .sort((a, b) => Number(b.wronglyProven) - Number(a.wronglyProven) || a.result.localeCompare(b.result))
  if (all.length > 0) console.log(`\n${tier}: not first, or wrongly proven (${all.length})`)
  for (const each of all.slice(0, MISSES_SHOWN)) {
    const { recorded, result, said, wronglyProven } = each
    const what = wronglyProven ? 'WRONG' : isLost(each) ? 'lost' : result
    console.log(`  ${what.padEnd(7)} ${recorded.id}\n          ${said.slice(0, 4).join(', ') || 'nothing'}`)
  }
  if (all.length > MISSES_SHOWN) console.log(`  and ${all.length - MISSES_SHOWN} more: --all`)
}
process.exitCode = failed ? 1 : 0
