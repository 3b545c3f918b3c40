// Finds possible secrets: by the name of the field, by their shape, or because they are in place of an access key ID.

import { withoutEscapes } from './escapes.ts'

/** Returns whether the value of a header, parameter or form field is a secret. */
export function isSecretName(name: string): boolean {
  return /(?:customer-key|(?:security|s3session)-token)$|^(?:(?:set-)?cookie|proxy-authorization|x-api-key)$/i.test(
    name,
  )
}

/** Returns whether a string has letters of both cases. */
export function isMixed(text: string): boolean {
  return /[A-Z]/.test(text) && /[a-z]/.test(text)
}

/** Returns whether a string looks like an AWS secret access key: 40 letters, digits, slashes and plus signs. */
export function isSecretShaped(text: string): boolean {
  return /^[A-Za-z\d/+]{40}$/.test(text) && isMixed(text)
}

/** Returns whether 40 or more such characters may contain a secret: paths rarely mix all kinds of them. */
export function mayContainSecret(run: string): boolean {
  return isSecretShaped(run) || (run.length > 40 && isMixed(run) && /[\d+]/.test(run))
}

/** An access key ID, and what precedes it in a longer string. */
const KEY_ID = /^A[A-Z]{3}(?:[A-Z\d]{16}|[A-Z\d]{7,28}(?=[^\w/+-]))/
/** Maximum number of characters to show of a string that may be a part of a secret. */
export const MOST_SHOWN = 8
const LONGEST_ID = 24
const SECRET_LENGTH = 40
/** Characters that are searched for the start of a key ID. */
const LONGEST_BEFORE = 300

/**
 * Returns the possible secrets in an access key ID: the characters after an ID, a string that is too long for one, and the
 * parts of a secret that was cut, shortened, or changed. With `isBroken`, a credential has no scope after it.
 */
function secretsOfKeyId(id: string, isBroken = false): string[] {
  const [own = ''] = KEY_ID.exec(id) ?? []
  const rest = id.slice(own.length)
  if (rest.length <= MOST_SHOWN || /^[A-Z\d]*$/.test(rest)) return []
  if (own || /\s/.test(id) || (id.length > LONGEST_ID && /[^\w.@/+-]/.test(id))) return [rest]
  if (isMixed(rest) && (isBroken || /[/+]/.test(rest))) return [rest]
  return [...runsOf(id), ...(id.match(/[\w/+-]+/g)?.filter(isLongAndRandom) ?? [])]
}

/** Returns whether a run of Base64, also for URLs, is too long and too mixed for an ID: one of Garage is GK and digits in hex. */
function isLongAndRandom(run: string): boolean {
  return run.length > LONGEST_ID && /\d/.test(run) && /[A-Z]/.test(run.slice(run.search(/[a-z]|$/)))
}

/** Returns an access key ID as it may be shown. */
export function shownKeyId(id: string): string {
  return secretsOfKeyId(id).reduce((shown, secret) => shown.replace(secret, () => '[hidden]'), id)
}

function runsOf(text: string): string[] {
  return text.match(/[A-Za-z\d/+]{40,}/g) ?? []
}

/** Returns the possible secrets in a credential, an access key ID with its scope. */
export function secretsOfCredential(credential: string): string[] {
  const parts = credential.split('/')
  // a key ID may contain slashes, and a scope may have too many parts
  const dates = [...parts.keys()].filter((i) => i > 0 && /^\d{8}(?:T\d{6}Z)?$/.test(parts[i]!))
  const date = dates.includes(parts.length - 4) ? parts.length - 4 : (dates[0] ?? 0)
  if (date > 0) return [...secretsOfKeyId(parts.slice(0, date).join('/')), ...runsOf(parts.slice(date + 1).join('/'))]
  const isScope = parts.slice(1).every((part) => /^[a-z\d_-]*$/.test(part))
  // a secret that was cut has slashes, and any part of it may be taken for the ID or the scope
  const cut =
    parts.length > SECRET_LENGTH ? [credential] : parts.flatMap((part, i) => [part, parts.slice(0, i + 1).join('/')])
  return [
    ...(isScope ? [parts[0]!] : cut).flatMap((part) => secretsOfKeyId(part, true)),
    ...runsOf(credential.replace(KEY_ID, '')),
  ]
}

/** Returns the possible secrets in a request, a message, or a canonical request: in a credential, or next to a key ID. */
export function misplacedSecrets(text: string): string[] {
  const plain = withoutEscapes(text).text
  const found: string[] = []
  for (const [, credential = ''] of plain.matchAll(/\bcredential["']?\s?[=:]\s?["']?([^&,\s"'<>]{1,1000})/gi))
    found.push(...secretsOfCredential(credential))
  for (const [credential] of plain.matchAll(/A[KS]IA[A-Z\d]{16}[^&,;=\s"'<>]{9,1000}/g))
    found.push(...secretsOfCredential(credential).filter(isMixed))
  for (const { index } of plain.matchAll(/\/\d{8}\/[\w-]{1,60}\/[\w-]{1,60}\/aws4_request/g)) {
    const before = plain.slice(Math.max(0, index - LONGEST_BEFORE), index).split(/[&,;=\s"'<>]/)
    found.push(...secretsOfKeyId(before.pop()!))
  }
  for (const [, scope = ''] of plain.matchAll(/(?<!\d)\d{8}\/([^&,;=\s"'<>]{40,400})/g)) found.push(...runsOf(scope))
  return found
}

/** Returns the strings that look like secret access keys. */
export function secretShapes(text: string): string[] {
  return runsOf(withoutEscapes(text).text).filter(mayContainSecret)
}
