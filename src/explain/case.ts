import type { Cause } from './causes.ts'
import type { Facts, RequestAsSent } from './facts.ts'
import type { Secrets } from './keys.ts'
import type { Answer } from './response.ts'
import type { Budget } from './search.ts'

/** What the client signed, where it can be had. */
export interface SignedStrings {
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
}

/** Everything that is known. */
export interface Case {
  readonly request: RequestAsSent
  /** Causes of which the request can show nothing. */
  readonly unseen: readonly Cause[]
  readonly facts: Facts
  readonly answer: Answer | undefined
  readonly secrets: Secrets | undefined
  readonly signed: SignedStrings
  /** Epoch milliseconds. */
  readonly now: number
  readonly budget: Budget
}
