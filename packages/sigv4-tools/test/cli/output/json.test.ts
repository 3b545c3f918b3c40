import { expect, it } from 'vitest'
import { jsonLine } from '../../../src/cli/output/proxy.ts'

const REQUEST = {
  time: 0,
  method: 'GET',
  status: 403,
  received: 0,
  sent: 0,
  milliseconds: 1,
  accessKeyId: undefined,
  error: undefined,
}

it.each([
  ['a control character', '\u001b[31m'],
  ['a character that changes the direction of text', '\u202e'],
  ['an invisible character of two units', '\u{e0041}'],
  ['an emoji', '\u{1f600}'],
])('the JSON of a logged request with %s contains all of it', (_, character) => {
  const path = `/a${character}b`
  const line = jsonLine({ ...REQUEST, path })
  expect(JSON.parse(line)).toMatchObject({ version: 1, time: '1970-01-01T00:00:00.000Z', path })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  expect(line).not.toMatch(/[\0-\x09\x0b-\x1f\u202e\u{e0041}]/u)
})
