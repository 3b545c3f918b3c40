import type { CanonicalRequest } from '../../../core/signing/canonical-request.ts'
import { decode } from '../../request/facts.ts'
import type { Paste } from '../found.ts'
import { trimEnd } from '../shapes/urls.ts'

// A URL that nothing marks as the request, and that fits what was signed: in prose, in an error, in a struct of Rust.

/** Most URLs that are compared. */
const MOST = 60
const STRUCT =
  /\bscheme: "(https?)".{0,120}?\bhost: Some\((?:Domain\()?"([^"\s]{1,300})"\)?\), port: (?:None|Some\((\d{1,5})\)), path: "([^"\s]{0,4000})", query: (?:None|Some\("([^"\s]{0,4000})"\))/g
const QUOTED = /["'`](\/[^"'`\s<>\\]{1,2000})["'`]/g
const URLS = /https?:\/\/[^\s"'<>`\\{}|]{4,4000}/gi

/** The URL or the path that was sent, if a text shows one that is written differently from the canonical request. */
export function linkedUrl({ text }: Paste, canonical: CanonicalRequest): string | undefined {
  const host = canonical.headers.find(([name]) => name === 'host')?.[1]?.toLowerCase()
  const candidates: { url: string; host: string | undefined }[] = []
  for (const [, scheme, name, port, path, query] of text.matchAll(STRUCT)) {
    const origin = `${scheme}://${name}${port === undefined ? '' : `:${port}`}`
    candidates.push({ url: `${origin}${path}${query === undefined ? '' : `?${query}`}`, host: name })
    if (candidates.length > MOST) break
  }
  for (const [found] of text.matchAll(URLS)) {
    const url = trimEnd(found)
    candidates.push({ url, host: /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() })
    if (candidates.length > MOST * 2) break
  }
  for (const [, path] of text.matchAll(QUOTED)) {
    candidates.push({ url: path!, host: undefined })
    if (candidates.length > MOST * 3) break
  }
  return candidates.find(
    (each) => (each.host === undefined || each.host === host) && isWrittenOtherwise(each.url, canonical),
  )?.url
}

/** Whether a URL has the path and the query of a canonical request, and writes them differently. */
function isWrittenOtherwise(url: string, { uri, query }: CanonicalRequest): boolean {
  const [, path = '', own = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)\??([^#]*)/i.exec(url) ?? []
  if (uri === '/' || plain(path || '/') !== plain(uri)) return false
  if (own !== '' || url.startsWith('http')) if (sorted(own) !== sorted(query)) return false
  return path !== uri || (own !== '' && own !== query)
}

/** A text without its escapes, however often it was escaped. */
function plain(text: string): string {
  return decode(decode(text.replaceAll('+', '%20'))).replaceAll('+', ' ')
}

/** The parameters of a query in order, without what differs only in writing. */
function sorted(query: string): string {
  return query
    .split('&')
    .map((part) => plain(part.includes('=') || part === '' ? part : `${part}=`))
    .sort()
    .join('&')
}
