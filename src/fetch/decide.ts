import { isS3 } from '../core/services.ts'
import { isSkewed } from './clock.ts'
import type { Failure } from './failure.ts'
import type { RetryReason } from './options.ts'
import { redirectTarget, regionalTarget } from './redirect.ts'
import { isIdempotent, retryCost, retryDelay, retryReason } from './retry.ts'

const MAX_REDIRECTS = 5

/** Budget for the retries of all requests of a signed fetch, which limits the load on a failing service. */
export const BUDGET = 500

/** A request, and its attempts so far. */
export interface State {
  readonly method: string
  readonly service: string | undefined
  readonly url: string
  readonly region: string | undefined
  /** Whether the body can be sent again. */
  readonly isRepeatable: boolean
  /** Whether a POST or PATCH is repeated after a network error. */
  readonly unsafe: boolean | undefined
  /** Whether a request for an S3 bucket is sent to the bucket's region. */
  readonly followRegion: boolean
  /** Maximum number of attempts, without redirects. */
  readonly attempts: number
  /** Maximum milliseconds before the first retry. */
  readonly baseDelay: number
  /** The reason for each retry so far. */
  readonly tried: readonly RetryReason[]
  /** The amount that a success adds to the budget: the cost of the last retry that was not free. */
  readonly refund: number
}

export interface Outcome {
  /** Missing after a network error. */
  readonly response: Pick<Response, 'ok' | 'status' | 'headers'> | undefined
  /** The error in the response. */
  readonly failure: Failure
  /** Whether the caller ended the attempt. */
  readonly isAborted: boolean
  /** Milliseconds by which the signing time differed from the host's clock, as far as the response shows it. */
  readonly clockError: number
  /** Set if the service rejected the credentials as expired: whether others will be used. */
  readonly isRefreshed: boolean | undefined
  /** The end of the attempt, epoch milliseconds. */
  readonly time: number
  /** A random number from 0 to 1, which determines the wait. */
  readonly random: number
}

/** The next step after an attempt. */
export interface Decision {
  /** The remaining budget for the retries of all requests. */
  readonly budget: number
  /** The next attempt; missing if the request is done. */
  readonly again?: {
    readonly state: State
    /** Milliseconds until the next attempt. */
    readonly wait: number
    readonly reason: RetryReason
  }
}

/** The reason for sending a request again, and the new target, if it changes. */
type Reason = readonly [reason?: RetryReason, target?: Pick<State, 'url' | 'region'>]

/** Determines the next step after an attempt. */
export function decide(state: State, outcome: Outcome, budget: number): Decision {
  const { tried } = state
  const { response, time, random } = outcome
  const [reason, target] = state.isRepeatable ? reasonOf(state, outcome) : []
  const cost = reason && !target ? retryCost(reason) : 0
  const retries = tried.length - tried.filter(isRedirect).length
  if (!reason || (!target && (retries + 1 >= state.attempts || cost > budget)))
    return { budget: response?.ok ? Math.min(BUDGET, budget + state.refund) : budget }
  const wait = cost && retryDelay(reason, retries, state.baseDelay, response?.headers, time, random)
  const next = { ...state, ...target, tried: [...tried, reason], refund: cost || state.refund }
  return { budget: budget - cost, again: { state: next, wait, reason } }
}

function isRedirect(reason: RetryReason): boolean {
  return reason === 'region' || reason === 'redirect'
}

/** Returns the reason for sending the request again, if that may help, and the target if it changes. */
function reasonOf(state: State, { response, failure, isAborted, isRefreshed, clockError }: Outcome): Reason {
  const { method, url, region, service, tried } = state
  if (!response) return !isAborted && (state.unsafe || isIdempotent(method)) ? ['network'] : []
  if (isRefreshed !== undefined) return isRefreshed && !tried.includes('credentials') ? ['credentials'] : []
  if (isSkewed(failure.code, clockError)) return ['clock']
  const mayMove = state.followRegion && isS3(service) && !tried.includes('region')
  const target =
    (mayMove ? regionalTarget(url, region, method, response, failure) : undefined) ??
    (tried.filter(isRedirect).length < MAX_REDIRECTS ? redirectTarget(url, service, response) : undefined)
  if (target) return [target.reason, { url: target.url, region: target.region ?? region }]
  const reason = retryReason(response.status, failure)
  return reason ? [reason] : []
}
