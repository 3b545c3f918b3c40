// Times contestants in interleaved rounds of one process: in each round every contestant runs for some milliseconds, in
// shuffled order. The machine's speed drifts, so contestants are compared within a round. Runs in every runtime.

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
export const quantile = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))]

const interruptions = () => globalThis.process?.resourceUsage?.().involuntaryContextSwitches ?? 0

let sink = 0
/** Reads the end of a result as a caller would, because V8 joins concatenated strings only when they are read. */
const use = (result) => {
  sink ^= typeof result === 'string' ? result.charCodeAt(result.length - 1) : result ? 1 : 0
}
export const unused = () => sink

/** Nanoseconds per call. */
async function time({ run, isAsync }, calls, from) {
  const end = from + calls
  const start = performance.now()
  if (isAsync) for (let i = from; i < end; i++) use(await run(i))
  else for (let i = from; i < end; i++) use(run(i))
  return ((performance.now() - start) * 1e6) / calls
}

/** A part of a round is repeated, twice at most, if the system ran a different process meanwhile. */
async function undisturbed(contestant, calls, from) {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = interruptions()
    best = Math.min(best, await time(contestant, calls, from + attempt * calls))
    if (contestant.isAsync || interruptions() === before) break
  }
  return best
}

/**
 * Times contestants `{ name, run(i), isAsync }`.
 *
 * @returns For each its median nanoseconds, quartiles, and `relative`: the median over the rounds of its time divided by
 * the time of the contestant `base`.
 */
export async function race(contestants, { rounds, base, sliceMs = 4, warmMs = 200 }) {
  const entries = []
  for (const contestant of contestants) {
    let next = 1
    let ns = await time(contestant, 1, 0)
    for (const end = performance.now() + warmMs; performance.now() < end; ) {
      const calls = Math.max(1, Math.min(20_000, Math.round(5e6 / ns)))
      ns = await time(contestant, calls, next)
      next += calls
    }
    const calls = Math.max(1, Math.round(((contestant.isAsync ? 4 : 1) * sliceMs * 1e6) / ns))
    entries.push({ contestant, calls, next, times: [] })
  }
  for (let round = 0; round < rounds; round++)
    for (const entry of shuffled(entries)) {
      entry.times.push(await undisturbed(entry.contestant, entry.calls, entry.next))
      entry.next += 3 * entry.calls
    }
  const times = Object.fromEntries(entries.map((entry) => [entry.contestant.name, entry.times]))
  return entries.map(({ contestant: { name }, times: own }) => ({
    name,
    ns: median(own),
    low: quantile(own, 0.25),
    high: quantile(own, 0.75),
    ...(times[base] && { relative: median(own.map((ns, round) => ns / times[base][round])) }),
  }))
}

export function shuffled(list) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}
