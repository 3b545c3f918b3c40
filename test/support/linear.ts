import { usedMemory } from './memory.ts'

// Linear time, by the clock: four times the input takes about four times as long. Quadratic work takes sixteen times.

/** How many times as long four times the input takes at most. */
const MOST = 9
/** Milliseconds below which nothing is compared: noise would decide. Quadratic work exceeds them if the input is long. */
const FLOOR = 50
/** Milliseconds for the short input: if it takes more, twice, the long one would not end. */
const LIMIT = 1000
/** Measurements of which the fastest counts, and milliseconds after which there is no further one. */
const [TIMES, ENOUGH] = [5, 500]
/** How often a suspicious comparison is repeated. Each must confirm it. */
const CONFIRMATIONS = 2

/** Returns a call with an input of a length. */
export type Make = (length: number) => () => unknown

/** Throws if a call takes more than linear time for inputs of a length, which should be long, and of a quarter of it. */
export async function expectLinear(make: Make, { length = 200_000, limit = LIMIT } = {}): Promise<void> {
  const [small, large] = [make(length / 4), make(length)]
  if ((await timeOf(small)) > limit && (await timeOf(small)) > limit)
    throw new Error(`a length of ${length / 4} takes more than ${limit} ms`)
  for (let confirmed = 0; ; confirmed++) {
    const problem = await compare(small, large, length)
    if (problem === undefined) return
    if (confirmed === CONFIRMATIONS) throw new Error(problem)
    usedMemory() // collects the garbage of earlier calls, which would slow down the next
  }
}

async function compare(small: () => unknown, large: () => unknown, length: number): Promise<string | undefined> {
  const once = await timeOf(large)
  if (once <= FLOOR) return undefined
  const few = await fastest(small)
  const most = Math.max(FLOOR, MOST * few)
  const many = await fastest(large, once, most)
  if (many <= most) return undefined
  return `four times the input takes ${(many / few).toFixed(1)} times as long: ${many.toFixed()} ms for a length of ${length}`
}

/** Returns the least time of several calls, until one takes no more than `most`. `known` is the time of one before. */
async function fastest(call: () => unknown, known = Number.POSITIVE_INFINITY, most = 0): Promise<number> {
  let least = known
  let total = known === Number.POSITIVE_INFINITY ? 0 : known
  for (let i = 0; i < TIMES && total < ENOUGH && least > most; i++) {
    const time = await timeOf(call)
    least = Math.min(least, time)
    total += time
  }
  return least
}

/** Returns the milliseconds of CPU time of a call: other programs do not count. */
async function timeOf(call: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
