import { isObject } from '../../../core/kind.ts'
import { headerOf, isSignedUrl, pastedRequest } from '../found.ts'
import type { Members } from '../literal.ts'
import { headersOf, member, type Part, textOf } from './har.ts'
import { numberOf, readErrorObject } from './json-error.ts'

// Requests as objects: as clients configure and print them, and as servers log them.

/** An axios error, with its request and its response. */
export function readExchange(value: Members): Part[] | undefined {
  const config = member(value, 'config') ?? member(value, 'response', 'config')
  const url = textOf(member(config, 'url'))
  if (url === undefined) return undefined
  const method = textOf(member(config, 'method'))?.toUpperCase()
  const base = textOf(member(config, 'baseURL')) ?? ''
  const whole = /^https?:/.test(url) ? url : `${base.replace(/\/$/, '')}/${url.replace(/^\//, '')}`
  const headers = isObject(member(config, 'headers')) ? headersOf(member(config, 'headers')) : undefined
  const data = member(config, 'data')
  const body = typeof data === 'string' ? data : undefined
  const request = pastedRequest(method, whole, headers, body)
  const found: Part[] = [{ kind: 'request', description: `${method ?? 'A'} request from an axios error`, request }]
  const received = member(value, 'response')
  const status = numberOf(member(received, 'status') ?? member(value, 'status'))
  if (status === undefined) return found
  const content = textOf(member(received, 'data'))
  const response = {
    status,
    ...(isObject(received) && { headers: headersOf(member(received, 'headers')) }),
    ...(content !== undefined && { body: content }),
  }
  return [...found, { kind: 'response', description: `Response with status ${status}`, response }]
}

/** The options of a request, as a client has them before it sends it. */
export function readRequest(value: Members): Part[] | undefined {
  if (isObject(value.fields) && Object.keys(value.fields).some((name) => /^(?:policy|x-amz-signature)$/i.test(name)))
    return [{ kind: 'request', description: 'Form of a presigned POST; the request that sent it is missing' }]
  const headers = headersOf(value.headers ?? value.header)
  if (headerOf(headers, 'authorization') === undefined && headerOf(headers, 'x-amz-date') === undefined)
    return readHeaderMap(value)
  const method = textOf(value.method)?.toUpperCase()
  const path = textOf(value.path) ?? textOf(value.pathname) ?? textOf(value.reqURI)
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
    (host !== undefined && (path !== undefined || method !== undefined)
      ? `${scheme}${host}${port}${path ?? '/'}${query}`
      : path)
  if (url === undefined)
    return [{ kind: 'request', description: 'Headers of a request that a program printed', headers }]
  const body = textOf(value.body)
  return [
    {
      kind: 'request',
      description: `${method ?? 'A'} request that a program printed`,
      request: pastedRequest(method, url, headers, body),
    },
  ]
}

/** `{ "Request Headers": {…}, "Response Headers": {…}, "Response Body": … }` of the Postman console. */
export function readLabeled(value: Members): Part[] | undefined {
  const sent = value['Request Headers']
  const received = value['Response Headers']
  if (!isObject(sent) && !isObject(received)) return undefined
  const body = textOf(value['Response Body'])
  const found: Part[] = []
  if (isObject(sent))
    found.push({
      kind: 'request',
      description: 'Headers of the previous request',
      headers: headersOf(sent),
      isHead: true,
    })
  if (isObject(received)) {
    const response = { headers: headersOf(received), ...(body !== undefined && { body }) }
    found.push({ kind: 'response', description: 'Response that a program printed', response })
  }
  return found
}

/** Headers as an object of their own: what a signer printed. */
function readHeaderMap(value: Members): Part[] | undefined {
  const headers = headersOf(value)
  const isSigned = /^AWS4-/.test(headerOf(headers, 'authorization') ?? '')
  const isForSigning = headerOf(headers, 'host') !== undefined && headerOf(headers, 'x-amz-date') !== undefined
  if (!isSigned && !isForSigning) return undefined
  return [{ kind: 'request', description: 'Headers of a request that a program printed', headers }]
}

/** The request of an access log in JSON, whose members stand side by side; `undefined` without a status. */
function flat(value: Members): Members | undefined {
  const get = (...names: string[]): unknown => names.map((name) => value[name]).find((each) => each !== undefined)
  const status = numberOf(
    get('status', 'DownstreamStatus', 'status_code', 'response_code', 'statusCode', 'http.status_code'),
  )
  const line = /^([A-Z]{3,10}) (\S{1,20000}) HTTP\//.exec(textOf(value.request) ?? '')
  const method =
    line?.[1] ?? get('RequestMethod', 'method', 'request_method', 'http_method', 'verb', 'http.request.method')
  const url = line?.[2] ?? get('RequestPath', 'uri', 'request_uri', 'path', 'url', 'url.path', 'http.url')
  const host = get('RequestHost', 'host', 'http_host', 'authority', 'server_name', 'requested_server_name')
  return status === undefined || typeof url !== 'string' || typeof method !== 'string'
    ? undefined
    : { method, url, host, status }
}

/** An entry of a structured log: `{ req: { method, url, headers }, res: { statusCode } }`, and its like. */
export function readLogged(value: Members, text: string): Part[] | undefined {
  const request = [value.req, value.request, value.httpRequest, value.http_request].find(isObject) ?? flat(value)
  const get = (...names: string[]): string | undefined =>
    names.map((name) => textOf(member(request, name))).find((each) => each !== undefined)
  const method = get('method', 'requestMethod')?.toUpperCase()
  const target = get('url', 'uri', 'originalUrl', 'requestUrl', 'path')
  if (method === undefined || target === undefined || !/^(?:\/|https?:)/.test(target)) return undefined
  const headers = headersOf(member(request, 'headers'))
  const host = headerOf(headers, 'host') ?? get('host', 'hostname')
  const url = target.startsWith('/') && host !== undefined ? `http://${host}${target}` : target
  // logs keep some of the headers: without Authorization, they are not all of them
  const isWhole = /^AWS/.test(headerOf(headers, 'authorization') ?? '')
  const isRelative = isWhole && !isSignedUrl(target)
  const found: Part[] = [
    {
      kind: 'request',
      description: `${method} request from a structured log`,
      request: pastedRequest(method, isRelative ? target : url, isWhole ? headers : undefined),
    },
  ]
  const { req: _, request: __, httpRequest: ___, http_request: ____, msg, ...others } = value
  const received = [value.res, value.response].find(isObject)
  const inner = textOf(member(value.error, 'raw')) ?? textOf(value.error)
  const isFlat = request !== undefined && !Object.values(value).includes(request)
  const error = readErrorObject({ ...(isFlat ? {} : others), response: received, body: inner }, text)
  const status =
    numberOf(member(received, 'statusCode')) ??
    numberOf(member(received, 'status')) ??
    numberOf(member(request, 'status')) ??
    numberOf(value.statusCode ?? value.status)
  if (error?.[0]?.response) {
    // the entry is not the body of the response
    const { headers: _____, body, ...known } = error[0].response
    const response = body === undefined || body === text ? known : { ...known, body }
    found.push({ ...error[0], response: { ...(status !== undefined && { status }), ...response } })
  } else if (status !== undefined && status >= 300)
    found.push({ kind: 'response', description: `Response with status ${status}`, response: { status } })
  return found
}
