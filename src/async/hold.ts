import { isExpired } from '../core/signing/credentials.ts'
import type { CredentialsProvider } from './credentials.ts'

const MINUTE = 60_000

/** Minimum number of milliseconds between two refreshes because of rejected credentials. */
const PAUSE = 10_000

/** The caches of the functions that `keepCredentials` returned, so that none is cached twice. */
const CACHES = /* @__PURE__ */ new WeakMap<object, CredentialsCache<never>>()

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
interface CredentialsCache<Credentials> {
  credentials: Credentials | undefined
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
  const cache = createCache(load, margin)
  const provider = async ({ forceRefresh = false } = {}): Promise<Credentials> =>
    cache.credentials && !forceRefresh && Date.now() < cache.refreshAt ? cache.credentials : cache.refresh(forceRefresh)
  CACHES.set(provider, cache as CredentialsCache<never>)
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
  const shared: CredentialsCache<Credentials> | undefined = maxAge === undefined ? CACHES.get(source) : undefined
  const cache = shared ?? createCache(source)
  let isRejected = false
  let forcedAt = Number.NEGATIVE_INFINITY
  return {
    isRefreshable: true,
    get() {
      const { credentials, triedAt, refreshAt } = cache
      const now = Date.now()
      const latest = triedAt + (maxAge ?? Number.POSITIVE_INFINITY)
      if (credentials && !isRejected && now < Math.min(refreshAt, latest)) return credentials
      const waitAt = Math.min(credentials?.expiration ? Number(credentials.expiration) - MINUTE : refreshAt, latest)
      const mustWait = !credentials || isRejected || now >= waitAt // a function that throws at once ends the refresh here
      const refreshing = cache.refresh(isRejected).finally(() => {
        // the rejected ones are kept if there are no others: another service may accept them
        if (isRejected) forcedAt = Date.now()
        isRejected = false
      })
      if (mustWait) return refreshing
      refreshing.catch(() => undefined) // the request that waits for it throws
      return credentials
    },
    discard(credentials) {
      const elapsed = Date.now() - forcedAt
      const isPaused = elapsed >= 0 && elapsed < PAUSE
      if (credentials === cache.credentials && !isPaused) isRejected = true
      return credentials !== cache.credentials || isRejected
    },
  }
}

/** Keeps what a function loads. What has no expiration is kept for 5 minutes, and what expires soon for half a minute. */
function createCache<Credentials extends Temporary>(
  load: Load<Credentials>,
  margin = 5 * MINUTE,
): CredentialsCache<Credentials> {
  let refreshing: Promise<Credentials> | undefined
  const refresh = async (isForced: boolean): Promise<Credentials> => {
    let { credentials } = cache
    let isFailed = false
    try {
      credentials = await (isForced ? load({ forceRefresh: true }) : load())
      cache.credentials = credentials
    } catch (error) {
      // those that are still valid are used until the next try, whose error is thrown if they have expired then
      if (!credentials || isForced || isExpired(credentials.expiration, Date.now())) throw error
      isFailed = true
    }
    cache.triedAt = Date.now()
    const end = Number(credentials?.expiration ?? cache.triedAt + 10 * MINUTE)
    const soon = cache.triedAt + MINUTE / 2
    cache.refreshAt = Math.min(isFailed ? soon : Math.max(end - margin, soon), end)
    return credentials
  }
  const cache: CredentialsCache<Credentials> = {
    credentials: undefined,
    triedAt: 0,
    refreshAt: 0,
    refresh(isForced) {
      refreshing ??= refresh(isForced).finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
  }
  return cache
}
