import type { Cause } from '../../causes/cause.ts'
import type { Stated, StatedValue } from '../../causes/row.ts'

/** An error of services, and its meaning. */
export type ErrorRow = MismatchRow | OtherRow | NamingRow

interface Matching {
  /** A pattern over its code and message, with the flags `gi`. Its groups have no names, which not every engine supports. */
  readonly match: RegExp
}

/** The service computed a different signature. */
interface MismatchRow extends Matching {
  readonly reading: 'mismatch'
}

/** `elsewhere`: the signature was right; `ambiguous`: it may have been. */
interface OtherRow extends Matching {
  readonly reading: 'elsewhere' | 'ambiguous'
  readonly causes: readonly Cause[]
}

/** `named`: the service names a fault; `suggested`: it returns this for many, so that a fault which the request shows comes first. */
export interface NamingRow extends Matching {
  readonly reading: 'named' | 'suggested'
  /** The causes that such an error can have, the likeliest first. */
  readonly causes: readonly [Cause, ...Cause[]]
  /** The values in the groups of the pattern, in order. */
  readonly values?: readonly StatedValue[]
  /** The cause that the values belong to. @default the first one */
  readonly about?: Cause
  /** The sentences with the values. @default those of the cause */
  readonly stated?: Stated
}
