import { expect } from 'vitest'
import { type MultipartResponse, multipartCompletionBody, parseMultipartResponse } from '../../../src/index.ts'
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

export const uploadCases: Case[] = [
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
