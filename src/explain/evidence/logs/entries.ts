import { lengthOf } from '../body.ts'
import {
  FENCE,
  type Found,
  type Paste,
  type PastedHeaders,
  pastedRequest,
  type Reader,
  region,
  unescapeString,
} from '../found.ts'
import { HEADER, parseHead, parseHeaders, withBody } from '../shapes/http.ts'

// Requests in the logs of programs and servers: Python, Node, MinIO, browsers, nginx, S3 and CloudFront.

/** Reads the entry of a log that starts on a line. */
export const readLog: Reader = (paste, at) =>
  readPython(paste, at) ??
  readMinio(paste, at) ??
  readPanel(paste, at) ??
  readEscapedRequest(paste, at) ??
  readAccess(paste, at)

/** What Python's http.client and requests print: `send: b'PUT /x HTTP/1.1\r\n…'`, `reply:` and `header:`. */
function readPython(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!.trim()
  const [, status] = /^reply: ['"]HTTP\/[\d.]+ (\d{3})/.exec(line) ?? []
  if (status === undefined) return undefined
  const head: string[] = []
  let i = at + 1
  for (; i < paste.lines.length && /^\s*header: /.test(paste.lines[i]!); i++) head.push(paste.lines[i]!.trim().slice(8))
  const response = { status: Number(status), headers: parseHeaders(head) }
  const found: Found = {
    kind: 'response',
    from: at,
    to: i - 1,
    description: `Response with status ${status}`,
    response,
  }
  return withBody(paste, found, i)
}

/** A request inside a string of a program: `PUT /x HTTP/1.1\r\nHost: …`. */
function readEscapedRequest(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /(?:GET|PUT|POST|HEAD|DELETE|PATCH) \S+ HTTP\/1\.[01](?:\\r)?\\n/.exec(line)
  if (!start) return undefined
  let to = at
  while (to < at + 60 && /\+\s*$/.test(paste.lines[to]!) && to + 1 < paste.lines.length) to++
  const joined = region(paste, at, to).replace(/(['"`])[ \t]*\+\s*['"`]/g, '')
  const content = joined.slice(joined.indexOf(start[0]))
  const blank = /(?:\\r)?\\n(?:\\r)?\\n/.exec(content)
  const head = unescapeString(blank ? content.slice(0, blank.index) : content).split(/\r?\n/)
  const { method, url, headers } = parseHead(head)
  const body = lengthOf(headers) === 0 ? '' : undefined
  const description = `${method} request from a debug log`
  return [{ kind: 'request', from: at, to, description, request: pastedRequest(method, url, headers, body) }]
}

/** A block of `mc admin trace -v`: every line starts with the name of the server. */
function readMinio(paste: Paste, at: number): Found[] | undefined {
  const [, name] = /^\s*(\S+) \[REQUEST [\w.]+\]/.exec(paste.lines[at]!) ?? []
  if (name === undefined) return undefined
  const rest = (i: number): string | undefined => {
    const line = paste.lines[i]?.trim()
    return line?.startsWith(name) ? line.slice(name.length).trim() : undefined
  }
  const [, method, url] = /^([A-Z]+) (\S+)/.exec(rest(at + 1) ?? '') ?? []
  if (method === undefined || url === undefined) return undefined
  const head: string[] = []
  let i = at + 2
  for (let line = rest(i); line !== undefined && !/^(?:\[RESPONSE\]|<BODY>|$)/.test(line); line = rest(++i))
    head.push(line)
  const headers = parseHeaders(head).filter(([each]) => each !== 'Proto')
  const body = lengthOf(headers) === 0 ? '' : undefined
  const found: Found[] = [
    {
      kind: 'request',
      from: at,
      to: i - 1,
      description: `${method} request from a trace of MinIO`,
      request: pastedRequest(method, url, headers, body),
    },
  ]
  while (rest(i) !== undefined && !/^\[RESPONSE\]/.test(rest(i)!)) i++
  const [, status] = /^(\d{3})\b/.exec(rest(i + 1) ?? '') ?? []
  if (status === undefined) return found
  const answer: string[] = []
  const start = i
  i += 2
  for (let line = rest(i); line !== undefined && HEADER.test(line); line = rest(++i)) answer.push(line)
  const response = { status: Number(status), headers: parseHeaders(answer) }
  const content = rest(i)
  const last = /^<(?:\?xml|Error)/.test(content ?? '') ? i : i - 1
  const body2 = last === i ? { body: content! } : {}
  found.push({
    kind: 'response',
    from: start,
    to: last,
    description: `Response with status ${status}`,
    response: { ...response, ...body2 },
  })
  return found
}

const PANEL = /^(?:Request URL|Request Method|Status Code|Remote Address|Referrer Policy):? *(.*)$/i
const PANEL_SECTION =
  /^(?:▼ *)?(?:General|(?:Request|Response) (?:Headers|Body|Payload)|Network|View (?:source|parsed|URL encoded).*|Raw)(?: *\(\d+\))?:?$/i

/** What the network panel of a browser or the console of Postman shows of a request. */
function readPanel(paste: Paste, at: number): Found[] | undefined {
  const { lines } = paste
  const first = lines[at]!.trim()
  const postman = /^(?:▼ *)?(GET|PUT|POST|HEAD|DELETE|PATCH) +(https?:\/\/\S+)$/.exec(first)
  const isPostman = postman !== null && /^(?:\d{3}|▼?\s*(?:Network|Request Headers))/.test((lines[at + 1] ?? '').trim())
  if (!isPostman && !/^(?:▼ *)?(?:General:?|Request URL\b)/i.test(first)) return undefined
  if (/Request HEADERS: \[/.test(lines[at + 1] ?? '')) return undefined
  let [method, url, status] = [isPostman ? postman[1] : undefined, isPostman ? postman[2] : undefined, 0]
  const headers: { request: [string, string][]; response: [string, string][] } = { request: [], response: [] }
  let section: 'general' | 'request' | 'response' = 'general'
  let hasHeaders = false
  let i = isPostman ? at + 1 : at
  let to = i
  for (; i < lines.length && i < at + 200; i++) {
    const line = lines[i]!.trim()
    if (line === FENCE || /^(?:▼ *)?Response Body/i.test(line) || /^<(?:\?xml|Error)/.test(line)) break
    if (line === '' || PANEL_SECTION.test(line)) {
      if (/Request Headers/i.test(line)) [section, hasHeaders] = ['request', true]
      else if (/Response Headers/i.test(line)) section = 'response'
      else if (line === '' && url !== undefined && (status || hasHeaders) && !isPanelLine(lines[i + 1] ?? '')) break
      continue
    }
    const [, inline] = PANEL.exec(line) ?? []
    if (inline !== undefined) {
      const value = inline || (lines[++i] ?? '').trim()
      if (/^Request URL/i.test(line)) url = value.replace(/^"(.*)"$/, '$1')
      else if (/^Request Method/i.test(line)) method = value
      else if (/^Status Code/i.test(line)) status = Number(/\d{3}/.exec(value)?.[0] ?? 0)
    } else if (section === 'general') {
      if (/^\d{3}(?: [A-Z][\w ]*)?$/.test(line)) status = Number(line.slice(0, 3))
      else if (!/^\d+(?:\.\d+)? m?s$/.test(line)) break
    } else if (HEADER.test(line.replace(/^:/, ''))) {
      const colon = line.indexOf(':', 1)
      const value = line.slice(colon + 1).trim()
      // a name on one line, its value on the next
      const content = value === '' && !isPanelLine(lines[i + 1] ?? '') ? (lines[++i] ?? '').trim() : value
      if (!line.startsWith(':'))
        headers[section].push([line.slice(0, colon), isPostman ? content.replace(/^"(.*)"$/, '$1') : content])
    } else break
    to = i
  }
  if (url === undefined) return undefined
  const known = hasHeaders ? (headers.request as PastedHeaders) : undefined
  const description = `${method ?? 'A'} request from ${isPostman ? 'the console of Postman' : 'the network panel of a browser'}`
  const found: Found[] = [{ kind: 'request', from: at, to, description, request: pastedRequest(method, url, known) }]
  if (!status) return found
  const response = { status, headers: headers.response }
  const answer: Found = { kind: 'response', from: at, to, description: `Response with status ${status}`, response }
  let start = i
  while (start < i + 4 && /^(?:(?:▼ *)?Response Body.*)?$/i.test((lines[start] ?? 'x').trim())) start++
  return [...found, ...(start < lines.length ? withBody(paste, answer, start) : [answer])]
}

function isPanelLine(line: string): boolean {
  const text = line.trim()
  return PANEL.test(text) || PANEL_SECTION.test(text) || HEADER.test(text.replace(/^:/, ''))
}

/** A line of an access log: of nginx and its like, of S3, of CloudFront; or of urllib3. */
function readAccess(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const [, method, url, status, code] =
    /"(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS) (\S+) HTTP\/[\d.]+" (\d{3})(?: ([A-Z][A-Za-z]{3,60})\b)?/.exec(line) ??
    []
  if (method !== undefined && url !== undefined) {
    const host = /^(https?:\/\/[^/\s"]+)(?::\d+)? "/.exec(line.trim().split(' - ').pop() ?? '')
    const isS3 = /\bREST\.[A-Z]+\./.test(line)
    const what = isS3 ? 'an S3 access log' : host ? 'a debug log' : 'an access log'
    const target = host && url.startsWith('/') ? `${host[1]!.replace(/:(?:443|80)$/, '')}${url}` : url
    return [
      {
        kind: 'request',
        from: at,
        to: at,
        description: `${method} request from ${what}`,
        request: pastedRequest(method, target, undefined),
      },
      {
        kind: 'response',
        from: at,
        to: at,
        description: `Response with status ${status}${code && isS3 ? ` ${code}` : ''}`,
        response: { status: Number(status), ...(code && isS3 && { code }) },
      },
    ]
  }
  const fields = line.trim().split('\t')
  const [, , , , , verb = '', host = '', path = '', answer = ''] = fields
  if (fields.length < 16 || !/^\d{3}$/.test(answer) || !/^[A-Z]+$/.test(verb) || !path.startsWith('/')) return undefined
  const query = fields[11] === '-' ? '' : `?${fields[11]}`
  const name = fields[15] && fields[15] !== '-' ? fields[15] : host
  return [
    {
      kind: 'request',
      from: at,
      to: at,
      description: `${verb} request from a CloudFront log`,
      request: pastedRequest(verb, `https://${name}${path}${query}`, undefined),
    },
    {
      kind: 'response',
      from: at,
      to: at,
      description: `Response with status ${answer}`,
      response: { status: Number(answer) },
    },
  ]
}
