import { fail } from '../core/errors.ts'
import { members } from '../core/members.ts'
import type { SignOptions } from '../core/signing/options.ts'
import { S3_EXPRESS, scopeInput } from '../core/signing/scope.ts'
import { readSign, type SignInput } from '../core/signing/sign.ts'
import { readBucket } from '../core/signing/target.ts'

/** Permissions of an S3 Express session. */
export type SessionMode = 'ReadOnly' | 'ReadWrite'

/** An S3 Express directory bucket. */
export interface S3ExpressTarget {
  /** Name of the bucket, which ends with the zone: `photos--use1-az4--x-s3`. */
  readonly bucket: string
  /** Region of the bucket. */
  readonly region: string
}

export const S3_EXPRESS_TARGET = /* @__PURE__ */ members('bucket region')

/** Reads the request that creates an S3 Express session for a bucket. */
export function readCreateSession(
  { bucket, region }: S3ExpressTarget,
  { mode, ...options }: Pick<SignOptions<unknown>, 'credentials' | 'now'> & { readonly mode?: SessionMode | undefined },
): SignInput {
  const isName = typeof bucket === 'string' && /^\w[\w.-]*$/.test(bucket)
  const parts = isName ? readBucket({ bucket }, region) : undefined
  if (parts?.service !== S3_EXPRESS)
    fail(
      'ERR_INVALID_ARG_VALUE',
      'target.bucket',
      'invalid',
      'Pass a directory bucket, such as photos--use1-az4--x-s3.',
    )
  const headers = { 'x-amz-create-session-mode': mode }
  const url = `${parts.origin}${parts.path}?session`
  return readSign({ url, headers }, options, () => scopeInput(region, S3_EXPRESS, options))
}
