import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import type { Cause } from '../model/causes.ts'
import type { Shown } from '../model/traits.ts'
import type { ParsedRequest, RequestAsSent } from '../request/facts.ts'
import type { Signer } from '../request/signer.ts'
import type { Reading } from '../response/errors.ts'
import type { ServiceResponse } from '../response/response.ts'
import type { Budget } from './budget.ts'

/** The strings that the client signed, as far as they are known. */
export interface SignedStrings {
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
  /** Values that the client may have signed, by header name: each is tried in place of the value that was sent. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Everything that is known. */
export interface Case {
  /** The request; without members if it is not shown. */
  readonly request: RequestAsSent
  readonly facts: ParsedRequest
  /** The parts that the evidence shows. The others have a default, and are not compared. */
  readonly shown: ReadonlySet<Shown>
  readonly response: ServiceResponse | undefined
  /** The request as the service received it. */
  readonly received: RequestAsSent | undefined
  /** A request with the same signature that the service accepted. */
  readonly accepted: RequestAsSent | undefined
  /** The meaning of the response for the signature. */
  readonly reading: Reading | undefined
  /** Whether the request follows a redirect. */
  readonly isRedirected: boolean
  /** The endpoint that the client used. */
  readonly endpoint: string | undefined
  /** Who signed; `undefined` if nothing shows it. */
  readonly signer: Signer | undefined
  /** Causes that the context suggests. */
  readonly hints: readonly Cause[]
  /** The credentials, if they are those of the request. */
  readonly secrets: SecretCredentials | undefined
  /** The access key ID of credentials that are not those of the request. */
  readonly otherKeyId: string | undefined
  readonly signed: SignedStrings
  /** Epoch milliseconds: the time at which the service received the request, otherwise the current time. */
  readonly now: number
  readonly budget: Budget
}
