import { quoteDiff } from './compare/highlight.ts'
import type { Cause } from './model/causes.ts'
import { meansOf } from './model/means.ts'
import { fill, headerName, type Part, type Sign } from './model/sign.ts'

// What happened, in a sentence: of signs that do not have one of their own.

/** Sentences about values that differ, by cause. */
const SENTENCES: Partial<Record<Cause, string>> = {
  method: 'The request was signed for the method {signed}, but it was sent with {sent}.',
  host: 'The request was signed for the host {signed}, but the service received the host {sent}.',
  'host-port': 'The request was signed for the host {signed}, but the service received the host {sent}.',
  'scope-region': 'The client signed the region {signed}, but the credential scope contained {sent}.',
  'scope-service': 'The client signed the service {signed}, but the credential scope contained {sent}.',
  'payload-hash': 'The client signed the payload hash {signed}, but the request contained {sent}.',
  'payload-mismatch': 'The body changed after signing: its signed hash was {signed}, and the received hash was {sent}.',
  'tampered-policy': 'The policy changed after signing: the client signed {signed}, and the form contained {sent}.',
  'malformed-signature':
    'The signature was followed by other characters: the client created {signed}, and the request contained {sent}.',
}

/** Causes for which a part has a different value than was signed. */
const CHANGES = /^(?:header-changed|query-changed|date-mismatch|content-|checksum|session-token|path$)/

/** What happened, as a sentence with the values that differ. */
export function sentenceOf({ cause, ground, part, absent, expected = '', actual = '' }: Sign): string {
  const means = meansOf(cause)
  if (part === undefined || ground === 'told') return means
  const { of } = part
  if (of === 'secret') return `The client signed with the secret access key ${expected}.`
  if (of === 'signing key') return `The client signed with a signing key ${expected}.`
  if (of === 'chunk') return `The signature of chunk ${part.number} was incorrect.`
  // a right signature is as good as the secret for its request: logs must not have it
  if (of === 'signature') return means
  const quoted = quoteDiff(shortenHashes(expected), shortenHashes(actual))
  const [signed, sent] = quoted.map((value) => (value === '""' ? 'an empty value' : value)) as [string, string]
  const subject = subjectOf(part)
  if (cause === 'header-missing') return `${subject} was signed as ${signed}, but it was not sent.`
  if (absent === 'received')
    return `${subject} was missing: the client signed ${signed}, and the request did not contain it.`
  if (absent === 'signed')
    return `${subject} was ${cause === 'query-extra' ? 'added after signing' : 'not signed'}: the request contained ${sent}.`
  const own = SENTENCES[cause]
  if (own) return fill(own, { signed, sent })
  return CHANGES.test(cause)
    ? `${subject} changed after signing: the client signed ${signed}, and the request contained ${sent}.`
    : `${means.slice(0, -1)}: the client signed ${signed}, and the service computed its signature for ${sent}.`
}

/** Hashes and signatures by their first digits. */
function shortenHashes(text: string): string {
  return text.replace(/\b([\da-f]{12})[\da-f]{52}\b/gi, '$1…')
}

/** A part at the start of a sentence: `The Content-Type header`. */
function subjectOf({ of, name }: Part): string {
  if (of === 'header') return `The ${headerName(name)} header`
  if (of === 'parameter' || of === 'field') return `The ${name} ${of}`
  if (of === 'date') return 'The date of the string to sign'
  return of === 'SignedHeaders' ? of : `The ${of}`
}
