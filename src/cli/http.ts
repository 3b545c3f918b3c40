import type { Call } from './command.ts'
import { usage } from './failure.ts'
import { readInput } from './files.ts'
import { checkUrl, parseHeader, parseMethod } from './values.ts'

/** A request as it was written down. */
export interface WrittenRequest {
  readonly method: string
  /** Exactly as it was sent. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Missing if the text cannot have it: a log of curl shows no body. */
  readonly body?: Uint8Array
}

const LINE = /^([!#$%&'*+.^_`|~\w-]+) +(\S+)(?: +HTTP\/[\d.]+)?[ \t]*$/

/** Reads standard input, which must have all there is of the request. */
export function readStdin(call: Call, what = 'a raw HTTP request or what curl -v printed'): Promise<Buffer> {
  for (const name of ['method', 'header'] as const)
    if (call.has(name)) usage(`--${name} is for a URL: the request on standard input has its own`)
  if ([call.value('credentials'), call.value('data-file')].includes('-'))
    usage('standard input has the request: give a file in place of -')
  if (call.terminal.stdin.isTTY) call.note(`Paste ${what}, then press Ctrl-D.\n`)
  return readInput(call, 'standard input', '-')
}

/** A request that the options specify: without a body. */
export function optionRequest(call: Call, url: string): WrittenRequest {
  checkUrl(url)
  const method = parseMethod(call.value('method') ?? 'GET')
  return { method, url, headers: call.values('header').map(parseHeader) }
}

/** Parses a raw HTTP request, or the last one of a log that `curl -v` wrote. */
export function parseHttp({ note }: Pick<Call, 'note'>, bytes: Buffer): WrittenRequest {
  // a character an octet: what is not ASCII is put together again by whoever reads it
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  if (text.trim() === '') usage('nothing came in on standard input: a raw HTTP request, or what curl -v prints')
  return /^[*<>=] ?/m.test(text) && /^> ?\S+ +\S+ +HTTP\/[\d.]+\r*$/m.test(text)
    ? parseLog(note, text)
    : parseRaw(note, text)
}

function parseLog(note: Call['note'], text: string): WrittenRequest {
  const all: { lines: string[]; isWhole: boolean }[] = []
  let current: (typeof all)[number] | undefined
  for (const raw of text.split('\n')) {
    const line = withoutReturns(raw)
    const content = line.replace(/^> ?/, '')
    if (!line.startsWith('>')) {
      // curl says other things between the headers of a request
      if (!/^[*{}]/.test(line)) current = undefined
    } else if (!current && /^\S+ +\S+ +HTTP\/[\d.]+$/.test(content)) {
      current = { lines: [content], isWhole: false }
      all.push(current)
    } else if (current && content !== '') current.lines.push(content)
    else if (current) {
      current.isWhole = true
      current = undefined
    }
  }
  // what is not whole may be of an answer
  const whole = all.filter(({ isWhole }) => isWhole)
  const requests = whole.length ? whole : all
  const request = parseHead(requests.at(-1)!.lines)
  const length = headerOf(request, 'content-length') ?? (headerOf(request, 'transfer-encoding') ? '?' : '0')
  if (requests.length > 1) note(`The log has ${requests.length} requests; this is about the last one.\n`)
  return { ...request, ...(length === '0' && { body: new Uint8Array() }) }
}

/** A line without the carriage returns at its end. */
function withoutReturns(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(0, end)
}

function parseRaw(note: Call['note'], text: string): WrittenRequest {
  const start = /^\s*/.exec(text)![0].length
  const end = /\r?\n\r?\n/.exec(text.slice(start))
  const head = end ? text.slice(start, start + end.index) : text.slice(start)
  const request = parseHead(head.trimEnd().split(/\r?\n/))
  const rest = end ? text.slice(start + end.index + end[0].length) : ''
  return { ...request, body: readBody(note, request, Buffer.from(rest, 'latin1')) }
}

/** The body of a request that was written to a file, where an editor may have added the end of a line. */
function readBody(note: Call['note'], request: WrittenRequest, rest: Buffer): Buffer {
  if (/\bchunked\b/i.test(headerOf(request, 'transfer-encoding') ?? '')) return joinChunks(rest)
  const said = headerOf(request, 'content-length')
  if (said === undefined) return /^\s*$/.test(rest.toString('latin1')) ? Buffer.alloc(0) : rest
  const length = /^\d{1,15}$/.test(said) ? Number(said) : usage('the Content-Length of the request is no number')
  if (rest.length < length)
    note(`The body has ${rest.length} bytes, and Content-Length says ${length}: it is cut, or was changed.\n`)
  return rest.subarray(0, length)
}

function joinChunks(bytes: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\n', at)
    const [, digits] =
      /^([\da-f]{1,8}) *(?:;.*)?\r?$/i.exec(bytes.subarray(at, Math.max(end, at)).toString('latin1')) ?? []
    if (digits === undefined) usage('the chunks of the body are cut, or are none')
    const size = Number.parseInt(digits, 16)
    if (size === 0) return Buffer.concat(pieces)
    pieces.push(bytes.subarray(end + 1, end + 1 + size))
    at = end + 1 + size
    at += bytes[at] === 13 ? 2 : 1
  }
}

function parseHead([first = '', ...lines]: readonly string[]): WrittenRequest {
  const [, method, url] = LINE.exec(first) ?? []
  if (method === undefined || url === undefined || !/^(?:\/|https?:)/i.test(url))
    usage('that is no HTTP request: its first line must be like GET /photos/cat.jpg HTTP/1.1')
  const headers: [string, string][] = []
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(':')
    if (/^[ \t]/.test(line) && headers.length) headers.at(-1)![1] += ` ${line.trim()}`
    else if (colon < 1) usage(`line ${index + 2} of the request is no header: it has no colon`)
    else headers.push([line.slice(0, colon), line.slice(colon + 1).trim()])
  }
  return { method, url, headers }
}

function headerOf({ headers }: WrittenRequest, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}
