import type { Credentials } from '../async/credentials.ts'
import { isExpired } from '../core/signing/credentials.ts'
import type { CredentialsProvider } from './options.ts'

const MINUTE = 60_000

/** Credentials for all requests of a signed fetch. */
export interface HeldCredentials {
  /** Returns valid credentials, without a promise if they are held. Callers share one refresh. */
  get(): Credentials | Promise<Credentials>
  /** Discards credentials that a service rejected as expired. Returns whether there are others, or will be. */
  discard(credentials: Credentials): boolean
}

/**
 * Keeps the credentials that a function returns, and refreshes them ahead of time: from 5 minutes before they expire
 * while requests still use them, and in the last minute before the next request is signed. Those without an expiration
 * are kept for 5 minutes. None are kept for longer than `maxAge` milliseconds.
 */
export function holdCredentials(provider: CredentialsProvider, maxAge = Number.POSITIVE_INFINITY): HeldCredentials {
  let held: Credentials | undefined
  let isRejected = false
  let refreshAt = 0
  let waitAt = 0
  let refreshing: Promise<Credentials> | undefined

  const load = async (): Promise<Credentials> => {
    try {
      const credentials = await (isRejected ? provider({ forceRefresh: true }) : provider())
      const expiration = credentials?.expiration
      waitAt = expiration ? Number(expiration) - MINUTE : Date.now() + 5 * MINUTE
      refreshAt = expiration ? waitAt - 4 * MINUTE : waitAt
      waitAt = Math.min(waitAt, Date.now() + maxAge)
      refreshAt = Math.min(refreshAt, waitAt)
      isRejected = false
      held = credentials
      return credentials
    } catch (error) {
      if (!held || isRejected || isExpired(held.expiration, Date.now())) throw error
      waitAt = Date.now() + Math.min(MINUTE / 2, maxAge) // until the next try
      waitAt = Math.min(waitAt, Number(held.expiration ?? waitAt)) // whose error is thrown then
      refreshAt = waitAt
      return held
    }
  }

  return {
    get() {
      const now = Date.now()
      if (held && !isRejected && now < refreshAt) return held
      refreshing ??= load().finally(() => {
        refreshing = undefined
      })
      if (!held || isRejected || now >= waitAt) return refreshing
      refreshing.catch(() => undefined) // the request that waits for it throws
      return held
    },
    discard(credentials) {
      isRejected ||= credentials === held
      return true
    },
  }
}
