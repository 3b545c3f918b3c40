import { owner } from './buckets.ts'
import { bucketOf, type Call, countParameter, isoTime, skipBody } from './call.ts'
import { rejectArgument } from './errors.ts'
import { type ServiceResponse, xmlResponse } from './response.ts'
import { type Bucket, compareKeys, positionAfter, positionOf, type StoredObject } from './store.ts'
import { document, text, wrap } from './xml.ts'

const MAX = 1000

export interface Page {
  readonly keys: readonly string[]
  readonly prefixes: readonly string[]
  /** The last key or prefix of the page, if the list is truncated. */
  readonly last: string | undefined
}

interface Selection {
  readonly prefix: string
  readonly delimiter: string
  /** The key or prefix after which the page starts. */
  readonly after: string
  readonly max: number
}

/** Returns a page of sorted keys, and groups keys with a delimiter after the prefix. */
export function page(sorted: readonly string[], { prefix, delimiter, after, max }: Selection): Page {
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

/** Returns the encoding of keys in a list. */
export function encoder({ query }: Call): { encode: (key: string) => string; element: string } {
  const type = query.get('encoding-type')
  if (type === undefined) return { encode: (key) => key, element: '' }
  if (type !== 'url') rejectArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
  return { encode: urlEncode, element: text('EncodingType', 'url') }
}

function urlEncode(key: string): string {
  return encodeURIComponent(key)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/')
    .replace(/[!'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

export async function listObjectsV2(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const { query } = call
  const bucket = bucketOf(call)
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const [token, startAfter] = [query.get('continuation-token'), query.get('start-after')]
  const max = countParameter(call, 'max-keys', MAX)
  const { encode, element } = encoder(call)
  const after = token === undefined ? (startAfter ?? '') : readToken(token)
  const { keys, prefixes, last } = page(bucket.keys, { prefix, delimiter, after, max })
  const withOwner = query.get('fetch-owner') === 'true' ? owner('Owner', call) : ''
  return xmlResponse(
    document(
      'ListBucketResult',
      text('Name', bucket.name),
      text('Prefix', encode(prefix)),
      text('ContinuationToken', token),
      last === undefined ? '' : text('NextContinuationToken', makeToken(last)),
      token === undefined && startAfter !== undefined ? text('StartAfter', encode(startAfter)) : '',
      text('KeyCount', keys.length + prefixes.length),
      text('MaxKeys', max),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      element,
      text('IsTruncated', last !== undefined),
      ...keys.map((key) => contents(bucket.get(key)!, encode, withOwner)),
      ...commonPrefixes(prefixes, encode),
    ),
  )
}

export async function listObjects(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const { query } = call
  const bucket: Bucket = bucketOf(call)
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const marker = query.get('marker') ?? ''
  const max = countParameter(call, 'max-keys', MAX)
  const { encode, element } = encoder(call)
  const { keys, prefixes, last } = page(bucket.keys, { prefix, delimiter, after: marker, max })
  return xmlResponse(
    document(
      'ListBucketResult',
      text('Name', bucket.name),
      text('Prefix', encode(prefix)),
      text('Marker', encode(marker)),
      last === undefined || delimiter === '' ? '' : text('NextMarker', encode(last)),
      text('MaxKeys', max),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      element,
      text('IsTruncated', last !== undefined),
      ...keys.map((key) => contents(bucket.get(key)!, encode, owner('Owner', call))),
      ...commonPrefixes(prefixes, encode),
    ),
  )
}

function contents(
  { key, modified, etag, content, checksum }: StoredObject,
  encode: (key: string) => string,
  owner: string,
) {
  return wrap(
    'Contents',
    text('Key', encode(key)),
    text('LastModified', isoTime(modified)),
    text('ETag', `"${etag}"`),
    text('ChecksumAlgorithm', checksum?.algorithm),
    text('ChecksumType', checksum?.type),
    text('Size', content.size),
    owner,
    text('StorageClass', 'STANDARD'),
  )
}

export function commonPrefixes(prefixes: readonly string[], encode: (key: string) => string): string[] {
  return prefixes.map((prefix) => wrap('CommonPrefixes', text('Prefix', encode(prefix))))
}

function makeToken(last: string): string {
  return Buffer.from(last).toString('base64url')
}

function readToken(token: string): string {
  const last = Buffer.from(token, 'base64url')
  if (last.length === 0 || last.toString('base64url') !== token)
    rejectArgument('The continuation token provided is incorrect', 'continuation-token', token)
  return last.toString()
}

/** Sorts items by key. */
export function byKey<Item extends { readonly key: string }>(items: Iterable<Item>): Item[] {
  return [...items].sort((a, b) => compareKeys(a.key, b.key))
}
