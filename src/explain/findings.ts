import { printable } from '../core/encoding/unprintable.ts'
import { type Cause, causeText } from './causes.ts'
import type { Secrets } from './changes/keys.ts'
import type { Clue } from './clue.ts'
import { decode, type ParsedRequest } from './request/facts.ts'
import { encode } from './request/pieces.ts'
import type { Confidence, Weighed } from './weigh.ts'

/** A cause, and what to do about it. */
export interface Finding {
  readonly cause: Cause
  readonly confidence: Confidence
  /** What happened, in a sentence. */
  readonly message: string
  /** What shows it: the request, the service's own words, or a computation. */
  readonly evidence: string
  /** The value that was signed, or that is required. */
  readonly expected?: string
  /** The value that was received. */
  readonly actual?: string
  /** What to do. */
  readonly fix: string
}

/** Maximum number of findings. */
const MOST_FINDINGS = 50

/** Turns clues into findings: the best clue of each cause, without secrets. `said`: the service's own words. */
export function findingsOf(weighed: readonly Weighed[], hide: (text: string) => string, said = ''): Finding[] {
  const seen = new Set<string>()
  const kept = weighed.filter(({ clue: { cause, part } }) => {
    const isNew = part === undefined ? !seen.has(cause) : !seen.has(`${cause} ${part}`)
    seen.add(cause).add(`${cause} ${part}`)
    return isNew
  })
  return kept
    .slice(0, MOST_FINDINGS)
    .map(({ clue: { expected: signed, actual: sent, ...rest }, confidence, weight }) => {
      // hidden before it is cut: a part of a secret is one too
      const [expected, actual] = [signed, sent].map((text) => (text === undefined ? undefined : hide(text)))
      const clue: Clue = { ...rest, expected, actual }
      return {
        cause: clue.cause,
        confidence,
        message: printable(hide(clue.message ?? sentence(clue))),
        evidence: printable(hide(evidenceOf(clue, weight, said))),
        ...(expected !== undefined && { expected: cut(expected) }),
        ...(actual !== undefined && { actual: cut(actual) }),
        fix: printable(hide(fixOf(clue))),
      }
    })
}

function evidenceOf({ ground }: Clue, weight: number, said: string): string {
  const quoted = said === '' ? 'The service returned this error.' : `The service responded: ${said}`
  if (ground === 'reproduced') return 'With this, the received signature or hash is reproduced exactly.'
  if (ground === 'told') return quoted
  if (ground === 'common') return 'Nothing in the evidence shows it; it is a common cause.'
  const shown =
    ground === 'left'
      ? 'Everything else agrees.'
      : ground === 'compared'
        ? 'What was signed and what the service received differ here.'
        : ground === 'visible'
          ? 'The request shows it.'
          : 'The request shows it; many services accept it.'
  return weight >= 5 && weight < 5.5 ? `${shown} ${quoted}` : shown
}

/** No header and no URL that a server takes is longer. */
function cut(text: string): string {
  return text.length > 65_536 ? `${text.slice(0, 65_536)}…` : text
}

/** What differs, in a sentence, with the differing piece between « and ». */
function sentence({ cause, part, expected, actual }: Clue): string {
  const { means } = causeText(cause)
  if (part === undefined || expected === undefined || actual === undefined) return means
  const [signed, sent] = highlightDiff(expected, actual)
  return `${means} For ${part}, the client signed ${signed}; the request came with ${sent}.`
}

/** Two texts, cut to where they differ. */
export function highlightDiff(one: string, other: string): [string, string] {
  let start = 0
  while (start < one.length && start < other.length && one[start] === other[start]) start++
  let end = 0
  const last = (text: string): string | undefined => text[text.length - 1 - end]
  while (end < one.length - start && end < other.length - start && last(one) === last(other)) end++
  const show = (text: string): string => {
    const stop = text.length - end
    const before = text.slice(Math.max(0, start - 24), start)
    const after = text.slice(stop, stop + 24)
    const middle = text.slice(start, stop)
    const inner = middle.length > 120 ? `${middle.slice(0, 60)}…${middle.slice(-40)}` : middle
    return `"${start > 24 ? '…' : ''}${before}«${inner}»${after}${end > 24 ? '…' : ''}"`
  }
  return [show(one), show(other)]
}

/** One concrete thing to do. */
function fixOf({ cause, part, name, isMissing, expected, actual }: Clue): string {
  const { fix } = causeText(cause)
  const isShort = expected !== undefined && expected !== '' && expected.length < 200
  if (!isShort) return fix
  if (cause === 'header-changed' || cause === 'header-missing' || cause === 'content-length')
    return name
      ? `Send ${name}: ${expected}, the value that was signed${isMissing ? '' : ', or do not sign the header'}.`
      : fix
  if (cause === 'method') return `Send ${expected}, or sign for ${actual}.`
  if (cause === 'host' || cause === 'host-port')
    return `Sign for the host ${actual}, which the server receives, or send Host: ${expected}.`
  if (cause === 'query-extra' && name) return `Sign the parameter ${name} with the rest, or do not send it.`
  if (cause === 'query-removed' && name) return `Send the parameter ${name} as it was signed.`
  // without a part it is the endpoint that expects it, not the client that signed it
  if ((cause === 'scope-region' || cause === 'scope-service') && part === undefined)
    return `Sign for ${expected}, as the endpoint expects.`
  return fix
}

const SECRET_NAMES = /(?:customer-key|security-token)$/i

/** What an Authorization header of another scheme holds. */
function otherCredentials(authorization = ''): string[] {
  return /^AWS/i.test(authorization) ? [] : [authorization, authorization.replace(/^\S+\s+/, '')]
}

/** A key id that looks like a secret is one that was put in the wrong place. */
function misplacedSecret({ accessKeyId = '', credential = '', scope }: ParsedRequest['claim']): string[] {
  const isSecret = (text: string): boolean => /^[\w/+]{40}$/.test(decode(decode(text)))
  if (isSecret(accessKeyId)) return [accessKeyId, decode(accessKeyId), decode(decode(accessKeyId))]
  // a secret may have slashes, as the credential has
  return scope.length < 4 && isSecret(credential) ? [accessKeyId, ...scope, credential] : []
}

const HIDDEN = '[hidden]'

/** With more, nothing is shown: a search for each of them would take too long. */
const MOST_SECRETS = 240

/** Hides what must not be shown: the secret, tokens, keys of SSE-C, credentials of other schemes. */
export function createRedactor(
  { headers, claim, form, parameters }: ParsedRequest,
  secrets: Partial<Secrets> | undefined,
  strings: readonly (string | undefined)[] = [],
): (text: string) => string {
  const values = [
    secrets?.secretAccessKey,
    secrets?.sessionToken,
    claim.sessionToken,
    ...otherCredentials(headers.authorization),
    ...misplacedSecret(claim),
  ]
  for (const [name, value] of Object.entries(headers))
    if (SECRET_NAMES.test(name) || /^cookie$|^proxy-authorization$/.test(name)) values.push(value)
  for (const { name, value } of parameters)
    if (SECRET_NAMES.test(decode(name))) values.push(value, value && decode(value))
  for (const [name, value] of form ?? []) if (SECRET_NAMES.test(name)) values.push(value)
  // what others have signed or computed can have another one
  for (const text of strings) {
    for (const [, found] of (text ?? '').matchAll(/(?:security-token|customer-key)[=:][ \t]*([^&\s]+)/gi))
      values.push(found, found && decode(found))
    for (const [, found] of (text ?? '').matchAll(/^(?:(?:proxy-)?authorization:(?!AWS)|cookie:)[ \t]*(.+)$/gim))
      values.push(found)
  }
  const hidden = values
    .filter((value): value is string => value !== undefined && value.trim().length > 3)
    .flatMap((value) => [value, value.trim()])
    .flatMap((value) => [
      encode(encode(value)),
      encode(value),
      encode(value).replace(/%../g, (octet) => octet.toLowerCase()),
      encodeURIComponent(value),
      value,
      value.replaceAll('+', ' '),
    ])
  const longestFirst = [...new Set(hidden)].sort((a, b) => b.length - a.length)
  if (longestFirst.length > MOST_SECRETS) return () => HIDDEN
  return (text) => longestFirst.reduce((shown, value) => shown.replaceAll(value, HIDDEN), text)
}
