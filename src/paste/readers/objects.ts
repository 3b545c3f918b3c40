import { isObject } from '../../core/kind.ts'
import type { ResponseAsReceived } from '../../explain/response/response.ts'
import { FENCE, type Found, headerOf, isSignedUrl, lineAt, type Paste, pastedRequest, type Reader } from '../found.ts'
import { type Members, readLiteral } from '../literal.ts'
import { recoverProse } from '../recover.ts'
import { writeXml } from '../xml.ts'
import { headersOf, member, readHar } from './har.ts'
import { readError } from './messages.ts'

// Objects: HAR files, errors in JSON, and what programs print of errors and requests.

/** Members that are an error, or contain one. */
const NESTED =
  'Body Response Error error errors Errors err exception response data body detail cause $response $metadata'
const CODES = 'Code __type code errorCode error_code ErrorCode errorType error name'
const MESSAGES = 'Message detailedMessage message errorMessage error_description error msg'
const STATUSES = 'statusCode status_code status httpStatusCode HTTPStatusCode StatusCode code'
/** Elements of an S3 error, which the SDKs keep as members. */
const SHOWN = 'AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes'
const MOST_PARTS = 30

/** Reads an object that starts on a line. */
export const readObject: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /\{\s*(?:["'$\w]|\[(?!\d+ bytes data)|:\w+ *=>|$|\})|^\s*\[\s*(?:[{"]|$)/.exec(line)
  if (!start || paste.budget.left < 0 || /<(?:\?xml|Error\b)/.test(line.slice(0, start.index))) return undefined
  const column = start.index + (start[0].length - start[0].trimStart().length)
  const from = paste.starts[at]! + column
  const literal = parse(paste, from)
  if (!literal || !isObject(literal.value)) return undefined
  const to = lineAt(paste, literal.end - 1)
  for (let i = at; i <= to; i++) if (paste.lines[i] === FENCE) return undefined
  const value = literal.value as Members
  const har = readHar(value, [at, to])
  if (har) return har
  const place = { from: at, to, column }
  const [indent] = /^[ \t]*/.exec(line)!
  const text = paste.text.slice(from, literal.end).replaceAll(`\n${indent}`, '\n')
  return readRequest(value, place) ?? readErrorObject(value, text, place)
}

function parse(paste: Paste, from: number): { value: unknown; end: number } | undefined {
  const rest = from < 2000 && paste.text[from] === '{' ? paste.text.slice(from).trimEnd() : ''
  const value = rest.endsWith('}') ? parseJson(rest) : undefined
  if (value !== undefined) return { value, end: from + rest.length }
  const literal = readLiteral(paste.text, from)
  paste.budget.left -= (literal ? literal.end : paste.text.length) - from
  return literal
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Place = Pick<Found, 'from' | 'to' | 'column'>

/** A request as a client or a signer has it: its headers, or its options with them. */
function readRequest(value: Members, place: Place): Found[] | undefined {
  const own = headersOf(value.headers ?? value.header)
  const headers = own.length > 0 ? own : headersOf(value)
  const isIn = (name: string): boolean => headerOf(headers, name) !== undefined
  const isForSigning = isIn('x-amz-date') && (isIn('host') || isIn('authorization'))
  if (!/^AWS/.test(headerOf(headers, 'authorization') ?? '') && !isForSigning) return undefined
  const found = { ...place, kind: 'request', description: 'Request that a program printed' } as const
  const textOf = (...names: string[]): string | undefined =>
    names.map((name) => value[name]).find((each): each is string => typeof each === 'string' && each !== '')
  const path = textOf('url', 'href', 'path', 'pathname', 'reqURI')
  const host = textOf('hostname', 'host') ?? headerOf(headers, 'host')
  if (headers !== own || (path ?? host) === undefined) return [{ ...found, headers }]
  const origin = `https://${host}${Number(value.port) ? `:${value.port}` : ''}`
  const url = path?.startsWith('http') || host === undefined ? path! : `${origin}${path ?? '/'}`
  return [{ ...found, request: pastedRequest(textOf('method')?.toUpperCase(), url, headers, textOf('body')) }]
}

/** An error, as a service returned it or as a program printed it. */
function readErrorObject(top: Members, text: string, place: Place): Found[] | undefined {
  const parts = partsOf(top)
  const first = <T>(names: string, read: (value: unknown) => T | undefined): T | undefined => {
    for (const part of parts)
      for (const name of names.split(' ')) {
        const found = read(member(part, name))
        if (found !== undefined) return found
      }
    return undefined
  }
  const strings = parts.flatMap((part) => Object.values(part)).filter((each) => typeof each === 'string')
  const url = strings.find((each) => /^https?:\/\/\S+$/.test(each) && isSignedUrl(each))
  const found: Found[] =
    url === undefined
      ? []
      : [{ ...place, kind: 'url', description: 'Presigned URL', request: pastedRequest(undefined, url) }]
  const inner = strings.find((each) => /^\s*<(?:\?xml|Error)|^b?['"]?<Error>/.test(each))
  const message = first(MESSAGES, textOf)
  const isJson = parseJson(text) !== undefined
  // its escapes are unknown: it is read as prose
  if (!isJson && /The Canonical String for this request/.test(message ?? '')) return undefined
  const reported = readError(message ?? '')
  const code = first(CODES, codeOf) ?? reported?.code
  const status = first(STATUSES, statusOf) ?? reported?.status
  const headers = headersOf(first('headers Headers HTTPHeaders', (each) => (isObject(each) ? each : undefined)))
  const isError = code !== undefined || inner !== undefined || (status ?? 0) >= 400
  const isTold = message !== undefined && url === undefined && Object.keys(top).length <= 6
  if (!isError && !isTold) return found.length > 0 ? found : readHeaders(top, place)
  const head = { ...(status !== undefined && { status }), ...(headers.length > 0 && { headers }) }
  const known = { ...(code !== undefined && { code }), ...(message !== undefined && { message }) }
  const elements = SHOWN.split(' ').flatMap((name): [string, string][] => {
    const element = first(name, textOf)
    return element === undefined ? [] : [[name, element]]
  })
  const named: [string, string | undefined][] = [
    ['Code', code],
    ['Message', message],
  ]
  let response: ResponseAsReceived = { ...head, ...known }
  if (inner !== undefined) response = { ...head, body: inner }
  else if (elements.length > 0) response = { ...head, body: writeXml([...named, ...elements]) }
  else if (isJson) response = { ...head, body: text, ...(isPlain(top, code, message) ? {} : known) }
  const name = code ?? (message === undefined ? `with status ${status}` : `"${message.slice(0, 60)}"`)
  const description = `${isJson ? 'JSON error' : 'Error that a program printed:'} ${name}`
  const shown =
    elements.find(([each]) => each === 'CanonicalRequest')?.[1] ?? recoverProse(message ?? '')?.canonicalRequest
  return [...found, { ...place, kind: 'error', description, response, shown }]
}

/** Whether `explain` finds the same code and message in the body. */
function isPlain(top: Members, code: string | undefined, message: string | undefined): boolean {
  return codeOf(top.Code ?? top.__type ?? top.code) === code && textOf(top.Message ?? top.message) === message
}

/** An object and those in it that may be its error. */
function partsOf(top: Members): Members[] {
  const parts = (Array.isArray(top) ? top.slice(0, 3) : [top]).filter(isObject) as Members[]
  for (let i = 0; i < parts.length && parts.length < MOST_PARTS; i++)
    for (const name of NESTED.split(' ')) {
      const inner = member(parts[i], name)
      const unpacked = typeof inner === 'string' && /^\s*\{/.test(inner) ? parseJson(inner) : inner
      for (const each of [unpacked].flat().slice(0, 3)) if (isObject(each)) parts.push(each as Members)
    }
  // the entry of a log says what was done, and the error in it what went wrong
  const errors = parts.filter((part) => CODES.split(' ').some((name) => codeOf(part[name]) !== undefined))
  return [...errors, ...parts]
}

/** Headers of a response that a program printed alone. */
function readHeaders(value: Members, place: Place): Found[] | undefined {
  const headers = headersOf(value)
  const names = ['x-amz-request-id', 'x-amzn-requestid', 'x-amzn-errortype', 'x-amz-id-2']
  if (!names.some((name) => headerOf(headers, name) !== undefined)) return undefined
  return [{ ...place, kind: 'response', description: 'Headers of a response', response: { headers } }]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `com.amazon.coral.service#InvalidSignatureException:http://…` without what is around the name. */
function codeOf(value: unknown): string | undefined {
  const code = textOf(value)?.split('#').pop()?.split(':')[0] ?? ''
  return /^[A-Z][A-Za-z.]{3,60}$/.test(code) && !/^(?:Error|AxiosError|E[A-Z]+|Forbidden)$/.test(code)
    ? code
    : undefined
}

function statusOf(value: unknown): number | undefined {
  const number = typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value)) ? Number(value) : 0
  return number >= 100 && number < 600 ? number : undefined
}
