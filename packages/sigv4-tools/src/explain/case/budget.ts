/** What a search may still try. It is counted, not timed, so that the same evidence has the same result on every machine. */
export interface Budget {
  hypotheses: number
  /** Characters that may still be formatted and hashed. */
  work: number
}

/** What a search with the public function may try: more would hardly find anything. About a second in Node. */
export const LARGEST_SEARCH: Readonly<Budget> = { hypotheses: 250_000, work: 900_000_000 }

/** The work for a hypothesis of no length, such as for the HMAC of a string to sign, in characters. */
const LEAST = 2000

/** Counts the work for a string. Returns whether more may be done. */
export function spend(budget: Budget, length: number): boolean {
  budget.work -= LEAST + length
  return !isSpent(budget)
}

/** Counts a hypothesis. Returns whether it may be tried. */
export function attempt(budget: Budget): boolean {
  budget.hypotheses--
  return spend(budget, 0) && budget.hypotheses >= 0
}

/** Returns whether the work is done, although not all hypotheses were tried. */
export function isSpent({ work }: Budget): boolean {
  return work < 0
}
