import { CLUSTER_HEADER } from '../formats/token.ts'
import { printable } from '../redaction/unprintable.ts'
import type { Case } from './case/case.ts'
import type { Traits } from './causes/row.ts'
import { type Decision, decisionOf, isUnchecked, receivedDecision, type Wanted, wantedOf } from './decide.ts'
import type { Described, Finding } from './findings.ts'
import { listed } from './model/clue.ts'
import { traitsOf } from './model/traits.ts'
import { requirement } from './remaining.ts'
import type { Reading } from './response/errors.ts'
import type { Proof } from './search/proof.ts'
import { CERTAINTY } from './wording.ts'

/** The result of `explain`: the causes of a rejection. */
export interface Explanation {
  /** The result in one sentence. */
  readonly verdict: string
  /** Whether the signature is at fault; `right`: the request was accepted, or failed for a different reason. */
  readonly signature: 'right' | 'wrong' | 'unknown'
  /** The causes, the most likely first. */
  readonly findings: Finding[]
  /** Evidence that would make the result more certain. */
  readonly wanted: readonly Wanted[]
  /** The one piece of evidence that decides between the first two causes, if both are only possible. */
  readonly decides?: Decision
  /** The canonical requests of the client and the service, if both are known and differ. Secrets are hidden. */
  readonly canonicalRequests?: { readonly client: string; readonly service: string }
}

const ERROR_ALONE = 'The error alone does not show the cause. Common cause'

const NO_BODY =
  'The signature covers the body, which the evidence does not contain, so it was not checked with these credentials. '

const UNCHECKED = ' The signature itself, of Signature Version 4a, was not checked: use npx sigv4-tools verify.'

/** Maximum number of causes to list for an error alone. */
const COMMON = 3

/** Sentences for the rejection of a request with a correct signature, by the kind of the error. */
const TRANSIT: Partial<Record<Reading['kind'], string>> = {
  mismatch: 'the service received a different request, or has a different secret.',
  ambiguous: 'the service rejected it for a different reason, or received it without its signature.',
  silent: 'the service rejected it for a different reason, or received a different request.',
}

/** The sentence for a request that nothing can have changed. */
const RECEIVED = 'the service rejected it for a different reason, or has a different secret.'

/** Returns whether anything but the permissions and the existence of an object is in question. */
function isTransit(findings: readonly Finding[]): boolean {
  return findings.some(({ cause }) => traitsOf(cause).of !== 'other')
}

/** Returns whether a cause leaves the signature open: the server did not read it, or a signed value is not known. */
function isUntested({ cause, part }: Finding): boolean {
  return traitsOf(cause).isUnread === true || part?.name === CLUSTER_HEADER
}

/** Summarizes findings: the result in one sentence, with the findings that bear on it. `hide` hides secrets. */
export function report(
  described: readonly Described[],
  { fits, required }: Proof,
  given: Case,
  hide: (text: string) => string,
  isGate = false,
): Explanation {
  const { response, reading, shown } = given
  const findings = described.map(({ finding }) => finding)
  const right = (verdict: string, kept: Finding[] = []): Explanation => ({
    verdict,
    signature: 'right',
    findings: kept,
    wanted: [],
  })
  const [first] = findings
  const { of, isOwn }: Traits = first ? traitsOf(first.cause) : {}
  const sure = findings.filter(({ confidence }) => confidence !== 'possible')
  if (first && isGate) return { verdict: first.message, signature: 'unknown', findings, wanted: [] }
  if (reading?.kind === 'accepted') {
    const accepted = fits ? 'The signature is correct, and the' : 'The'
    if (!sure[0]) return right(`${accepted} service accepted the request.`)
    const explanation = right(`The service accepted the request despite a problem: ${sure[0].message}`, sure)
    return fits === false ? { ...explanation, signature: 'wrong' } : explanation
  }
  const { status, code = '', message, isBodyUnread } = response ?? {}
  // a browser shows neither the error of a service nor whether there is one
  if (first?.cause === 'cors' && reading?.kind === 'ambiguous' && given.facts.method !== 'OPTIONS')
    return { verdict: first.message, signature: 'unknown', findings, wanted: wantedOf(given) }
  // the client's request is correct: the reason for the rejection arose in transit
  if (first && fits && reading !== undefined && sure.length === 0 && isTransit(findings)) {
    const { isReceived } = given.request
    const why = isReceived ? RECEIVED : (TRANSIT[reading.kind] ?? 'the service received a different request.')
    return {
      verdict: `The signature is correct for this request: ${why}`,
      signature: 'unknown',
      findings,
      wanted: wantedOf(given),
      ...(!isReceived && { decides: receivedDecision(findings) }),
    }
  }
  if (first && of === 'other') {
    const said = printable(hide(code)) || (status === undefined ? '' : `status ${status}`)
    const isClear = isOwn || reading?.kind === 'mismatch' || said === ''
    const what = isClear ? described[0]!.clause : `the service responded with ${said}.`
    return right(`The signature is not the problem: ${what}`, sure.length ? sure : [first])
  }
  if (fits && reading === undefined && sure.length === 0) {
    const what = listed(required.map((each) => printable(hide(requirement(each)))))
    return right(
      what
        ? `The signature is correct if the request is sent with ${what}.`
        : 'The signature is correct: these credentials produce it.',
    )
  }
  const wanted = first?.confidence === 'proven' ? [] : wantedOf(given)
  const unchecked = given.facts.claim.is4a ? UNCHECKED : ''
  if (first) {
    const isErrorAlone = !shown.has('request') && sure.length === 0
    const decides = decisionOf(findings, given)
    const isBodyOpen = fits === false && sure.length === 0 && isUnchecked(given.facts, given.signed)
    // nothing was tried with the right credentials, and no service has rejected it
    const isOpen = isBodyOpen || (fits === undefined && reading === undefined && sure.length === 0)
    const certainty = isErrorAlone ? ERROR_ALONE : CERTAINTY[first.confidence]
    return {
      verdict: `${isBodyOpen ? NO_BODY : ''}${certainty}: ${first.message}${unchecked}`,
      signature: isOpen || isUntested(first) ? 'unknown' : 'wrong',
      findings: isErrorAlone ? findings.slice(0, COMMON) : findings,
      wanted,
      ...(decides && { decides }),
    }
  }
  const isEmpty = status !== undefined && status >= 400 && code === '' && message === '' && !isBodyUnread
  const verdict = given.facts.isCut
    ? 'The URL was shortened by the program that displayed it. Copy the address of the link, which is complete.'
    : isEmpty
      ? `The response has status ${status} and no body, so it does not contain an error. Add the body, or, if the request was HEAD, repeat it with GET to see the error.`
      : `The evidence does not show a problem with the ${unchecked ? 'request' : 'signature'}.`
  return { verdict: `${verdict}${unchecked}`, signature: 'unknown', findings: [], wanted }
}
