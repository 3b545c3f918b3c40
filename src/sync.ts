/**
 * Signs and presigns requests synchronously, with SHA-256 in JavaScript: the functions of `sigv4` for React Native, pages
 * without HTTPS, getters and templates. `sigv4` has the full documentation; here, credentials cannot be a function, and a
 * body cannot be a `Blob`.
 *
 * @module
 */

export type { Duration } from './core/durations.ts'
export type { Expires, Now } from './core/encoding/time.ts'
export {
  type ArgumentErrorCode,
  type ErrorReason,
  isSigV4Error,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4VerifyErrorCode,
} from './core/errors.ts'
export type { HeaderSelection, HeadersInput } from './core/http/headers.ts'
export type { UrlLike } from './core/http/url.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type {
  Checksum,
  ChecksumAlgorithm,
  PresignOptions,
  QueryInput,
  RunningChecksum,
  SessionTokenName,
  SessionTokenPlacement,
  SigningOptions,
  SignOptions,
} from './core/signing/options.ts'
export type { FromJson, PresignedRequest } from './core/signing/presign.ts'
export type { KeyScope, Scope } from './core/signing/scope.ts'
export type { SignedRequest, UnsignedRequest } from './core/signing/sign.ts'
export { objectUrl, type S3Object, type Target } from './core/signing/target.ts'
export { forgetSigningKeys } from './crypto/key-cache.ts'
export { type AccessPoint, accessPoint } from './s3/access-point.ts'
export type {
  ChecksumType,
  MultipartPlan,
  PartChecksum,
  PartToPresign,
  PresignedMultipartParts,
  PresignedMultipartUpload,
  PresignedPart,
  PresignMultipartPartsOptions,
  PresignMultipartUploadOptions,
} from './s3/multipart/plan.ts'
export {
  type MultipartResponse,
  multipartCompletionBody,
  type ObjectChecksum,
  parseMultipartResponse,
  type UploadedPart,
} from './s3/multipart/xml.ts'
export { type CheckPostDetails, checkPost } from './s3/post/check-post.ts'
export type { PostCondition } from './s3/post/conditions.ts'
export type { FormDetails, FormFields } from './s3/post/form.ts'
export type { PostFile, ToFormDataOptions, WebFormData } from './s3/post/form-data.ts'
export type { PolicyReason, PolicyViolation } from './s3/post/policy.ts'
export type { PostTarget, PresignedPost, PresignPostOptions } from './s3/post/presigned-post.ts'
export { toFormData } from './s3/post/to-form-data.ts'
export { presignPost } from './sync/post.ts'
export {
  presign,
  presignDelete,
  presignGet,
  presignHead,
  presignMultipartParts,
  presignMultipartUpload,
  presignPut,
} from './sync/presign.ts'
export { sign } from './sync/sign.ts'
export { deriveSigningKey, type SigningKeyOptions } from './sync/signing-key.ts'
