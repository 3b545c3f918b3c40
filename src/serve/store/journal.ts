import type { Content } from './bytes.ts'
import type { Checksum } from './checksums.ts'

export interface StoredObject {
  readonly key: string
  readonly content: Content
  /** MD5 in hex, or `…-N` for N parts, without quotation marks. */
  readonly etag: string
  /** Epoch milliseconds, rounded to a second: the precision of HTTP dates. */
  readonly modified: number
  /** Headers to send with the object, such as its content type. */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum?: Checksum | undefined
  /** Sizes of the parts of a multipart upload. */
  readonly parts?: readonly number[] | undefined
}

/** Records buckets and objects, so that a later run finds them. */
export interface Journal {
  /** Loads the buckets and objects of an earlier run. */
  load(): Iterable<{ bucket: string; created: number; objects: readonly StoredObject[] }>
  recordBucket(bucket: string, created: number): void
  forgetBucket(bucket: string): void
  record(bucket: string, object: StoredObject): void
  forget(bucket: string, key: string): void
  /** Returns the size of incomplete files of an earlier run. */
  leftovers(): number
}
