import { rejectArgument, S3Error } from './errors.ts'

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

/** Returns the range of a part, by the sizes of all parts. */
export function partRange(parts: readonly number[], number: number): Range {
  if (number > parts.length)
    throw new S3Error('InvalidPartNumber', { ActualPartCount: parts.length, PartNumberRequested: number })
  const start = parts.slice(0, number - 1).reduce((sum, size) => sum + size, 0)
  return { start, end: start + parts[number - 1]! }
}
