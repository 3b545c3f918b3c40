import { isObject } from '../../../core/kind.ts'
import type { ResponseAsReceived } from '../../response.ts'
import { FENCE, type Found, headerOf, lineAt, type Paste, pastedRequest, type Reader } from '../found.ts'
import { type Members, readLiteral } from '../literal.ts'
import { headersOf, member, type Part, readHar, textOf } from './har.ts'
import { readHtml, readXmlError, writeXml } from './xml.ts'

// Objects: HAR files, errors in JSON, and what programs print of errors and requests.

/** Reads an object that starts on a line. */
export const readObject: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /\{\s*(?:["'$[\w\u201c\u2018]|$|\})|^\s*\[\s*(?:[{"]|$)/.exec(line)
  if (!start || paste.budget.left < 0 || /<(?:\?xml|Error\b)/.test(line.slice(0, start.index))) return undefined
  const from = paste.starts[at]! + start.index + (start[0].length - start[0].trimStart().length)
  const literal = parse(paste, from)
  if (!literal) return undefined
  const to = lineAt(paste, literal.end - 1)
  for (let i = at; i <= to; i++) if (paste.lines[i] === FENCE) return undefined
  const text = paste.text.slice(from, literal.end)
  const found = classify(literal.value, text)
  return found?.map((each) => ({ ...each, from: at, to, column: start.index }))
}

function parse(paste: Paste, from: number): { value: unknown; end: number } | undefined {
  const isWhole = from < 2000 && paste.text[from] === '{' && paste.text.trimEnd().endsWith('}')
  if (isWhole)
    try {
      return { value: JSON.parse(paste.text.slice(from)), end: paste.text.trimEnd().length }
    } catch {
      // not all of the text is one object
    }
  const literal = readLiteral(paste.text, from)
  paste.budget.left -= (literal ? literal.end : paste.text.length) - from
  return literal
}

/** What an object is about. */
function classify(value: unknown, text: string): Part[] | undefined {
  if (!isObject(value)) return undefined
  return (
    readHar(value as Members) ??
    readExchange(value as Members) ??
    readRequest(value as Members) ??
    readJsonError(value as Members, text)
  )
}

/** The error of axios, with its request and its response. */
function readExchange(value: Members): Part[] | undefined {
  const config = member(value, 'config') ?? member(value, 'response', 'config')
  const url = textOf(member(config, 'url'))
  if (url === undefined) return undefined
  const method = textOf(member(config, 'method'))?.toUpperCase()
  const base = textOf(member(config, 'baseURL')) ?? ''
  const whole = /^https?:/.test(url) ? url : base.replace(/\/$/, '') + url
  const headers = isObject(member(config, 'headers')) ? headersOf(member(config, 'headers')) : undefined
  const data = member(config, 'data')
  const body = typeof data === 'string' ? data : undefined
  const request = pastedRequest(method, whole, headers, body)
  const found: Part[] = [{ kind: 'request', description: `${method ?? 'A'} request from an error of axios`, request }]
  const answer = member(value, 'response')
  const status = numberOf(member(answer, 'status') ?? member(value, 'status'))
  if (status === undefined) return found
  const content = textOf(member(answer, 'data'))
  const response = {
    status,
    ...(isObject(answer) && { headers: headersOf(member(answer, 'headers')) }),
    ...(content !== undefined && { body: content }),
  }
  return [...found, { kind: 'response', description: `Response with status ${status}`, response }]
}

/** The options of a request, as a client has them before it sends it. */
function readRequest(value: Members): Part[] | undefined {
  const headers = headersOf(value.headers)
  if (headerOf(headers, 'authorization') === undefined && headerOf(headers, 'x-amz-date') === undefined)
    return undefined
  const path = textOf(value.path) ?? textOf(value.pathname)
  const host = textOf(value.hostname) ?? textOf(value.host) ?? headerOf(headers, 'host')
  const scheme = `${textOf(value.protocol) ?? 'https:'}//`.replace('////', '//')
  const port = Number(value.port) ? `:${value.port}` : ''
  const pairs = isObject(value.query)
    ? headersOf(value.query).map((pair) => pair.map(encodeURIComponent).join('='))
    : []
  const query = pairs.length && path !== undefined && !path.includes('?') ? `?${pairs.join('&')}` : ''
  const url =
    textOf(value.url) ??
    textOf(value.href) ??
    (path !== undefined && host !== undefined ? `${scheme}${host}${port}${path}${query}` : path)
  const method = textOf(value.method)?.toUpperCase()
  if (url === undefined) return undefined
  const body = textOf(value.body)
  return [
    {
      kind: 'request',
      description: `${method ?? 'A'} request that a program printed`,
      request: pastedRequest(method, url, headers, body),
    },
  ]
}

const NESTED = ['Error', 'error', 'errors', 'Errors', 'Fault', 'fault', 'response', 'data', 'body', 'detail', 'cause']
const SHOWN = [
  'StringToSign',
  'CanonicalRequest',
  'AWSAccessKeyId',
  'SignatureProvided',
  'StringToSignBytes',
  'CanonicalRequestBytes',
  'ServerTime',
  'RequestTime',
  'Region',
  'Endpoint',
]

/** An error: as a service returned it, or as a program printed it. */
function readJsonError(value: Members, text: string): Part[] | undefined {
  const top = Array.isArray(value) ? { errors: value } : value
  const parts = [top as unknown]
  for (let i = 0; i < parts.length && parts.length < 30; i++)
    for (const name of NESTED) {
      const inner = member(parts[i], name)
      const list = Array.isArray(inner) ? inner.slice(0, 3) : [inner]
      parts.push(...list.filter(isObject))
    }
  const first = <T>(read: (part: unknown) => T | undefined): T | undefined => {
    for (const part of parts) {
      const found = read(part)
      if (found !== undefined) return found
    }
    return undefined
  }
  const xml = first((part) =>
    Object.values(part as object).find(
      (each): each is string => typeof each === 'string' && /<Error>|<ErrorResponse/.test(each),
    ),
  )
  const code = first(codeOf)
  const message = first(messageOf)
  const status = first(statusOf)
  if (
    xml === undefined &&
    code === undefined &&
    (message === undefined || (status === undefined && Object.keys(top).length > 6)) &&
    (status === undefined || status < 400)
  )
    return undefined
  const shown = new Map<string, string>()
  for (const name of SHOWN) {
    const element = first((part) => textOf(member(part, name)))
    if (element !== undefined) shown.set(name, element)
  }
  const isJson = /^[[{]\s*["{[}]/.test(text) && !/^\[?\s*\{\s*['$\w]/.test(text)
  const isService = isJson && status === undefined && xml === undefined
  const known = { ...(code !== undefined && { code }), ...(message !== undefined && { message }) }
  let response: ResponseAsReceived = { ...(status !== undefined && { status }), ...known }
  if (xml !== undefined) response = { ...(status !== undefined && { status }), body: xml }
  else if (shown.has('CanonicalRequest') || shown.has('StringToSign')) {
    const all = new Map([
      ...(code === undefined ? [] : [['Code', code] as const]),
      ...(message === undefined ? [] : [['Message', message] as const]),
      ...shown,
    ])
    response = { ...(status !== undefined && { status }), body: writeXml(all) }
  } else if (isJson) {
    const isPlain = codeAtTop(top) === code && (textOf(top.message) ?? textOf(top.Message)) === message
    response = { ...(status !== undefined && { status }), body: text, ...(!isPlain && known) }
  }
  const what = isService ? 'JSON error' : isJson ? 'JSON error' : 'Error that a program printed:'
  return [
    {
      kind: 'error',
      description: `${what} ${code ?? (message ? `"${message.slice(0, 60)}"` : `with status ${status}`)}`,
      response,
    },
  ]
}

/** The code that the reader of responses finds by itself. */
function codeAtTop(value: Members): string | undefined {
  const code = textOf(value.Code) ?? textOf(value.__type) ?? textOf(value.code)
  return code?.split('#').pop()?.split(':')[0]
}

function codeOf(part: unknown): string | undefined {
  for (const name of ['Code', '__type', 'code', 'errorCode', 'error_code', 'ErrorCode', 'error', 'name']) {
    const text = textOf(member(part, name))?.split('#').pop()?.split(':')[0]
    if (
      text !== undefined &&
      /^[A-Z][A-Za-z.]{3,60}$/.test(text) &&
      !/^(?:Error|AxiosError|ERR|E[A-Z]+)$/.test(text) &&
      !/^Forbidden$/.test(text)
    )
      return text
  }
  return undefined
}

function messageOf(part: unknown): string | undefined {
  for (const name of ['Message', 'message', 'errorMessage', 'error_description', 'msg', 'error']) {
    const text = textOf(member(part, name))
    if (text !== undefined) return text
  }
  return undefined
}

function statusOf(part: unknown): number | undefined {
  for (const path of [
    ['statusCode'],
    ['status'],
    ['$metadata', 'httpStatusCode'],
    ['httpStatusCode'],
    ['ResponseMetadata', 'HTTPStatusCode'],
    ['HTTPStatusCode'],
    ['StatusCode'],
    ['code'],
  ]) {
    const number = numberOf(member(part, ...path))
    if (number !== undefined) return number
  }
  return undefined
}

function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : 0
  return number >= 100 && number < 600 ? number : undefined
}

/** The body of a response that starts on a line: an error in XML or JSON, or a page. */
export function readServiceBody(paste: Paste, at: number): readonly Found[] | undefined {
  const found = readXmlError(paste, at) ?? readHtml(paste, at) ?? readObject(paste, at)
  return found?.[0]?.kind === 'error' ? found : undefined
}
