import { type ErrorReason, fail } from '../core/errors.ts'
import { isObject } from '../core/kind.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { environment } from './runtime.ts'
import { usable } from './usable.ts'

/** Variables with credentials, as AWS Lambda and `aws configure export-credentials --format env` set them. */
export interface CredentialVariables {
  readonly AWS_ACCESS_KEY_ID?: string | undefined
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined
  /** Session token of temporary credentials; an empty one is ignored. */
  readonly AWS_SESSION_TOKEN?: string | undefined
  /** Expiration of temporary credentials, such as `2026-01-31T12:00:00Z`. */
  readonly AWS_CREDENTIAL_EXPIRATION?: string | undefined
}

const VARIABLES: Readonly<Record<string, string>> = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  expiration: 'AWS_CREDENTIAL_EXPIRATION',
}

const HINTS: Partial<Record<ErrorReason, string>> = {
  missing: 'Set it in the environment, or in the object that you pass to fromEnvironment.',
  expired: 'Set new credentials.',
  whitespace: 'Trim it.',
}

/**
 * Returns a function that reads credentials from environment variables whenever it is called. It is synchronous, and
 * returns the same object until a variable changes.
 *
 * @param env - The variables, such as the bindings of a Cloudflare Worker. @default `process.env`
 * @returns A function that returns the credentials, for `credentials`. It throws `ERR_SIGV4_CREDENTIALS_MISSING` if a
 * variable is missing, is not valid, or has expired.
 * @throws Argument errors.
 * @example
 * ```ts
 * import { fromEnvironment } from 'sigv4/credentials'
 * import { createSignedFetch } from 'sigv4/fetch'
 *
 * const signedFetch = createSignedFetch({ credentials: fromEnvironment() })
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function fromEnvironment(env: CredentialVariables = environment()): () => SecretCredentials {
  if (!isObject(env)) fail('ERR_INVALID_ARG_TYPE', 'env', 'type', 'Pass an object with the variables.')
  let held: SecretCredentials | undefined
  let source = ''
  return () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION: expiration } = env
    const credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
      expiration: expiration ? new Date(expiration) : undefined,
    }
    const current = JSON.stringify(credentials)
    const valid = usable(
      credentials,
      (part) => VARIABLES[part]!,
      (reason) => HINTS[reason] ?? 'Correct the variable.',
    )
    // signing keys are cached for each object
    if (!held || current !== source) held = valid
    source = current
    return held
  }
}
