import type { Found, Hint } from '../found.ts'
import type { Line } from './lines.ts'

// Code that presigns a URL or signs a request, and code that sends something else.

const PUTS =
  /\b(?:getSignedUrl(?:Promise|Async)?\(\s{0,9}["'`](?:putObject|uploadPart)|[pP]resignedPut\w{0,12}|presigned_put_object|[pP]resignPut\w{0,12}|generate_presigned_url\(\s{0,9}(?:ClientMethod\s?=\s?)?["']put_object|GeneratePresignedUrl\w{0,20}\.PUT|Verb\s?=\s?HttpVerb\.PUT|HttpMethod\.PUT|Method\.PUT)/
const GETS =
  /\b(?:getSignedUrl(?:Promise|Async)?\(\s{0,9}["'`]getObject|[pP]resignedGet\w{0,12}|presigned_get_object|[pP]resignGet\w{0,12}|generate_presigned_url\(\s{0,9}(?:ClientMethod\s?=\s?)?["']get_object|Verb\s?=\s?HttpVerb\.GET)/
const SENT: readonly RegExp[] = [
  /\b(?:axios|requests|http|httpx|client|session|\$http)\.(get|put|post|head|delete|patch)\(\s{0,9}(?:\w{1,20}\.){0,3}\w{0,30}(?:url|signed)\w{0,20}\b/gi,
  /\bmethod["']?\s{0,3}:\s{0,3}["'`](GET|PUT|POST|HEAD|DELETE|PATCH)["'`]/gi,
  /\bxhr\.open\(\s{0,3}["'`](GET|PUT|POST|HEAD|DELETE)["'`]/gi,
  /\bcurl\b[^\n]{0,200}? (?:-X ?|--request )["']?(GET|PUT|POST|HEAD|DELETE)\b/g,
  /\btype:\s{0,3}["'`](GET|PUT|POST|HEAD)["'`]/g,
  /<(?:CanonicalRequest|StringToSign)>\s{0,2}(GET|PUT|POST|HEAD|DELETE)\b/g,
]
const OPENED =
  /\b(?:open|visit|past|enter|navigat)\w{0,4}\b[^.\n]{0,40}\b(?:url|link|it)\b[^.\n]{0,40}\b(?:browser|chrome|firefox|safari)\b/i
const HOST_AND_PATH =
  /\$\{[\w.]{1,60}\.(?:host|hostname)\}\$\{[\w.]{1,60}\.(?:path|pathname)\}\s?[`"']|\b[\w.]{1,60}\.hostname\s{0,2}\+\s{0,2}[\w.]{1,60}\.(?:path|pathname)\b(?!\s{0,2}\+)/
const FORM = /\bnew FormData\(|\bform_?data\.append\(|multipart\/form-data/i
const POLICY = /presigned_?post|postPolicy|createPresignedPost|policy/i
const PRESIGNS = /getSignedUrl|[pP]resign|generate_presigned/
const LENGTH =
  /content-?length["'`]?\]?\s{0,3}[:=,]\s{0,3}(?:String\()?(?:[\w.]{1,60}\.length\b|len\(\w{1,40}\)|strlen\()/i
const DEFAULTED = /JSON\.stringify\(\s{0,3}[\w.]{1,60}\s{0,3}(?:\|\||\?\?)\s{0,3}(?:\{\}|""|'')\s{0,3}\)/
const SIGNED_PAYLOAD = /\bsign\w{0,12}\b[^{}\n]{0,40}:\s{0,3}(\{.{2,500}\})\s*$/i
const SENT_PAYLOAD =
  /\b(?:request payload|payload|sent|sends|request body|body)\b[^{}\n]{0,30}:\s{0,3}(\{.{2,500}\})\s*$/i

/** What the code of a client suggests. */
export function presignHints(lines: readonly Line[], text: string, found: readonly Found[]): Hint[] {
  const hints: Hint[] = []
  const put = lines.find((each) => PUTS.test(each.text))
  const get = lines.find((each) => GETS.test(each.text))
  const method = put && !get ? 'PUT' : get && !put ? 'GET' : undefined
  const sent = sentMethods(text, found)
  if (method !== undefined && sent.size > 0 && !sent.has(method))
    hints.push({
      cause: 'method',
      line: (put ?? get)!.line,
      description: `Code that presigns for ${method}, where ${[...sent].join(', ')} is sent`,
    })
  const isQuery = /\bquery["'`]?\s{0,3}[:=]|searchParams|\bquery\b.{0,40}[{:]/.test(text)
  const isOther = /["'`][^"'`\n]{0,100}[\u00a1-\uffff]|non-?ascii|unicode|emoji|multi-?byte|utf-?8 char/i.test(text)
  const isPut = put !== undefined || /\bPUT\b|\.put\(|put_object|PutObject/.test(text)
  const isPresigned = PRESIGNS.test(text)
  let signed: string | undefined
  for (const { line, text: part } of lines) {
    if (hints.length > 9) break
    if (isQuery && HOST_AND_PATH.test(part))
      hints.push({ cause: 'query-removed', line, description: 'Code that sends a URL of host and path only' })
    if (DEFAULTED.test(part))
      hints.push({ cause: 'payload-mismatch', line, description: 'Code that writes a body where there is none' })
    if (isOther && LENGTH.test(part) && !/byteLength/.test(part))
      hints.push({ cause: 'content-length', line, description: 'Code that counts characters for Content-Length' })
    const own = SIGNED_PAYLOAD.exec(part)?.[1]
    const other = own === undefined && signed !== undefined ? SENT_PAYLOAD.exec(part)?.[1] : undefined
    if (other !== undefined && other !== signed)
      hints.push({ cause: 'payload-mismatch', line, description: 'Body that is not the one that was signed' })
    signed = own ?? signed
    if (isPut && isPresigned && FORM.test(part) && !POLICY.test(text))
      hints.push({ cause: 'header-changed', line, description: 'Form that is sent to a URL for a PUT request' })
  }
  if (isPresigned && isPut) hints.push(...headerHints(lines, text))
  return hints
}

/** The methods that a paste shows for a presigned URL. */
function sentMethods(text: string, found: readonly Found[]): Set<string> {
  const sent = new Set<string>()
  for (const { request } of found)
    if (request?.method !== undefined && /[?&]X-Amz-Signature=/i.test(request.url ?? '')) sent.add(request.method)
  for (const pattern of SENT) for (const [, method] of text.matchAll(pattern)) sent.add(method!.toUpperCase())
  if (OPENED.test(text)) sent.add('GET')
  return sent
}

const TYPE = /\bContentType["']?\s{0,3}(?:=>|[:=])\s{0,3}(?:["'`]([^"'`\n]{1,100})["'`])?/
const SENT_TYPE = /\bcontent-type["'`]?\]?\s{0,3}(?:=>|[:=,])\s{0,3}(?:["'`]?([a-z]{1,20}\/[\w.+-]{1,60}))?/i
const BOUND =
  /\b(ACL|Metadata|ServerSideEncryption(?:Method)?|Tagging|StorageClass|CacheControl|ContentMD5|ContentDisposition)["']?\s{0,3}(?:=>|[:=])\s{0,3}\S/
const NAMES: Readonly<Record<string, RegExp>> = {
  ACL: /x-amz-acl/i,
  Metadata: /x-amz-meta-/i,
  Tagging: /x-amz-tagging/i,
  StorageClass: /x-amz-storage-class/i,
  CacheControl: /cache-control/i,
  ContentMD5: /content-md5/i,
  ContentDisposition: /content-disposition/i,
}

/** Headers that the code binds to a URL, and does not send; or sends otherwise. */
function headerHints(lines: readonly Line[], text: string): Hint[] {
  const hints: Hint[] = []
  const given = lines.find((each) => TYPE.test(each.text))
  const sent = lines.find((each) => SENT_TYPE.test(each.text) && !/^</.test(each.text))
  const type = given && TYPE.exec(given.text)?.[1]
  const other = sent && SENT_TYPE.exec(sent.text)?.[1]
  if (given && !sent)
    hints.push({ cause: 'header-missing', line: given.line, description: 'Code that presigns with a content type' })
  else if (given && type !== undefined && other !== undefined && type !== other)
    hints.push({ cause: 'header-changed', line: sent!.line, description: 'Content type other than the presigned one' })
  const bound = lines.find((each) => BOUND.test(each.text))
  const name = bound && BOUND.exec(bound.text)![1]!
  if (bound && !(NAMES[name!] ?? /x-amz-server-side/i).test(text))
    hints.push({
      cause: 'header-missing',
      line: bound.line,
      description: `Code that presigns with ${name}, which is not sent`,
    })
  if (!given && sent && lines.some((each) => PUTS.test(each.text)))
    hints.push({ cause: 'header-changed', line: sent.line, description: 'Content type that was not presigned' })
  return hints
}
