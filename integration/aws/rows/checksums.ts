import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { objectUrl, presignHead, presignPut, sign } from '../../../src/index.ts'
import { type Checksum, crc32, crc32c, crc64nvme, sha1, sha256 } from '../../../src/streams.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'

function digest(checksum: Checksum, content: string): string {
  const running = checksum.create()
  running.update(content)
  return running.digest()
}

const headerOf = ({ algorithm }: Checksum): string => `x-amz-checksum-${algorithm.toLowerCase()}`

/** The signature covers the header with the checksum, and S3 compares it with the body. */
const WRONG = { status: 400, code: 'BadDigest', verdict: 'accepts' } as const

const presignFor = (lab: Lab, checksum: Checksum) => {
  const headers = { [headerOf(checksum)]: digest(checksum, 'upload') }
  return presignPut(lab.object(checksum.algorithm), { credentials: lab.credentials, headers })
}

const withMd5 = (lab: Lab, body: string) => {
  const { credentials, setting } = lab
  const headers = { 'content-md5': createHash('md5').update('upload').digest('base64') }
  const options = { credentials, region: setting.options.region, service: 's3' }
  return sign({ method: 'PUT', url: objectUrl(lab.object('md5')), headers, body }, options)
}

export const checksumRows: readonly Row[] = [
  ...[crc32c, sha256, crc64nvme, crc32, sha1].flatMap((checksum) => [
    row(`checksum: ${checksum.algorithm}`, async (lab) => {
      await lab.accepted({ ...(await presignFor(lab, checksum)), body: 'upload' })
      const { credentials } = lab
      const headers = { 'x-amz-checksum-mode': 'ENABLED' }
      const head = await lab.accepted(await presignHead(lab.object(checksum.algorithm), { credentials, headers }))
      assert.equal(head.headers.get(headerOf(checksum)), digest(checksum, 'upload'))
    }),
    row(`checksum: a wrong ${checksum.algorithm}`, async (lab) => {
      await lab.rejected({ ...(await presignFor(lab, checksum)), body: 'uploae' }, WRONG)
    }),
  ]),
  row('checksum: Content-MD5', async (lab) => void (await lab.accepted(await withMd5(lab, 'upload')))),
  row('checksum: a wrong Content-MD5', async (lab) => void (await lab.rejected(await withMd5(lab, 'uploae'), WRONG))),
]
