// Reads how many tests passed and failed from what a test runner prints.

export interface Counts {
  readonly passed: number
  readonly failed: number
}

/** What runners print in the end, and the numbers in it. Of the first that matches, all matches are added. */
const SUMMARIES: readonly { readonly line: RegExp; readonly passed: RegExp; readonly failed: RegExp }[] = [
  { line: /^Tests: .*$/gm, passed: /(\d+) passed/, failed: /(\d+) failed/ }, // Jest
  { line: /^\s*Tests {2}.*$/gm, passed: /(\d+) passed/, failed: /(\d+) failed/ }, // vitest
  { line: /^\s*\d+ (?:passing|failing)\b.*$/gm, passed: /(\d+) passing/, failed: /(\d+) failing/ }, // Mocha
  { line: /^# (?:pass|fail)\s+\d+$/gm, passed: /^# pass\s+(\d+)/, failed: /^# fail\s+(\d+)/ }, // tape, node --test
  { line: /^\s*\d+ tests? (?:passed|failed)$/gm, passed: /(\d+) tests? passed/, failed: /(\d+) tests? failed/ }, // AVA
  { line: /^ {4}(?:not )?ok \d+ .*$/gm, passed: /^ {4}(?:ok )()/, failed: /^ {4}(?:not ok )()/ }, // tap: the tests of each file
]

/** Returns the counts, or `undefined` if the output contains none. */
export function countTests(output: string): Counts | undefined {
  for (const { line, passed, failed } of SUMMARIES) {
    const lines = output.match(line)
    if (!lines) continue
    const sum = (pattern: RegExp): number =>
      lines.reduce((total, text) => {
        const found = pattern.exec(text)
        return found ? total + Number(found[1] || 1) : total
      }, 0)
    return { passed: sum(passed), failed: sum(failed) }
  }
  return undefined
}

/** Compares the requests that a driver printed, as bytes. */
export function compareRequests(before: string, after: string): { before: Counts; after: Counts } {
  const requestsOf = (output: string): string[] => output.split('\n').filter((line) => line.startsWith('["request",'))
  const expected = requestsOf(before)
  if (expected.length === 0) throw new Error(`no request was printed:\n${before}`)
  const actual = requestsOf(after)
  const passed = expected.filter((line, index) => line === actual[index]).length
  const failed = Math.max(expected.length, actual.length) - passed
  return { before: { passed: expected.length, failed: 0 }, after: { passed, failed } }
}
