import { hostScope } from '../../core/signing/hosts.ts'
import { isS3 } from '../../core/signing/scope.ts'
import type { Cause } from '../causes.ts'
import type { Clue, Difference, Symptom } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'

/** The differences that follow if a part of the signature is missing, repeated or malformed: their causes. */
const FOLLOWS: Readonly<Record<string, RegExp>> = {
  'X-Amz-SignedHeaders': /^(?:signed-headers|header-|unsigned-header|host)/,
  'X-Amz-Date': /^(?:date-|clock-|scope-date)/,
  'x-amz-date': /^(?:date-|clock-|scope-date)/,
  'X-Amz-Credential': /^(?:scope-|malformed-credential|key-derivation|unknown-access-key)/,
  'X-Amz-Algorithm': /^algorithm/,
  'X-Amz-Signature': /^(?:tampered-signature|malformed-signature|signature-case)/,
  'x-amz-content-sha256': /^payload-/,
  'the query string': /^(?:query-|missing-)/,
  'the request': /^/,
}

/** Problems that make a service parse or compute something different, and the parts that they affect. */
const ROOTS: Partial<Record<Cause, (symptom: Symptom) => readonly (string | undefined)[]>> = {
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
  'url-html-escaped': () => ['the query string'],
  'url-double-encoded': () => ['the query string'],
  'two-auths': () => ['the request'],
}

/** Attributes differences to the problem that causes them: a missing, repeated or malformed part was not changed. */
export function rootFinder(
  { parameters }: ParsedRequest,
  shown: readonly Symptom[],
): (difference: Difference) => Omit<Clue, 'ground'> {
  const once = new Set<string>()
  const repeated = new Set<string>()
  for (const { decoded } of parameters) (once.has(decoded) ? repeated : once).add(decoded)
  const faults = shown.filter(({ cause, breaks }) => breaks && cause in ROOTS).slice(0, 50)
  return (difference) => {
    const { cause, name = '' } = difference
    if (/^query-(?:changed|extra|removed)$/.test(cause) && repeated.has(name))
      return { ...difference, cause: 'query-duplicate' }
    const isAffected = (part = ''): boolean =>
      part !== '' && (name.toLowerCase() === part.toLowerCase() || (FOLLOWS[part]?.test(cause) ?? false))
    const root = faults.find((fault) => fault.cause !== cause && ROOTS[fault.cause]!(fault).some(isAffected))
    return root ? { ...difference, cause: root.cause, message: root.message, part: undefined } : difference
  }
}

/** A clue that was reproduced, unless the rules of the service decide about it and it is not certain which service that is. */
export function proven(clue: Omit<Clue, 'ground'>, { claim, headers, urlHost }: ParsedRequest): Clue {
  const service = claim.scope[2] ?? ''
  const isByRule = clue.cause === 'path-double-encoding' || clue.cause === 'payload-hash'
  const isCertain = isS3(service) || hostScope(headers.host ?? urlHost ?? '').service === service
  return { ...clue, ground: isByRule && !isCertain ? 'compared' : 'reproduced' }
}
