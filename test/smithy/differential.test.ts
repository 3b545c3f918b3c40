import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { MANY, runs } from '../support/depth.ts'
import { compareAtRandom } from '../support/smithy/compare.ts'

// Passes random calls to @smithy/signature-v4 and to this package. A failure prints its path.

const RUNS = runs(500, MANY)

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
    expect(returned).toBeGreaterThan(RUNS / 2)
    expect(threw).toBeGreaterThan(RUNS / 240)
  },
  900_000,
)
