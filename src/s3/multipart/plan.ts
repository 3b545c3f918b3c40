import type { Expires } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import type { HeadersInput } from '../../core/http/headers.ts'
import { isObject } from '../../core/kind.ts'
import { checkMembers, members } from '../../core/members.ts'
import type { Credentials } from '../../core/signing/credentials.ts'
import type { ChecksumAlgorithm, PresignOptions, QueryInput, SigningOptions } from '../../core/signing/options.ts'
import type { PresignedRequest } from '../../core/signing/presign.ts'
import type { S3Object } from '../../core/signing/target.ts'
import { checkAlgorithm, checksumHeader, checksumLength } from '../checksums.ts'
import { MAX_LISTED, MAX_OBJECT_SIZE, MAX_PARTS, MAX_UPLOAD_SIZE, MIN_PART_SIZE } from '../limits.ts'

const UPLOAD_OPTIONS = /* @__PURE__ */ members(
  'credentials size partSize expires region contentType headers checksum checksumType now',
)

const PARTS_OPTIONS = /* @__PURE__ */ members('credentials size partSize uploadId parts expires region now')

const PART = /* @__PURE__ */ members('partNumber checksum')
const CHECKSUM = /* @__PURE__ */ members('algorithm value')

/** The checksums of which S3 keeps only one kind for a multipart upload; it keeps either kind of all others. */
const CHECKSUM_TYPES: { readonly [Algorithm in ChecksumAlgorithm]?: ChecksumType } = {
  CRC64NVME: 'FULL_OBJECT',
  SHA1: 'COMPOSITE',
  SHA256: 'COMPOSITE',
}

const MiB = 1_048_576
const DEFAULT_PART_SIZE = 8_388_608

/** Options that all requests of a multipart upload share. */
interface MultipartOptions<Source> extends Pick<SigningOptions<Source>, 'credentials' | 'region' | 'now'> {
  /** Size of the complete object in bytes: at most 48.8 TiB. */
  readonly size: number
  /**
   * Size of each part but the last, which may be smaller: 5 MiB to 5 GiB, and at most 10,000 parts.
   * @default 8 MiB, or the smallest number of MiB that requires at most 10,000 parts
   */
  readonly partSize?: number | undefined
  /** Lifetime of the requests: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default `'15m'` */
  readonly expires?: Expires | undefined
}

/** The data from which the checksum of an object is computed: the checksums of its parts, or all of its bytes. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT'

/** The checksum of a part, which S3 verifies and keeps. `sigv4/streams` computes it: `crc32c` and others. */
export interface PartChecksum {
  /** Name of the checksum, as in S3's API. */
  readonly algorithm: ChecksumAlgorithm
  /** Value in Base64: of `CRC32C`, 8 characters. */
  readonly value: string
}

/** A part to presign. */
export interface PartToPresign {
  /** Number of the part, from 1 on. */
  readonly partNumber: number
  /** Checksum of its bytes: S3 rejects any others. @default none */
  readonly checksum?: PartChecksum | undefined
}

/** Options of `presignMultipartUpload`. */
export interface PresignMultipartUploadOptions<Source = Credentials> extends MultipartOptions<Source> {
  /** Content type of the object. @default any; without one, S3 stores `binary/octet-stream` */
  readonly contentType?: string | undefined
  /** Headers of the object: `x-amz-meta-…`, `cache-control`, encryption. @default none */
  readonly headers?: HeadersInput | undefined
  /** Name of the checksum that all parts have, such as `'CRC32C'`: `x-amz-checksum-algorithm`. @default what the service chooses */
  readonly checksum?: ChecksumAlgorithm | undefined
  /**
   * Input of the checksum of the object: the checksums of its parts (`'COMPOSITE'`), or all of its bytes
   * (`'FULL_OBJECT'`): `x-amz-checksum-type`. Requires `checksum`.
   * @default what the service chooses: on S3, `'FULL_OBJECT'` for CRC64NVME, otherwise `'COMPOSITE'`
   */
  readonly checksumType?: ChecksumType | undefined
}

/** Options of `presignMultipartParts`. */
export interface PresignMultipartPartsOptions<Source = Credentials> extends MultipartOptions<Source> {
  /** The upload ID from the response to `create`. */
  readonly uploadId: string
  /** Parts to presign: their numbers, from 1 on, or `{ partNumber, checksum }`; `[]` for none. @default all */
  readonly parts?: Iterable<number | PartToPresign> | undefined
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
  /** The checksum in `options.parts`, if any, for {@link multipartCompletionBody}. */
  readonly checksum?: PartChecksum
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
  readonly own: PresignOptions<Source>
} {
  checkMembers('options', options, UPLOAD_OPTIONS)
  const { credentials, region, expires, now, contentType } = options
  const headers = withChecksum(options)
  return {
    plan: planMultipart(options),
    own: { credentials, region, expires, now, contentType, headers, query: { uploads: '' } },
  }
}

/** Returns the headers of an upload, with those that specify its checksum. */
function withChecksum(options: PresignMultipartUploadOptions<unknown>): HeadersInput | undefined {
  const { headers, checksum, checksumType } = options
  if (checksum === undefined) {
    if (checksumType !== undefined)
      fail('ERR_INVALID_ARG_VALUE', 'options.checksum', 'missing', 'options.checksumType requires it.')
    return headers
  }
  checkAlgorithm(checksum, 'options.checksum')
  const only = CHECKSUM_TYPES[checksum]
  if (checksumType !== undefined && !(only ? checksumType === only : /^(?:COMPOSITE|FULL_OBJECT)$/.test(checksumType)))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'options.checksumType',
      'invalid',
      only ? `${checksum} requires '${only}'.` : "Pass 'COMPOSITE' or 'FULL_OBJECT'.",
    )
  const given = headers && Symbol.iterator in headers ? [...headers] : Object.entries(headers ?? {})
  for (const [name] of given)
    if (/^x-amz-checksum-(?:algorithm|type)$/i.test(name))
      fail('ERR_INVALID_ARG_VALUE', `options.headers["${name.toLowerCase()}"]`, 'conflict')
  const type = checksumType && (['x-amz-checksum-type', checksumType] as const)
  return [...given, ['x-amz-checksum-algorithm', checksum], ...(type ? [type] : [])] as HeadersInput
}

/** Throws unless the checksum of a part has the length of its algorithm. */
export function checkChecksum(checksum: PartChecksum, argument: string, partNumber: number): void {
  if (!isObject(checksum) || 'create' in checksum)
    fail('ERR_INVALID_ARG_TYPE', argument, 'type', "Pass { algorithm: 'CRC32C', value }.")
  checkMembers(argument, checksum, CHECKSUM)
  const { algorithm, value } = checksum
  checkAlgorithm(algorithm, `${argument}.algorithm`)
  const length = checksumLength(algorithm)
  if (typeof value !== 'string' || value.length !== length || !/^[a-z\d+/]+={0,2}$/i.test(value))
    fail(
      'ERR_INVALID_ARG_VALUE',
      `${argument}.value`,
      'invalid',
      `Pass ${length} characters of Base64 for part ${partNumber}.`,
    )
}

export function isSameChecksum(one: PartChecksum, other: PartChecksum): boolean {
  return one.algorithm === other.algorithm && one.value === other.value
}

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
  const parts = [...readNumbers(numbers, partCount)].map(([partNumber, checksum]) => {
    const start = (partNumber - 1) * partSize
    const part = { partNumber, start, end: Math.min(start + partSize, size) }
    return checksum ? { ...part, checksum } : part
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
  const { credentials, region, expires, now } = options
  // a spread would take longer than a signature
  const request = (
    method: string,
    query: QueryInput,
    contentType?: string,
    contentLength?: number,
    headers?: HeadersInput,
  ): Input => read(method, { credentials, region, expires, now, query, contentType, contentLength, headers })
  const pages = Array.from({ length: Math.ceil(partCount / MAX_LISTED) }, (_, page) => page * MAX_LISTED)
  return [
    // axios would declare the body as a form, and servers would parse it as one
    request('POST', { uploadId }, 'application/xml'),
    request('DELETE', { uploadId }),
    ...parts.map(({ partNumber, start, end, checksum }) =>
      request(
        'PUT',
        { uploadId, partNumber },
        undefined,
        end - start,
        checksum && { [checksumHeader(checksum.algorithm)]: checksum.value },
      ),
    ),
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
    parts: parts.map(({ partNumber, start, end, checksum }, i) => {
      const { method, url, headers, expiresAt, limitedBy } = others[i]!
      const part = { partNumber, start, end, method, url, headers, expiresAt }
      return limitedBy || checksum ? { ...part, ...(checksum && { checksum }), ...(limitedBy && { limitedBy }) } : part
    }),
    list: others.slice(parts.length),
    complete: complete!,
    abort: abort!,
  }
}

/** Returns the numbers of the parts to presign, and their checksums. */
function readNumbers(
  given: Iterable<number | PartToPresign> | undefined,
  partCount: number,
): Iterable<readonly [partNumber: number, checksum?: PartChecksum | undefined]> {
  if (given === undefined) return Array.from({ length: partCount }, (_, i) => [i + 1] as const)
  if (!isObject(given) || !(Symbol.iterator in given))
    fail('ERR_INVALID_ARG_TYPE', 'options.parts', 'type', 'Pass a list of part numbers.')
  const parts = new Map<number, PartChecksum | undefined>()
  for (const each of given) {
    const isPart = isObject(each)
    if (isPart) checkMembers('options.parts', each, PART)
    const partNumber = isPart ? each.partNumber : each
    const checksum = isPart ? each.checksum : undefined
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > partCount)
      rejectPartNumber('options.parts', partCount)
    if (checksum !== undefined) checkChecksum(checksum, 'options.parts.checksum', partNumber)
    const known = parts.get(partNumber)
    if (known && !(checksum && isSameChecksum(known, checksum)))
      fail('ERR_INVALID_ARG_VALUE', 'options.parts.checksum', 'conflict', `Pass one for part ${partNumber}.`)
    // what the caller changes later has no effect
    parts.set(partNumber, checksum && { algorithm: checksum.algorithm, value: checksum.value })
  }
  return parts
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
