import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { decode } from '../../../../src/internal/encoding.ts'
import { withoutEscapes } from '../redaction/escapes.ts'
import { isSecretName, isSecretShaped, misplacedSecrets, secretsOfCredential } from '../redaction/find.ts'
import { createHider, hideParts, originalParts } from '../redaction/hide.ts'
import { isEmptied, type ParsedRequest } from './request/facts.ts'

/** The credentials in an Authorization header of a different scheme. */
function otherCredentials(authorization = ''): string[] {
  return /^AWS/i.test(authorization) ? [] : [authorization, authorization.replace(/^\S+\s+/, '')]
}

/** Hides the value of a header: all of it, or the secrets in it. `hide`: what `createRedactor` returns for the request. */
export function hideHeader(name: string, value: string, hide: (text: string) => string): string {
  const isOther = /^authorization$/i.test(name) && otherCredentials(value).length > 0
  return isOther && value !== '' ? HIDDEN : hideNamed(hide(value), name)
}

/** Other secrets in the strings that a client and a service compute. */
const SENT = /^(?:(?:proxy-)?authorization:(?!AWS)|cookie:|x-api-key:)[ \t]*(.+)$/gim

const HIDDEN = '[hidden]'

/** A secret after its name in a header, URL or canonical request. A space in it may be a decoded +. */
const NAMED = /((?:(?:security|s3session)-token|customer-key)(?:=|:[ \t]*))([^&\n"]+)/gi

/** Hides the value of a part of a request, or the secrets in it by their names: what was signed may not be what was received. */
export function hideNamed(text: string, name = ''): string {
  if (isSecretName(name)) return text === '' || isEmptied(text) || isSecretName(text) ? text : HIDDEN
  const plain = withoutEscapes(text)
  const found = [...plain.text.matchAll(NAMED)].filter(([, , value]) => !isEmptied(value))
  const parts = found.map(({ 0: whole, 1: before = '', index }) => ({
    from: index + before.length,
    to: index + whole.length,
    mask: HIDDEN,
  }))
  return hideParts(text, originalParts(plain, parts))
}

/** Maximum number of strings to hide. With more, everything is hidden, because the search would take too long. */
const MOST_SECRETS = 100

/**
 * Creates a function that hides secrets, tokens, SSE-C keys and credentials of other schemes. `strings` are those of the
 * client and the service, which may contain different ones.
 */
export function createRedactor(
  { headers, claim, form, parameters }: ParsedRequest,
  secrets: Partial<SecretCredentials> | undefined,
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
    ...[claim.credential, decode(claim.credential ?? ''), secrets?.accessKeyId].flatMap((credential = '') =>
      secretsOfCredential(credential),
    ),
    ...[headers.authorization, ...strings].flatMap((text = '') => misplacedSecrets(text)),
  ]
  const fields = parameters.map(({ decoded, value }) => [decoded, value] as const)
  for (const [name, value] of [...Object.entries(headers), ...fields, ...(form ?? [])])
    if (isSecretName(name)) values.push(value)
  for (const text of strings) {
    for (const [, , found = ''] of withoutEscapes(text ?? '').text.matchAll(NAMED))
      values.push(found, found.replace(/\s.*/s, ''))
    for (const [, found] of (text ?? '').matchAll(SENT)) values.push(found)
  }
  const hidden = values.filter(
    (value): value is string =>
      value !== undefined && withoutEscapes(value).text.trim().length > 3 && !isEmptied(value),
  )
  return hidden.length > MOST_SECRETS ? () => HIDDEN : createHider(hidden, HIDDEN)
}
