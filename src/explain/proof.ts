import type { Case } from './case.ts'
import { wrongChunk } from './chunked.ts'
import type { Difference } from './clue.ts'
import type { Reading } from './codes.ts'
import { readFacts } from './facts.ts'
import type { Candidate } from './findings.ts'
import { searchForm } from './form.ts'
import type { Secrets } from './keys.ts'
import { repairs } from './repair.ts'
import { differencesOf, searchSignature, signatureOf } from './search.ts'

type Prove = (difference: Difference) => Candidate

/** What the signature itself says, once the secret is known. */
export function weighSearch(
  given: Case,
  secrets: Secrets,
  reading: Reading | undefined,
): { fits: boolean; candidates: Candidate[] } {
  const { facts, request, budget } = given
  const signature = facts.claim.signature ?? ''
  const causes = reading?.kind === 'named' ? reading.causes : undefined
  const prove: Prove = (difference) => ({
    ...difference,
    confidence: 'proven',
    score: !causes ? 100 : causes.includes(difference.cause) ? 95 : 65,
  })
  const all = (differences: readonly Difference[]) => ({
    fits: differences.length === 0,
    candidates: differences.map((each, i) => ({ ...prove(each), score: prove(each).score - i / 10 })),
  })
  if (facts.location === 'post') {
    const found = searchForm(facts, secrets, signature.toLowerCase())
    if (found?.length === 0 && signature !== signature.toLowerCase()) return all([upperCase(signature)])
    return found ? all(found) : { fits: false, candidates: damaged(given, secrets, prove) }
  }
  const found = searchSignature(facts, secrets, signature.toLowerCase(), budget)
  if (found) {
    const differences = differencesOf(found, facts)
    if (differences.length) return all(differences)
    if (signature !== signature.toLowerCase()) return all([upperCase(signature)])
    const chunk = wrongChunk(facts, secrets)
    if (chunk === undefined) return all([])
    return all([
      {
        cause: 'streaming-chunk-signature',
        part: `chunk ${chunk}`,
        expected: 'another signature',
        actual: 'the one that was sent',
      },
    ])
  }
  for (const repair of repairs(request)) {
    const repaired = readFacts(repair.request)
    if (repaired.claim.signature !== undefined && signatureOf(repaired, secrets) === repaired.claim.signature)
      return all([repair])
  }
  return { fits: false, candidates: damaged(given, secrets, prove) }
}

function upperCase(signature: string): Difference {
  return { cause: 'signature-case', part: 'the signature', expected: signature.toLowerCase(), actual: signature }
}

/** A signature that is almost the right one. */
function damaged({ facts }: Case, secrets: Secrets, prove: Prove): Candidate[] {
  const sent = facts.claim.signature ?? ''
  const right = signatureOf(facts, secrets)
  let same = 0
  for (let i = 0; i < 64; i++) if (right[i] === sent[i]) same++
  const isPart = sent.length >= 16 && (right.startsWith(sent) || right.endsWith(sent) || sent.includes(right))
  if (!(sent.length === 64 && same >= 40) && !isPart) return []
  const cause = /^[\da-f]{64}$/.test(sent) ? 'tampered-signature' : 'malformed-signature'
  return [prove({ cause, part: 'the signature', expected: right, actual: sent })]
}
