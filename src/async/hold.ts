import { isExpired } from '../core/signing/credentials.ts'
import type { CredentialsProvider } from './credentials.ts'

const MINUTE = 60_000

/** Minimum number of milliseconds between two refreshes because of rejected credentials. */
const PAUSE = 10_000

/** The caches of the functions that `keepCredentials` returned, so that none is cached twice. */
const KEPT = /* @__PURE__ */ new WeakMap<object, Kept<never>>()

interface Temporary {
  readonly expiration?: Date | undefined
}

type Load<Credentials> = CredentialsProvider<Credentials | Promise<Credentials>>

/** Credentials for all requests of a client. */
export interface HeldCredentials<Credentials> {
  /** Whether others can be obtained. */
  readonly isRefreshable: boolean
  /** Returns valid credentials, without a promise if they are held. Callers share one refresh. */
  get(): Credentials | Promise<Credentials>
  /**
   * Discards credentials that a service rejected as expired. Returns whether `get` will return or request new
   * ones. It requests them again only after a pause, because the new ones may be rejected as well.
   */
  discard(credentials: Credentials): boolean
}

/** Credentials that a function loads, and when it is called again, in epoch milliseconds. */
interface Kept<Credentials> {
  held: Credentials | undefined
  triedAt: number
  refreshAt: number
  /** Loads credentials, once for all callers. `isForced`: a service rejected the last ones as expired. */
  refresh(isForced: boolean): Promise<Credentials>
}

/**
 * Returns a function that keeps what `load` returns for all callers, who wait for a refresh from `margin` milliseconds, by
 * default 5 minutes, before the credentials expire. A client that holds its credentials shares what it keeps.
 */
export function keepCredentials<Credentials extends Temporary>(
  load: () => Promise<Credentials>,
  margin?: number,
): CredentialsProvider<Promise<Credentials>> {
  const kept = createKept(load, margin)
  const provider = async ({ forceRefresh = false } = {}): Promise<Credentials> =>
    kept.held && !forceRefresh && Date.now() < kept.refreshAt ? kept.held : kept.refresh(forceRefresh)
  KEPT.set(provider, kept as Kept<never>)
  return provider
}

/**
 * Keeps credentials, or those that a function returns, for all requests of a client. They are refreshed while requests still
 * use them, from 5 minutes before they expire; in the last minute, requests wait. None are kept for longer than `maxAge`
 * milliseconds.
 */
export function holdCredentials<Credentials extends Temporary>(
  source: Credentials | Load<Credentials>,
  maxAge?: number,
): HeldCredentials<Credentials> {
  if (typeof source !== 'function') return { isRefreshable: false, get: () => source, discard: () => false }
  const shared: Kept<Credentials> | undefined = maxAge === undefined ? KEPT.get(source) : undefined
  const kept = shared ?? createKept(source)
  let isRejected = false
  let forcedAt = Number.NEGATIVE_INFINITY
  return {
    isRefreshable: true,
    get() {
      const { held, triedAt, refreshAt } = kept
      const now = Date.now()
      const latest = triedAt + (maxAge ?? Number.POSITIVE_INFINITY)
      if (held && !isRejected && now < Math.min(refreshAt, latest)) return held
      const waitAt = Math.min(held?.expiration ? Number(held.expiration) - MINUTE : refreshAt, latest)
      const mustWait = !held || isRejected || now >= waitAt // a function that throws at once ends the refresh here
      const refreshing = kept.refresh(isRejected).finally(() => {
        // the rejected ones are kept if there are no others: another service may accept them
        if (isRejected) forcedAt = Date.now()
        isRejected = false
      })
      if (mustWait) return refreshing
      refreshing.catch(() => undefined) // the request that waits for it throws
      return held
    },
    discard(credentials) {
      const elapsed = Date.now() - forcedAt
      const isPaused = elapsed >= 0 && elapsed < PAUSE
      if (credentials === kept.held && !isPaused) isRejected = true
      return credentials !== kept.held || isRejected
    },
  }
}

/** Keeps what a function loads. What has no expiration is kept for 5 minutes, and what expires soon for half a minute. */
function createKept<Credentials extends Temporary>(load: Load<Credentials>, margin = 5 * MINUTE): Kept<Credentials> {
  let refreshing: Promise<Credentials> | undefined
  const refresh = async (isForced: boolean): Promise<Credentials> => {
    let { held } = kept
    let isFailed = false
    try {
      held = await (isForced ? load({ forceRefresh: true }) : load())
      kept.held = held
    } catch (error) {
      // those that are still valid are used until the next try, whose error is thrown if they have expired then
      if (!held || isForced || isExpired(held.expiration, Date.now())) throw error
      isFailed = true
    }
    kept.triedAt = Date.now()
    const end = Number(held?.expiration ?? kept.triedAt + 10 * MINUTE)
    const soon = kept.triedAt + MINUTE / 2
    kept.refreshAt = Math.min(isFailed ? soon : Math.max(end - margin, soon), end)
    return held
  }
  const kept: Kept<Credentials> = {
    held: undefined,
    triedAt: 0,
    refreshAt: 0,
    refresh(isForced) {
      refreshing ??= refresh(isForced).finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
  }
  return kept
}
