import { isReserved, listedNames, type Pair, SESSION_HEADER } from '../../../../../src/internal/http.ts'

// Headers as pairs, names in lowercase and values as received: one character for each byte.

/** Headers by name, with all values of a repeated one. */
export type HeaderLists = Record<string, string | string[]>

/** Headers that clients and proxies add for themselves, and that are part of a signature. */
const OWN = /^(?:amz-sdk-.+|authorization|forwarded|via|x-amz-content-sha256|x-forwarded-.+)$/

/** Headers that are signed. All others may change in transit. */
const SIGNED = /^(?:content-md5|content-type|x-amz-.+)$/

export function headerPairs(rawHeaders: readonly string[]): Pair[] {
  const pairs: Pair[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) pairs.push([rawHeaders[i]!.toLowerCase(), rawHeaders[i + 1]!])
  return pairs
}

/** Returns the values of a header, joined by commas; `undefined` if it is missing. */
export function headerValue(headers: readonly Pair[], name: string): string | undefined {
  let all: string | undefined
  for (const pair of headers) if (pair[0] === name) all = all === undefined ? pair[1] : `${all},${pair[1]}`
  return all
}

/** Returns whether a header or query parameter belongs to a signature, or is the token of an S3 Express session. */
export function isOfSignature(name: string): boolean {
  return isReserved(name) || name.toLowerCase() === SESSION_HEADER
}

/** Removes headers that a new signature replaces, and those that must not reach the service. */
export function withoutSignature(headers: readonly Pair[], keepsCookies: boolean): Pair[] {
  return headers.filter(([name]) => !OWN.test(name) && !isOfSignature(name) && (name !== 'cookie' || keepsCookies))
}

/**
 * Returns the headers to sign, the values of a repeated name joined, and all others. The content encoding is signed if the
 * body has chunks that the client did not sign, or `hasChunks` that the proxy signs.
 */
export function divideHeaders(headers: readonly Pair[], hasChunks = false): { signed: Pair[]; unsigned: Pair[] } {
  const isSigned = ([name, value]: Pair): boolean =>
    SIGNED.test(name) || (name === 'content-encoding' && (hasChunks || listedNames(value).includes('aws-chunked')))
  const names = new Set(headers.filter(isSigned).map(([name]) => name))
  const signed = new Map<string, string>()
  for (const [name, value] of headers)
    if (names.has(name)) signed.set(name, signed.has(name) ? `${signed.get(name)},${value}` : value)
  return { signed: [...signed], unsigned: headers.filter(([name]) => !names.has(name)) }
}

export function headerLists(headers: readonly Pair[]): HeaderLists {
  const lists: HeaderLists = Object.create(null)
  for (const [name, value] of headers) {
    const values = lists[name]
    if (typeof values === 'object') values.push(value)
    else lists[name] = values === undefined ? value : [values, value]
  }
  return lists
}
