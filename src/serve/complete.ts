import { createHash } from 'node:crypto'
import { type Call, decodeUtf8, readSmall, wholeSecond } from './call.ts'
import { type Checksum, checksumHeader, checksumOf, createDigest } from './checksums.ts'
import { writeCondition } from './conditions.ts'
import { S3Error } from './errors.ts'
import { checksumElement } from './objects.ts'
import { type ServiceResponse, xmlResponse } from './response.ts'
import type { MultipartUpload, Part } from './upload.ts'
import { removeUpload, uploadOf } from './uploads.ts'
import { childText, document, type Element, malformed, parseXml, text } from './xml.ts'

const MAX_DOCUMENT_SIZE = 4 * 1024 * 1024
const MIN_PART_SIZE = 5 * 1024 * 1024
const MAX_PARTS = 10_000

/** Creates an object from the parts that the request lists. */
export async function completeUpload(call: Call): Promise<ServiceResponse> {
  const { store, bucket, key, header, now, location } = call
  uploadOf(call)
  const condition = writeCondition(header, key)
  const bytes = await readSmall(call, MAX_DOCUMENT_SIZE)
  const upload = uploadOf(call) // The upload may have been aborted in the meantime.
  const root = parseXml(decodeUtf8(bytes), 'CompleteMultipartUpload', 10 * MAX_PARTS)
  const parts = readParts(root, upload)
  condition?.(store.bucket(bucket)?.get(key))
  const declared = upload.algorithm && header(checksumHeader(upload.algorithm))
  const etag = `${md5OfMd5s(parts)}-${parts.length}`
  call.uploads.delete(upload.id)
  let checksum: Checksum | undefined
  try {
    checksum = await checksumOfParts(upload, parts)
    if (declared !== undefined && declared !== checksum?.value)
      throw new S3Error('BadDigest', {}, `The ${upload.algorithm} you specified did not match the calculated checksum.`)
  } catch (error) {
    call.uploads.set(upload.id, upload)
    throw error
  }
  const sizes = parts.map((part) => part.content.size)
  const joined = store.join(parts.map((part) => part.content))
  const content = await joined.finally(() => removeUpload(call, upload, new Set(parts)))
  const { headers } = upload
  store.makeBucket(bucket, now)
  store.put(bucket, { key, content, etag, modified: wholeSecond(now), headers, checksum, parts: sizes }, condition)
  return xmlResponse(
    document(
      'CompleteMultipartUploadResult',
      text('Location', location),
      text('Bucket', bucket),
      text('Key', key),
      text('ETag', `"${etag}"`),
      checksumElement(checksum),
    ),
  )
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
    const etag = (childText(element, 'ETag') ?? malformed()).trim().replace(/^"(.*)"$/, '$1')
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
  if (type === 'FULL_OBJECT') {
    const digest = createDigest(algorithm)
    for (const { content } of parts) for await (const bytes of content.read(0, content.size)) digest.update(bytes)
    return { algorithm, type, value: digest.digest().toString('base64') }
  }
  if (parts.some(({ checksum }) => !checksum)) return undefined
  const all = Buffer.concat(parts.map(({ checksum }) => Buffer.from(checksum!.value, 'base64')))
  return { algorithm, type, value: `${checksumOf(algorithm, all).toString('base64')}-${parts.length}` }
}
