import type { Cause } from '../model/causes.ts'
import type { RequestAsSent } from '../request/facts.ts'
import type { ResponseAsReceived } from '../response/response.ts'

// What the readers of a pasted text share: the lines, and what they find in them.

/** The kind of something that was recognized in a pasted text. */
export type EvidenceKind =
  | 'request'
  | 'url'
  | 'response'
  | 'error'
  | 'canonical-request'
  | 'string-to-sign'
  | 'credentials'
  | 'command'
  | 'configuration'

/** Something that was recognized in a pasted text. */
export interface EvidenceItem {
  readonly kind: EvidenceKind
  /** The first and the last line, from 1. */
  readonly lines: readonly [first: number, last: number]
  /** In plain English: `PUT request from a curl log`. */
  readonly description: string
}

/** Headers of a pasted message, names and values unchanged. */
export type PastedHeaders = readonly (readonly [name: string, value: string])[]

/** Something that was found, and what it contributes. */
export interface Found {
  readonly kind: EvidenceKind
  /** Indexes of the first and last line. */
  readonly from: number
  readonly to: number
  /** Where it starts in its first line, if prose may precede it. */
  readonly column?: number
  readonly description: string
  readonly request?: RequestAsSent
  readonly response?: ResponseAsReceived
  /** Whether the head of the request was printed before the HTTP client added the rest. */
  readonly isPartial?: boolean
  /** Whether the request is the payload of a form, of which the head may be elsewhere. */
  readonly isForm?: boolean
  /** Headers of a request that stand alone. */
  readonly headers?: PastedHeaders
  /** Whether those headers are all of the request before them. */
  readonly isHead?: boolean
  readonly canonicalRequest?: string
  readonly stringToSign?: string
  /** Who computed the strings, if the words around them show it. */
  readonly side?: 'client' | 'server' | undefined
}

/** Something that suggests a cause, and the line that shows it. */
export interface Hint {
  readonly cause: Cause
  readonly line: number
  readonly description: string
}

/** A pasted text, cleaned of what carried it. */
export interface Paste {
  readonly lines: readonly string[]
  /** Where each line was in the text: lines that were broken are joined. */
  readonly numbers: readonly number[]
  /** The lines again, joined. */
  readonly text: string
  /** Where each line starts in the text. */
  readonly starts: readonly number[]
  /** Characters that may still be read ahead: lookahead that fails must not add up. */
  readonly budget: { left: number }
}

/** Finds something that starts on a line. */
export type Reader = (paste: Paste, at: number) => readonly Found[] | undefined

/** The last item that fits. */
export function last<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let i = list.length - 1; i >= 0; i--) if (fits(list[i]!)) return list[i]
  return undefined
}

/** A line that ends a code block. */
export const FENCE = '```'

export const METHODS = 'GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS'

/** A request whose headers may be unknown. */
export function pastedRequest(
  method: string | undefined,
  url: string,
  headers?: PastedHeaders | undefined,
  body?: string | Uint8Array | undefined,
): RequestAsSent {
  const request = {
    ...(method !== undefined && { method }),
    url,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  }
  return request as RequestAsSent
}

/** A request that was found. `what`: where, such as `a curl log`. */
export function foundRequest(
  [from, to]: readonly [from: number, to: number],
  what: string,
  method: string | undefined,
  url: string,
  headers?: PastedHeaders | undefined,
  body?: string | undefined,
): Found {
  const description = `${method ?? 'A'} request from ${what}`
  return { kind: 'request', from, to, description, request: pastedRequest(method, url, headers, body) }
}

/** A response that was found. */
export function foundResponse(
  [from, to]: readonly [from: number, to: number],
  status: number,
  rest: Omit<ResponseAsReceived, 'status'> = {},
): Found {
  return { kind: 'response', from, to, description: `Response with status ${status}`, response: { status, ...rest } }
}

/** The value of the first header of that name. */
export function headerOf(headers: PastedHeaders, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}

/** Whether a request carries a signature, by its URL, headers and body. */
export function isSigned({ url = '', headers, body }: RequestAsSent): boolean {
  return (
    isSignedUrl(url) ||
    (headers !== undefined &&
      [...(headers as PastedHeaders)].some(([name, value]) => /^authorization$/i.test(name) && /^AWS/.test(value))) ||
    (typeof body === 'string' && /name="x-amz-(?:signature|credential)"/i.test(body))
  )
}

/** Whether a URL carries a signature, of version 4 or of version 2. */
export function isSignedUrl(url: string): boolean {
  return /[?&;](?:X-Amz-(?:Signature|Credential|Algorithm)|AWSAccessKeyId)=/i.test(url)
}

/** Whether a line ends every message: the end of a code block, or a rule of dashes. */
export function isRule(line: string): boolean {
  return line === FENCE || /^ *-{3}/.test(line)
}

/** A line without the spaces that its first line was indented by. */
export function dedent(line: string, indent: number): string {
  let at = 0
  while (at < indent && (line[at] === ' ' || line[at] === '\t')) at++
  return line.slice(at)
}

/** How many spaces and tabs a line starts with. */
export function indentOf(line: string): number {
  let at = 0
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

/** Some lines, joined and without their common indent; within the budget. */
export function region(paste: Paste, from: number, to: number): string {
  const indent = indentOf(paste.lines[from]!)
  const text = paste.lines
    .slice(from, to + 1)
    .map((line) => dedent(line, indent))
    .join('\n')
  paste.budget.left -= text.length
  return text
}

/** The index of the line that has a place of the text. */
export function lineAt({ starts }: Paste, place: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (starts[middle]! <= place) low = middle
    else high = middle - 1
  }
  return low
}

/** Decodes the escapes of a string in JSON, JavaScript, Python or a log. */
export function unescapeString(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|x([\da-f]{2})|(.))/gis, (_, unit, octet, mark: string | undefined) => {
    if (mark === undefined) return String.fromCharCode(Number.parseInt(unit ?? octet, 16))
    const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', 0: '\0', b: '\b', f: '\f' }
    return Object.hasOwn(named, mark) ? named[mark]! : mark
  })
}
