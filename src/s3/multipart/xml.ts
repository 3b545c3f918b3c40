import { fail } from '../../core/errors.ts'
import { isObject } from '../../core/kind.ts'
import { element, escapeXml, S3_NAMESPACE, unescapeXml, wrap, XML_DECLARATION } from '../../received/xml.ts'
import { isChecksumAlgorithm } from '../checksums.ts'
import { MAX_PARTS } from '../limits.ts'
import { type ChecksumType, checkChecksum, isSameChecksum, type PartChecksum, rejectPartNumber } from './plan.ts'

/** An uploaded part. */
export interface UploadedPart {
  readonly partNumber: number
  /** The ETag in S3's response, quoted or not. */
  readonly etag: string
  /** Size in bytes, as S3 lists it. */
  readonly size?: number
  /** Its checksum, which S3 compares with the one that it keeps: of a presigned part, or as S3 lists it. */
  readonly checksum?: PartChecksum | undefined
}

/** The checksum of an object, as S3 keeps it. One of the checksums of N parts ends with `-N`. */
export interface ObjectChecksum extends PartChecksum {
  readonly type?: ChecksumType
}

/** S3's response to a request of a multipart upload. */
export type MultipartResponse =
  | { readonly kind: 'created'; readonly uploadId: string }
  | { readonly kind: 'parts'; readonly parts: readonly UploadedPart[] }
  | { readonly kind: 'completed'; readonly etag: string; readonly checksum?: ObjectChecksum }
  | { readonly kind: 'error'; readonly awsCode: string; readonly message: string }
  | { readonly kind: 'unreadable' }

/**
 * Returns the body of the request that completes a multipart upload.
 *
 * @param parts - Number and ETag of each part, and its checksum if it has one, in any order; the same part may be listed
 * twice.
 * @param partCount - The expected number, from `presignMultipartUpload`: a missing part is then an error. S3 would
 * complete the upload without its last parts, and truncate the object.
 * @returns An XML document.
 * @throws `TypeError` with `ERR_INVALID_ARG_VALUE` if a part is missing, has two ETags or checksums, or has
 * no ETag.
 * @example
 * ```ts
 * import { multipartCompletionBody } from 'sigv4'
 *
 * const body = multipartCompletionBody([{ partNumber: 1, etag: '"7c12772809c1c0c3deda6103b10fdfa0"' }], 1)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function multipartCompletionBody(parts: Iterable<UploadedPart>, partCount?: number): string {
  if (!isObject(parts) || !(Symbol.iterator in parts))
    fail('ERR_INVALID_ARG_TYPE', 'parts', 'type', 'Pass a list of { partNumber, etag }.')
  if (partCount !== undefined && !Number.isInteger(partCount)) fail('ERR_INVALID_ARG_VALUE', 'partCount', 'invalid')
  const known = new Map<number, { readonly value: string; readonly checksum: PartChecksum | undefined }>()
  for (const part of parts) {
    const { partNumber, etag, checksum } = (part ?? {}) as UploadedPart
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PARTS) rejectPartNumber('parts', MAX_PARTS)
    // quoted as in RFC 9110 section 8.8.3; proxies may prefix W/
    const [, , value] = /^(?:W\/)?("?)([!#-~]+)\1$/.exec(typeof etag === 'string' ? etag : '') ?? []
    if (value === undefined)
      fail(
        'ERR_INVALID_ARG_VALUE',
        `The etag of part ${partNumber}`,
        'missing',
        "For uploads from a web page, expose the ETag header in the bucket's CORS rule.",
      )
    if (checksum !== undefined) checkChecksum(checksum, 'parts.checksum', partNumber)
    const other = known.get(partNumber)
    const isOther = checksum && other?.checksum && !isSameChecksum(checksum, other.checksum)
    if (isOther || (other && other.value !== value))
      fail(
        'ERR_INVALID_ARG_VALUE',
        `Part ${partNumber}`,
        'conflict',
        `Its ${isOther ? 'checksums' : 'ETags'} differ. Pass only the more recent one.`,
      )
    known.set(partNumber, { value, checksum: checksum ?? other?.checksum })
  }
  let previous = 0
  let body = ''
  for (const [partNumber, { value, checksum }] of [...known].sort(([one], [other]) => one - other)) {
    if (partCount !== undefined && partNumber !== previous + 1) rejectMissing(previous + 1)
    previous = partNumber
    body += wrap(
      'Part',
      wrap('PartNumber', String(partNumber)),
      wrap('ETag', `"${escapeXml(value)}"`),
      checksum ? wrap(`Checksum${checksum.algorithm}`, checksum.value) : '',
    )
  }
  if (previous === 0 || (partCount !== undefined && previous < partCount)) rejectMissing(previous + 1)
  if (partCount !== undefined && previous > partCount)
    fail('ERR_INVALID_ARG_VALUE', `Part ${previous}`, 'range', `partCount is ${partCount}.`)
  return `${XML_DECLARATION}<CompleteMultipartUpload xmlns="${S3_NAMESPACE}">${body}</CompleteMultipartUpload>`
}

function rejectMissing(partNumber: number): never {
  fail('ERR_INVALID_ARG_VALUE', `Part ${partNumber}`, 'missing', 'Upload it before completing the upload.')
}

/**
 * Parses S3's response to `create`, `list` or `complete` of a multipart upload. The response to `complete` may have status
 * 200 and contain an error, or may be truncated: the object exists if, and only if, `kind` is `'completed'`.
 *
 * @param text - The body of the response.
 * @returns By `kind`: `'created'` with `uploadId`, `'parts'` with `parts`, `'completed'` with `etag` and `checksum`,
 * `'error'` with `awsCode` and `message`, or `'unreadable'` for anything else.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if `text` is not a string.
 * @example
 * ```ts
 * import { multipartCompletionBody, parseMultipartResponse, type PresignedMultipartParts, type UploadedPart } from 'sigv4'
 *
 * async function complete(upload: PresignedMultipartParts, parts: UploadedPart[]): Promise<void> {
 *   const body = multipartCompletionBody(parts, upload.partCount)
 *   const response = await fetch(upload.complete.url, { ...upload.complete, body })
 *   const result = parseMultipartResponse(await response.text())
 *   if (result.kind !== 'completed') throw new Error(result.kind === 'error' ? result.message : 'Try again')
 * }
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function parseMultipartResponse(text: string): MultipartResponse {
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', 'text', 'type', 'Pass the body of a response.')
  const [, root, content] = /^\s*(?:<\?[^>]*\?>\s*)?<(\w+)(?:\s[^>]*)?>(.*)<\/\1>\s*$/s.exec(text) ?? []
  if (root === undefined || content === undefined) return { kind: 'unreadable' }
  if (root === 'Error')
    return { kind: 'error', awsCode: element(content, 'Code') ?? '', message: element(content, 'Message') ?? '' }
  if (root === 'InitiateMultipartUploadResult') {
    const uploadId = element(content, 'UploadId')
    if (uploadId) return { kind: 'created', uploadId }
  }
  if (root === 'CompleteMultipartUploadResult') {
    const etag = element(content, 'ETag')
    const type = element(content, 'ChecksumType')
    const checksum = readChecksum(content)
    if (etag && checksum)
      return { kind: 'completed', etag, checksum: type ? { ...checksum, type: type as ChecksumType } : checksum }
    if (etag) return { kind: 'completed', etag }
  }
  if (root === 'ListPartsResult') {
    const parts = content
      .split('<Part>')
      .slice(1)
      .map((part) => {
        const checksum = readChecksum(part)
        return {
          partNumber: Number(element(part, 'PartNumber')),
          etag: element(part, 'ETag') ?? '',
          size: Number(element(part, 'Size')),
          ...(checksum && { checksum }),
        }
      })
    if (parts.every(({ partNumber, etag, size }) => partNumber > 0 && etag && size >= 0))
      return { kind: 'parts', parts }
  }
  return { kind: 'unreadable' }
}

function readChecksum(content: string): PartChecksum | undefined {
  const [, algorithm, value] = /<Checksum([A-Z\d]+)>([^<]+)</.exec(content) ?? []
  return isChecksumAlgorithm(algorithm) ? { algorithm, value: unescapeXml(value!) } : undefined
}
