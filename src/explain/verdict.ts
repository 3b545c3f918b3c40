import { printable } from '../core/encoding/unprintable.ts'
import type { Finding } from './findings.ts'
import type { Judgement } from './judge.ts'
import type { Answer } from './response.ts'

/** What a verdict needs to know besides the findings. */
export interface Known {
  readonly answer: Answer | undefined
  readonly hasCredentials: boolean
  readonly isSigned: boolean
}

const WORDS = { proven: 'Proven', likely: 'Most likely', possible: 'Possibly' } as const

/** Sums up: what is to be said in one sentence, and the findings that bear on it. */
export function settle(
  { reading, fits }: Judgement,
  findings: readonly Finding[],
  { answer, hasCredentials, isSigned }: Known,
): { verdict: string; findings: Finding[] } {
  const [first] = findings
  const code = printable(answer?.code ?? '') || (answer?.status === undefined ? '' : `status ${answer.status}`)
  if (reading?.kind === 'accepted') {
    const broken = findings.filter(({ confidence }) => confidence !== 'possible')
    const [worst] = broken
    return worst
      ? {
          verdict: `The service accepted the request although it could have refused it; it tolerates this: ${worst.message}`,
          findings: broken,
        }
      : {
          verdict: fits
            ? 'The signature is right, and the service accepted the request.'
            : 'The service accepted the request.',
          findings: [],
        }
  }
  if (reading?.kind === 'fine' && first?.cause === 'not-auth')
    return {
      verdict: `The signature is not the problem: the service answered ${code}.`,
      findings: findings.filter(({ confidence }) => confidence !== 'possible'),
    }
  if (fits && reading === undefined && !findings.some(({ confidence }) => confidence !== 'possible'))
    return { verdict: 'The signature is right: it is the one that these credentials make.', findings: [] }
  const wanted = [
    ...(hasCredentials || !isSigned ? [] : ['the credentials, with which a cause can be proven']),
    ...(answer ? [] : ['the response of the service']),
  ]
  const more = wanted.length && first?.confidence !== 'proven' ? ` To know more, pass ${wanted.join(' and ')}.` : ''
  if (!first) return { verdict: `Nothing is wrong with the request as far as it is known.${more}`, findings: [] }
  return { verdict: `${WORDS[first.confidence]}: ${first.message}${more}`, findings: [...findings] }
}
