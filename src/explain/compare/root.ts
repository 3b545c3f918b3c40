import { hostScope } from '../../core/signing/hosts.ts'
import { isS3 } from '../../core/signing/scope.ts'
import type { Cause } from '../causes.ts'
import type { Clue, Difference, Symptom } from '../clue.ts'
import { decode, type ParsedRequest } from '../request/facts.ts'

/** The causes that follow if a signature parameter is missing, repeated or malformed. */
const FOLLOWS: Record<string, RegExp> = {
  'X-Amz-SignedHeaders': /^(?:signed-headers|header-|unsigned-header|host)/,
  'X-Amz-Date': /^(?:date-|clock-|scope-date)/,
  'x-amz-date': /^(?:date-|clock-|scope-date)/,
  'X-Amz-Credential': /^(?:scope-|malformed-credential|key-derivation|unknown-access-key)/,
  'X-Amz-Algorithm': /^algorithm/,
  'X-Amz-Signature': /^(?:tampered-signature|malformed-signature|signature-case)/,
  'x-amz-content-sha256': /^payload-/,
}

/** Problems that make a service parse or compute something different. */
const ROOTS: readonly Cause[] = [
  'missing-param',
  'missing-header',
  'param-case',
  'query-duplicate',
  'malformed-credential',
  'date-format',
  'malformed-signature',
  'malformed-authorization',
  'expires-format',
  'expires-range',
  'url-html-escaped',
  'url-double-encoded',
  'two-auths',
]

/** Attributes differences to the problem that causes them: a missing, repeated or malformed part was not changed. */
export function rootFinder(
  { parameters }: ParsedRequest,
  shown: readonly Symptom[],
): (difference: Difference) => Omit<Clue, 'ground'> {
  const once = new Set<string>()
  const repeated = new Set<string>()
  for (const { name } of parameters) (once.has(decode(name)) ? repeated : once).add(decode(name))
  const faults = shown.filter(({ cause, breaks }) => breaks && ROOTS.includes(cause)).slice(0, 50)
  return (difference) => {
    const isChange = /^query-(?:changed|extra|removed)$/.test(difference.cause)
    return isChange && repeated.has(difference.name!)
      ? { ...difference, cause: 'query-duplicate' }
      : rooted(difference, faults)
  }
}

function rooted(difference: Difference, faults: readonly Symptom[]): Omit<Clue, 'ground'> {
  const { cause, name = '' } = difference
  const fault = faults.find((symptom) => {
    if (symptom.cause === cause) return false
    const about = (parameter: string): boolean =>
      parameter !== '' && (name.toLowerCase() === parameter.toLowerCase() || (FOLLOWS[parameter]?.test(cause) ?? false))
    switch (symptom.cause) {
      case 'missing-param':
      case 'missing-header':
      case 'param-case':
        return about(symptom.expected!)
      case 'query-duplicate':
        return about(symptom.actual!)
      case 'malformed-credential':
        return about('X-Amz-Credential')
      case 'date-format':
        return about('X-Amz-Date')
      case 'malformed-signature':
        return about('X-Amz-Signature')
      case 'malformed-authorization':
        return about('X-Amz-Credential') || about('X-Amz-SignedHeaders') || about('X-Amz-Signature')
      case 'expires-format':
      case 'expires-range':
        return about('X-Amz-Expires')
      case 'url-html-escaped':
      case 'url-double-encoded':
        return cause.startsWith('query-') || cause.startsWith('missing-')
      default: // two-auths
        return true
    }
  })
  return fault ? { ...difference, cause: fault.cause, message: fault.message, part: undefined } : difference
}

/** A clue that was reproduced, unless the rules of the service decide about it and it is not certain which service that is. */
export function proven(clue: Omit<Clue, 'ground'>, { claim, headers, urlHost }: ParsedRequest): Clue {
  const service = claim.scope[2] ?? ''
  const isByRule = clue.cause === 'path-double-encoding' || clue.cause === 'payload-hash'
  const isCertain = isS3(service) || hostScope(headers.host ?? urlHost ?? '').service === service
  return { ...clue, ground: isByRule && !isCertain ? 'compared' : 'reproduced' }
}
