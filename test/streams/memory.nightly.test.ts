import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { crc32c, signChunks } from '../../src/streams.ts'
import { ROOT } from '../support/packed.ts'
import { URL } from '../support/streams/uploads.ts'
import { SIGNING } from '../support/verify/helpers.ts'

const MiB = 1_048_576

it('64 MiB are uploaded and verified with little memory, as 5 GiB are by npm run evidence', async () => {
  const { stdout } = await promisify(execFile)(
    'npx',
    ['tsx', 'integration/evidence/main.ts', '--only', 'uploads', '--mib', '64'],
    { cwd: ROOT },
  )
  expect(stdout).toMatch(/^http\.request: 64 MiB less 1 byte, every chunk verified, .*\nfetch: 64 MiB less 1 byte, /)
})

it('100 MiB are encoded with little memory', async () => {
  async function* pieces() {
    for (let i = 0; i < 1600; i++) yield new Uint8Array(65_536).fill(97)
  }
  const upload = await signChunks({ url: URL }, { ...SIGNING, decodedLength: 100 * MiB, checksum: crc32c })
  let length = 0
  let peak = 0
  const start = process.memoryUsage().arrayBuffers
  for await (const chunk of upload.encode(pieces())) {
    length += chunk.length
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - start)
  }
  expect(length).toBe(upload.encodedLength)
  expect(peak).toBeLessThan(64 * MiB)
})
