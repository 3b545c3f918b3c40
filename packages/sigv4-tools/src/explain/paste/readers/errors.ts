import { RESPONSE_HEADERS } from '../../../../../../src/internal/errors.ts'
import { isObject } from '../../../../../../src/internal/options.ts'
import { type Found, headerOf, isSignedUrl, known, pastedRequest } from '../model/found.ts'
import { type Members, parseJson } from '../model/literal.ts'
import { recoverProse } from '../model/recover.ts'
import { headersOf, member } from './har.ts'
import { quoted, readError } from './messages.ts'

// Errors as objects: in JSON as services return them, and as the SDKs keep them.

/** Members that are an error, or contain one. */
const NESTED =
  'Body Response Error error errors Errors err exception response data body detail cause $response $metadata'
const CODES = 'Code __type code errorCode error_code ErrorCode errorType error name'
const MESSAGES = 'Message detailedMessage message errorMessage error_description error msg'
const STATUSES = 'statusCode status_code status httpStatusCode HTTPStatusCode StatusCode code'
/** Elements of an S3 error, which the SDKs keep as members. */
const SHOWN = 'AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes'
const MOST_PARTS = 30

/** The location of an object. */
export type Place = Pick<Found, 'from' | 'to' | 'column'>

/** Reads an error, as a service returned it or as a program printed it. */
export function readErrorObject(top: Members, text: string, place: Place): Found[] | undefined {
  const parts = partsOf(top)
  const strings = parts.flatMap((part) => Object.values(part)).filter((each) => typeof each === 'string')
  const url = strings.find((each) => /^https?:\/\/\S+$/.test(each) && isSignedUrl(each))
  const request = url === undefined ? undefined : pastedRequest(undefined, url)
  const found: Found[] = request ? [{ ...place, kind: 'url', description: 'Presigned URL', request }] : []
  const message = first(parts, MESSAGES, textOf)
  const isJson = parseJson(text) !== undefined
  // its escapes are unknown: it is read as prose
  if (!isJson && /The Canonical String for this request/.test(message ?? '')) return undefined
  const reported = readError(message ?? '')
  const code = first(parts, CODES, codeOf) ?? reported?.code
  const status = first(parts, STATUSES, statusOf) ?? reported?.status
  const inner = strings.find((each) => /^\s*<(?:\?xml|Error)|^b?['"]?<Error>/.test(each))
  const isError = code !== undefined || inner !== undefined || (status ?? 0) >= 400
  const isTold = message !== undefined && !request && Object.keys(top).length <= 6
  if (!isError && !isTold) return request ? found : readHeaders(top, place)
  const headers = headersOf(first(parts, 'headers Headers HTTPHeaders', (each) => (isObject(each) ? each : undefined)))
  const elements: Record<string, string> = {}
  for (const name of SHOWN.split(' ')) {
    const value = first(parts, name, textOf)
    if (value !== undefined) elements[name] = value
  }
  const isShown = inner === undefined && Object.keys(elements).length > 0
  const body = inner ?? (isJson && !isShown ? text : undefined)
  const isInBody = body !== undefined && (body !== text || isPlain(top, code, message))
  const response = known({
    status,
    headers: headers.length > 0 ? headers : undefined,
    body,
    ...(isInBody ? {} : { code, message }),
    ...(isShown && { elements }),
  })
  const shown = elements.CanonicalRequest ?? recoverProse(message ?? '')?.canonicalRequest
  const name = code ?? (message === undefined ? `with status ${status}` : quoted(message))
  const description = `${isJson ? 'JSON error' : 'Error that a program printed:'} ${name}`
  return [...found, { ...place, kind: 'error', description, response, shown }]
}

/** The first value of a member with one of some names that can be read. */
function first<T>(parts: readonly Members[], names: string, read: (value: unknown) => T | undefined): T | undefined {
  for (const part of parts)
    for (const name of names.split(' ')) {
      const found = read(member(part, name))
      if (found !== undefined) return found
    }
  return undefined
}

/** Returns whether `explain` finds the same code and message in the body. */
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
  // a log entry describes the operation, and the error in it the problem
  const errors = parts.filter((part) => CODES.split(' ').some((name) => codeOf(part[name]) !== undefined))
  return [...errors, ...parts]
}

function readHeaders(value: Members, place: Place): Found[] | undefined {
  const headers = headersOf(value)
  if (!RESPONSE_HEADERS.some((name) => headerOf(headers, name) !== undefined)) return undefined
  return [{ ...place, kind: 'response', description: 'Headers of a response', response: { headers } }]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `com.amazon.coral.service#InvalidSignatureException:http://…` without the namespace and the URL. */
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
