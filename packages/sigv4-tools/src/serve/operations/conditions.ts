import { S3Error } from '../http/errors.ts'
import type { Headers } from '../http/headers.ts'
import type { StoredObject } from '../store/storage.ts'
import type { Condition } from '../store/store.ts'

/**
 * Evaluates the conditional headers of a GET or HEAD, or of a copy source with a prefix. Returns whether the client
 * already has the object, and throws if a precondition fails.
 */
export function isUnchanged({ etag, modified }: StoredObject, headers: Headers, prefix = ''): boolean {
  const match = headers.get(`${prefix}if-match`)
  const noneMatch = headers.get(`${prefix}if-none-match`)
  if (match !== undefined && !namesTag(match, etag)) failed('If-Match')
  const unmodifiedSince = readDate(headers.get(`${prefix}if-unmodified-since`))
  if (match === undefined && unmodifiedSince !== undefined && modified > unmodifiedSince) failed('If-Unmodified-Since')
  if (noneMatch !== undefined) return namesTag(noneMatch, etag)
  const modifiedSince = readDate(headers.get(`${prefix}if-modified-since`))
  return modifiedSince !== undefined && modified <= modifiedSince
}

/** Returns the condition of a write: `If-None-Match: *`, or `If-Match` with the ETag of the object to replace. */
export function writeCondition(headers: Headers, key: string): Condition | undefined {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  if (match === undefined && noneMatch === undefined) return undefined
  if (noneMatch !== undefined && (noneMatch !== '*' || match !== undefined))
    throw new S3Error('NotImplemented', { Header: 'If-None-Match' })
  return (present) => {
    if (noneMatch !== undefined && present) failed('If-None-Match')
    if (match === undefined) return
    if (!present) throw new S3Error('NoSuchKey', { Key: key })
    if (!namesTag(match, present.etag)) failed('If-Match')
  }
}

/** Returns the condition of a removal: `If-Match`, also for an object that does not exist. */
export function removeCondition(headers: Headers): Condition | undefined {
  const match = headers.get('if-match')
  if (match === undefined) return undefined
  return (present) => {
    if (!present || !namesTag(match, present.etag)) failed('If-Match')
  }
}

function failed(condition: string): never {
  throw new S3Error('PreconditionFailed', { Condition: condition })
}

function namesTag(list: string, etag: string): boolean {
  return list.split(',').some((tag) => {
    const plain = tag.trim().replace(/^W\//, '')
    return plain === '*' || plain.replace(/^"(.*)"$/, '$1') === etag
  })
}

function readDate(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
