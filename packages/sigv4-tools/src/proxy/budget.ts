import { LARGEST_SEARCH, type Budget as Search } from '../explain/case/budget.ts'
import { SMALL_SEARCH } from '../server/explain.ts'
import type { ProxyMode } from './options/options.ts'

/**
 * The share of the time that explanations can take, the milliseconds that they can take at once, and those that must be left
 * to start one with a large search. A small search takes less.
 */
const LIMITS = {
  // the clients of this mode are not trusted
  resign: { share: 0.05, most: 500, large: Number.POSITIVE_INFINITY },
  watch: { share: 0.5, most: 10_000, large: 5000 },
} as const

/** The milliseconds that must be left to start an explanation. */
const SMALL = 250

/**
 * Limits the time for explaining rejections: an explanation takes longer than a rejection, no other request is handled in
 * the meantime, and a client without a key can cause it.
 */
export interface Budget {
  /** Returns the result of `work`, or nothing if earlier work has not left enough time. It receives what a search may try. */
  spend<Result>(work: (search: Readonly<Search>) => Result): Result | undefined
  /** Returns the milliseconds until there is enough time again. */
  wait(): number
}

export function newBudget(mode: ProxyMode): Budget {
  const { share, most, large } = LIMITS[mode === 'watch' ? 'watch' : 'resign']
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
      if (credit < SMALL) return undefined
      try {
        return work(credit < large ? SMALL_SEARCH : LARGEST_SEARCH)
      } finally {
        credit -= performance.now() - started
      }
    },
    wait() {
      count()
      return Math.max(0, SMALL - credit) / share
    },
  }
}
