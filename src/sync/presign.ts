// @generated from src/async/presign.ts by npm run twins: change that file instead.

import { resolved } from '../core/signing/credentials.ts'
import { readHostScope } from '../core/signing/hosts.ts'
import type { PresignOptions } from '../core/signing/options.ts'
import { downloadDisposition, type PresignedRequest, readPresign } from '../core/signing/presign.ts'
import { readS3Scope } from '../core/signing/scope.ts'
import { readMethod, type S3Object, type Target } from '../core/signing/target.ts'
import { SIGV4 } from '../crypto/sha256.ts'
import {
  checkKey,
  multipartRequests,
  type PresignedMultipartParts,
  type PresignedMultipartUpload,
  type PresignMultipartPartsOptions,
  type PresignMultipartUploadOptions,
  presignedParts,
  readMultipartParts,
  readMultipartUpload,
} from '../s3/multipart/plan.ts'
import { completePresign } from './complete.ts'

const S3 = { readScope: readS3Scope }

/**
 * Presigns a request of any method and service: the URL contains the signature, so anyone who has it can send the
 * request until it expires, without credentials.
 *
 * @example
 * ```ts
 * import { presign } from 'sigv4/sync'
 *
 * const identity = presign('GET', 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   headers: { 'x-k8s-aws-id': 'my-cluster' },
 *   expires: '1m',
 * })
 * ```
 * @see `presign` of `sigv4` for the full documentation.
 */
export function presign(method: string, target: Target, options: PresignOptions): PresignedRequest {
  const rules = { readScope: readHostScope, disposition: downloadDisposition }
  return completePresign(readPresign(readMethod(method, 'method'), target, options, rules), options.credentials, SIGV4)
}

/**
 * Presigns the download of an S3 object. With `download`, browsers save it under that file name.
 *
 * @example
 * ```ts
 * import { presignGet } from 'sigv4/sync'
 *
 * const { url } = presignGet(
 *   { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     expires: '15m',
 *     download: 'résumé.pdf',
 *   },
 * )
 * ```
 * @see `presignGet` of `sigv4` for the full documentation.
 */
export function presignGet(target: Target, options: PresignOptions): PresignedRequest {
  const rules = { readScope: readS3Scope, disposition: downloadDisposition }
  return completePresign(readPresign('GET', target, options, rules), options.credentials, SIGV4)
}

/**
 * Presigns an upload to S3 or an S3-compatible service. Send the result unchanged: `headers` contains every header that
 * must be sent.
 *
 * @example
 * ```ts
 * import { presignPut } from 'sigv4/sync'
 *
 * const upload = presignPut(
 *   { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentType: 'application/pdf',
 *   },
 * )
 * const response = await fetch(upload.url, { ...upload, body: new Blob(['%PDF-1.7']) })
 * ```
 * @see `presignPut` of `sigv4` for the full documentation.
 */
export function presignPut(target: Target, options: PresignOptions): PresignedRequest {
  return completePresign(readPresign('PUT', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns a HEAD request for an S3 object. A URL for GET cannot be used for HEAD, because the method is signed.
 *
 * @example
 * ```ts
 * import { presignHead } from 'sigv4/sync'
 *
 * const { url } = presignHead('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see `presignHead` of `sigv4` for the full documentation.
 */
export function presignHead(target: Target, options: PresignOptions): PresignedRequest {
  return completePresign(readPresign('HEAD', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns the deletion of an S3 object.
 *
 * @example
 * ```ts
 * import { presignDelete } from 'sigv4/sync'
 *
 * const { url } = presignDelete(
 *   { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1', endpoint: 'http://localhost:4566' },
 *   { credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, expires: '90s' },
 * )
 * ```
 * @see `presignDelete` of `sigv4` for the full documentation.
 */
export function presignDelete(target: Target, options: PresignOptions): PresignedRequest {
  return completePresign(readPresign('DELETE', target, options, S3), options.credentials, SIGV4)
}

/**
 * Presigns the start of a multipart upload: for objects of any size, and for uploads that can be resumed after an
 * interruption. The response to `create` contains the upload ID for {@link presignMultipartParts}. This function sends
 * nothing: the server signs, and the page or program that has the file sends.
 *
 * @example
 * ```ts
 * import { parseMultipartResponse, presignMultipartUpload } from 'sigv4/sync'
 *
 * const upload = presignMultipartUpload(
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
 * @see `presignMultipartUpload` of `sigv4` for the full documentation.
 */
export function presignMultipartUpload(
  target: S3Object,
  options: PresignMultipartUploadOptions,
): PresignedMultipartUpload {
  checkKey(target)
  const { plan, own } = readMultipartUpload(options)
  const input = readPresign('POST', target, own, S3)
  return { ...plan, create: completePresign(input, options.credentials, SIGV4) }
}

/**
 * Presigns the remaining requests of a multipart upload: its parts (all, or those in `parts`), the lists of uploaded
 * parts, the completion, and the abort. Each part is bound to its length.
 *
 * @example
 * ```ts
 * import { presignMultipartParts } from 'sigv4/sync'
 *
 * const file = new Blob(['…'])
 * const { parts } = presignMultipartParts(
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
 * @see `presignMultipartParts` of `sigv4` for the full documentation.
 */
export function presignMultipartParts(
  target: S3Object,
  options: PresignMultipartPartsOptions,
): PresignedMultipartParts {
  checkKey(target)
  const plan = readMultipartParts(options)
  const inputs = multipartRequests(plan, options, (method, own) => readPresign(method, target, own, S3))
  const { credentials: source } = options
  const credentials = resolved(source)
  const now = Date.now()
  const requests = inputs.map((input) => completePresign(input, credentials, SIGV4, now))
  return presignedParts(plan, requests)
}
