import type { Cause } from '../model/causes.ts'
import type { ServiceResponse } from './response.ts'

/**
 * What the errors of services mean, one per line: a pattern over code and message, and the causes that such an error can
 * have, the likeliest first. `=>`: the service names the fault; `~>`: it returns this for many faults, so that a fault
 * which the request shows comes first. `mismatch`: the service computed a different signature. `=> not-auth`: the
 * signature was right; `~> not-auth`, alone or with `anonymous`: it may have been. The first pattern that matches counts.
 */
const ERRORS = `
valid JWT token|Security Token may be lost => session-token wrong-secret
signature we calculated|signature validation failed|Code=InvalidSignature => mismatch
key=value pair => malformed-authorization malformed-credential signed-headers missing-header

Request signature (?:has )?expired => expired clock-past expires-range
Signature expired => clock-timezone clock-past expired date-mismatch
still later than|later than server time => clock-timezone clock-future date-mismatch
^RequestExpired Request has expired ~> session-token clock-timezone clock-past expired
Date is too old => expired clock-past clock-timezone expires-range
^RequestTimeTooSkewed|difference between the request time|too far from|^RequestExpired => clock-timezone clock-past clock-future date-mismatch expired
token.{0,40}(?:expired|refreshed)|^ExpiredToken|^TokenRefreshRequired => session-token expired policy-expired

policy expired|Expiration date is in the past => policy-expired
extra input fields|list of policy conditions|not covered by the policy|policy missing condition:|is not allowed in policy => policy-extra-field
unknown condition key|^PostPolicyInvalidKeyName ~> policy-malformed policy-condition
meet the conditions specified => policy-condition policy-malformed policy-extra-field
variable not found|required in policy => policy-condition missing-field
File size does not match policy => policy-too-large policy-too-small
policy condition (?:'[^']{0,20}' for .{0,120})?failed|policy check failed|not match policy|not allowed in policy|Bucket in form field ~> policy-condition
^EntityTooLarge .{0,40}exceeded => not-auth
^EntityTooLarge => policy-too-large
^EntityTooSmall => policy-too-small
must contain a field named '?policy|No policy was provided => policy-missing missing-field signature-v2
must contain a field named => missing-field malformed-signature policy-missing signature-v2
exactly one file|not contain a file|content is missing|uploaded key is missing|multipart fields|No (?:key|date|signature) was provided|Missing X-Amz-Algorithm|Missing aws access key|^UserKeyMustBeSpecified|post signature => missing-field anonymous
^InvalidPolicyDocument|(?:invalid|bad|decode|parse) (?:POST )?policy|Bad condition|Bad content-length-range|Invalid condition:|Malformed JSON|policy missing|(?:missing|unsupported) policy|Invalid expiration date|field: policy ~> policy-malformed tampered-policy

expiration date less than one week => expires-range
has expired|expired (?:url|request) => expired clock-timezone clock-past expires-range expires-format
not yet valid|not valid yet|in the future => clock-timezone clock-future

User: anonymous|^AuthenticationRequired|anonymous (?:users|caller|requests?|access|GET)|without signing key|Signature is required => anonymous
^MissingAuthenticationToken\\w* (?:The )?Request => anonymous
Missing Authentication Token|^MissingAuthenticationToken ~> anonymous path method not-auth
Unable to determine service/operation ~> path method scope-service not-auth
Missing (?:authorization header|signature$)|^InvalidArgument Authorization$ => anonymous malformed-authorization missing-param
Error creating s3 auth info ~> anonymous signature-v2 header-missing unsigned-header signed-headers missing-header
not authorized to (?:perform|access)|No authorization strategy|No account found|not signed up for|^OptInRequired|not allowed for this (?:key|request)|not entitled|s3-enabled|disabled by admin|^AccountProblem|^AllAccessDisabled|^AccessForbidden|^Malformed(?:Policy|XML)|plain HTTP connection|over a secure connection => not-auth

^XMinioAdminInvalidSecretKey|Authentication Credentials Invalid => wrong-secret
^XMinioAdminInvalidAccessKey => malformed-credential unknown-access-key
Malformed Access Key|access key has length => keys-swapped unknown-access-key malformed-credential
^Unauthorized Unauthorized$ ~> unknown-access-key unsigned-header keys-swapped
^UnauthorizedAccess Your account => anonymous unknown-access-key
component ".{0,200}aws4_request" is malformed => malformed-credential unknown-access-key
STREAMING-[A-Z\\d-]{1,60} is not supported|chunked (?:encoding|transfer|upload).{0,40}not (?:supported|implemented) => streaming
UNSIGNED-PAYLOAD.{0,60}not (?:allowed|supported|permitted) => payload-hash
^AuthFailure|validate the provided access credentials ~> unknown-access-key wrong-secret session-token clock-past clock-future keys-swapped scope-region
^(?:InvalidAccessKeyId|XAdminUserNotFound|X(?:Minio)?AdminNoSuch|UnrecognizedClient|InvalidClientTokenId|UnknownAccessKey|UserSuspended|NotSignedUp)|(?:No such|Invalid Access) key(?::|$)|account is not signed up|Access Key Id you provided does not|Missing claims|AccessKeyDisabled|^ The security token included in the request is invalid ~> unknown-access-key keys-swapped malformed-credential session-token
Incorrect Authorization => malformed-authorization
^InvalidSecurity ~> wrong-secret unknown-access-key malformed-authorization session-token
^InvalidToken|security.token|s3?session.token|Invalid token|No AWSAccessKey was|check claims failed => session-token

not in the request|listed in signed headers|signed header .{0,80} not present|not exist in the HTTP request|Not all the signed headers => header-missing
.Host. should be signed => signed-headers unsigned-header
not signed|(?:must|should) be (?:signed|included in signature)|must be a 'SignedHeader' => unsigned-header signed-headers header-missing
^MalformedSecurityHeader .{0,60}base64 => malformed-signature signature-v2
^MalformedSecurityHeader ~> unsigned-header signed-headers header-missing date-format
conflicting values|duplicate header => header-changed query-changed
must come once|more than once|duplicate => query-duplicate two-auths
only one auth\\w* mechanism|multiple auth|Found both|not support credentials => two-auths query-duplicate
query-string parameters must include|Required search parameters?|not found in query => missing-param param-case
requires the Signature, Expires|url v2 fields => signature-v2 missing-param param-case
url v4 fields|query-string authentication .{0,40}requires => missing-param param-case expires-format malformed-signature malformed-credential date-format url-html-escaped
Unsupported search param ~> query-extra not-auth
query parameter value|query string contains ~> query-changed not-auth

non-empty region|region (?:['"][^'"]*['"] )?is wrong|not the home region|valid region|invalid (?:credential )?region|in this region|region name|Region does not match|InvalidRegion => scope-region
location.constraint ~> scope-region not-auth
must be addressed using|^PermanentRedirect ~> scope-region host not-auth
unexpected scope => scope-region scope-service scope-date scope-terminator
incorrect service|unknown service|scoped to correct service|Credential service|Invalid Service => scope-service
incorrect terminal|terminator|termination => scope-terminator
credential (?:signed |scope )?date|date in (?:the )?credential => scope-date date-mismatch date-format

non-empty access key => malformed-credential
Credentials? (?:is mal-?formed|must have|sigv4 header|does not contain)|(?:parsing|field:) (?:the )?X-Amz-Credential|Invalid credentials => malformed-credential keys-swapped url-double-encoded
Invalid expiration|Expires.{0,60}(?:number|integer) => expires-format expires-range
Expires.{0,80}(?:less than|non-negative|week|604800) => expires-range expires-format
Expires error|seconds since epoch => signature-v2 expires-format
ISO-?8601|date format|didn't parse|^MalformedDate|Invalid date:|invalid (?:amz date|(?:field|header): x-amz-date) => date-format expires-format
requires '?(?:Credential|Signature|SignedHeaders) => malformed-authorization malformed-credential signed-headers missing-header
requires a valid Date|requires existence of either => missing-header date-format missing-param
Signature Version 2|Signature Version 4\\.|AwsAccessKeyId:signature|missing date => signature-v2 malformed-authorization missing-header
please use AWS4-HMAC|authorization method|Auth protocol => signature-v2 algorithm malformed-authorization
unsupported authorization type => algorithm malformed-authorization signature-v2 two-auths
only (?:supports? .{0,40})?AWS4-HMAC|X-Amz-Algorithm|AWS4-ECDSA\\S{0,40} signing => algorithm

valid sha256|value of x-amz-content-sha256|invalid (?:content sha256|.{0,20}x-amz-content-sha256)|header: x-amz-content-sha256(?<!missing header: x-amz-content-sha256) => payload-hash
^XAmzContentSHA256Mismatch|content-sha256.{0,40}(?:does|did) not match|SHA256 checksum ver => payload-mismatch payload-hash
sdk-checksum-algorithm|Trailing checksums ~> checksum streaming header-missing
chunk signature|payload signature|No signature provided => streaming-chunk-signature streaming
chunk|trailer|trailing(?! header)|streaming|^LimitExceeded|how to validate ~> streaming checksum payload-hash
decoded-content-length|terminated unexpectedly|^IncompleteBody $ ~> streaming content-length
^IncompleteBody|^MissingContentLength|^ExcessData|^RequestTimeout|content-length exceeds ~> content-length streaming not-auth
Content-MD5 or ~> content-md5 checksum
Content-MD5 => content-md5
^(?:BadDigest|InvalidDigest) $ ~> content-md5 checksum payload-mismatch
^BadDigest|^InvalidDigest|checksum|header is invalid\\.$|algorithm is not supported ~> checksum content-md5 payload-mismatch

gw-helper-deny|content-sha256|header: x-amz-|No date provided|Missing X-Amz-|Host header required => missing-header date-format missing-param
^MissingSecurityHeader ~> missing-header date-format missing-param not-auth
^Forbidden 403 ~> missing-header payload-hash not-auth
component .{1,80} malformed|requires three components|(?:missing|find) (?:Credential|Signature|SignedHeaders)|Authorization field|without value => malformed-authorization malformed-credential signed-headers missing-header
^MissingFields|Invalid signature format => malformed-authorization missing-param missing-field
AuthorizationHeaderMalformed|IncompleteSignature|authorization header|header: authorization ~> malformed-authorization malformed-credential scope-terminator scope-date signed-headers missing-header
^AuthorizationQueryParametersError ~> missing-param param-case malformed-credential url-double-encoded algorithm scope-date

Host header|Forwarded-Host|header: Host|host region|Authority .{0,300}format|^TenantNotFound ~> host
^(?:Temporary)?Redirect|Transfer Acceleration ~> host not-auth
leading slash|bad components ~> not-auth path-normalization
^InvalidURI|invalid UTF-8 ~> path-encoding path host path-style-mismatch
No bucket specified|contain a bucket name|unsupported API call ~> path-style-mismatch not-auth
proxy_path => path
invalid header name ~> signed-headers query-changed

^InvalidRequest Bad request: Invalid signature => malformed-signature
SignatureDoesNotMatch|InvalidSignature|Invalid signature|signature.{0,20}not match|access key / signature => mismatch
^(?:NoSuch\\w+|NotFound|RouteNotFound|MethodNotAllowed|PreconditionFailed|NotModified|InvalidRange|InvalidPart\\w*|Bucket\\w+|InvalidBucketName|KeyTooLong\\w*|NotImplemented|InvalidObjectState|QuotaExceeded|InsufficientStorage|SlowDown|UnauthorizedOperation) => not-auth
^InvalidArgument ~> not-auth
^(?:AccessDenied|Forbidden|Unauthorized) ?|^ Unauthorized$ ~> anonymous not-auth`

/** The rows of the table: compiled once, because a log may contain thousands of errors. */
const ROWS = /* @__PURE__ */ readErrors()

function readErrors(): (readonly [pattern: RegExp, arrow: string, list: string])[] {
  return ERRORS.split('\n').flatMap((line) => {
    const [, pattern, arrow, list] = /^(.+) ([=~])> (.+)$/.exec(line) ?? []
    return pattern === undefined ? [] : [[new RegExp(pattern, 'i'), arrow!, list!] as const]
  })
}

/** What a response shows about the signature. */
export interface Reading {
  /**
   * `accepted`; `mismatch`: the service computed a different signature; `named`: it names `causes`; `elsewhere`: the
   * signature was correct; `ambiguous`: it may have been correct; `silent`: the response does not show it.
   */
  readonly kind: 'accepted' | 'mismatch' | 'named' | 'elsewhere' | 'ambiguous' | 'silent'
  /** What the service names or suggests, the likeliest first. */
  readonly causes: readonly Cause[]
  /** Whether the service returns this error for other faults as well. */
  readonly isVague: boolean
}

/** Reads what the error of a response means. */
export function readMeaning({
  status = 0,
  code,
  message,
}: Pick<ServiceResponse, 'status' | 'code' | 'message'>): Reading {
  const plain = (kind: Reading['kind'], ...causes: Cause[]): Reading => ({ kind, causes, isVague: true })
  if (status < 300 ? status > 0 : status === 304) return plain('accepted')
  const text = `${code} ${ownWords(message)}`.slice(0, 4096)
  for (const [pattern, arrow, list] of ROWS) {
    if (!pattern.test(text)) continue
    if (list === 'mismatch') return plain('mismatch')
    const causes = list.split(' ') as Cause[]
    if (list === 'not-auth' && arrow === '=') return plain('elsewhere', ...causes)
    if (list === 'not-auth' || list === 'anonymous not-auth') return plain('ambiguous', ...causes)
    return { kind: 'named', causes, isVague: arrow === '~' }
  }
  const isLate = code === '' && (status === 404 || status === 405 || status === 409 || status === 412 || status === 416)
  return isLate ? plain('elsewhere', 'not-auth') : plain('silent')
}

/** A message up to the strings that the service computed, or the header that it received. */
function ownWords(message: string): string {
  return /^.*?(?:should have been|Authorization(?:=| header: '))/s.exec(message)?.[0] ?? message
}
