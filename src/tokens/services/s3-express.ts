import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import type { SignedRequest } from '../../core/signing/sign.ts'
import { readCreateSession } from '../../s3/create-session.ts'
import { LOGIN_OPTIONS, type LoginOptions, type Recipe, requestRecipe } from '../recipe/recipe.ts'

/** An S3 Express directory bucket. */
export interface S3ExpressTarget {
  /** Name of the bucket, which ends with the zone: `photos--use1-az4--x-s3`. */
  readonly bucket: string
  /** Region of the bucket. */
  readonly region: string
  /** Permissions of the session. @default `'ReadWrite'`, where the bucket's policy allows it */
  readonly mode?: 'ReadOnly' | 'ReadWrite' | undefined
}

const TARGET = /* @__PURE__ */ members('bucket region mode')

export function readS3ExpressSession(
  target: S3ExpressTarget,
  options: LoginOptions<unknown>,
): Recipe<SignedRequest<never>> {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, LOGIN_OPTIONS)
  const { mode } = target
  const input = readCreateSession(target, options, 'target.bucket')
  if (mode !== undefined && mode !== 'ReadOnly' && mode !== 'ReadWrite')
    fail('ERR_INVALID_ARG_VALUE', 'target.mode', 'invalid', "Pass 'ReadOnly' or 'ReadWrite'.")
  return requestRecipe(input, undefined, (request) => request as SignedRequest<never>)
}
