import { printable } from '../core/encoding/unprintable.ts'
import type { Case } from './case.ts'
import { type Diagnosis, requirement } from './diagnose.ts'
import type { Finding } from './findings.ts'

/** Why a signature does not match. */
export interface Explanation {
  /** The result in one sentence. */
  readonly verdict: string
  /** Whether the signature is at fault; `right`: the request was accepted, or failed for a different reason. */
  readonly signature: 'right' | 'wrong' | 'unknown'
  /** The causes, the most likely first. */
  readonly findings: Finding[]
  /** The canonical requests of the client and the service, if both are known and differ. Secrets are hidden. */
  readonly canonicalRequests?: { readonly client: string; readonly service: string }
}

const WORDS = { proven: 'Proven', likely: 'Most likely', possible: 'Possible cause' } as const

/** Summarizes findings: the result in one sentence, with the findings that bear on it. `hide` hides secrets. */
export function summarize(
  { reading, fits, required }: Diagnosis,
  findings: Finding[],
  { response, secrets, isRequestKnown, facts }: Case,
  hide: (text: string) => string,
): Explanation {
  const [first] = findings
  const sure = findings.filter(({ confidence }) => confidence !== 'possible')
  if (reading?.kind === 'accepted') {
    if (sure[0]) {
      const verdict = `The service accepted the request despite a problem: ${sure[0].message}`
      return { verdict, signature: fits === false ? 'wrong' : 'right', findings: sure }
    }
    const accepted = fits ? 'The signature is correct, and the' : 'The'
    return { verdict: `${accepted} service accepted the request.`, signature: 'right', findings: [] }
  }
  const { status, code = '', message, isBodyUnread } = response ?? {}
  if (first?.cause === 'not-auth') {
    const shown = printable(hide(code)) || (status === undefined ? '' : `status ${status}`)
    const verdict = `The signature is not the problem: the service responded with ${shown}.`
    return { verdict, signature: 'right', findings: sure.length ? sure : [first] }
  }
  if (fits && reading === undefined && sure.length === 0) {
    const what = required.map((each) => printable(hide(requirement(each)))).join(' and ')
    const verdict = what
      ? `The signature is correct if the request is sent with ${what}.`
      : 'The signature is correct: these credentials produce it.'
    return { verdict, signature: 'right', findings: [] }
  }
  const wanted = [
    isRequestKnown ? '' : 'the request',
    response ? '' : "the service's response",
    isBodyUnread ? 'the body of the response as a string, such as await response.text()' : '',
    secrets || facts.location === undefined ? '' : 'the credentials, which can prove a cause',
  ].filter((each) => each !== '')
  const more =
    wanted.length && first?.confidence !== 'proven' ? ` For a more certain result, pass ${wanted.join(' and ')}.` : ''
  if (first) return { verdict: `${WORDS[first.confidence]}: ${first.message}${more}`, signature: 'wrong', findings }
  const isEmpty = status !== undefined && status >= 400 && code === '' && message === '' && !isBodyUnread
  const nothing = isEmpty
    ? `The response has status ${status} and no body, so it does not contain an error. Add the body, or, if the request was HEAD, repeat it with GET to see the error.`
    : 'The evidence does not show a problem with the signature.'
  return { verdict: nothing + more, signature: 'unknown', findings: [] }
}
