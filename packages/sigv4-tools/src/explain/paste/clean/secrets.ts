import { readToken } from '../../../formats/token.ts'
import type { Plain } from '../../../redaction/escapes.ts'
import { isSecretName, isSecretShaped } from '../../../redaction/find.ts'
import {
  type HiddenPart,
  type HiddenPlace,
  hideParts,
  originalParts,
  placesOf,
  SECRET,
} from '../../../redaction/hide.ts'
import { plainForms } from '../../../redaction/joined.ts'
import { endOf, isComplete, namedValues, restOfLine, SECRET_NAMES, unnamedSecrets } from '../../../redaction/named.ts'
import { type Found, isSignedUrl } from '../model/found.ts'

// Finds secrets in a pasted text, and hides them.

/** Words in a line that may contain a secret. */
const SUSPECT = /* @__PURE__ */ suspect()
const USERS = /(?:\s-u|\s--user)[ =]["']?[A-Z\d]{16,32}:([\w/+=.-]{16,})/g
const JOINED = /A[KS]IA[A-Z\d]{16}["']?[^\s\w&=]([A-Za-z\d/+=]{30,})/g
const TOKENS = /(?:session_?-?token|security_?-?token)["'`]* *(?:=>|[:=]) *["'`(]*([\w/+=.%-]{16,})/gi
/** What precedes a value: an assignment, or a name as the argument before it. */
const ASSIGNED = /[=:>]|\bis\b|["'`]\s*,\s*["'`]\s*$/i
/** A string in an expression that may be a part of a secret. */
const PART = /["'`](?=[A-Za-z\d+/]*[A-Z])(?=[A-Za-z\d+/]*[\d+/])[A-Za-z\d+/]{9,80}/
const SECRET_LENGTH = 40
const LONGEST_TOKEN = 10_000
/** Lines that are read with one that may contain a secret: a string may continue there. */
const MOST_LINES = 4
/** Maximum number of secrets to search for outside of their own line. */
const MOST_SECRETS = 20

function suspect(): RegExp {
  return RegExp(
    `${SECRET_NAMES.source}|(?:session|security)_?-?token|\\s--?u|\\bmc (?:alias|config)|A[KS]IA[A-Z\\d]{16}`,
    'i',
  )
}

/** Masks secret access keys and session tokens; a token in a request is needed, so it is only reported. */
export function maskSecrets(lines: string[]): Found[] {
  const found: Found[] = []
  const keys = new Set<string>()
  for (const [at, line] of lines.entries()) {
    if (!SUSPECT.test(line)) continue
    const text = lines.slice(at, at + MOST_LINES).join('\n')
    const isSent = /x-amz-security-token/i.test(line)
    const [secrets, tokens]: [Value[], Value[]] = [[], []]
    const parts = plainForms(text).flatMap((plain) => {
      const inLine = (values: Value[]): Value[] => values.filter((each) => plain.origin(each.at) < line.length)
      const [named, sent] = [inLine(secretsIn(plain.text)), inLine(matchesIn(plain.text, TOKENS))]
      secrets.push(...named)
      tokens.push(...sent)
      return maskedParts(plain, [...named, ...sent.filter(({ name }) => !(isSent && /^security-token/i.test(name)))])
    })
    if (secrets.length + tokens.length === 0) continue
    for (const { value } of secrets) keys.add(value)
    lines.splice(at, MOST_LINES, ...hideParts(text, parts).split('\n'))
    const names = [...(secrets.length ? ['secret access key'] : []), ...(tokens.length ? ['session token'] : [])]
    const description = `A ${names.join(' and a ')}, do not share this line`
    found.push({ kind: 'credentials', from: at, to: at, description })
  }
  if (keys.size > 0) {
    const text = lines.join('\n')
    const known = [...keys].slice(0, MOST_SECRETS)
    const parts = plainForms(text).flatMap((plain) =>
      maskedParts(
        plain,
        known.flatMap((key) => placesOf(plain.text, key)),
      ),
    )
    for (const [at, line] of hideParts(text, parts).split('\n').entries()) lines[at] = line
  }
  return found
}

function maskedParts(plain: Plain, places: readonly HiddenPlace[]): HiddenPart[] {
  return originalParts(
    plain,
    places.map(({ from, to }) => ({ from, to, mask: SECRET })),
  )
}

interface Value extends HiddenPlace {
  /** The start of its name. */
  readonly at: number
  readonly name: string
  readonly value: string
}

/** Secrets that a name or a key ID precedes, with everything that may belong to them. */
function secretsIn(text: string): Value[] {
  const found = [USERS, JOINED].flatMap((pattern) => matchesIn(text, pattern))
  for (const each of unnamedSecrets(text)) if (isReal(each.value)) found.push({ ...each, name: '' })
  let last = 0
  for (const { name, at, from, value: given, separator } of namedValues(text, SECRET_NAMES)) {
    // headers are evidence, and explain hides them
    if (at < last || isSecretName(name) || !ASSIGNED.test(separator)) continue
    const value = given.trimEnd()
    // tokens are sent as passwords, and are evidence
    const isCut = text[from + value.length] === '&'
    const [token = value] = isCut ? (/^[^\s"'`<>]+/.exec(text.slice(from, from + LONGEST_TOKEN)) ?? []) : []
    const url = readToken(token.slice(0, LONGEST_TOKEN))
    if (isSignedUrl(url) && (!isCut || /^https?:/i.test(url))) continue
    const end = from + value.length
    const to = endOfSecret(text, { from, to: end }, isReal(value))
    if (to === undefined) continue
    found.push({ at, name: '', value, from, to })
    last = to
  }
  return found
}

/** Returns the end of a secret; `undefined` if it is not one. A line that seems to continue it may be evidence. */
function endOfSecret(text: string, place: HiddenPlace, isLikely: boolean): number | undefined {
  const { from, to } = place
  const line = restOfLine(text, to)
  if (!isComplete(text, place)) return PART.test(line) ? endOf(text, place) : isLikely ? to + line.length : undefined
  const end = to - from < SECRET_LENGTH ? endOf(text, place) : to
  if (isSecretShaped(text.slice(from, end).replace(/\s+/g, ''))) return end
  return isLikely ? to : undefined
}

function matchesIn(text: string, pattern: RegExp): Value[] {
  return [...text.matchAll(pattern)].flatMap(({ 0: name, 1: value = '', index }) => {
    const to = index + name.length
    return isReal(value) ? [{ at: index, name, value, from: to - value.length, to }] : []
  })
}

/** Returns whether a value is a secret, and not a placeholder or an expression of a program. */
function isReal(value: string): boolean {
  return (
    value.length >= 16 &&
    /\d/.test(value) &&
    new Set(value.slice(0, 100)).size > 7 &&
    !/^(?:process\.|os\.|env\.|YOUR|x{6}|\*)/i.test(value)
  )
}
