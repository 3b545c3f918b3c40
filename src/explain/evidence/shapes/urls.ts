import { FENCE, type Found, isSignedUrl, type Paste, pastedRequest } from '../found.ts'

// URLs in prose: bare, in quotes or brackets, followed by punctuation, or broken over lines.

const STOP = /[\s"'<>`\u00ab\u00bb|{}\\^]/
/** Most lines that a URL is broken over. */
const MOST_LINES = 60

/** The URLs that start on a line. */
export function readUrls(paste: Paste, at: number, line = paste.lines[at]!): Found[] {
  // JSON may escape the ampersands in a string
  const text = line.replace(/\\u0026(?=X-Amz-)/g, /"[^"]*\\u0026[^"]*"/.test(line) ? '&' : '&amp;')
  const found: Found[] = []
  let from = 0
  for (const start of starts(text)) {
    if (start < from) continue
    let end = start
    while (end < text.length && !STOP.test(text[end]!)) end++
    let [url, to] = [text.slice(start, end), at]
    if (end === text.trimEnd().length && line === paste.lines[at]) [url, to] = joinLines(paste, at, url)
    from = end
    url = trimEnd(url, text[start - 1])
    // a URL in the configuration of a proxy is not a request
    if (
      /\b(?:proxy_pass|ProxyPass|upstream|proxy_redirect)\b[^?]{0,40}$/.test(text.slice(Math.max(start - 60, 0), start))
    )
      continue
    const isSigned = isSignedUrl(url) || /[?&](?:amp;)X-Amz-/i.test(url)
    if (!/[?/]/.test(url) || !url.includes('?')) if (!/^https?:/i.test(url)) continue
    if (!isSigned && (!/^https?:\/\/[^/?#]+\.[^/?#]+\/./i.test(url) || !isService(url))) continue
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

/** Where URLs may start: at a scheme, or where a word has the parameters of a signature. */
function starts(text: string): number[] {
  const found = new Set<number>()
  for (const { index } of text.matchAll(/https?:\/\//gi)) found.add(index!)
  for (const { index } of text.matchAll(/[?&;]X-Amz-(?:Algorithm|Credential|Signature)=/gi)) {
    let start = index!
    const least = Math.max(start - 4000, 0)
    while (start > least && !STOP.test(text[start - 1]!) && text[start - 1] !== '(') start--
    const scheme = text.slice(start, index).search(/https?:\/\//i)
    found.add(scheme < 0 ? start : start + scheme)
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
  for (let i = at + 1; i < Math.min(at + MOST_LINES, paste.lines.length) && i === to + 1; i++) {
    const next = paste.lines[i]!.trim()
    if (next === '' || next === FENCE || STOP.test(next.replace(/["'>)`].{0,3}$/, ''))) break
    const isParameters = /[?&](?:amp;)?X-Amz-/i.test(url)
    const signature = /[?&;]X-Amz-Signature=([\da-f]*)$/i.exec(url)
    const isDone = signature ? signature[1]!.length >= 64 : /[?&;]X-Amz-Signature=[\da-f]{64}/i.test(url)
    const isContinued = isDone
      ? /^&/.test(next)
      : signature
        ? /^[\da-f]+(?:$|[^\w])/i.test(next)
        : /^[?&]/.test(next) ||
          (/[&=?]$/.test(url) && isParameters) ||
          isParameters ||
          (isSignedUrl(next) && width >= 40) ||
          (width >= 60 && /[%=&?/]/.test(next))
    if (!isContinued || /^(?:https?:|<|[A-Z]+ \/)/.test(next)) break
    url += next
    to = i
    const stop = url.search(STOP)
    if (stop >= 0) {
      url = url.slice(0, stop)
      break
    }
  }
  return [url, to]
}

/** A URL without the punctuation of the sentence that it is in. */
export function trimEnd(url: string, before = ''): string {
  let end = url.length
  for (;;) {
    const mark = url[end - 1]
    if (mark === undefined) break
    const isPunctuation =
      !/=[\w-]*(?:\.{3}|…)$/.test(url.slice(Math.max(end - 80, 0), end)) && // the value was shortened
      (mark === '*' || mark === '_' ? mark === before || url[end - 2] === mark : '.,;:!?'.includes(mark)) &&
      !(mark === ';' && /&(?:amp|#\d+);$/.test(url.slice(Math.max(end - 8, 0), end)))
    const isBracket =
      (mark === ')' && !url.slice(0, end).includes('(')) || (mark === ']' && !url.slice(0, end).includes('['))
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
