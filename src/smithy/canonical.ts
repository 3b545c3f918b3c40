import { encodePath, uriEncode } from '../core/encoding/percent.ts'
import { fail } from '../core/errors.ts'
import { formatQuery, type Pair } from '../core/http/query.ts'
import type { HttpRequest, QueryParameterBag, RequestSigningArguments } from './options.ts'

/** The headers that are not signed unless `signableHeaders` contains them. */
const UNSIGNABLE =
  /^(?:authorization|cache-control|connection|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|(?:proxy|sec)-.*)$/s

/** Returns the canonical URI of a path. With `escapes`, it is normalized and encoded once more; for S3, it is used as sent. */
export function canonicalPath(path: string, escapes: boolean): string {
  if (!escapes) return path
  const kept: string[] = []
  for (const segment of path.split('/'))
    if (segment === '..') kept.pop()
    else if (segment && segment !== '.') kept.push(segment)
  // a trailing dot segment leaves no slash, unlike in canonicalUri
  return encodePath(`/${kept.join('/')}${kept.length && path.endsWith('/') ? '/' : ''}`, 'request.path')
}

/** Returns the canonical query string. A value that is neither a string nor a list is omitted. */
export function canonicalQuery(query: QueryParameterBag): string {
  const parameters: [name: string, pairs: Pair[]][] = []
  for (const name of Object.keys(query)) {
    if (name.toLowerCase() === 'x-amz-signature') continue
    const argument = `request.query[${JSON.stringify(name)}]`
    const encoded = uriEncode(name, argument)
    const value = query[name]
    if (typeof value !== 'string' && !Array.isArray(value)) continue
    const values = [value].flat().map((each) => uriEncode(String(each), argument))
    parameters.push([encoded, values.sort().map((each) => [encoded, each])])
  }
  return formatQuery(parameters.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, pairs]) => pairs))
}

/** Returns the signed headers, sorted, with their canonical values. Of names that differ only in case, the last one counts. */
export function canonicalHeaders(
  { headers }: HttpRequest,
  { signableHeaders, unsignableHeaders }: RequestSigningArguments,
): Pair[] {
  const signed = new Map<string, string>()
  for (const given of Object.keys(headers).sort()) {
    const value: unknown = headers[given]
    if (value === undefined || value === null) continue
    const name = given.toLowerCase()
    if ((UNSIGNABLE.test(name) || unsignableHeaders?.has(name)) && !signableHeaders?.has(name)) continue
    if (typeof value !== 'string') fail('ERR_INVALID_ARG_TYPE', `request.headers["${name}"]`, 'type', 'Pass a string.')
    signed.set(name, value.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, ''))
  }
  return [...signed].sort(([a], [b]) => (a < b ? -1 : 1))
}
