import { quoteDiff } from './compare/highlight.ts'
import { type Clue, fill, headerName, type Part } from './model/clue.ts'
import { meansOf } from './model/means.ts'
import { traitsOf } from './model/traits.ts'

// Sentences for clues that do not have their own.

/** Returns the problem as a sentence with the values that differ. */
export function sentenceOf(clue: Clue): string {
  const { cause, ground, part, absent, expected = '', actual = '' } = clue
  const { means, difference } = meansOf(cause)
  if (part === undefined || ground === 'told') return means
  const { of } = part
  if (of === 'secret') return `The secret access key was used ${expected}.`
  if (of === 'signing key') return `The client used a signing key that was ${expected}.`
  if (of === 'chunk') return `The signature of chunk ${part.number} was incorrect.`
  // a right signature is as good as the secret for its request: logs must not have it
  if (of === 'signature') return means
  // both are the same once the secret in them is hidden
  if (clue.absent === undefined && clue.expected === clue.actual)
    return traitsOf(cause).isChange
      ? `${subjectOf(part)} changed after signing.`
      : `${means.slice(0, -1)}: ${subjectOf(part).replace(/^The/, 'the')} differs.`
  const quoted = quoteDiff(shortenHashes(expected), shortenHashes(actual))
  const [signed, sent] = quoted.map((value) => (value === '""' ? 'an empty string' : value)) as [string, string]
  const subject = subjectOf(part)
  if (cause === 'header-missing') return `${subject} was signed as ${signed}, but it was not sent.`
  if (absent === 'received')
    return `${subject} was missing: the client signed ${signed}, and the request did not contain it.`
  if (absent === 'signed')
    return `${subject} was ${cause === 'query-extra' ? 'added after signing' : 'not signed'}: the request contained ${sent}.`
  if (difference) return fill(difference, { signed, sent })
  return traitsOf(cause).isChange
    ? `${subject} changed after signing: the client signed ${signed}, and the request contained ${sent}.`
    : `${means.slice(0, -1).replace('a header', () => subject.replace('The', 'the'))}: the client signed ${signed}, and the service computed its signature for ${sent}.`
}

/** Hashes and signatures by their first digits. */
function shortenHashes(text: string): string {
  return text.replace(/\b([\da-f]{12})[\da-f]{52}\b/gi, '$1…')
}

function subjectOf({ of, name }: Part): string {
  if (of === 'header') return `The ${headerName(name)} header`
  if (of === 'parameter' || of === 'field') return `The ${name} ${of}`
  if (of === 'date') return 'The date of the string to sign'
  return of === 'SignedHeaders' ? of : `The ${of}`
}
