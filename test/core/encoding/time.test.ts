import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expiresSeconds, formatAmzDate } from '../../../src/core/encoding/time.ts'

describe('formatAmzDate', () => {
  it('returns the ISO format without separators', () => {
    const seconds = fc.integer({ min: Date.UTC(1000, 0) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 })
    fc.assert(
      fc.property(seconds, (time) => {
        const [iso] = new Date(time * 1000).toISOString().split('.')
        expect(formatAmzDate(time)).toBe(`${iso!.replace(/[-:]/g, '')}Z`)
      }),
    )
  })
})

describe('expiresSeconds', () => {
  it('parses every unit', () => {
    const unit = fc.constantFrom(['', 1], ['s', 1], ['m', 60], ['h', 3600], ['d', 86_400] as const)
    fc.assert(
      fc.property(fc.nat(700_000), unit, (count, [name, seconds]) => {
        const total = count * Number(seconds)
        const read = () => expiresSeconds(`${count}${name}`, 0)
        if (total >= 1 && total <= 604_800) expect(read()).toBe(total)
        else expect(read).toThrow(expect.objectContaining({ code: 'ERR_SIGV4_EXPIRES_RANGE' }))
      }),
    )
  })
})
