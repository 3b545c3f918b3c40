import { type ErrorReason, fail, type SigV4Error } from '../core/errors.ts'
import { checkCredentials, type SecretCredentials } from '../core/signing/credentials.ts'

/** Returns credentials that can sign requests now. Errors contain the name of a part at its source. */
export function usable(
  credentials: { readonly [Part in keyof SecretCredentials]?: unknown },
  nameOf: (part: string) => string,
  hintOf: (reason: ErrorReason) => string,
): SecretCredentials {
  try {
    checkCredentials(credentials as SecretCredentials, Date.now())
  } catch (error) {
    const { argument, reason } = error as SigV4Error & { argument: string; reason: ErrorReason }
    fail('ERR_SIGV4_CREDENTIALS_MISSING', nameOf(argument.split('.').pop()!), reason, hintOf(reason))
  }
  return credentials as SecretCredentials
}
