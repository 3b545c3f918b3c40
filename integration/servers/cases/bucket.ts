import { expect } from 'vitest'
import { type Bench, bucketUrl, bytes, load, object, scoped, store, using } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { accepted, send, text } from '../wire.ts'

/** The minimum size of a part, except the last one. */
const PART = 5 * 1024 * 1024

export const bucketCases: Case[] = [
  works('query', 'list with a query', async (bench) => {
    for (const key of ['a b/1', 'a b/2', 'a b/c+d/3', 'other']) await store(bench, key, key)
    const prefix = `${bench.prefix}a b/`
    const query = { 'list-type': '2', delimiter: '/', 'max-keys': '10', prefix }
    const list = await bench.sigv4.presignGet(bucketUrl(bench), scoped(bench, { query }))
    const document = text(accepted(await send(list)))
    expect([...document.matchAll(/<Key>([^<]*)</g)].map(([, key]) => key)).toEqual([`${prefix}1`, `${prefix}2`])
    expect(document).toContain(`<CommonPrefixes><Prefix>${prefix}c+d/</Prefix></CommonPrefixes>`)
  }),

  works('query', 'a query name without a value', async (bench) => {
    const location = await bench.sigv4.presignGet(`${bucketUrl(bench)}?location`, scoped(bench))
    expect(text(accepted(await send(location)))).toContain('LocationConstraint')
  }),

  works('query', 'a repeated query name', async (bench) => {
    await store(bench, 'twice', 'x')
    const reply = await load(bench, 'twice', { query: { custom: ['b', 'a', 'b c'] } })
    expect(text(accepted(reply))).toBe('x')
  }),

  works('query', 'version IDs', async (bench) => {
    await store(bench, 'unversioned', 'x')
    const options = scoped(bench, { query: { versioning: '' } })
    const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    const enable = await bench.sigv4.presignPut(bucketUrl(bench), options)
    accepted(await send(enable, { body: bytes(enabled) }))

    const first = await store(bench, 'document', 'first')
    await store(bench, 'document', 'second')
    const versionId = first.headers.get('x-amz-version-id')!
    expect(text(accepted(await load(bench, 'document')))).toBe('second')
    expect(text(accepted(await load(bench, 'document', { query: { versionId } })))).toBe('first')
  }),

  works('query', 'multipart: create, presigned parts, complete', async (bench) => {
    const target = object(bench, 'in parts (1).bin')
    const created = await bench.sigv4.presign('POST', target, using(bench, { query: { uploads: '' } }))
    const uploadId = /<UploadId>([^<]+)</.exec(text(accepted(await send(created))))![1]!

    const content = new Uint8Array(PART + 1000).map((_, index) => index % 251)
    const etags = await uploadParts(bench, target, uploadId, [content.subarray(0, PART), content.subarray(PART)])

    const listed = await bench.sigv4.presignGet(target, using(bench, { query: { uploadId } }))
    expect([...text(accepted(await send(listed))).matchAll(/<PartNumber>/g)]).toHaveLength(2)

    const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    const manifest = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
    const complete = await bench.sigv4.presign('POST', target, using(bench, { query: { uploadId } }))
    accepted(await send(complete, { body: bytes(manifest) }))

    const { body } = accepted(await load(bench, 'in parts (1).bin'))
    expect(Buffer.compare(body, content)).toBe(0)
  }),

  works('query', 'multipart: aborted', async (bench) => {
    const target = object(bench, 'aborted')
    const created = await bench.sigv4.presign('POST', target, using(bench, { query: { uploads: '' } }))
    const uploadId = /<UploadId>([^<]+)</.exec(text(accepted(await send(created))))![1]!
    const abort = await bench.sigv4.presignDelete(target, using(bench, { query: { uploadId } }))
    expect(accepted(await send(abort)).status).toBe(204)
  }),
]

async function uploadParts(bench: Bench, target: ReturnType<typeof object>, uploadId: string, parts: Uint8Array[]) {
  const etags: string[] = []
  for (const [index, part] of parts.entries()) {
    const query = { partNumber: String(index + 1), uploadId }
    const upload = await bench.sigv4.presignPut(target, using(bench, { query }))
    etags.push(accepted(await send(upload, { body: part })).headers.get('etag')!)
  }
  return etags
}
