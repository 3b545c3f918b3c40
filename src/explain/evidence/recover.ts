import { fromOctets, octetsOfHex } from '../request/octets.ts'
import { CUT_HASH, HASH, isCanonical, METHOD } from '../request/pieces.ts'

// Canonical requests and strings to sign whose line ends were lost: their grammar shows where the lines ended.

/** Parts that a list of signed headers may be broken into. */
const MOST_PARTS = 12

/**
 * Recovers a canonical request from a copy whose lines were indented, wrapped or joined by spaces; `undefined` if it is
 * not one.
 */
export function recoverCanonical(copy: string): string | undefined {
  const text = copy.replaceAll('\r\n', '\n')
  if (isCanonical(text)) return text
  const tokens = text.trim().split(/\s+/)
  const [method] = tokens
  if (!METHOD.test(method) || !tokens[1]?.startsWith('/') || tokens.length < 5) return undefined
  const end = hashStart(tokens)
  if (end === undefined) return undefined
  const hash = tokens.slice(end).join('')
  for (let from = end - 1, list = ''; from > 2 && end - from <= MOST_PARTS; from--) {
    list = tokens[from]! + list
    if (!/^[a-z\d;_!#$%&'*+.^`|~-]+$/i.test(list)) return undefined
    const names = list.split(';')
    const starts = headerStarts(tokens, names, 2, from)
    if (!starts) continue
    const [uri, query] = target(tokens.slice(1, starts[0]))
    const headers = starts.map((start, i) => tokens.slice(start, starts[i + 1] ?? from).join(' '))
    return [method, uri, query, ...headers.map(joinEmpty), '', list, hash].join('\n')
  }
  return undefined
}

/** The index of the token that the hash of the payload starts with: it may be broken in two. */
function hashStart(tokens: readonly string[]): number | undefined {
  const last = tokens.length - 1
  if (HASH.test(tokens[last]!)) return last
  return HASH.test(tokens[last - 1]! + tokens[last]!) ? last - 1 : undefined
}

/** The indexes of the tokens that start the signed headers, in their order. */
function headerStarts(
  tokens: readonly string[],
  names: readonly string[],
  from: number,
  end: number,
): [number, ...number[]] | undefined {
  const starts: number[] = []
  let at = from
  for (const name of names) {
    while (at < end && !tokens[at]!.startsWith(`${name}:`)) at++
    if (at === end) return undefined
    starts.push(at++)
  }
  return starts as [number, ...number[]]
}

/** URI and query: only a query has an equals sign. */
function target(tokens: readonly string[]): [uri: string, query: string] {
  const start = tokens.findIndex((token, i) => i > 0 && (token.includes('=') || isQueryPart(token)))
  return start < 0 ? [tokens.join(''), ''] : [tokens.slice(0, start).join(''), tokens.slice(start).join('')]
}

function isQueryPart(token: string): boolean {
  return /^[\w.~-]+&/.test(token)
}

/** A header without value keeps none. */
function joinEmpty(header: string): string {
  return header.replace(/^([^:]*:) /, '$1')
}

/** Recovers a string to sign from a copy; `undefined` if it is not one. */
export function recoverToSign(copy: string): string | undefined {
  const [, algorithm, date, scope, hash] =
    /^\s*(AWS4-[A-Z\d-]+)\s+(\d{8}T\d{6}Z)\s+(\d{8}\/\S+?\/aws4_request)\s+([\da-f]{64}|[\da-f]+\s+[\da-f]+|[\w*.…]{3,64})\s*$/i.exec(
      copy,
    ) ?? []
  const digits = hash?.replace(/\s+/g, '')
  return digits?.length === 64 || HASH.test(digits ?? '') ? [algorithm, date, scope, digits].join('\n') : undefined
}

/** The text that StringToSignBytes or CanonicalRequestBytes shows: `41 57 53`, `41:57:53`, `0x41,0x57`, `415753`. */
export function textOfHex(copy: string): string | undefined {
  const digits = copy.replace(/0x|\\x/gi, '').replace(/[\s,:;[\]-]+/g, '')
  return digits.length >= 40 && digits.length % 2 === 0 && /^[\da-f]+$/i.test(digits)
    ? fromOctets(octetsOfHex(digits))
    : undefined
}

/** Finds a canonical request in a string, and where it ends. */
export function findCanonical(text: string, from = 0): { text: string; start: number; end: number } | undefined {
  const start = /(?:^|[^A-Z])(?=(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)\s+\/)/.exec(text.slice(from))
  if (!start) return undefined
  const at = from + start.index + start[0].length
  const rest = text.slice(at)
  let tries = 0
  for (const end of rest.matchAll(
    /\s(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]{5,60}|[\da-f]{0,63}(?:\*\*|xxx|\.\.\.|…)[\w*.…]{0,64}(?=['"\\\s]|$))/gi,
  )) {
    const to = end.index! + end[0].length
    const found = to > 60_000 ? undefined : recoverCanonical(rest.slice(0, to))
    if (found !== undefined) return { text: found, start: at, end: at + to }
    if (++tries > 8 || to > 60_000) break
  }
  return undefined
}

/** The start of a canonical request, of which the end was cut off: its lines up to the last whole header. */
export function findStart(text: string): string | undefined {
  const found =
    /^[\s'"]*(GET|PUT|POST|HEAD|DELETE|PATCH)[ \t]*\n[ \t]*(\/\S*)[ \t]*\n(?:[ \t]*\n)?(?:[ \t]*([^\s:=]+(?:=\S*)?)[ \t]*\n)?((?:[ \t]*[a-z][\w-]{1,60}:[^\n]*\n){1,60})/.exec(
      text.slice(0, 20_000),
    )
  if (!found) return undefined
  const [, method, uri, query = '', lines] = found
  const headers = lines!.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const names = headers.map((line) => line.slice(0, line.indexOf(':'))).join(';')
  return [method, uri, query, ...headers, '', names, CUT_HASH].join('\n')
}

/** Finds a string to sign in a string. */
export function findToSign(text: string): { text: string; start: number; end: number } | undefined {
  const found = /AWS4-HMAC-SHA256\s+\d{8}T\d{6}Z\s+\d{8}\/\S+?\/aws4_request\s+[\da-f]{64}/i.exec(text)
  const recovered = found && recoverToSign(found[0])
  return recovered ? { text: recovered, start: found.index, end: found.index + found[0].length } : undefined
}

/** The end of a message as services word it, from "The Canonical String for this request" on, its strings recovered. */
export function recoverProse(text: string): string | undefined {
  const middle = text.search(/The String-to-Sign should/i)
  const first = middle < 0 ? text : text.slice(0, middle)
  const canonical = findCanonical(first)?.text ?? findStart(first.slice(first.indexOf('\n') + 1))
  if (canonical === undefined) return undefined
  const tail = middle < 0 ? '' : text.slice(middle)
  const toSign = recoverToSign(/AWS4-[^'"]*/.exec(tail)?.[0] ?? '')
  const second = toSign === undefined ? '' : `\nThe String-to-Sign should have been\n'${toSign}'\n`
  return `The Canonical String for this request should have been\n'${canonical}'\n${second}`
}
