import { fillForm, type PostFile, type ToFormDataOptions, type WebFormData } from './form-data.ts'
import type { PresignedPost } from './presigned-post.ts'

/**
 * Fills in the form of `presignPost`: its fields in order, the content type of the file if the policy requires one, and
 * the file last, because S3 ignores what follows it.
 *
 * @param post - The result of `presignPost`, or a JSON copy.
 * @param file - A `File`, a `Blob`, a string or bytes; in React Native `{ uri, name, type }`.
 * @param options - The name of the file, and fields that the sender chooses within the policy.
 * @returns A `FormData`. Send it by POST, and let the client set the content type.
 * @throws `ERR_SIGV4_REQUEST_UNSENDABLE` without `FormData` or `Blob`; `TypeError` with `ERR_INVALID_ARG_TYPE`.
 * @example
 * ```ts
 * import { presignPost, toFormData } from 'sigv4'
 *
 * const post = await presignPost(
 *   { bucket: 'logs', keyPrefix: 'today/', region: 'eu-west-1' },
 *   { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
 * )
 * const body = toFormData(post, 'one line', { fields: { key: 'today/first.log' } })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export function toFormData(
  post: Pick<PresignedPost, 'fields'>,
  file: PostFile,
  options: ToFormDataOptions = {},
): WebFormData {
  return fillForm(
    post,
    file,
    options,
    typeof FormData === 'function' ? FormData : undefined,
    typeof Blob === 'function' ? Blob : undefined,
  )
}
