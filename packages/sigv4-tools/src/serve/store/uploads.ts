import { S3Error } from '../http/errors.ts'
import type { Checksum, ComputedAlgorithm } from './checksums.ts'
import { OVERHEAD, type Quota, weight } from './quota.ts'
import type { Content } from './storage.ts'

const MAX_UPLOADS = 1000

export interface Part {
  readonly content: Content
  /** In hex. */
  readonly md5: string
  readonly checksum: Checksum | undefined
  readonly modified: number
}

/** An incomplete multipart upload. */
export interface MultipartUpload {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly started: number
  readonly headers: Readonly<Record<string, string>>
  readonly algorithm: ComputedAlgorithm | undefined
  readonly type: Checksum['type']
  readonly parts: Map<number, Part>
}

/** Keeps incomplete uploads in memory; only the bytes of their parts are in the store. */
export function openUploads(quota: Quota, drop: (content: Content) => void) {
  const uploads = new Map<string, MultipartUpload>()

  /** Returns an upload, and throws if it does not exist. */
  function find(bucket: string, key: string, id: string): MultipartUpload {
    const upload = uploads.get(id)
    if (upload?.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload', { UploadId: id })
    return upload
  }

  return {
    find,
    list: (bucket: string) => [...uploads.values()].filter((upload) => upload.bucket === bucket),
    /** Throws if there are too many uploads. */
    checkCount(): void {
      if (uploads.size < MAX_UPLOADS) return
      const message = `There are already ${MAX_UPLOADS} multipart uploads. Complete or abort some of them.`
      throw new S3Error('InsufficientStorage', {}, message)
    },
    start(upload: MultipartUpload): void {
      quota.reserve(weight(upload))
      uploads.set(upload.id, upload)
    },
    /** Adds or replaces a part. Drops it if the upload no longer exists or there is not enough space. */
    addPart({ bucket, key, id, parts }: MultipartUpload, number: number, part: Part): void {
      const before = parts.get(number)
      try {
        find(bucket, key, id)
        if (!before) quota.reserve(OVERHEAD)
      } catch (error) {
        drop(part.content)
        throw error
      }
      parts.set(number, part)
      if (before) drop(before.content)
    },
    /** Hides an upload while it is completed. */
    hide: (upload: MultipartUpload) => uploads.delete(upload.id),
    show: (upload: MultipartUpload) => uploads.set(upload.id, upload),
    /** Removes an upload and its parts, except the content of the parts in `used`. */
    remove(upload: MultipartUpload, used: ReadonlySet<Part> = new Set()): void {
      uploads.delete(upload.id)
      quota.release(weight(upload) + upload.parts.size * OVERHEAD)
      for (const part of upload.parts.values()) if (!used.has(part)) drop(part.content)
    },
  }
}
