import { parseCredential } from '../core/authorization.ts'
import type { Scope } from '../core/credentials.ts'
import { fail } from '../core/errors.ts'
import { checkPolicy, type FormFacts, type FormFields, readForm } from '../core/form.ts'
import { type PostRefusal, parsePolicy } from '../core/policy.ts'
import { refuse, refuseSignature, SigV4VerifyError } from '../core/refusal.ts'
import { parseAmzDate } from '../core/time.ts'
import { scopeMismatch } from '../core/verification.ts'
import { type HmacKey, verifyHmac } from '../crypto/webcrypto.ts'
import { lookUp, refuseCredentials } from './lookup.ts'
import { checkOptions, type VerifyOptions } from './options.ts'

/** How to verify a form, and what there is to know about it besides its fields. */
export interface VerifyPostOptions
  extends Pick<VerifyOptions, 'credentials' | 'region' | 'service' | 'now' | 'uniform'>,
    FormFacts {
  /** Bucket that the form was sent to, which the policy must name. */
  readonly bucket: string
}

/** What is known of a form whose signature and policy are right. */
export interface VerifiedPost {
  readonly accessKeyId: string
  /** Day, region and service that it was signed for. */
  readonly scope: Scope
  /** When the policy ends. */
  readonly expiresAt: Date
  /** The security token that came with the form. */
  readonly sessionToken?: string
  /** The fields, names in lower case, `${filename}` replaced; each meets the policy. */
  readonly fields: ReadonlyMap<string, string>
  /** How many bytes the file may have, where the policy says. Where `size` was not given, the reader must see to it. */
  readonly contentLengthRange?: readonly [min: number, max: number]
}

/**
 * Verifies a form that a browser sends to S3 with a policy that somebody else signed: its signature, and that every field
 * meets the policy.
 *
 * @param fields - The fields before the file: an object, or pairs such as those of a `FormData`.
 * @param options - The lookup of credentials, what is accepted, and the file's `size`, `type` and `filename`.
 * @returns Who signed, and what the form may do.
 * @throws `SigV4VerifyError`: `ERR_SIGV4_AUTH_MISSING`, `…_AUTH_MALFORMED`, `…_ALGORITHM_UNSUPPORTED`, `…_SCOPE_MISMATCH`,
 * `…_ACCESS_KEY_UNKNOWN`, `…_SIGNATURE_MISMATCH`, `…_EXPIRED` and `…_POLICY_VIOLATION`; `TypeError` for wrong options.
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
    fail('ERR_INVALID_ARG_TYPE', 'options.bucket must be the bucket that the form was sent to')
  const now = Number(options.now ?? Date.now())
  const uniform = options.uniform ?? false
  const form = readForm(fields, options)
  const get = (name: string): string => form.fields.get(name) ?? ''
  const [policy, credential, signature] = ['policy', 'x-amz-credential', 'x-amz-signature'].map(get) as [
    string,
    string,
    string,
  ]
  if (!policy && !signature && !credential) refuse('ERR_SIGV4_AUTH_MISSING', 'AccessDenied', 403, 'Access Denied')
  for (const name of ['policy', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'])
    if (!get(name.toLowerCase()))
      refuseField(
        'ERR_SIGV4_AUTH_MALFORMED',
        name,
        `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      )
  if (get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256')
    refuseField(
      'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
      'X-Amz-Algorithm',
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
    )
  const { accessKeyId, scope } = readCredential(credential)
  const [mismatch, details] = scopeMismatch(scope, options) ?? []
  if (mismatch) refuseField('ERR_SIGV4_SCOPE_MISMATCH', 'X-Amz-Credential', mismatch, details)
  const amzDate = get('x-amz-date')
  if (parseAmzDate(amzDate) === undefined)
    refuseField(
      'ERR_SIGV4_AUTH_MALFORMED',
      'X-Amz-Date',
      `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
    )
  if (scope.date !== amzDate.slice(0, 8))
    refuseField(
      'ERR_SIGV4_SCOPE_MISMATCH',
      'X-Amz-Credential',
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${amzDate.slice(0, 8)}".`,
    )
  const sessionToken = form.fields.get('x-amz-security-token')
  const { key, problem } = await lookUp(options, { accessKeyId, scope, sessionToken }, now, uniform)
  await checkSignature(key, problem, { accessKeyId, policy, signature, uniform })
  const refusal = checkPolicy(policy, fields, { ...options, now })
  if (refusal) violated(refusal)
  const parsed = parsePolicy(policy)
  if ('awsCode' in parsed) violated(parsed)
  const range = parsed.conditions.find((condition) => condition.operator === 'content-length-range')
  return {
    accessKeyId,
    scope,
    expiresAt: new Date(parsed.expiration),
    ...(sessionToken !== undefined && { sessionToken }),
    fields: form.fields,
    ...(range && 'max' in range && { contentLengthRange: [range.min, range.max] as const }),
  }
}

/** What is signed is the policy itself, in base64. */
async function checkSignature(
  key: HmacKey,
  problem: Parameters<typeof refuseCredentials>[0] | undefined,
  form: {
    readonly accessKeyId: string
    readonly policy: string
    readonly signature: string
    readonly uniform: boolean
  },
): Promise<void> {
  const { accessKeyId, policy, signature, uniform } = form
  const isRight = await verifyHmac(key, policy, signature)
  if (problem === 'unknown' && !uniform) refuseCredentials(problem, accessKeyId)
  if (!isRight || (problem && uniform))
    refuseSignature({ AWSAccessKeyId: accessKeyId, SignatureProvided: signature }, { stringToSign: policy })
  if (problem) refuseCredentials(problem, accessKeyId)
}

/** A credential, refused in the words for forms. */
function readCredential(credential: string): ReturnType<typeof parseCredential> {
  try {
    return parseCredential(credential, 'query')
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    return refuseField(error.code, 'X-Amz-Credential', error.message)
  }
}

function refuseField(
  code: SigV4VerifyError['code'],
  field: string,
  message: string,
  details: Readonly<Record<string, string>> = {},
): never {
  refuse(code, 'InvalidArgument', 400, message, { ArgumentName: field, ...details })
}

function violated({ awsCode, status, message, details }: PostRefusal): never {
  const isOver = message.endsWith('Policy expired.')
  refuse(isOver ? 'ERR_SIGV4_EXPIRED' : 'ERR_SIGV4_POLICY_VIOLATION', awsCode, status, message, details)
}
