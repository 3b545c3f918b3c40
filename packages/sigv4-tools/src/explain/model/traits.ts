import type { Traits } from '../causes/row.ts'
import { type Cause, causes, rowOf } from './causes.ts'

export type { Shown, SignaturePart } from '../causes/row.ts'

/** The properties of a cause. */
export function traitsOf(cause: Cause): Traits {
  return rowOf(cause)
}

/** The usual causes of a signature that does not match, the most frequent first. */
export function usualCauses(): Cause[] {
  const placeOf = (cause: Cause): number => rowOf(cause).prior ?? Number.POSITIVE_INFINITY
  return causes()
    .filter((cause) => Number.isFinite(placeOf(cause)))
    .sort((a, b) => placeOf(a) - placeOf(b))
}
