import { fail } from '../core/errors.ts'
import type { SignOptions } from '../core/signing/options.ts'
import { S3_EXPRESS, scopeInput } from '../core/signing/scope.ts'
import { readSign, type SignInput } from '../core/signing/sign.ts'
import { readBucket } from '../core/signing/target.ts'

/** Permissions of an S3 Express session. */
export type SessionMode = 'ReadOnly' | 'ReadWrite'

/** Reads the request that creates an S3 Express session for a bucket. `argument` is what contains its name. */
export function readCreateSession(
  { bucket, region, mode }: { bucket: string; region: string; mode?: SessionMode | undefined },
  options: SignOptions<unknown>,
  argument: string,
): SignInput {
  const isName = typeof bucket === 'string' && /^\w[\w.-]*$/.test(bucket)
  const parts = isName ? readBucket({ bucket }, region) : undefined
  if (parts?.service !== S3_EXPRESS)
    fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'Pass a directory bucket, such as photos--use1-az4--x-s3.')
  const headers = { 'x-amz-create-session-mode': mode }
  const url = `${parts.origin}${parts.path}?session`
  return readSign({ url, headers }, options, () => scopeInput(region, S3_EXPRESS, options))
}
