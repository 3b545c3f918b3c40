import { describe, expect, it } from 'vitest'
import { scoreFresh } from '../support/explain/cases.ts'

// Limits for cases whose authors had not seen explain. Those that are set aside have only the limits that cannot be tuned to.

describe.each(['known', 'set-aside'] as const)('cases of strangers, %s', (set) => {
  const scores = scoreFresh(set)

  it('are 90, most of them with credentials', () => {
    expect(scores.filter(({ tier }) => tier === 'pasted')).toHaveLength(90)
    expect(scores.filter(({ tier }) => tier === 'with credentials').length).toBeGreaterThan(80)
  })

  it('have no wrong proof', () => {
    const wrong = scores.filter(({ grade }) => grade === 'wrong proof')
    expect(wrong.map(({ case: { id }, said }) => `${id}: ${said}`)).toEqual([])
  })
})

describe('cases of strangers that are known', () => {
  const scores = scoreFresh('known')
  it.each([
    ['pasted', 0.7],
    ['with credentials', 0.75],
  ] as const)('have the right cause first, %s: at least %s', (tier, least) => {
    const own = scores.filter((each) => each.tier === tier)
    const first = own.filter(({ grade }) => grade === 'first')
    expect(first.length / own.length).toBeGreaterThanOrEqual(least)
  })

  it('are confidently wrong at most three times', () => {
    const wrong = scores.filter(({ grade }) => grade === 'confidently wrong')
    expect(
      wrong.length,
      wrong.map(({ case: { id }, tier, said }) => `${id}, ${tier}: ${said}`).join('\n'),
    ).toBeLessThan(7)
  })
})
