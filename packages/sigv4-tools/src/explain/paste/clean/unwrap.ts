import { unescapeString } from '../model/found.ts'
import { readLiteral } from '../model/literal.ts'

// Removes the additions of HTTP clients to the messages in their logs: marks, quotation marks, escapes, and their own words
// for the first lines. Without these, a message is what HTTP sends.

/** A string that starts a message: of any log, such as those of Go with `%q` and of log/slog. */
const MESSAGE = /b?(?=["'](?:[A-Z]{3,7} \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3}[^"'\\]{0,60})\\r\\n)/
/**
 * A string that continues one.
 * - Python: https://docs.python.org/3/library/http.client.html#http.client.HTTPConnection.set_debuglevel
 * - Ruby: https://docs.ruby-lang.org/en/master/Net/HTTP.html#method-i-set_debug_output
 * - Rust: https://docs.rs/reqwest/latest/reqwest/struct.ClientBuilder.html#method.connection_verbose
 */
const STRING = /(?:^|\s)(?:send:|reply:|write:|read:|<-|->) b?(?=["'])/
/** Apache HttpClient: https://hc.apache.org/httpcomponents-client-4.5.x/logging.html */
const WIRE = /^.{0,200}?http-outgoing-\d{1,10} (>>|<<) "(.*)"$/s

/** Lines in other words, and the lines that HTTP sends for them. */
const LINES: readonly [pattern: RegExp, content: string][] = [
  // Python
  [/^(?:.{0,200}\s)?header: (?=[\w-]{1,80}: )/, ''],
  // Apache HttpClient, its logger of headers
  [/^.{0,200}http-outgoing-\d{1,10} (?:>>|<<) /, ''],
  // OkHttp: https://square.github.io/okhttp/features/interceptors/
  [/^.{0,200}?--> ([A-Z]{3,7} https?:\/\/\S+).*$/s, '$1 HTTP/1.1'],
  [/^.{0,200}?<-- (\d{3}\b[^:]{0,40}) https?:\/\/.*$/s, 'HTTP/1.1 $1'],
  // .NET: https://learn.microsoft.com/dotnet/core/extensions/httpclient-factory#logging
  [/^.{0,200}?Sending HTTP request ([A-Z]{3,7}) (https?:\/\/\S+)$/, '$1 $2 HTTP/1.1'],
  [/^.{0,200}?Received HTTP response headers after \S{1,20} - (\d{3})$/, 'HTTP/1.1 $1'],
  // .NET: https://learn.microsoft.com/dotnet/api/system.net.http.httprequestmessage.tostring
  [/^.{0,200}?Method: ([A-Z]{3,7}), RequestUri: '([^']+)', .*$/s, '$1 $2 HTTP/1.1'],
  [/^.{0,200}?StatusCode: (\d{3}), ReasonPhrase: '([^']{0,80})', .*$/s, 'HTTP/1.1 $1 $2'],
  // Java, which logs the status after the headers: https://docs.oracle.com/en/java/javase/17/docs/api/java.net.http/module-summary.html
  [/^.{0,200}?RESPONSE: \([A-Z]{3,7} https?:\S+\) (\d{3}) HTTP_.*$/s, 'HTTP status $1'],
]
/** The mark of a line that is a header, or the first line of a message. */
const HEADER = 'header'
/** Lines that do not belong to a message: the end of one, and the source of a log entry in .NET. */
const NOISE = /(?:-->|<--) END [A-Z]{3,7}\b|^\s*(?:trce|dbug|info): [\w.-]{1,200}\[\d{1,5}\]$/
/** Lines that .NET adds between the first line of a message and its headers. */
const OPENING = /^\s*(?:\{|(?:Request|Response) Headers:)$/
/** MinIO: https://min.io/docs/minio/linux/reference/minio-mc-admin/mc-admin-trace.html */
const TRACE = /^\s*(\S{1,200}) \[REQUEST [\w.]+\]/

/** The messages in a log as HTTP sends them, other lines unchanged, and the index of the line that each is from. */
export function unwrap(log: readonly string[]): { lines: string[]; origins: number[] } {
  const lines: string[] = []
  const origins: number[] = []
  const read = createReader()
  let before = ''
  let open = ''
  for (const [at, line] of log.entries()) {
    const part = read(line)
    if (part?.text === '') continue
    const { mark, text } = part ?? { mark: '', text: `${line}\n` }
    const pieces = text.split(/\r?\n/)
    if (mark !== '' && mark === open) pieces[0] = `${lines.pop()}${pieces[0]}`
    // a line without a mark is not a header
    if (before === HEADER && !part) pieces.unshift('')
    const isEnded = text.endsWith('\n')
    if (isEnded) pieces.pop()
    for (const piece of pieces) lines.push(piece)
    while (origins.length < lines.length) origins.push(at)
    open = isEnded ? '' : mark
    before = mark
  }
  return { lines, origins }
}

/** The part of a message that a line contains. A line that does not end continues in the next part with the same mark. */
interface Part {
  readonly mark: string
  readonly text: string
}

/** Reads the lines of a log one after another; a line that is not part of a message has no part. */
function createReader(): (line: string) => Part | undefined {
  let isMessage = false
  let isOpening = false
  let server: string | undefined
  return (line) => {
    server = TRACE.exec(line)?.[1] ?? (server !== undefined && line.trimStart().startsWith(server) ? server : undefined)
    if (server !== undefined) return tracePart(server, line)
    if (NOISE.test(line) || (isOpening && OPENING.test(line))) return { mark: '', text: '' }
    isOpening = false
    const [, way, quoted] = WIRE.exec(line) ?? []
    if (way !== undefined && quoted !== undefined) return { mark: way, text: unescapeString(withoutBrackets(quoted)) }
    const start = MESSAGE.exec(line) ?? (isMessage ? STRING.exec(line) : null)
    if (start) {
      isMessage = true
      return stringPart(line, start.index + start[0].length)
    }
    const row = LINES.find(([pattern]) => pattern.test(line))
    if (!row) return undefined
    const [pattern, content] = row
    isOpening = content !== ''
    return { mark: isOpening ? '' : HEADER, text: `${line.replace(pattern, content)}\n` }
  }
}

/** A string, and the rest of its line, which may contain an error. */
function stringPart(line: string, from: number): Part {
  const [mark = ''] = /\S{1,40}\s{0,40}b?$/.exec(line.slice(Math.max(from - 40, 0), from)) ?? []
  // a log may cut a long line
  const string = readLiteral(line, from) ?? readLiteral(`${line}${line[from]}`, from)
  const rest = line.slice(string?.end)
  return { mark, text: `${string?.value ?? ''}${/\w/.test(rest) ? `\n${rest}\n` : ''}` }
}

/** A part of a wire log of Apache HttpClient: brackets around escapes, and none for backslashes. */
function withoutBrackets(content: string): string {
  return content
    .replace(/\\(?![rn]\])/g, '\\\\')
    .replace(/\[(\\[rn])\]/g, '$1')
    .replace(/\[0x(?:f{6})?([\da-f]{2})\]/g, '\\x$1')
}

/** A line of a trace of MinIO, all of which start with the name of the server. */
function tracePart(server: string, line: string): Part {
  const content = line.trim().slice(server.length).trim()
  // the name of the operation marks what was received
  if (content.startsWith('[REQUEST ')) return { mark: '', text: `${content}\n` }
  if (content.startsWith('Proto:')) return { mark: '', text: '' }
  // the next line is the rest of the first line of the response
  return { mark: server, text: content.startsWith('[RESPONSE]') ? 'HTTP/1.1 ' : `${content}\n` }
}
