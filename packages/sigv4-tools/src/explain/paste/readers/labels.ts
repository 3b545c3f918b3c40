import { type Found, known, type Parts } from '../model/found.ts'

// Parts of a request that a program prints with a label, or without one: its method, its URL, or both.

/** `Method: PUT`, `"httpMethod" => "PUT"`, `request.method = Method::PUT`, `<PreparedRequest [PUT]>`, `#<Net::HTTP::Put PUT>`. */
const METHOD =
  /(?<![\w-])(?:http|request|req)?[ ._]?(?:method|verb)["'\])]{0,3}\s{0,9}(?:=>|:=|[:=])\s{0,9}["':]?(?:[A-Za-z.]{1,30}(?:::|\.))?(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)(?![\w-])|<\w{0,40}Request \[(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)\]>|Net::HTTP::\w{3,7} (GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)>/i
/** `URL: https://…`, `request.url = "/a"`, `RequestURI=/a`. */
const URL_LABEL =
  /(?<![\w-])((?:[\w.-]{1,30}[ ._-])?(?:request_?)?(?:ur[il]|target|path|href))["'\])]{0,3}\s{0,9}(?:=>|:=|[:=])\s{0,9}["'<]{0,2}(?:#<URI::\w+ )?(https?:\/\/[^\s"'<>`]{1,4000}|\/[^\s"'<>`]{0,4000})/i
/** Labels of URLs and paths that the request was not sent to. */
const OTHER_URL =
  /canonical|end_?point|service|base|proxy|redirect|callback|origin|referr?er|doc|file|local|public|image|version|root|bucket/i
/** A method before a URL or a path: `Request: PUT /photos/cat.jpg`. */
const METHOD_URL =
  /(?:^|[\s:>(['"`=])(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)["'`)\],:>]{0,3}\s{1,4}(?:to |on |at |for )?["'`<(]{0,2}(https?:\/\/[^\s"'<>`]{1,4000}|\/(?=[^\s"'<>`]{0,4000}["'`>)]{0,3}(?: HTTP\/[\d.]{1,3})?\s*(?:\{|$))[^\s"'<>`]{0,4000})/
/** A request of Python or Java as a string: `<Request('PUT', 'https://…')>`, `https://… PUT`. */
const PRINTED =
  /<Request\('(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)', '(https?:\/\/[^\s']{1,4000})'\)>|(?:^|\s)(https?:\/\/[^\s"'<>`]{1,4000}) (GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)(?![\w-])/
/** A URL alone on a line. */
const ALONE = /^\s*["'<(]?(https?:\/\/[^\s"'<>`]{1,4000}?)["'>)]?[,;]?\s*$/
const LONGEST = 20_000

/** Reads the parts of a request that a line, or a part of it, names. */
export function readLabels(at: number, text: string): Found[] {
  const parts = text.length > LONGEST ? undefined : partsOf(text)
  if (parts === undefined) return []
  const what = parts.url === undefined ? 'Method' : parts.method === undefined ? 'URL' : 'Method and URL'
  return [{ kind: 'request', from: at, to: at, description: `${what} of a request`, parts }]
}

function partsOf(line: string): Parts | undefined {
  const [, method1, url1, url2, method2] = PRINTED.exec(line) ?? []
  if (url1 !== undefined || url2 !== undefined) return { method: method1 ?? method2, url: url1 ?? url2 }
  const [, method, url] = METHOD_URL.exec(line) ?? []
  if (url !== undefined) return { method, url: trimmed(url) }
  const [, labeled, listed, named] = METHOD.exec(line) ?? []
  const [, label = '', target] = URL_LABEL.exec(line) ?? []
  const isMeant = target !== undefined && !OTHER_URL.test(label)
  const found = {
    method: (labeled ?? listed ?? named)?.toUpperCase(),
    url: isMeant ? trimmed(target) : ALONE.exec(line)?.[1],
  }
  return found.method === undefined && found.url === undefined ? undefined : known(found)
}

/** A URL without the punctuation after it. */
function trimmed(url: string): string {
  let end = url.length
  while (end > 0 && ',;)]}>'.includes(url[end - 1]!)) end--
  return url.slice(0, end)
}
