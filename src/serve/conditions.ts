import { rejectArgument, S3Error } from './errors.ts'
import type { Condition, StoredObject } from './store.ts'

type Header = (name: string) => string | undefined

/**
 * Evaluates the conditional headers of a GET or HEAD, or of a copy source with a prefix. Returns whether the client
 * already has the object, and throws if a precondition fails.
 */
export function isUnchanged({ etag, modified }: StoredObject, header: Header, prefix = ''): boolean {
  const [match, noneMatch] = [header(`${prefix}if-match`), header(`${prefix}if-none-match`)]
  if (match !== undefined && !namesTag(match, etag)) failed('If-Match')
  const unmodifiedSince = readDate(header(`${prefix}if-unmodified-since`))
  if (match === undefined && unmodifiedSince !== undefined && modified > unmodifiedSince) failed('If-Unmodified-Since')
  if (noneMatch !== undefined) return namesTag(noneMatch, etag)
  const modifiedSince = readDate(header(`${prefix}if-modified-since`))
  return modifiedSince !== undefined && modified <= modifiedSince
}

/** Returns the condition of a write: `If-None-Match: *`, or `If-Match` with the ETag of the object to replace. */
export function writeCondition(header: Header, key: string): Condition | undefined {
  const [match, noneMatch] = [header('if-match'), header('if-none-match')]
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
export function removeCondition(header: Header): Condition | undefined {
  const match = header('if-match')
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

export interface Range {
  readonly start: number
  /** The first byte after the range. */
  readonly end: number
}

/** Parses a Range header. An unsupported header, or one with several ranges, is ignored. */
export function readRange(header: string | undefined, size: number): Range | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size)
  if (start >= size || start >= end)
    throw new S3Error('InvalidRange', { RangeRequested: header!, ActualObjectSize: size })
  return { start, end }
}

/** Parses the range of a part copy, which must be within the source. */
export function readCopyRange(header: string | undefined, size: number): Range | undefined {
  if (header === undefined) return undefined
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? []
  if (first === undefined || Number(first) > Number(last))
    rejectArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  if (Number(last) >= size)
    rejectArgument(`Range specified is not valid for source object of size: ${size}`, 'x-amz-copy-source-range', header)
  return { start: Number(first), end: Number(last) + 1 }
}

/** Returns the range of a part. */
export function partRange({ content, parts = [content.size] }: StoredObject, number: number): Range {
  if (number > parts.length)
    throw new S3Error('InvalidPartNumber', { ActualPartCount: parts.length, PartNumberRequested: number })
  const start = parts.slice(0, number - 1).reduce((sum, size) => sum + size, 0)
  return { start, end: start + parts[number - 1]! }
}
