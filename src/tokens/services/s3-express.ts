import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import type { Credentials } from '../../core/signing/credentials.ts'
import type { SignedRequest } from '../../core/signing/sign.ts'
import {
  readCreateSession,
  S3_EXPRESS_TARGET,
  type S3ExpressTarget,
  type SessionMode,
} from '../../s3/create-session.ts'
import { type LoginOptions, type Recipe, requestRecipe } from '../recipe/recipe.ts'

/** Options of `s3ExpressSession`. */
export interface S3ExpressSessionOptions<Source = Credentials> extends LoginOptions<Source> {
  /** Permissions of the session. @default `'ReadWrite'`, where the bucket's policy allows it */
  readonly mode?: SessionMode | undefined
}

const OPTIONS = /* @__PURE__ */ members('credentials now mode')

export function readS3ExpressSession(
  target: S3ExpressTarget,
  options: S3ExpressSessionOptions<unknown>,
): Recipe<SignedRequest<never>> {
  checkMembers('target', target, S3_EXPRESS_TARGET)
  checkMembers('options', options, OPTIONS)
  const { mode } = options
  const input = readCreateSession(target, options)
  if (mode !== undefined && mode !== 'ReadOnly' && mode !== 'ReadWrite')
    fail('ERR_INVALID_ARG_VALUE', 'options.mode', 'invalid', "Pass 'ReadOnly' or 'ReadWrite'.")
  return requestRecipe(input, undefined, (request) => request as SignedRequest<never>)
}
