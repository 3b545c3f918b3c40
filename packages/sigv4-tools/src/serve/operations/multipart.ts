import { randomBytes } from 'node:crypto'
import { isChecksumAlgorithm } from '../../../../../src/internal/checksums.ts'
import { MAX_LISTED, MAX_PARTS } from '../../../../../src/internal/s3.ts'
import { wrap } from '../../../../../src/internal/xml.ts'
import { rejectRequest } from '../http/errors.ts'
import { storedHeaders } from '../http/headers.ts'
import { readCopyRange } from '../http/ranges.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { text } from '../http/xml.ts'
import { checksumHeaders, requireComputed } from './checks.ts'
import { readSelection } from './lists.ts'
import { copySource } from './objects.ts'
import { receive, storeCopy } from './receive.ts'
import { countParameter, isoTime, owner, partNumber, type S3Request, skipBody, uploadOf } from './request.ts'

export function createUpload(request: S3Request): ServiceResponse {
  const { store, bucket, key, headers, now } = request
  const algorithm = headers.get('x-amz-checksum-algorithm')?.toUpperCase()
  if (algorithm !== undefined && !isChecksumAlgorithm(algorithm))
    rejectRequest('Checksum algorithm provided is unsupported.')
  if (algorithm !== undefined) requireComputed(algorithm, 'x-amz-checksum-algorithm')
  const type = headers.get('x-amz-checksum-type') ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  const isKnown = type === 'FULL_OBJECT' || type === 'COMPOSITE'
  const isImpossible = type === 'FULL_OBJECT' ? algorithm && !algorithm.startsWith('CRC') : algorithm === 'CRC64NVME'
  if (!isKnown || isImpossible)
    rejectRequest(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
  const id = randomBytes(24).toString('base64url')
  const stored = storedHeaders(headers)
  store.uploads.checkCount()
  store.makeBucket(bucket, now)
  store.uploads.start({ id, bucket, key, started: now, headers: stored, algorithm, type, parts: new Map() })
  return xmlResponse(
    'InitiateMultipartUploadResult',
    [text('Bucket', bucket), text('Key', key), text('UploadId', id)],
    algorithm ? { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type } : {},
  )
}

export function abortUpload(request: S3Request): ServiceResponse {
  request.store.uploads.remove(uploadOf(request))
  return { status: 204 }
}

export async function uploadPart(request: S3Request): Promise<ServiceResponse> {
  const number = partNumber(request)
  const upload = uploadOf(request)
  const received = await receive(request)
  const expected = upload.algorithm
  const actual = received.checksum?.algorithm
  if (expected && actual && expected !== actual) {
    request.store.drop(received.content)
    rejectRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`,
    )
  }
  request.store.uploads.addPart(upload, number, { ...received, modified: request.now })
  return { status: 200, headers: { etag: `"${received.md5}"`, ...checksumHeaders(received.checksum) } }
}

export async function uploadPartCopy(request: S3Request): Promise<ServiceResponse> {
  const number = partNumber(request)
  const upload = uploadOf(request)
  await skipBody(request)
  const { object } = copySource(request)
  const { size } = object.content
  const range = readCopyRange(request.headers.get('x-amz-copy-source-range'), size) ?? { start: 0, end: size }
  const received = await storeCopy(request.store, object, range)
  const modified = request.now
  request.store.uploads.addPart(upload, number, { ...received, modified })
  return xmlResponse('CopyPartResult', [text('LastModified', isoTime(modified)), text('ETag', `"${received.md5}"`)])
}

export function listParts(request: S3Request): ServiceResponse {
  const upload = uploadOf(request)
  const max = countParameter(request, 'max-parts', MAX_LISTED)
  const marker = countParameter(request, 'part-number-marker', MAX_PARTS, 0)
  const { encode, elements } = readSelection(request)
  const numbers = [...upload.parts.keys()].filter((number) => number > marker).sort((a, b) => a - b)
  const listed = numbers.slice(0, max)
  return xmlResponse('ListPartsResult', [
    text('Bucket', upload.bucket),
    text('Key', encode(upload.key)),
    text('UploadId', upload.id),
    ...elements,
    owner('Initiator', request),
    owner('Owner', request),
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
  ])
}
