import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { objectUrl, presignHead, presignPut, sign } from '../../../src/index.ts'
import { type Checksum, crc32, crc32c, crc64nvme, sha1, sha256 } from '../../../src/streams.ts'
import { type Row, row } from '../row.ts'

function digest(checksum: Checksum, content: string): string {
  const running = checksum.create()
  running.update(content)
  return running.digest()
}

/** The signature covers the header with the checksum, and S3 compares it with the body. */
const WRONG = { status: 400, code: 'BadDigest', verdict: 'accepts' } as const

export const checksumRows: readonly Row[] = [
  ...[crc32c, sha256, crc64nvme, crc32, sha1].map((checksum) =>
    row(`checksum: ${checksum.algorithm}, and a wrong one`, async (lab) => {
      const { credentials } = lab
      const name = `x-amz-checksum-${checksum.algorithm.toLowerCase()}`
      const value = digest(checksum, 'upload')
      const target = lab.object(checksum.algorithm)
      const upload = await presignPut(target, { credentials, headers: { [name]: value } })
      await lab.accepted({ ...upload, body: 'upload' })
      const headers = { 'x-amz-checksum-mode': 'ENABLED' }
      const head = await lab.accepted(await presignHead(target, { credentials, headers }))
      assert.equal(head.headers.get(name), value)
      await lab.rejected({ ...upload, body: 'uploae' }, WRONG)
    }),
  ),

  row('checksum: Content-MD5, and a wrong one', async (lab) => {
    const { credentials, setting } = lab
    const url = objectUrl(lab.object('md5'))
    const headers = { 'content-md5': createHash('md5').update('upload').digest('base64') }
    const send = (body: string) =>
      sign({ method: 'PUT', url, headers, body }, { credentials, region: setting.options.region, service: 's3' })
    await lab.accepted(await send('upload'))
    await lab.rejected(await send('uploae'), WRONG)
  }),
]
