import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAmzDate, parseAmzDate, readExpires } from '../../../src/core/encoding/time.ts'

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

describe('parseAmzDate', () => {
  it('accepts the years 1000 to 9999', () => {
    for (const amzDate of ['10000101T000000Z', '20150830T123600Z', '99991231T235959Z'])
      expect(formatAmzDate(parseAmzDate(amzDate)!)).toBe(amzDate)
  })

  it.each([
    '09991231T235959Z',
    '120150830T123600Z',
    '20150830T123600ZZ',
    '99991231T240000Z',
    '20150229T000000Z',
    '20150830T246000Z',
    '20150830T123600z',
    '',
    // lenient date parsers read years before 1000
    '500(500',
    '-1212',
    '599(9,20150830T123600Z',
  ])('returns undefined for %j', (amzDate) => {
    expect(parseAmzDate(amzDate)).toBeUndefined()
  })
})

describe('readExpires', () => {
  it('parses every unit', () => {
    const unit = fc.constantFrom(['s', 1], ['m', 60], ['h', 3600], ['d', 86_400] as const)
    fc.assert(
      fc.property(fc.nat(700_000), unit, (count, [name, seconds]) => {
        const total = count * Number(seconds)
        const read = () => readExpires(`${count}${name}`)(0)
        if (total >= 1 && total <= 604_800) expect(read()).toBe(total)
        else expect(read).toThrow(expect.objectContaining({ code: 'ERR_SIGV4_EXPIRES_RANGE' }))
      }),
    )
  })
})
