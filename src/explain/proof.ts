import type { Case } from './case.ts'
import type { Secrets } from './changes/keys.ts'
import { repairs } from './changes/repair.ts'
import { differencesOf, searchSignature, signatureOf } from './changes/search.ts'
import type { Clue, Difference, Symptom } from './clue.ts'
import { proven, rootFinder } from './compare/root.ts'
import { wrongChunk } from './request/chunked.ts'
import { parseRequest } from './request/facts.ts'
import { searchForm } from './symptoms/form.ts'

/** What the signature shows once the secret is known. `shown`: what the request shows. */
export function weighSearch(
  given: Case,
  secrets: Secrets,
  shown: readonly Symptom[],
): { fits: boolean; clues: Clue[] } {
  const { facts, request, budget } = given
  const signature = facts.claim.signature!
  const rootOf = rootFinder(facts, shown)
  const all = (differences: readonly Difference[]) => ({
    fits: differences.length === 0,
    clues: differences.map((each) => proven(rootOf(each), facts)),
  })
  if (facts.location === 'post') {
    const found = searchForm(facts, secrets, signature.toLowerCase())
    if (found?.length === 0 && signature !== signature.toLowerCase()) return all([upperCase(signature)])
    return found ? all(found) : { ...all(damaged(given, secrets)), fits: false }
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
        expected: 'a different signature',
        actual: 'the signature that was sent',
      },
    ])
  }
  for (const repair of repairs(request)) {
    const repaired = parseRequest(repair.request)
    if (repaired.claim.signature !== undefined && signatureOf(repaired, secrets) === repaired.claim.signature)
      return all([repair])
  }
  return { ...all(damaged(given, secrets)), fits: false }
}

function upperCase(signature: string): Difference {
  return { cause: 'signature-case', part: 'the signature', expected: signature.toLowerCase(), actual: signature }
}

/** A signature that is almost the right one. */
function damaged({ facts }: Case, secrets: Secrets): Difference[] {
  const sent = facts.claim.signature!
  const right = signatureOf(facts, secrets)
  let same = 0
  for (let i = 0; i < 64; i++) if (right[i] === sent[i]) same++
  const isPart = sent.length >= 16 && (right.startsWith(sent) || right.endsWith(sent) || sent.includes(right))
  if (!(sent.length === 64 && same >= 40) && !isPart) return []
  const cause = /^[\da-f]{64}$/i.test(sent) ? 'tampered-signature' : 'malformed-signature'
  return [{ cause, part: 'the signature', expected: right, actual: sent }]
}
