import { type ErrorReason, fail } from '../core/errors.ts'
import { checkCredentials, type SecretCredentials } from '../core/signing/credentials.ts'

/** Returns credentials that can sign requests now. Errors contain the name of a part at its source. */
export function usable(
  credentials: { readonly [Part in keyof SecretCredentials]?: unknown },
  nameOf: (part: string) => string,
  hintOf: (reason: ErrorReason) => string,
): SecretCredentials {
  checkCredentials(credentials as SecretCredentials, Date.now(), undefined, (part, reason) =>
    fail('ERR_SIGV4_CREDENTIALS_MISSING', nameOf(part), reason, hintOf(reason)),
  )
  return credentials as SecretCredentials
}
