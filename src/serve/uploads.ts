import type { Call } from './call.ts'
import { S3Error } from './errors.ts'
import { OVERHEAD, weight } from './store.ts'
import type { MultipartUpload, Part } from './upload.ts'

/** The upload that a request belongs to. */
export function uploadOf({ uploads, bucket, key, query }: Call): MultipartUpload {
  const id = query.get('uploadId') ?? ''
  const upload = uploads.get(id)
  if (upload?.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload', { UploadId: id })
  return upload
}

/** Starts an upload, whose memory counts like that of objects. */
export function startUpload({ store, uploads }: Pick<Call, 'store' | 'uploads'>, upload: MultipartUpload): void {
  store.reserve(weight(upload))
  uploads.set(upload.id, upload)
}

/** Adds a part to an upload, or replaces one; releases the part if the upload is gone or there is no room. */
export function keepPart(call: Call, number: number, part: Part): void {
  const { store, uploads, query } = call
  const upload = uploads.get(query.get('uploadId')!)
  const before = upload?.parts.get(number)
  try {
    if (!upload) uploadOf(call)
    if (!before) store.reserve(OVERHEAD)
  } catch (error) {
    store.release(part.content)
    throw error
  }
  upload!.parts.set(number, part)
  if (before) store.release(before.content)
}

/** Ends an upload and releases all of it, except the content of the parts in `used`. */
export function endUpload(
  { store, uploads }: Pick<Call, 'store' | 'uploads'>,
  upload: MultipartUpload,
  used: ReadonlySet<Part> = new Set(),
): void {
  uploads.delete(upload.id)
  store.unreserve(weight(upload) + upload.parts.size * OVERHEAD)
  for (const part of upload.parts.values()) if (!used.has(part)) store.release(part.content)
}
