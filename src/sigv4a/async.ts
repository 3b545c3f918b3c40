import { completePresign, completeSign } from '../async/complete.ts'
import type { WebRequest, WebStream } from '../core/http/platform.ts'
import { hasTag } from '../core/kind.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkSecret, copyCredentials, type SecretCredentials } from '../core/signing/credentials.ts'
import { hostScope } from '../core/signing/hosts.ts'
import type { PresignedRequest } from '../core/signing/presign.ts'
import { s3HostScope } from '../core/signing/s3-hosts.ts'
import { checkRequest, type SignedRequest, type UnsignedRequest } from '../core/signing/sign.ts'
import type { Target } from '../core/signing/target.ts'
import { readMethod } from '../core/signing/target.ts'
import { readWebRequest } from '../crypto/body.ts'
import {
  type PresignOptions as CorePresignOptions,
  type SignOptions as CoreSignOptions,
  readPresign4a,
  readSign4a,
} from './input.ts'
import { checkCrypto, derivePrivateKey, SIGNING } from './webcrypto.ts'

/** Credentials with the secret, or a function that returns them: the credential providers of the AWS SDK can be passed unchanged. */
export type CredentialsSource = SecretCredentials | (() => SecretCredentials | Promise<SecretCredentials>)

/** Options of every `presign…` function. Those that the method does not support are errors. */
export interface PresignOptions extends CorePresignOptions<CredentialsSource> {}

/** Options of `sign`. */
export interface SignOptions extends CoreSignOptions<CredentialsSource> {}

/**
 * Presigns a request of any method and service with Signature Version 4a: the URL is valid in all regions of its
 * `regionSet`.
 *
 * @param method - `'GET'`, `'PUT'`, …
 * @param target - A URL, or an S3 object `{ bucket, key, region?, endpoint?, pathStyle? }`, whose bucket may be the ARN of a
 * Multi-Region Access Point.
 * @param options - Credentials, regions, lifetime, and what to sign.
 * @returns The URL and everything that must be sent with it: `{ method, url, headers, expiresAt }`.
 * @throws `SigV4Error`: `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN`, `ERR_SIGV4_KEY_SCOPE`,
 * `ERR_SIGV4_REQUEST_UNSENDABLE`, `ERR_SIGV4_ALREADY_SIGNED`, `ERR_SIGV4_EXPIRES_RANGE`, `ERR_SIGV4_CRYPTO_UNAVAILABLE`;
 * `TypeError`: `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { presign } from 'sigv4/sigv4a'
 *
 * const list = await presign('GET', 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/?list-type=2', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   expires: '1m',
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export async function presign(method: string, target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(
    readPresign4a(readMethod(method, 'method'), target, options, hostScope),
    options.credentials,
    SIGNING,
  )
}

/**
 * Presigns the download of an object through a Multi-Region Access Point, which rejects URLs of Signature Version 4.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, regions, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignGet } from 'sigv4/sigv4a'
 *
 * const { url } = await presignGet(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'résumé (1).pdf' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     expires: '15m',
 *   },
 * )
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
 */
export async function presignGet(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign4a('GET', target, options, s3HostScope), options.credentials, SIGNING)
}

/**
 * Presigns an upload through a Multi-Region Access Point. Send the result unchanged: `headers` contains every header that
 * must be sent.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, regions, lifetime, and what to sign: `contentType`, `contentLength`, `headers`.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignPut } from 'sigv4/sigv4a'
 *
 * const upload = await presignPut(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'résumé (1).pdf' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentType: 'application/pdf',
 *   },
 * )
 * const response = await fetch(upload.url, { ...upload, body: new Blob(['%PDF-1.7']) })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
 */
export async function presignPut(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign4a('PUT', target, options, s3HostScope), options.credentials, SIGNING)
}

/**
 * Presigns a request for the headers of an object through a Multi-Region Access Point: its size, type and metadata.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, regions, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignHead } from 'sigv4/sigv4a'
 *
 * const { url, method } = await presignHead(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'cat.jpg' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(url, { method })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
 */
export async function presignHead(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign4a('HEAD', target, options, s3HostScope), options.credentials, SIGNING)
}

/**
 * Presigns the deletion of an object through a Multi-Region Access Point.
 *
 * @param target - An S3 object, or its URL.
 * @param options - Credentials, regions, lifetime, and what to sign.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws The errors of {@link presign}.
 * @example
 * ```ts
 * import { presignDelete } from 'sigv4/sigv4a'
 *
 * const { url, method } = await presignDelete(
 *   { bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'cat.jpg' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(url, { method })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
 */
export async function presignDelete(target: Target, options: PresignOptions): Promise<PresignedRequest> {
  return completePresign(readPresign4a('DELETE', target, options, s3HostScope), options.credentials, SIGNING)
}

/**
 * Signs a request with Signature Version 4a by adding headers: `x-amz-date`, `x-amz-region-set`, `authorization`, the
 * session token if there is one and, for S3, `x-amz-content-sha256`; nothing else changes. The result can be passed to
 * `fetch` as both URL and options.
 *
 * @param request - `{ method?, url, headers?, body? }`, or a `Request`; a body is a string, bytes, an `ArrayBuffer`,
 * `Blob` or `URLSearchParams`.
 * @param options - Credentials, regions and signing options.
 * @returns `{ method, url, headers, body? }`.
 * @throws The errors of {@link presign}, and `ERR_SIGV4_BODY_NOT_HASHABLE` for a body that can be read only once.
 * @example
 * ```ts
 * import { sign } from 'sigv4/sigv4a'
 *
 * const request = await sign(
 *   {
 *     method: 'POST',
 *     url: 'https://abcde.veo.endpoint.events.amazonaws.com/',
 *     headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
 *     body: '{"Entries":[]}',
 *   },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(request.url, request)
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function sign(request: WebRequest, options: SignOptions): Promise<SignedRequest<ArrayBuffer | WebStream>>
export function sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): Promise<SignedRequest<Body>>
export async function sign<Body>(
  request: UnsignedRequest<Body> | Request,
  options: SignOptions,
): Promise<SignedRequest<Body>> {
  checkRequest(request)
  const source = copyCredentials(options?.credentials)
  const record = hasTag(request, 'Request') ? await readWebRequest(request as Request, options?.payloadHash) : request
  const input = readSign4a(record as UnsignedRequest, options)
  checkCrypto()
  return completeSign(input, record.body as Body, source, SIGNING)
}

/** Options of `deriveSigningKey`. */
export interface SigningKeyOptions {
  /** Credentials with the secret, or a function that returns them. */
  readonly credentials: CredentialsSource
}

const KEY_OPTIONS = /* @__PURE__ */ members('credentials')

/**
 * Derives the private key of credentials for Signature Version 4a. Unlike a key of Signature Version 4, it is not limited
 * to a day, region or service: treat it as the secret access key. Other implementations of ECDSA can sign with it.
 *
 * @param options - Credentials with the secret, or a function that returns them.
 * @returns The 32 bytes of a private key of P-256.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_CRYPTO_UNAVAILABLE`.
 * @example
 * ```ts
 * import { deriveSigningKey } from 'sigv4/sigv4a'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const key = await deriveSigningKey({ credentials })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export async function deriveSigningKey(options: SigningKeyOptions): Promise<Uint8Array> {
  checkMembers('options', options, KEY_OPTIONS)
  const { credentials } = options
  const resolved = typeof credentials === 'function' ? await credentials() : credentials
  checkSecret(resolved, Date.now())
  checkCrypto()
  return derivePrivateKey(resolved.accessKeyId, resolved.secretAccessKey)
}
