import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkContradictions } from '../../../src/s3/post/conditions.ts'
import { type Condition, meets } from '../../../src/s3/post/policy.ts'

it('a content type with a comma contradicts a condition that every item of the list would have to meet', () => {
  const type = (operator: 'eq' | 'starts-with', value: string): Condition => ({ operator, name: 'Content-Type', value })
  const check = (...conditions: Condition[]): void => checkContradictions([type('eq', 'a/b,a/c')], conditions, [])
  check(type('starts-with', 'a/'))
  expect(() => check(type('starts-with', 'a/b,a/c'))).toThrow('options.conditions[0] does not match')
})

const value = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 })
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ operator: fc.constantFrom('eq', 'starts-with'), name: fc.constantFrom('x', 'X', 'y'), value }),
  fc
    .tuple(fc.nat(4), fc.nat(2))
    .map(([min, more]) => ({ operator: 'content-length-range' as const, min, max: min + more })),
)

const VALUES = ['']
for (const start of VALUES) if (start.length < 3) VALUES.push(`${start}a`, `${start}b`)

/** Returns whether some value of each field, and some size, meets all conditions. */
function areMet(conditions: readonly Condition[]): boolean {
  const isMet = ['x', 'y'].every((field) =>
    VALUES.some((value) =>
      conditions.every((each) => !('name' in each) || each.name.toLowerCase() !== field || meets(each, value)),
    ),
  )
  const isSize = (size: number): boolean =>
    conditions.every((each) => 'name' in each || (each.min <= size && size <= each.max))
  return isMet && [...Array(7).keys()].some(isSize)
}

it('an added condition is rejected if and only if no form can meet it and all before it', () => {
  let rejected = 0
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 3 }), fc.array(condition, { maxLength: 6 }), (first, added) => {
      fc.pre(areMet(first))
      const at = added.findIndex((_, i) => !areMet([...first, ...added.slice(0, i + 1)]))
      const check = (): void => checkContradictions(first, added, [])
      if (at < 0) check()
      else expect(check).toThrow(`options.conditions[${at}] does not match`)
      if (at > 0) rejected++
    }),
    { numRuns: 2000 },
  )
  expect(rejected).toBeGreaterThan(100)
})
