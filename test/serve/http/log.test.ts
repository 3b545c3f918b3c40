import { expect, it } from 'vitest'
import { type LogEvent, logLine } from '../../../src/serve/http/log.ts'
import { checkLinear } from '../../support/linear-time.ts'
import { start } from '../../support/serve/start.ts'

const HOSTILE = '\0\t\x1b]0;x\x07\x7f\x85\x9b31m\xad\u200b\u202e\u2066\u2028\u2029\ufeff\u{e0041}\ud800x\udfff'
const ESCAPED =
  '\\x00\\x09\\x1b]0;x\\x07\\x7f\\x85\\x9b31m\\xad\\u{200b}\\u{202e}\\u{2066}\\u{2028}\\u{2029}\\u{feff}\\u{e0041}\\u{d800}x\\u{dfff}'
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u

const line = (change: Partial<LogEvent>) =>
  logLine({ keyId: 'ID', method: 'GET', target: '/x', status: 403, milliseconds: 1, ...change })

it.each(['keyId', 'method', 'target', 'error'] as const)(
  'a log line escapes characters that a terminal interprets or hides: %s',
  (name) => {
    expect(line({ [name]: `é😀${HOSTILE}\r\n` })).toContain(`é😀${ESCAPED}\\x0d\\x0a  `)
  },
)

it('an explanation keeps its line breaks and printable characters only', () => {
  const lines = line({ explanation: `one${HOSTILE}\r\ntwo\n\n` }).split('\n')
  expect(lines.slice(1)).toEqual([`    one${ESCAPED}\\x0d`, '    two'])
  for (const text of lines) expect(text).toMatch(PRINTABLE)
})

it.each<[string, (length: number) => string]>([
  ['hostile characters', (length) => '\x1b\u202e'.repeat(length)],
  ['spaces before a character', (length) => `${' '.repeat(length)}x`],
  ['line breaks', (length) => '\n'.repeat(length)],
  ['lines', (length) => 'x\n'.repeat(length)],
])('a hostile log line is truncated in linear time: %s', async (name, make) => {
  await checkLinear(name, (length) => {
    const text = make(length)
    return () => {
      const lines = line({ keyId: text, method: text, target: text, error: text, explanation: text }).split('\n')
      expect(lines.length).toBeLessThanOrEqual(101)
      for (const each of lines) {
        expect(each.length).toBeLessThan(20_000)
        expect(each).toMatch(PRINTABLE)
      }
    }
  })
})

it('the result or error of explain is escaped in the log', async () => {
  for (const fails of [false, true]) {
    const explain = () => {
      if (fails) throw new Error(HOSTILE)
      return HOSTILE
    }
    const { s3, lines, stop } = await start({ explain })
    await s3('GET', '/bucket', { secret: 'wrong' })
    expect(lines[0]!.split('\n')[1]).toBe(fails ? `    (no explanation: ${ESCAPED})` : `    ${ESCAPED}`)
    await stop()
  }
})
