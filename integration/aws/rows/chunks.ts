import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { objectUrl } from '../../../src/index.ts'
import { type Checksum, crc32c, type SignChunksOptions, sha256, signChunks } from '../../../src/streams.ts'
import type { Lab } from '../lab.ts'
import { type Row, row } from '../row.ts'
import { load } from './objects.ts'

const CONTENT = new Uint8Array(randomBytes(150_000))

async function encoded(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

function sign(lab: Lab, name: string, options: { checksum?: Checksum; signed?: boolean }) {
  const { credentials, setting } = lab
  const signing: SignChunksOptions = {
    credentials,
    region: setting.options.region,
    service: 's3',
    decodedLength: CONTENT.length,
  }
  return signChunks({ url: objectUrl(lab.object(name)) }, { ...signing, ...options })
}

async function stored(lab: Lab, name: string): Promise<void> {
  assert.equal(Buffer.compare((await load(lab, name)).body, CONTENT), 0, 'the object differs from what was sent')
}

const upload = (name: string, options: Parameters<typeof sign>[2]): Row =>
  row(`chunks: ${name}`, async (lab) => {
    const { encode, ...request } = await sign(lab, 'chunks', options)
    await lab.accepted({ ...request, body: await encoded(encode([CONTENT])) })
    await stored(lab, 'chunks')
  })

export const chunkRows: readonly Row[] = [
  upload('signed', {}),
  upload('signed, with a trailing CRC32C', { checksum: crc32c }),
  upload('signed, with a trailing SHA-256', { checksum: sha256 }),
  upload('unsigned, with a trailing CRC32C', { checksum: crc32c, signed: false }),

  row('chunks: from a stream', async (lab) => {
    const { encode, ...request } = await sign(lab, 'streamed', { checksum: crc32c })
    const body = new Blob([CONTENT]).stream().pipeThrough(encode())
    await lab.accepted({ ...request, body }, await encoded(encode([CONTENT])))
    await stored(lab, 'streamed')
  }),

  row('chunks: signed, with one changed byte', async (lab) => {
    const { encode, ...request } = await sign(lab, 'changed', { checksum: crc32c })
    const body = await encoded(encode([CONTENT]))
    body[1000]! ^= 1
    await lab.rejected({ ...request, body }, { status: 403, code: 'SignatureDoesNotMatch' })
  }),

  row('chunks: unsigned, with one changed byte', async (lab) => {
    const { encode, ...request } = await sign(lab, 'changed', { checksum: crc32c, signed: false })
    const body = await encoded(encode([CONTENT]))
    body[1000]! ^= 1
    await lab.rejected({ ...request, body }, { status: 400, code: 'BadDigest' })
  }),
]
