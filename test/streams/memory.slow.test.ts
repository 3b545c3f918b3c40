import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { ROOT } from '../support/packed.ts'

it('64 MiB are uploaded and verified with little memory, as 5 GiB are by npm run evidence', async () => {
  const { stdout } = await promisify(execFile)(
    'npx',
    ['tsx', 'tools/evidence/main.ts', '--only', 'uploads', '--mib', '64'],
    { cwd: ROOT },
  )
  expect(stdout).toMatch(/^http\.request: 64 MiB less 1 byte, every chunk verified, .*\nfetch: 64 MiB less 1 byte, /)
})
