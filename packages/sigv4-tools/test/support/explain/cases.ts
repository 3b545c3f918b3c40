import { readFileSync } from 'node:fs'
import { type Cause, explain, type Finding, parseEvidence } from '../../../src/explain.ts'

// Cases by authors who had not seen explain: wrong signers in seven languages at real servers, surroundings that change a
// request, errors that are not about a signature, and secrets that are really wrong.

export interface FreshCase {
  id: string
  kind: 'signer' | 'environment' | 'innocent' | 'secret'
  mistakes: string[]
  /** The causes, one per mistake; none if the signature is not in question. */
  causes: Cause[]
  /** Other causes that lead to the same change. */
  alternatives: Cause[]
  /** Causes that would be a false accusation. */
  accused: string[]
  pasted: string
  /** What the author of the paste believes to be right. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
}

/** How well a case is explained; `vague`: the right cause is not among the first three, and the first one is only possible. */
export type Grade = 'first' | 'in three' | 'vague' | 'confidently wrong' | 'wrong proof'

export interface FreshScore {
  case: FreshCase
  tier: 'pasted' | 'with credentials'
  grade: Grade
  said: string
  milliseconds: number
}

export function freshCases(set: 'known' | 'set-aside'): FreshCase[] {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/cases/${set}.json`, import.meta.url), 'utf8')).cases
}

export function scoreFresh(set: 'known' | 'set-aside'): FreshScore[] {
  return freshCases(set).flatMap((each) => [
    scoreOf(each),
    ...(each.credentials ? [scoreOf(each, each.credentials)] : []),
  ])
}

function scoreOf(given: FreshCase, credentials?: FreshCase['credentials']): FreshScore {
  const start = performance.now()
  const evidence = parseEvidence(given.pasted)
  const isSome = evidence.request !== undefined || evidence.response !== undefined || evidence.signed !== undefined
  const explanation = isSome ? explain({ ...evidence, credentials }) : undefined
  const milliseconds = performance.now() - start
  const { findings = [], verdict = 'nothing was found', signature = 'unknown' } = explanation ?? {}
  const [first] = findings
  const tier = credentials ? 'with credentials' : 'pasted'
  const said = `${first?.cause ?? 'nothing'} ${first?.confidence ?? ''}: ${verdict}`
  return { case: given, tier, grade: gradeOf(given, findings, signature), said, milliseconds }
}

function gradeOf({ causes, alternatives }: FreshCase, findings: readonly Finding[], signature: string): Grade {
  const [first] = findings
  const isElsewhere = causes.length === 0
  const isRight = ({ cause }: Finding): boolean =>
    isElsewhere ? ['not-auth', 'cors', ...alternatives].includes(cause) : [...causes, ...alternatives].includes(cause)
  if (isElsewhere && (!first || signature === 'right')) return 'first'
  if (first && isRight(first)) return 'first'
  if (first?.confidence === 'proven') return 'wrong proof'
  if (first && first.confidence !== 'possible') return 'confidently wrong'
  if (!isElsewhere && signature === 'right') return 'confidently wrong'
  return findings.slice(0, 3).some(isRight) ? 'in three' : 'vague'
}
