/**
 * Signs and presigns requests, with `node:crypto` where it exists, and otherwise with Web Crypto. Functions that sign
 * return a promise, and accept a function that provides credentials.
 *
 * @module
 */

export type {
  Credentials,
  CredentialsSource,
  ScopedCredentials,
  SecretCredentialsSource,
  SigningKey,
} from './async/credentials.ts'
export { type PresignPostOptions, presignPost } from './async/post.ts'
export {
  type PresignMultipartPartsOptions,
  type PresignMultipartUploadOptions,
  type PresignOptions,
  presign,
  presignDelete,
  presignGet,
  presignHead,
  presignMultipartParts,
  presignMultipartUpload,
  presignPut,
} from './async/presign.ts'
export { type SignOptions, sign } from './async/sign.ts'
export { deriveSigningKey, type SigningKeyOptions } from './async/signing-key.ts'
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
export type { WebRequest, WebStream } from './core/http/platform.ts'
export type { UrlLike } from './core/http/url.ts'
export type { PathEncoding, PathNormalization } from './core/signing/canonical-request.ts'
export type { SecretCredentials } from './core/signing/credentials.ts'
export type {
  Checksum,
  ChecksumAlgorithm,
  QueryInput,
  RunningChecksum,
  SessionTokenName,
  SessionTokenPlacement,
  SigningOptions,
} from './core/signing/options.ts'
export type { FromJson, PresignedRequest } from './core/signing/presign.ts'
export type { KeyScope, Scope } from './core/signing/scope.ts'
export type { SignedRequest, UnsignedRequest } from './core/signing/sign.ts'
export { objectUrl, type S3Object, type Target } from './core/signing/target.ts'
export { forgetSigningKeys } from './crypto/key-cache.ts'
export type { WebCryptoKey } from './crypto/webcrypto.ts'
export { type AccessPoint, accessPoint } from './s3/access-point.ts'
export type {
  ChecksumType,
  MultipartPlan,
  PartChecksum,
  PartToPresign,
  PresignedMultipartParts,
  PresignedMultipartUpload,
  PresignedPart,
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
export type { PostTarget, PresignedPost } from './s3/post/presigned-post.ts'
export { toFormData } from './s3/post/to-form-data.ts'
