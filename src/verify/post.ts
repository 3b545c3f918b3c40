import { parseAmzDate } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import { SESSION_PARAMETER, SIGNING_FIELDS } from '../core/http/headers.ts'
import { optionRules } from '../core/rules.ts'
import type { Scope } from '../core/signing/scope.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { SIGV4_VERIFYING } from '../crypto/verifying.ts'
import { checkScopeDate, tokenParameters } from '../received/claim.ts'
import {
  ALGORITHM_OTHER,
  AUTH_MISSING,
  DATE_FORMAT,
  PARAMETER_REPEATED,
  SIGNATURE,
  SIGNATURE_V2,
} from '../received/refusals.ts'
import { checkFields, evaluatePolicy, type FormDetails, type FormFields, readForm } from '../s3/post/form.ts'
import { type PolicyViolation, parsePolicy } from '../s3/post/policy.ts'
import { FIELD_MISSING } from '../s3/post/refusals.ts'
import { authenticate, type ClaimedSignature } from './authenticate.ts'
import { readCredential } from './authorization.ts'
import { checkScope } from './claim.ts'
import { checkVerifyOptions, type VerifyOptions } from './options.ts'
import { refuse, refuseProblem } from './refuse.ts'
import { SigV4VerifyError } from './verify-error.ts'

/** Options that `verify` also has are checked by its rules. */
const OPTIONS = /* @__PURE__ */ optionRules<VerifyPostOptions>({
  credentials: undefined,
  region: undefined,
  service: undefined,
  now: undefined,
  hideUnknownKeys: undefined,
  bucket: undefined,
  size: undefined,
  type: undefined,
  filename: undefined,
})

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
  /** Expiration of the policy. */
  readonly expiresAt: Date
  /** The session token of the form. */
  readonly sessionToken?: string
  /** The fields, names in lowercase, `${filename}` replaced; each was sent once and meets the policy. Use no other copy. */
  readonly fields: ReadonlyMap<string, string>
  /** Minimum and maximum size of the file in bytes, if the policy limits it. With `size: 'deferred'`, check it while reading. */
  readonly contentLengthRange?: readonly [min: number, max: number]
}

/**
 * Verifies a signed form that a browser sends to S3: its signature, and that every field meets the policy. A field that
 * is sent twice, also after the file, a control character, and a lone surrogate are rejected.
 *
 * @param fields - The fields before the file: an object, or pairs such as those of a `FormData`.
 * @param options - The lookup of credentials, the accepted forms, and the file's `size`, `type` and `filename`.
 * @returns The signer, and the form's fields and limits.
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
  checkVerifyOptions(options, OPTIONS)
  if (typeof options.bucket !== 'string' || !options.bucket)
    fail('ERR_INVALID_ARG_TYPE', 'options.bucket', 'type', 'Pass the bucket that the form was sent to.')
  const now = Number(options.now ?? Date.now())
  const form = readForm(fields, options)
  const get = (name: string): string => form.fields.get(name.toLowerCase()) ?? ''
  const missing = SIGNING_FIELDS.filter((name) => !get(name))
  if (missing.length === SIGNING_FIELDS.length)
    refuse(get('AWSAccessKeyId') && get('signature') ? SIGNATURE_V2 : AUTH_MISSING)
  const absent = missing[0] ?? (get('policy') ? undefined : 'policy')
  if (absent !== undefined) refuse(FIELD_MISSING, { ArgumentName: absent })
  const location = 'form'
  if (get('x-amz-algorithm') !== ALGORITHM) refuse(ALGORITHM_OTHER, { ArgumentName: 'X-Amz-Algorithm' }, location)
  const { accessKeyId, scope } = readCredential(get('x-amz-credential'), location)
  checkScope(scope, options, location)
  const amzDate = get('x-amz-date')
  if (parseAmzDate(amzDate) === undefined) refuse(DATE_FORMAT, { ArgumentName: 'X-Amz-Date' }, location)
  refuseProblem(checkScopeDate(scope, amzDate), location)
  const policy = get('policy')
  const signature = get('x-amz-signature')
  const [sessionToken, other] = tokenParameters(scope.service).flatMap(
    (name) => form.fields.get(name.toLowerCase()) ?? [],
  )
  if (other !== undefined) refuse(PARAMETER_REPEATED, { name: SESSION_PARAMETER }, location)
  const claim: ClaimedSignature = { location, accessKeyId, scope, signature, sessionToken, algorithm: SIGV4_VERIFYING }
  // the string to sign is the policy itself, in base64
  await authenticate(claim, { stringToSign: policy }, options, now)
  const parsed = parsePolicy(policy)
  const isEncoded = !policy.trim().startsWith('{') && !('reason' in parsed && parsed.reason === 'encoding')
  if (!isEncoded)
    refuse(SIGNATURE, { AWSAccessKeyId: accessKeyId, SignatureProvided: signature }, location, { stringToSign: policy })
  const violation = checkFields(form)
  if (violation) rejectViolation(violation)
  if ('reason' in parsed) rejectViolation(parsed)
  const unmet = evaluatePolicy(parsed, form, now)
  if (unmet) rejectViolation(unmet)
  const ranges = parsed.conditions.filter((condition) => condition.operator === 'content-length-range')
  return {
    accessKeyId,
    scope,
    expiresAt: new Date(parsed.expiration),
    ...(sessionToken !== undefined && { sessionToken }),
    fields: form.fields,
    ...(ranges.length > 0 && {
      contentLengthRange: [Math.max(...ranges.map(({ min }) => min)), Math.min(...ranges.map(({ max }) => max))],
    }),
  }
}

function rejectViolation({ reason, awsCode, status, message, details }: PolicyViolation): never {
  const code = reason === 'expired' ? 'ERR_SIGV4_EXPIRED' : 'ERR_SIGV4_POLICY_VIOLATION'
  throw new SigV4VerifyError(code, awsCode, status, message, details)
}
