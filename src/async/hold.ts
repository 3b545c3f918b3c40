import { isExpired } from '../core/signing/credentials.ts'

const MINUTE = 60_000

/** Minimum number of milliseconds between two refreshes because of rejected credentials. */
const PAUSE = 10_000

/** What the functions of `keepCredentials` keep, so that it is not kept twice. */
const KEPT = /* @__PURE__ */ new WeakMap<object, Keeper<never>>()

interface Temporary {
  readonly expiration?: Date | undefined
}

/** Loads credentials: others, if a service rejected the last ones as expired. */
type Load<Credentials> = (options?: { readonly forceRefresh?: boolean }) => Credentials | Promise<Credentials>

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

interface Keeper<Credentials> extends HeldCredentials<Credentials> {
  /** Returns credentials that need no refresh yet; others than before if `isForced`, because a service rejected those. */
  current(isForced: boolean): Credentials | Promise<Credentials>
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
  const kept = maxAge === undefined ? (KEPT.get(source) as Keeper<Credentials> | undefined) : undefined
  return kept ?? createKeeper(source, maxAge)
}

/**
 * Returns a function that keeps what `load` returns for all callers, who wait for a refresh from 5 minutes before the
 * credentials expire. A client that holds its credentials shares what it keeps.
 */
export function keepCredentials<Credentials extends Temporary>(
  load: () => Promise<Credentials>,
): (options?: { readonly forceRefresh?: boolean }) => Promise<Credentials> {
  const keeper = createKeeper(load)
  const provider = async ({ forceRefresh = false } = {}): Promise<Credentials> => keeper.current(forceRefresh)
  KEPT.set(provider, keeper as Keeper<never>)
  return provider
}

/** Keeps what a function loads. What has no expiration is kept for 5 minutes, and what expires soon for half a minute. */
function createKeeper<Credentials extends Temporary>(
  load: Load<Credentials>,
  maxAge = Number.POSITIVE_INFINITY,
): Keeper<Credentials> {
  let held: Credentials | undefined
  let isRejected = false
  let forcedAt = Number.NEGATIVE_INFINITY
  /** When they are refreshed, and when callers wait for it, epoch milliseconds. */
  let refreshAt = 0
  let waitAt = 0
  let refreshing: Promise<Credentials> | undefined

  const refresh = async (): Promise<Credentials> => {
    const isForced = isRejected
    try {
      held = await (isForced ? load({ forceRefresh: true }) : load())
      const now = Date.now()
      const end = Number(held?.expiration ?? now + 10 * MINUTE)
      const latest = Math.min(end, now + maxAge)
      refreshAt = Math.min(Math.max(end - 5 * MINUTE, now + MINUTE / 2), latest)
      waitAt = held?.expiration ? Math.min(Math.max(end - MINUTE, refreshAt), latest) : refreshAt
      return held
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

  const get = (canWait: boolean): Credentials | Promise<Credentials> => {
    const now = Date.now()
    if (held && !isRejected && now < refreshAt) return held
    const mustWait = canWait || !held || isRejected || now >= waitAt // a function that throws at once ends the refresh here
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    if (mustWait) return refreshing
    refreshing.catch(() => undefined) // the request that waits for it throws
    return held!
  }

  return {
    isRefreshable: true,
    get: () => get(false),
    current(isForced) {
      isRejected ||= isForced
      return get(true)
    },
    discard(credentials) {
      const elapsed = Date.now() - forcedAt
      const isPaused = elapsed >= 0 && elapsed < PAUSE
      if (credentials === held && !isPaused) isRejected = true
      return credentials !== held || isRejected
    },
  }
}
