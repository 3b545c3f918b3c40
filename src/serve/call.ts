import type { Address } from './address.ts'
import { S3Error } from './errors.ts'
import type { Bucket, Store, StoredObject } from './store.ts'
import type { Uploads } from './upload.ts'

/** A request whose signature is right, as operations see it. */
export interface Call extends Address {
  readonly method: string
  /** A header by its name in lower case; of a presigned request also an `x-amz-*` parameter, as S3 has it. */
  readonly header: (name: string) => string | undefined
  /** Names of all headers, and of parameters that count as headers. */
  readonly headerNames: readonly string[]
  /** Whether the verified payload hash specifies an `aws-chunked` body. */
  readonly isChunked: boolean
  readonly accessKeyId: string
  readonly region: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly store: Store
  readonly uploads: Uploads
  /** The URL of the request without query, for answers that name it. */
  readonly location: string
  /** The body, decoded and checked while it is read; returns the headers that came behind it. Once only. */
  readonly body: () => AsyncGenerator<Uint8Array, Record<string, string>>
}

/** The bucket that a request reads from. */
export function bucketOf({ store, bucket }: Call): Bucket {
  return store.bucket(bucket) ?? noBucket(bucket)
}

export function noBucket(bucket: string): never {
  throw new S3Error('NoSuchBucket', { BucketName: bucket })
}

/** An object that a request reads. */
export function objectOf(store: Store, bucket: string, key: string): StoredObject {
  const found = (store.bucket(bucket) ?? noBucket(bucket)).get(key)
  if (!found) throw new S3Error('NoSuchKey', { Key: key })
  return found
}

/** A number in the query, from 0 on. */
export function countParameter({ query }: Call, name: string, most: number, otherwise = most): number {
  const given = query.get(name)
  if (given === undefined || given === '') return otherwise
  if (!/^\d{1,10}$/.test(given) || Number(given) > 2 ** 31 - 1)
    throw new S3Error(
      'InvalidArgument',
      { ArgumentName: name, ArgumentValue: given },
      `Provided ${name} not an integer or within integer range`,
    )
  return Math.min(Number(given), most)
}

/** Reads a body to its end that must be empty, or whose content does not matter. */
export async function skipBody(call: Call): Promise<void> {
  await readSmall(call, 64 * 1024)
}

/** Reads a body that is a document. */
export async function readSmall(call: Call, mostBytes: number): Promise<Buffer> {
  let all: Buffer = Buffer.alloc(1024)
  let size = 0
  for await (const bytes of call.body()) {
    const end = size + bytes.length
    if (end > mostBytes) throw new S3Error('MaxMessageLengthExceeded', { MaxMessageLengthBytes: mostBytes })
    if (end > all.length) all = Buffer.concat([all], Math.max(end, 2 * all.length)) // not a list: pieces may be single bytes
    all.set(bytes, size)
    size = end
  }
  return all.subarray(0, size)
}

/** Reads a document of a request. */
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

/** HTTP dates have whole seconds; so do the times of objects, that conditions with dates mean what they say. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000
}
