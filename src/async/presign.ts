import { readHostScope } from '../core/signing/hosts.ts'
import type { PresignOptions as CorePresignOptions } from '../core/signing/options.ts'
import { downloadDisposition, type PresignedRequest, readPresign } from '../core/signing/presign.ts'
import { readS3Scope } from '../core/signing/scope.ts'
import type { S3Object, Target } from '../core/signing/target.ts'
import { readMethod } from '../core/signing/target.ts'
import { SIGV4 } from '../crypto/webcrypto.ts'
import {
  type PresignMultipartPartsOptions as CorePresignMultipartPartsOptions,
  type PresignMultipartUploadOptions as CorePresignMultipartUploadOptions,
  checkKey,
  multipartRequests,
  type PresignedMultipartParts,
  type PresignedMultipartUpload,
  presignedParts,
  readMultipartParts,
  readMultipartUpload,
} from '../s3/multipart/plan.ts'
import { completePresign } from './complete.ts'
import type { CredentialsSource } from './credentials.ts'

const S3 = { readScope: readS3Scope }

/** Options of every `presign…` function for a single request. Those that the method does not support are errors. */
export interface PresignOptions extends CorePresignOptions<CredentialsSource> {}

/** Options of `presignMultipartUpload`. */
export interface PresignMultipartUploadOptions extends CorePresignMultipartUploadOptions<CredentialsSource> {}

/** Options of `presignMultipartParts`. */
export interface PresignMultipartPartsOptions extends CorePresignMultipartPartsOptions<CredentialsSource> {}

/**
 * Presigns a request of any method and service: the URL contains the signature, so anyone who has it can send the
 * request until it expires, without credentials.
 *
 * @param method - `'GET'`, `'PUT'`, …
 * @param target - A URL, or an S3 object `{ bucket, key, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, lifetime, and what to sign.
 * @returns The URL and everything that must be sent with it: `{ method, url, headers, expiresAt }`.
 * @throws `SigV4Error`: `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN`, `ERR_SIGV4_KEY_SCOPE`,
 * `ERR_SIGV4_REQUEST_UNSENDABLE`, `ERR_SIGV4_ALREADY_SIGNED`, `ERR_SIGV4_EXPIRES_RANGE`, `ERR_SIGV4_CRYPTO_UNAVAILABLE`;
 * `TypeError`: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { presign } from 'sigv4'
 *
 * const identity = await presign('GET', 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   headers: { 'x-k8s-aws-id': 'my-cluster' },
 *   expires: '1m',
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function presign(method: string, target: Target, options: PresignOptions): Promise<PresignedRequest> {
  const rules = { readScope: readHostScope, disposition: downloadDisposition }
  return completePresign(readPresign(readMethod(method, 'method'), target, options, rules), options.credentials, SIGV4)
}

/**
 * Presigns the download of an S3 object. With `download`, browsers save it under that file name.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignGet } from 'sigv4'
 *
 * const { url } = await presignGet(
 *   { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     expires: '15m',
 *     download: 'résumé.pdf',
 *   },
 * )
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function presignGet(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  const rules = { readScope: readS3Scope, disposition: downloadDisposition }
  return completePresign(readPresign('GET', target, options, rules), options.credentials, SIGV4)
}

/**
 * Presigns an upload to S3 or an S3-compatible service. Send the result unchanged: `headers` contains every header that
 * must be sent.
 *
 * Service and region are determined from the hosts for S3 and S3-compatible clouds; for other hosts, pass both, or use
 * {@link presign}.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, lifetime, and what to sign: `contentType`, `contentLength`, `headers`.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignPut } from 'sigv4'
 *
 * const upload = await presignPut(
 *   { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentType: 'application/pdf',
 *   },
 * )
 * const response = await fetch(upload.url, { ...upload, body: new Blob(['%PDF-1.7']) })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html
 */
export async function presignPut(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign('PUT', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns a HEAD request for an S3 object. A URL for GET cannot be used for HEAD, because the method is signed.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignHead } from 'sigv4'
 *
 * const { url } = await presignHead('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function presignHead(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign('HEAD', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns the deletion of an S3 object.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignDelete } from 'sigv4'
 *
 * const { url } = await presignDelete(
 *   { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1', endpoint: 'http://localhost:4566' },
 *   { credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, expires: '90s' },
 * )
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function presignDelete(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign('DELETE', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns the start of a multipart upload: for objects of any size, and for uploads that can be resumed after an
 * interruption. The response to `create` contains the upload ID for {@link presignMultipartParts}. This function sends
 * nothing: the server signs, and the page or program that has the file sends.
 *
 * @param target - The object: `{ bucket, key, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, the size of the object, and its `contentType` and `headers`.
 * @returns `{ size, partSize, partCount, create }`.
 * @throws The errors of {@link presign}; a size or part size that S3 does not accept is `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { parseMultipartResponse, presignMultipartUpload } from 'sigv4'
 *
 * const upload = await presignMultipartUpload(
 *   { bucket: 'films', key: 'holiday.mp4', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     size: 3_000_000_000,
 *     contentType: 'video/mp4',
 *   },
 * )
 * const response = await fetch(upload.create.url, upload.create)
 * const result = parseMultipartResponse(await response.text())
 * const uploadId = result.kind === 'created' ? result.uploadId : undefined
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function presignMultipartUpload(
  target: S3Object,
  options: PresignMultipartUploadOptions,
): Promise<PresignedMultipartUpload> {
  checkKey(target)
  const { plan, own } = readMultipartUpload(options)
  const input = readPresign('POST', target, own, S3)
  return { ...plan, create: await completePresign(input, options.credentials, SIGV4) }
}

/**
 * Presigns the remaining requests of a multipart upload: its parts (all, or those in `parts`), the lists of uploaded
 * parts, the completion, and the abort. Each part is bound to its length.
 *
 * @param target - The object, as passed to {@link presignMultipartUpload}.
 * @param options - Credentials, the same `size` and `partSize`, the `uploadId`, and the `parts` to presign.
 * @returns `{ size, partSize, partCount, uploadId, parts, list, complete, abort }`, plain data.
 * @throws The errors of {@link presignMultipartUpload}.
 * @example
 * ```ts
 * import { presignMultipartParts } from 'sigv4'
 *
 * const file = new Blob(['…'])
 * const { parts } = await presignMultipartParts(
 *   { bucket: 'films', key: 'holiday.mp4', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     size: 3_000_000_000,
 *     uploadId: 'VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA',
 *     parts: [1, 2, 3],
 *   },
 * )
 * for (const part of parts) await fetch(part.url, { ...part, body: file.slice(part.start, part.end) })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
 */
export async function presignMultipartParts(
  target: S3Object,
  options: PresignMultipartPartsOptions,
): Promise<PresignedMultipartParts> {
  checkKey(target)
  const plan = readMultipartParts(options)
  const inputs = multipartRequests(plan, options, (method, own) => readPresign(method, target, own, S3))
  const { credentials: source } = options
  const credentials = typeof source === 'function' ? await source() : source
  const now = Date.now()
  const requests = await Promise.all(inputs.map((input) => completePresign(input, credentials, SIGV4, now)))
  return presignedParts(plan, requests)
}
