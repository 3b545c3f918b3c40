import { printable } from '../core/encoding/unprintable.ts'
import { quoteDiff } from './compare/highlight.ts'
import { adviceOn, type Cause } from './model/causes.ts'
import { fill, type Ground, type Part, type Sign } from './model/sign.ts'
import type { Confidence, Ranked } from './rank.ts'

/** A cause, and what to do about it. */
export interface Finding {
  readonly cause: Cause
  readonly confidence: Confidence
  /** What happened, in one sentence. */
  readonly message: string
  /** What shows it: the request, the service's own words, or a computation. */
  readonly evidence: string
  /** What differs from what was signed: `{ of: 'header', name: 'host' }`. */
  readonly part?: Part
  /** The value that was signed, or that is required. */
  readonly expected?: string
  /** The value that was received. */
  readonly actual?: string
  /** Whether `expected` is what the client signed; otherwise it is what the service requires. */
  readonly isSigned: boolean
  /** Whether the part was not signed at all, or not received. */
  readonly absent?: 'signed' | 'received'
  /** What to do. */
  readonly fix: string
}

/** Describes signs, without secrets. `said`: the service's own words. */
export function findingsOf(ranked: readonly Ranked[], hide: (text: string) => string, said = ''): Finding[] {
  return ranked.map(({ sign: raw, confidence, isTold }) => {
    // hide before cutting, or part of a secret would remain
    const hidden = (text: string | undefined): string | undefined => (text === undefined ? undefined : hide(text))
    const name = hidden(raw.part?.name)
    const part = raw.part && { ...raw.part, ...(name !== undefined && { name }) }
    const sign: Sign = { ...raw, part, expected: hidden(raw.expected), actual: hidden(raw.actual) }
    const expected = sign.absent === 'signed' ? 'not signed' : sign.expected
    const actual = sign.absent === 'received' ? 'missing' : sign.actual
    return {
      cause: sign.cause,
      confidence,
      message: printable(hide(sign.message ?? sentence(sign))),
      evidence: printable(hide(evidenceOf(sign, isTold, said))),
      ...(part !== undefined && { part }),
      ...(expected !== undefined && { expected: cut(expected) }),
      ...(actual !== undefined && { actual: cut(actual) }),
      isSigned: part !== undefined && (sign.ground === 'reproduced' || sign.ground === 'compared'),
      ...(sign.absent !== undefined && { absent: sign.absent }),
      fix: printable(hide(fixOf(sign))),
    }
  })
}

/** What supports a finding. */
const EVIDENCE: Readonly<Record<Ground, string>> = {
  reproduced: 'Applying this cause reproduces the received signature or hash.',
  compared: 'The values of the client and the service differ in this part.',
  fault: 'This is visible in the request.',
  left: 'Everything else matches.',
  either: 'Everything that could be tried matches, but not every value can be tried.',
  told: '',
  note: 'This is visible in the request, but it may not be the reason.',
  trace: 'This is visible in the request, but it may not be the reason.',
  prior: 'Nothing in the evidence shows this, but it is a common cause.',
}

function evidenceOf({ ground }: Sign, isTold: boolean, said: string): string {
  const quoted = said === '' ? 'The service returned this error.' : `The service responded: ${said}`
  return [EVIDENCE[ground], isTold ? quoted : ''].filter((each) => each !== '').join(' ')
}

/** No header and no URL that a server accepts is longer. */
function cut(text: string): string {
  return text.length > 65_536 ? `${text.slice(0, 65_536)}…` : text
}

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
    'The signature was not 64 hexadecimal digits: it was {signed}, and the request contained {sent}.',
}

/** Causes for which a part has a different value than was signed. */
const CHANGES = /^(?:header-changed|query-changed|date-mismatch|content-|checksum|session-token|path$)/

/** What happened, as a sentence with the values that differ. */
function sentence({ cause, ground, part, absent, expected = '', actual = '' }: Sign): string {
  const { means } = adviceOn(cause)
  if (part === undefined || ground === 'told') return means
  const { of } = part
  if (of === 'secret') return `The client signed with the secret access key ${expected}.`
  if (of === 'signing key') return `The client signed with a signing key ${expected}.`
  if (of === 'chunk') return `The signature of chunk ${part.number} was incorrect.`
  // a right signature is as good as the secret for its request: logs must not have it
  if (of === 'signature') return means
  const quoted = quoteDiff(shorten(expected), shorten(actual))
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
function shorten(text: string): string {
  return text.replace(/\b([\da-f]{12})[\da-f]{52}\b/gi, '$1…')
}

/** A part at the start of a sentence: `The Content-Type header`. */
export function subjectOf({ of, name }: Part): string {
  if (of === 'header') return `The ${headerName(name)} header`
  if (of === 'parameter' || of === 'field') return `The ${name} ${of}`
  if (of === 'date') return 'The date of the string to sign'
  return of === 'SignedHeaders' ? of : `The ${of}`
}

/** A header as its specification spells it: `Content-Type`, `x-amz-date`. */
function headerName(name = ''): string {
  if (name.startsWith('x-amz-')) return name
  return name.replace(/^te$|-md5$|(?:^|-)./g, (letters) => letters.toUpperCase())
}

/** Longest value that a fix repeats. */
const LONGEST_FIX = 200

const SEND_OR_OMIT = 'Send "{header}: {expected}", or do not sign the header.'
const SEND_OR_SIGN = 'Send "{header}: {expected}", or create the signature for "{actual}".'
const SIGN_FOR_HOST = 'Sign for the host "{actual}", which the service receives, or send "Host: {expected}".'

/** Fixes with values, by cause: the first one whose values are known. */
const FIXES: Partial<Record<Cause, readonly string[]>> = {
  'header-changed': [SEND_OR_SIGN, SEND_OR_OMIT],
  'content-length': [SEND_OR_SIGN, SEND_OR_OMIT],
  'header-missing': [SEND_OR_OMIT, 'Send the {header} header with its signed value, or do not sign it.'],
  method: [
    'Send the request with "{expected}", or sign it for "{actual}".',
    'Send the request with "{expected}", or sign it for the method that you send.',
  ],
  host: [SIGN_FOR_HOST],
  'host-port': [SIGN_FOR_HOST],
  path: ['Sign the path "{actual}", which the service receives, or send "{expected}".'],
  'param-case': ['Send the parameter as "{expected}".'],
  'url-html-escaped': ['Replace "{actual}" with "{expected}" in the URL.'],
  'query-extra': ['Sign the parameter {name} with the others, or do not send it.'],
  'query-removed': ['Send the parameter {name} with the value "{expected}".'],
  'scope-region': ['Sign for the region "{expected}".'],
  'scope-service': ['Sign for the service "{expected}".'],
  'scope-date': ['Use "{expected}" as the date of the credential scope.'],
}

/** One concrete thing to do. */
function fixOf({ cause, ground, part, absent, expected, actual, fix = adviceOn(cause).fix }: Sign): string {
  const isDifference = ground === 'reproduced' || ground === 'compared'
  // the client signed this scope: it is not what the endpoint requires
  if (cause.startsWith('scope-') && part !== undefined && isDifference) return fix
  const short = (value = ''): string => (value.length < LONGEST_FIX ? value : '')
  const name = part?.name ?? ''
  const signed = absent === 'signed' ? 'not signed' : short(expected)
  const values = { header: headerName(name), name, expected: signed, actual: short(actual) }
  const isKnown = (sentence: string): boolean =>
    Object.entries(values).every(([key, value]) => value || !sentence.includes(`{${key}}`))
  const known = FIXES[cause]?.find(isKnown)
  return known === undefined ? fix : fill(known, values)
}
