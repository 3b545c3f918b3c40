import { expect, it, vi } from 'vitest'
import * as explaining from '../../../src/explain/explain.ts'
import { type LogEvent, logEntry } from '../../../src/serve/http/log.ts'
import { start } from '../../support/serve/start.ts'

vi.mock('../../../src/explain/explain.ts', { spy: true })

const HOSTILE = '\0\t\x1b]0;x\x07\x7f\x85\x9b31m\xad\u200b\u202e\u2066\u2028\u2029\ufeff\u{e0041}\ud800x\udfff'
const ESCAPED =
  '\\x00\\x09\\x1b]0;x\\x07\\x7f\\x85\\x9b31m\\xad\\u{200b}\\u{202e}\\u{2066}\\u{2028}\\u{2029}\\u{feff}\\u{e0041}\\u{d800}x\\u{dfff}'
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const line = (change: Partial<LogEvent>) =>
  logEntry({ time: 0, method: 'GET', target: '/x', status: 403, milliseconds: 1, ...change })

it.each(['signedBy', 'claimedBy', 'method', 'target', 'error'] as const)(
  'a log line escapes characters that a terminal interprets or hides: %s',
  (name) => {
    expect(line({ [name]: `é😀${HOSTILE}\r\n` })).toMatch(
      new RegExp(`  (?:signed by |not verified: )?é😀${escapeRegExp(ESCAPED)}\\\\x0d\\\\x0a(?:  |$)`),
    )
  },
)

it('an explanation keeps its line breaks and printable characters only', () => {
  const lines = line({ explanation: `one${HOSTILE}\r\ntwo\n\n` }).split('\n')
  expect(lines.slice(1)).toEqual([`    one${ESCAPED}\\x0d`, '    two'])
  for (const text of lines) expect(text).toMatch(PRINTABLE)
})

it('the result or error of explain is escaped in the log', async () => {
  for (const fails of [false, true]) {
    vi.mocked(explaining.explainWithin).mockImplementationOnce(() => {
      if (fails) throw new Error(HOSTILE)
      return { verdict: HOSTILE, findings: [] } as never
    })
    const { s3, lines, stop } = await start({ explain: true })
    await s3('GET', '/bucket', { secret: 'wrong' })
    expect(lines[0]!.split('\n')[1]).toBe(fails ? `    (no explanation: ${ESCAPED})` : `    ${ESCAPED}`)
    await stop()
  }
})
