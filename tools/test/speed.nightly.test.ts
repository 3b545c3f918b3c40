import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../test/support/speed-program.mjs', import.meta.url))
const DIST = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** How many times as fast as aws4 a call must be: half of what was measured, so that only the loss of a factor fails. */
const LEAST: Readonly<Record<string, number>> = {
  'await presignPut, held': 1,
  'await presignPut, inline': 1,
  'await presignPut, provider': 0.95,
  'await sign, JSON': 0.45,
  'sync.presignPut, held': 1.5,
  'sync.presignPut, inline': 1.5,
  'sync.sign, JSON': 0.65,
}

it('calls as users write them are as fast as before, compared with aws4', ({ skip }) => {
  if (!existsSync(DIST) && !process.env.CI) skip('NOT RUN: npm run build creates dist')
  const ratios = JSON.parse(execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8' })) as Record<string, number>
  expect(Object.keys(ratios)).toEqual(Object.keys(LEAST))
  const slower = Object.entries(ratios).filter(([name, ratio]) => ratio < LEAST[name]!)
  expect(slower).toEqual([])
})
