import type { Expires } from '../encoding/time.ts'
import { fail } from '../errors.ts'
import type { HeadersInput } from '../http/headers.ts'
import { isObject } from '../kind.ts'
import { checkMembers, members } from '../members.ts'
import { MAX_LISTED, MAX_OBJECT_SIZE, MAX_PARTS, MAX_UPLOAD_SIZE, MIN_PART_SIZE } from '../s3-limits.ts'
import type { Credentials } from '../signing/credentials.ts'
import type { PresignOptions, QueryInput, SigningOptions } from '../signing/options.ts'
import type { PresignedRequest } from '../signing/presign.ts'
import type { S3Object } from '../signing/target.ts'

const UPLOAD_OPTIONS = /* @__PURE__ */ members(
  'credentials size partSize expires region contentType headers signingDate',
)

const PARTS_OPTIONS = /* @__PURE__ */ members('credentials size partSize uploadId parts expires region signingDate')

const MiB = 1_048_576
const DEFAULT_PART_SIZE = 8_388_608

/** Options that all requests of a multipart upload share. */
interface MultipartOptions<Source> extends Pick<SigningOptions<Source>, 'credentials' | 'region' | 'signingDate'> {
  /** Size of the complete object in bytes: at most 48.8 TiB. */
  readonly size: number
  /**
   * Size of each part but the last, which may be smaller: 5 MiB to 5 GiB, and at most 10,000 parts.
   * @default 8 MiB, or the smallest number of MiB that requires at most 10,000 parts
   */
  readonly partSize?: number | undefined
  /** Lifetime of the requests: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default 900 */
  readonly expires?: Expires | undefined
}

/** Options of `presignMultipartUpload`. */
export interface PresignMultipartUploadOptions<Source = Credentials> extends MultipartOptions<Source> {
  /** Content type of the object. @default any; without one, S3 stores `binary/octet-stream` */
  readonly contentType?: string | undefined
  /** Headers of the object: `x-amz-meta-…`, `cache-control`, encryption. @default none */
  readonly headers?: HeadersInput | undefined
}

/** Options of `presignMultipartParts`. */
export interface PresignMultipartPartsOptions<Source = Credentials> extends MultipartOptions<Source> {
  /** The upload ID from the response to `create`. */
  readonly uploadId: string
  /** Numbers of the parts to presign, from 1 on; `[]` for none. @default all */
  readonly parts?: Iterable<number> | undefined
}

/** The division of an object into parts. */
export interface MultipartPlan {
  readonly size: number
  readonly partSize: number
  readonly partCount: number
}

/** The start of a multipart upload. */
export interface PresignedMultipartUpload extends MultipartPlan {
  /** Starts the upload; {@link parseMultipartResponse} finds the upload ID in the response. */
  readonly create: PresignedRequest
}

/** A part, and the request that uploads it: the bytes from `start` up to but not including `end`. */
export interface PresignedPart extends PresignedRequest {
  readonly partNumber: number
  readonly start: number
  readonly end: number
}

/** The remaining requests of a multipart upload. */
export interface PresignedMultipartParts extends MultipartPlan {
  readonly uploadId: string
  readonly parts: readonly PresignedPart[]
  /** Requests that list the uploaded parts, 1,000 each: send all of them. After a gap, two may list the same part. */
  readonly list: readonly PresignedRequest[]
  /** Assembles the object; the body is {@link multipartCompletionBody}. */
  readonly complete: PresignedRequest
  /** Aborts the upload and deletes its parts. */
  readonly abort: PresignedRequest
}

/** The parts of an upload, before their requests are signed. */
export interface PartsPlan {
  readonly plan: MultipartPlan & { readonly uploadId: string }
  readonly parts: readonly Omit<PresignedPart, keyof PresignedRequest>[]
}

/** Divides an object into parts within S3's limits. */
function planMultipart({ size, partSize }: { size: number; partSize?: number | undefined }): MultipartPlan {
  if (!Number.isInteger(size) || size < 0 || size > MAX_OBJECT_SIZE)
    fail('ERR_INVALID_ARG_VALUE', 'options.size', 'invalid', 'Pass a whole number of bytes, at most 48.8 TiB.')
  const length = partSize ?? Math.max(DEFAULT_PART_SIZE, Math.ceil(size / MAX_PARTS / MiB) * MiB)
  if (!Number.isInteger(length) || length < MIN_PART_SIZE || length > MAX_UPLOAD_SIZE)
    fail('ERR_INVALID_ARG_VALUE', 'options.partSize', 'invalid', 'Pass a whole number of bytes from 5 MiB to 5 GiB.')
  const partCount = Math.max(1, Math.ceil(size / length))
  if (partCount > MAX_PARTS)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.partSize',
      'range',
      `S3 accepts at most ${MAX_PARTS} parts. Pass at least ${Math.ceil(size / MAX_PARTS)}, or omit it.`,
    )
  return { size, partSize: length, partCount }
}

/** Reads the options of `presignMultipartUpload`: how to divide the object, and the request to presign. */
export function readMultipartUpload<Source>(options: PresignMultipartUploadOptions<Source>): {
  readonly plan: MultipartPlan
  readonly step: { readonly method: string; readonly options: PresignOptions<Source> }
} {
  checkMembers('options', options, UPLOAD_OPTIONS)
  const { contentType, headers } = options
  return {
    plan: planMultipart(options),
    step: { method: 'POST', options: { ...shared(options), contentType, headers, query: { uploads: '' } } },
  }
}

/** Reads the options of `presignMultipartParts`. */
export function readMultipartParts(options: PresignMultipartPartsOptions<unknown>): PartsPlan {
  checkMembers('options', options, PARTS_OPTIONS)
  const plan = planMultipart(options)
  const { uploadId, parts: numbers } = options
  const { size, partSize, partCount } = plan
  if (typeof uploadId !== 'string' || uploadId === '')
    fail(
      'ERR_INVALID_ARG_TYPE',
      'options.uploadId',
      'type',
      'Get it from the response to create with parseMultipartResponse.',
    )
  const parts = [...readNumbers(numbers, partCount)].map((partNumber) => {
    const start = (partNumber - 1) * partSize
    return { partNumber, start, end: Math.min(start + partSize, size) }
  })
  return { plan: { ...plan, uploadId }, parts }
}

/** Calls `read` for each request: complete, abort, the parts, the lists. */
export function multipartRequests<Source, Input>(
  { plan, parts }: PartsPlan,
  options: PresignMultipartPartsOptions<Source>,
  read: (method: string, options: PresignOptions<Source>) => Input,
): Input[] {
  const { uploadId, partCount } = plan
  const { credentials, region, expires, signingDate } = options
  // a spread would take longer than a signature
  const request = (method: string, query: QueryInput, contentType?: string, contentLength?: number): Input =>
    read(method, { credentials, region, expires, signingDate, query, contentType, contentLength })
  const pages = Array.from({ length: Math.ceil(partCount / MAX_LISTED) }, (_, page) => page * MAX_LISTED)
  return [
    // axios would declare the body as a form, and servers would parse it as one
    request('POST', { uploadId }, 'application/xml'),
    request('DELETE', { uploadId }),
    ...parts.map(({ partNumber, start, end }) => request('PUT', { uploadId, partNumber }, undefined, end - start)),
    ...pages.map((marker) => request('GET', { uploadId, 'max-parts': MAX_LISTED, 'part-number-marker': marker })),
  ]
}

/** Assigns the signed requests of {@link multipartRequests}. */
export function presignedParts(
  { plan, parts }: PartsPlan,
  requests: readonly PresignedRequest[],
): PresignedMultipartParts {
  const [complete, abort, ...others] = requests
  return {
    ...plan,
    parts: parts.map(({ partNumber, start, end }, i) => {
      const { method, url, headers, expiresAt, limitedBy } = others[i]!
      const part = { partNumber, start, end, method, url, headers, expiresAt }
      return limitedBy ? { ...part, limitedBy } : part
    }),
    list: others.slice(parts.length),
    complete: complete!,
    abort: abort!,
  }
}

/** Returns the options that all requests of an upload are signed with. */
function shared<Source>(options: MultipartOptions<Source>): PresignOptions<Source> {
  const { credentials, region, expires, signingDate } = options
  return { credentials, region, expires, signingDate }
}

function readNumbers(given: Iterable<number> | undefined, partCount: number): Iterable<number> {
  if (given === undefined) return Array.from({ length: partCount }, (_, i) => i + 1)
  if (!isObject(given) || !(Symbol.iterator in given))
    fail('ERR_INVALID_ARG_TYPE', 'options.parts', 'type', 'Pass a list of part numbers.')
  const numbers = new Set(given)
  for (const number of numbers)
    if (!Number.isInteger(number) || number < 1 || number > partCount) rejectPartNumber('options.parts', partCount)
  return numbers
}

/** Throws for a part number that the upload cannot have. */
export function rejectPartNumber(argument: string, most: number): never {
  fail('ERR_INVALID_ARG_VALUE', argument, 'range', `Pass part numbers from 1 to ${most}.`)
}

/** Throws if a target has no key, which a multipart upload requires. */
export function checkKey(target: S3Object): void {
  if (typeof target?.key !== 'string' || target.key === '')
    fail('ERR_INVALID_ARG_VALUE', 'target.key', 'missing', 'Pass an S3 object, { bucket, key }.')
}
