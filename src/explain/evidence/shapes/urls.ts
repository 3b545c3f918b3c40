import { FENCE, type Found, isSignedUrl, type Paste, pastedRequest } from '../found.ts'

// URLs in prose: bare, in quotes or brackets, followed by punctuation, or broken over lines.

const STOP = /[\s"'<>`\u00ab\u00bb|{}\\^]/
/** Most lines that a URL is broken over. */
const MOST_LINES = 60

/** The URLs that start on a line. */
export function readUrls(paste: Paste, at: number, line = paste.lines[at]!): Found[] {
  const text = withAmpersands(line)
  const found: Found[] = []
  const { length } = text.trimEnd()
  let from = 0
  for (const start of starts(text)) {
    if (start < from) continue
    let end = start
    while (end < text.length && !STOP.test(text[end]!)) end++
    let [url, to] = [text.slice(start, end), at]
    if (end === length && line === paste.lines[at]) [url, to] = joinLines(paste, at, url)
    from = end
    url = trimEnd(url, text[start - 1])
    // a URL in the configuration of a proxy is not a request
    if (
      /\b(?:proxy_pass|ProxyPass|upstream|proxy_redirect)\b[^?]{0,40}$/.test(text.slice(Math.max(start - 60, 0), start))
    )
      continue
    const isSigned = isSignedUrl(url) || /[?&](?:amp;)X-Amz-/i.test(url)
    if (!/[?/]/.test(url) || !url.includes('?')) if (!/^https?:/i.test(url)) continue
    if (!isSigned && (!/^https?:\/\/(?=[^/?#]+?\.[^/?#])[^/?#]+\/./i.test(url) || !isService(url))) continue
    const method =
      methodBefore(text.slice(Math.max(start - 40, 0), start)) ??
      /^ Method=([A-Z]{3,7})\b/.exec(text.slice(end, end + 20))?.[1]
    const what = isSigned ? (/X-Amz-/i.test(url) ? 'Presigned URL' : 'Presigned URL (Signature Version 2)') : 'URL'
    found.push({
      kind: 'url',
      from: at,
      to,
      description: `${what}${method ? ` with the method ${method}` : ''}${to > at ? ', joined from several lines' : ''}`,
      request: pastedRequest(method, url, undefined),
    })
  }
  return found
}

/** A line without the escapes of ampersands that JSON may have in a string. */
function withAmpersands(line: string): string {
  if (!line.includes('\\u0026')) return line
  const strings = line.split('"').slice(1, -1)
  const isQuoted = strings.some((text) => text.includes('\\u0026'))
  return line.replace(/\\u0026(?=X-Amz-)/g, isQuoted ? '&' : '&amp;')
}

/** Where URLs may start: at a scheme, or where a word has the parameters of a signature. */
function starts(text: string): number[] {
  const found = new Set<number>()
  for (const { index } of text.matchAll(/https?:\/\//gi)) found.add(index!)
  const schemes = [...found]
  let [at, word, next, scheme] = [0, 0, 0, -1]
  for (const { index } of text.matchAll(/[?&;]X-Amz-(?:Algorithm|Credential|Signature)=/gi)) {
    // the word and the last scheme before the parameter
    for (; at < index!; at++) if (text[at] === '(' || STOP.test(text[at]!)) word = at + 1
    for (; next < schemes.length && schemes[next]! < index!; next++) scheme = schemes[next]!
    const start = Math.max(word, index! - 4000)
    if (scheme < start) found.add(start)
    if (found.size > 200) break
  }
  return [...found].sort((a, b) => a - b).filter((start, i, all) => i === 0 || !isInside(text, all[i - 1]!, start))
}

/** Whether a place is in the word that starts at another. */
function isInside(text: string, start: number, place: number): boolean {
  return place - start < 8000 && text.slice(start, place).search(STOP) < 0
}

/** A URL that goes on on the next lines: it lacks its signature, or the next line goes on with a parameter. */
function joinLines(paste: Paste, at: number, first: string): [url: string, to: number] {
  let url = first
  let to = at
  const indent = /^[ \t]*/.exec(paste.lines[at]!)![0].length
  const width = paste.lines[at]!.length - indent
  let [hasParameters, isComplete, added] = [false, false, first]
  for (let i = at + 1; i < Math.min(at + MOST_LINES, paste.lines.length) && i === to + 1; i++) {
    const next = paste.lines[i]!.trim()
    if (next === '' || next === FENCE || STOP.test(next.replace(/["'>)`].{0,3}$/, ''))) break
    hasParameters ||= /[?&](?:amp;)?X-Amz-/i.test(added)
    isComplete ||= /[?&;]X-Amz-Signature=[\da-f]{64}/i.test(added)
    const signature = /[?&;]X-Amz-Signature=([\da-f]*)$/i.exec(added)
    const isDone = signature ? signature[1]!.length >= 64 : isComplete
    const isContinued = isDone
      ? /^&/.test(next)
      : signature
        ? /^[\da-f]+(?:$|[^\w])/i.test(next)
        : /^[?&]/.test(next) ||
          hasParameters ||
          (isSignedUrl(next) && width >= 40) ||
          (width >= 60 && /[%=&?/]/.test(next))
    if (!isContinued || /^(?:https?:|<|[A-Z]+ \/)/.test(next)) break
    const stop = next.search(STOP)
    to = i
    if (stop >= 0) {
      url += next.slice(0, stop)
      break
    }
    // what is new, and as much before it as a parameter may have there
    added = url.slice(-100) + next
    url += next
  }
  return [url, to]
}

/** A URL without the punctuation of the sentence that it is in. */
export function trimEnd(url: string, before = ''): string {
  const [round, square] = ['(', '['].map((mark) => `${url}${mark}`.indexOf(mark)) as [number, number]
  let end = url.length
  for (;;) {
    const mark = url[end - 1]
    if (mark === undefined) break
    const isPunctuation =
      !/=[\w-]*(?:\.{3}|…)$/.test(url.slice(Math.max(end - 80, 0), end)) && // the value was shortened
      (mark === '*' || mark === '_' ? mark === before || url[end - 2] === mark : '.,;:!?'.includes(mark)) &&
      !(mark === ';' && /&(?:amp|#\d+);$/.test(url.slice(Math.max(end - 8, 0), end)))
    const isBracket = (mark === ')' && round >= end) || (mark === ']' && square >= end)
    if (!isPunctuation && !isBracket) break
    end--
  }
  const [link] = /^[^\]]*(?=\]\()/.exec(url.slice(0, end)) ?? []
  // the console of a browser adds the line and the column
  return (link ?? url.slice(0, end)).replace(/(X-Amz-Signature=[\da-f]{64})(?::\d{1,6}){1,2}$/i, '$1')
}

/** Whether a URL is one of a service that checks signatures, and not of a manual. */
function isService(url: string): boolean {
  return (
    /^https?:\/\/[^/?#]*(?:amazonaws\.com|r2\.cloudflarestorage\.com|digitaloceanspaces\.com|backblazeb2\.com|wasabisys\.com|storage\.googleapis\.com|supabase\.co|storage\.dev)(?:[:/?#]|$)/i.test(
      url,
    ) && !/^https?:\/\/(?:docs|aws|console|forums)\./i.test(url)
  )
}

/** The method that precedes a URL. */
function methodBefore(text: string): string | undefined {
  const [, named, go] =
    /\b(?:(GET|PUT|POST|HEAD|DELETE|PATCH)\]?(?: request)?(?: to| on| for)?[\s:=`"'<([]*|(Get|Put|Post|Head|Delete|Patch) \\{0,3}")$/.exec(
      text,
    ) ?? []
  return named ?? go?.toUpperCase()
}
