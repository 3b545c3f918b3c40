import { expect, it } from 'vitest'
import { checkLinear } from '../../../../test/support/linear-work.ts'
import { shareable } from '../../src/debugger/share.ts'
import { parseEvidence } from '../../src/explain.ts'
import { createHider } from '../../src/redaction/hide.ts'
import { brokenLeaks, isHeader, isRandom } from '../support/attacks/broken.ts'
import { expectNone } from '../support/attacks/leaks.ts'
import { linkOf, outputsOf, resultsOf } from '../support/attacks/shown.ts'

// Every name, format and encoding of a secret with every line break, and every position of it.

const isMeant = ({ name, secret }: { name: string; secret: string }) => isRandom(secret) && !isHeader(name)

it('no secret that a line break splits is in a link of the page', () => {
  const { count, found } = brokenLeaks(linkOf, 1)
  expect(count).toBeGreaterThan(80_000)
  expectNone(found)
}, 600_000)

it('no random one is in what explain, inspect, and parseEvidence return', () => {
  const { count, found } = brokenLeaks(resultsOf, 12, isMeant)
  expect(count).toBeGreaterThan(4000)
  expectNone(found)
}, 600_000)

it('no random one is in the output of the command line', async () => {
  const texts: string[] = []
  brokenLeaks(
    (text) => {
      texts.push(text)
      return ''
    },
    200,
    isMeant,
  )
  const outputs = new Map<string, string>()
  for (const text of texts) outputs.set(text, await outputsOf(text))
  expect(texts.length).toBeGreaterThan(200)
  expectNone(brokenLeaks((text) => outputs.get(text)!, 200, isMeant).found)
}, 600_000)

const PIECES = [
  'a',
  ' ',
  '\n',
  '\r',
  '\r\n',
  ' \n',
  'a\n',
  '=\n',
  '\\\n',
  '\n> ',
  '\n    ',
  '\\n',
  'secret=',
  'secret=a\n',
  'secret\n',
  'secret="a\n',
  '>',
  '\n>',
  '<',
  '</',
  '&',
  '&gt;',
  '%',
  '%0A',
  '[None]',
  '[****',
  '*',
  'wJalrXUt\n',
  'AKIAIOSFODNN7EXAMPLE:a\n',
  'mc alias set a b c d\n',
  `${'wJalrXUtn1'.repeat(20)}\n`,
]

it.each(PIECES)(
  'takes linear time for repetitions of %j',
  async (piece) => {
    const repeat = (length: number) => piece.repeat(length / piece.length)
    await checkLinear('a link', (length) => () => shareable(repeat(length), []))
    await checkLinear('evidence', (length) => () => parseEvidence(repeat(length)))
    await checkLinear(
      'a hider',
      (length) => () => createHider(['wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzQQLMKEYa'])(repeat(length)),
    )
  },
  60_000,
)
