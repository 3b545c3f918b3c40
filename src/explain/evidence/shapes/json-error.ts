import { isObject } from '../../../core/kind.ts'
import type { ResponseAsReceived } from '../../response/response.ts'
import { writeXml } from '../elements.ts'
import { headerOf, isSignedUrl, pastedRequest } from '../found.ts'
import type { Members } from '../literal.ts'
import { headersOf, member, type Part, textOf } from './har.ts'
import { readError } from './messages.ts'

// Errors in JSON, and those that programs print as objects, perhaps inside others.

const NESTED =
  'Body Response Error error errors Errors err exception Fault fault response data body detail cause meta $response ResponseMetadata'
/** Elements of an S3 error, which the SDKs keep as members. */
const SHOWN =
  'StringToSign CanonicalRequest AWSAccessKeyId SignatureProvided StringToSignBytes CanonicalRequestBytes ServerTime RequestTime Region Endpoint'
const MOST_PARTS = 30

/** Reads an error: as a service returned it, or as a program printed it. */
export function readErrorObject(value: Members, text: string): Part[] | undefined {
  const top: Members = Array.isArray(value) ? { errors: value } : value
  const all = partsOf(top)
  // the entry of a log says what was done, and the error in it what went wrong
  const parts = [...all.filter((part) => codeOf(part) !== undefined), ...all]
  const first = <T>(read: (part: Members) => T | undefined): T | undefined => {
    for (const part of parts) {
      const found = read(part)
      if (found !== undefined) return found
    }
    return undefined
  }
  const texts = (pattern: RegExp): string | undefined =>
    first((part) => Object.values(part).find((each): each is string => typeof each === 'string' && pattern.test(each)))
  const inner = texts(/^\s*(?:<\?xml|<Error)|<Error>|<ErrorResponse/) ?? texts(/^\s*\{\s*"[\s\S]*\}\s*$/)
  const url = texts(/^https?:\/\/\S+$/)
  const requests: Part[] =
    url !== undefined && isSignedUrl(url)
      ? [{ kind: 'url', description: 'Presigned URL', request: pastedRequest(undefined, url, undefined) }]
      : []
  const isLogged = isEntry(top)
  const code = first(codeOf) ?? (isLogged ? codeIn(top) : undefined)
  const [message, status] = [first(messageOf), first(statusOf)]
  const isAbout = status === undefined ? Object.keys(top).length <= 6 : true
  if (
    inner === undefined &&
    code === undefined &&
    !(message !== undefined && isAbout) &&
    !(status !== undefined && status >= 400)
  )
    return requests.length ? requests : readHeaders(top)
  if (requests.length && inner === undefined && code === undefined && status === undefined && !readError(message ?? ''))
    return requests
  const headers = headersOf(
    first((part) => objectOf(part.headers) ?? objectOf(part.Headers) ?? objectOf(part.HTTPHeaders)),
  )
  const head = { ...(status !== undefined && { status }), ...(headers.length > 0 && { headers }) }
  const isJson = parseJson(text) !== undefined || /^[[{]\s*"(?:message|Message|__type|code|error)/.test(text)
  const known = { ...(code !== undefined && { code }), ...(message !== undefined && { message }) }
  const shown = new Map<string, string>()
  for (const name of SHOWN.split(' ')) {
    const element = first((part) => textOf(part[name]))
    if (element !== undefined) shown.set(name, element)
  }
  let response: ResponseAsReceived = { ...head, ...known }
  if (inner !== undefined)
    response = { ...head, body: inner, ...(isPlain(parseJson(inner), known) ? {} : isXml(inner) ? {} : known) }
  else if (shown.has('CanonicalRequest') || shown.has('StringToSign')) {
    const named = Object.entries({ Code: code, Message: message }).filter(
      (each): each is [string, string] => each[1] !== undefined,
    )
    response = { ...head, body: writeXml(new Map([...named, ...shown])) }
  } else if (isJson && !isLogged) {
    const body = parseJson(text) === undefined ? JSON.stringify(value) : text
    response = { ...head, body, ...(isPlain(top, known) ? {} : known) }
  }
  const what = isJson ? 'JSON error' : 'Error that a program printed:'
  const name = code ?? (message === undefined ? `with status ${status}` : `"${message.slice(0, 60)}"`)
  return [...requests, { kind: 'error', description: `${what} ${name}`, response }]
}

/** An object and those in it that may be its error. */
function partsOf(top: Members): Members[] {
  const parts = [top]
  for (let i = 0; i < parts.length && parts.length < MOST_PARTS; i++)
    for (const name of NESTED.split(' ')) {
      const inner = member(parts[i], name)
      const list = Array.isArray(inner) ? inner.slice(0, 3) : [inner]
      for (const each of list.map(unpack)) if (isObject(each)) parts.push(each as Members)
    }
  return parts
}

/** An object inside a string: the body of a response. */
function unpack(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\{/.test(value) ? (parseJson(value) ?? value) : value
}

function objectOf(value: unknown): object | undefined {
  return isObject(value) ? value : undefined
}

function isXml(text: string): boolean {
  return text.trimStart().startsWith('<')
}

/** Headers of a response that a program printed alone. */
function readHeaders(value: Members): Part[] | undefined {
  const headers = headersOf(value)
  const names = ['x-amz-request-id', 'x-amzn-requestid', 'x-amzn-errortype', 'x-amz-id-2']
  if (!names.some((name) => headerOf(headers, name) !== undefined)) return undefined
  return [{ kind: 'response', description: 'Headers of a response', response: { headers } }]
}

/** The value of a string that is valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether `readResponse` finds the same code and message in the body. */
function isPlain(value: unknown, known: { readonly code?: string; readonly message?: string }): boolean {
  const code = textOf(member(value, 'Code')) ?? textOf(member(value, '__type')) ?? textOf(member(value, 'code'))
  const message = textOf(member(value, 'Message')) ?? textOf(member(value, 'message'))
  return shortName(code) === known.code && message === known.message
}

/** `com.amazon.coral.service#InvalidSignatureException:http://…` without what is around the name. */
function shortName(code: string | undefined): string | undefined {
  return code?.split('#').pop()?.split(':')[0]
}

function codeOf(part: Members): string | undefined {
  for (const name of ['Code', '__type', 'code', 'errorCode', 'error_code', 'ErrorCode', 'errorType', 'error', 'name']) {
    const text = shortName(textOf(part[name]))
    if (
      text !== undefined &&
      /^[A-Z][A-Za-z.]{3,60}$/.test(text) &&
      !/^(?:Error|AxiosError|ERR|E[A-Z]+|Forbidden)$/.test(text)
    )
      return text
  }
  return undefined
}

function messageOf(part: Members): string | undefined {
  // a log says in the message what was done, and elsewhere what went wrong
  if (isEntry(part))
    for (const name of ['error', 'err', 'exception', 'detail', 'cause', 'reason']) {
      const told = textOf(part[name])
      const known = told === undefined ? undefined : readError(told)
      if (known?.message !== undefined || known?.code !== undefined) return known.message ?? told
    }
  for (const name of ['Message', 'detailedMessage', 'message', 'errorMessage', 'error_description', 'msg', 'error']) {
    const text = textOf(part[name])
    if (text !== undefined) return text
  }
  return undefined
}

/** Whether an object is an entry of a log, and not what a service returned. */
export function isEntry(value: Members): boolean {
  const names = ['level', 'severity', 'ts', 'time', 'timestamp', '@timestamp', 'logger', 'eventName', 'caller']
  return names.filter((name) => Object.hasOwn(value, name)).length > 1
}

function codeIn(part: Members): string | undefined {
  for (const name of ['error', 'err', 'exception', 'detail', 'message', 'msg']) {
    const code = readError(textOf(part[name]) ?? '')?.code
    if (code !== undefined) return code
  }
  return undefined
}

function statusOf(part: Members): number | undefined {
  const { $metadata } = part
  const names = ['statusCode', 'status_code', 'status', 'httpStatusCode', 'HTTPStatusCode', 'StatusCode', 'code']
  for (const value of [...names.map((name) => part[name]), member($metadata, 'httpStatusCode')]) {
    const number = numberOf(value)
    if (number !== undefined) return number
  }
  return undefined
}

/** A status of HTTP. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value)) ? Number(value) : 0
  return number >= 100 && number < 600 ? number : undefined
}
