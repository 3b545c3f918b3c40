import { rejectRequest } from '../../http/errors.ts'
import { readCopyRange } from '../../http/ranges.ts'
import { type ServiceResponse, xmlResponse } from '../../http/response.ts'
import { text } from '../../http/xml.ts'
import { checksumHeaders } from '../checks.ts'
import { copySource } from '../object/copy-object.ts'
import { receive, storeCopy } from '../receive.ts'
import { isoTime, partNumber, type S3Request, skipBody, uploadOf, wholeSecond } from '../request.ts'

export async function uploadPart(request: S3Request): Promise<ServiceResponse> {
  const number = partNumber(request)
  const upload = uploadOf(request)
  const received = await receive(request)
  if (received.checksum && upload.algorithm && received.checksum.algorithm !== upload.algorithm) {
    request.store.drop(received.content)
    const names = [upload.algorithm, received.checksum.algorithm].map((name) => name.toLowerCase())
    rejectRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${names[0]}, actual checksum Type: ${names[1]}`,
    )
  }
  request.store.uploads.addPart(upload, number, { ...received, modified: wholeSecond(request.now) })
  return { status: 200, headers: { etag: `"${received.md5}"`, ...checksumHeaders(received.checksum) } }
}

export async function uploadPartCopy(request: S3Request): Promise<ServiceResponse> {
  const number = partNumber(request)
  const upload = uploadOf(request)
  await skipBody(request)
  const { object } = copySource(request)
  const { size } = object.content
  const range = readCopyRange(request.header('x-amz-copy-source-range'), size) ?? { start: 0, end: size }
  const received = await storeCopy(request.store, object, range)
  const modified = wholeSecond(request.now)
  request.store.uploads.addPart(upload, number, { ...received, modified })
  return xmlResponse('CopyPartResult', [text('LastModified', isoTime(modified)), text('ETag', `"${received.md5}"`)])
}
