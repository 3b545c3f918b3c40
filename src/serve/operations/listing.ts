import { rejectArgument } from '../http/errors.ts'
import { text, wrap } from '../http/xml.ts'
import { positionAfter, positionOf } from '../store/keys.ts'
import type { S3Request } from './request.ts'

/** What all lists of keys have in common. */
export interface Selection {
  readonly prefix: string
  readonly delimiter: string
  /** Encodes a key for the document. */
  readonly encode: (key: string) => string
  /** The elements that repeat the delimiter and the encoding. */
  readonly elements: readonly string[]
}

export function readSelection({ query }: S3Request): Selection {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const type = query.get('encoding-type')
  if (type !== undefined && type !== 'url')
    rejectArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
  const encode = type === undefined ? String : urlEncode
  const elements = [delimiter === '' ? '' : text('Delimiter', encode(delimiter)), text('EncodingType', type)]
  return { prefix, delimiter, encode, elements }
}

function urlEncode(key: string): string {
  return encodeURIComponent(key)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/')
    .replace(/[!'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

export interface Page {
  readonly keys: readonly string[]
  readonly prefixes: readonly string[]
  /** The last key or prefix of the page, if the list is truncated. */
  readonly last: string | undefined
}

/** Returns the page of sorted keys after a key or prefix, and groups keys with a delimiter after the prefix. */
export function page(
  sorted: readonly string[],
  { prefix, delimiter }: Pick<Selection, 'prefix' | 'delimiter'>,
  after: string,
  max: number,
): Page {
  const keys: string[] = []
  const prefixes: string[] = []
  let last = ''
  let at = Math.max(positionOf(sorted, prefix), positionOf(sorted, after))
  if (sorted[at] === after) at++
  const rolledUp = rollUp(after, prefix, delimiter)
  if (rolledUp === after && after !== '') at = Math.max(at, positionAfter(sorted, after))
  while (at < sorted.length && sorted[at]!.startsWith(prefix)) {
    if (keys.length + prefixes.length >= max) return { keys, prefixes, last: max > 0 ? last : undefined }
    const key = sorted[at]!
    const common = rollUp(key, prefix, delimiter)
    last = common ?? key
    if (common === undefined) {
      keys.push(key)
      at++
    } else {
      prefixes.push(common)
      at = positionAfter(sorted, common)
    }
  }
  return { keys, prefixes, last: undefined }
}

/** Returns the common prefix of keys with a delimiter after the prefix. */
function rollUp(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined
  const found = key.indexOf(delimiter, prefix.length)
  return found < 0 ? undefined : key.slice(0, found + delimiter.length)
}

export function commonPrefixes(prefixes: readonly string[], encode: (key: string) => string): string[] {
  return prefixes.map((prefix) => wrap('CommonPrefixes', text('Prefix', encode(prefix))))
}
