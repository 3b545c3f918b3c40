import { describe, expect, it } from 'vitest'
import { causes } from '../../src/explain.ts'
import { scoreThreads, THREAD_FLOORS, type ThreadScore, type ThreadSet, threads } from '../support/explain/threads.ts'

// Real cases from public threads. What is set aside is counted, never shown: no test may name one of its cases.

const LEAST: Record<ThreadSet, number> = { known: 399, posted: 331, 'set-aside': 131 }

const SETS = ['known', 'posted', 'set-aside'] as const

describe.each(SETS)('threads, %s', (set) => {
  const cases = threads(set)

  it('are complete: a source of its own, a time, and causes that there are', () => {
    expect(cases.length).toBeGreaterThanOrEqual(LEAST[set])
    const names: readonly string[] = causes()
    const bad = cases.filter(
      ({ source, pasted, now, causes: right, why }) =>
        !/^https:\/\/\S+$/.test(source) ||
        pasted.trim() === '' ||
        why === '' ||
        Number.isNaN(Date.parse(now)) ||
        right.length === 0 ||
        right.some((cause) => !names.includes(cause)),
    )
    expect(bad.length, set !== 'set-aside' ? bad.map(({ id }) => id).join() : '').toBe(0)
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  })

  it('has nothing in common with the others', () => {
    const others = SETS.filter((name) => name !== set).flatMap(threads)
    const ids = new Set(others.map(({ id }) => id))
    const pastes = new Set(others.map(({ pasted }) => pasted))
    expect(cases.filter(({ id, pasted }) => ids.has(id) || pastes.has(pasted)).length).toBe(0)
  })

  it('are explained rightly as often as they have to be, and nothing else is called proven', async () => {
    const scores = await scoreThreads(set)
    for (const form of ['structured', 'pasted'] as const) {
      const list: ThreadScore[] = scores[form]
      const shown = (which: (each: ThreadScore) => boolean): string =>
        set !== 'set-aside'
          ? list
              .filter(which)
              .map(({ thread, said }) => `${thread.id}: ${said}`)
              .join('\n')
          : ''
      const wrong = ({ wronglyProven }: ThreadScore) => wronglyProven
      expect(list.filter(wrong).length, shown(wrong)).toBe(0)
      const right = list.filter(({ isRight }) => isRight).length
      expect(
        right,
        shown(({ isRight }) => !isRight),
      ).toBeGreaterThanOrEqual(THREAD_FLOORS[set][form] * list.length)
    }
  }, 300_000)
})
