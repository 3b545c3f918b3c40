import { type ErrorReason, fail, type SigV4Error } from '../core/errors.ts'
import { checkCredentials, isExpired, type SecretCredentials } from '../core/signing/credentials.ts'

const MINUTE = 60_000

/** A function that returns credentials: the option `credentials` of functions that sign. */
export type CredentialsProvider = (options?: {
  /** Whether to request others, because a service rejected the credentials as expired. */
  readonly forceRefresh?: boolean
}) => Promise<SecretCredentials>

/**
 * Keeps the credentials that `load` returns until five minutes before they expire, and those without an expiration for
 * five minutes. Callers share one refresh. If it fails, credentials that are still valid are used for another half minute.
 */
export function keep(load: () => Promise<SecretCredentials>): CredentialsProvider {
  let held: SecretCredentials | undefined
  let refreshAt = 0
  let refreshing: Promise<SecretCredentials> | undefined

  const refresh = async (isRejected: boolean): Promise<SecretCredentials> => {
    refreshAt = Date.now() + MINUTE / 2
    try {
      held = await load()
      refreshAt = Math.max(refreshAt, Number(held.expiration ?? Date.now() + 10 * MINUTE) - 5 * MINUTE)
      return held
    } catch (error) {
      if (!held || isRejected || isExpired(held.expiration, Date.now())) throw error
      return held
    } finally {
      refreshing = undefined
    }
  }

  return async ({ forceRefresh = false } = {}) => {
    const now = Date.now()
    if (held && !forceRefresh && now < refreshAt && !isExpired(held.expiration, now)) return held
    refreshing ??= refresh(forceRefresh)
    return refreshing
  }
}

/** Returns credentials with which requests can be signed now. Errors contain the name of a part where it comes from. */
export function usable(
  credentials: { readonly [Part in keyof SecretCredentials]?: unknown },
  nameOf: (part: string) => string,
  hintOf: (reason: ErrorReason) => string,
): SecretCredentials {
  try {
    checkCredentials(credentials as SecretCredentials, Date.now() / 1000)
  } catch (error) {
    const { argument, reason } = error as SigV4Error & { argument: string; reason: ErrorReason }
    fail('ERR_SIGV4_CREDENTIALS_MISSING', nameOf(argument.split('.').pop()!), reason, hintOf(reason))
  }
  return credentials as SecretCredentials
}
