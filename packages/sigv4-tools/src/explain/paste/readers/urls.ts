import { ENCODED_TOKEN, readToken } from '../../../formats/token.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import { FENCE, type Found, isSignedUrl, type Paste, pastedRequest } from '../model/found.ts'

// URLs in prose: bare, in quotes or brackets, followed by punctuation, or broken over lines.

const STOP = /[\s"'<>`\u00ab\u00bb|{}\\^]/
/** Maximum number of lines that a URL is broken over. */
const MOST_LINES = 60
/** Maximum number of positions in a line at which a URL may start. */
const MOST_STARTS = 200
const LONGEST_WORD = 4000
/** The configuration of a proxy, and the namespace of XML: a URL in it is not a request. */
const PROXY = /\b(?:proxy_pass|ProxyPass|upstream|proxy_redirect)\b[^?]{0,40}$|\bxmlns(?::\w{1,20})?=\\{0,4}["']$/
const METHOD = /\b(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)\]?(?: request)?(?: to| on| for)?[\s:=`"'<([]*$/
/** The end of a request line. */
const VERSION = / HTTP\/\d(?:\.\d)?["']?$/
/** A host that checks signatures, unless it is that of a manual. */
const SERVICE =
  /^(?:http|ws)s?:\/\/(?!(?:docs|aws|console|forums)\.)[^/?#]*(?:amazonaws\.com|r2\.cloudflarestorage\.com|digitaloceanspaces\.com|backblazeb2\.com|wasabisys\.com|storage\.googleapis\.com|supabase\.co|storage\.dev)(?::\d+)?\/./i

/** The URLs that start on a line, or in a part of it. */
export function readUrls(paste: Paste, at: number, text: string): Found[] {
  const found: Found[] = []
  const { length } = text.trimEnd()
  let from = 0
  let end = text.trimEnd().search(VERSION)
  for (const start of starts(text)) {
    if (start < from) continue
    from = start
    while (from < text.length && !STOP.test(text[from]!)) from++
    // in a request line, the version shows where the target ends: spaces in it are a mistake
    if (end > from && METHOD.test(text.slice(Math.max(start - 10, 0), start))) {
      if (!/["'<>`]|:\/\//.test(text.slice(from, end))) from = end
      end = -1
    }
    const shown = text.slice(start, from)
    const isBroken = from === length && text === paste.lines[at]
    const { joined, to } = isBroken ? joinLines(paste, at, shown) : { joined: shown, to: at }
    const written = trimEnd(joined, text[start - 1])
    const url = readToken(written)
    const before = text.slice(Math.max(start - 60, 0), start)
    const isSigned = isSignedUrl(url)
    if (PROXY.test(before) || (!isSigned && !SERVICE.test(url))) continue
    const method = METHOD.exec(before)?.[1]
    const version = /X-Amz-/i.test(url) ? '' : ' (Signature Version 2)'
    const description = `${isSigned ? `Presigned URL${version}` : 'URL'}${method ? ` with the method ${method}` : ''}`
    found.push({ kind: 'url', from: at, to, description, request: asWritten(pastedRequest(method, url), written) })
  }
  const [token] = ENCODED_TOKEN.exec(text) ?? []
  const url = readToken(token ?? '')
  if (url === '' || url === token) return found
  // the URL of Amazon Bedrock is signed for POST
  const request = pastedRequest(/[?&]Action=CallWithBearerToken&/.test(url) ? 'POST' : undefined, url)
  const description = 'Presigned URL in a token'
  return [...found, { kind: 'url', from: at, to: at, description, request: asWritten(request, token) }]
}

/** A request with its URL as it was written, if that is not a URL: a token is sent in a certain form. */
function asWritten(request: RequestAsSent, target = request.url): RequestAsSent {
  return target === request.url ? request : { ...request, target }
}

/** Returns the possible starts of URLs: a scheme, or a word with the parameters of a signature. */
function starts(text: string): number[] {
  const found = new Set<number>()
  for (const { index } of text.matchAll(/(?:http|ws)s?:\/\//gi)) found.add(index)
  const schemes = [...found]
  let at = 0
  let word = 0
  let next = 0
  let scheme = -1
  for (const { index } of text.matchAll(/(?:[?&;]|%26)X-Amz-(?:Algorithm|Credential|Signature)(?:=|%3D)/gi)) {
    // the word and the last scheme before the parameter
    for (; at < index; at++) if (text[at] === '(' || STOP.test(text[at]!)) word = at + 1
    for (; next < schemes.length && schemes[next]! < index; next++) scheme = schemes[next]!
    const start = Math.max(word, index - LONGEST_WORD)
    if (scheme < start) found.add(start)
    if (found.size > MOST_STARTS) break
  }
  return [...found].sort((a, b) => a - b)
}

/** A URL that continues on the next lines: it lacks its signature, or the next line continues with a parameter. */
function joinLines(paste: Paste, at: number, first: string): { joined: string; to: number } {
  let joined = first
  let to = at
  const width = paste.lines[at]!.trim().length
  let added = first
  let hasParameters = false
  let isComplete = false
  let is4a = false
  while (to + 1 < Math.min(at + MOST_LINES, paste.lines.length)) {
    const next = paste.lines[to + 1]!.trim()
    if (next === '' || next === FENCE || STOP.test(next.replace(/["'>)`].{0,3}$/, ''))) break
    hasParameters ||= /[?&](?:amp;)?X-Amz-/i.test(added)
    is4a ||= /[?&;]X-Amz-Algorithm=AWS4-ECDSA/.test(added)
    isComplete ||= /[?&;]X-Amz-Signature=[\da-f]{64}/i.test(added)
    const [, signature] = /[?&;]X-Amz-Signature=([\da-f]*)$/i.exec(added) ?? []
    // one of Signature Version 4a starts with its length
    const length = is4a ? 4 + 2 * Number.parseInt(signature?.slice(2, 4) ?? '', 16) : 64
    const isDone = signature === undefined ? isComplete : signature.length >= length
    const mayContinue = hasParameters || (isSignedUrl(next) && width >= 40) || (width >= 60 && /[%=&?/]/.test(next))
    const isRest = signature === undefined ? mayContinue : /^[\da-f]+(?:$|\W)/i.test(next)
    if (!(/^[?&]/.test(next) || (!isDone && isRest)) || /^(?:https?:|<|[A-Z]+ \/)/.test(next)) break
    const stop = next.search(STOP)
    const part = stop < 0 ? next : next.slice(0, stop)
    // the new part, and as much before it as a parameter may have there
    added = joined.slice(-200) + part
    joined += part
    to++
    if (stop >= 0) break
  }
  return { joined, to }
}

/** A URL without the punctuation of the sentence that it is in. */
export function trimEnd(url: string, before = ''): string {
  const opening = (mark: string): number => (url.includes(mark) ? url.indexOf(mark) : url.length)
  const round = opening('(')
  const square = opening('[')
  let end = url.length
  for (; end > 0; end--) {
    const mark = url[end - 1]!
    const isShortened = /=[\w-]*(?:\.{3}|…)$/.test(url.slice(Math.max(end - 80, 0), end))
    const isEntity = /&(?:amp|#\d+);$/.test(url.slice(Math.max(end - 8, 0), end))
    const isStyle = (mark === '*' || mark === '_') && (mark === before || url[end - 2] === mark)
    const isBracket = (mark === ')' && round >= end) || (mark === ']' && square >= end)
    if (isShortened || isEntity || !(isStyle || isBracket || '.,;:!?'.includes(mark))) break
  }
  const [link] = /^[^\]]*(?=\]\()/.exec(url.slice(0, end)) ?? []
  // the console of a browser adds the line and the column
  return (link ?? url.slice(0, end)).replace(/(X-Amz-Signature=[\da-f]{64,144})(?::\d{1,6}){1,2}$/i, '$1')
}
