import type { CanonicalRequest } from '../../../../../src/internal/canonical-request.ts'
import { decode } from '../../../../../src/internal/encoding.ts'
import type { Pair } from '../../../../../src/internal/http.ts'
import { CUT_HASH, isMasked } from '../../formats/canonical-request.ts'

// Values that were replaced by placeholders before they were shown differ from the real ones, and prove nothing.

/** Returns whether two values differ only where a placeholder stands in one of them. `isExact`: it cannot be in the first one. */
export function isSameButMasked(one: string, other: string, isExact = false): boolean {
  const ours = partsOf(one)
  const theirs = partsOf(other)
  const isHidden = (part = ''): boolean => isMasked(decode(part))
  const isReplaced = (part: string, isPart: boolean, received: string, isReceivedPart: boolean): boolean =>
    ((isPart && !isExact && isHidden(part)) || (isReceivedPart && isHidden(received))) &&
    !(isExact && isMasked(plain(part)))
  if (isReplaced(one, ours.length === 1, other, theirs.length === 1)) return true
  const isSame = (part: string, i: number): boolean => part === theirs[i] || isReplaced(part, true, theirs[i]!, true)
  return ours.length === theirs.length && ours.every(isSame)
}

/** A value however it is encoded: what looks like a placeholder is not one if the exact value looks like one, too. */
function plain(text: string): string {
  return decode(decode(text.replaceAll('+', ' ')))
    .replace(/\s/g, '')
    .toLowerCase()
}

/** The parts of a path, host, credential or list, each of which may be a placeholder. */
function partsOf(text: string): string[] {
  return text.split(/([/;:]|%2F|(?<!\.)\.(?!\.))/)
}

/** A canonical request with the headers that a different one has as well, if the end of one was cut off. */
export function uncut(request: CanonicalRequest, other: CanonicalRequest): CanonicalRequest {
  if (request.payloadHash !== CUT_HASH && other.payloadHash !== CUT_HASH) return request
  const names = new Set(other.headers.map(([name]) => name))
  return { ...request, headers: request.headers.filter(([name]) => names.has(name)), signedHeaders: '' }
}

/** Returns a canonical request whose placeholders are replaced from a different one. `isExact`: only that one may have any. */
export function unmask(request: CanonicalRequest, other: CanonicalRequest, isExact = false): CanonicalRequest {
  const taken = (text: string, theirs: string | undefined): string =>
    theirs !== undefined && isSameButMasked(text, theirs, isExact) ? theirs : text
  const pairsOf = (query: string): Pair[] =>
    query.split('&').map((pair) => {
      const end = `${pair}=`.indexOf('=') + 1
      return [pair.slice(0, end), pair.slice(end)]
    })
  const query = unmaskPairs(pairsOf(request.query), pairsOf(other.query), taken)
  return {
    ...request,
    // what is known to be signed was made from the path that was received
    uri: isExact ? request.uri : taken(request.uri, other.uri),
    query: query.map(([name, value]) => name + value).join('&'),
    headers: unmaskPairs(request.headers, other.headers, taken),
    payloadHash: taken(request.payloadHash, other.payloadHash),
  }
}

/** Pairs with the values of others of the same name, in their order: each only once, because it may be long. */
function unmaskPairs(
  pairs: readonly Pair[],
  others: readonly Pair[],
  taken: (text: string, theirs: string | undefined) => string,
): Pair[] {
  const values = new Map<string, string[]>()
  for (const [name, value] of others) {
    const known = values.get(name)
    if (known) known.push(value)
    else values.set(name, [value])
  }
  for (const list of values.values()) list.reverse() // pop returns the first
  return pairs.map(([name, value]) => [name, taken(value, values.get(name)?.pop())])
}
