import type { Checksum, ChecksumAlgorithm } from './checksums.ts'
import type { Content } from './store.ts'

/** What came in, checked against all that the request says of it. */
export interface Upload {
  readonly content: Content
  /** In hex. */
  readonly md5: string
  readonly checksum: Checksum | undefined
}

/** A multipart upload that is not complete yet: kept in memory, its parts where all bytes are. */
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
