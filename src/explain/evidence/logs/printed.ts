import { FENCE, foundRequest, foundResponse, headerOf, isSignedUrl, type Paste, type Reader } from '../found.ts'
import { readLiteral } from '../literal.ts'
import { HEADER, parseHeaders } from '../shapes/http.ts'
import { pairsOf } from './pairs.ts'

// Requests and responses that programs print in one line, with their headers in the same line or in the next ones.

const MOST_LINES = 100

/** Method and URL, in this order, and whether the HTTP client adds headers later. */
const REQUESTS: readonly [pattern: RegExp, isPartial: boolean][] = [
  // botocore, s3cmd, .NET
  [
    /(?:<AWSPreparedRequest [^>]{0,40}method=|method_string='|\bMethod: )([A-Z]{3,10})'?, (?:url=|uri=u?'|RequestUri: ')(\S{4,20000}?)'?, /,
    true,
  ],
  // Rust, MinIO for Java
  [
    /\b(?:(?:Signable)?Request \{ |request=\{)method(?:: "?|=)([A-Z]{3,10})"?, ur[il](?:: "?|=)(\S{4,20000}?)"?, /,
    false,
  ],
  // OkHttp, the SDKs for Java
  [/(?:^\s*-->|Sending Request:) ([A-Z]{3,10}) (https?:\/\/\S{1,20000})(?: (\/\S{0,8000}))?/, false],
  [
    /\(httpMethod=([A-Z]{3,10}), protocol=https?, host=([^,\s]{1,300})(?:, port=\d{1,5})?, encodedPath=([^,\s]{0,8000})/,
    false,
  ],
]

/** Rust, MinIO for Java, OkHttp, Excon. */
const RESPONSE =
  /\bResponse \{ status: (?:StatusCode\()?(\d{3})|^\s*response=\{code=(\d{3}), |^\s*<-- (\d{3})\b|<Excon::Response.{0,4000}@status=(\d{3})\b/

/** Reads a request or a response that a program printed. */
export const readPrinted: Reader = (paste, at) => {
  const line = paste.lines[at]!
  if (line.length < 10) return undefined
  const status = RESPONSE.exec(line)
    ?.slice(1)
    .find((each) => each)
  if (status !== undefined) {
    const { headers, to } = headersAfter(paste, at)
    const start = line.search(/\bbody[:=] ?b?"/)
    const body = start < 0 ? undefined : readLiteral(line, line.indexOf('"', start))?.value
    return [foundResponse([at, to], Number(status), { headers, ...(typeof body === 'string' && { body }) })]
  }
  for (const [pattern, isPartial] of REQUESTS) {
    const [, method, origin, path = ''] = pattern.exec(line) ?? []
    if (origin === undefined) continue
    const url = `${origin.includes('/') ? '' : 'https://'}${origin}${path}`
    const { headers, to } = headersAfter(paste, at)
    // before signing, they are not all of the headers
    const isWhole = isPartial || isSignedUrl(url) || headerOf(headers, 'authorization') !== undefined
    const known = headers.length && isWhole ? headers : undefined
    return [{ ...foundRequest([at, to], 'a log', method, url, known), isPartial }]
  }
  return undefined
}

/** The headers of a line: in a map, or one per line from there on. */
function headersAfter(paste: Paste, at: number): { headers: [string, string][]; to: number } {
  const line = paste.lines[at]!
  const [, text = ''] = /\bheaders(?:=|: )(.*)$/is.exec(line.slice(0, 40_000)) ?? []
  if (/^[{[(]/.test(text)) return { headers: pairsOf(text), to: at }
  const head = HEADER.test(text) ? [text] : []
  let to = at
  if (text === '' || head.length > 0)
    for (let i = at + 1; i < Math.min(at + MOST_LINES, paste.lines.length) && paste.lines[i] !== FENCE; i++) {
      const next = paste.lines[i]!.trim()
      if (HEADER.test(next)) head.push(next)
      else if (next !== '{') {
        if (next === '}') to = i
        break
      }
      to = i
    }
  return { headers: parseHeaders(head), to }
}
