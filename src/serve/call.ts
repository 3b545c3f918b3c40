import type { Address } from './address.ts'
import { S3Error } from './errors.ts'
import type { Bucket, Store, StoredObject } from './store.ts'
import type { Uploads } from './upload.ts'

/** A verified request. */
export interface Call extends Address {
  readonly method: string
  /** Returns a header by its lowercase name, or an `x-amz-*` parameter of a presigned URL, as S3 does. */
  readonly header: (name: string) => string | undefined
  /** Names of all headers, and of the parameters that count as headers. */
  readonly headerNames: readonly string[]
  /** Whether the verified payload hash specifies an `aws-chunked` body. */
  readonly isChunked: boolean
  readonly accessKeyId: string
  readonly region: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly store: Store
  readonly uploads: Uploads
  /** The URL of the request without its query string, for responses that contain it. */
  readonly location: string
  /** Yields the decoded and verified body, and returns the trailers. Can be called once. */
  readonly body: () => AsyncGenerator<Uint8Array, Record<string, string>>
}

/** Returns the bucket of a request. */
export function bucketOf({ store, bucket }: Call): Bucket {
  return store.bucket(bucket) ?? noBucket(bucket)
}

export function noBucket(bucket: string): never {
  throw new S3Error('NoSuchBucket', { BucketName: bucket })
}

/** Returns an object. */
export function objectOf(store: Store, bucket: string, key: string): StoredObject {
  const found = (store.bucket(bucket) ?? noBucket(bucket)).get(key)
  if (!found) throw new S3Error('NoSuchKey', { Key: key })
  return found
}

/** Parses a non-negative integer in the query string. */
export function countParameter({ query }: Call, name: string, max: number, fallback = max): number {
  const value = query.get(name)
  if (value === undefined || value === '') return fallback
  if (!/^\d{1,10}$/.test(value) || Number(value) > 2 ** 31 - 1)
    throw new S3Error(
      'InvalidArgument',
      { ArgumentName: name, ArgumentValue: value },
      `Provided ${name} not an integer or within integer range`,
    )
  return Math.min(Number(value), max)
}

/** Reads a body that must be empty or is ignored. */
export async function skipBody(call: Call): Promise<void> {
  await readSmall(call, 64 * 1024)
}

/** Reads a body into memory. */
export async function readSmall(call: Call, maxBytes: number): Promise<Buffer> {
  let all: Buffer = Buffer.alloc(1024)
  let size = 0
  let held = 0
  try {
    for await (const bytes of call.body()) {
      const end = size + bytes.length
      if (end > maxBytes) throw new S3Error('MaxMessageLengthExceeded', { MaxMessageLengthBytes: maxBytes })
      if (end > all.length) {
        const length = Math.max(end, 2 * all.length)
        call.store.hold(length - held)
        held = length
        all = Buffer.concat([all], length) // Pieces can be single bytes, so a list of them would be large.
      }
      all.set(bytes, size)
      size = end
    }
    return all.subarray(0, size)
  } finally {
    call.store.hold(-held)
  }
}

/** Decodes a document. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new S3Error('MalformedXML')
  }
}

export function isoTime(time: number): string {
  return new Date(time).toISOString()
}

/** Rounds down to a second, the precision of HTTP dates, so that date conditions are exact. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000
}
