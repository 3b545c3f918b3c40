// @generated from src/async/post.ts by npm run twins: change that file instead.

import { resolved } from '../core/signing/credentials.ts'
import { signingContext } from '../core/signing/scope.ts'
import { signString } from '../crypto/sha256.ts'
import {
  type PostTarget,
  type PresignedPost,
  type PresignPostOptions,
  postForm,
  preparePost,
  readPost,
} from '../s3/post/presigned-post.ts'

/**
 * Presigns a form that uploads a file to S3 by POST, for browsers and other clients without credentials. Unlike a
 * presigned URL, it can limit the size of the file, and leave part of the key or content type open. The signed policy
 * contains a condition for every field; {@link toFormData} fills in the form.
 *
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
 * @see `presignPost` of `sigv4` for the full documentation.
 */
export function presignPost(target: PostTarget, options: PresignPostOptions): PresignedPost {
  const input = readPost(target, options)
  const { credentials: source } = options
  const credentials = resolved(source)
  const form = preparePost(input, credentials, signingContext(input.scope, Date.now()))
  return postForm(form, signString(form.policy, form.context, credentials))
}
