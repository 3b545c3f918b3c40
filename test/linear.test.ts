import { describe, expect, it } from 'vitest'
import { expectLinear } from './support/linear.ts'

const list = (length: number): string[] => Array.from({ length }, (_, i) => `a${i}`)
const spaces = (length: number): string => `${' '.repeat(length)}x`

describe('expectLinear', () => {
  it.each<[string, (length: number) => () => unknown]>([
    ['characters that are replaced', (length) => () => spaces(length).replace(/ /g, '+')],
    ['a list that is sorted and joined', (length) => () => list(length).sort().join()],
    ['a promise', (length) => async () => list(length).map((item) => item.toUpperCase())],
  ])('accepts linear time: %s', async (_, make) => {
    await expect(expectLinear(make)).resolves.toBeUndefined()
  })

  it.each<[string, number, (length: number) => () => unknown]>([
    ['includes in a loop', 12_000, (length) => () => list(length).filter((_, i, all) => all.includes(`b${i}`))],
    ['an expression that backtracks', 15_000, (length) => async () => spaces(length).replace(/\s+$/, '')],
  ])('rejects quadratic time: %s', async (_, length, make) => {
    await expect(expectLinear(make, { length })).rejects.toThrow(/^four times the input takes (?:9|\d\d)/)
  })

  it('rejects a call that would not end', async () => {
    const make = (length: number) => () => spaces(length).replace(/\s+$/, '')
    await expect(expectLinear(make, { length: 80_000, limit: 50 })).rejects.toThrow(
      'a length of 20000 takes more than 50 ms',
    )
  })
})
