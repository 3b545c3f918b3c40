import { type Now, toTime } from '../../core/encoding/time.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkPolicy, type FormDetails, type FormFields, policyOf, readForm } from './form.ts'
import type { PolicyViolation } from './policy.ts'

/** Facts about a form, and the time. */
export interface CheckPostDetails extends FormDetails {
  /** The current time: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
}

const DETAILS = /* @__PURE__ */ members('size type filename bucket now')

/**
 * Evaluates a policy against a form as S3 does: before sending a large file, or to find out why S3 rejected it. A field
 * that is sent twice, a control character, and a lone surrogate are violations as well. The signature is not checked.
 *
 * @param policy - A policy as base64 or JSON, or the fields that contain one, such as `post.fields`.
 * @param fields - All fields of the form, as an object or as the `FormData`.
 * @param details - `size`, `type` and `filename` of the file, the `bucket`, and `now`.
 * @returns `undefined` if S3 accepts the form, otherwise `{ reason, awsCode, status, message, condition?, field?, details }`.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` for invalid fields. An invalid policy is a result, not an error.
 * @example
 * ```ts
 * import { checkPost, presignPost } from 'sigv4'
 *
 * const post = await presignPost(
 *   { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     contentLengthRange: [1, 1000],
 *   },
 * )
 * const violation = checkPost(post.fields, post.fields, { size: 2000 })
 * if (violation) console.log(violation.reason, violation.details.MaxSizeAllowed) // too-large 1000
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPost(
  policy: string | object,
  fields: FormFields,
  details: CheckPostDetails = {},
): PolicyViolation | undefined {
  const given = details ?? {}
  checkMembers('details', given, DETAILS)
  return checkPolicy(policyOf(policy), readForm(fields, given), toTime(given.now ?? Date.now, 'details.now'))
}
