// Measures whether time grows with the input, not how long it takes: a limit in milliseconds would fail on a slow machine.

/** CPU time in ms below which nothing is compared: the engine's own work, such as compiling, would decide. */
export const FLOOR = 30
/** How often a call that seems to take too long is measured again, because that work is part of the first calls. */
const RETRIES = 5

/** Returns the CPU time of some calls in ms, whatever else the machine does. */
export async function cpuTime(call: () => unknown, count = 1): Promise<number> {
  const start = process.cpuUsage()
  for (let i = 0; i < count; i++) await call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** Returns a call with an input of a length. */
export type Make = (length: number) => () => unknown

/** Throws if ten times the input takes more than `most` times as long. Returns the CPU time. */
export async function checkLinear(name: string, make: Make, length = 100_000, most = 20): Promise<number> {
  const small = make(length / 10)
  // what already takes long is compared in between first: with cubic time, the test would not end
  if ((await cpuTime(small)) > FLOOR) await compare(name, small, make((length * 3) / 10), 3, most / 3)
  return compare(name, small, make(length), 10, most)
}

async function compare(
  name: string,
  small: () => unknown,
  large: () => unknown,
  times: number,
  most: number,
): Promise<number> {
  let shortest = await cpuTime(large)
  let ratio = 0
  for (let retry = 0; retry < RETRIES && shortest > FLOOR; retry++) {
    if (retry > 0) shortest = Math.min(shortest, await cpuTime(large))
    ratio = shortest / ((await cpuTime(small, times)) / times)
    if (ratio <= most) return shortest
  }
  if (shortest > FLOOR)
    throw new Error(
      `${name}: ${times} times the input takes ${ratio.toFixed(1)} times as long, ${shortest.toFixed(0)} ms`,
    )
  return shortest
}
