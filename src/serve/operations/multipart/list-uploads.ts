import { MAX_LISTED } from '../../../core/s3-limits.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text, wrap } from '../../http/xml.ts'
import { compareKeys } from '../../store/keys.ts'
import { commonPrefixes, page, readSelection } from '../listing.ts'
import { countParameter, isoTime, owner, type S3Request } from '../request.ts'

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
