import type { Credentials } from '../async/credentials.ts'
import { isExpired } from '../core/signing/credentials.ts'
import type { CredentialsProvider } from './options.ts'

const MINUTE = 60_000

/** Minimum number of milliseconds between two refreshes because of rejected credentials. */
const PAUSE = 10_000

/** Credentials for all requests of a signed fetch. */
export interface HeldCredentials {
  /** Returns valid credentials, without a promise if they are held. Callers share one refresh. */
  get(): Credentials | Promise<Credentials>
  /**
   * Discards credentials that a service rejected as expired. Returns whether `get` will return or request new
   * ones. It requests them again only after a pause, because the new ones may be rejected as well.
   */
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
  let forcedAt = Number.NEGATIVE_INFINITY
  let refreshAt = 0
  let waitAt = 0
  let refreshing: Promise<Credentials> | undefined

  const load = async (): Promise<Credentials> => {
    const isForced = isRejected
    try {
      const credentials = await (isForced ? provider({ forceRefresh: true }) : provider())
      const expiration = credentials?.expiration
      waitAt = expiration ? Number(expiration) - MINUTE : Date.now() + 5 * MINUTE
      refreshAt = expiration ? waitAt - 4 * MINUTE : waitAt
      waitAt = Math.min(waitAt, Date.now() + maxAge)
      refreshAt = Math.min(refreshAt, waitAt)
      held = credentials
      return credentials
    } catch (error) {
      if (!held || isRejected || isExpired(held.expiration, Date.now())) throw error
      waitAt = Date.now() + Math.min(MINUTE / 2, maxAge) // until the next try
      waitAt = Math.min(waitAt, Number(held.expiration ?? waitAt)) // whose error is thrown then
      refreshAt = waitAt
      return held
    } finally {
      // the rejected ones are kept if there are no others: another service may accept them
      isRejected = false
      if (isForced) forcedAt = Date.now()
    }
  }

  return {
    get() {
      const now = Date.now()
      if (held && !isRejected && now < refreshAt) return held
      const mustWait = !held || isRejected || now >= waitAt // a function that throws at once ends the refresh here
      refreshing ??= load().finally(() => {
        refreshing = undefined
      })
      if (mustWait) return refreshing
      refreshing.catch(() => undefined) // the request that waits for it throws
      return held!
    },
    discard(credentials) {
      const elapsed = Date.now() - forcedAt
      const isPaused = elapsed >= 0 && elapsed < PAUSE
      if (credentials === held && !isPaused) isRejected = true
      return credentials !== held || isRejected
    },
  }
}
