import { createHash } from 'node:crypto'
import { MAX_PARTS } from '../../../../../src/internal/s3.ts'
import { wrap } from '../../../../../src/internal/xml.ts'
import type { Address } from '../http/address.ts'
import { rejectArgument, S3Error } from '../http/errors.ts'
import type { Headers } from '../http/headers.ts'
import { text } from '../http/xml.ts'
import type { Store } from '../store/store.ts'
import type { MultipartUpload } from '../store/uploads.ts'

/** Maximum size of a document in the body of a request. */
export const MAX_DOCUMENT_SIZE = 2 * 1024 * 1024

export type Trailers = Readonly<Record<string, string>>

/** The bytes of a body, followed by its trailers. */
export type Body = AsyncGenerator<Uint8Array, Trailers | undefined>

/** A request, or a form, before its signature is verified. The `x-amz-*` parameters of a presigned URL are headers. */
export interface UnverifiedRequest extends Address {
  readonly method: string
  readonly headers: Headers
  readonly region: string
  /** Epoch milliseconds, rounded down to a second: the precision of HTTP dates, so that date conditions are exact. */
  readonly now: number
  readonly store: Store
  /** The URL of the request without its query string, for responses that contain it. */
  readonly location: string
  /** Yields the decoded and verified body, and returns the trailers. */
  readonly body: Body
}

/** A verified request. */
export interface S3Request extends UnverifiedRequest {
  /** Whether the verified payload hash specifies an `aws-chunked` body. */
  readonly isChunked: boolean
  readonly accessKeyId: string
}

/** Parses a non-negative integer in the query string. */
export function countParameter({ query }: S3Request, name: string, max: number, fallback = max): number {
  const value = query.get(name)
  if (value === undefined || value === '') return fallback
  if (!/^\d{1,10}$/.test(value) || Number(value) > 2 ** 31 - 1)
    rejectArgument(`Provided ${name} not an integer or within integer range`, name, value)
  return Math.min(Number(value), max)
}

export function partNumber({ query }: S3Request): number {
  const value = query.get('partNumber') ?? ''
  if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > MAX_PARTS)
    rejectArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`, 'partNumber', value)
  return Number(value)
}

export function uploadOf({ store, bucket, key, query }: S3Request): MultipartUpload {
  return store.uploads.find(bucket, key, query.get('uploadId') ?? '')
}

/** Reads a body that must be empty or is ignored. */
export async function skipBody({ store, body }: UnverifiedRequest): Promise<void> {
  await readSmall(store, body, 64 * 1024)
}

export async function readSmall(
  { quota }: Pick<Store, 'quota'>,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  let all: Buffer = Buffer.alloc(1024)
  let size = 0
  let held = 0
  try {
    for await (const bytes of body) {
      const end = size + bytes.length
      if (end > maxBytes) throw new S3Error('MaxMessageLengthExceeded', { MaxMessageLengthBytes: maxBytes })
      if (end > all.length) {
        const length = Math.max(end, 2 * all.length)
        quota.hold(length - held)
        held = length
        all = Buffer.concat([all], length) // Pieces can be single bytes, so a list of them would be large.
      }
      all.set(bytes, size)
      size = end
    }
    return all.subarray(0, size)
  } finally {
    quota.hold(-held)
  }
}

/** Formats the owner: everything belongs to the signer. */
export function owner(element: string, { accessKeyId }: S3Request): string {
  const id = createHash('sha256').update(accessKeyId).digest('hex')
  return wrap(element, text('ID', id), text('DisplayName', accessKeyId))
}

export function isoTime(time: number): string {
  return new Date(time).toISOString()
}
