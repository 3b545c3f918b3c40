import { randomBytes } from 'node:crypto'
import { rejectRequest } from '../../http/errors.ts'
import { storedHeaders } from '../../http/headers.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text } from '../../http/xml.ts'
import { isChecksumAlgorithm } from '../../store/checksums.ts'
import { type S3Request, uploadOf } from '../request.ts'

export function createUpload(request: S3Request): ServiceResponse {
  const { store, bucket, key, header, now } = request
  const algorithm = header('x-amz-checksum-algorithm')?.toUpperCase()
  if (algorithm !== undefined && !isChecksumAlgorithm(algorithm))
    rejectRequest('Checksum algorithm provided is unsupported.')
  const type = header('x-amz-checksum-type') ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')
  const isFull = type === 'FULL_OBJECT'
  const isKnown = isFull ? !algorithm?.startsWith('SHA') : type === 'COMPOSITE' && algorithm !== 'CRC64NVME'
  if (!isKnown) rejectRequest(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
  const id = randomBytes(24).toString('base64url')
  const headers = storedHeaders(request)
  store.uploads.checkCount()
  store.makeBucket(bucket, now)
  store.uploads.start({
    id,
    bucket,
    key,
    started: now,
    headers,
    algorithm,
    type: isFull ? type : 'COMPOSITE',
    parts: new Map(),
  })
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
