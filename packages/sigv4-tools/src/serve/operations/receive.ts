import { MAX_UPLOAD_SIZE } from '../../../../../src/internal/s3.ts'
import { S3Error } from '../http/errors.ts'
import type { Range } from '../http/ranges.ts'
import type { Content, StoredObject } from '../store/storage.ts'
import type { Store } from '../store/store.ts'
import { type Checked, checkedBody, type Declared, readDeclared } from './checks.ts'
import type { Body, S3Request } from './request.ts'

/** Stored content that has passed the checks of its request. */
export interface Received extends Checked {
  readonly content: Content
}

/** Stores and checks the body of an object or a part. If a check fails, nothing is kept. */
export async function receive(request: S3Request): Promise<Received> {
  const length = declaredLength(request)
  const declared = readDeclared(request.headers)
  request.store.quota.require(length)
  return storeBody(request.store, request.body, { length, ...declared })
}

export async function storeBody(store: Store, body: Body, declared: Declared): Promise<Received> {
  let checked: Checked | undefined
  // The source runs the checks, so the store discards the content if one fails.
  async function* source() {
    checked = yield* checkedBody(body, declared)
  }
  const content = await store.write(source())
  return { content, ...checked! }
}

export async function storeCopy(store: Store, { content }: StoredObject, { start, end }: Range): Promise<Received> {
  store.quota.require(end - start)
  async function* bytes() {
    for await (const piece of store.read(content, start, end)) yield piece as Uint8Array
    return undefined
  }
  return storeBody(store, bytes(), {})
}

/** Returns the size of the object, which S3 requires before the body. */
function declaredLength({ headers, isChunked }: S3Request): number {
  const length = headers.get(isChunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (!isChunked && headers.has('transfer-encoding'))
    throw new S3Error('NotImplemented', { Header: 'Transfer-Encoding' })
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new S3Error('MissingContentLength')
  if (Number(length) > MAX_UPLOAD_SIZE)
    throw new S3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: MAX_UPLOAD_SIZE })
  return Number(length)
}
