import { encodePath, uriEncode, uriReencode } from './encoding.ts'

/** How often a path is percent-encoded in the canonical request: `'single'` is S3's way, `'double'` everybody else's. */
export type PathEncoding = 'single' | 'double'

/** Whether empty and dot segments are resolved in the canonical request: `'none'` is S3's way, where they name objects. */
export type PathNormalization = 'rfc3986' | 'none'

/** Headers by name, names in lower case; the values of a name that comes more than once are joined by a comma. */
export type HeaderRecord = Record<string, string>

/** Whether a URL parser would resolve a segment of the path. */
export function hasDots(path: string): boolean {
  return path.includes('/.') && /\/\.\.?(?:\/|$)/.test(path)
}

/**
 * Resolves `.` and `..` segments. With `merge` empty segments go too, as AWS wants it in a canonical URI; without, they
 * stay, as in a URL that is sent.
 */
export function resolveDots(path: string, merge: boolean): string {
  if (!hasDots(path) && !(merge && path.includes('//'))) return path
  const [, ...segments] = path.replace(/\/\.\.?$/, '$&/').split('/') // dots at the end name a folder
  const last = segments.pop()
  const kept: string[] = []
  for (const segment of segments)
    if (segment === '..') kept.pop()
    else if (segment !== '.' && (segment || !merge)) kept.push(segment)
  return ['', ...kept, last].join('/')
}

/**
 * The canonical URI of a path as it is sent.
 *
 * - `'double'`: every octet of the sent path is encoded once more, `%` included (`/a%20b` → `/a%2520b`).
 * - `'single'`: S3 decodes the path, `%2F` too, and encodes it once (`/a%20b` → `/a%20b`, `/a%2Fb` → `/a/b`).
 */
export function canonicalUri(path: string, encoding: PathEncoding, normalization: PathNormalization): string {
  if (normalization === 'rfc3986') path = resolveDots(path, true)
  return encoding === 'double' ? encodePath(path, uriEncode) : decodeSlashes(encodePath(path, uriReencode))
}

/** The canonical URI of a path that is encoded as it should be. */
export function decodeSlashes(path: string): string {
  return path.includes('%2F') ? path.replaceAll('%2F', '/') : path
}

/**
 * Query parameters as entries that sort by name, then value: each is `name value`, encoded, and a blank sorts before
 * every character that an encoded text can hold. (`name=value` would not do: `a-` would come before `a`.)
 */
export function queryEntries(query: string): string[] {
  const entries: string[] = []
  for (const part of query.replace(/&&+/g, '&').split('&')) {
    const [name, ...value] = part.replaceAll('+', '%20').split('=')
    if (part) entries.push(`${uriReencode(name!)} ${uriReencode(value.join('='))}`)
  }
  return entries
}

/** The query string of {@link queryEntries}: canonical if they are sorted. */
export function queryString(entries: readonly string[]): string {
  return entries.join('&').replaceAll(' ', '=')
}

/** The canonical headers of the named headers, a line each: outer white space dropped, inner runs made one blank. */
export function canonicalHeaders(headers: HeaderRecord, names: readonly string[]): string {
  let lines = ''
  for (const name of names) {
    const value = headers[name]!
    // not \s, which also takes the blanks of Unicode: they are part of a text
    lines += `${name}:${/^ | {2}|[\t-\r]| $/.test(value) ? value.replace(/[\t-\r ]+/g, ' ').replace(/^ | $/g, '') : value}\n`
  }
  return lines
}
