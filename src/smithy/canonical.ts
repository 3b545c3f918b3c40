import { encodePath, uriEncode } from '../core/encoding/percent.ts'
import { fail } from '../core/errors.ts'
import { formatQuery, type Pair } from '../core/http/query.ts'
import { ALWAYS_UNSIGNABLE_HEADERS, PROXY_HEADER_PATTERN, SEC_HEADER_PATTERN, SIGNATURE_HEADER } from './constants.ts'
import type { HeaderBag, HeaderNames, HttpRequest } from './options.ts'

/** Returns the canonical URI of a path. With `escapes`, it is normalized and encoded once more; for S3, it is used as sent. */
export function canonicalPath(path: string, escapes: boolean): string {
  if (!escapes) return path
  const kept: string[] = []
  for (const segment of path.split('/'))
    if (segment === '..') kept.pop()
    else if (segment && segment !== '.') kept.push(segment)
  const start = path.startsWith('/') ? '/' : ''
  // a trailing dot segment leaves no slash, unlike in canonicalUri
  const end = kept.length && path.endsWith('/') ? '/' : ''
  return encodePath(start + kept.join('/') + end, 'request.path')
}

/**
 * Returns the canonical query string. A value that is neither a string nor a list is omitted, and so is the signature.
 *
 * @param request - A request with query parameters that are not encoded.
 * @returns The encoded parameters, sorted.
 * @throws `TypeError` `ERR_INVALID_ARG_VALUE` for a lone surrogate.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
export function getCanonicalQuery({ query }: HttpRequest): string {
  const parameters: [name: string, pairs: Pair[]][] = []
  for (const [name, value] of Object.entries(query ?? {})) {
    if (name.toLowerCase() === SIGNATURE_HEADER) continue
    const argument = `request.query[${JSON.stringify(name)}]`
    const encoded = uriEncode(name, argument)
    if (typeof value !== 'string' && !Array.isArray(value)) continue
    const values = [value].flat().map((each) => uriEncode(String(each), argument))
    parameters.push([encoded, values.sort().map((each) => [encoded, each])])
  }
  return formatQuery(parameters.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, pairs]) => pairs))
}

/**
 * Returns the headers to sign, with their canonical values. Of names that differ only in case, the last one counts.
 *
 * @param request - The request.
 * @param unsignableHeaders - Names in lowercase that are not signed, in addition to the usual ones.
 * @param signableHeaders - Names in lowercase that are signed nevertheless.
 * @returns The values by their names in lowercase.
 * @throws `TypeError` `ERR_INVALID_ARG_TYPE` for a value that is not a string.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
export function getCanonicalHeaders(
  { headers }: HttpRequest,
  unsignableHeaders?: HeaderNames,
  signableHeaders?: HeaderNames,
): HeaderBag {
  const signed = new Map<string, string>()
  for (const given of Object.keys(headers).sort()) {
    const value: unknown = headers[given]
    if (value === undefined || value === null) continue
    const name = given.toLowerCase()
    const isUnsignable =
      Object.hasOwn(ALWAYS_UNSIGNABLE_HEADERS, name) ||
      PROXY_HEADER_PATTERN.test(name) ||
      SEC_HEADER_PATTERN.test(name) ||
      unsignableHeaders?.has(name)
    if (isUnsignable && !signableHeaders?.has(name)) continue
    if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', `request.headers["${name}"]`, 'type', 'Pass a string.')
    signed.set(name, value.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, ''))
  }
  return Object.fromEntries(signed) // a name such as __proto__ is a member like any other
}
