import type { Case } from './case.ts'
import type { Secrets } from './changes/keys.ts'
import { repairs } from './changes/repair.ts'
import { differencesOf, searchSignature, signatureOf } from './changes/search.ts'
import type { Clue, Difference, Symptom } from './clue.ts'
import { proven, rootFinder } from './compare/root.ts'
import { wrongChunk } from './request/chunked.ts'
import { type ParsedRequest, parseRequest } from './request/facts.ts'
import { searchForm } from './symptoms/form.ts'

/** What the signature shows once the secret is known. */
export interface Proof {
  /** Whether the signature is the one that the credentials make. */
  readonly fits: boolean
  readonly clues: readonly Clue[]
  /** What was signed in place of the defaults of parts that the evidence does not show. */
  readonly required: readonly Difference[]
}

/** Computes what the signature shows. `shown`: what the request shows. */
export function weighSearch(given: Case, secrets: Secrets, shown: readonly Symptom[]): Proof {
  const { facts, request, budget } = given
  const signature = facts.claim.signature!.toLowerCase()
  const rootOf = rootFinder(facts, shown)
  const cluesOf = (differences: readonly Difference[]): Clue[] => differences.map((each) => proven(rootOf(each), facts))
  const isForm = facts.location === 'post'
  const found = isForm ? undefined : searchSignature(facts, secrets, signature, budget)
  const differences = isForm ? searchForm(facts, secrets, signature) : found && differencesOf(found, facts)
  if (differences) {
    const all = differences.length ? differences : writtenDifferently(facts, secrets)
    const required = all.filter((each) => isDefault(each, given.known))
    const real = all.filter((each) => !required.includes(each))
    return { fits: real.length === 0, clues: cluesOf(real), required }
  }
  const repair = isForm ? undefined : repairs(request).find((each) => isRight(parseRequest(each.request), secrets))
  return { fits: false, clues: cluesOf(repair ? [repair] : damaged(given, secrets)), required: [] }
}

/** Whether the difference is from a default, because the evidence does not show this part of the request. */
function isDefault({ part, name, actual }: Difference, known: Case['known']): boolean {
  if (part === 'the method') return !known.method
  if (part === 'the payload hash') return !known.body && !known.headers
  // a complete URL shows the host
  return part === `the header ${name}` && !known.headers && (name !== 'host' || actual === '')
}

function isRight(facts: ParsedRequest, secrets: Secrets): boolean {
  return facts.claim.signature !== undefined && signatureOf(facts, secrets) === facts.claim.signature
}

/** What differs although the signature is the right one: its case, or the signature of a chunk. */
function writtenDifferently(facts: ParsedRequest, secrets: Secrets): Difference[] {
  const actual = facts.claim.signature!
  const expected = actual.toLowerCase()
  if (actual !== expected) return [{ cause: 'signature-case', part: 'the signature', expected, actual }]
  const chunk = wrongChunk(facts, secrets)
  const part = `chunk ${chunk}`
  const [other, sent] = ['a different signature', 'the signature that was sent']
  return chunk ? [{ cause: 'streaming-chunk-signature', part, expected: other, actual: sent }] : []
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
