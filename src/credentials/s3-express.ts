import type { Credentials, CredentialsProvider } from '../async/credentials.ts'
import { holdCredentials, keepCredentials } from '../async/hold.ts'
import { fail } from '../core/errors.ts'
import { checkMembers } from '../core/members.ts'
import { checkOptions, choiceRule, optionRules } from '../core/rules.ts'
import { EMPTY_HASH } from '../core/signing/canonical-request.ts'
import { checkCredentials, copyCredentials, type SecretCredentials } from '../core/signing/credentials.ts'
import { checkRegion } from '../core/signing/hosts.ts'
import { signingContext } from '../core/signing/scope.ts'
import { prepareSign, signed } from '../core/signing/sign.ts'
import { SIGV4, signature } from '../crypto/webcrypto.ts'
import { isExpiredToken } from '../received/service-error.ts'
import { readCreateSession, S3_EXPRESS_TARGET, type S3ExpressTarget, type SessionMode } from '../s3/create-session.ts'
import { type ReadResponse, readXmlCredentials, readXmlError, send } from './request.ts'

/** Options of `fromS3Express`. */
export interface S3ExpressOptions {
  /** IAM credentials that may create sessions, or a function that returns them, such as `fromContainer()`. */
  readonly credentials: Credentials | CredentialsProvider
  /** Permissions of the sessions. @default `'ReadWrite'`, where the bucket's policy allows it */
  readonly mode?: SessionMode | undefined
}

const OPTIONS = /* @__PURE__ */ optionRules<S3ExpressOptions>({
  credentials: undefined,
  mode: /* @__PURE__ */ choiceRule('ReadOnly', 'ReadWrite'),
})

/** Milliseconds before its expiration at which a session, which is valid for 5 minutes, is replaced. */
const MARGIN = 120_000

/**
 * Returns a function that creates sessions for an S3 Express directory bucket, with `CreateSession`. A session is valid for
 * 5 minutes, and is kept until two minutes before it expires.
 *
 * The sessions sign requests for objects of this bucket only. `CopyObject`, `UploadPartCopy`, `HeadBucket`, and requests to
 * `s3express-control` endpoints require IAM credentials.
 *
 * @param target - `{ bucket, region }`; the name of the bucket ends with the zone: `photos--use1-az4--x-s3`.
 * @param options - IAM credentials, and the permissions of the sessions.
 * @returns A function that returns a promise of the credentials of a session, for `credentials`. It rejects with
 * `ERR_SIGV4_CREDENTIALS_MISSING` if S3 does not create a session: the message contains its error code and message.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING`, `ERR_SIGV4_SCOPE_UNKNOWN` without a region, and argument errors.
 * @example
 * ```ts
 * import { fromContainer, fromS3Express } from 'sigv4/credentials'
 * import { createSignedFetch } from 'sigv4/fetch'
 *
 * const credentials = fromS3Express(
 *   { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' },
 *   { credentials: fromContainer() },
 * )
 * const signedFetch = createSignedFetch({ credentials })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
 */
export function fromS3Express(
  target: S3ExpressTarget,
  options: S3ExpressOptions,
): CredentialsProvider<Promise<SecretCredentials>> {
  checkMembers('target', target, S3_EXPRESS_TARGET)
  checkOptions('options', options, OPTIONS)
  const { bucket } = target
  const { credentials } = options
  const region = checkRegion(target.region, 'Pass the region of the bucket.', 'target.region')
  if (typeof credentials !== 'function') checkCredentials(credentials, Date.now())
  const input = readCreateSession({ bucket, region }, options)
  const held = holdCredentials<Credentials>(copyCredentials(credentials))
  const name = `session for ${bucket}`

  const request = async (iam: Credentials) => {
    const content = { body: undefined, payloadHash: EMPTY_HASH }
    const unsigned = prepareSign(input, content, iam, signingContext(input.scope, Date.now()))
    const { url, method, headers } = signed(unsigned, await signature(unsigned, iam, SIGV4))
    return send(`The ${name}`, url, { method, headers }, 5000)
  }

  return keepCredentials(async () => {
    const iam = await held.get()
    let response = await request(iam)
    if (isExpiredToken(readXmlError(response.text)) && held.discard(iam)) response = await request(await held.get())
    if (response.status !== 200) reject(`The ${name}`, response)
    return readXmlCredentials(response, name, 'Check the response to CreateSession.')
  }, MARGIN)
}

function reject(argument: string, { status, text }: ReadResponse): never {
  const { code = `status ${status}`, message = '' } = readXmlError(text)
  const permission = 'Allow s3express:CreateSession for the bucket in the policy of the IAM credentials.'
  const sentences = [`S3 returned ${code}`, message.replace(/\.$/, '')].filter(Boolean).map((each) => `${each}.`)
  if (code === 'AccessDenied') sentences.push(permission)
  fail('ERR_SIGV4_CREDENTIALS_MISSING', argument, 'unusable', sentences.join(' '))
}
