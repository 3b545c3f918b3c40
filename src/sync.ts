import { bodyContent, refuseBody } from './core/body.ts'
import {
  type Credentials,
  cachedKey,
  checkSecret,
  credentialScope,
  type KeyCache,
  type KeyScope,
  parseKeyScope,
  type SecretCredentials,
  type SigningKey,
} from './core/credentials.ts'
import { type FormOf, fillForm, type PostFile, type ToFormDataOptions } from './core/fill.ts'
import { checkPolicy, type FormFacts, type FormFields, policyOf } from './core/form.ts'
import { memoOf } from './core/memo.ts'
import type { PresignGetOptions, PresignOptions, PresignPutOptions, SignOptions } from './core/options.ts'
import type { ToSign } from './core/plan.ts'
import type { PostRefusal } from './core/policy.ts'
import {
  applyPost,
  draftPost,
  type PostTarget,
  type PresignedPost,
  type PresignPostOptions,
  planPost,
} from './core/post.ts'
import {
  applyPresignature,
  downloadOptions,
  type PresignedRequest,
  type PresignMemo,
  planPresign,
} from './core/presign.ts'
import { checkOptions, type HostReader } from './core/request.ts'
import { hostScope, s3HostScope } from './core/services.ts'
import { applySignature, checkRequest, planSign, type SignedRequest, type UnsignedRequest } from './core/sign.ts'
import type { S3Object, Target } from './core/target.ts'
import {
  applyParts,
  checkKey,
  draftParts,
  draftUpload,
  type PresignedParts,
  type PresignedUpload,
  type PresignPartsOptions,
  type PresignUploadOptions,
} from './core/upload.ts'
import {
  deriveSigningKey as deriveKey,
  type HmacKey,
  hmacHex,
  importKey,
  sha256Hex,
  signatureHex,
} from './crypto/sha256.ts'

const memos = /* @__PURE__ */ new WeakMap<object, PresignMemo & KeyCache<HmacKey>>()

function keyFor(scope: string, credentials: Credentials, cache = memoOf(memos, credentials)): HmacKey {
  return cachedKey(cache, credentials, scope, (secret, derived) => importKey(secret, derived, scope))
}

function signature({ head, frame }: ToSign, credentials: Credentials, cache?: KeyCache<HmacKey>): string {
  return signatureHex(keyFor(frame.scope, credentials, cache), frame.prefix, head, frame.tail)
}

function presignWith(hosts: HostReader, method: string, target: Target, options: PresignPutOptions): PresignedRequest {
  checkOptions(options)
  const { credentials } = options
  const memo = memoOf(memos, credentials)
  const plan = planPresign(method, target, options, credentials, Date.now(), hosts, memo)
  return applyPresignature(plan, signature(plan, credentials, memo))
}

/**
 * Presigns a request of any method: the URL carries the signature, and whoever has it can send the request until it
 * expires, without credentials.
 *
 * @param method - `'GET'`, `'PUT'`, …
 * @param target - A URL of any service, or an object of S3 `{ bucket, key, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, and what the request is bound to.
 * @returns The URL with everything that must be sent with it: `{ method, url, headers, expiresAt }`.
 * @throws `SigV4Error`: `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN`, `ERR_SIGV4_KEY_SCOPE`,
 * `ERR_SIGV4_REQUEST_UNSENDABLE`, `ERR_SIGV4_ALREADY_SIGNED`, `ERR_SIGV4_EXPIRES_RANGE`; `TypeError`:
 * `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { presign } from 'sigv4/sync'
 *
 * const identity = presign('GET', 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   headers: { 'x-k8s-aws-id': 'my-cluster' },
 *   expires: 60,
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function presign(method: string, target: Target, options: PresignOptions): PresignedRequest {
  return presignWith(hostScope, method, target, downloadOptions(options))
}

/**
 * Presigns a download. `download` gives the file a name.
 *
 * @param target - A URL of any service, or an object of S3.
 * @param options - Credentials, and what the request is bound to.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws as {@link presign}.
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
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignGet(target: Target, options: PresignGetOptions): PresignedRequest {
  return presignWith(hostScope, 'GET', target, downloadOptions(options))
}

/**
 * Presigns an upload to S3 or a service that speaks S3. Send the result as it is: `headers` holds all that was bound.
 *
 * Service and region are read from hosts of S3 and of the clouds that speak it; for another service say both, or use
 * {@link presign}.
 *
 * @param target - An object of S3, or a URL.
 * @param options - Credentials, and what the request is bound to: `contentType`, `contentLength`, `headers`.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws as {@link presign}.
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
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html
 */
export function presignPut(target: Target, options: PresignPutOptions): PresignedRequest {
  return presignWith(s3HostScope, 'PUT', target, options)
}

/**
 * Presigns a question for an object's headers. A URL for GET does not answer HEAD: the method is signed.
 *
 * @param target - An object of S3, or a URL.
 * @param options - Credentials, and what the request is bound to.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws as {@link presign}.
 * @example
 * ```ts
 * import { presignHead } from 'sigv4/sync'
 *
 * const { url } = presignHead('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export function presignHead(target: Target, options: PresignOptions): PresignedRequest {
  return presignWith(s3HostScope, 'HEAD', target, options)
}

/**
 * Presigns a deletion.
 *
 * @param target - An object of S3, or a URL.
 * @param options - Credentials, and what the request is bound to.
 * @returns `{ method, url, headers, expiresAt }`.
 * @throws as {@link presign}.
 * @example
 * ```ts
 * import { presignDelete } from 'sigv4/sync'
 *
 * const { url } = presignDelete(
 *   { bucket: 'photos', key: 'cat.jpg', region: 'us-east-1', endpoint: 'http://localhost:4566' },
 *   { credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, expires: '90s' },
 * )
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export function presignDelete(target: Target, options: PresignOptions): PresignedRequest {
  return presignWith(s3HostScope, 'DELETE', target, options)
}

/**
 * Presigns a form that uploads a file to S3 by POST, for browsers and everybody else who has no credentials. Unlike a
 * presigned URL it can limit the size, and leave open a part of the key or of the content type. Every field has its
 * condition in the policy that is signed; {@link toFormData} fills the form.
 *
 * @param target - The bucket, and the key or its prefix: `{ bucket, key | keyPrefix, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, and what the form is bound to: `contentLengthRange`, `contentType`, `fields`, ….
 * @returns `{ url, fields, expiresAt }`: send the fields in their order, and the file last.
 * @throws as {@link presign}; a policy that no form can meet is `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { presignPost, toFormData } from 'sigv4/sync'
 *
 * const post = presignPost(
 *   { bucket: 'photos', keyPrefix: 'user/eric/', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentLengthRange: [1, 10_000_000],
 *     contentTypePrefix: 'image/',
 *   },
 * )
 * const body = toFormData(post, new File(['GIF89a'], 'cat.gif', { type: 'image/gif' }))
 * const response = await fetch(post.url, { method: 'POST', body })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
 */
export function presignPost(target: PostTarget, options: PresignPostOptions): PresignedPost {
  const draft = draftPost(target, options)
  const { credentials } = options
  const plan = planPost(draft, credentials, Date.now())
  return applyPost(plan, hmacHex(keyFor(plan.scope, credentials), plan.policy))
}

/**
 * Fills the form of {@link presignPost}: its fields in their order, the content type of the file where the policy asks
 * for one, and the file last, behind which S3 reads nothing.
 *
 * @param post - What `presignPost` gave, also after a journey as JSON.
 * @param file - A `File`, a `Blob`, text or bytes; in React Native `{ uri, name, type }`.
 * @param options - The name of the file, and fields that the sender chooses within the policy.
 * @returns A `FormData`, to be sent by POST without a content type of one's own.
 * @throws `ERR_SIGV4_REQUEST_UNSENDABLE` without `FormData` or `Blob`; `TypeError` with `ERR_INVALID_ARG_TYPE`.
 * @example
 * ```ts
 * import { presignPost, toFormData } from 'sigv4/sync'
 *
 * const post = presignPost(
 *   { bucket: 'logs', keyPrefix: 'today/', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const body = toFormData(post, 'one line', { fields: { key: 'today/first.log' } })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export function toFormData(post: Pick<PresignedPost, 'fields'>, file: PostFile, options?: ToFormDataOptions): FormOf {
  return fillForm(
    post,
    file,
    options,
    typeof FormData === 'function' ? FormData : undefined,
    typeof Blob === 'function' ? Blob : undefined,
  )
}

/**
 * Says what S3 would answer to a form by its policy: ask before a large file is sent, or why one was refused. The
 * signature is not checked.
 *
 * @param policy - A policy as base64 or JSON, or the fields in which there is one, such as `post.fields`.
 * @param fields - All fields of the form, as an object or as the `FormData`.
 * @param facts - `size`, `type` and `filename` of the file, the `bucket`, and `now`.
 * @returns `undefined` if S3 takes the form, else its answer: `{ awsCode, status, message, condition?, field?, details }`.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` for fields that are none. A bad policy is an answer, not an error.
 * @example
 * ```ts
 * import { checkPost, presignPost } from 'sigv4/sync'
 *
 * const post = presignPost(
 *   { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentLengthRange: [1, 1000],
 *   },
 * )
 * const refusal = checkPost(post.fields, post.fields, { size: 2000 })
 * if (refusal) console.log(refusal.awsCode, refusal.details.MaxSizeAllowed) // EntityTooLarge 1000
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPost(
  policy: string | object,
  fields: FormFields,
  facts: FormFacts & { readonly now?: Date | number | undefined } = {},
): PostRefusal | undefined {
  return checkPolicy(policyOf(policy), fields, { ...facts, now: Number(facts?.now ?? Date.now()) })
}

/**
 * Presigns the start of an upload in parts, for objects of any size, which goes on after an interruption where it
 * stopped. The answer to `create` has the upload id, and {@link presignParts} does the rest. Nothing is sent here: the
 * server signs, and the page or program with the file sends.
 *
 * @param target - The object: `{ bucket, key, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, the size of the object, and what it is bound to: `contentType`, `headers`.
 * @returns `{ size, partSize, partCount, create }`.
 * @throws as {@link presign}; a size or part size that S3 does not take is `ERR_INVALID_ARG_VALUE`.
 * @example
 * ```ts
 * import { presignUpload, readUploadAnswer } from 'sigv4/sync'
 *
 * const upload = presignUpload(
 *   { bucket: 'films', key: 'holiday.mp4', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     size: 3_000_000_000,
 *     contentType: 'video/mp4',
 *   },
 * )
 * const response = await fetch(upload.create.url, upload.create)
 * const answer = readUploadAnswer(await response.text())
 * const uploadId = answer.kind === 'created' ? answer.uploadId : undefined
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export function presignUpload(target: S3Object, options: PresignUploadOptions): PresignedUpload {
  checkKey(target)
  const { plan, step } = draftUpload(options)
  return { ...plan, create: presignWith(s3HostScope, step.method, target, step.options) }
}

/**
 * Presigns what comes after the start of an upload in parts: its parts, all of them or those that are asked for, the
 * list of those that S3 has, the completion, and giving up. Each part is bound to its length.
 *
 * @param target - The object, as it was said to {@link presignUpload}.
 * @param options - Credentials, `size` and `partSize` as before, the `uploadId`, and which `parts` to presign.
 * @returns `{ size, partSize, partCount, uploadId, parts, list, complete, abort }`, plain data.
 * @throws as {@link presignUpload}.
 * @example
 * ```ts
 * import { presignParts } from 'sigv4/sync'
 *
 * const file = new Blob(['…'])
 * const { parts } = presignParts(
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
export function presignParts(target: S3Object, options: PresignPartsOptions): PresignedParts {
  checkKey(target)
  const draft = draftParts(options)
  const requests = draft.steps.map(({ method, options }) => presignWith(s3HostScope, method, target, options))
  return applyParts(draft, requests)
}

/**
 * Signs a request in its headers. Adds `x-amz-date`, `authorization`, the security token if there is one and, for S3,
 * `x-amz-content-sha256`; changes nothing else. For `fetch` the result is both the URL and the options.
 *
 * @param request - `{ method?, url, headers?, body? }`; a body is text, bytes, an `ArrayBuffer` or `URLSearchParams`.
 * @param options - Credentials, and how to sign.
 * @returns `{ method, url, headers, body? }`.
 * @throws as {@link presign}, and `ERR_SIGV4_BODY_NOT_HASHABLE` for a body that is read only while it is sent.
 * @example
 * ```ts
 * import { sign } from 'sigv4/sync'
 *
 * const request = sign(
 *   {
 *     method: 'POST',
 *     url: 'https://dynamodb.eu-west-1.amazonaws.com/',
 *     headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
 *     body: '{}',
 *   },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const response = await fetch(request.url, request)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): SignedRequest<Body> {
  checkOptions(options)
  checkRequest(request)
  const payloadHash =
    options.payloadHash ?? sha256Hex(bodyContent(request.body) ?? refuseBody('text, bytes or URLSearchParams'))
  const plan = planSign(request, options, options.credentials, payloadHash, Date.now(), hostScope)
  return applySignature(plan, signature(plan, options.credentials))
}

/**
 * Derives the key that signs for one day, one region and one service, and for nothing else. Keep the secret at home and
 * give the key to whoever signs: pass it as `credentials: { accessKeyId, signingKey }`.
 *
 * @param credentials - Credentials with the secret.
 * @param scope - Region, service, and the day in UTC, by default today.
 * @returns `{ date, region, service, key }`; `key` is a secret.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING`; `TypeError` with `ERR_INVALID_ARG_VALUE` for a scope that is none.
 * @example
 * ```ts
 * import { deriveSigningKey, presignGet } from 'sigv4/sync'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const signingKey = deriveSigningKey(credentials, { region: 'eu-west-1', service: 's3' })
 * const { url } = presignGet('https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', signingKey },
 * })
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key
 */
export function deriveSigningKey(credentials: SecretCredentials, scope: KeyScope): SigningKey {
  checkSecret(credentials, Date.now())
  const parsed = parseKeyScope(scope, Date.now())
  return { ...parsed, key: deriveKey(credentials.secretAccessKey, credentialScope(parsed)) }
}

export type { PathEncoding, PathNormalization } from './core/canonical.ts'
export type { PostCondition } from './core/conditions.ts'
export type {
  Credentials,
  KeyScope,
  Scope,
  ScopedCredentials,
  SecretCredentials,
  SigningKey,
} from './core/credentials.ts'
export { type ArgumentErrorCode, isSigV4Error, SigV4Error, type SigV4ErrorCode } from './core/errors.ts'
export type { PostFile, ToFormDataOptions } from './core/fill.ts'
export type { FormFacts, FormFields } from './core/form.ts'
export type { HeaderSelection, HeadersInput } from './core/headers.ts'
export type {
  PresignGetOptions,
  PresignOptions,
  PresignPutOptions,
  QueryInput,
  SessionTokenPlacement,
  SigningOptions,
  SignOptions,
} from './core/options.ts'
export { completionBody, readUploadAnswer, type UploadAnswer, type UploadedPart } from './core/parts.ts'
export type { PostRefusal } from './core/policy.ts'
export type { PostTarget, PresignedPost, PresignPostOptions } from './core/post.ts'
export type { PresignedRequest } from './core/presign.ts'
export type { SignedRequest, UnsignedRequest } from './core/sign.ts'
export { objectUrl, type S3Object, type Target, type UrlLike } from './core/target.ts'
export type { Expires } from './core/time.ts'
export type {
  PresignedPart,
  PresignedParts,
  PresignedUpload,
  PresignPartsOptions,
  PresignUploadOptions,
  UploadPlan,
} from './core/upload.ts'
