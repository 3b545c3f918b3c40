import { printable } from '../core/encoding/unprintable.ts'
import type { Diagnosis } from './diagnose.ts'
import type { Finding } from './findings.ts'
import type { ServiceResponse } from './response/response.ts'

/** What a verdict depends on in addition to the findings. */
export interface Known {
  readonly response: ServiceResponse | undefined
  readonly hasCredentials: boolean
  readonly isRequestKnown: boolean
  readonly isSigned: boolean
  /** Hides what is secret. */
  readonly hide: (text: string) => string
}

/** The result in one sentence, with the findings that bear on it. */
export interface Verdict {
  verdict: string
  /** `right`: the request may fail for other reasons. */
  signature: 'right' | 'wrong' | 'unknown'
  findings: Finding[]
}

const WORDS = { proven: 'Proven', likely: 'Most likely', possible: 'Possible cause' } as const

/** Summarizes findings. */
export function summarize({ reading, fits }: Diagnosis, findings: readonly Finding[], known: Known): Verdict {
  const { response, hasCredentials, isRequestKnown, isSigned } = known
  const [first] = findings
  const code =
    printable(known.hide(response?.code ?? '')) || (response?.status === undefined ? '' : `status ${response.status}`)
  const sure = findings.filter(({ confidence }) => confidence !== 'possible')
  if (reading?.kind === 'accepted') {
    const [worst] = sure
    if (worst)
      return {
        verdict: `The service accepted the request despite a problem: ${worst.message}`,
        signature: fits === false ? 'wrong' : 'right',
        findings: sure,
      }
    const accepted = fits
      ? 'The signature is correct, and the service accepted the request.'
      : 'The service accepted the request.'
    return { verdict: accepted, signature: 'right', findings: [] }
  }
  if (first?.cause === 'not-auth')
    return {
      verdict: `The signature is not the problem: the service responded with ${code}.`,
      signature: 'right',
      findings: sure.length ? sure : [first],
    }
  if (fits && reading === undefined && sure.length === 0)
    return { verdict: 'The signature is correct: these credentials produce it.', signature: 'right', findings: [] }
  const hasNoBody =
    response !== undefined && response.status !== undefined && response.code === '' && response.message === ''
  const wanted = [
    ...(isRequestKnown ? [] : ['the request']),
    ...(response ? [] : ["the service's response"]),
    ...(response?.isBodyUnread ? ['the body of the response as a string, such as await response.text()'] : []),
    ...(hasCredentials || !isSigned ? [] : ['the credentials, which can prove a cause']),
  ]
  const more =
    wanted.length && first?.confidence !== 'proven' ? ` For a more certain result, pass ${wanted.join(' and ')}.` : ''
  if (!first && hasNoBody && !response.isBodyUnread && response.status! >= 400)
    return {
      verdict: `The response has status ${response.status} and no body, so it does not contain an error. Repeat the request with GET to see the error.${more}`,
      signature: 'unknown',
      findings: [],
    }
  if (!first)
    return {
      verdict: `The evidence does not show a problem with the signature.${more}`,
      signature: 'unknown',
      findings: [],
    }
  return { verdict: `${WORDS[first.confidence]}: ${first.message}${more}`, signature: 'wrong', findings: [...findings] }
}
