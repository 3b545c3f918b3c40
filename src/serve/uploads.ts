import type { Call } from './call.ts'
import { S3Error } from './errors.ts'
import { OVERHEAD, weight } from './store.ts'
import type { MultipartUpload, Part } from './upload.ts'

/** Returns the multipart upload of a request. */
export function uploadOf({ uploads, bucket, key, query }: Call): MultipartUpload {
  const id = query.get('uploadId') ?? ''
  const upload = uploads.get(id)
  if (upload?.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload', { UploadId: id })
  return upload
}

/** Starts an upload, and counts its memory. */
export function startUpload({ store, uploads }: Pick<Call, 'store' | 'uploads'>, upload: MultipartUpload): void {
  store.reserve(weight(upload))
  uploads.set(upload.id, upload)
}

/** Adds or replaces a part. Releases it if the upload no longer exists or there is not enough space. */
export function addPart(call: Call, number: number, part: Part): void {
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

/** Removes an upload and its parts, except the content of the parts in `used`. */
export function removeUpload(
  { store, uploads }: Pick<Call, 'store' | 'uploads'>,
  upload: MultipartUpload,
  used: ReadonlySet<Part> = new Set(),
): void {
  uploads.delete(upload.id)
  store.unreserve(weight(upload) + upload.parts.size * OVERHEAD)
  for (const part of upload.parts.values()) if (!used.has(part)) store.release(part.content)
}
