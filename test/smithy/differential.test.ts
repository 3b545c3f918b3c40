import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { compareAtRandom } from '../support/smithy/compare.ts'

// A part of differential.repeating.slow.test.ts, with other requests.

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 12, 0, 0, 789) })
})
afterAll(() => {
  vi.useRealTimers()
})

it.each(['sign', 'presign', 'sign a string', 'sign an event', 'sign a message'] as const)(
  '%s returns or throws as @smithy/signature-v4',
  async (method) => {
    const { returned, threw } = await compareAtRandom(method, 1200)
    expect(returned).toBeGreaterThan(600)
    expect(threw).toBeGreaterThan(5)
  },
)
