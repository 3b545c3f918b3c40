import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../support/kept-secrets.ts', import.meta.url))

it.each(['index', 'sync'])('of 200 secrets that the entry %s signed with, memory contains at most 50', (entry) => {
  const command = ['--expose-gc', '--import', 'tsx', PROGRAM, entry]
  const { signed, kept } = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }))
  expect(signed).toBe(200)
  expect(kept).toBeGreaterThan(0)
  expect(kept).toBeLessThanOrEqual(50)
})
