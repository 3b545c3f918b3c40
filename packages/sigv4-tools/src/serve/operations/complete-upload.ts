import { createHash } from 'node:crypto'
import { checksumHeader } from '../../../../../src/internal/checksums.ts'
import { MAX_PARTS, MIN_PART_SIZE } from '../../../../../src/internal/s3.ts'
import { S3Error } from '../http/errors.ts'
import { type ServiceResponse, xmlResponse } from '../http/response.ts'
import { childText, type Element, malformed, parseXml, text } from '../http/xml.ts'
import { type Checksum, startChecksum } from '../store/checksums.ts'
import type { MultipartUpload, Part } from '../store/uploads.ts'
import { checkDigest, checksumElement } from './checks.ts'
import { writeCondition } from './conditions.ts'
import { readSmall, type S3Request, uploadOf } from './request.ts'

/** Maximum size of a list of parts. */
const MAX_LIST_SIZE = 4 * 1024 * 1024

/** Creates an object from the parts that the request lists. */
export async function completeUpload(request: S3Request): Promise<ServiceResponse> {
  const { store, bucket, key, headers, now, location } = request
  uploadOf(request)
  const condition = writeCondition(headers, key)
  const bytes = await readSmall(store, request.body, MAX_LIST_SIZE)
  const upload = uploadOf(request) // The upload may have been aborted in the meantime.
  const root = parseXml(bytes, 'CompleteMultipartUpload', 10 * MAX_PARTS)
  const parts = readParts(root, upload)
  condition?.(store.find(bucket, key))
  const declared = upload.algorithm && headers.get(checksumHeader(upload.algorithm))
  const etag = `${md5OfMd5s(parts)}-${parts.length}`
  store.uploads.hide(upload)
  let checksum: Checksum | undefined
  try {
    checksum = await checksumOfParts(upload, parts)
    if (upload.algorithm && declared !== undefined) checkDigest(upload.algorithm, checksum?.value, declared)
  } catch (error) {
    store.uploads.show(upload)
    throw error
  }
  const contents = parts.map((part) => part.content)
  const sizes = contents.map(({ size }) => size)
  const content = await store.join(contents).finally(() => store.uploads.remove(upload, new Set(parts)))
  store.put(bucket, { key, content, etag, modified: now, headers: upload.headers, checksum, parts: sizes }, condition)
  return xmlResponse('CompleteMultipartUploadResult', [
    text('Location', location),
    text('Bucket', bucket),
    text('Key', key),
    text('ETag', `"${etag}"`),
    checksumElement(checksum),
  ])
}

/** Returns the listed parts in order. */
function readParts(root: Element, upload: MultipartUpload): Part[] {
  const listed = root.children.filter(({ name }) => name === 'Part')
  if (listed.length === 0 || listed.length > MAX_PARTS) malformed()
  let before = 0
  const parts = listed.map((element) => {
    const digits = childText(element, 'PartNumber')?.trim() ?? ''
    if (!/^[1-9]\d{0,4}$/.test(digits)) malformed()
    const number = Number(digits)
    if (number <= before) throw new S3Error('InvalidPartOrder', { UploadId: upload.id })
    before = number
    const etag = childText(element, 'ETag')
      ?.trim()
      .replace(/^"(.*)"$/, '$1')
    if (etag === undefined) malformed()
    const part = upload.parts.get(number)
    const { checksum } = part ?? {}
    const value = checksum && childText(element, `Checksum${checksum.algorithm}`)?.trim()
    if (part?.md5 !== etag || (value !== undefined && value !== checksum?.value))
      throw new S3Error('InvalidPart', { UploadId: upload.id, PartNumber: number, ETag: etag })
    return { number, part }
  })
  for (const { number, part } of parts.slice(0, -1)) {
    const { size } = part.content
    if (size < MIN_PART_SIZE)
      throw new S3Error('EntityTooSmall', {
        ProposedSize: size,
        MinSizeAllowed: MIN_PART_SIZE,
        PartNumber: number,
        ETag: part.md5,
      })
  }
  return parts.map(({ part }) => part)
}

function md5OfMd5s(parts: readonly Part[]): string {
  const hash = createHash('md5')
  for (const { md5 } of parts) hash.update(md5, 'hex')
  return hash.digest('hex')
}

/** Computes the checksum of all bytes, or of the part checksums. */
async function checksumOfParts(
  { algorithm, type }: MultipartUpload,
  parts: readonly Part[],
): Promise<Checksum | undefined> {
  if (!algorithm) return undefined
  const computed = startChecksum(algorithm)
  if (type === 'FULL_OBJECT') {
    for (const { content } of parts) for await (const bytes of content.read(0, content.size)) computed.update(bytes)
    return { algorithm, type, value: computed.digest() }
  }
  if (parts.some(({ checksum }) => !checksum)) return undefined
  for (const { checksum } of parts) computed.update(Buffer.from(checksum!.value, 'base64'))
  return { algorithm, type, value: `${computed.digest()}-${parts.length}` }
}
