import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LARGEST_SEARCH } from '../../src/explain/case/budget.ts'
import { newBudget } from '../../src/proxy/budget.ts'
import { SMALL_SEARCH } from '../../src/server/explain.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe.each([
  ['resign', 500, 0.05],
  ['watch', 10_000, 0.5],
] as const)('the time for explanations, mode %s', (mode, most, share) => {
  const work = (milliseconds: number) => () => {
    vi.advanceTimersByTime(milliseconds)
    return 'done'
  }

  it('can be used at once, and is a share of the time afterwards', () => {
    const budget = newBudget(mode)
    expect(budget.wait()).toBe(0)
    expect(budget.spend(work(most / 2))).toBe('done')
    expect(budget.spend(work(most * 3))).toBe('done')
    expect(budget.spend(work(1))).toBeUndefined()
    const wait = budget.wait()
    expect(wait).toBeGreaterThan(0)
    vi.advanceTimersByTime(wait + 1)
    expect(budget.wait()).toBe(0)
    expect(budget.spend(work(1))).toBe('done')
    let spent = 0
    for (let i = 0; i < 10_000; i++) {
      if (budget.spend(work(20))) spent += 20
      vi.advanceTimersByTime(80)
    }
    const total = 10_000 * 80 + spent
    expect(spent / total).toBeLessThan(share * 1.2)
    expect(spent / total).toBeGreaterThan(Math.min(share, 0.2) * 0.8)
  })

  it('must be left before an explanation starts', () => {
    const budget = newBudget(mode)
    const longest = 250
    // some of the time is left, but less than one explanation can take
    expect(budget.spend(work((most - longest) / (1 - share) + 10))).toBe('done')
    expect(budget.spend(work(1))).toBeUndefined()
    vi.advanceTimersByTime(budget.wait() - 1)
    expect(budget.spend(work(1))).toBeUndefined()
    vi.advanceTimersByTime(2)
    expect(budget.spend(work(longest))).toBe('done')
  })

  it('includes that of work that throws', () => {
    const budget = newBudget(mode)
    const failing = () => {
      work(most * 2)()
      throw new Error('no')
    }
    expect(() => budget.spend(failing)).toThrow('no')
    expect(budget.spend(work(1))).toBeUndefined()
  })
})

it('allows a large search only to clients that are trusted, while half of it is left', () => {
  const searchFor = (milliseconds: number) => (search: unknown) => {
    vi.advanceTimersByTime(milliseconds)
    return search
  }
  expect(newBudget('resign').spend(searchFor(1))).toBe(SMALL_SEARCH)
  const watch = newBudget('watch')
  expect(watch.spend(searchFor(12_000))).toBe(LARGEST_SEARCH)
  expect(watch.spend(searchFor(1))).toBe(SMALL_SEARCH)
  vi.advanceTimersByTime(10_000)
  expect(watch.spend(searchFor(1))).toBe(LARGEST_SEARCH)
})
