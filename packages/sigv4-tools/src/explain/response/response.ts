import { ERROR_TYPE, fail } from '../../../../../src/internal/errors.ts'
import { bodyContent } from '../../../../../src/internal/http.ts'
import { isObject } from '../../../../../src/internal/options.ts'
import { unescapeXml } from '../../../../../src/internal/xml.ts'
import { findStart, parseCanonicalRequest } from '../../formats/canonical-request.ts'
import { secondsOf } from '../model/duration.ts'
import { fromAnyOctets, isCutOff, octetsOf, octetsOfHex } from '../request/octets.ts'

// Parses a service's response.

/** The strings that a service computed. */
export interface ComputedStrings {
  readonly canonicalRequest?: string | undefined
  readonly stringToSign?: string | undefined
}

/** A response as it was received. */
export interface ResponseAsReceived {
  readonly status?: number | undefined
  readonly headers?:
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | Iterable<readonly [string, string]>
    | undefined
  /** A string or bytes. */
  readonly body?: string | Uint8Array | undefined
  /** The code of an error that exists only as text, such as an exception in a log. @default the code in the body or the headers */
  readonly code?: string | undefined
  /** The message of such an error. @default the message in the body */
  readonly message?: string | undefined
  /** The elements of an error, if they were read already. @default those in the body */
  readonly elements?: Readonly<Record<string, string>> | undefined
  /** The strings that the service computed, if they were read already. @default those in the body and the message */
  readonly strings?: ComputedStrings | undefined
}

/** A parsed response. */
export interface ServiceResponse {
  readonly status: number | undefined
  /** The error code, such as `SignatureDoesNotMatch`; empty if it is missing. */
  readonly code: string
  readonly message: string
  /** Elements of an XML error, or members of a JSON one. */
  readonly elements: ReadonlyMap<string, string>
  readonly headers: ReadonlyMap<string, string>
  /** The canonical request that the service computed, if it returned it. */
  readonly canonicalRequest: string | undefined
  readonly stringToSign: string | undefined
  /** Whether the body is neither a string nor bytes: `Response` of fetch has a stream. */
  readonly isBodyUnread: boolean
  /** Whether the body is a page to log in. */
  readonly isPage: boolean
  /** Whether the end of the error was cut off, by a log or by a copy. */
  readonly isCut: boolean
  /** The time of the response, in epoch milliseconds. */
  readonly time: number | undefined
}

/** Parses a response: XML, JSON, HTML or plain text. */
export function readResponse(response: ResponseAsReceived): ServiceResponse {
  if (typeof response !== 'object')
    fail('ERR_INVALID_ARG_TYPE', 'input.response', 'type', 'Pass { status, headers, body } as they were received.')
  const given = response.headers ?? []
  if (!isObject(given))
    fail('ERR_INVALID_ARG_TYPE', 'input.response.headers', 'type', 'Pass names and values as they were received.')
  const text = textOf(response.body)
  const body = (text ?? '').trim()
  const unmarked = body.replace(MARK, '')
  const headers = new Map<string, string>()
  const pairs = Symbol.iterator in given ? [...(given as Iterable<readonly [string, unknown]>)] : Object.entries(given)
  if (!pairs.every((pair) => Array.isArray(pair)))
    fail('ERR_INVALID_ARG_TYPE', 'input.response.headers', 'type', 'Pass names and values as they were received.')
  for (const [name, value] of pairs)
    if (value !== undefined && value !== null) headers.set(String(name).toLowerCase(), [value].flat().join(', '))
  const header = (...names: string[]): string | undefined => names.map((name) => headers.get(name)).find((each) => each)
  const elements = response.elements ? new Map(Object.entries(response.elements)) : readBody(unmarked)
  const element = (...names: string[]): string | undefined =>
    names.map((name) => elements.get(name)?.trim()).find((each) => each)
  const told =
    response.message ??
    element('Message', 'message', 'errorMessage') ??
    header('x-amz-error-message', 'x-amzn-errormessage', 'x-amzn-error-message') ??
    header('x-minio-error-desc')?.replace(/^"|"$/g, '') ??
    ''
  const prose = readProse(told)
  const code =
    response.code ??
    element('Code') ??
    nameOf(element('__type', 'code', 'errorType') ?? header(ERROR_TYPE)) ??
    /^\w+$/.exec(element('type') ?? '')?.[0] ??
    header('x-amz-error-code', 'x-minio-error-code') ??
    prose.code ??
    ''
  const words = (code === prose.code ? prose.message : undefined) ?? told
  // Google writes the reason into Details
  const details = element('Details')
  const message = details === undefined || words.includes(details) ? words : `${words} ${details}`.trim()
  const { canonicalRequest, stringToSign } = response.strings ?? {}
  const canonicalProse = quoted(message, /Canonical String for this request should have been\n?'/, "'\n")
  const toSignProse = quoted(message, /String-to-Sign should have been\n?'/, "'")
  const time = secondsOf(elements.get('ServerTime')) ?? secondsOf(headers.get('date'))
  return {
    status: Number(response.status) || statusOf(element('statusCode', 'status') ?? prose.status),
    code,
    message,
    elements,
    headers,
    canonicalRequest: canonicalRequest ?? exact(elements, 'CanonicalRequest') ?? canonicalProse,
    stringToSign: stringToSign ?? exact(elements, 'StringToSign') ?? toSignProse,
    isBodyUnread: text === undefined,
    isPage:
      /^\s*<(?:!doctype html|html)\b/i.test(body) &&
      /\b(?:log|sign)[ -]?in\b|type=["']?password/i.test(body.slice(0, 20_000)),
    isCut: unmarked !== body || isUnclosed(body) || MARK.test(message),
    time: time === undefined ? undefined : time * 1000,
  }
}

function textOf(body: unknown): string | undefined {
  const content = bodyContent(body)
  return typeof content === 'object' ? fromAnyOctets(octetsOf(content)) : content
}

/** `com.amazon.coral.service#ErrorName:http://…` is `ErrorName`. A number is a status. */
function nameOf(type = ''): string | undefined {
  const [name = ''] = type.slice(type.lastIndexOf('#') + 1).split(':')
  return /^\d*$/.test(name) ? undefined : name
}

function statusOf(text = ''): number | undefined {
  return /^[1-5]\d\d$/.test(text) ? Number(text) : undefined
}

/** The mark that logs write in place of the end of a body. */
const MARK = /\s{0,9}(?:…|\.{3}|[([<] ?(?:\.{3})? ?truncated ?(?:\.{3})?[)\]>]){1,2}$/i

/** Returns whether the first element of XML, or JSON, does not end. */
function isUnclosed(body: string): boolean {
  const [, root] = /^[^{]{0,200}?<([A-Za-z][\w:-]{0,80})/.exec(body) ?? []
  return root === undefined ? /^[{[].*[^}\]]$/s.test(body) : !body.includes(`</${root}`)
}

/** Returns the usable start of an element: a code, a message without a word that may be cut, lines of a canonical request. */
function startOf(name: string, text: string): string | undefined {
  if (name === 'CanonicalRequest') return findStart(text) ?? (parseCanonicalRequest(text) ? undefined : text)
  if (/^(?:Message|message|errorMessage)$/.test(name)) return text.replace(/(?<!\S)\S*[^\s.]$/, '')
  return /^(?:Code|code|__type)$/.test(name) ? text : undefined
}

/** The string between a pattern and an end; the start of a canonical request that has no end. */
function quoted(text: string, start: RegExp, end: string): string | undefined {
  const found = start.exec(text)
  if (!found) return undefined
  const from = found.index + found[0].length
  const to = text.indexOf(end, from)
  return to < 0 ? findStart(text.slice(from)) : text.slice(from, to)
}

/** A string that the service computed. Its bytes in hex take precedence if the string lost line breaks or whitespace. */
function exact(elements: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = elements.get(name)
  const octets = textOfHex(elements.get(`${name}Bytes`))
  if (text === undefined || octets === undefined) return text ?? octets
  const lines = (string: string): number => string.split('\n').length
  const solid = (string: string): string => string.replace(/\s/g, '')
  // a string that differs otherwise may be redacted, like the request
  const isDamaged = lines(text) !== lines(octets) || solid(text) === solid(octets)
  return isDamaged && !isCutOff(octets, text) ? octets : text
}

function textOfHex(hex = ''): string | undefined {
  const digits = hex.replace(/\s/g, '')
  if (digits === '' || digits.length % 2 || !/^[\da-f]+$/i.test(digits)) return undefined
  return fromAnyOctets(octetsOfHex(digits))
}

function readBody(body: string): Map<string, string> {
  const start = body.trimStart()
  if (/^[[{]/.test(start)) return readJson(start)
  if (/^<(?:!doctype html|html|head|body)/i.test(start)) return readHtml(start)
  if (start.startsWith('<')) return readXml(start)
  return new Map(start ? [['Message', start.slice(0, 65_536).trimEnd()]] : [])
}

/** Names of elements that contain an error: a different root, with a message in it, is the code. */
const CONTAINERS = /^(?:\w*Response|Errors?|Fault|\w*Result)$/i

function readXml(body: string): Map<string, string> {
  const text = withoutCdata(body)
  const elements = firstOf(text.matchAll(/<(?:[\w-]+:)?([\w-]+)(?:\s[^<>]*)?>([^<]*)(?:(<\/)|$|<$)/g), unescapeXml)
  const root = /<([A-Z]\w+)/.exec(text)?.[1]
  if (root !== undefined && !CONTAINERS.test(root) && !elements.has('Code') && /<message>/i.test(text))
    elements.set('Code', root)
  return elements
}

/** Names and decoded values, the first of each name; of one without an end, only its start. */
function firstOf(found: Iterable<RegExpMatchArray>, decoded: (text: string) => string): Map<string, string> {
  const elements = new Map<string, string>()
  for (const [, name = '', text = '', end] of found) {
    const value = end === undefined ? startOf(name, decoded(text)) : decoded(text)
    if (value !== undefined && !elements.has(name)) elements.set(name, value)
  }
  return elements
}

function withoutCdata(text: string): string {
  const [first = '', ...rest] = text.split('<![CDATA[')
  const escaped = rest.map((part) => {
    const end = part.includes(']]>') ? part.indexOf(']]>') : part.length
    return part.slice(0, end).replaceAll('&', '&amp;').replaceAll('<', '&lt;') + part.slice(end + 3)
  })
  return [first, ...escaped].join('')
}

/** The error page of a website endpoint, or of a proxy. */
function readHtml(body: string): Map<string, string> {
  const elements = firstOf(body.matchAll(/<li>\s*(\w+):([^<]*)(<)?/gi), (text) => unescapeXml(text).trim())
  const title = /<(?:title|h1)>([^<]*)/i.exec(body)?.[1]?.trim()
  const status = /^[45]\d\d\b/.exec(title ?? '')?.[0]
  if (status !== undefined) elements.set('status', status)
  if (title && !elements.has('Message')) elements.set('Message', unescapeXml(title))
  return elements
}

function readJson(body: string): Map<string, string> {
  const elements = new Map<string, string>()
  try {
    collect([JSON.parse(body)], elements, 3)
    return elements
  } catch {
    // a truncated error: a longer text would exhaust the stack of the matcher
    const text = body.slice(0, 262_144)
    return firstOf(text.matchAll(/"(\w+)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)(")?/g), unescapeJson)
  }
}

/** Members that are an error, or contain one. */
const NESTED = /^(?:errors?|\d+|response|body|data|fault)$/i

/** Collects strings and statuses, those of the outermost object first. */
function collect(values: readonly unknown[], elements: Map<string, string>, depth: number): void {
  const inner: unknown[] = []
  for (const value of values.slice(0, 100)) {
    if (typeof value !== 'object' || value === null) continue
    for (const [name, member] of Object.entries(value).slice(0, 1000)) {
      if (typeof member === 'string' || (typeof member === 'number' && /^status/.test(name))) {
        // {"error":"SignatureDoesNotMatch"} is a code; {"reason":"no permissions","type":"Forbidden"} has both
        const known = name === 'error' && /^\w+$/.test(String(member)) ? 'code' : name === 'reason' ? 'message' : name
        if (!elements.has(known)) elements.set(known, String(member))
      } else if (NESTED.test(name)) inner.push(member)
    }
  }
  if (inner.length && depth > 0) collect(inner, elements, depth - 1)
}

function unescapeJson(text: string): string {
  try {
    const complete = text.replace(/\\u[\da-f]{0,3}$/i, '')
    return JSON.parse(`"${complete.replace(/\\'/g, "'").replace(/[\n\r\t]/g, ' ')}"`)
  } catch {
    return text
  }
}

interface Prose {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly status?: string | undefined
}

/** Reads the messages that clients print: `An error occurred (Code) when calling …: message`, `message (Service: …; Error Code: …)`. */
function readProse(text: string): Prose {
  const head = text.slice(0, 4096)
  const boto = /An error occurred \(([\w.]+)\) when calling the \w+ operation[^:]*: /.exec(head)
  if (boto) return { code: nameOf(boto[1]), message: text.slice(boto.index + boto[0].length) }
  const java = /\(Service: [^;()]*; Status Code: (\d+);(?: Error Code: ([\w.]+);)?/.exec(head)
  if (java) return { code: java[2], message: text.slice(0, java.index).trim() || text, status: java[1] }
  const [start = '', name = ''] = /^(?:\w+\.)*([A-Z]\w+): /.exec(head) ?? []
  return /[a-z][A-Z]/.test(name) ? { code: name, message: text.slice(start.length) } : {}
}

/** Returns whether a response is from S3 or an S3-compatible server. */
export function isFromS3({ elements, headers }: ServiceResponse): boolean {
  const isServer = /s3|minio|versitygw/i.test(headers.get('server') ?? '')
  return elements.has('HostId') || headers.has('x-amz-id-2') || isServer
}
