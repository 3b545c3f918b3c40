import { STATUS_CODES } from 'node:http'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'
import { readServiceError } from '../../../../src/internal/errors.ts'
import type { Pair } from '../../../../src/internal/http.ts'
import { maskSecrets } from '../explain/paste/clean/secrets.ts'
import { createRedactor, hideHeader, hideNamed } from '../explain/redact.ts'
import { parseRequest } from '../explain/request/facts.ts'
import { formatBody, formatReceived } from '../formats/message.ts'
import { secretShapes, secretsOfCredential } from '../redaction/find.ts'
import { printable } from '../redaction/unprintable.ts'
import { pairsOf } from './host.ts'

// A rejected request as it was received, and its response, in the form of the logs of curl, which `explain` reads. Secrets
// are hidden. What is not needed to check the signature is cut.

/** Maximum number of headers of a message, and of the characters of them all. */
const MAX_HEADERS = 60
const MAX_HEAD = 12 * 1024
/** Maximum number of characters of a value that is signed, of one that is not, and what is shown of a longer one. */
const MAX_SIGNED = 4000
const MAX_UNSIGNED = 500
const MAX_START = 150
/** Maximum number of characters of a target, and of its escapes: each is searched for secrets. */
const MAX_TARGET = 8 * 1024
const MAX_ESCAPES = 512
/** Maximum number of characters of the body of a response. */
const MAX_BODY = 4000
/** Maximum number of its bytes that are searched for secrets. */
const MAX_READ = 16 * 1024
/** Maximum number of characters of the names of headers that are not shown. */
const MAX_NAMES = 200

/** A request that was rejected, and what is known of its body. */
export interface RejectedRequest {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
  /** The bytes of the body that were read. */
  readonly bodyLength: number
  /** The SHA-256 of the body; `undefined` if it was not read completely. */
  readonly bodyHash: string | undefined
}

/** The response to it. */
export interface Rejection {
  readonly status: number
  readonly headers: readonly Pair[]
  /** The body, or its start. */
  readonly body: Uint8Array
  /** The length of the complete body. */
  readonly bodyLength: number
}

/** Formats a rejected request and its response, in lines. `upstream`: the host of the server, if a proxy received it. */
export function exchangeLines(
  upstream: string | undefined,
  request: RejectedRequest,
  response: Rejection,
  credentials: SecretCredentials | undefined,
): string[] {
  const { method, httpVersion, bodyLength, bodyHash } = request
  const target = shortTarget(request.url)
  const { shown, left } = selectHeaders(pairsOf(request.rawHeaders).map(readable), target.url)
  const content = contentOf(response)
  const { code, message = '' } = readServiceError(() => undefined, content.text)
  const isWrong = code === 'SignatureDoesNotMatch' || /signature.{1,40} does not match/i.test(message)
  const [, keyId = ''] = /<AWSAccessKeyId>([^<]{1,1000})/.exec(content.text) ?? []
  const parsed = parseRequest({ method, url: target.url, headers: shown })
  const hide = createRedactor(
    parsed,
    credentials,
    [message, content.text],
    [
      ...secretsOfCredential(keyId),
      ...secretShapes(message),
      ...shapesIn([...shown, ...parsed.parameters.map(({ decoded, value = '' }): Pair => [decoded, value])]),
      ...(isWrong ? [] : signaturesIn(shown, target.url)),
    ],
  )
  const headerOf = ([name, value]: Pair, max: number): string => {
    const text = hideHeader(name, value, hide)
    return `${name}: ${text.length > max ? start(text) : text}`
  }
  const isSigned = signedBy(shown, target.url)
  const answered = response.headers.slice(0, MAX_HEADERS).map(readable)
  const text = hideNamed(hide(content.text)).trim()
  // the page of a proxy, such as one that requires a login
  const isLong = text.length > MAX_BODY
  const lines = [
    formatReceived(upstream),
    `> ${method} ${hideNamed(hide(target.url))} HTTP/${httpVersion}`,
    ...shown.map((pair) => `> ${headerOf(pair, isSigned(pair[0]) ? MAX_SIGNED : MAX_UNSIGNED)}`),
    '>',
    ...target.notes,
    ...(left.length > 0 ? [`* ${counted(left.length, 'more header')} not shown: ${namesOf(left)}`] : []),
    bodyHash === undefined ? unreadBody(request) : formatBody(bodyLength, bodyHash),
    `< HTTP/1.1 ${[response.status, STATUS_CODES[response.status]].join(' ').trim()}`,
    ...answered.map((pair) => `< ${headerOf(pair, MAX_UNSIGNED)}`),
    '<',
    ...(text === '' ? [] : (isLong ? `${text.slice(0, MAX_BODY)}…` : text).split(/\r?\n/)),
    ...(isLong ? [`* The body of the response has ${response.bodyLength} bytes`] : content.notes),
  ]
  maskSecrets(lines)
  return lines.map(printable)
}

/** Values of headers and parameters that are as long as secret keys: hashes, and paths. */
const LONG =
  /^(?:x-amz-checksum-|content-md5$|(?:content-|repr-)?digest$|referer$|x-amz-copy-source$|x-(?:original|rewrite)-)/i

/** Returns the values that look like secret keys. */
function shapesIn(pairs: readonly Pair[]): string[] {
  return pairs.filter(([name]) => !LONG.test(name)).flatMap(([, value]) => secretShapes(value))
}

/** Returns the signatures of a request. One that is not wrong would allow anyone who reads the log to repeat the request. */
function signaturesIn(headers: readonly Pair[], url: string): string[] {
  const texts = [url, ...headers.map(([, value]) => value)]
  return texts.flatMap((text) => [...text.matchAll(/Signature=([^&,\s]+)/gi)].map(([, signature = '']) => signature))
}

/** A header that consists of bytes, as characters if it is UTF-8. */
function readable([name, value]: Pair): Pair {
  const text = Buffer.from(value, 'latin1').toString()
  return [name, text.includes('\ufffd') ? value : text]
}

/** The start of a value. The mark shows `explain` that the value is not complete. */
function start(text: string): string {
  return `${text.slice(0, MAX_START)}… (${text.length} characters)`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? ' is' : 's are'}`
}

/** A query string can contain secrets anywhere, so a long one is not cut, but omitted. */
function shortTarget(url: string): { url: string; notes: string[] } {
  if (url.length <= MAX_TARGET && url.split('%').length <= MAX_ESCAPES) return { url, notes: [] }
  const [path = ''] = url.split('?')
  const shown = path.length > MAX_UNSIGNED ? `${path.slice(0, MAX_START).replace(/%.?$/, '')}…` : path
  return { url: url.includes('?') ? `${shown}?…` : shown, notes: [`* The target has ${url.length} characters`] }
}

/** Returns a function that returns whether a header is signed. */
function signedBy(headers: readonly Pair[], url: string): (name: string) => boolean {
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? ''
  const [, list = ''] = /SignedHeaders=([^,&\s]+)/i.exec(`${authorization},${url}`) ?? []
  const names = new Set(list.toLowerCase().split(/;|%3b/i))
  return (name) => names.has(name.toLowerCase()) || name.toLowerCase() === 'authorization'
}

/** Headers that show how a request arrived, even if they are not signed. */
const TELLING = /^(?:host|date|x-amz-.*|content-.*|transfer-encoding|via|forwarded|x-forwarded-.*|x-original-.*)$/i

/** Selects the headers to show, those first that a signature depends on. A value that is too long is replaced. */
function selectHeaders(pairs: readonly Pair[], url: string): { shown: Pair[]; left: string[] } {
  const isSigned = signedBy(pairs, url)
  const short = pairs.map(
    ([name, value]): Pair => [
      name,
      // not its start, which may be a part of a secret
      value.length > MAX_SIGNED ? `… (${value.length} characters)` : value,
    ],
  )
  const rankOf = ([name]: Pair): number => (isSigned(name) ? 0 : TELLING.test(name) ? 1 : 2)
  const chosen = new Set<Pair>()
  let size = 0
  for (const rank of [0, 1, 2])
    for (const pair of short) {
      const length = pair[0].length + pair[1].length
      if (rankOf(pair) !== rank || chosen.size >= MAX_HEADERS || size + length > MAX_HEAD) continue
      chosen.add(pair)
      size += length
    }
  const left = short.filter((pair) => !chosen.has(pair)).map(([name]) => name)
  return { shown: short.filter((pair) => chosen.has(pair)), left }
}

function namesOf(names: readonly string[]): string {
  const text = [...new Set(names)].join(', ')
  return text.length > MAX_NAMES ? `${text.slice(0, MAX_NAMES)}…` : text
}

function unreadBody({ rawHeaders, bodyLength }: RejectedRequest): string {
  const stated = pairsOf(rawHeaders).find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const of = /^\d{1,15}$/.test(stated ?? '') ? ` of ${stated}` : ''
  return `* Body: only ${bodyLength}${of} bytes were read, so that its SHA-256 is not known`
}

/** The body of a response as text. Bytes in hex, which repeat other elements with their secrets, are omitted. */
function contentOf({ headers, body, bodyLength }: Rejection): { text: string; notes: string[] } {
  if (bodyLength === 0) return { text: '', notes: [] }
  const coding = headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? 'identity'
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const text = bytes.toString('utf8', 0, MAX_READ).replace(/<(\w{1,40}Bytes)>[\da-fA-F\s]*(?:<\/\1>|$)/g, '')
  if (coding !== 'identity' || text.slice(0, -1).includes('\ufffd'))
    return { text: '', notes: [`* The body of the response is not text: ${bodyLength} bytes`] }
  return { text, notes: [] }
}
