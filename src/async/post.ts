import { signingContext } from '../core/signing/scope.ts'
import { signString } from '../crypto/webcrypto.ts'
import {
  type PresignPostOptions as CorePresignPostOptions,
  type PostTarget,
  type PresignedPost,
  postForm,
  preparePost,
  readPost,
} from '../s3/post/presigned-post.ts'
import type { CredentialsSource } from './credentials.ts'

/** Options of `presignPost`. */
export interface PresignPostOptions extends CorePresignPostOptions<CredentialsSource> {}

/**
 * Presigns a form that uploads a file to S3 by POST, for browsers and other clients without credentials. Unlike a
 * presigned URL, it can limit the size of the file, and leave part of the key or content type open. The signed policy
 * contains a condition for every field; {@link toFormData} fills in the form.
 *
 * @param target - The bucket, and the key or its prefix: `{ bucket, key | keyPrefix, region?, endpoint?, pathStyle? }`.
 * @param options - Credentials, and what the form must contain: `contentLengthRange`, `contentType`, `fields`, ….
 * @returns `{ url, fields, expiresAt }`: send the fields in order, and the file last.
 * @throws The errors of {@link presign}; `ERR_INVALID_ARG_VALUE` for a policy that no form can meet, and for Cloudflare R2,
 * which does not accept forms.
 * @example
 * ```ts
 * import { presignPost, toFormData } from 'sigv4'
 *
 * const post = await presignPost(
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
export async function presignPost(target: PostTarget, options: PresignPostOptions): Promise<PresignedPost> {
  const input = readPost(target, options)
  const { credentials: source } = options
  const credentials = typeof source === 'function' ? await source() : source
  const form = preparePost(input, credentials, signingContext(input.scope, Date.now()))
  return postForm(form, await signString(form.policy, form.context, credentials))
}
