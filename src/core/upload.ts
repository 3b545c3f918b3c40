import { isObject } from './body.ts'
import { copyOptions } from './copy.ts'
import type { Credentials } from './credentials.ts'
import { fail } from './errors.ts'
import type { HeadersInput } from './headers.ts'
import type { PresignPutOptions, SigningOptions } from './options.ts'
import { MOST_PARTS } from './parts.ts'
import type { PresignedRequest } from './presign.ts'
import { checkOptions } from './request.ts'
import type { S3Object } from './target.ts'
import type { Expires } from './time.ts'

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const MiB = 1_048_576
const SMALLEST_PART = 5_242_880
const LARGEST_PART = 5_368_709_120
const LARGEST = 5_497_558_138_880
const USUAL_PART = 8_388_608
/** How many parts S3 lists in one answer. */
const PAGE = 1000

/** What every step of an upload in parts must be told alike. */
interface UploadOptions<Source> extends Pick<SigningOptions<Source>, 'credentials' | 'region' | 'signingDate'> {
  /** Size of the whole object in bytes: at most 5 TiB. */
  readonly size: number
  /**
   * Size of each part but the last, which may be smaller: 5 MiB to 5 GiB, and at most 10,000 parts.
   * @default 8 MiB, or as many whole MiB as it takes to stay below 10,000 parts
   */
  readonly partSize?: number | undefined
  /** How long the requests can be used: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; 7 days at most. @default 900 */
  readonly expires?: Expires | undefined
}

/** Options of `presignUpload`. */
export interface PresignUploadOptions<Source = Credentials> extends UploadOptions<Source> {
  /** Content type of the object. @default any may be sent, and without one S3 stores `binary/octet-stream` */
  readonly contentType?: string | undefined
  /** Headers of the object that the start is bound to: `x-amz-meta-…`, `cache-control`, encryption. @default none */
  readonly headers?: HeadersInput | undefined
}

/** Options of `presignParts`. */
export interface PresignPartsOptions<Source = Credentials> extends UploadOptions<Source> {
  /** What S3 called the upload when it answered to `create`. */
  readonly uploadId: string
  /** Numbers of the parts to presign, from 1 on; `[]` for none. @default all */
  readonly parts?: Iterable<number> | undefined
}

/** Where a large object is cut. */
export interface UploadPlan {
  readonly size: number
  readonly partSize: number
  readonly partCount: number
}

/** The start of an upload in parts. */
export interface PresignedUpload extends UploadPlan {
  /** Starts the upload; {@link readUploadAnswer} finds the upload id in the answer. */
  readonly create: PresignedRequest
}

/** A part, and the request that uploads it: the bytes from `start` up to `end`, which is not one of them. */
export interface PresignedPart extends PresignedRequest {
  readonly partNumber: number
  readonly start: number
  readonly end: number
}

/** What it takes to end an upload in parts that was started. */
export interface PresignedParts extends UploadPlan {
  readonly uploadId: string
  readonly parts: readonly PresignedPart[]
  /** Tell which parts S3 has already, 1,000 parts each: send all of them. Behind a gap two may tell of the same part. */
  readonly list: readonly PresignedRequest[]
  /** Makes the object of its parts; the body comes from {@link completionBody}. */
  readonly complete: PresignedRequest
  /** Gives the upload up, and all of its parts. */
  readonly abort: PresignedRequest
}

/** One request to presign. */
export interface UploadStep<Source> {
  readonly method: string
  readonly options: PresignPutOptions<Source>
}

/** An upload that has a name, before its requests are signed. */
export interface PartsDraft<Source> {
  readonly plan: UploadPlan & { readonly uploadId: string }
  readonly parts: readonly Omit<PresignedPart, keyof PresignedRequest>[]
  readonly steps: readonly UploadStep<Source>[]
}

/** Cuts an object within the limits of S3. */
export function planUpload({ size, partSize }: { size: number; partSize?: number | undefined }): UploadPlan {
  if (!Number.isInteger(size) || size < 0 || size > LARGEST)
    fail('ERR_INVALID_ARG_VALUE', 'options.size must be a whole number of bytes, at most 5 TiB')
  const length = partSize ?? Math.max(USUAL_PART, Math.ceil(size / MOST_PARTS / MiB) * MiB)
  if (!Number.isInteger(length) || length < SMALLEST_PART || length > LARGEST_PART)
    fail('ERR_INVALID_ARG_VALUE', 'options.partSize must be a whole number of bytes from 5 MiB to 5 GiB')
  const partCount = Math.max(1, Math.ceil(size / length))
  if (partCount > MOST_PARTS)
    fail(
      'ERR_INVALID_ARG_VALUE',
      `options.partSize makes ${partCount} parts of options.size, and S3 takes ${MOST_PARTS}: say at least ${Math.ceil(size / MOST_PARTS)}, or leave it out`,
    )
  return { size, partSize: length, partCount }
}

/** Reads the options of `presignUpload`. */
export function draftUpload<Source>(options: PresignUploadOptions<Source>): {
  readonly plan: UploadPlan
  readonly step: UploadStep<Source>
} {
  checkOptions(options)
  const { contentType, headers } = options
  const plan = planUpload(options)
  return {
    plan,
    step: { method: 'POST', options: { ...shared(options), contentType, headers, query: { uploads: '' } } },
  }
}

/** Reads the options of `presignParts`. */
export function draftParts<Source>(options: PresignPartsOptions<Source>): PartsDraft<Source> {
  checkOptions(options)
  const plan = planUpload(options)
  const { uploadId, parts: numbers } = options
  const { size, partSize, partCount } = plan
  if (typeof uploadId !== 'string' || uploadId === '')
    fail('ERR_INVALID_ARG_TYPE', 'options.uploadId must be what S3 answered to create: readUploadAnswer finds it')
  const parts = [...readNumbers(numbers, partCount)].map((partNumber) => {
    const start = (partNumber - 1) * partSize
    return { partNumber, start, end: Math.min(start + partSize, size) }
  })
  const common = shared(options)
  const step = (
    method: string,
    query: Record<string, string | number> = {},
    contentLength?: number,
  ): UploadStep<Source> => ({ method, options: { ...common, query: { uploadId, ...query }, contentLength } })
  const pages = Array.from({ length: Math.ceil(partCount / PAGE) }, (_, page) =>
    step('GET', { 'max-parts': PAGE, 'part-number-marker': page * PAGE }),
  )
  return {
    plan: { ...plan, uploadId },
    parts,
    steps: [
      // axios would call the body a form, and servers would read it as one
      { method: 'POST', options: { ...common, query: { uploadId }, contentType: 'application/xml' } },
      step('DELETE'),
      ...parts.map(({ partNumber, start, end }) => step('PUT', { partNumber }, end - start)),
      ...pages,
    ],
  }
}

/** Puts the signed requests in their places. */
export function applyParts(
  { plan, parts }: PartsDraft<unknown>,
  requests: readonly PresignedRequest[],
): PresignedParts {
  const [complete, abort, ...others] = requests
  return {
    ...plan,
    parts: parts.map((part, i) => ({ ...part, ...others[i]! })),
    list: others.slice(parts.length),
    complete: complete!,
    abort: abort!,
  }
}

/** What all requests of an upload are signed with, copied: the caller may change a date while credentials are awaited. */
function shared<Source>(options: UploadOptions<Source>): PresignPutOptions<Source> {
  const { credentials, region, expires, signingDate } = copyOptions(options)
  return { credentials, region, expires, signingDate }
}

function readNumbers(given: Iterable<number> | undefined, partCount: number): Iterable<number> {
  if (given === undefined) return Array.from({ length: partCount }, (_, i) => i + 1)
  if (!isObject(given) || !(Symbol.iterator in given))
    fail('ERR_INVALID_ARG_TYPE', 'options.parts must be a list of part numbers')
  const numbers = new Set(given)
  for (const number of numbers)
    if (!Number.isInteger(number) || number < 1 || number > partCount)
      fail('ERR_INVALID_ARG_VALUE', `options.parts must be numbers from 1 to ${partCount}, the count of parts`)
  return numbers
}

/** Throws unless a target has a key, which parts are uploaded for. */
export function checkKey(target: S3Object): void {
  if (typeof target?.key !== 'string' || target.key === '')
    fail('ERR_INVALID_ARG_VALUE', 'target must be { bucket, key }: the object that the parts will make')
}
