import { isExpiredToken } from '../core/received/service-error.ts'
import { isSkewed } from './clock.ts'
import type { RetryReason } from './options.ts'
import { redirectTarget, regionalTarget } from './redirect.ts'
import { isIdempotent, retryCost, retryDelay, retryReason } from './retry.ts'
import type { ErrorResponse } from './service-error.ts'

const MAX_REDIRECTS = 5

/** What all requests of a signed fetch may spend on retries, which limits the load on a service that fails. */
export const BUDGET = 500

/** What does not change between the attempts of a request. */
export interface Repetition {
  readonly method: string
  readonly service: string | undefined
  /** Whether the body can be sent again. */
  readonly isRepeatable: boolean
  /** Whether a POST or PATCH is repeated after a network error. */
  readonly unsafe: boolean | undefined
  /** Maximum number of attempts, without redirects. */
  readonly attempts: number
  /** Maximum milliseconds before the first retry. */
  readonly baseDelay: number
}

/** What the next attempt depends on. */
export interface State extends Repetition {
  /** Number of the attempt, from 1. */
  readonly attempt: number
  readonly url: string
  readonly region: string | undefined
  /** Whether other credentials can be used. */
  readonly mayRefresh: boolean
  /** Whether the request can be sent to a different region. */
  readonly mayMove: boolean
  readonly redirects: number
  readonly retries: number
  /** What a success adds to the budget: the cost of the last retry that had one. */
  readonly refund: number
}

/** What an attempt resulted in. */
export interface Outcome {
  /** Missing after a network error. */
  readonly response: Pick<Response, 'ok' | 'status' | 'headers'> | undefined
  /** What the response reports. */
  readonly failure: ErrorResponse
  /** Whether the caller ended the attempt. */
  readonly isAborted: boolean
  /** Milliseconds by which the signing time differed from the host's clock, as far as the response shows it. */
  readonly clockError: number
  /** Whether other credentials will be used, because a service rejected these as expired. */
  readonly isRefreshed: boolean
  /** When it ended, epoch milliseconds. */
  readonly time: number
  /** A random number from 0 to 1, which determines the wait. */
  readonly random: number
}

/** What follows an attempt. `budget` is what remains for the retries of all requests. */
export type Decision =
  | { readonly kind: 'done'; readonly budget: number }
  | {
      readonly kind: 'again'
      readonly budget: number
      readonly state: State
      /** Milliseconds until then. */
      readonly wait: number
      readonly reason: RetryReason
    }

/** Why a request should be sent again, and where to, if that changes. */
type Reason = readonly [reason?: RetryReason, target?: Pick<State, 'url' | 'region'>]

/** Determines what follows an attempt: whether the request is sent again, how, when, and why. */
export function decide(state: State, outcome: Outcome, budget: number): Decision {
  const { response, time, random } = outcome
  const [reason, target] = state.isRepeatable ? reasonOf(state, outcome) : []
  if (reason && target) return again(state, reason, budget, { ...target, redirects: state.redirects + 1 })
  const cost = reason ? retryCost(reason) : 0
  const retries = state.retries + 1
  if (reason && retries < state.attempts && cost <= budget) {
    const wait = cost ? retryDelay(reason, state.retries, state.baseDelay, response?.headers, time, random) : 0
    return again(state, reason, budget - cost, { retries, refund: cost || state.refund }, wait)
  }
  return { kind: 'done', budget: response?.ok ? Math.min(BUDGET, budget + state.refund) : budget }
}

function again(state: State, reason: RetryReason, budget: number, change: Partial<State>, wait = 0): Decision {
  const { attempt, mayRefresh, mayMove } = state
  const next = {
    ...state,
    ...change,
    attempt: attempt + 1,
    // each of these helps at most once
    mayRefresh: mayRefresh && reason !== 'credentials',
    mayMove: mayMove && reason !== 'region',
  }
  return { kind: 'again', budget, state: next, wait, reason }
}

/** Returns why the request should be sent again, if that may help, and the target if it is a different one. */
function reasonOf(state: State, { response, failure, isAborted, isRefreshed, clockError }: Outcome): Reason {
  const { method, url, region, service } = state
  if (!response) return !isAborted && (state.unsafe || isIdempotent(method)) ? ['network'] : []
  if (isExpiredToken(failure)) return isRefreshed ? ['credentials'] : []
  if (isSkewed(failure.code, clockError)) return ['clock']
  const target =
    (state.mayMove ? regionalTarget(url, region, method, response, failure) : undefined) ??
    (state.redirects < MAX_REDIRECTS ? redirectTarget(url, service, response) : undefined)
  if (target) return [target.reason, { url: target.url, region: target.region ?? region }]
  const reason = retryReason(response.status, failure)
  return reason ? [reason] : []
}
