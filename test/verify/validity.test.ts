import { describe, expect, it } from 'vitest'
import { headerValidity, presignedValidity } from '../../src/verify/validity.ts'
import { NOW } from '../support/verify/helpers.ts'

// Dates and lifetimes in every format; test/verify/rejections.test.ts has the responses to those that are rejected.

const now = Number(NOW) / 1000
const malformed = (message: unknown) => expect.objectContaining({ code: 'ERR_SIGV4_AUTH_MALFORMED', message })

describe('the Date header', () => {
  it('is read as an HTTP date, or as an amz date, unless there is x-amz-date', () => {
    const expected = { amzDate: '20150830T123600Z', time: now }
    for (const date of ['Sun, 30 Aug 2015 12:36:00 GMT', '20150830T123600Z'])
      expect(headerValidity({ date }, now, {})).toEqual(expected)
    expect(headerValidity({ date: 'yesterday', 'x-amz-date': '20150830T123600Z' }, now, {})).toEqual(expected)
  })

  it.each([
    'Sun, 30 Aug 2015 12:36:00',
    'Sun, 30 Aug 2015 12:36:00 GMT+1',
    'x Sun, 30 Aug 2015 12:36:00 GMT',
    'Sun, 30 Aug 0015 12:36:00 GMT',
    'Sun, 30 Xyz 2015 12:36:00 GMT',
    'Sunday, 30-Aug-15 12:36:00 GMT',
    'Sun Aug 30 12:36:00 2015',
    '2015-08-30T12:36:00Z',
  ])('is not %j', (date) => {
    expect(() => headerValidity({ date }, now, {})).toThrow(
      malformed('AWS authentication requires a valid Date or x-amz-date header'),
    )
  })
})

describe('X-Amz-Expires', () => {
  it('may be missing, for services other than S3: the lifetime is the clock skew', () => {
    const parameters = new Map([['X-Amz-Date', '20150830T123600Z']])
    expect(presignedValidity(parameters, now, {}).expiry).toBe(now + 900)
    expect(presignedValidity(parameters, now, { clockSkew: 60 }).expiry).toBe(now + 60)
  })

  it('is required if the clock skew is longer than the maximum', () => {
    const parameters = new Map([['X-Amz-Date', '20150830T123600Z']])
    expect(() => presignedValidity(parameters, now, { maxExpires: 60 })).toThrow(
      malformed(expect.stringContaining('and X-Amz-Expires parameters')),
    )
    expect(presignedValidity(parameters, now, { maxExpires: 900 }).expiry).toBe(now + 900)
  })
})
