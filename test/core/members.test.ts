import { expect, it } from 'vitest'
import { checkMembers, members } from '../../src/core/members.ts'

const KNOWN = members('one two')
const check = (given: unknown): void => checkMembers('options', given as { one: string; two: string }, KNOWN)

it('an object may have any of the listed members, and inherit others', () => {
  check({})
  check({ one: '', two: '' })
  check(Object.create({ three: '' }))
})

it('another member is rejected with its name and the list', () => {
  expect(() => check({ one: '', three: '' })).toThrow('options.three is unknown. Allowed: one, two.')
})

it('credentials in place of options, and anything but an object, are rejected', () => {
  const message = 'options has the wrong type. Pass { one }.'
  for (const given of [{ accessKeyId: '', secretAccessKey: '' }, null, undefined, 'one', 1])
    expect(() => check(given)).toThrow(message)
})
