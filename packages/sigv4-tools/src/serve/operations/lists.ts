import { MAX_LISTED } from '../../../../../src/internal/s3.ts'
import { wrap } from '../../../../../src/internal/xml.ts'
import { rejectArgument } from '../http/errors.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { text } from '../http/xml.ts'
import { compareKeys, positionAfter, positionOf } from '../store/keys.ts'
import type { StoredObject } from '../store/storage.ts'
import { countParameter, isoTime, owner, type S3Request } from './request.ts'

/** The parameters that all lists of keys have in common. */
interface Selection {
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

interface Page {
  readonly keys: readonly string[]
  readonly prefixes: readonly string[]
  /** The last key or prefix of the page, if the list is truncated. */
  readonly last: string | undefined
}

/** Returns the page of sorted keys after a key or prefix, and groups keys with a delimiter after the prefix. */
function page(
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

function commonPrefixes(prefixes: readonly string[], encode: (key: string) => string): string[] {
  return prefixes.map((prefix) => wrap('CommonPrefixes', text('Prefix', encode(prefix))))
}

export function listObjectsV2(request: S3Request): ServiceResponse {
  const { query } = request
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const after = token === undefined ? (startAfter ?? '') : readToken(token)
  const withOwner = query.get('fetch-owner') === 'true'
  return list(request, after, withOwner, ({ keys, prefixes, last }, { encode }) => [
    text('ContinuationToken', token),
    text('NextContinuationToken', last && makeToken(last)),
    text('StartAfter', token === undefined && startAfter !== undefined ? encode(startAfter) : undefined),
    text('KeyCount', keys.length + prefixes.length),
  ])
}

export function listObjects(request: S3Request): ServiceResponse {
  const marker = request.query.get('marker') ?? ''
  return list(request, marker, true, ({ last }, { delimiter, encode }) => [
    text('Marker', encode(marker)),
    text('NextMarker', last === undefined || delimiter === '' ? undefined : encode(last)),
  ])
}

/** Lists the objects after a key. `position` returns the elements in which the versions of the operation differ. */
function list(
  request: S3Request,
  after: string,
  withOwner: boolean,
  position: (found: Page, selection: Selection) => readonly string[],
): ServiceResponse {
  const { name, keys, objects } = request.store.bucket(request.bucket)
  const max = countParameter(request, 'max-keys', MAX_LISTED)
  const selection = readSelection(request)
  const { prefix, encode, elements } = selection
  const found = page(keys, selection, after, max)
  const of = withOwner ? owner('Owner', request) : ''
  return xmlResponse('ListBucketResult', [
    text('Name', name),
    text('Prefix', encode(prefix)),
    ...position(found, selection),
    text('MaxKeys', max),
    ...elements,
    text('IsTruncated', found.last !== undefined),
    ...found.keys.map((key) => contents(objects.get(key)!, encode(key), of)),
    ...commonPrefixes(found.prefixes, encode),
  ])
}

function contents({ modified, etag, content, checksum }: StoredObject, key: string, owner: string): string {
  return wrap(
    'Contents',
    text('Key', key),
    text('LastModified', isoTime(modified)),
    text('ETag', `"${etag}"`),
    text('ChecksumAlgorithm', checksum?.algorithm),
    text('ChecksumType', checksum?.type),
    text('Size', content.size),
    owner,
    text('StorageClass', 'STANDARD'),
  )
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

export function listUploads(request: S3Request): ServiceResponse {
  const { store, query } = request
  const { name } = store.bucket(request.bucket)
  const keyMarker = query.get('key-marker') ?? ''
  const idMarker = query.get('upload-id-marker') ?? ''
  const max = countParameter(request, 'max-uploads', MAX_LISTED)
  const selection = readSelection(request)
  const { prefix, encode, elements } = selection
  const all = store.uploads
    .list(name)
    .sort((a, b) => compareKeys(a.key, b.key) || a.started - b.started || compareKeys(a.id, b.id))
  // A key can have several uploads. Those of the marker's key start after its upload ID.
  const sameKey = keyMarker === '' || idMarker === '' ? [] : all.filter(({ key }) => key === keyMarker)
  const rest = sameKey.slice(sameKey.findIndex(({ id }) => id === idMarker) + 1)
  const later = all.filter(({ key }) => compareKeys(key, keyMarker) > 0)
  const candidates = [...rest, ...later]
  const keys = [...new Set(candidates.map(({ key }) => key))]
  const { keys: plain, prefixes } = page(keys, selection, '', keys.length + 1)
  const isPlain = new Set(plain)
  const fitting = candidates.filter(({ key }) => isPlain.has(key))
  const listed = fitting.slice(0, max)
  const isTruncated = fitting.length > listed.length
  const last = listed.at(-1)
  return xmlResponse('ListMultipartUploadsResult', [
    text('Bucket', name),
    text('KeyMarker', encode(keyMarker)),
    text('UploadIdMarker', idMarker),
    isTruncated && last ? text('NextKeyMarker', encode(last.key)) + text('NextUploadIdMarker', last.id) : '',
    text('Prefix', encode(prefix)),
    ...elements,
    text('MaxUploads', max),
    text('IsTruncated', isTruncated),
    ...listed.map(({ key, id, started, algorithm }) =>
      wrap(
        'Upload',
        text('Key', encode(key)),
        text('UploadId', id),
        owner('Initiator', request),
        owner('Owner', request),
        text('StorageClass', 'STANDARD'),
        text('Initiated', isoTime(started)),
        text('ChecksumAlgorithm', algorithm),
      ),
    ),
    ...commonPrefixes(prefixes, encode),
  ])
}
