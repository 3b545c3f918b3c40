import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { compareAtRandom } from '../support/smithy/compare.ts'

// Passes random calls to @smithy/signature-v4 5.7.5 and to this package: 20,000 for each method. A failure prints its path.

const RUNS = 20_000

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 12, 0, 0, 789) })
})
afterAll(() => {
  vi.useRealTimers()
})

it.each(['sign', 'presign', 'sign a string', 'sign an event', 'sign a message'] as const)(
  '%s returns or throws as @smithy/signature-v4',
  async (method) => {
    const { returned, threw } = await compareAtRandom(method, RUNS)
    console.log(`${method}: ${returned} equal results, ${threw} calls that throw on both sides`)
    expect(returned).toBeGreaterThan(RUNS / 2)
    expect(threw).toBeGreaterThan(RUNS / 50)
  },
)
