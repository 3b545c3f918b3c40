import fc from 'fast-check'

/**
 * Any character of Unicode, for strings. `unit: 'binary'` has the same, but for each `fc.string`, fast-check creates a table of
 * all of them, which takes a quarter of a second.
 */
export const character: fc.Arbitrary<string> = fc.integer({ min: 0, max: 0x10_f7ff }).map(
  (index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800),
  (value) => {
    const point = typeof value === 'string' ? value.codePointAt(0) : undefined
    if (point === undefined || String.fromCodePoint(point) !== value || (point >= 0xd800 && point < 0xe000))
      throw new Error('not a character')
    return point < 0xd800 ? point : point - 0x800
  },
)
