import {
  type Found,
  foundRequest,
  foundResponse,
  headerOf,
  isSignedUrl,
  type Paste,
  pastedRequest,
  type Reader,
  unescapeString,
} from '../model/found.ts'

// Requests as access logs, the network panel of a browser or the Postman console shows them.

const MOST_LINES = 200

/** Reads a request, and the response to it, that start on a line of a log or a panel. */
export const readLog: Reader = (paste, at, line) =>
  readPanel(paste, at, line.trim()) ?? readFields(at, line) ?? readAccess(at, line)

/** A line of the access log of a server. */
function readAccess(at: number, line: string): Found[] | undefined {
  const [, origin = '', method, target = '', status] =
    /(?:(https?:\/\/[^/\s"]{1,300}) )?"(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS) (\S+) HTTP\/[\d.]+" (\d{3})\b/.exec(
      line,
    ) ?? []
  if (status === undefined) return undefined
  const url = target.startsWith('/') ? origin.replace(/:(?:443|80)$/, '') + target : target
  const request = foundRequest([at, at], 'an access log', method, url)
  return [
    { ...request, isReceived: true },
    { ...foundResponse([at, at], Number(status), []), response: { status: Number(status) } },
  ]
}

/** A field of a line of the SDK for Go in Terraform: https://developer.hashicorp.com/terraform/internals/debugging */
const FIELD = /(?:^|\s)http\.([a-z][\w.]{1,100})=(?:"((?:[^"\\]|\\.)*)"|(\S*))/gs

/** A request or a response as fields with the names of OpenTelemetry, in which the names of headers have underscores. */
function readFields(at: number, line: string): Found[] | undefined {
  if (!/\shttp\.(?:method|status_code)=/.test(line)) return undefined
  const fields = new Map<string, string>()
  // a body of several lines follows
  for (const [, name = '', text, bare = ''] of line.matchAll(FIELD))
    if (text !== undefined || bare !== '') fields.set(name, text === undefined ? bare : unescapeString(text))
  const headersOf = (start: string): [string, string][] =>
    [...fields].flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length).replaceAll('_', '-'), value]] : [],
    )
  const [status, url = ''] = ['status_code', 'url'].map((name) => fields.get(name))
  const received = headersOf('response.header.')
  if (status !== undefined) return [foundResponse([at, at], Number(status), received, fields.get('response.body'))]
  const [, host] = /^https?:\/\/([^/?#]+)/i.exec(url) ?? []
  const sent = headersOf('request.header.')
  if (host === undefined || sent.length === 0) return undefined
  if (headerOf(sent, 'host') === undefined) sent.push(['host', host])
  return [foundRequest([at, at], 'a log of Terraform', fields.get('method'), url, sent, fields.get('request.body'))]
}

const START = /^(?:▼ *)?(?:General:?$|Request URL\b)/i
const GENERAL = /^(?:▼ *)?(?:Request (?:URL|Method)|Status Code|Remote Address|Referrer Policy|General)\b/i
const SECTION = /^(?:▼ *)?(?:(Request|Response) Headers|Network|View |Raw)/i
const SENT = /^(?:▼ *)?(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS) +(https?:\/\/\S+)$/

/** Names and values, each value on the line of its name or on the next one, in sections. */
function readPanel(paste: Paste, at: number, first: string): Found[] | undefined {
  const [, sentMethod, sentUrl] = SENT.exec(first) ?? []
  const isPostman =
    sentUrl !== undefined && /^(?:\d{3}\b|(?:▼ *)?(?:Network|Request Headers))/.test(paste.lines[at + 1]?.trim() ?? '')
  if ((!isPostman && !START.test(first)) || paste.budget.left < 0) return undefined
  const lines = paste.lines.slice(at, at + MOST_LINES).map((line) => line.trim())
  const isPart = (line = ''): boolean => GENERAL.test(line) || SECTION.test(line) || /^:?[\w-]{1,80}:(?: |$)/.test(line)
  const general: [string, string][] = []
  const request: [string, string][] = []
  const response: [string, string][] = []
  let section = general
  let to = 0
  for (let i = isPostman ? 1 : 0; i < lines.length; i++) {
    const line = lines[i]!
    const title = SECTION.exec(line)
    if (title) section = title[1] === undefined ? section : /^Request/i.test(title[1]) ? request : response
    else if (/^\d{3}(?: [A-Z][\w ]*)?$/.test(line)) general.push(['Status Code', line])
    else if (line === '' && isPart(lines[i + 1])) continue
    else if (isPart(line)) {
      const [, name = '', inline = ''] = /^(:?[^:]*):?\s*(.*)$/s.exec(line) ?? []
      const value = inline === '' && i + 1 < lines.length && !isPart(lines[i + 1]) ? lines[++i]! : inline
      if (!name.startsWith(':')) (GENERAL.test(line) ? general : section).push([name, value.replace(/^"(.*)"$/, '$1')])
    } else if (!/^\d+(?:\.\d+)? m?s$/.test(line)) break
    to = i
  }
  paste.budget.left -= lines.slice(0, to + 1).join('\n').length
  const stated = (name: RegExp): string | undefined => general.find(([each]) => name.test(each))?.[1]
  const url = sentUrl ?? stated(/URL$/i)
  if (url === undefined) return undefined
  // a label in a report
  if (!isPostman && general.length === 1 && request.length + response.length === 0) {
    const description = isSignedUrl(url) ? 'Presigned URL' : 'URL'
    return [{ kind: 'url', from: at, to: at + to, description, request: pastedRequest(undefined, url) }]
  }
  const what = isPostman ? 'the Postman console' : 'the network panel of a browser'
  const headers = request.length > 0 ? request : undefined
  const found = foundRequest([at, at + to], what, sentMethod ?? stated(/Method$/i), url, headers)
  const status = /\d{3}/.exec(stated(/^Status/i) ?? '')?.[0]
  return status === undefined ? [found] : [found, foundResponse([at, at + to], Number(status), response)]
}
