import { readMeaning } from '../../response/errors.ts'
import { FENCE, type Found, type Paste, type Reader } from '../found.ts'
import { readUrls } from './urls.ts'

// Errors as one line of text: what SDKs, tools and services print.

/** Messages of services, which are evidence even without a code: how they start, and where they end. */
const MESSAGES =
  /(?:The request signature we calculated does not match|The authorization (?:header|mechanism) |The difference between the request time and |The (?:AWS )?[Aa]ccess [Kk]ey I[Dd] you provided does|The (?:security|provided) token |Request has expired|Signature (?:expired|not yet current): \S{8,20} is |There were headers present in the request which|(?:The provided )?['"]?x-amz-content-sha256['"]? (?:header does|must be)|Credential should be scoped to |Authorization header (?:requires|malformed)|(?<!\S)\S{1,200} not a valid key=value pair|Invalid according to Policy: |Missing Authentication Token|Authentication Credentials Invalid|The secret key required to |The bucket you are attempting to access|Signature validation failed|The specified (?:bucket|key) does not exist|[Rr]equest signature does not match|chunk signature mismatch)(?:\. (?:Check|Consult|This|Please|Authorization|The region)|[^.<>\n]|\.(?! (?:Check|Consult|This|Please|Authorization|The region))){0,300}?(?:\.(?! (?:Check|Consult|This|Please|Authorization|The region))(?=\W|$)|(?=[<>\n]|$|["'][,})]| \((?:Service|status|truncated)))/

const CODES =
  /\b(?:SignatureDoesNotMatch|(?:Invalid|Incomplete|Unsupported)Signature(?:Exception)?|Authorization(?:HeaderMalformed|QueryParametersError)|Invalid(?:AccessKeyId|ClientTokenId|Token|Security|Digest|PolicyDocument|ChunkSizeError)|UnrecognizedClientException|Missing(?:AuthenticationToken(?:Exception)?|SecurityHeader|ContentLength|RequiredHeader)|RequestTimeTooSkewed|RequestExpired|ExpiredToken(?:Exception)?|(?:XAmz)?Content(?:SHA256|Checksum)Mismatch|BadDigest|AccessDenied(?:Exception)?|AllAccessDisabled|(?:Permanent|Temporary)Redirect|NoSuch(?:Bucket|Key)|EntityToo(?:Large|Small)|MalformedPOSTRequest|IllegalLocationConstraintException)\b/

/** An error that a line reports. */
interface Reported {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly status?: number | undefined
}

/** Reads errors and URLs in a line of prose or of a log. */
export const readProse: Reader = (paste, at) => prose(paste.lines, at, (text) => readUrls(paste, at, text))

/** The errors and URLs in a part of a line, which something else precedes or follows. */
export function readPart(paste: Paste, at: number, start: number, end?: number): Found[] {
  const part = paste.lines[at]!.slice(start, end)
  return prose([part], 0, (text) => readUrls(paste, at, text)).map((found) => ({ ...found, from: at, to: at }))
}

function prose(lines: readonly string[], at: number, urls: (text: string) => Found[]): Found[] {
  const line = lines[at]!
  if (line.length > 100_000) return urls(line)
  const requests = urls(line)
  // a URL is not prose: its parameters are like the names of errors
  let text = line.replace(/(?:https?:\/\/|[?&;]X-Amz-)[^\s"'<>`]+/gi, ' ')
  let [error, to] = [readError(text), at]
  const next = lines[at + 1]
  if (next !== undefined && isProse(next) && line.trim() !== '' && isCut(text, error, next)) {
    for (let i = at + 1; i < Math.min(at + 4, lines.length) && isProse(lines[i]!); i++) {
      text = `${text.trimEnd()} ${lines[i]!.trim()}`
      const longer = readError(text)
      if (longer && (longer.message?.length ?? 0) > (error?.message?.length ?? 0)) [error, to] = [longer, i]
    }
  }
  if (!error) return requests
  const { code, message, status } = error
  const response = {
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
  const name =
    code ??
    (message === undefined
      ? `with status ${status}`
      : `"${message.length > 60 ? `${message.slice(0, 57)}…` : message}"`)
  return [...requests, { kind: 'error', from: at, to, description: `Error ${name}`, response }]
}

/** Whether a line may continue the sentence before it. */
function isProse(line: string): boolean {
  return line.trim() !== '' && line !== FENCE && !/[<{]|=>|^\s*\S{1,60}:\s/.test(line)
}

/** Whether a message may continue on the next line. */
function isCut(text: string, error: Reported | undefined, next: string): boolean {
  if (error?.message === undefined) return error !== undefined
  // a service names all that a header lacks
  if (/^\s*Authorization header requires/.test(next)) return true
  if (!MESSAGES.test(error.message)) return text.length > 50 && !/[.!?)]\s*$/.test(text)
  return !/[.)'"]$/.test(text.trimEnd()) || (/provided\.$/.test(text.trim()) && /calculated/.test(text))
}

/** The error in a line: in the format of an SDK, with a known message, or with a known code. */
export function readError(text: string): Reported | undefined {
  const known = MESSAGES.exec(text)?.[0].trim().replace(/'\.$/, "'")
  const code = CODES.exec(text)?.[0]
  return (
    readFormat(text, known) ??
    (known !== undefined || code !== undefined
      ? { code, message: known ?? messageAfter(text, code!), status: statusIn(text) }
      : (readTyped(text) ?? readNamed(text) ?? readStatus(text)))
  )
}

/** A name and a message that are an error of a service. */
function readNamed(text: string): Reported | undefined {
  const [, code, words] = /(?:^|[\s"'(:])([A-Z][a-z]+(?:[A-Z][a-z]+)+): ([A-Z][^\n<>{}]{8,400})/.exec(text) ?? []
  const message = clean(words)
  if (code === undefined || message === undefined) return undefined
  const isKnown = readMeaning({ status: undefined, code, message }).kind === 'named'
  return isKnown ? { code, message, status: statusIn(text) } : undefined
}

function clean(text: string | undefined): string | undefined {
  const trimmed = text
    ?.trim()
    .replace(/^["'`]|["'`]$/g, '')
    .replace(/\\n[\s\S]*$/, '')
    .trim()
  return trimmed === '' || trimmed === undefined ? undefined : trimmed
}

/** Codes as people type them from a screenshot, and messages that stand for a code. */
const TYPED: readonly (readonly [pattern: RegExp, code: string])[] = [
  [
    /does(?:n'?t| not) match the signature you provided|(?:^|[:("'[<>*]|\b(?:error|code|sa(?:ys?|id)|g[eo]ts?|getting|gives?|received?|returns?))[\s:"'*]{0,4}(?:the )?si(?:gn|ng)ature ?(?:does ?not|doesn'?t) ?match/i,
    'SignatureDoesNotMatch',
  ],
  [/\brequest ?time ?too ?skewed\b/i, 'RequestTimeTooSkewed'],
  [/\binvalid ?access ?key ?id\b/i, 'InvalidAccessKeyId'],
  [/^\W{0,4}(?:error:? |message:? )?access ?denied(?:[.!]|$|\. Extra Details)/i, 'AccessDenied'],
]

function readTyped(text: string): Reported | undefined {
  if (text.length > 2000) return undefined
  const code = TYPED.find(([pattern]) => pattern.test(text))?.[1]
  return code === undefined ? undefined : { code, status: statusIn(text) }
}

/** The formats of SDKs and tools: `c` is the code, `m` the message, `s` the status. */
const FORMATS: readonly RegExp[] = [
  // Python
  /An error occurred \((?<c>[\w.:-]{1,80})\) when calling the \w{1,80} operation(?: \([^()]{0,80}\))?(?:: ?(?<m>.*))?/,
  // Java, whose message precedes
  /\(Service: [^;,()]{0,80}[;,] Status Code: (?<s>\d{3})(?:[;,] Error Code: (?<c>[\w.]{1,80}))?[;,] Request ID:/,
  // Go
  /https response error StatusCode: (?<s>\d{1,3}), RequestID: (?:.{0,400}api error (?<c>\w{1,80}): (?<m>.*))?/,
  // s3cmd, Ruby, Rust, MinIO, PHP
  /(?:S3 error: (?<s>\d{3}) \(|\bAws::[\w:]{1,80}Errors::|\bcode: Some\(\s*")(?<c>\w{1,80})(?:"?\))?(?:(?:, message: Some\(\s*"|: | \()(?<m>[^"()]{3,400}))?/,
  /(?:\bS3Error: |mc(?:\.exe)?: <ERROR> (?:Unable to [^.]{0,200}\. )?)(?<m>.*)/,
  /\b(?<c>\w{4,60}) \((?:client|server)\): (?<m>.*)/,
]

/** An error in the format of an SDK or a tool. */
function readFormat(text: string, known: string | undefined): Reported | undefined {
  for (const pattern of FORMATS) {
    const found = pattern.exec(text)
    if (!found) continue
    const {
      c,
      m = c === undefined || found[0].startsWith('(') ? javaMessage(text, found.index) : '',
      s,
    } = found.groups!
    const isStatus = /^\d{3}$/.test(c ?? '')
    return {
      code: isStatus ? undefined : (c ?? CODES.exec(text)?.[0]),
      message: known ?? clean(m),
      status: Number(isStatus ? c : s) || undefined,
    }
  }
  return undefined
}

/** What precedes a place, without the names of exceptions of Java. */
function javaMessage(text: string, end: number): string {
  return /^(?:.*Exception:\s)?(.*)$/s.exec(text.slice(0, end))![1]!.trim()
}

/** The message that follows a code. */
function messageAfter(text: string, code: string): string | undefined {
  const rest = text.slice(text.indexOf(code) + code.length)
  const [, message] =
    /^(?:['"]?[:)]\s*|\s+-\s+)["']?([A-Z](?:[^\n"<>{}]|"[^\n"<>{}]{1,120}"(?= )){8,400})/.exec(rest) ?? []
  return clean(message?.replace(/ ?(?:status code: \d{3}|\(Service: |at \S+:\d+).*$/s, ''))
}

const STATUS =
  /\b(?:(?:status(?: ?code)?|StatusCode|http(?:StatusCode| response code| status)?|HTTP(?:\/[\d.]{1,3})?|code|error|returned|response)["']?(?: of| is)?\s{0,9}(?:=>|[:=,[(])?\s{0,3}["']?([1-5]\d\d)\b|([45]\d\d)(?:\) (?=Forbidden|Bad Request|Unauthorized)| (?:response|error)\b|, message='| \(?(?:Client Error|Forbidden|Bad Request|Unauthorized|Not Found|Moved Permanently|Method Not Allowed)\b))/i

/** Names of statuses, as .NET prints them. */
const NAMED = { BadRequest: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404 } as const

function statusIn(text: string): number | undefined {
  const [, first, second] = STATUS.exec(text) ?? []
  const [, name] =
    /\bstatus ?code["']?\s{0,3}[=:]\s{0,3}["']?(?:HttpStatusCode\.)?(BadRequest|Unauthorized|Forbidden|NotFound)\b/i.exec(
      text,
    ) ?? []
  return Number(first ?? second) || NAMED[name as keyof typeof NAMED] || undefined
}

/** A status alone is evidence if it is an error. */
function readStatus(text: string): Reported | undefined {
  const status = statusIn(text)
  return status === undefined || status < 400 ? undefined : { status }
}
