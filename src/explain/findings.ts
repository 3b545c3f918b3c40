import { printable } from '../core/encoding/unprintable.ts'
import { withoutEscapes } from '../core/secrets/escapes.ts'
import { isSecretName, isSecretShaped, misplacedSecrets, secretsOfCredential } from '../core/secrets/find.ts'
import { createHider } from '../core/secrets/hide.ts'
import { adviceOn, type Cause } from './causes.ts'
import type { Secrets } from './changes/keys.ts'
import { type Clue, fill, type Ground } from './clue.ts'
import { quoteDiff } from './compare/highlight.ts'
import { isEmptied, type ParsedRequest } from './request/facts.ts'
import type { Confidence, Weighed } from './weigh.ts'

/** A cause, and what to do about it. */
export interface Finding {
  readonly cause: Cause
  readonly confidence: Confidence
  /** What happened, in one sentence. */
  readonly message: string
  /** What shows it: the request, the service's own words, or a computation. */
  readonly evidence: string
  /** The value that was signed, or that is required. */
  readonly expected?: string
  /** The value that was received. */
  readonly actual?: string
  /** What to do. */
  readonly fix: string
  /** How to confirm a cause that is only `possible`. */
  readonly check?: string
}

/** Maximum number of findings. */
const MOST_FINDINGS = 50

/** Converts clues to findings: the best clue of each cause, without secrets. `said`: the service's own words. */
export function findingsOf(weighed: readonly Weighed[], hide: (text: string) => string, said = ''): Finding[] {
  const seen = new Set<string>()
  let isExplained = false
  return weighed
    .filter(({ clue: { cause, part }, confidence }) => {
      // a problem with the signature explains the error
      if (isExplained && cause === 'not-auth') return false
      const isNew = part === undefined ? !seen.has(cause) : !seen.has(`${cause} ${part}`)
      seen.add(cause).add(`${cause} ${part}`)
      isExplained ||= confidence !== 'possible'
      return isNew
    })
    .slice(0, MOST_FINDINGS)
    .map(({ clue: raw, confidence, weight }) => {
      // hide before cutting, or part of a secret would remain
      const [expected, actual, name, part] = [raw.expected, raw.actual, raw.name, raw.part].map((text) =>
        text === undefined ? undefined : hide(text),
      )
      const clue: Clue = { ...raw, expected, actual, name, part }
      return {
        cause: clue.cause,
        confidence,
        message: printable(hide(clue.message ?? sentence(clue))),
        evidence: printable(hide(evidenceOf(clue, weight, said))),
        ...(expected !== undefined && { expected: cut(expected) }),
        ...(actual !== undefined && { actual: cut(actual) }),
        fix: printable(hide(fixOf(clue))),
        ...(confidence === 'possible' && { check: adviceOn(clue.cause).check }),
      }
    })
}

/** What supports a finding. */
const EVIDENCE: Readonly<Record<Ground, string>> = {
  reproduced: 'Applying this cause reproduces the received signature or hash.',
  compared: 'The values of the client and the service differ in this part.',
  visible: 'This is visible in the request.',
  left: 'Everything else matches.',
  told: '',
  tolerable: 'This is visible in the request, but it may not be the reason.',
  common: 'Nothing in the evidence shows this, but it is a common cause.',
}

function evidenceOf({ ground }: Clue, weight: number, said: string): string {
  const isTold = ground === 'told' || (weight >= 5 && weight < 5.5)
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
function sentence({ cause, part, name, isMissing, expected, actual }: Clue): string {
  const { means } = adviceOn(cause)
  if (part === undefined || expected === undefined || actual === undefined) return means
  if (part === 'the secret') return `The client signed with the secret access key ${expected}.`
  if (part === 'the signing key') return `The client signed with a signing key ${expected}.`
  if (/^chunk /.test(part)) return `The signature of ${part} was incorrect.`
  // a right signature is as good as the secret for its request: logs must not have it
  if (part === 'the signature') return means
  const quoted = quoteDiff(shorten(expected), shorten(actual))
  const [signed, sent] = quoted.map((value) => (value === '""' ? 'an empty value' : value)) as [string, string]
  const subject = subjectOf(part, name)
  if (cause === 'header-missing') return `${subject} was signed as ${signed}, but it was not sent.`
  if (actual === 'missing' && (isMissing || /^query-|-token$/.test(cause)))
    return `${subject} was missing: the client signed ${signed}, and the request did not contain it.`
  if (expected === 'not signed')
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
function subjectOf(part: string, name: string | undefined): string {
  if (name !== undefined && part === `the header ${name}`) return `The ${headerName(name)} header`
  if (name !== undefined && part === `the parameter ${name}`) return `The ${name} parameter`
  return part.replace(/^./, (letter) => letter.toUpperCase())
}

/** A header as its specification spells it: `Content-Type`, `x-amz-date`. */
function headerName(name: string): string {
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
function fixOf({ cause, part, name, expected, actual, fix = adviceOn(cause).fix }: Clue): string {
  // with a part, the client signed this scope: it is not what the endpoint requires
  if (cause.startsWith('scope-') && part !== undefined) return fix
  const short = (value = ''): string => (value.length < LONGEST_FIX && value !== 'missing' ? value : '')
  const values = { header: headerName(name ?? ''), name, expected: short(expected), actual: short(actual) }
  const isKnown = (sentence: string): boolean =>
    Object.entries(values).every(([key, value]) => value || !sentence.includes(`{${key}}`))
  const known = FIXES[cause]?.find(isKnown)
  return known === undefined ? fix : fill(known, values)
}

/** The credentials in an Authorization header of a different scheme. */
function otherCredentials(authorization = ''): string[] {
  return /^AWS/i.test(authorization) ? [] : [authorization, authorization.replace(/^\S+\s+/, '')]
}

const HIDDEN = '[hidden]'

/** Maximum number of strings to hide. With more, everything is hidden, because the search would take too long. */
const MOST_SECRETS = 100

/**
 * Creates a function that hides secrets, tokens, SSE-C keys and credentials of other schemes. `strings` are those of the
 * client and the service, which may contain different ones.
 */
export function createRedactor(
  { headers, claim, form, parameters }: ParsedRequest,
  secrets: Partial<Secrets> | undefined,
  strings: readonly (string | undefined)[] = [],
  others: readonly string[] = [],
): (text: string) => string {
  const secret = secrets?.secretAccessKey
  const values = [
    ...others,
    // local servers have keys such as test and test
    secret === secrets?.accessKeyId && !isSecretShaped(secret ?? '') ? undefined : secret,
    secrets?.sessionToken,
    claim.sessionToken,
    ...otherCredentials(headers.authorization),
    ...[claim.credential, secrets?.accessKeyId].flatMap((credential = '') => secretsOfCredential(credential)),
    ...[headers.authorization, ...strings].flatMap((text = '') => misplacedSecrets(text)),
  ]
  const fields = parameters.map(({ decoded, value }) => [decoded, value] as const)
  for (const [name, value] of [...Object.entries(headers), ...fields, ...(form ?? [])])
    if (isSecretName(name)) values.push(value)
  for (const text of strings) {
    for (const [, found] of (text ?? '').matchAll(
      /(?:security-token|s3session-token|customer-key)[=:][ \t]*([^&\s]+)/gi,
    ))
      values.push(found)
    for (const [, found] of (text ?? '').matchAll(
      /^(?:(?:proxy-)?authorization:(?!AWS)|cookie:|x-api-key:)[ \t]*(.+)$/gim,
    ))
      values.push(found)
  }
  const hidden = values.filter(
    (value): value is string =>
      value !== undefined && withoutEscapes(value).text.trim().length > 3 && !isEmptied(value),
  )
  return hidden.length > MOST_SECRETS ? () => HIDDEN : createHider(hidden, HIDDEN)
}
