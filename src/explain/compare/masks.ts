import type { CanonicalRequest } from '../../core/signing/canonical-request.ts'
import { decode, isMasked } from '../request/facts.ts'
import { CUT_HASH } from '../request/pieces.ts'

// Values that were replaced by placeholders before they were shown differ from the real ones, and prove nothing.

/** Whether two values differ only where a placeholder stands in one of them. */
export function isSameButMasked(one: string, other: string): boolean {
  const [ours, theirs] = [partsOf(one), partsOf(other)]
  const isHidden = (parts: readonly string[]): boolean => parts.length === 1 && isMasked(decode(parts[0]!))
  const isSame = (part: string, i: number): boolean => part === theirs[i] || isHidden([part]) || isHidden([theirs[i]!])
  return isHidden(ours) || isHidden(theirs) || (ours.length === theirs.length && ours.every(isSame))
}

/** The parts of a path, host, credential or list, of which each may be a placeholder. */
function partsOf(text: string): string[] {
  return text.split(/([/;:]|%2F|(?<!\.)\.(?!\.))/)
}

/** A canonical request with the headers that a different one has as well, if the end of one was cut off. */
export function uncut(request: CanonicalRequest, other: CanonicalRequest): CanonicalRequest {
  if (request.payloadHash !== CUT_HASH && other.payloadHash !== CUT_HASH) return request
  const names = new Set(other.headers.map(([name]) => name))
  return { ...request, headers: request.headers.filter(([name]) => names.has(name)), signedHeaders: '' }
}

/** A canonical request in which what placeholders stand for is taken from a different one. */
export function unmask(request: CanonicalRequest, other: CanonicalRequest): CanonicalRequest {
  const taken = (text: string, theirs: string | undefined): string =>
    theirs !== undefined && isSameButMasked(text, theirs) ? theirs : text
  const pairsOf = (query: string): [string, string][] =>
    query.split('&').map((pair) => /^([^=]*=?)(.*)$/.exec(pair)!.slice(1) as [string, string])
  const pairs = new Map(pairsOf(other.query))
  const headers = new Map(other.headers)
  return {
    ...request,
    uri: taken(request.uri, other.uri),
    query: pairsOf(request.query)
      .map(([name, value]) => name + taken(value, pairs.get(name)))
      .join('&'),
    headers: request.headers.map(([name, value]) => [name, taken(value, headers.get(name))]),
    payloadHash: taken(request.payloadHash, other.payloadHash),
  }
}
