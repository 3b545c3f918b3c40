import { expect, it } from 'vitest'
import { measureProxy } from '../../../../integration/evidence/proxy.ts'

// `npm run evidence -- --mib 5120` does the same with larger bodies.

it('bodies of 96 MiB arrive unchanged in both directions, each way they are sent, and are not kept in memory', async () => {
  const lines: string[] = []
  await measureProxy(96, (line) => lines.push(line))
  expect(lines).toHaveLength(10)
}, 120_000)
