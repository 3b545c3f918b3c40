import type { Budget } from '../explain/case/budget.ts'

// What is explained of the requests of clients that are not trusted, whom an explanation keeps waiting.

/** What a search may try: parsing and searching together take at most about a quarter of a second. */
export const SMALL_SEARCH: Readonly<Budget> = { hypotheses: 20_000, work: 40_000_000 }

/** Maximum length of the head of a request. A longer one would take too long. */
const MAX_HEAD = 16 * 1024
/** Maximum number of escapes in its target: each of them can be wrong in several ways. */
const MAX_ESCAPES = 512

/** Returns the reason if a request is too long to be explained. */
export function unexplainable(url: string, rawHeaders: readonly string[]): string | undefined {
  const isLong = url.length + rawHeaders.join('').length > MAX_HEAD || url.split('%').length > MAX_ESCAPES
  return isLong
    ? `the head of the request is longer than ${MAX_HEAD} bytes, or has over ${MAX_ESCAPES} escapes. Pass it to "npx sigv4-tools explain".`
    : undefined
}
