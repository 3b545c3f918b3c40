import assert from 'node:assert/strict'
import {
  type MultipartResponse,
  multipartCompletionBody,
  parseMultipartResponse,
  presignMultipartParts,
  presignMultipartUpload,
} from '../../../src/index.ts'
import { crc32c } from '../../../src/streams.ts'
import { type Reply, type Sendable, text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { load } from './objects.ts'

const PART = 5 * 1024 * 1024
const CONTENT = new Uint8Array(PART + 7).map((_, index) => (index * 31) % 251)
const CUT = { size: CONTENT.length, partSize: PART }

function parsed<Kind extends MultipartResponse['kind']>(kind: Kind, reply: Reply) {
  const response = parseMultipartResponse(text(reply))
  assert.equal(response.kind, kind)
  return response as MultipartResponse & { kind: Kind }
}

/** Starts an upload, and returns its requests. */
async function start(lab: Lab, name: string, checksum?: 'CRC32C') {
  const { credentials } = lab
  const target = lab.object(name)
  const { create } = await presignMultipartUpload(target, { credentials, ...CUT, ...(checksum && { checksum }) })
  const { uploadId } = parsed('created', await lab.accepted(create))
  const ranges = [CONTENT.subarray(0, PART), CONTENT.subarray(PART)]
  const parts = ranges.map((bytes, index) => {
    const partNumber = index + 1
    if (!checksum) return partNumber
    const running = crc32c.create()
    running.update(bytes)
    return { partNumber, checksum: { algorithm: checksum, value: running.digest() } }
  })
  return presignMultipartParts(target, { credentials, ...CUT, uploadId, parts })
}

/** Sends all parts, completes the upload, and reads the object. */
async function upload(lab: Lab, name: string, checksum?: 'CRC32C'): Promise<void> {
  const { parts, list, complete, partCount } = await start(lab, name, checksum)
  for (const part of parts) await lab.accepted({ ...part, body: CONTENT.subarray(part.start, part.end) })
  const { parts: sent } = parsed('parts', await lab.accepted(list[0]!))
  assert.deepEqual(
    sent.map(({ partNumber, size }) => [partNumber, size]),
    [
      [1, PART],
      [2, 7],
    ],
  )
  const body = multipartCompletionBody(sent, partCount)
  const completed = parsed('completed', await lab.accepted({ ...complete, body }))
  if (checksum) assert.equal(completed.checksum?.algorithm, checksum)
  assert.equal(Buffer.compare((await load(lab, name)).body, CONTENT), 0, 'the object differs from its parts')
}

export const multipartRows: readonly Row[] = [
  row('multipart: two parts, listed and completed', (lab) => upload(lab, 'film (1).mp4')),
  row('multipart: with CRC32C of each part', (lab) => upload(lab, 'checked.mp4', 'CRC32C')),
  row('multipart: aborted', async (lab) => {
    const { abort, list } = await start(lab, 'aborted')
    assert.equal((await lab.accepted(abort)).status, 204)
    await lab.rejected(list[0]!, { status: 404, code: 'NoSuchUpload', verdict: 'accepts' })
  }),
  row('multipart: a part with a length that was not signed', async (lab) => {
    const { parts, abort } = await start(lab, 'short')
    const short: Sendable = { ...parts[0]!, body: CONTENT.subarray(0, 100) }
    await lab.rejected(short, { status: 403, code: 'SignatureDoesNotMatch' })
    await lab.accepted(abort)
  }),
]
