import { expect, it } from 'vitest'
import { soakProxy } from '../../tools/evidence/soak.ts'

it('mutated requests and responses neither end the proxy nor make it grow', async () => {
  const lines: string[] = []
  await soakProxy(2000, (line) => lines.push(line))
  expect(lines).toHaveLength(4)
}, 180_000)
