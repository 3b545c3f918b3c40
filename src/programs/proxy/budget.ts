import type { ProxyMode } from './options/options.ts'

/** The share of the time that explanations can take, and the milliseconds that they can take at once. */
const LIMITS = {
  // the clients of this mode are not trusted
  resign: { share: 0.05, most: 200 },
  watch: { share: 0.5, most: 10_000 },
} as const

/**
 * Limits the time for explaining rejections: an explanation takes longer than a rejection, no other request is handled in
 * the meantime, and a client without a key can cause it.
 */
export interface Budget {
  /** Returns the result of `work`, or nothing if earlier work took too long. */
  spend<Result>(work: () => Result): Result | undefined
  /** Returns the milliseconds until there is time again. */
  wait(): number
}

export function newBudget(mode: ProxyMode): Budget {
  const { share, most } = LIMITS[mode === 'watch' ? 'watch' : 'resign']
  let credit: number = most
  let counted = performance.now()
  const count = (): number => {
    const now = performance.now()
    credit = Math.min(most, credit + (now - counted) * share)
    counted = now
    return now
  }
  return {
    spend(work) {
      const started = count()
      if (credit <= 0) return undefined
      try {
        return work()
      } finally {
        credit -= performance.now() - started
      }
    },
    wait() {
      count()
      return Math.max(0, -credit) / share
    },
  }
}
