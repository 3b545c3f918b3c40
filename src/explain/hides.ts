import type { Clue } from './model/clue.ts'
import { type SignaturePart, traitsOf } from './model/traits.ts'

// Differences that a fault explains: parts that are missing, repeated or malformed were not changed.

/** Returns whether a fault explains a difference between what was signed and what was received. */
export function explains(fault: Clue, difference: Clue): boolean {
  if (fault.cause === difference.cause) return false
  const { hides } = traitsOf(fault.cause)
  const { of, follows = [] } = traitsOf(difference.cause)
  if (hides === undefined || hides === 'everything') return hides !== undefined
  if (hides === 'query') return of === 'query'
  const name = difference.part?.name?.toLowerCase() ?? ''
  const [named = ''] = hides === 'expected' ? [fault.expected] : hides === 'actual' ? [fault.actual] : []
  const parts = Array.isArray(hides) ? hides.map((part) => `x-amz-${part}`) : [named.toLowerCase()]
  return parts.some((part) => part !== '' && (name === part || follows.includes(part.slice(6) as SignaturePart)))
}
