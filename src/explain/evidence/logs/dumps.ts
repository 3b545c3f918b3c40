import { type Found, type Paste, pastedRequest, type Reader } from '../found.ts'
import { type Members, readLiteral } from '../literal.ts'
import { headersOf, textOf } from '../shapes/har.ts'
import { HEADER, parseHeaders } from '../shapes/http.ts'

// Requests and responses that errors of clients contain: Excon, MinIO for Java, pgBackRest, Apex, the signer of Rust.

const MOST_LINES = 100

/** Reads what an error of a client shows of the request and the response. */
export const readDump: Reader = (paste, at) =>
  readExcon(paste, at) ??
  readExconResponse(paste, at) ??
  readMinioJava(paste, at) ??
  readSections(paste, at) ??
  readApex(paste, at) ??
  readSignable(paste, at)

/** `excon.error.response` and the members of the response below, which name the request. */
function readExcon(paste: Paste, at: number): Found[] | undefined {
  if (!/\bexcon\.error\.response\s*$/.test(paste.lines[at]!)) return undefined
  let to = at
  const last = Math.min(at + MOST_LINES, paste.lines.length - 1)
  while (to < last && /^\s*(?::\w{1,40} *=>|"[\w-]{1,60}" *=>|[}\]]\s*$)/.test(paste.lines[to + 1]!)) to++
  const text = paste.lines.slice(at + 1, to + 1).join('\n')
  paste.budget.left -= text.length
  const value = to > at ? (readLiteral(`{${text}\n}`, 0)?.value as Members | undefined) : undefined
  const status = Number(value?.status)
  if (!value || !(status >= 100)) return undefined
  const found: Found[] = []
  const [host, path, method] = [textOf(value.host), textOf(value.path), textOf(value.method)]
  const request = pastedRequest(method, `https://${host}${path}`, undefined)
  const description = `${method ?? 'A'} request that an error of Ruby names`
  if (host !== undefined && path?.startsWith('/')) found.push({ kind: 'request', from: at, to, description, request })
  return [...found, responseOf(at, to, status, value.headers, textOf(value.body))]
}

function responseOf(from: number, to: number, status: number, headers: unknown, body?: string): Found {
  const response = { status, headers: headersOf(headers), ...(body && { body }) }
  return { kind: 'response', from, to, description: `Response with status ${status}`, response }
}

/** `#<Excon::Response:0x1 @headers={…}, @status=403, @body="…">`. */
function readExconResponse(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = line.indexOf('#<Excon::Response')
  if (start < 0) return undefined
  const read = (name: string): unknown => {
    const from = line.indexOf(name, start)
    return from < 0 ? undefined : readLiteral(line, from + name.length)?.value
  }
  const [, status] = /@status=(\d{3})\b/.exec(line.slice(start)) ?? []
  const body = read('@body=')
  const text = typeof body === 'string' ? body : undefined
  return status === undefined ? undefined : [responseOf(at, at, Number(status), read('@headers='), text)]
}

/** `request={method=PUT, url=…, headers=…` and `response={code=403, headers=…`, with the other headers below. */
function readMinioJava(paste: Paste, at: number): Found[] | undefined {
  const [, method, url, status, first] =
    /^\s*(?:request=\{method=([A-Z]{3,10}), url=(\S{4,8000}), |response=\{code=(\d{3}), )headers=(.{0,8000})$/.exec(
      paste.lines[at]!,
    ) ?? []
  if (first === undefined) return undefined
  const head = [first]
  let to = at
  while (to < at + MOST_LINES && HEADER.test(paste.lines[to + 1]?.trim() ?? '')) head.push(paste.lines[++to]!.trim())
  const headers = parseHeaders(head)
  if (status !== undefined) {
    const response = { status: Number(status), headers }
    return [{ kind: 'response', from: at, to, description: `Response with status ${status}`, response }]
  }
  const request = pastedRequest(method, url!, headers)
  return [{ kind: 'request', from: at, to, description: `${method} request from an error of MinIO for Java`, request }]
}

/** `*** Path/Query ***:` of pgBackRest, with the request line and the headers below. */
function readSections(paste: Paste, at: number): Found[] | undefined {
  if (!/\*\*\* Path\/Query \*\*\*/.test(paste.lines[at]!)) return undefined
  const [, method, target] = /^\s*([A-Z]{3,10}) (\/\S{0,8000})/.exec(paste.lines[at + 1] ?? '') ?? []
  if (method === undefined || target === undefined) return undefined
  const head: string[] = []
  let to = at + 1
  if (/\*\*\* Request Headers \*\*\*/.test(paste.lines[to + 1] ?? '')) to++
  while (to < at + MOST_LINES && HEADER.test(paste.lines[to + 1]?.trim() ?? '')) head.push(paste.lines[++to]!.trim())
  const request = pastedRequest(method, target, head.length ? parseHeaders(head) : undefined)
  return [{ kind: 'request', from: at, to, description: `${method} request from an error of pgBackRest`, request }]
}

/** `System.HttpRequest[Endpoint=…, Method=PUT]` of Apex. */
function readApex(paste: Paste, at: number): Found[] | undefined {
  const [, url, method] =
    /System\.HttpRequest\[Endpoint=(\S{4,8000}), Method=([A-Z]{3,10})\]/.exec(paste.lines[at]!) ?? []
  if (url === undefined) return undefined
  const request = pastedRequest(method, url, undefined)
  return [{ kind: 'request', from: at, to: at, description: `${method} request from a log of Apex`, request }]
}

/** `SignableRequest { method: GET, uri: …, headers: {…} }` of Rust, before it is signed. */
function readSignable(paste: Paste, at: number): Found[] | undefined {
  const [, method, url] =
    /\bSignableRequest \{ method: "?([A-Z]{3,10})"?, ur[il]: "?(https?:\/\/[^\s",]{3,8000})/.exec(paste.lines[at]!) ??
    []
  if (url === undefined) return undefined
  const request = pastedRequest(method, url, undefined)
  return [{ kind: 'request', from: at, to: at, description: `${method} request that is about to be signed`, request }]
}
