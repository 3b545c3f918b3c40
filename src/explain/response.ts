import { unescapeXml } from '../core/encoding/xml.ts'
import { fail } from '../core/errors.ts'
import { bodyContent } from '../core/http/body.ts'
import { fromOctets, octetsOf } from './octets.ts'

// The answer of a service, read for what it says of the signature.

/** A response as it came. */
export interface ResponseAsReceived {
  readonly status?: number | undefined
  readonly headers?:
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | Iterable<readonly [string, string]>
    | undefined
  /** Text or bytes; what else there may be is not read. */
  readonly body?: string | Uint8Array | undefined
  /** The code of an error that exists only as text, such as an exception in a log. @default the code in the body or the headers */
  readonly code?: string | undefined
  /** The message of such an error. @default the message in the body */
  readonly message?: string | undefined
}

/** What a service answered. */
export interface Answer {
  readonly status: number | undefined
  /** The service's name of the error, `SignatureDoesNotMatch`; empty if it has none. */
  readonly code: string
  readonly message: string
  /** Elements of an XML error, or members of a JSON one. */
  readonly elements: ReadonlyMap<string, string>
  readonly headers: ReadonlyMap<string, string>
  /** What the service computed, where it says so. */
  readonly canonicalRequest: string | undefined
  readonly stringToSign: string | undefined
  /** When it answered, epoch milliseconds. */
  readonly time: number | undefined
}

/** Reads an answer: the XML of S3 and its like, JSON, or plain text. */
export function readAnswer(response: ResponseAsReceived): Answer {
  if (typeof response !== 'object')
    fail('ERR_INVALID_ARG_TYPE', 'input.response', 'type', 'Pass { status, headers, body } as they were received.')
  const given = response.headers ?? []
  const status = Number(response.status) || undefined
  const body = textOf(response.body)
  const headers = new Map<string, string>()
  const pairs = Symbol.iterator in given ? given : Object.entries(given)
  for (const [name, value] of pairs as Iterable<readonly [string, unknown]>)
    if (value !== undefined && value !== null) headers.set(String(name).toLowerCase(), [value].flat().join(', '))
  const elements = body.trimStart().startsWith('{') ? readJson(body) : readXml(body)
  const type = (elements.get('__type') ?? elements.get('code') ?? headers.get('x-amzn-errortype') ?? '')
    .split('#')
    .pop()!
  const code = response.code ?? elements.get('Code') ?? (type.split(':')[0] || headers.get('x-minio-error-code') || '')
  const message =
    response.message ?? elements.get('Message') ?? elements.get('message') ?? headers.get('x-minio-error-desc') ?? ''
  const canonicalProse = quoted(message, /Canonical String for this request should have been\n?'/, "'\n")
  const toSignProse = quoted(message, /String-to-Sign should have been\n?'/, "'")
  return {
    status,
    code,
    message,
    elements,
    headers,
    canonicalRequest: elements.get('CanonicalRequest') ?? canonicalProse,
    stringToSign: elements.get('StringToSign') ?? toSignProse,
    time: moment(elements.get('ServerTime')) ?? moment(headers.get('date')),
  }
}

function textOf(body: unknown): string {
  const content = body === undefined || body === null ? '' : bodyContent(body)
  return content === undefined ? '' : typeof content === 'string' ? content : fromOctets(octetsOf(content))
}

/** The text between what a pattern matches and an end. */
function quoted(text: string, start: RegExp, end: string): string | undefined {
  const found = start.exec(text)
  if (!found) return undefined
  const from = found.index + found[0].length
  const to = text.indexOf(end, from)
  return to < 0 ? undefined : text.slice(from, to)
}

function moment(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '')
  return time >= 0 && time < 253_402_300_800_000 ? time : undefined
}

function readXml(body: string): Map<string, string> {
  const elements = new Map<string, string>()
  for (const [, name, text] of body.matchAll(/<([\w-]+)(?:\s[^<>]*)?>([^<]*)<\//g))
    if (!elements.has(name!)) elements.set(name!, unescapeXml(text!))
  return elements
}

function readJson(body: string): Map<string, string> {
  const elements = new Map<string, string>()
  try {
    const value: unknown = JSON.parse(body)
    for (const [name, member] of Object.entries(value ?? {})) if (typeof member === 'string') elements.set(name, member)
  } catch {
    // an answer cut short says nothing
  }
  return elements
}
