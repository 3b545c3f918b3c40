import type { Checksum, ChecksumAlgorithm } from './checksums.ts'
import type { Content } from './store.ts'

/** Stored content that has passed the checks of its request. */
export interface Upload {
  readonly content: Content
  /** In hex. */
  readonly md5: string
  readonly checksum: Checksum | undefined
}

/** An incomplete multipart upload, kept in memory. The store holds the bytes of its parts. */
export interface MultipartUpload {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly started: number
  readonly headers: Readonly<Record<string, string>>
  readonly algorithm: ChecksumAlgorithm | undefined
  readonly type: Checksum['type']
  readonly parts: Map<number, Part>
}

export interface Part extends Upload {
  readonly modified: number
}

export type Uploads = Map<string, MultipartUpload>
