import { decode, decodeToOctets } from '../../../../../../src/internal/encoding.ts'
import type { Cause } from '../../model/causes.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import type { ResponseAsReceived } from '../../response/response.ts'

// Shared by the readers of a pasted text: its lines, and their findings.

/** The kind of an item in a pasted text. */
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

/** An item that was recognized in a pasted text. */
export interface EvidenceItem {
  readonly kind: EvidenceKind
  /** The first and the last line, from 1. */
  readonly lines: readonly [first: number, last: number]
  /** In plain English: `PUT request from a curl log`. */
  readonly description: string
  /** Set for the request that was chosen from several. */
  readonly isExplained?: true
}

/** Headers of a pasted message, names and values unchanged. */
export type PastedHeaders = readonly (readonly [name: string, value: string])[]

/** Parts of a request that stand alone, in the words of a program or of its author. */
export interface Parts {
  readonly method?: string | undefined
  /** The URL or the target. */
  readonly url?: string | undefined
  /** Headers that code sets: others may be sent, too. */
  readonly headers?: PastedHeaders | undefined
}

/** A recognized item, and its contents. */
export interface Found {
  readonly kind: EvidenceKind
  /** Indexes of the first and the last line. */
  readonly from: number
  readonly to: number
  /** The column of its start in the first line, if something else precedes it. */
  readonly column?: number
  readonly description: string
  readonly request?: RequestAsSent
  /** The host of the server to which the proxy that received the request forwards it. */
  readonly upstream?: string | undefined
  /** Headers of a request that stand alone. */
  readonly headers?: PastedHeaders
  /** Other parts of a request that stand alone. */
  readonly parts?: Parts
  readonly response?: ResponseAsReceived
  /** The canonical request that the response shows. */
  readonly shown?: string | undefined
  /** Strings that stand alone. */
  readonly canonicalRequest?: string
  /** The same, with every line as in the text. */
  readonly written?: string
  readonly stringToSign?: string
  /** Set for a request in the log of a server, or that words before it call received. */
  readonly isReceived?: boolean | undefined
  /** The side that computed them, if the text shows it. */
  readonly side?: 'client' | 'server' | undefined
}

export type FoundRequest = Found & { readonly request: RequestAsSent }

/** A part of a response. */
export type FoundResponse = Found & { readonly response: ResponseAsReceived }

/** A hint at a cause, and the line that shows it. */
export interface Hint {
  readonly cause: Cause
  readonly line: number
  readonly description: string
}

/** A pasted text without the additions of mail, editors and terminals. */
export interface Paste {
  readonly lines: readonly string[]
  /** The lines again, joined. */
  readonly text: string
  /** The start of each line in the text. */
  readonly starts: readonly number[]
  /** The line of the pasted text that each is from: a line of a log may contain several. */
  readonly origins: readonly number[]
  /** Characters that may still be read ahead: lookahead that fails must not add up. */
  readonly budget: { left: number }
}

/** Finds an item that starts on the line at an index. */
export type Reader = (paste: Paste, at: number, line: string) => readonly Found[] | undefined

/** The line that starts or ends a code block. */
export const FENCE = '```'

export function last<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let i = list.length - 1; i >= 0; i--) if (fits(list[i]!)) return list[i]
  return undefined
}

/** An object without the members that are not known. */
export function known<T extends object>(members: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}

/** A request whose method, headers and body may be unknown. */
export function pastedRequest(
  method: string | undefined,
  url: string,
  headers?: PastedHeaders | undefined,
  body?: string | Uint8Array | undefined,
): RequestAsSent {
  return known({ method, url, headers, body }) as RequestAsSent
}

/** A request that was found. `what`: its source, such as `a curl log`. */
export function foundRequest(
  [from, to]: readonly [from: number, to: number],
  what: string,
  ...parts: Parameters<typeof pastedRequest>
): FoundRequest {
  const description = `${parts[0] ?? 'A'} request from ${what}`
  return { kind: 'request', from, to, description, request: pastedRequest(...parts) }
}

export function foundResponse(
  [from, to]: readonly [from: number, to: number],
  status: number | undefined,
  headers: PastedHeaders,
  body?: string | Uint8Array,
): Found {
  const description = `Response ${status === undefined ? 'without a status' : `with status ${status}`}`
  return { kind: 'response', from, to, description, response: known({ status, headers, body }) }
}

/** The value of the first header of that name. */
export function headerOf(headers: PastedHeaders, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}

/** Returns whether headers that a program printed are only some: a signer does not leave out two that it has signed, or one whose name starts with x-amz-. */
export function arePartial(headers: PastedHeaders): boolean {
  const [, list = ''] = /SignedHeaders=\s?([^,\s]{1,2000})/.exec(headerOf(headers, 'authorization') ?? '') ?? []
  const missing = list
    .toLowerCase()
    .split(';')
    .filter((name) => name !== '' && name !== 'host' && headerOf(headers, name) === undefined)
  return missing.length > 1 || missing.some((name) => name.startsWith('x-amz-'))
}

/** Returns whether a request contains a signature, in its URL, headers or form. */
export function isSigned({ url = '', headers, body }: RequestAsSent): boolean {
  return (
    isSignedUrl(url) ||
    /^AWS/.test(headerOf((headers ?? []) as PastedHeaders, 'authorization') ?? '') ||
    (typeof body === 'string' && /name="x-amz-(?:signature|credential)"/i.test(body))
  )
}

/** Returns whether a URL contains a signature, of version 4 or of version 2. */
export function isSignedUrl(url: string): boolean {
  return /[?&;](?:X-Amz-(?:Signature|Credential|Algorithm)|AWSAccessKeyId)=/i.test(url)
}

/** Some lines, joined and without the indentation of the first; within the budget. */
export function region(paste: Paste, from: number, to: number): string {
  const [indent = ''] = /^[ \t]*/.exec(paste.lines[from] ?? '') ?? []
  const lines = paste.lines.slice(from, to + 1)
  const text = lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart())).join('\n')
  paste.budget.left -= text.length
  return text
}

/** The index of the line that contains a position in the text. */
export function lineAt({ starts }: Paste, place: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (starts[middle]! <= place) low = middle
    else high = middle - 1
  }
  return low
}

const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', b: '\b', f: '\f' }

/** Decodes the escapes of a string in JSON, JavaScript, Python or a log. Bytes are UTF-8, or otherwise characters. */
export function unescapeString(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|(x[\da-f]{2}(?:\\x[\da-f]{2})*)|(.))/gis, (_, unit, bytes, mark) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
    if (mark !== undefined) return NAMED[mark] ?? mark
    const escapes = bytes.replace(/\\?x/gi, '%')
    const decoded = decode(escapes)
    return decoded === escapes ? decodeToOctets(escapes) : decoded
  })
}
