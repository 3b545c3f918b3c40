/**
 * The seed of everything that is random in tests, the same in every run. `npm run test:all` sets another one, and
 * SIGV4_SEED=n repeats what it found.
 */
export const SEED = Number(process.env.SIGV4_SEED ?? 20_150_830)

/** Mulberry32: returns 32 random bits per call, the same for the same seed. */
export function randomBits(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Returns random integers from 0 to below a limit, the same for the same seed. */
export function randomBelow(seed: number): (below: number) => number {
  const bits = randomBits(seed)
  return (below) => bits() % below
}
