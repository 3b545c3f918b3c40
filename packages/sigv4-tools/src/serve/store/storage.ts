import type { Readable } from 'node:stream'
import type { Checksum } from './checksums.ts'

/** Immutable bytes. */
export interface Content {
  readonly size: number
  /** Reads the bytes from `start` up to, but not including, `end`. */
  read(start: number, end: number): Readable
}

/** Keeps bytes in memory or in a folder. */
export interface Bytes {
  write(source: AsyncIterable<Uint8Array>): Promise<Content>
  /** Joins parts into one content, and removes them, even if it fails. */
  join(parts: readonly Content[]): Promise<Content>
  drop(content: Content): void
}

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
