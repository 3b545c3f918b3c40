import { type Found, headerOf, type Paste, pastedRequest, type Reader, unescapeString } from '../found.ts'
import { type Literal, readLiteral } from '../literal.ts'
import { headersOf } from '../shapes/har.ts'

// Requests and responses that clients print in a form of their own: botocore, s3cmd, OkHttp, Rust, Java, Elixir.

const HEADER = /^[!#$%&'*+.^_`|~\w-]{2,60} *: *\S/
const MOST_LINES = 100

/** Reads a request or a response in the debug log of a client. */
export const readClient: Reader = (paste, at) =>
  readPrepared(paste, at) ??
  readOkHttp(paste, at) ??
  readRust(paste, at) ??
  readJava(paste, at) ??
  readElixir(paste, at) ??
  readGo(paste, at) ??
  readSdkRequest(paste, at) ??
  readDotnet(paste, at)

/** `Request { method: GET, uri: …, headers: {…} }` and `Response { status: 403, … }` of Rust. */
function readRust(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const [, method, url] =
    /\bRequest \{ method: "?([A-Z]{3,10})"?, ur[il]: "?(\S{1,20000}?)"?, version: [\w/.]{1,10}, headers: /.exec(line) ??
    []
  const [, status] =
    /\bResponse \{ status: (?:StatusCode\()?(\d{3})\)?, (?:version: [\w/.]{1,10}, )?headers: /.exec(line) ?? []
  if (url === undefined && status === undefined) return undefined
  const start = line.indexOf('headers: ') + 9
  const open = line.indexOf('{', start)
  const literal: Literal | undefined = open < 0 || open > start + 40 ? undefined : readLiteral(line, open)
  const headers = headersOf(literal?.value)
  const description = `${method ?? ''} request that a program in Rust printed`.trim()
  if (url !== undefined)
    return [{ kind: 'request', from: at, to: at, description, request: pastedRequest(method, url, headers) }]
  const quoted = /"(?:<\?xml|<Error|\{\\")/.exec(line.slice(literal?.end ?? start))
  const body = quoted ? readLiteral(line, (literal?.end ?? start) + quoted.index)?.value : undefined
  const response = { status: Number(status), headers, ...(typeof body === 'string' && { body }) }
  return [{ kind: 'response', from: at, to: at, description: `Response with status ${status}`, response }]
}

/** `--> PUT https://…` and `<-- 403 https://…` of OkHttp, with the headers below. */
function readOkHttp(paste: Paste, at: number): Found[] | undefined {
  const [, method, url, status] =
    /^\s*(?:--> ([A-Z]{3,10}) (https?:\/\/\S+)|<-- (\d{3})\b)/.exec(paste.lines[at]!) ?? []
  if (method === undefined && status === undefined) return undefined
  const headers: [string, string][] = []
  let to = at
  for (let i = at + 1; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const line = paste.lines[i]!.trim()
    if (!HEADER.test(line)) break
    const colon = line.indexOf(':')
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    to = i
  }
  if (method !== undefined && url !== undefined) {
    // without headers, its level shows none
    const request = pastedRequest(method, url, headers.length ? headers : undefined)
    return [{ kind: 'request', from: at, to, description: `${method} request from a log of OkHttp`, request }]
  }
  const response = { status: Number(status), headers }
  return [{ kind: 'response', from: at, to, description: `Response with status ${status}`, response }]
}

/** `Sending Request: PUT https://host /path Headers: (…)` of the SDK for Java. */
function readJava(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const [, method, origin, path, list] =
    /Sending Request: ([A-Z]{3,10}) (https?:\/\/[^\s/]{1,300}) (\/\S{0,8000}|) ?(?:Parameters: \([^()]{0,4000}\) ?)?Headers: \(([^()]{0,8000})/.exec(
      line,
    ) ?? []
  if (method === undefined || origin === undefined || list === undefined) return undefined
  // values may contain commas: a header starts with its name
  const parts = list.split(/, (?=[\w-]{1,60}: )/)
  const headers = parts.flatMap((part): [string, string][] => {
    const colon = part.indexOf(': ')
    return colon < 1
      ? []
      : [
          [
            part.slice(0, colon),
            part
              .slice(colon + 2)
              .replace(/, ?$/, '')
              .trim(),
          ],
        ]
  })
  // those are the headers before signing
  const isComplete = headerOf(headers, 'authorization') !== undefined
  const request = pastedRequest(method, `${origin}${path || '/'}`, isComplete ? headers : undefined)
  return [{ kind: 'request', from: at, to: at, description: `${method} request from a log of Java`, request }]
}

/** `Request URL:`, `Request HEADERS:` and `Request BODY:` of ExAws. */
function readElixir(paste: Paste, at: number): Found[] | undefined {
  const [, url] = /Request URL: "([^"\s]+)"/.exec(paste.lines[at]!) ?? []
  const next = paste.lines[at + 1] ?? ''
  if (url === undefined || !/Request HEADERS: \[/.test(next)) return undefined
  const headers: [string, string][] = []
  for (const [, name, value] of next.matchAll(/\{"([\w-]{1,100})", "((?:[^"\\]|\\.)*)"\}/g))
    headers.push([name!, unescapeString(value!)])
  const [, body] = /Request BODY: "((?:[^"\\]|\\.)*)"/.exec(paste.lines[at + 2] ?? '') ?? []
  const [method, to] = [body ? 'POST' : undefined, body === undefined ? at + 1 : at + 2]
  const request = pastedRequest(method, url, headers, body === undefined ? undefined : unescapeString(body))
  return [{ kind: 'request', from: at, to, description: 'Request from a log of ExAws', request }]
}

/** `<AWSPreparedRequest stream_output=False, method=PUT, url=https://…, headers={…}>` of botocore. */
function readPrepared(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const [, method, url, list] =
    /<AWSPreparedRequest [^>]{0,40}method=(\w{3,10}), url=(\S{8,20000}), headers=\{([^}]{0,20000})\}/.exec(line) ??
    /Sending request method_string='(\w{3,10})', uri=u?'([^']{8,20000})', headers=\{([^}]{0,20000})\}/.exec(line) ??
    []
  if (method === undefined || url === undefined) return undefined
  const headers: [string, string][] = []
  for (const [, name, single, double] of list!.matchAll(/'([\w-]{1,100})': [bu]?(?:'([^']*)'|"([^"]*)")/g))
    headers.push([name!, single ?? double ?? ''])
  return [
    {
      kind: 'request',
      from: at,
      to: at,
      description: `${method} request from a debug log`,
      request: pastedRequest(method, url, headers),
      isPartial: true,
    },
  ]
}

/** Headers as Go prints them, `map[Authorization:[…] X-Amz-Date:[…]]`, and the request if the line names it. */
function readGo(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /\bmap\[(?=[A-Z][\w-]{1,60}:\[)/.exec(line)
  if (!start) return undefined
  const headers: [string, string][] = []
  const list = line.slice(start.index + 4)
  for (const [, name, value] of list.matchAll(/([A-Z][\w-]{1,60}):\[([^\]]{0,8000})\]/g)) headers.push([name!, value!])
  if (!/^AWS4-/.test(headerOf(headers, 'authorization') ?? '')) return undefined
  const before = line.slice(0, start.index)
  const method = /\b(GET|PUT|POST|HEAD|DELETE|PATCH)\b/.exec(before)?.[1]
  const url = /(https?:\/\/[^\s"'`{}&,]{3,8000}|(?<=URL[:=]["&{]{0,2})\/[^\s"'`{}]{0,8000})/.exec(before)?.[1]
  const description = 'Headers of a request that a program in Go printed'
  if (url === undefined) return [{ kind: 'request', from: at, to: at, description, headers }]
  // the host is not one of them
  const request = pastedRequest(method, url, headers)
  return [{ kind: 'request', from: at, to: at, description, request, isPartial: true }]
}

/** `DefaultSdkHttpFullRequest(httpMethod=PUT, …)` of the SDK for Java, which has the names of headers only. */
function readSdkRequest(paste: Paste, at: number): Found[] | undefined {
  const [, list] = /SdkHttpFullRequest\((httpMethod=[A-Z]{3,10}, [^\n]{0,8000})/.exec(paste.lines[at]!) ?? []
  if (list === undefined) return undefined
  const get = (name: string): string | undefined => {
    const from = list.indexOf(`${name}=`)
    return from < 0 ? undefined : /^[^,)\s]*/.exec(list.slice(from + name.length + 1, from + 4000))?.[0]
  }
  const [method, host, port] = [get('httpMethod'), get('host'), get('port')]
  if (host === undefined) return undefined
  const url = `${get('protocol') ?? 'https'}://${host}${port && !/^(?:80|443)$/.test(port) ? `:${port}` : ''}${get('encodedPath') || '/'}`
  const description = `${method} request from a log of Java`
  return [{ kind: 'request', from: at, to: at, description, request: pastedRequest(method, url, undefined) }]
}

/** `Method: PUT, RequestUri: '…', …, Headers:` of .NET, with the headers in braces below. */
function readDotnet(paste: Paste, at: number): Found[] | undefined {
  const [, method, url] =
    /\bMethod: ([A-Z]{3,10}), RequestUri: '([^']{4,8000})', Version: /.exec(paste.lines[at]!) ?? []
  if (url === undefined) return undefined
  const headers: [string, string][] = []
  let to = at
  for (let i = at + 1; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const line = paste.lines[i]!.trim()
    if (line === '{') continue
    if (!HEADER.test(line)) {
      if (line === '}') to = i
      break
    }
    const colon = line.indexOf(':')
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    to = i
  }
  const request = pastedRequest(method, url, headers)
  return [
    { kind: 'request', from: at, to, description: `${method} request from a log of .NET`, request, isPartial: true },
  ]
}
