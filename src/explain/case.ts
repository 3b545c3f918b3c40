import type { Cause } from './causes.ts'
import type { Secrets } from './changes/keys.ts'
import type { Budget } from './changes/search.ts'
import type { ParsedRequest, RequestAsSent } from './request/facts.ts'
import type { ServiceResponse } from './response/response.ts'

/** What the client signed, where it can be had. */
export interface SignedStrings {
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
}

/** Everything that is known. */
export interface Case {
  /** Without members if `isRequestKnown` is false. */
  readonly request: RequestAsSent
  readonly isRequestKnown: boolean
  /** The parts of the request that are known; the others have a default, and are not compared. */
  readonly known: {
    readonly method: boolean
    readonly target: boolean
    readonly headers: boolean
    readonly body: boolean
  }
  /** Whether the request follows a redirect. */
  readonly isRedirected: boolean
  /** The endpoint that the client was configured with. */
  readonly endpoint: string | undefined
  /** Causes that the surroundings suggest. */
  readonly hints: readonly Cause[]
  /** Causes of which the request can show nothing. */
  readonly unseen: readonly Cause[]
  readonly facts: ParsedRequest
  readonly response: ServiceResponse | undefined
  readonly secrets: Secrets | undefined
  readonly signed: SignedStrings
  /** Epoch milliseconds. */
  readonly now: number
  /** Whether the evidence, or the caller, states `now`; otherwise the clock does, and the request may be an old one. */
  readonly isNowKnown: boolean
  readonly budget: Budget
}
