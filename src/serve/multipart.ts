import { randomBytes } from 'node:crypto'
import { checkBucketName, owner } from './buckets.ts'
import { bucketOf, type Call, countParameter, isoTime, skipBody, wholeSecond } from './call.ts'
import { isChecksumAlgorithm } from './checksums.ts'
import { readCopyRange } from './conditions.ts'
import { rejectArgument, S3Error } from './errors.ts'
import { commonPrefixes, encoder, page } from './list.ts'
import { bytesOf, checksumHeaders, copySource } from './objects.ts'
import { receive, storeBody, storedHeaders } from './receive.ts'
import { type ServiceResponse, xmlResponse } from './response.ts'
import { compareKeys } from './store.ts'
import { addPart, removeUpload, startUpload, uploadOf } from './uploads.ts'
import { document, text, wrap } from './xml.ts'

const MAX = 1000
const MAX_PART_NUMBER = 10_000
const MAX_UPLOADS = 1000

export async function createUpload(call: Call): Promise<ServiceResponse> {
  const { store, uploads, bucket, key, header, now } = call
  await skipBody(call)
  const algorithm = header('x-amz-checksum-algorithm')?.toUpperCase()
  if (algorithm !== undefined && !isChecksumAlgorithm(algorithm))
    throw new S3Error('InvalidRequest', {}, 'Checksum algorithm provided is unsupported.')
  const type = header('x-amz-checksum-type') ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  const isFull = type === 'FULL_OBJECT'
  if (
    (!isFull && type !== 'COMPOSITE') ||
    (isFull && algorithm?.startsWith('SHA')) ||
    (!isFull && algorithm === 'CRC64NVME')
  )
    throw new S3Error(
      'InvalidRequest',
      {},
      `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    )
  const id = randomBytes(24).toString('base64url')
  const headers = storedHeaders(call)
  if (uploads.size >= MAX_UPLOADS)
    throw new S3Error(
      'InsufficientStorage',
      {},
      `There are already ${MAX_UPLOADS} multipart uploads. Complete or abort some.`,
    )
  checkBucketName(bucket)
  store.makeBucket(bucket, now)
  const checksumType = isFull ? type : 'COMPOSITE'
  startUpload(call, { id, bucket, key, started: now, headers, algorithm, type: checksumType, parts: new Map() })
  return xmlResponse(
    document('InitiateMultipartUploadResult', text('Bucket', bucket), text('Key', key), text('UploadId', id)),
    algorithm ? { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type } : {},
  )
}

function partNumber({ query }: Call): number {
  const value = query.get('partNumber') ?? ''
  if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > MAX_PART_NUMBER)
    rejectArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', value)
  return Number(value)
}

export async function uploadPart(call: Call): Promise<ServiceResponse> {
  const number = partNumber(call)
  const upload = uploadOf(call)
  const received = await receive(call)
  if (received.checksum && upload.algorithm && received.checksum.algorithm !== upload.algorithm) {
    call.store.release(received.content)
    throw new S3Error(
      'InvalidRequest',
      {},
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${received.checksum.algorithm.toLowerCase()}`,
    )
  }
  addPart(call, number, { ...received, modified: wholeSecond(call.now) })
  return { status: 200, headers: { etag: `"${received.md5}"`, ...checksumHeaders(received.checksum) } }
}

export async function uploadPartCopy(call: Call): Promise<ServiceResponse> {
  const number = partNumber(call)
  uploadOf(call)
  await skipBody(call)
  const { object } = copySource(call)
  const { size } = object.content
  const range = readCopyRange(call.header('x-amz-copy-source-range'), size) ?? { start: 0, end: size }
  call.store.requireSpace(range.end - range.start)
  const received = await storeBody(call, bytesOf(call.store, object, range), {})
  const modified = wholeSecond(call.now)
  addPart(call, number, { ...received, modified })
  return xmlResponse(
    document('CopyPartResult', text('LastModified', isoTime(modified)), text('ETag', `"${received.md5}"`)),
  )
}

export async function abortUpload(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  removeUpload(call, uploadOf(call))
  return { status: 204 }
}

export async function listParts(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const upload = uploadOf(call)
  const max = countParameter(call, 'max-parts', MAX)
  const marker = countParameter(call, 'part-number-marker', MAX_PART_NUMBER, 0)
  const { encode, element } = encoder(call)
  const numbers = [...upload.parts.keys()].filter((number) => number > marker).sort((a, b) => a - b)
  const listed = numbers.slice(0, max)
  return xmlResponse(
    document(
      'ListPartsResult',
      text('Bucket', upload.bucket),
      text('Key', encode(upload.key)),
      text('UploadId', upload.id),
      element,
      owner('Initiator', call),
      owner('Owner', call),
      text('StorageClass', 'STANDARD'),
      text('PartNumberMarker', marker),
      text('NextPartNumberMarker', listed.at(-1) ?? 0),
      text('MaxParts', max),
      text('IsTruncated', numbers.length > listed.length),
      text('ChecksumAlgorithm', upload.algorithm),
      ...listed.map((number) => {
        const { modified, md5, content, checksum } = upload.parts.get(number)!
        return wrap(
          'Part',
          text('PartNumber', number),
          text('LastModified', isoTime(modified)),
          text('ETag', `"${md5}"`),
          text('Size', content.size),
          checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) : '',
        )
      }),
    ),
  )
}

export async function listUploads(call: Call): Promise<ServiceResponse> {
  await skipBody(call)
  const { query } = call
  const bucket = bucketOf(call)
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? '']
  const max = countParameter(call, 'max-uploads', MAX)
  const { encode, element } = encoder(call)
  const all = [...call.uploads.values()]
    .filter((upload) => upload.bucket === bucket.name)
    .sort((a, b) => compareKeys(a.key, b.key) || a.started - b.started || compareKeys(a.id, b.id))
  // A key can have several uploads. Those of the marker's key start after its upload ID.
  const sameKey = keyMarker === '' || idMarker === '' ? [] : all.filter(({ key }) => key === keyMarker)
  const rest = sameKey.slice(sameKey.findIndex(({ id }) => id === idMarker) + 1)
  const later = all.filter(({ key }) => compareKeys(key, keyMarker) > 0)
  const candidates = [...rest, ...later]
  const keys = [...new Set(candidates.map(({ key }) => key))]
  const { keys: plain, prefixes } = page(keys, { prefix, delimiter, after: '', max: keys.length + 1 })
  const isPlain = new Set(plain)
  const fitting = candidates.filter(({ key }) => isPlain.has(key))
  const listed = fitting.slice(0, max)
  const isTruncated = fitting.length > listed.length
  const last = listed.at(-1)
  return xmlResponse(
    document(
      'ListMultipartUploadsResult',
      text('Bucket', bucket.name),
      text('KeyMarker', encode(keyMarker)),
      text('UploadIdMarker', idMarker),
      isTruncated && last ? text('NextKeyMarker', encode(last.key)) + text('NextUploadIdMarker', last.id) : '',
      text('Prefix', encode(prefix)),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      element,
      text('MaxUploads', max),
      text('IsTruncated', isTruncated),
      ...listed.map(({ key, id, started, algorithm }) =>
        wrap(
          'Upload',
          text('Key', encode(key)),
          text('UploadId', id),
          owner('Initiator', call),
          owner('Owner', call),
          text('StorageClass', 'STANDARD'),
          text('Initiated', isoTime(started)),
          text('ChecksumAlgorithm', algorithm),
        ),
      ),
      ...commonPrefixes(prefixes, encode),
    ),
  )
}
