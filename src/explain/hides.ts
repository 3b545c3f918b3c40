import type { Cause } from './model/causes.ts'
import type { Sign } from './model/sign.ts'

// What a fault explains: parts that are missing, repeated or malformed were not changed.

/** The differences that follow if a part of the signature is missing, repeated or malformed: their causes. */
const FOLLOWS: Readonly<Record<string, RegExp>> = {
  'x-amz-signedheaders': /^(?:signed-headers|header-|unsigned-header|host)/,
  'x-amz-date': /^(?:date-|clock-|scope-date)/,
  'x-amz-credential': /^(?:scope-|malformed-credential|key-derivation|unknown-access-key)/,
  'x-amz-algorithm': /^algorithm/,
  'x-amz-signature': /^(?:tampered-signature|malformed-signature|signature-case)/,
  'x-amz-content-sha256': /^payload-/,
}

/** The parts that a service reads differently because of a fault. */
const AFFECTED: Partial<Record<Cause, (fault: Sign) => readonly (string | undefined)[]>> = {
  'missing-param': ({ expected }) => [expected],
  'missing-header': ({ expected }) => [expected],
  'param-case': ({ expected }) => [expected],
  'query-duplicate': ({ actual }) => [actual],
  'malformed-credential': () => ['X-Amz-Credential'],
  'date-format': () => ['X-Amz-Date'],
  'malformed-signature': () => ['X-Amz-Signature'],
  'malformed-authorization': () => ['X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Signature'],
  'expires-format': () => ['X-Amz-Expires'],
  'expires-range': () => ['X-Amz-Expires'],
}

/** Faults that explain every difference. */
const EVERYTHING: readonly Cause[] = ['two-auths', 'url-html-escaped']

/** Whether a fault explains a difference between what was signed and what was received. */
export function explains(fault: Sign, difference: Sign): boolean {
  if (fault.cause === difference.cause) return false
  if (EVERYTHING.includes(fault.cause)) return true
  if (fault.cause === 'url-double-encoded') return /^(?:query-|missing-)/.test(difference.cause)
  const name = difference.part?.name?.toLowerCase() ?? ''
  return (AFFECTED[fault.cause]?.(fault) ?? []).some((part = '') => {
    const affected = part.toLowerCase()
    return affected !== '' && (name === affected || (FOLLOWS[affected]?.test(difference.cause) ?? false))
  })
}

/** Faults for which a service reads a different request than was meant, so that any error can follow from them. */
export const MISREAD: readonly Cause[] = [
  'url-html-escaped',
  'signature-v2',
  'two-auths',
  'param-case',
  'keys-swapped',
  'url-double-encoded',
  'date-format',
  'malformed-authorization',
  'malformed-credential',
]
