import { utf8Length } from '../../../../../../src/internal/encoding.ts'
import {
  bodyLength,
  parseHead,
  parseHeaders,
  readBodyHash,
  readLoggedHead,
  readReceived,
} from '../../../formats/message.ts'
import { boundaryOf } from '../../request/facts.ts'
import {
  arePartial,
  type Found,
  foundRequest,
  foundResponse,
  headerOf,
  type Paste,
  pastedRequest,
  type Reader,
  region,
} from '../model/found.ts'

// Requests and responses as HTTP writes them: raw ones, as in the logs of wget and Go, and those in the logs of curl.

const REQUEST_LINE = /^[A-Z]{3,10} +(?:\/\S*|https?:\/\/\S+)(?: +HTTP\/[\d.]+)? *$/
const STATUS_LINE = /^(?:< ?)?HTTP\/[\d.]+ +(\d{3})\b/
/** The start or end of a message: a rule of dashes, a code block, or the first line of the next one. */
const BOUNDARY = /^(?:```|---|[*<>] |HTTP\/|[A-Z]{3,10} +\S+ +HTTP\/)/
export const HEADER = /^[!#$%&'*+.^_`|~\w-]+ *:/

const BEFORE_HEADERS = /^(?:|\{|(?:request )?headers:?)$/i
const MOST_BETWEEN = 6
const BODY = /^\s*(?:request |sent )?(?:body|payload|data|content)\s?[:=]\s*/i
const MOST_BEFORE_BODY = 60

/** Reads a request or a response that starts on a line. */
export const readMessage: Reader = (paste, at, line) => {
  const text = line.trim()
  const logged = readLoggedHead(paste.lines, at)
  const head = logged && parseHead(logged.lines)
  if (logged && head) {
    const { method, url, headers } = head
    const length = bodyLength(headers)
    const body = logged.isComplete && length === 0 ? '' : labeledBody(paste, logged.to + 1, length)
    // a line without headers is a part of a log
    const known = headers.length > 0 ? headers : undefined
    const note = readReceived(paste.lines[at - 1])
    if (!note) return [foundRequest([at, logged.to], 'a curl log', method, url, known, known && body)]
    const hash = readBodyHash(paste.lines, logged.to + 1)
    const found = foundRequest([at, logged.to], 'the log of the proxy or the server', method, url, known, body)
    const bodyHash = body === undefined && hash !== undefined ? { bodyHash: hash } : {}
    return [{ ...found, request: { ...found.request, ...bodyHash, isReceived: true }, upstream: note.upstream }]
  }
  const status = STATUS_LINE.exec(text)?.[1]
  if (status !== undefined) return readResponse(paste, at, Number(status))
  return REQUEST_LINE.test(text) ? readRequest(paste, at) : undefined
}

/** A raw request. Without a version in its first line, its headers must show that it is one. */
function readRequest(paste: Paste, at: number): Found[] | undefined {
  const { lines } = paste
  const lineOf = (i: number): string => lines[i]!.trim()
  const head = [lineOf(at)]
  let i = at + 1
  // programs print a label, an empty line or a brace before the headers
  while (i < at + MOST_BETWEEN && i < lines.length && BEFORE_HEADERS.test(lineOf(i))) i++
  if (!HEADER.test(lines[i]?.trim() ?? '')) i = at + 1
  for (; i < lines.length && lineOf(i) !== '' && !BOUNDARY.test(lineOf(i)); i++) {
    const isPart =
      HEADER.test(lineOf(i)) || /^\s+[^\s}]/.test(lines[i]!) || /^(?:SignedHeaders|Signature)=/.test(lineOf(i))
    if (!isPart) break
    head.push(lineOf(i))
  }
  const parsed = parseHead(head)
  if (!parsed) return undefined
  const { method, url, headers } = parsed
  const isVersioned = / HTTP\/[\d.]+$/.test(lineOf(at))
  if (!isVersioned && !['host', 'authorization'].some((name) => headerOf(headers, name) !== undefined)) return undefined
  const length = bodyLength(headers)
  const isBodiless = /^(?:GET|HEAD|DELETE|OPTIONS)$/.test(method) || headerOf(headers, 'content-length') !== undefined
  const isFollowed = i < lines.length && lineOf(i) === ''
  const boundary = isFollowed ? boundaryOf(headerOf(headers, 'content-type')) : undefined
  const form = boundary === undefined ? undefined : readForm(paste, i + 1, `--${boundary}--`)
  const content = form ?? (length && isFollowed ? readBody(paste, i + 1, length) : undefined)
  const body = content?.body ?? (length === 0 && isBodiless ? '' : labeledBody(paste, i, length))
  // without a version, a program or a person wrote it
  const isPartial = !isVersioned && arePartial(headers)
  const request = { ...pastedRequest(method, url, headers, body), ...(isPartial && { isPartial }) }
  return [{ kind: 'request', from: at, to: content?.to ?? i - 1, description: `${method} request`, request }]
}

/** The body of a request that follows a label, such as `Body:`, anywhere after its headers; if it has the right length. */
function labeledBody(paste: Paste, from: number, length = 0): string | undefined {
  for (let i = from; length > 0 && i < Math.min(from + MOST_BEFORE_BODY, paste.lines.length); i++) {
    const label = BODY.exec(paste.lines[i]!.slice(0, 200))
    if (!label) continue
    const rest = paste.lines[i]!.slice(label[0].length)
    if (rest !== '' && utf8Length(rest) === length) return rest
    const body = rest === '' ? readBody(paste, i + 1, length)?.body : undefined
    if (body !== undefined) return body
  }
  return undefined
}

/** A form, which ends with its boundary; its lines may have lost their carriage returns, and its file some bytes. */
function readForm(paste: Paste, from: number, end: string): { body: string; to: number } | undefined {
  for (let to = from; to < paste.lines.length && paste.budget.left > 0; to++) {
    paste.budget.left -= 1
    if (paste.lines[to]!.trim() === end) return { body: region(paste, from, to).replace(/\r?\n/g, '\r\n'), to }
  }
  return undefined
}

function readBody(paste: Paste, from: number, length: number): { body: string; to: number } | undefined {
  let to = from
  while (to < paste.lines.length && !BOUNDARY.test(paste.lines[to]!.trim()) && paste.budget.left > 0) {
    paste.budget.left -= 1
    to++
  }
  if (to === from) return undefined
  const lines = region(paste, from, to - 1).split('\n')
  let size = 0
  for (const [i, line] of lines.entries()) {
    size += utf8Length(line)
    for (const end of ['\n', '\r\n'])
      for (const count of [i, i + 1])
        if (size + count * end.length === length)
          return { body: lines.slice(0, i + 1).join(end) + (count > i ? end : ''), to: from + i }
  }
  return undefined
}

/** The head of a response. Its body is read like any other text. */
function readResponse({ lines }: Paste, at: number, status: number): Found[] {
  const isLog = /^\s*</.test(lines[at]!)
  const lineOf = (i: number): string => (lines[i] ?? '').trim().replace(isLog ? /^< ?/ : '', '')
  const head: string[] = []
  let i = at + 1
  for (; i < lines.length; i++) {
    if (isLog && /^\s*[*{}]/.test(lines[i]!)) continue
    if ((isLog && !/^\s*<(?: |$|[\w-]{1,80}:)/.test(lines[i]!)) || !HEADER.test(lineOf(i))) break
    head.push(lineOf(i))
  }
  const headers = parseHeaders(head)
  const found = foundResponse([at, lineOf(i) === '' && i < lines.length && isLog ? i : i - 1], status, headers)
  const target = status >= 300 && status < 400 ? headerOf(headers, 'location') : undefined
  const isFollowed = target !== undefined && STATUS_LINE.test(lineOf(i + 1))
  return isFollowed ? [found, redirected(found, target)] : [found]
}

/** The request that follows a redirect: only Location shows it. */
function redirected({ from, to }: Found, url: string): Found {
  return { kind: 'url', from, to, description: 'URL of a redirect', request: pastedRequest(undefined, url) }
}
