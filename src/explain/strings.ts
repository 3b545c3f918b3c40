import type { CanonicalRequest } from '../core/signing/canonical-request.ts'
import type { Case } from './case.ts'
import type { Difference } from './clue.ts'
import { isFromS3 } from './clues.ts'
import { compareCanonical, compareContext } from './compare.ts'
import type { Candidate } from './findings.ts'
import { isForS3, parseCanonicalRequest, parseStringToSign, piecesOf } from './pieces.ts'
import { searchHash } from './search.ts'

// What the service says it computed, beside what was signed.

/** What the service says it computed, beside what was signed. */
export function weighStrings(given: Case, fits: boolean | undefined): Candidate[] {
  const { facts, answer, signed } = given
  const computed = computedBy(given)
  const ours = signed.canonicalRequest === undefined ? undefined : parseCanonicalRequest(signed.canonicalRequest)
  const base = piecesOf(facts, isForS3(facts) || isFromS3(answer))
  const sent = { headers: facts.headers, signedHeaders: facts.claim.signedHeaders }
  const found: Candidate[] = []
  const add = (differences: readonly Difference[], isProven: boolean, score: number): void => {
    for (const [i, each] of differences.entries())
      found.push({ ...each, confidence: isProven ? 'proven' : 'likely', score: score - i })
  }
  if (ours && computed) add(compareCanonical(ours, computed, sent), true, 96)
  else if (ours && facts.location !== 'post') add(compareCanonical(ours, base, sent), false, 80)
  else if (computed && (fits === undefined || fits)) add(compareCanonical(base, computed, sent), fits === true, 75)
  const theirs = answer?.stringToSign === undefined ? undefined : parseStringToSign(answer.stringToSign)
  const mine = signed.stringToSign === undefined ? undefined : parseStringToSign(signed.stringToSign)
  if (theirs && (mine || facts.location !== 'post'))
    add(compareContext(mine ?? base, theirs), mine !== undefined, mine ? 98 : 74)
  else if (mine && facts.location !== 'post') add(compareContext(mine, base), false, 80)
  if (
    signed.stringToSign !== undefined &&
    answer?.stringToSign !== undefined &&
    facts.location === 'post' &&
    signed.stringToSign !== answer.stringToSign
  )
    found.push({
      cause: 'tampered-policy',
      confidence: 'proven',
      score: 96,
      part: 'the policy',
      expected: signed.stringToSign,
      actual: answer.stringToSign,
    })
  if (answer?.stringToSign?.startsWith('AWS4-HMAC-SHA256-PAYLOAD'))
    found.push({ cause: 'streaming-chunk-signature', confidence: 'likely', score: 95 })
  if (!found.length && answer?.stringToSign !== undefined && answer.stringToSign === signed.stringToSign)
    found.push(...sameStrings(given))
  return found
}

/** Both have signed the same: what is left is the key, or the signature itself. */
function sameStrings({ facts, answer }: Case): Candidate[] {
  const provided = answer?.elements.get('SignatureProvided')
  const { signature = '' } = facts.claim
  if (provided !== undefined && provided !== signature)
    return [
      {
        cause: 'tampered-signature',
        confidence: 'proven',
        score: 90,
        part: 'the signature',
        expected: signature,
        actual: provided,
      },
    ]
  if (facts.headers['x-amz-content-sha256']?.startsWith('STREAMING-AWS4'))
    return [
      {
        cause: 'streaming-chunk-signature',
        confidence: 'possible',
        score: 63,
        message:
          'Client and service agree about the request itself: what is left is a chunk of the body, or the secret.',
      },
    ]
  return [
    {
      cause: 'wrong-secret',
      confidence: 'likely',
      score: 61,
      message:
        'Client and service have signed the same text: they use different secrets, or the signing key was derived wrongly.',
    },
  ]
}

/** The canonical request of the service: as it shows it, or found by its hash. */
function computedBy({ answer, facts, budget }: Case): CanonicalRequest | undefined {
  if (answer?.canonicalRequest !== undefined) return parseCanonicalRequest(answer.canonicalRequest)
  const hash = parseStringToSign(answer?.stringToSign ?? '')?.hash
  return hash === undefined ? undefined : searchHash(facts, hash, budget)
}
