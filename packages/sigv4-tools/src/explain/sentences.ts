import { quoteDiff } from './compare/highlight.ts'
import { meansOf, rowOf } from './model/causes.ts'
import { type Clue, headerName, type Part } from './model/clue.ts'

// Sentences for clues that do not have their own.

/** Returns the problem as a sentence with the values that differ. */
export function sentenceOf(clue: Clue): string {
  const { cause, ground, part: of, absent, expected = '', actual = '' } = clue
  if (of === undefined || ground === 'told') return meansOf(cause)
  if (of.of === 'secret') return `The secret access key was used ${expected}.`
  if (of.of === 'signing key') return `The client used a signing key that was ${expected}.`
  if (of.of === 'chunk') return `The signature of chunk ${of.number} was incorrect.`
  // a right signature is as good as the secret for its request: logs must not have it
  if (of.of === 'signature') return meansOf(cause)
  const { means, isChange, difference, missing, unsigned } = rowOf(cause)
  const subject = nameOf(of, 'The')
  const part = nameOf(of, 'the')
  // both are the same once the secret in them is hidden
  if (absent === undefined && clue.expected === clue.actual)
    return isChange ? `${subject} changed after signing.` : `${means}: ${part} differs.`
  if (clue.between) return viewsSentence(clue.between, clue)
  const quoted = quoteDiff(shortenHashes(expected), shortenHashes(actual))
  const [signed, sent] = quoted.map((value) => (value === '""' ? 'an empty string' : value)) as [string, string]
  const values = { subject, part, signed, sent }
  if (absent === 'received')
    return (
      missing?.(values) ?? `${subject} was missing: the client signed ${signed}, and the request did not contain it.`
    )
  if (absent === 'signed') return unsigned?.(values) ?? `${subject} was not signed: the request contained ${sent}.`
  if (difference) return difference(values)
  return isChange
    ? `${subject} changed after signing: the client signed ${signed}, and the request contained ${sent}.`
    : `${means}: the client signed ${signed}, and the service computed its signature for ${sent}.`
}

/** A part that differs between two views of a request. */
function viewsSentence(between: 'transit' | 'accepted', { part, absent, expected = '', actual = '' }: Clue): string {
  const [first, second] = quoteDiff(shortenHashes(expected), shortenHashes(actual))
  const subject = nameOf(part!, 'The')
  if (between === 'transit') {
    if (absent === 'received')
      return `${subject} was lost in transit: the client sent ${first}, and the service did not receive it.`
    if (absent === 'signed')
      return `${subject} was added in transit: the client did not sign it, and the service received ${second}.`
    return `${subject} changed in transit: the client sent ${first}, and the service received ${second}.`
  }
  if (absent === 'received')
    return `${subject} was missing: a request with the same signature was accepted with ${first}.`
  if (absent === 'signed') return `${subject} was ${second}: a request with the same signature was accepted without it.`
  return `${subject} was ${second}: a request with the same signature was accepted with ${first}.`
}

/** Hashes and signatures by their first digits. */
function shortenHashes(text: string): string {
  return text.replace(/\b([\da-f]{12})[\da-f]{52}\b/gi, '$1…')
}

/** Names a part, with the article for its place in a sentence. */
function nameOf({ of, name }: Part, article: 'The' | 'the'): string {
  if (of === 'SignedHeaders') return of
  if (of === 'header') return `${article} ${headerName(name)} header`
  if (of === 'parameter' || of === 'field') return `${article} ${name} ${of}`
  return of === 'date' ? `${article} date of the string to sign` : `${article} ${of}`
}
