import type { ResponseAsReceived } from '../../response/response.ts'
import { shorten } from '../../wording.ts'
import { FENCE, type Found, known, type Paste, type Reader } from '../model/found.ts'
import { readLabels } from './labels.ts'
import { readUrls } from './urls.ts'

// Errors in one line of text, as SDKs, tools and services print them.

/** Messages of services, which are evidence even without a code: their start and end. */
const MESSAGES =
  /(?:The request signature we calculated does not match|The authorization (?:header|mechanism) |The difference between the request time and |The (?:AWS )?[Aa]ccess [Kk]ey I[Dd] you provided does|The (?:security|provided) token |Request has expired|Signature (?:expired|not yet current): \S{8,20} is |There were headers present in the request which|(?:The provided )?['"]?x-amz-content-sha256['"]? (?:header does|must be)|Credential should be scoped to |Authorization header (?:requires|malformed)|(?<!\S)\S{1,200} not a valid key=value pair|Invalid according to Policy: |Missing Authentication Token|Authentication Credentials Invalid|The secret key required to |The bucket you are attempting to access|Signature validation failed|The specified (?:bucket|key) does not exist|[Rr]equest signature does not match|chunk signature mismatch|blocked by CORS policy|Cross-Origin Request Blocked|Request header field \S{1,100} is not allowed|Method \S{1,20} is not allowed by Access-Control|Origin \S{1,300} is not allowed by Access-Control|Preflight response is not successful|due to access control checks|PAM authentication failed|Access denied for user |WRONGPASS |SASL authentication failed|unable to accept connection, access denied|You must be logged in to the server)(?:\. (?:Check|Consult|This|Please|Authorization|The region)|[^.<>\n]|\.(?! (?:Check|Consult|This|Please|Authorization|The region))){0,300}?(?:\.(?! (?:Check|Consult|This|Please|Authorization|The region))(?=\W|$)\)?|(?=[<>\n]|$|["'][,})]| \((?:Service|status|truncated)))/

const CODES =
  /\b(?:SignatureDoesNotMatch|(?:Invalid|Incomplete|Unsupported)Signature(?:Exception)?|Authorization(?:HeaderMalformed|QueryParametersError)|Invalid(?:AccessKeyId|ClientTokenId|Token|Security|Digest|PolicyDocument|ChunkSizeError)|UnrecognizedClientException|Missing(?:AuthenticationToken(?:Exception)?|SecurityHeader|ContentLength|RequiredHeader)|RequestTimeTooSkewed|RequestExpired|ExpiredToken(?:Exception)?|(?:XAmz)?Content(?:SHA256|Checksum)Mismatch|BadDigest|AccessDenied(?:Exception)?|AllAccessDisabled|AuthFailure|InvalidRegionName|(?:Permanent|Temporary)Redirect|NoSuch(?:Bucket|Key)|EntityToo(?:Large|Small)|MalformedPOSTRequest|IllegalLocationConstraintException|E(?:NOTFOUND|CONN(?:REFUSED|RESET|ABORTED)|TIMEDOUT|AI_AGAIN|HOSTUNREACH)|CERT_HAS_EXPIRED|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT(?:_IN_CHAIN)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_CERT_ALTNAME_INVALID)\b/

/** The formats of SDKs: `c` is the code, `m` the message, `s` the status. */
const FORMATS: readonly RegExp[] = [
  // Python
  /An error occurred \((?<c>[\w.:-]{1,80})\) when calling the \w{1,80} operation(?: \([^()]{0,80}\))?(?:: ?(?<m>.*))?/,
  // Java, whose message precedes
  /\(Service: [^;,()]{0,80}[;,] Status Code: (?<s>\d{3})(?:[;,] Error Code: (?<c>[\w.]{1,80}))?[;,] Request ID:/,
  // Go
  /https response error StatusCode: (?<s>\d{1,3}), RequestID: (?:.{0,400}api error (?<c>\w{1,80}): (?<m>.*))?/,
]

const STATUS =
  /\b(?:(?:status(?: ?code)?|StatusCode|http(?:StatusCode| response code| status)?|HTTP(?:\/[\d.]{1,3})?|code|error|returned|response)["']?(?: of| is)?\s{0,9}(?:=>|[:=,[(])?\s{0,3}["']?([1-5]\d\d)\b|([45]\d\d)(?:\) (?=Forbidden|Bad Request|Unauthorized)| (?:response|error)\b|, message='| \(?(?:Client Error|Forbidden|Bad Request|Unauthorized|Not Found|Moved Permanently|Method Not Allowed)\b))/i

const LONGEST = 100_000
/** The length of a line that a terminal or a chat may have wrapped. */
const SHORTEST_WRAPPED = 40
const LONGEST_WRAPPED = 1000
/** Maximum number of lines of a message. */
const MOST_LINES = 4

/** Reads errors and URLs in a line of prose or of a log. */
export const readProse: Reader = (paste, at, line) => readPart(paste, at, line, 0)

/** Reads errors and URLs in a part of a line, which something else may precede or follow. */
export function readPart(paste: Paste, at: number, line: string, start: number, end?: number): Found[] {
  const part = line.slice(start, end)
  const urls = readUrls(paste, at, part)
  if (part.length > LONGEST) return urls
  const labels = readLabels(at, part).flatMap((each) => withoutUrl(each, urls))
  const found = [...urls, ...labels]
  // a URL is not prose: its parameters look like the names of errors
  let text = part.replace(/https?:\/\/[^\s"'<>`]+/gi, '…').replace(/[?&;]X-Amz-[^\s"'<>`]+/gi, ' ')
  let error = readError(text)
  let to = at
  const more = part === line ? paste.lines.slice(at + 1, at + MOST_LINES) : []
  let rest = ''
  for (const [i, next] of more.entries()) {
    if (!continues(text, error, next)) break
    text = `${text.trimEnd()} ${next.trim()}`
    rest = `${rest} ${next.trim()}`
    const longer = readError(text)
    // an error that starts in a later line is read there
    const isWhole = error !== undefined || readError(rest) === undefined
    if (isWhole && (longer?.message?.length ?? 0) > (error?.message?.length ?? 0)) {
      error = longer
      to = at + 1 + i
    }
  }
  if (!error) return found
  const { code, message = '', status } = error
  const name = code ?? (message === '' ? `with status ${status}` : quoted(message))
  return [...found, { kind: 'error', from: at, to, description: `Error ${name}`, response: error }]
}

/** The parts that a line names, without its URL if that is read as one. */
function withoutUrl(label: Found, urls: readonly Found[]): Found[] {
  const { method, url } = label.parts ?? {}
  if (urls.length === 0 || url === undefined) return [label]
  return method === undefined ? [] : [{ ...label, description: 'Method of a request', parts: { method } }]
}

/** The first line of a message, in quotation marks. */
export function quoted(message: string): string {
  const [line = ''] = message.trim().split(/[\r\n]/, 1)
  return `"${shorten(line.trimEnd(), 300)}"`
}

function continues(text: string, error: ResponseAsReceived | undefined, next: string): boolean {
  if (next.trim() === '' || next === FENCE || /[<{]|=>|^\s*\S{1,60}:\s/.test(next)) return false
  // a terminal or a chat may have wrapped the line
  if (!error) return text.length >= SHORTEST_WRAPPED && text.length < LONGEST_WRAPPED && /\w$/.test(text.trimEnd())
  if (error.message === undefined || /^\s*Authorization header requires/.test(next)) return true
  if (!MESSAGES.test(error.message)) return text.length > 50 && !/[.!?)]\s*$/.test(text)
  return !/[.)'"]$/.test(text.trimEnd()) || /provided\.$/.test(text.trim())
}

/** The error in a line: in the format of an SDK, with a known message, with a known code, or with a status. */
export function readError(text: string): ResponseAsReceived | undefined {
  const match = MESSAGES.exec(text)?.[0].trim().replace(/'\.$/, "'")
  // a parenthesis may be that of the sentence around it
  const stated = match?.includes('(') ? match : match?.replace(/\)$/, '')
  const code = CODES.exec(text)?.[0]
  for (const pattern of FORMATS) {
    const found = pattern.exec(text)
    if (!found) continue
    const { c, m, s } = found.groups ?? {}
    // the text before it, without the names of Java exceptions
    const before = found[0].startsWith('(') ? /^(?:.*Exception:\s)?(.*)$/s.exec(text.slice(0, found.index))?.[1] : m
    const isStatus = /^\d{3}$/.test(c ?? '')
    return known({
      status: Number(isStatus ? c : s) || undefined,
      code: isStatus ? undefined : (c ?? code),
      message: stated ?? trimmed(before),
    })
  }
  const [, unreached] =
    code === undefined && stated === undefined ? (NETWORK.find(([words]) => words.test(text)) ?? []) : []
  if (unreached !== undefined) return { code: unreached, message: text.trim().slice(0, 300) }
  const [, first, second] = STATUS.exec(text) ?? []
  const status = Number(first ?? second) || undefined
  const message = stated ?? (code === undefined ? undefined : messageAfter(text, code))
  if (message !== undefined || code !== undefined) return known({ status, code, message })
  return status === undefined || status < 400 ? undefined : { status }
}

/** What programs print if a request did not reach the server, and the code of that in Node. */
const NETWORK: readonly [words: RegExp, code: string][] = [
  [
    /Could not resolve host|Name or service not known|no such host|nodename nor servname|Temporary failure in name resolution|UnknownHostException/i,
    'ENOTFOUND',
  ],
  [
    /Could not connect to the endpoint URL|connect(?:ion)? (?:was )?refused|Failed to connect to \S{1,300} port/i,
    'ECONNREFUSED',
  ],
  [
    /certificate verify failed|x509: |SSLHandshakeException|SSL certificate problem|self[- ]signed certificate/i,
    'CERT_INVALID',
  ],
  [/connect(?:ion)? timed out|i\/o timeout|Connect timeout on endpoint URL/i, 'ETIMEDOUT'],
]

function messageAfter(text: string, code: string): string | undefined {
  const rest = text.slice(text.indexOf(code) + code.length)
  const [, message] =
    /^(?:['"]?[:)]\s*|\s+-\s+)["']?([A-Z](?:[^\n"<>{}]|"[^\n"<>{}]{1,120}"(?= )){8,400})/.exec(rest) ?? []
  return trimmed(message?.replace(/ ?(?:status code: \d{3}|\(Service: |at \S+:\d+).*$/s, ''))
}

function trimmed(text = ''): string | undefined {
  const message = text
    .trim()
    .replace(/^["'`]|["'`]$/g, '')
    .replace(/\\n[\s\S]*$/, '')
    .trim()
  return message === '' ? undefined : message
}

const LONGEST_TEXT = 20_000
const SERVICE =
  /\b(?:s3|(?:amazon)?aws\w*|minio|bucket|r2|pre-?signed|sigv4|sign_v4|X-Amz-\w+|credential|access key|si(?:gn|ng)ature(?:DoesNotMatch| we calculated))\b/i
const MISMATCH =
  /\bsi(?:gn|ng)atur\w{0,3} ?does ?n[o'] ?t ?match|\bsign\w{0,12} (?:mismatch|(?:valid|verific)ation fail|.{0,40}(?:not|n't) match)|\bsign\w{0,12}\b.{0,30}\b(?:wrong|incorrect)|\b(?:invalid|wrong|incorrect|bad) signature/i
/** Words that errors of services have. */
const FAULT =
  /\bonly one auth|\bnot (?:supported|implemented)\b|\bmust (?:be|have|contain)\b|\bmissing required\b|\b(?:is|are) (?:incorrect|mal-?formed)\b|\bdid not match what\b|\brequires a valid\b|\binvalid payload\b|\bmal-?formed access/i

/** The first line that looks like the error of a service, if no other error was found. */
export function readSentence({ lines, text }: Paste): Found[] {
  if (!SERVICE.test(text.slice(0, LONGEST_TEXT))) return []
  // the parameters of a URL look like the words of an error
  const sentences = lines.map((line) => line.slice(0, 2000).replace(/(?:https?:\/\/|[?&;]X-Amz-)[^\s"'<>`]+/gi, ''))
  const fault = sentences.findIndex((line) => FAULT.test(line) && !MISMATCH.test(line))
  const at = fault < 0 ? sentences.findIndex((line) => MISMATCH.test(line)) : fault
  if (at < 0) return []
  const response = fault < 0 ? { code: 'SignatureDoesNotMatch' } : { message: sentences[at]?.trim().slice(0, 400) }
  return [{ kind: 'error', from: at, to: at, description: 'Error in prose', response }]
}
