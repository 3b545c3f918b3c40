import {
  FENCE,
  type Found,
  headerOf,
  type Paste,
  type PastedHeaders,
  pastedRequest,
  type Reader,
  unescapeString,
} from '../found.ts'
import { readRest } from './messages.ts'

// Headers that stand alone, as lines of a message or as Envoy prints them.

const HEADER = /^[!#$%&'*+.^_`|~\w-]{2,60} *: *\S/
const AUTHORIZATION =
  /AWS4-HMAC-SHA256 +Credential= ?[^\s,]{1,300}, *SignedHeaders=[^\s,]{1,2000}, *Signature=[\da-f]{64}/
const MOST_LINES = 40

/** Reads headers without a request line. */
export const readHeaders: Reader = (paste, at) => readPairs(paste, at) ?? readBlock(paste, at)

/** Lines of headers: of a request if one is Authorization, of a response if only a service sends them. */
function readBlock(paste: Paste, at: number): Found[] | undefined {
  const headers: [string, string][] = []
  let to = at
  for (let i = at; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const line = paste.lines[i]!.trim()
    if (line === FENCE || !HEADER.test(line) || /^\w+:\/\//.test(line)) break
    const colon = line.indexOf(':')
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    to = i
  }
  if (AUTHORIZATION.test(headerOf(headers, 'authorization') ?? ''))
    return [{ kind: 'request', from: at, to, description: 'Headers of a request', headers }]
  const isResponse = ['x-amz-request-id', 'x-amzn-requestid', 'x-amz-id-2', 'x-amzn-errortype'].some(
    (name) => headerOf(headers, name) !== undefined,
  )
  const isServer = /^(?:AmazonS3|MinIO|cloudflare|Server|UploadServer)$/i.test(headerOf(headers, 'server') ?? '')
  if (headers.length > 1 && (isResponse || (isServer && headerOf(headers, 'date') !== undefined)))
    return [{ kind: 'response', from: at, to, description: 'Headers of a response', response: { headers } }]
  return undefined
}

/** An Authorization header anywhere in a line that is nothing else. */
export const readAuthorization: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const match = AUTHORIZATION.exec(line)
  if (!match) return undefined
  // a program that quotes a value escapes it
  const escaped = /["'`]/.test(line[match.index - 1] ?? '') ? unescapeString(match[0]) : match[0]
  const value = line[match.index - 2] === '\\' ? unescapeString(escaped) : escaped
  const headers: PastedHeaders = [['Authorization', value]]
  const found: Found = {
    kind: 'request',
    from: at,
    to: at,
    column: match.index,
    description: 'Authorization header',
    headers,
  }
  return [found, ...readRest(paste, at, match.index + match[0].length)]
}

/** `':path', '/cat.jpg'` of Envoy, a header on each line. */
function readPairs(paste: Paste, at: number): Found[] | undefined {
  const headers: [string, string][] = []
  let to = at
  for (let i = at; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const [, name, value] = /^\s*'(:?[\w-]{1,60})', '(.*)'\s*$/.exec(paste.lines[i]!) ?? []
    if (name === undefined || value === undefined) break
    headers.push([name, value])
    to = i
  }
  const [method, path, status] = [':method', ':path', ':status'].map((name) => headerOf(headers, name))
  const kept = headers
    .filter(([name]) => !/^:(?:method|path|status|scheme)$/.test(name))
    .map(([name, value]): [string, string] => [name === ':authority' ? 'host' : name, value])
  if (status !== undefined && /^\d{3}$/.test(status))
    return [
      {
        kind: 'response',
        from: at,
        to,
        description: `Response with status ${status}`,
        response: { status: Number(status), headers: kept },
      },
    ]
  if (method === undefined || path === undefined) return undefined
  return [
    {
      kind: 'request',
      from: at,
      to,
      description: `${method} request from a log of Envoy`,
      request: pastedRequest(method, path, kept),
    },
  ]
}
