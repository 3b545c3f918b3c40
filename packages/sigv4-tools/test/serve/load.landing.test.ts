import { expect, it } from 'vitest'
import { load } from '../support/serve/load.ts'

it('under load nothing is lost, and memory does not grow', async () => {
  const { requests, lost, perSecond, p99, memory } = await load(5, 100)
  console.log(`serve: ${requests} requests, ${perSecond.toFixed(0)} a second, p99 ${p99.toFixed(0)} ms`)
  expect(lost).toBe(0)
  expect(requests).toBeGreaterThan(200)
  expect(memory[1] - memory[0]).toBeLessThan(16 * 1024 * 1024)
})
