import { expect } from 'vitest'
import {
  type ChecksumType,
  type MultipartResponse,
  multipartCompletionBody,
  type PartChecksum,
  parseMultipartResponse,
} from '../../../src/index.ts'
import { type Checksum, crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512 } from '../../../src/streams.ts'
import { type Bench, load, object, using } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import { accepted, type Sendable, send, text } from '../wire.ts'

const PART = 5 * 1024 * 1024
const CONTENT = new Uint8Array(2 * PART + 7).map((_, index) => (index * 31) % 251)
const CUT = { size: CONTENT.length, partSize: PART }

/** Sends a request and parses its response, which must be of the expected kind. */
async function ask<Kind extends MultipartResponse['kind']>(kind: Kind, request: Sendable, body?: string) {
  const result = parseMultipartResponse(text(accepted(await send(request, { body }))))
  expect(result).toMatchObject({ kind })
  return result as MultipartResponse & { kind: Kind }
}

/** Starts a multipart upload. */
async function start(bench: Bench, key: string) {
  const headers = { 'x-amz-meta-name': 'f%C3%ADlm' }
  const options = using(bench, { contentType: 'video/mp4', headers })
  const { create } = await bench.sigv4.presignMultipartUpload(object(bench, key), { ...options, ...CUT })
  const { uploadId } = await ask('created', create)
  return (parts?: number[]) =>
    bench.sigv4.presignMultipartParts(object(bench, key), { ...using(bench), ...CUT, uploadId, parts })
}

const CHECKSUMS: readonly (readonly [PartChecksum['algorithm'], Checksum, ...ChecksumType[]])[] = [
  ['CRC32', crc32, 'COMPOSITE', 'FULL_OBJECT'],
  ['CRC32C', crc32c, 'COMPOSITE', 'FULL_OBJECT'],
  ['CRC64NVME', crc64nvme, 'FULL_OBJECT'],
  ['SHA1', sha1, 'COMPOSITE'],
  ['SHA256', sha256, 'COMPOSITE'],
  ['SHA512', sha512],
  ['MD5', md5],
]

/** Presigns an upload of two parts with checksums. */
async function startWithChecksums(
  bench: Bench,
  algorithm: PartChecksum['algorithm'],
  of: Checksum,
  type: ChecksumType,
) {
  const key = `${algorithm}-${type}`
  const cut = { size: PART + 7, partSize: PART }
  const options = { ...using(bench), ...cut, checksum: algorithm, checksumType: type }
  const { create } = await bench.sigv4.presignMultipartUpload(object(bench, key), options)
  const { uploadId } = await ask('created', create)
  const parts = [CONTENT.subarray(0, PART), CONTENT.subarray(PART, PART + 7)].map((bytes, index) => {
    const running = of.create()
    running.update(bytes)
    return { partNumber: index + 1, checksum: { algorithm, value: running.digest() } }
  })
  return bench.sigv4.presignMultipartParts(object(bench, key), { ...using(bench), ...cut, uploadId, parts })
}

const checksumCases = CHECKSUMS.flatMap(([algorithm, checksum, ...types]) => [
  ...types.map((type) =>
    works('query', `multipart upload: parts with ${algorithm}, ${type}`, async (bench) => {
      const { parts, list, complete, partCount } = await startWithChecksums(bench, algorithm, checksum, type)
      const sent = []
      for (const part of parts) {
        const { headers } = accepted(await send(part, { body: CONTENT.subarray(part.start, part.end) }))
        sent.push({ partNumber: part.partNumber, etag: headers.get('etag')!, checksum: part.checksum })
      }
      const listed = await ask('parts', list[0]!)
      expect(listed.parts.map((part) => part.checksum)).toEqual(parts.map((part) => part.checksum))
      const completed = await ask('completed', complete, multipartCompletionBody(sent, partCount))
      // MinIO omits the type
      expect({ type, ...completed.checksum }).toMatchObject({ algorithm, type })
      expect(completed.checksum!.value.endsWith('-2')).toBe(type === 'COMPOSITE')
    }),
  ),
  ...types.map((type) =>
    isRejected(
      'query',
      `multipart upload: a part with ${algorithm}, ${type}, and one changed byte`,
      [400, 'BadDigest'],
      async (bench) => {
        const [, part] = (await startWithChecksums(bench, algorithm, checksum, type)).parts
        const changed = CONTENT.slice(part!.start, part!.end)
        changed[3]! ^= 1
        return send(part!, { body: changed })
      },
    ),
  ),
  isRejected('query', `presignPut with ${algorithm} and one changed byte`, [400, 'BadDigest'], async (bench) => {
    const running = checksum.create()
    running.update('upload')
    const headers = { [`x-amz-checksum-${algorithm.toLowerCase()}`]: running.digest() }
    const put = await bench.sigv4.presignPut(object(bench, `put-${algorithm}`), using(bench, { headers }))
    accepted(await send(put, { body: 'upload' }))
    return send(put, { body: 'uploae' })
  }),
])

export const uploadCases: Case[] = [
  ...checksumCases,
  works('query', 'multipart upload: paused and resumed', async (bench) => {
    const presign = await start(bench, 'film (1).mp4')
    const [second] = (await presign([2])).parts
    accepted(await send(second!, { body: CONTENT.subarray(second!.start, second!.end) }))

    const { list, partCount } = await presign([])
    const { parts: found } = await ask('parts', list[0]!)
    expect(found.map(({ partNumber, size }) => [partNumber, size])).toEqual([[2, PART]])

    const missing = [1, 2, 3].filter((number) => found.every(({ partNumber }) => partNumber !== number))
    const sent = [...found]
    for (const part of (await presign(missing)).parts) {
      const { headers } = accepted(await send(part, { body: CONTENT.subarray(part.start, part.end) }))
      sent.push({ partNumber: part.partNumber, etag: headers.get('etag')! })
    }
    await ask('completed', (await presign([])).complete, multipartCompletionBody(sent, partCount))

    const { body, headers } = accepted(await load(bench, 'film (1).mp4'))
    expect(Buffer.compare(body, CONTENT)).toBe(0)
    expect(headers.get('content-type')).toBe('video/mp4')
    expect(headers.get('x-amz-meta-name')).toBe('f%C3%ADlm')
  }),

  isRejected('query', 'multipart upload: aborted', [404, 'NoSuchUpload'], async (bench) => {
    const { abort, list } = await (await start(bench, 'aborted'))([])
    expect(accepted(await send(abort)).status).toBe(204)
    return send(list[0]!)
  }),

  isRejected(
    'query',
    'multipart upload: a part with a different length',
    [403, 'SignatureDoesNotMatch'],
    async (bench) => {
      const { parts } = await (await start(bench, 'short'))([1])
      return send(parts[0]!, { body: CONTENT.subarray(0, 100) })
    },
  ),

  isRejected(
    'query',
    'multipart upload: completed with the ETag of a different part',
    [400, 'InvalidPart'],
    async (bench) => {
      const presign = await start(bench, 'mixed')
      const { complete, parts } = await presign([3])
      const last = parts[0]!
      accepted(await send(last, { body: CONTENT.subarray(last.start, last.end) }))
      return send(complete, { body: multipartCompletionBody([{ partNumber: 3, etag: `"${'0'.repeat(32)}"` }]) })
    },
  ),
]
