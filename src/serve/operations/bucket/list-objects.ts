import { MAX_LISTED } from '../../../core/s3-limits.ts'
import { rejectArgument } from '../../http/errors.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text, wrap } from '../../http/xml.ts'
import type { StoredObject } from '../../store/journal.ts'
import { commonPrefixes, type Page, page, readSelection, type Selection } from '../listing.ts'
import { countParameter, isoTime, owner, type S3Request } from '../request.ts'

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
