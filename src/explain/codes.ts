import type { Cause } from './causes.ts'
import type { Answer } from './response.ts'

/**
 * What the answers of services mean, whoever words them, a line each: a pattern of code and message, and the causes that
 * such an answer can have, the likeliest first. The first pattern that fits counts.
 */
const ANSWERS = `
^RequestTimeTooSkewed|too skewed|Signature expired|not yet current|time difference|RequestExpired => clock-timezone clock-past clock-future date-mismatch
^ExpiredToken|token.{0,40}expired => session-token
policy expired|policy has expired => policy-expired
policy condition failed => policy-condition
extra input fields => policy-extra-field
must contain a field named '?policy => policy-missing missing-field signature-v2
must contain a field named => malformed-signature missing-field policy-missing signature-v2
exactly one file => missing-field
^EntityTooLarge => policy-too-large
^EntityTooSmall => policy-too-small
invalid policy|policy document|policy.{0,40}(?:json|base64|parse) => policy-malformed tampered-policy
has expired|request expired => expired clock-timezone clock-past expires-range expires-format
not yet valid|in the future|not valid yet => clock-timezone clock-future
^(?:InvalidAccessKeyId|XAdminUserNotFound|XAdminNoSuchUser|UnrecognizedClient|InvalidClientTokenId) => unknown-access-key keys-swapped malformed-credential session-token
^InvalidToken|security.token|session token => session-token
not signed|must be included in signature => unsigned-header signed-headers header-missing
region ['"][^'"]*['"] is wrong|scoped to a valid region|region mismatch|invalid region => scope-region
incorrect service|service .{0,60}is wrong|scoped to correct service => scope-service
incorrect terminal|terminator => scope-terminator
credential date|date in credential scope|incorrect date format => scope-date date-mismatch date-format
non-empty access key => malformed-credential
Credential is mal-?formed|parsing the X-Amz-Credential|CredMalformed => malformed-credential keys-swapped url-double-encoded
version 4 requires the|query-string authentication .{0,40}requires => missing-param param-case expires-format malformed-signature malformed-credential date-format url-html-escaped
Expires.{0,60}(?:number|integer) => expires-format
Expires.{0,80}(?:less than|non-negative|week|604800) => expires-range expires-format
ISO8601|date format|MalformedDate|MalformedPresignedDate => date-format
must come once|more than once|duplicate => query-duplicate two-auths
SignedHeaders must|names of SignedHeaders => signed-headers
only one auth mechanism|multiple auth => two-auths query-duplicate
unsupported authorization type => algorithm malformed-authorization
please use AWS4-HMAC-SHA256 => signature-v2 algorithm
only (?:supports? .{0,40})?AWS4-HMAC|X-Amz-Algorithm => algorithm
ContentSHA256Mismatch|content-sha256.{0,40}does not match => payload-mismatch
must be UNSIGNED-PAYLOAD|valid sha256 => payload-hash
missing required header.{0,40}content-sha256|x-amz-content-sha256.{0,40}(?:missing|required) => missing-header
requires a valid Date|MissingDateHeader => date-format missing-header
Content-MD5 => content-md5
^BadDigest|^InvalidDigest|checksum => checksum content-md5 payload-mismatch
^IncompleteBody|terminated unexpectedly => streaming content-length
^MissingContentLength|decoded-content-length => streaming content-length
^InvalidChunk|chunk.{0,20}size => streaming streaming-chunk-signature
AuthorizationHeaderMalformed|IncompleteSignature|authorization header|missing equal-sign => malformed-authorization malformed-credential scope-terminator scope-date signed-headers missing-header
^AuthorizationQueryParametersError => missing-param param-case malformed-credential url-double-encoded algorithm scope-date
^MissingAuthentication|^MissingSecurityHeader => anonymous`

/** Answers that say: the signature is not the one that was computed. */
const MISMATCH =
  /SignatureDoesNotMatch|InvalidSignature|Invalid signature|signature we calculated|BadSignature|signature.{0,20}not match/i

/** Codes of requests whose signature was fine. */
const FINE =
  /^(?:NoSuch\w+|NotFound|AccessDenied|AllAccessDisabled|MethodNotAllowed|PreconditionFailed|NotModified|InvalidRange|InvalidArgument|InvalidPart\w*|Bucket\w+|InvalidBucketName|KeyTooLong\w*|NotImplemented|InvalidObjectState|QuotaExceeded|InsufficientStorage|SlowDown|PermanentRedirect|TemporaryRedirect|MalformedXML)/i

/** What an answer says of the signature. */
export interface Reading {
  readonly kind: 'accepted' | 'mismatch' | 'named' | 'fine' | 'silent'
  readonly causes: readonly Cause[]
}

/** Reads what an answer says: which causes it can have. */
export function readCode({ status = 0, code, message }: Answer): Reading {
  if (status < 300 ? status > 0 : status === 304) return { kind: 'accepted', causes: [] }
  const text = `${code} ${message}`.slice(0, 4096)
  if (/^SignatureDoesNotMatch/i.test(code)) return { kind: 'mismatch', causes: [] }
  const causes = namedCauses(text)
  if (causes) return { kind: 'named', causes }
  if (MISMATCH.test(text)) return { kind: 'mismatch', causes: [] }
  const isLate = code === '' && (status === 404 || status === 405 || status === 409 || status === 412 || status === 416)
  if (!FINE.test(code) && !isLate) return { kind: 'silent', causes: [] }
  return { kind: 'fine', causes: /^AccessDenied/i.test(code) ? ['anonymous', 'not-auth'] : ['not-auth'] }
}

function namedCauses(text: string): Cause[] | undefined {
  for (const line of ANSWERS.trim().split('\n')) {
    const [pattern = '', causes = ''] = line.split(' => ')
    if (new RegExp(pattern, 'i').test(text)) return causes.split(' ') as Cause[]
  }
  return undefined
}
