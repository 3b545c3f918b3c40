import { describe } from 'vitest'
import { CASES } from './cases.ts'
import { startNext } from './next.ts'
import { missing } from './packages.ts'
import { run } from './suite.ts'

// In a file of its own, because Next.js takes longer to start than all others to run.

describe.skipIf(missing())('verifies requests', () => {
  run({ name: 'Next.js', repeated: 'first', start: startNext }, CASES)
})
