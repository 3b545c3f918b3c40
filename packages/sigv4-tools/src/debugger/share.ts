// What a link contains: the evidence without secrets, compressed into the fragment, which browsers do not send to servers.

import { mayContainSecret, misplacedSecrets } from '../redaction/find.ts'
import { findValues, type HiddenPart, type HiddenPlace, hideParts, originalParts, SECRET } from '../redaction/hide.ts'
import { plainForms } from '../redaction/joined.ts'
import { endOf, isComplete, namedValues, SECRET_NAMES, unnamedSecrets, type Value } from '../redaction/named.ts'

/** Longest fragment; some programs cut longer links. */
const LONGEST_LINK = 16_000
/** Longest evidence in a link. */
export const LONGEST_SHARED = 100_000

/** Characters of a signature or token that a link contains. */
const KEPT = 8
const CUT = '…'

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What precedes the hash of a body or of a canonical request; both are evidence, and no secret. */
const BEFORE_HASH =
  /(?:sha-?256[^a-z\d]{1,24}(?:value[^a-z\d]{1,8})?|aws4_request\s{1,4}['"+\sb]{0,40}|\n['"+\sb]{0,40}[\w;-]{0,200}host[\w;-]{0,200}\s{1,4}['"+\sb]{0,40})$/i
/** What precedes a checksum. */
const BEFORE_CHECKSUM = /(?:checksum|md5|(?<!HMAC-)sha-?\d+)[^\n]{0,24}$/i

const TOKENS =
  /(?:security|session|access|refresh|id)[_-]?token|token-0|(?<![\w-])token|authorization[:=\s"'[]+(?:bearer|basic|token)|\bbearer/gi
const SIGNATURES = /signature(?:provided)?/gi
const USER = /(\/\/)[^\s/:@"'<>]{1,200}:(?!\d{1,5}(?:[/?#\s]|$))[^\s@"'<>]{1,400}@/g
const COOKIE = /((?:set-)?cookie["']?: ?["']?)[^\n"']+/gi
const HEX = /[\da-f]{32,}/gi
/** Hex digits that continue on the next line, as terminals and mail programs break them. */
const BROKEN_HEX = /(?<![\da-f])([\da-f]{8,63})\r?\n[\s>|]{0,8}([\da-f]{1,56})(?![\da-f])/gi
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g
const BASE64 = /(?<![A-Za-z\d+/])[A-Za-z\d+/]{40,}={0,2}/g

/**
 * The evidence for a link: signatures and tokens are shortened, secrets replaced, wherever and however they are written.
 * `secretLines` are lines in which a secret was recognized: if nothing in one was replaced, the line is.
 */
export function shareable(text: string, secretLines: readonly (readonly [number, number])[], secret = ''): string {
  const [plain, joined] = plainForms(text)
  const parts = originalParts(plain!, hiddenIn(plain!.text, secret))
  const broken = joined ? originalParts(joined, hiddenIn(joined.text, secret, true)) : []
  const result = hideParts(text, [...parts, ...broken])
  const [before, after] = [text.split('\n'), result.split('\n')]
  for (const [first, last] of secretLines)
    for (let i = first - 1; i < last; i++) if (after[i] === before[i] && /\S/.test(after[i] ?? '')) after[i] = SECRET
  return after.join('\n')
}

/** What a link does not contain, of a string without escapes. If it `isJoined`, only what does not depend on lines. */
function hiddenIn(text: string, own: string, isJoined = false): HiddenPart[] {
  const secrets = [...namedValues(text, SECRET_NAMES), ...unnamedSecrets(text)]
  const values = secrets
    .map(({ from, to }) => text.slice(from, to))
    .filter((value) => /^[A-Za-z\d/+=]{12,80}$/.test(value))
  const known = [...new Set([...values, own])].filter((value) => value !== '').slice(-MOST_VALUES)
  return [
    ...hiddenLines(text, secrets),
    ...[...findValues(text, known), ...othersIn(text)].map((part) => ({ ...part, mask: SECRET })),
    ...shortenedIn(text, isJoined),
  ]
}

/** Secrets, or their lines if something is left there that may belong to them. */
function hiddenLines(text: string, secrets: readonly HiddenPlace[]): HiddenPart[] {
  const parts: HiddenPart[] = []
  let last = 0
  for (const secret of [...secrets].sort((a, b) => a.from - b.from)) {
    if (secret.from < last) continue
    last = endOf(text, secret)
    const from = isComplete(text, secret) ? secret.from : text.lastIndexOf('\n', secret.from - 1) + 1
    parts.push({ from, to: last, mask: SECRET })
  }
  return parts
}

/** Most secrets that are looked for outside of their place. */
const MOST_VALUES = 20

/** Cookies, users of URLs, what stands in place of a key ID, and what looks like a secret access key. */
function* othersIn(text: string): Generator<HiddenPlace> {
  yield* [...text.matchAll(COOKIE)].map(({ 0: all, 1: name = '', index }) => ({
    from: index + name.length,
    to: index + all.length,
  }))
  yield* [...text.matchAll(USER)].map(({ 0: all, index }) => ({ from: index + 2, to: index + all.length - 1 }))
  yield* findValues(text, misplacedSecrets(text))
  for (const { from, value } of runsIn(text))
    if (/^(?:AWS4)?[A-Za-z\d+/]{40}$/.test(value)) yield { from, to: from + value.length }
}

/** Runs of characters that look like a secret, without the key ID before and the scope after them. */
function* runsIn(text: string): Generator<Value> {
  for (const { 0: all, index } of text.matchAll(BASE64)) {
    const [own = ''] = /^A[KS]IA[A-Z\d]{16}[/+]?/.exec(all) ?? []
    const value = all.slice(own.length).split(/\/\d{8}(?:\/|$)/, 1)[0]!
    const from = index + own.length
    if (!mayContainSecret(value.replace(/=+$/, '')) || /^(?:eyJ|ewo)/.test(value)) continue
    if (!BEFORE_CHECKSUM.test(text.slice(Math.max(0, index - 60), index)))
      yield { at: from, from, to: from + value.length, value }
  }
}

/** Signatures, tokens and other long values, without their first characters. */
function shortenedIn(text: string, isJoined: boolean): HiddenPart[] {
  const hashes = new Set([EMPTY_HASH])
  const isHash = (hex: string, at: number): boolean => {
    if (BEFORE_HASH.test(text.slice(Math.max(0, at - 300), at))) hashes.add(hex.toLowerCase())
    return hashes.has(hex.toLowerCase())
  }
  const broken = [...text.matchAll(BROKEN_HEX)].filter(
    ({ 1: one = '', 2: other = '', index }) => one.length + other.length === 64 && !isHash(one + other, index),
  )
  const long = [...text.matchAll(HEX)].filter(({ 0: hex, index }) => !isHash(hex, index))
  const matches = [...text.matchAll(JWT), ...broken, ...long]
  const named = [
    ...namedValues(text, TOKENS),
    ...namedValues(text, SIGNATURES).filter(({ value }) => value.length >= 20),
  ]
  // a line may continue the one before it without being a part of its value
  const others = isJoined
    ? []
    : [...matches.map(({ 0: all, index }) => ({ from: index, to: index + all.length })), ...runsIn(text)]
  return [...named, ...others].map(({ from, to }) => ({ from: from + KEPT, to, mask: CUT }))
}

const SHORTENED = /(?<![\da-f])([\da-f]{8})…/gi

/** Whether evidence comes from a link: then nothing in it can be proven. */
export function isShortened(text: string): boolean {
  return text.search(SHORTENED) >= 0
}

/** Fills up shortened signatures, which would be malformed otherwise. */
export function restore(text: string): string {
  return text.replace(SHORTENED, `$1${'0'.repeat(56)}`)
}

/** Shows a filled up signature as it is in the link. */
export function unrestore(text: string): string {
  return text.replace(/([\da-f]{8})0{56}/gi, '$1…')
}

async function pipe(
  text: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pair = stream as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>
  const reader = new Blob([text]).stream().pipeThrough(pair).getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > most) throw new RangeError('The link contains too much.')
    chunks.push(next.value as Uint8Array<ArrayBuffer>)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

/** The fragment of a link, or `undefined` if there is too much for one. */
export async function toFragment(text: string): Promise<string | undefined> {
  if (text.length > LONGEST_SHARED) return undefined
  const bytes = await pipe(new TextEncoder().encode(text), new CompressionStream('deflate-raw'), LONGEST_SHARED)
  if (bytes.length > (LONGEST_LINK * 3) / 4) return undefined
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return `#e=${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** The evidence in a fragment, or `undefined` if there is none. Throws if it is damaged. */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  const [, encoded] = /^#e=([\w-]+)$/.exec(fragment) ?? []
  if (encoded === undefined) return undefined
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new TextDecoder().decode(await pipe(bytes, new DecompressionStream('deflate-raw'), LONGEST_SHARED * 4))
}
