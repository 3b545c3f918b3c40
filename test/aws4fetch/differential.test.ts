import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { compareRandomRequests } from '../support/aws4fetch/differential.ts'
import { MANY, runs } from '../support/depth.ts'

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2015, 7, 30, 12, 36, 0, 789) })
})
afterAll(() => {
  vi.useRealTimers()
})

describe('a random request', () => {
  it('is signed as by aws4fetch', () => compareRandomRequests(runs(100, MANY)), 900_000)
})
