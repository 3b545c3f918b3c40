import { FENCE, type Found, type Paste, pastedRequest, type Reader, straighten } from '../found.ts'
import { readUrls } from './urls.ts'

// Errors as one line of text: what SDKs, tools and services print.

/** Messages of services, complete; each stands on its own even without a code. */
const MESSAGES =
  /The request signature we calculated does not match the signature you provided\.?(?: Check your (?:Google |AWS )?[Ss]ecret [Aa]ccess [Kk]ey and signing method\.?| Check your (?:Google secret )?key and signing method\.?)?(?: Consult the service documentation for details\.?)?|The authorization header is malformed; (?:the region (?:['"]?[\w-]{1,60}['"]? )?is wrong; expecting ['"]?[\w-]{1,60}['"]?|[^<>\n"]{3,200}(?:"[^<>\n"]{0,200}"[^<>\n"]{0,60})?)|The authorization mechanism you have provided is not supported\. Please use AWS4-HMAC-SHA256\.?|The authorization header (?:that )?you provided is (?:invalid|not valid)\.?|The difference between the request time and the (?:current|server's) time is too large\.?|The (?:AWS )?[Aa]ccess [Kk]ey I[Dd] you provided does not exist in our records\.?|The security token included in the request is (?:invalid|expired)\.?|The provided token (?:has expired|is malformed or otherwise invalid)\.?|The AWS Access Key Id needs a subscription for the service|Request has expired\.?|Signature expired: \S{8,20} is now earlier than \S{8,20}(?: \([^()\n]{3,60}\))?\.?|Signature not yet current: \S{8,20} is still later than \S{8,20}(?: \([^()\n]{3,60}\))?\.?|There were headers present in the request which were not signed\.?|Query-string authentication version 4 requires the [^<>\n"]{10,200} parameters\.?|X-Amz-(?:Expires|Algorithm|Date|Credential|SignedHeaders) (?:must|should|only)[^<>\n"]{5,120}|Error parsing the X-Amz-Credential parameter[^<>\n"]{0,160}|AWS authentication requires a valid Date or x-amz-date header\.?|Missing required header for this request: [\w-]{3,60}|The provided ['"]?x-amz-content-sha256['"]? header does not match what was computed\.?|x-amz-content-sha256 must be[^<>\n"]{5,120}|Credential should be scoped to (?:a )?(?:valid|correct)[^<>\n"]{3,120}|Authorization header requires ['"]?\w{3,30}['"]? parameter\.[^<>\n"]{0,300}|[^\s]{1,200} not a valid key=value pair \(missing equal-sign\) in Authorization header|Only one auth mechanism allowed[^<>\n"]{0,200}|Unsupported Authorization Type|Invalid according to Policy: [^<>\n"]{3,200}|Your proposed upload exceeds the maximum allowed size|Missing Authentication Token|The Content-MD5 you specified (?:is not valid|did not match what we received|was invalid)\.?|The (?:SHA256|CRC32C?|CRC64NVME|SHA1|Content-SHA256) you specified did not match[^<>\n"]{3,80}|Date in Credential scope does not match YYYYMMDD[^<>\n"]{3,160}|The bucket you are attempting to access must be addressed using the specified endpoint\.[^<>\n"]{0,120}|Host header is a required header|Access key does not exist|Signature validation failed|Value for x-amz-checksum-\w{3,12} header is invalid\.?|STREAMING-AWS4[\w-]{3,60} not implemented|The specified (?:bucket|key) does not exist\.?|Authorization header malformed, [^<>\n"]{3,160}|[Rr]equest signature does not match[^<>\n".]{0,60}|chunk signature mismatch/

const CODES =
  /\b(?:SignatureDoesNotMatch|InvalidSignature(?:Exception)?|IncompleteSignature(?:Exception)?|AuthorizationHeaderMalformed|AuthorizationQueryParametersError|InvalidAccessKeyId|UnrecognizedClientException|InvalidClientTokenId|MissingAuthenticationToken(?:Exception)?|MissingSecurityHeader|RequestTimeTooSkewed|RequestExpired|ExpiredToken(?:Exception)?|InvalidToken|InvalidSecurity|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch|ContentSHA256Mismatch|BadDigest|InvalidDigest|AccessDenied(?:Exception)?|AccountProblem|AllAccessDisabled|PermanentRedirect|TemporaryRedirect|NoSuchBucket|NoSuchKey|EntityTooLarge|EntityTooSmall|InvalidPolicyDocument|MalformedPOSTRequest|MissingContentLength|InvalidChunkSizeError|UnsupportedSignature|IllegalLocationConstraintException|CredentialsNotSupported|TokenRefreshRequired|NotSignedUp|MissingRequiredHeader|XMinioInvalidObjectName|CrossLocationLoggingProhibited)\b/

/** An error that a line reports. */
interface Reported {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly status?: number | undefined
  readonly source?: string
}

/** Reads errors and URLs in a line of prose or of a log. */
export const readProse: Reader = (paste, at) => prose(paste.lines, at, (text) => readUrls(paste, at, text))

/** The errors and URLs in the part of a line before something else. */
export function readPart(paste: Paste, at: number, end: number): Found[] {
  const part = paste.lines[at]!.slice(0, end)
  return prose([part], 0, (text) => readUrls(paste, at, text)).map((found) => ({ ...found, from: at, to: at }))
}

/** The errors and URLs in the part of a line behind something else. */
export function readRest(paste: Paste, at: number, start: number): Found[] {
  const part = paste.lines[at]!.slice(start)
  return prose([part], 0, (text) => readUrls(paste, at, text)).map((found) => ({ ...found, from: at, to: at }))
}

function prose(lines: readonly string[], at: number, urls: (text: string) => Found[]): Found[] {
  const line = lines[at]!
  if (line.length > 100_000) return urls(line)
  const requests = readPhp(line, at) ?? urls(line)
  // a URL is not prose: its parameters are like the names of errors
  let text = straighten(line.replace(/(?:https?:\/\/|[?&;]X-Amz-)[^\s"'<>`]+/gi, ' '))
  let [error, to] = [readError(text), at]
  const next = lines[at + 1]
  if (next !== undefined && isProse(next) && line.trim() !== '' && isCut(text, error)) {
    for (let i = at + 1; i < Math.min(at + 4, lines.length) && isProse(lines[i]!); i++) {
      text = `${text.trimEnd()} ${straighten(lines[i]!.trim())}`
      const longer = readError(text)
      if (longer && (longer.message?.length ?? 0) > (error?.message?.length ?? 0)) [error, to] = [longer, i]
    }
  }
  if (!error) return requests
  const { code, message, status, source } = error
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
  return [
    ...requests,
    { kind: 'error', from: at, to, description: `Error ${name}${source ? `, as ${source}` : ''}`, response },
  ]
}

/** Whether a line may go on with the sentence before it. */
function isProse(line: string): boolean {
  return line.trim() !== '' && line !== FENCE && !/[<{]|=>|^\s*\S{1,60}:\s/.test(line)
}

/** Whether a message may go on on the next line: it was wrapped. */
function isCut(text: string, error: Reported | undefined): boolean {
  if (error?.message !== undefined && !MESSAGES.test(error.message)) return text.length > 50 && !/[.!?)]\s*$/.test(text)
  if (error?.message !== undefined)
    return !/[.)'"]\s*$/.test(text.trimEnd()) || (/provided\.$/.test(text.trim()) && /calculated/.test(text))
  return (
    /\b(?:request signature|authorization header|difference between|access key|security token|Check your|The request|signature we|provided|error occurred)\b/i.test(
      text,
    ) || error !== undefined
  )
}

/** The error that a text reports: by the format of an SDK, by a known message, or by a known code. */
export function readError(text: string): Reported | undefined {
  const known = MESSAGES.exec(text)?.[0].trim()
  const code = CODES.exec(text)?.[0]
  return (
    readFormat(text, known) ??
    (known !== undefined || code !== undefined
      ? { code, message: known ?? messageAfter(text, code!), status: statusIn(text) }
      : (readTyped(text) ?? readStatus(text)))
  )
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
  [/doesn['’]?t match the signature you provided/i, 'SignatureDoesNotMatch'],
  [
    /(?:^|[:("'[<>*]|\b(?:error|code|says?|said|got|gets?|getting|gives?|received?|returns?))[\s:"'*]{0,4}(?:the )?signature ?(?:does ?not|doesn['’]?t) ?match/i,
    'SignatureDoesNotMatch',
  ],
  [/\brequest ?time ?too ?skewed\b/i, 'RequestTimeTooSkewed'],
  [/\binvalid ?access ?key ?id\b/i, 'InvalidAccessKeyId'],
  [/\bauthorization ?header ?malformed\b/i, 'AuthorizationHeaderMalformed'],
  [/^\W{0,4}(?:error:? |message:? )?access ?denied(?:[.!]|$|\. Extra Details)/i, 'AccessDenied'],
]

function readTyped(text: string): Reported | undefined {
  if (text.length > 2000) return undefined
  const code = TYPED.find(([pattern]) => pattern.test(text))?.[1]
  return code === undefined ? undefined : { code, status: statusIn(text) }
}

/** The formats of SDKs and tools. */
function readFormat(text: string, known: string | undefined): Reported | undefined {
  const boto =
    /An error occurred \(([\w.:-]{1,80})\) when calling the (\w{1,80}) operation(?: \([^()]{0,80}\))?(?:: ?(.*))?/.exec(
      text,
    )
  if (boto) return { ...coded(boto[1]!), message: known ?? clean(boto[3]), source: 'Python prints it' }
  const java =
    /\(Service: ([^;,()]{0,80})[;,] Status Code: (\d{3})(?:[;,] Error Code: ([\w.]{1,80}))?[;,] Request ID:/.exec(text)
  if (java)
    return {
      code: java[3] ?? CODES.exec(text)?.[0],
      message: known ?? clean(javaMessage(text.slice(0, java.index))),
      status: Number(java[2]),
      source: 'Java prints it',
    }
  const go = /https response error StatusCode: (\d{3}|0), RequestID: /.exec(text)
  if (go) {
    const api = /api error (\w{1,80}): (.*)/.exec(text)
    return {
      code: api?.[1] ?? CODES.exec(text)?.[0],
      message: known ?? clean(api?.[2]),
      status: Number(go[1]) || undefined,
      source: 'Go prints it',
    }
  }
  const s3cmd = /S3 error: (\d{3}) \((\w{1,80})\)(?:: (.*))?/.exec(text)
  if (s3cmd)
    return { code: s3cmd[2], message: known ?? clean(s3cmd[3]), status: Number(s3cmd[1]), source: 's3cmd prints it' }
  const ruby = /Aws::(?:\w{1,40}::){1,3}Errors::(\w{1,80})(?: \(([^()]{3,400})|: (.{3,400}))?/.exec(text)
  if (ruby) return { code: ruby[1], message: known ?? clean(ruby[2] ?? ruby[3]), source: 'Ruby prints it' }
  const rust = /code: Some\(\s*"(\w{1,80})"/.exec(text)
  if (rust)
    return {
      code: rust[1],
      message: known ?? clean(/message: Some\(\s*"([^"]{1,400})"/.exec(text)?.[1]),
      source: 'Rust prints it',
    }
  const minio = /(?:\bS3Error: |mc(?:\.exe)?: <ERROR> )(.*)/.exec(text)
  if (minio)
    return {
      code: CODES.exec(text)?.[0],
      message: known ?? clean(minio[1]!.replace(/^Unable to [^.]{0,200}\. /, '')),
      source: 'MinIO prints it',
    }
  const php = /\b(\w{4,60}) \((?:client|server)\): (.*)/.exec(text)
  if (php) return { code: php[1], message: known ?? clean(php[2]), source: 'PHP prints it' }
  return undefined
}

/** A code, which may be the status of a response without a body. */
function coded(code: string): Reported {
  return /^\d{3}$/.test(code) ? { status: Number(code) } : { code }
}

/** What a message of Java has in front of it: the names of exceptions. */
function javaMessage(text: string): string {
  return text
    .slice(
      Math.max(text.lastIndexOf('Exception: ') + 11, text.lastIndexOf('Exception:\t') + 11, 0) % (text.length + 11),
    )
    .trim()
}

/** The message that follows a code. */
function messageAfter(text: string, code: string): string | undefined {
  const rest = text.slice(text.indexOf(code) + code.length)
  const [, message] =
    /^(?:['"]?[:)]\s*|\s+-\s+)["']?([A-Z](?:[^\n"<>{}]|"[^\n"<>{}]{1,120}"(?= )){8,400})/.exec(rest) ?? []
  return clean(message?.replace(/ ?(?:status code: \d{3}|\(Service: |at \S+:\d+).*$/, ''))
}

const STATUS =
  /\b(?:(?:status(?: ?code)?|StatusCode|http(?:StatusCode| response code| status)?|HTTP(?:\/[\d.]{1,3})?|code|error|returned|response)["']?(?: of| is)?\s{0,9}(?:=>|[:=,[(])?\s{0,3}["']?([1-5]\d\d)\b|([45]\d\d)(?:\) (?=Forbidden|Bad Request|Unauthorized)|, message='| \(?(?:Client Error|Forbidden|Bad Request|Unauthorized|Not Found|Moved Permanently|Method Not Allowed)\b))/i

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

/** `Error executing "PutObject" on "https://…"` of PHP, which has the method and the URL. */
function readPhp(line: string, at: number): Found[] | undefined {
  const [, quoted] = /Error executing "\w{1,60}" on "([^"\s]{8,20000})"/.exec(line) ?? []
  const [, method, url, status] =
    /error: [`']?(GET|PUT|POST|HEAD|DELETE) (https?:\/\/[^\s`']{4,20000})[`']? resulted in a [`']?(\d{3})/.exec(line) ??
    []
  const target = quoted ?? url
  if (target === undefined) return undefined
  return [
    {
      kind: 'request',
      from: at,
      to: at,
      description: `${method ?? 'A'} request from an error of PHP`,
      request: pastedRequest(method, target, undefined),
    },
    ...(status === undefined
      ? []
      : [
          {
            kind: 'response' as const,
            from: at,
            to: at,
            description: `Response with status ${status}`,
            response: { status: Number(status) },
          },
        ]),
  ]
}
