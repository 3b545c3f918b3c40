import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { readInput } from './files.ts'
import { checkUrl, parseHeader, parseMethod } from './values.ts'

/** A parsed request. */
export interface RawRequest {
  readonly method: string
  /** The request target, unchanged. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Missing if it is unknown: a curl log does not contain the body. */
  readonly body?: Uint8Array
}

const LINE = /^([!#$%&'*+.^_`|~\w-]+) +(\S+)(?: +HTTP\/[\d.]+)?[ \t]*$/

/** Reads standard input, which must contain the complete request. */
export function readStdin(call: Call, what = 'a raw HTTP request or the output of curl -v'): Promise<Buffer> {
  for (const name of ['method', 'header'] as const)
    if (call.has(name)) usage(`--${name} requires a URL. Standard input contains the complete request.`)
  if ([call.value('credentials'), call.value('data-file')].includes('-'))
    usage('standard input contains the request. Pass a file instead of -.')
  if (call.terminal.stdin.isTTY) call.note(`Paste ${what}, then press Ctrl-D.\n`)
  return readInput(call, 'standard input', '-')
}

/** Creates a request without a body from a URL and the options. */
export function optionRequest(call: Call, url: string): RawRequest {
  checkUrl(call, url)
  const method = parseMethod(call.value('method') ?? 'GET')
  return { method, url, headers: call.values('header').map(parseHeader) }
}

/** Parses a raw HTTP request, or the last request in the output of `curl -v`. */
export function parseHttp({ note }: Pick<Call, 'note'>, bytes: Buffer): RawRequest {
  // One character per octet. Callers decode what is not ASCII.
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  if (text.trim() === '') usage('standard input is empty. Pass a raw HTTP request or the output of curl -v.')
  return /^[*<>=] ?/m.test(text) && /^> ?\S+ +\S+ +HTTP\/[\d.]+\r*$/m.test(text)
    ? parseLog(note, text)
    : parseRaw(note, text)
}

function parseLog(note: Call['note'], text: string): RawRequest {
  const all: { lines: string[]; isComplete: boolean }[] = []
  let current: (typeof all)[number] | undefined
  for (const raw of text.split('\n')) {
    const line = withoutReturns(raw)
    const content = line.replace(/^> ?/, '')
    if (!line.startsWith('>')) {
      // curl prints other information between the headers of a request.
      if (!/^[*{}]/.test(line)) current = undefined
    } else if (!current && /^\S+ +\S+ +HTTP\/[\d.]+$/.test(content)) {
      current = { lines: [content], isComplete: false }
      all.push(current)
    } else if (current && content !== '') current.lines.push(content)
    else if (current) {
      current.isComplete = true
      current = undefined
    }
  }
  // An incomplete request may be a part of a response.
  const complete = all.filter(({ isComplete }) => isComplete)
  const requests = complete.length ? complete : all
  const request = parseHead(requests.at(-1)!.lines)
  const length = headerOf(request, 'content-length') ?? (headerOf(request, 'transfer-encoding') ? '?' : '0')
  if (requests.length > 1) note(`The log contains ${requests.length} requests. Using the last one.\n`)
  return { ...request, ...(length === '0' && { body: new Uint8Array() }) }
}

/** Removes the carriage returns at the end of a line. */
function withoutReturns(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(0, end)
}

function parseRaw(note: Call['note'], text: string): RawRequest {
  const start = /^\s*/.exec(text)![0].length
  const end = /\r?\n\r?\n/.exec(text.slice(start))
  const head = end ? text.slice(start, start + end.index) : text.slice(start)
  const request = parseHead(head.trimEnd().split(/\r?\n/))
  const rest = end ? text.slice(start + end.index + end[0].length) : ''
  return { ...request, body: readBody(note, request, Buffer.from(rest, 'latin1')) }
}

/** Returns the body of a saved request, without a line break that an editor may have added. */
function readBody(note: Call['note'], request: RawRequest, rest: Buffer): Buffer {
  if (/\bchunked\b/i.test(headerOf(request, 'transfer-encoding') ?? '')) return joinChunks(rest)
  const header = headerOf(request, 'content-length')
  if (header === undefined) return /^\s*$/.test(rest.toString('latin1')) ? Buffer.alloc(0) : rest
  const length = /^\d{1,15}$/.test(header) ? Number(header) : usage('the Content-Length header is not a number.')
  if (rest.length < length)
    note(`The body has ${rest.length} bytes, but Content-Length is ${length}. It was truncated or changed.\n`)
  return rest.subarray(0, length)
}

function joinChunks(bytes: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\n', at)
    const [, digits] =
      /^([\da-f]{1,8}) *(?:;.*)?\r?$/i.exec(bytes.subarray(at, Math.max(end, at)).toString('latin1')) ?? []
    if (digits === undefined) usage('the chunked body is truncated or malformed.')
    const size = Number.parseInt(digits, 16)
    if (size === 0) return Buffer.concat(pieces)
    pieces.push(bytes.subarray(end + 1, end + 1 + size))
    at = end + 1 + size
    at += bytes[at] === 13 ? 2 : 1
  }
}

function parseHead([first = '', ...lines]: readonly string[]): RawRequest {
  const [, method, url] = LINE.exec(first) ?? []
  if (method === undefined || url === undefined || !/^(?:\/|https?:)/i.test(url))
    usage('the input is not an HTTP request. Its first line must be similar to "GET /photos/cat.jpg HTTP/1.1".')
  const headers: [string, string][] = []
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(':')
    if (/^[ \t]/.test(line) && headers.length) headers.at(-1)![1] += ` ${line.trim()}`
    else if (colon < 1) usage(`line ${index + 2} of the request is not a header: it does not contain a colon.`)
    else headers.push([line.slice(0, colon), line.slice(colon + 1).trim()])
  }
  return { method, url, headers }
}

function headerOf({ headers }: RawRequest, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}
