import { lengthOf, readBody } from '../body.ts'
import {
  dedent,
  FENCE,
  type Found,
  foundRequest,
  foundResponse,
  headerOf,
  indentOf,
  isRule,
  type Paste,
  pastedRequest,
  type Reader,
} from '../found.ts'
import { readServiceBody } from './objects.ts'

// Requests and responses as HTTP writes them: raw ones, as in the logs of wget and Go, and those in the logs of curl.

const REQUEST_LINE = /^([A-Z]{3,10}) +(\/\S*|https?:\/\/\S+)(?: +HTTP\/[\d.]+)? *$/
const STATUS_LINE = /^HTTP\/[\d.]+ +(\d{3})\b/
export const HEADER = /^[!#$%&'*+.^_`|~\w-]+ *:/

/** Reads a request or a response that starts on a line. */
export const readMessage: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const text = line.trim()
  if (/^> ?[A-Z]{3,10} +\S+ +HTTP\/[\d.]+$/.test(text)) return [readCurlRequest(paste, at)]
  if (/^< ?HTTP\/[\d.]+ +\d{3}/.test(text)) return readResponse(paste, at, 'curl')
  if (STATUS_LINE.test(text)) return readResponse(paste, at, 'raw')
  return readRaw(paste, at)
}

/** A request of a log of `curl -v`. */
function readCurlRequest(paste: Paste, at: number): Found {
  const head = [paste.lines[at]!.trim().slice(1).trim()]
  let to = at
  let isWhole = false
  for (let i = at + 1; i < paste.lines.length; i++) {
    const line = paste.lines[i]!.trim()
    if (line === FENCE || /^(?:< ?HTTP\/|> ?[A-Z]{3,10} +\S+ +HTTP\/)/.test(line)) break
    if (line.startsWith('>')) {
      to = i
      const content = line.slice(1).trim()
      isWhole = content === ''
      if (isWhole) break
      head.push(content)
    } else if (line === '') break
    // curl reports other things between the headers of a request; other lines were wrapped
    else if (!/^[*{}<]/.test(line)) {
      to = i
      head.push(` ${line}`)
    }
  }
  const { method, url, headers } = parseHead(head)
  const body = isWhole && lengthOf(headers) === 0 ? '' : undefined
  // a line without headers is a part of a log
  const isKnown = headers.length > 0
  return foundRequest([at, to], 'a curl log', method, url, isKnown ? headers : undefined, isKnown ? body : undefined)
}

/** A request line and headers; a header that was wrapped or folded is joined. */
export function parseHead([first, ...lines]: readonly string[]): {
  method: string
  url: string
  headers: [string, string][]
} {
  const [, method, url] = /^(\S+) +(\S+)/.exec(first!)!
  return { method: method!, url: url!, headers: parseHeaders(lines) }
}

export function parseHeaders(lines: readonly string[]): [string, string][] {
  const headers: [string, string][] = []
  // a log may separate headers by commas; the parts of an Authorization header are separated by them, too
  const isList =
    lines.length > 2 && lines.slice(0, -1).every((line) => HEADER.test(line.trim()) && /,\s*$/.test(line.slice(-9)))
  for (const given of lines) {
    const line = isList ? given.trimEnd().replace(/,$/, '') : given
    const colon = line.indexOf(':', 1)
    if (headers.length && (/^[ \t]/.test(line) || colon < 1 || isAuthorizationPart(line)))
      headers[headers.length - 1]![1] += joint(headers[headers.length - 1]![1], line.trim())
    else if (colon > 0 && !/^Proto *:/.test(line))
      headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  return headers
}

function isAuthorizationPart(line: string): boolean {
  return /^\s*(?:SignedHeaders|Signature|Credential)=/.test(line)
}

/** A value that was broken within a word goes on without a space. */
function joint(value: string, rest: string): string {
  const isBroken =
    /[\w%/+;=-]$/.test(value) && /^[\w%/+;=-]{8,}/.test(rest) && value.length >= 50 && !/[, ]\S{0,12}$/.test(value)
  return isBroken ? rest : ` ${rest}`
}

/** A raw request. */
function readRaw(paste: Paste, at: number): Found[] | undefined {
  const { lines } = paste
  const indent = indentOf(lines[at]!)
  let first = lines[at]!.trim()
  let from = at + 1
  // HTTP/1.1 may be on the next line
  if (/^[A-Z]{3,10} +\/\S*$/.test(first) && /^\s*HTTP\/[\d.]+ *$/.test(lines[from] ?? ''))
    first += ` ${lines[from++]!.trim()}`
  // pgBackRest has a title between them
  else if (/^\s*\*\*\* Request Headers/.test(lines[from] ?? '')) from++
  if (!REQUEST_LINE.test(first)) return undefined
  const isVersioned = / HTTP\/[\d.]+$/.test(first)
  if (!isVersioned && !HEADER.test((lines[from] ?? '').trim())) return undefined
  const head = [first]
  let i = from
  for (; i < lines.length; i++) {
    const line = dedent(lines[i]!, indent)
    if (line.trim() === '' || isRule(line) || REQUEST_LINE.test(line) || STATUS_LINE.test(line)) break
    if (!HEADER.test(line.trim()) && !/^[ \t]/.test(line) && !isContinuation(head[head.length - 1]!, line)) break
    head.push(line)
  }
  const { method, url, headers } = parseHead(head)
  if (
    !isVersioned &&
    headerOf(headers, 'host') === undefined &&
    headerOf(headers, 'authorization') === undefined &&
    !/^http/.test(url)
  )
    return undefined
  const isEnded = i < lines.length && lines[i]!.trim() === ''
  const { body, end } = readBody(paste, isEnded ? i + 1 : i, indent, method, headers, isEnded)
  const request = pastedRequest(method, url, headers, body)

  return [{ kind: 'request', from: at, to: Math.max(end, i - 1), description: `${method} request`, request }]
}

/** Whether a line goes on with the header before it. */
function isContinuation(before: string, line: string): boolean {
  return (
    before.length > 45 && /^[\w%/+;=,.-]+(?:[ ,;]|$)/.test(line) && (/[,;]$/.test(before.trim()) || before.length > 60)
  )
}

/** A response: its head, and the body that follows. */
function readResponse(paste: Paste, at: number, style: 'curl' | 'raw'): Found[] {
  const { lines } = paste
  const unmarked = (line: string): string => (style === 'curl' ? line.trim().replace(/^< ?/, '') : line.trim())
  const status = Number(STATUS_LINE.exec(unmarked(lines[at]!))![1])
  const head: string[] = []
  let i = at + 1
  let isEnded = false
  for (; i < lines.length; i++) {
    const line = lines[i]!.trim()
    if (line === FENCE || STATUS_LINE.test(unmarked(line))) break
    if (style === 'curl' && /^[*{}]/.test(line)) continue
    isEnded = unmarked(line) === ''
    if (isEnded || isRule(line) || (style === 'curl' ? !/^<(?: |$|[\w-]{1,80}:)/.test(line) : !HEADER.test(line))) break
    head.push(unmarked(line))
  }
  const headers = parseHeaders(head)
  const found = foundResponse([at, Math.max(at, isEnded ? i : i - 1)], status, { headers })
  if (status < 200 || !isEnded) return [found]
  const target = headerOf(headers, 'location')
  if (status >= 300 && status < 400 && target !== undefined && STATUS_LINE.test((lines[i + 1] ?? '').trim()))
    return [found, redirected(found, target)]
  return withBody(paste, found, i + 1)
}

/** The request that follows a redirect: it is shown only as Location. */
function redirected({ from, to }: Found, url: string): Found {
  return { kind: 'url', from, to, description: 'URL of a redirect', request: pastedRequest(undefined, url, undefined) }
}

/** A response with the body that starts on a line, after lines of curl. */
export function withBody(paste: Paste, found: Found, from: number): Found[] {
  const { lines } = paste
  let at = from
  const isNoise = (line: string): boolean =>
    /^(?:\* |[{}] \[\d+ bytes data\]|<BODY>)/.test(line.trim()) || line.trim() === '' || line === FENCE
  while (at < lines.length && at < from + 12 && isNoise(lines[at]!)) at++
  if (at >= lines.length) return [found]
  const body = readServiceBody(paste, at)
  if (body) {
    const [first, ...others] = body
    const { code, message, body: text } = first!.response ?? {}
    const response = {
      ...found.response,
      ...(text !== undefined && { body: text }),
      ...(code !== undefined && { code }),
      ...(message !== undefined && { message }),
    }
    return [{ ...found, response }, withoutResponse(first!), ...others]
  }
  return [found]
}

function withoutResponse({ kind, from, to, description }: Found): Found {
  return { kind, from, to, description }
}
