import { parseAmzDate } from '../core/encoding/time.ts'
import { fail, type SigV4VerifyErrorCode } from '../core/errors.ts'
import { checkFields, evaluatePolicy, type FormDetails, type FormFields, readForm } from '../core/post/form.ts'
import { type PolicyViolation, parsePolicy } from '../core/post/policy.ts'
import type { Scope } from '../core/signing/scope.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { reject, rejectSignature } from '../core/verify-error.ts'
import { authenticate, type ClaimedSignature } from './authenticate.ts'
import { mismatch, parseCredential } from './authorization.ts'
import { scopeMismatch } from './claim.ts'
import { checkOptions, type VerifyOptions } from './options.ts'

/** Fields that sign a form, as S3 names them. */
const SIGNING_FIELDS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature']

/** Options of `verifyPost`, and details of the form other than its fields. */
export interface VerifyPostOptions
  extends Pick<VerifyOptions, 'credentials' | 'region' | 'service' | 'now' | 'hideUnknownKeys'>,
    FormDetails {
  /** Bucket that the form was sent to, which the policy must name. */
  readonly bucket: string
}

/** A form whose signature is valid and that meets its policy. */
export interface VerifiedPost {
  readonly accessKeyId: string
  /** Day, region and service that it was signed for. */
  readonly scope: Scope
  /** When the policy expires. */
  readonly expiresAt: Date
  /** The security token of the form. */
  readonly sessionToken?: string
  /** The fields, names in lower case, `${filename}` replaced; each was sent once and meets the policy. Use no other copy. */
  readonly fields: ReadonlyMap<string, string>
  /** Minimum and maximum size of the file in bytes, if the policy limits it. With `size: 'deferred'`, check it while reading. */
  readonly contentLengthRange?: readonly [min: number, max: number]
}

/**
 * Verifies a signed form that a browser sends to S3: its signature, and that every field meets the policy. A field that
 * is sent twice, a control character, and a lone surrogate are rejected.
 *
 * @param fields - The fields before the file: an object, or pairs such as those of a `FormData`.
 * @param options - The lookup of credentials, what is accepted, and the file's `size`, `type` and `filename`.
 * @returns Who signed, and the form's fields and limits.
 * @throws `SigV4VerifyError`: `ERR_SIGV4_AUTH_MISSING`, `…_AUTH_MALFORMED`, `…_ALGORITHM_UNSUPPORTED`, `…_SCOPE_MISMATCH`,
 * `…_ACCESS_KEY_UNKNOWN`, `…_SIGNATURE_MISMATCH`, `…_EXPIRED` and `…_POLICY_VIOLATION`; `TypeError` for invalid options.
 * @example
 * ```ts
 * import { verifyPost } from 'sigv4/verify'
 *
 * async function receive(request: Request): Promise<string> {
 *   const form = await request.formData()
 *   const { fields } = await verifyPost(form, { credentials: (id) => secrets.get(id), bucket: 'photos' })
 *   return `${fields.get('key')}`
 * }
 * const secrets = new Map([['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY']])
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
export async function verifyPost(fields: FormFields, options: VerifyPostOptions): Promise<VerifiedPost> {
  checkOptions(options)
  if (typeof options.bucket !== 'string' || !options.bucket)
    fail('ERR_INVALID_ARG_TYPE', 'options.bucket', 'type', 'Pass the bucket that the form was sent to.')
  const now = Number(options.now ?? Date.now())
  const form = readForm(fields, options)
  const get = (name: string): string => form.fields.get(name.toLowerCase()) ?? ''
  const missing = SIGNING_FIELDS.filter((name) => !get(name))
  if (missing.length === SIGNING_FIELDS.length) reject('ERR_SIGV4_AUTH_MISSING', 'AccessDenied', 403, 'Access Denied')
  const [field = get('policy') ? undefined : 'policy'] = missing
  if (field !== undefined)
    rejectField(
      'ERR_SIGV4_AUTH_MALFORMED',
      field,
      `Bucket POST must contain a field named '${field}'.  If it is specified, please check the order of the fields.`,
    )
  if (get('x-amz-algorithm') !== ALGORITHM)
    rejectField('ERR_SIGV4_ALGORITHM_UNSUPPORTED', 'X-Amz-Algorithm', `X-Amz-Algorithm only supports "${ALGORITHM}"`)
  const { accessKeyId, scope } = parseCredential(get('x-amz-credential'), 'form')
  const [problem, details] = scopeMismatch(scope, options) ?? []
  if (problem) mismatch('form', problem, details)
  const amzDate = get('x-amz-date')
  if (parseAmzDate(amzDate) === undefined)
    rejectField(
      'ERR_SIGV4_AUTH_MALFORMED',
      'X-Amz-Date',
      `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
    )
  if (scope.date !== amzDate.slice(0, 8))
    mismatch(
      'form',
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${amzDate.slice(0, 8)}".`,
    )
  const [policy, signature, sessionToken] = [
    get('policy'),
    get('x-amz-signature'),
    form.fields.get('x-amz-security-token'),
  ]
  const claim: ClaimedSignature = { location: 'form', accessKeyId, scope, signature, sessionToken }
  // the string to sign is the policy itself, in base64
  await authenticate(claim, { stringToSign: policy }, options, now)
  const parsed = parsePolicy(policy)
  const isEncoded = !policy.trim().startsWith('{') && !('reason' in parsed && parsed.reason === 'encoding')
  if (!isEncoded)
    rejectSignature({ AWSAccessKeyId: accessKeyId, SignatureProvided: signature }, { stringToSign: policy })
  const violation = checkFields(form)
  if (violation) rejectViolation(violation)
  if ('reason' in parsed) rejectViolation(parsed)
  const unmet = evaluatePolicy(parsed, form, now)
  if (unmet) rejectViolation(unmet)
  const ranges = parsed.conditions.filter((condition) => condition.operator === 'content-length-range')
  const [min, max] = [Math.max(...ranges.map(({ min }) => min)), Math.min(...ranges.map(({ max }) => max))]
  return {
    accessKeyId,
    scope,
    expiresAt: new Date(parsed.expiration),
    ...(sessionToken !== undefined && { sessionToken }),
    fields: form.fields,
    ...(ranges.length > 0 && { contentLengthRange: [min, max] as const }),
  }
}

function rejectField(code: SigV4VerifyErrorCode, field: string, message: string): never {
  reject(code, 'InvalidArgument', 400, message, { ArgumentName: field })
}

function rejectViolation({ reason, awsCode, status, message, details }: PolicyViolation): never {
  const code = reason === 'expired' ? 'ERR_SIGV4_EXPIRED' : 'ERR_SIGV4_POLICY_VIOLATION'
  reject(code, awsCode, status, message, details)
}
