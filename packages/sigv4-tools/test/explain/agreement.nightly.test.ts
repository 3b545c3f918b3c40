import { expect, it } from 'vitest'
import { MANY } from '../../../../test/support/depth.ts'
import { SEED } from '../../../../test/support/random.ts'
import { compareVerdicts } from '../support/explain/received.ts'

// A signature is right for explain exactly when verify accepts it, and when it is the one of AWS's rules, by node:crypto.

const COUNT = MANY

it('a signature is right for explain exactly when verify accepts it', async () => {
  const { different, right, wrong, refused } = await compareVerdicts(SEED, COUNT, 0)
  expect(different).toEqual([])
  // few are rejected for a different reason, and neither verdict is rare
  expect(refused).toBeLessThan(COUNT / 100)
  expect(Math.min(right, wrong)).toBeGreaterThan(COUNT / 5)
})

it('a search for what else was signed does not find that the signature is right', async () => {
  expect((await compareVerdicts(SEED + COUNT, Math.ceil(COUNT / 40))).different).toEqual([])
})
