import { MAX_LISTED, MAX_PARTS } from '../../../core/s3-limits.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text, wrap } from '../../http/xml.ts'
import { readSelection } from '../listing.ts'
import { countParameter, isoTime, owner, type S3Request, uploadOf } from '../request.ts'

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
