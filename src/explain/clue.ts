import type { Cause } from './causes.ts'

/** Something odd in a request. `breaks`: a service that checks it must refuse the request. */
export interface Symptom {
  readonly cause: Cause
  readonly message: string
  readonly breaks: boolean
  readonly expected?: string | undefined
  readonly actual?: string | undefined
}

/** A difference between what was signed and what the service computed. */
export interface Difference {
  readonly cause: Cause
  /** What differs, as a sentence has it: `the header host`. */
  readonly part: string
  /** Name of the header or parameter that differs. */
  readonly name?: string
  /** Whether the service does not have it. */
  readonly isMissing?: boolean
  /** As it was signed. */
  readonly expected: string
  /** As the service has it. */
  readonly actual: string
}
