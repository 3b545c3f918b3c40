import { isObject } from './body.ts'
import { fail } from './errors.ts'
import { unescapeXml } from './xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MOST_PARTS = 10_000

/** A part that S3 has. */
export interface UploadedPart {
  readonly partNumber: number
  /** The ETag that S3 answered with, quoted or not. */
  readonly etag: string
  /** In bytes; S3 says so in its list. */
  readonly size?: number
}

/** What S3 said to a request of an upload in parts. */
export type UploadAnswer =
  | { readonly kind: 'created'; readonly uploadId: string }
  | { readonly kind: 'parts'; readonly parts: readonly UploadedPart[] }
  | { readonly kind: 'completed'; readonly etag: string }
  | { readonly kind: 'refused'; readonly awsCode: string; readonly message: string }
  | { readonly kind: 'unreadable' }

/**
 * The body of the request that completes an upload: all of its parts, in order.
 *
 * @param parts - Number and ETag of each part, in any order; the same part may be listed twice.
 * @param partCount - How many there must be, as `presignUpload` says: what is missing is then an error here. An upload
 * that is completed without its last parts makes an object that ends early.
 * @returns A document of XML.
 * @throws `TypeError` with `ERR_INVALID_ARG_VALUE` if a part is missing, has two ETags, or has none.
 * @example
 * ```ts
 * import { completionBody } from 'sigv4'
 *
 * const body = completionBody([{ partNumber: 1, etag: '"7c12772809c1c0c3deda6103b10fdfa0"' }], 1)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function completionBody(parts: Iterable<UploadedPart>, partCount?: number): string {
  if (!isObject(parts) || !(Symbol.iterator in parts))
    fail('ERR_INVALID_ARG_TYPE', 'parts must be a list of { partNumber, etag }')
  if (partCount !== undefined && !Number.isInteger(partCount))
    fail('ERR_INVALID_ARG_VALUE', 'partCount must be the one that presignUpload gave')
  const known = new Map<number, string>()
  for (const part of parts) {
    const { partNumber, etag } = (part ?? {}) as UploadedPart
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MOST_PARTS)
      fail('ERR_INVALID_ARG_VALUE', `parts must have a partNumber each, from 1 to ${MOST_PARTS}`)
    // as RFC 9110 section 8.8.3 has it; weak is what a proxy made of it
    const [, , value] = /^(?:W\/)?("?)([!#-~]+)\1$/.exec(typeof etag === 'string' ? etag : '') ?? []
    if (value === undefined)
      fail(
        'ERR_INVALID_ARG_VALUE',
        `parts: number ${partNumber} has no etag: where a page uploads, the CORS rule of the bucket must expose ETag`,
      )
    if ((known.get(partNumber) ?? value) !== value)
      fail('ERR_INVALID_ARG_VALUE', `parts: number ${partNumber} is there twice, with two ETags: keep the later one`)
    known.set(partNumber, value)
  }
  let last = 0
  let body = ''
  for (const [partNumber, etag] of [...known].sort(([one], [other]) => one - other)) {
    if (partCount !== undefined && partNumber !== last + 1) refuseMissing(last + 1)
    last = partNumber
    const value = etag.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    body += `<Part><PartNumber>${partNumber}</PartNumber><ETag>"${value}"</ETag></Part>`
  }
  if (last === 0 || (partCount !== undefined && last < partCount)) refuseMissing(last + 1)
  if (partCount !== undefined && last > partCount)
    fail('ERR_INVALID_ARG_VALUE', `parts: there is a number ${last}, and partCount is ${partCount}`)
  return `<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</CompleteMultipartUpload>`
}

function refuseMissing(partNumber: number): never {
  fail('ERR_INVALID_ARG_VALUE', `parts: number ${partNumber} is missing: upload it before the upload is completed`)
}

/**
 * Reads what S3 answered to `create`, `list` or `complete` of an upload in parts. S3 may answer to `complete` with status
 * 200 and an error in the body, or end the answer early: the object is there if, and only if, `kind` is `'completed'`.
 *
 * @param text - The body of the answer.
 * @returns By `kind`: `'created'` with `uploadId`, `'parts'` with `parts`, `'completed'` with `etag`, `'refused'` with
 * `awsCode` and `message`, or `'unreadable'` for anything else.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` if it is given no text.
 * @example
 * ```ts
 * import { completionBody, type PresignedParts, readUploadAnswer, type UploadedPart } from 'sigv4'
 *
 * async function complete(upload: PresignedParts, parts: UploadedPart[]): Promise<void> {
 *   const body = completionBody(parts, upload.partCount)
 *   const response = await fetch(upload.complete.url, { ...upload.complete, body })
 *   const answer = readUploadAnswer(await response.text())
 *   if (answer.kind !== 'completed') throw new Error(answer.kind === 'refused' ? answer.message : 'Try again')
 * }
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function readUploadAnswer(text: string): UploadAnswer {
  if (typeof text !== 'string') fail('ERR_INVALID_ARG_TYPE', 'text must be the body of an answer')
  const [, root, content] = /^\s*(?:<\?[^>]*\?>\s*)?<(\w+)(?:\s[^>]*)?>(.*)<\/\1>\s*$/s.exec(text) ?? []
  if (root === undefined || content === undefined) return { kind: 'unreadable' }
  if (root === 'Error')
    return { kind: 'refused', awsCode: element(content, 'Code') ?? '', message: element(content, 'Message') ?? '' }
  if (root === 'InitiateMultipartUploadResult') {
    const uploadId = element(content, 'UploadId')
    if (uploadId) return { kind: 'created', uploadId }
  }
  if (root === 'CompleteMultipartUploadResult') {
    const etag = element(content, 'ETag')
    if (etag) return { kind: 'completed', etag }
  }
  if (root === 'ListPartsResult') {
    const parts = content
      .split('<Part>')
      .slice(1)
      .map((part) => ({
        partNumber: Number(element(part, 'PartNumber')),
        etag: element(part, 'ETag') ?? '',
        size: Number(element(part, 'Size')),
      }))
    if (parts.every(({ partNumber, etag, size }) => partNumber > 0 && etag && size >= 0))
      return { kind: 'parts', parts }
  }
  return { kind: 'unreadable' }
}

/** The text of the first element of a name that holds nothing but text. */
function element(content: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]*)</${name}>`).exec(content) ?? []
  return text === undefined ? undefined : unescapeXml(text)
}
