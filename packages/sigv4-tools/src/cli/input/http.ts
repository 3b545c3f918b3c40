import { bodyLength, type LoggedHead, parseHead, readLoggedHead } from '../../formats/message.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import { readInput } from './files.ts'
import { checkUrl, parseHeader, parseMethod } from './values.ts'

export interface RawRequest {
  readonly method: string
  /** The request target, unchanged. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Missing if it is unknown: a curl log does not contain the body. */
  readonly body?: Uint8Array
}

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
export function optionRequest(call: Call, text: string): RawRequest {
  const url = checkUrl(call, text)
  const method = parseMethod(call.value('method') ?? 'GET')
  return { method, url, headers: call.values('header').map((text) => parseHeader(text)) }
}

/** Parses a raw HTTP request, or the last request in the output of `curl -v`. */
export function parseHttp({ note }: Pick<Call, 'note'>, bytes: Buffer): RawRequest {
  // One character per octet. Callers decode what is not ASCII.
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  if (text.trim() === '') usage('standard input is empty. Pass a raw HTTP request or the output of curl -v.')
  return /^> ?\S+ +\S+ +HTTP\/[\d.]+\r*$/m.test(text) ? parseLog(note, text) : parseRaw(note, text)
}

function parseLog(note: Call['note'], text: string): RawRequest {
  const lines = text.split('\n')
  const all: LoggedHead[] = []
  for (let at = 0; at < lines.length; at++) {
    const found = readLoggedHead(lines, at)
    if (found) all.push(found)
    at = found?.to ?? at
  }
  // An incomplete request may be a part of a response.
  const complete = all.filter(({ isComplete }) => isComplete)
  const requests = complete.length ? complete : all
  const request = readHead(requests.at(-1)!.lines)
  if (requests.length > 1) note(`The log contains ${requests.length} requests. Using the last one.\n`)
  return { ...request, ...(bodyLength(request.headers) === 0 && { body: new Uint8Array() }) }
}

function parseRaw(note: Call['note'], text: string): RawRequest {
  const start = /^\s*/.exec(text)![0].length
  const end = /\r?\n\r?\n/.exec(text.slice(start))
  const head = end ? text.slice(start, start + end.index) : text.slice(start)
  const request = readHead(head.trimEnd().split(/\r?\n/))
  const rest = end ? text.slice(start + end.index + end[0].length) : ''
  return { ...request, body: readBody(note, request, Buffer.from(rest, 'latin1')) }
}

function readHead(lines: readonly string[]): RawRequest {
  const head = parseHead(lines)
  if (!head)
    usage('the input is not an HTTP request. Its first line must be similar to "GET /photos/cat.jpg HTTP/1.1".')
  const bad = lines.findIndex((line, i) => i > 0 && line.indexOf(':') < 1 && !(i > 1 && /^[ \t]/.test(line)))
  if (bad > 0) usage(`line ${bad + 1} of the request is not a header: it does not contain a colon.`)
  return head
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

function headerOf({ headers }: RawRequest, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}
