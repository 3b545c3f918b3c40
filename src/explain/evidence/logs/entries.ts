import { lengthOf } from '../body.ts'
import {
  FENCE,
  type Found,
  foundRequest,
  foundResponse,
  type Paste,
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
  const [, status] = /^\s*reply: ['"]HTTP\/[\d.]+ (\d{3})/.exec(paste.lines[at]!) ?? []
  if (status === undefined) return undefined
  let i = at + 1
  while (/^\s*header: /.test(paste.lines[i] ?? '')) i++
  const headers = parseHeaders(paste.lines.slice(at + 1, i).map((line) => line.trim().slice(8)))
  return withBody(paste, foundResponse([at, i - 1], Number(status), { headers }), i)
}

/** A request inside a string of a program: `PUT /x HTTP/1.1\r\nHost: …`. */
function readEscapedRequest(paste: Paste, at: number): Found[] | undefined {
  const start = /(?:GET|PUT|POST|HEAD|DELETE|PATCH) \S+ HTTP\/1\.[01](?:\\r)?\\n/.exec(paste.lines[at]!)
  if (!start) return undefined
  let to = at
  while (to < at + 60 && /\+\s*$/.test(paste.lines[to]!) && to + 1 < paste.lines.length) to++
  const joined = region(paste, at, to).replace(/(['"`])[ \t]*\+\s*['"`]/g, '')
  const content = joined.slice(joined.indexOf(start[0]))
  const blank = /(?:\\r)?\\n(?:\\r)?\\n/.exec(content)
  const head = unescapeString(blank ? content.slice(0, blank.index) : content).split(/\r?\n/)
  if (!/^\S+ +\S/.test(head[0]!)) return undefined
  const { method, url, headers } = parseHead(head)
  return [foundRequest([at, to], 'a debug log', method, url, headers, lengthOf(headers) === 0 ? '' : undefined)]
}

/** A block of `mc admin trace -v`: every line starts with the name of the server. */
function readMinio(paste: Paste, at: number): Found[] | undefined {
  const [, name] = /^\s*(\S+) \[REQUEST [\w.]+\]/.exec(paste.lines[at]!) ?? []
  if (name === undefined) return undefined
  let end = at + 1
  while (end < at + 200 && paste.lines[end]?.trim().startsWith(name) && !/\[REQUEST /.test(paste.lines[end]!)) end++
  const block = paste.lines.slice(at + 1, end).map((line) => line.trim().slice(name.length).trim())
  const split = block.findIndex((line) => line.startsWith('[RESPONSE]'))
  const middle = split < 0 ? block.length : split
  const head = block.slice(1, middle).filter((line) => HEADER.test(line) && !/^Proto:/.test(line))
  const [, method, url] = /^([A-Z]+) (\S+)/.exec(block[0] ?? '') ?? []
  if (method === undefined || url === undefined) return undefined
  const headers = parseHeaders(head)
  const body = lengthOf(headers) === 0 ? '' : undefined
  const request = foundRequest([at, at + middle], 'a MinIO trace', method, url, headers, body)
  const [, status] = /^(\d{3})\b/.exec(block[middle + 1] ?? '') ?? []
  if (status === undefined) return [request]
  const received = block.slice(middle + 2)
  const content = received.find((line) => line.startsWith('<'))
  const rest = {
    headers: parseHeaders(received.filter((line) => HEADER.test(line))),
    ...(content && { body: content }),
  }
  return [request, foundResponse([at + middle + 1, end - 1], Number(status), rest)]
}

const PANEL = /^(?:▼ *)?(?:Request (?:URL|Method)|Status Code|Remote Address|Referrer Policy|General)\b/i
const SECTION = /^(?:▼ *)?(?:(Request|Response) Headers|Network|View |Raw)/i

/** What the network panel of a browser or the Postman console shows of a request. */
function readPanel(paste: Paste, at: number): Found[] | undefined {
  if (!/^\s*(?:▼ *)?(?:General:?|Request URL\b|[A-Z]{3,6} +https?:)/i.test(paste.lines[at]!)) return undefined
  if (paste.budget.left < 0) return undefined
  const lines = paste.lines.slice(at, at + 200).map((line) => line.trim())
  const [postman, sentMethod, sentUrl] =
    /^(?:▼ *)?(GET|PUT|POST|HEAD|DELETE|PATCH) +(https?:\/\/\S+)$/.exec(lines[0]!) ?? []
  const isPostman = postman !== undefined && /^(?:\d{3}|▼?\s*(?:Network|Request Headers))/.test(lines[1] ?? '')
  const isStart = isPostman || /^(?:▼ *)?(?:General:?|Request URL\b)/i.test(lines[0]!)
  if (!isStart || /Request HEADERS: \[/.test(lines[1] ?? '')) return undefined
  const isPart = (line = ''): boolean => PANEL.test(line) || SECTION.test(line) || HEADER.test(line.replace(/^:/, ''))
  // a URL and an address have a colon too
  const isName = (line = ':'): boolean => PANEL.test(line) || SECTION.test(line) || /^:?[\w-]{0,80}:(?: |$)/.test(line)
  const headers: Record<string, [string, string][]> = { general: [], response: [] }
  let section = 'general'
  let to = 0
  for (let i = isPostman ? 1 : 0; i < lines.length; i++) {
    const line = lines[i]!
    const title = SECTION.exec(line)
    if (title?.[1]) {
      section = title[1].toLowerCase()
      headers[section] ??= []
    } else if (/^\d{3}(?: [A-Z][\w ]*)?$/.test(line)) headers.general!.push(['Status Code', line])
    else if (
      line === ''
        ? to > 0 && !isPart(lines[i + 1])
        : line === FENCE || !(title || isPart(line) || /^\d+(?:\.\d+)? m?s$/.test(line))
    )
      break
    else if (line !== '' && !title) {
      const [, name = '', inline = ''] = /^(:?[^:]*):?\s*(.*)$/s.exec(line)!
      // a name on one line, its value on the next
      const value = inline === '' && !isName(lines[i + 1]) ? lines[++i]! : inline
      const list = PANEL.test(line) ? headers.general! : headers[section]!
      if (!name.startsWith(':')) list.push([name, value.replace(/^"(.*)"$/, '$1')])
    }
    to = i
  }
  const general = (name: RegExp): string | undefined => headers.general!.find(([each]) => name.test(each))?.[1]
  const url = sentUrl ?? general(/URL$/i)
  if (url === undefined) {
    // the lines after it may start a panel, too
    paste.budget.left -= lines.slice(0, to + 1).join('\n').length
    return undefined
  }
  const what = isPostman ? 'the Postman console' : 'the network panel of a browser'
  const found = foundRequest([at, at + to], what, sentMethod ?? general(/Method$/i), url, headers.request)
  const status = Number(/\d{3}/.exec(general(/^Status/i) ?? '')?.[0] ?? 0)
  if (!status) return [found]
  let start = to + 1
  while (start < to + 5 && /^(?:(?:▼ *)?Response Body.*)?$/i.test(lines[start] ?? 'x')) start++
  return [found, ...withBody(paste, foundResponse([at, at + to], status, { headers: headers.response! }), at + start)]
}

/** A line of an access log: of nginx and its like, of S3, of CloudFront; or of urllib3. */
function readAccess(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const [, host = '', method, url, status, code] =
    /(?:(https?:\/\/[^/\s"]{1,300}) )?"(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS) (\S+) HTTP\/[\d.]+" (\d{3})(?: ([A-Z][A-Za-z]{3,60})\b)?/.exec(
      line,
    ) ?? []
  if (method !== undefined && url !== undefined) {
    const isS3 = /\bREST\.[A-Z]+\./.test(line)
    const target = url.startsWith('/') ? host.replace(/:(?:443|80)$/, '') + url : url
    return [
      foundRequest([at, at], isS3 ? 'an S3 access log' : host ? 'a debug log' : 'an access log', method, target),
      foundResponse([at, at], Number(status), code && isS3 ? { code } : {}),
    ]
  }
  const fields = line.trim().split('\t')
  const [, , , , , verb = '', domain = '', path = '', received = '', , , query, , , , name] = fields
  if (fields.length < 16 || !/^\d{3}$/.test(received) || !/^[A-Z]+$/.test(verb) || !path.startsWith('/'))
    return undefined
  const sent = `https://${name && name !== '-' ? name : domain}${path}${query === '-' ? '' : `?${query}`}`
  return [foundRequest([at, at], 'a CloudFront log', verb, sent), foundResponse([at, at], Number(received))]
}
