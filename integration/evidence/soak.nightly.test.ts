import { expect, it } from 'vitest'
import { soakProxy } from './soak.ts'

it('mutated requests and responses, and floods of responses, neither stop the proxy nor increase its memory', async () => {
  const lines: string[] = []
  await soakProxy(2000, (line) => lines.push(line))
  expect(lines).toHaveLength(5)
}, 180_000)
