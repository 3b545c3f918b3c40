import type { Cause } from '../model/causes.ts'
import { traitsOf } from '../model/traits.ts'
import type { ServiceResponse } from './response.ts'

/**
 * The meanings of services' errors, one per line: a pattern over code and message, and the causes that such an error can
 * have, the likeliest first. `=>`: the service names the fault; `~>`: it returns this for many faults, so that a fault
 * which the request shows comes first. `mismatch`: the service computed a different signature. `=> not-auth`: the
 * signature was right; `~> not-auth`, alone or with `anonymous`: it may have been, and the same for `cors`. The first
 * pattern that matches counts.
 *
 * A mismatch with the code `SignatureDoesNotMatch` needs no row: the last group has its code. Other words for a mismatch
 * belong to the same row; words that a row before it matches belong to the `mismatch` row of the first group.
 *
 * The groups of a pattern are values: `name`, of headers, parameters or fields, `sent`, and `required`. They belong to the
 * first cause, and `means.ts` contains the sentence about them. After `|`: a different cause, and a different
 * sentence.
 */
const ERRORS = `
preflight|Access-Control-Allow-[HM]|CORSResponse => cors
CORS policy|Cross-Origin Request|Access-Control-Allow-Origin|access control checks ~> cors
valid JWT token|Security Token may be lost => session-token wrong-secret
signature we calculated|signature validation failed|Code=InvalidSignature => mismatch
in Authorization header: 'Bearer => malformed-authorization malformed-credential signed-headers missing-header | malformed-authorization: The Authorization header contained a bearer token instead of a signature.
key=value pair => malformed-authorization malformed-credential signed-headers missing-header

Request signature (?:has )?expired => expired clock-past expires-range
Signature expired => clock-timezone clock-past expired date-mismatch
still later than|later than server time => clock-timezone clock-future date-mismatch
^RequestExpired Request has expired ~> session-token clock-timezone clock-past expired
Date is too old => expired clock-past clock-timezone expires-range
^RequestTimeTooSkewed|difference between the request time|too far from|^RequestExpired => clock-timezone clock-past clock-future date-mismatch expired
token.{0,40}(?:expired|refreshed)|^ExpiredToken|^TokenRefreshRequired => session-token expired policy-expired

policy expired|Expiration date is in the past => policy-expired
extra input fields: (?<name>[\\w-]{1,100}) => policy-extra-field
"(?<name>[\\w-]{1,300})" not specified in => policy-extra-field
"(?<name>[\\w, -]{1,300})" not specified in => policy-extra-field | policy-extra-field: The policy does not contain a condition for the fields {name}.
field "(?<name>[\\w-]{1,100})" is not covered => policy-extra-field
policy missing condition: (?<name>[\\w-]{1,100}) => policy-extra-field
key '(?<name>[\\w-]{1,100})' is not allowed in policy => policy-extra-field
extra input fields|list of policy conditions => policy-extra-field
unknown condition key|^PostPolicyInvalidKeyName ~> policy-malformed policy-condition
meet the conditions specified => policy-condition policy-malformed policy-extra-field
variable not found|required in policy => policy-condition missing-field
File size does not match policy => policy-too-large policy-too-small
condition '[\\w-]+' for field '(?<name>[^']{1,100})' failed: expected (?:prefix )?'(?<required>[^']{0,500})', got '(?<sent>[^']{0,500})' ~> policy-condition | policy-condition: The policy requires "{required}" for the {name} field, but the form contained "{sent}".
(?<name>x-amz-\\w+) does not match policy ~> policy-condition
condition failed: "(?<name>[\\w-]{1,100})" does not ~> policy-condition
key '(?<name>[\\w-]{1,100})' has value not allowed in policy ~> policy-condition
policy condition failed: (?<condition>.{0,500}\\]|.{1,500}) ~> policy-condition | policy-condition: The form did not meet the policy condition {condition}.
policy condition failed|policy check failed|not match policy|Bucket in form field ~> policy-condition
^EntityTooLarge .{0,40}exceeded => not-auth
^EntityTooLarge => policy-too-large
^EntityTooSmall => policy-too-small
must contain a field named '(?<name>policy)' => policy-missing missing-field signature-v2
No policy was provided => policy-missing missing-field signature-v2
must contain a field named '(?<name>[\\w-]{1,100})' => missing-field malformed-signature policy-missing signature-v2
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

PAM authentication failed|Access denied for user|WRONGPASS|SASL authentication failed|accept connection, access denied|must be logged in to the server ~> expired host scope-region host-port session-token token-format not-auth
^XMinioAdminInvalidSecretKey|Authentication Credentials Invalid => wrong-secret
^XMinioAdminInvalidAccessKey => malformed-credential unknown-access-key
access key has length (?<sent>64), should be (?<required>\\d+) => keys-swapped unknown-access-key malformed-credential
access key has length (?<sent>\\d+), should be (?<required>\\d+) => keys-swapped unknown-access-key malformed-credential | unknown-access-key
Malformed Access Key => keys-swapped unknown-access-key malformed-credential
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

signed header .(?<name>[\\w-]+). is not present => header-missing
header '(?<name>[\\w-]+)' is listed in signed headers, but => header-missing
'(?<name>[\\w-]+)' is named as a SignedHeader, but => header-missing
'Host'(?: or ':authority')? must be a 'SignedHeader'|Host header not signed => unsigned-header signed-headers | signed-headers: The Host header was not signed.
.Host. should be signed => signed-headers unsigned-header | signed-headers: The Host header was not signed.
which were not signed[:\\s]+(?<name>[\\w-]+(?:, [\\w-]+)*) => unsigned-header signed-headers header-missing
Header\\(s\\) not signed: (?<name>[\\w-]+(?:, [\\w-]+)*) => unsigned-header signed-headers header-missing
header .(?<name>[\\w-]+). should be signed => unsigned-header signed-headers header-missing
'(?<name>[\\w-]+)' must be included in signature => unsigned-header signed-headers header-missing
not in the request|Not all the signed headers => header-missing
not signed|must be signed => unsigned-header signed-headers header-missing
^MalformedSecurityHeader .{0,60}base64 => malformed-signature signature-v2
^MalformedSecurityHeader ~> unsigned-header signed-headers header-missing date-format
conflicting values|duplicate header => header-changed query-changed
must come once|more than once|duplicate => query-duplicate two-auths
only one auth\\w* mechanism|multiple auth|Found both|not support credentials => two-auths query-duplicate
required search parameters? (?<name>[\\w-]+(?:, {1,2}[\\w-]+)*) missing => missing-param param-case
(?<name>X-Amz-\\w+) not found in query => missing-param param-case
query-string parameters must include '(?<name>X-Amz-\\w+)' => missing-param param-case
requires the Signature, Expires|url v2 fields => signature-v2 missing-param param-case
url v4 fields|query-string authentication .{0,40}requires => missing-param param-case expires-format malformed-signature malformed-credential date-format url-html-escaped
Unsupported search param ~> query-extra not-auth
query parameter value|query string contains ~> query-changed not-auth

region ['"](?<sent>[^'"]*)['"] is wrong(?:; expecting ['"](?<required>[^'"]+)['"])? => scope-region
region name '(?<sent>[^']*)' is not valid(?:.{0,80}\\b(?<required>auto)\\b)? => scope-region
bucket is in this region: (?<required>[a-z\\d-]+) => scope-region
region.{0,30}expect(?:ing|ed)[: ]+['"]?(?<required>[a-z\\d-]+) => scope-region
scoped to a valid region, not ['"](?<sent>[^'"]*)['"] => scope-region
non-empty region|region is wrong|not the home region|valid region|invalid (?:credential )?region|in this region|region name|Region does not match|InvalidRegion => scope-region
location.constraint ~> scope-region not-auth
must be addressed using|^PermanentRedirect ~> scope-region host not-auth
unexpected scope => scope-region scope-service scope-date scope-terminator
incorrect service(?: "(?<sent>[^"]*)")?\\. This endpoint belongs to "(?<required>[^"]+)" => scope-service
scoped to correct service: ['"]?(?<required>[a-z\\d-]+) => scope-service
unknown service '(?<sent>[^']*)' in .{0,30}expected '(?<required>[^']+)' => scope-service
credential service should be (?<required>[\\w-]+), not (?<sent>[\\w-]*) => scope-service
incorrect service|unknown service|correct service|credential service|Invalid Service => scope-service
incorrect terminal "(?<sent>[^"]*)"\\. This endpoint uses "(?<required>[^"]+)" => scope-terminator
valid terminator: '(?<required>[^']+)', not '(?<sent>[^']*)' => scope-terminator
termination string should be (?<required>\\w+), not (?<sent>\\w*) => scope-terminator
incorrect terminal|terminator => scope-terminator
incorrect date format "(?<sent>[^"]{0,100})" => scope-date date-mismatch date-format | scope-date: The date of the credential scope is "{sent}". The required format is {required}.
'(?<sent>\\d*)' != '(?<required>\\d{8})', from => scope-date date-mismatch date-format
credential date "(?<sent>[^"]*)".{0,60}X-Amz-Date: "(?<required>[^"]*)" => scope-date date-mismatch date-format
credential signed date (?<sent>\\w*) does not match (?<required>\\w+) => scope-date date-mismatch date-format
credential (?:signed |scope )?date|date in (?:the )?credential => scope-date date-mismatch date-format

non-empty access key => malformed-credential
at least (?<required>\\d+) slash-separated parts, not (?<sent>\\d+) => malformed-credential keys-swapped url-double-encoded
slash-delimited.{0,80}got '(?!A[KS]IA)[\\w+]{0,39}\\/[\\w+/]{1,39}\\/\\d{8}\\/ => malformed-credential keys-swapped url-double-encoded | keys-swapped: The access key ID contains a slash, as secret access keys often do.
Credentials? (?:is mal-?formed|must have|sigv4 header|does not contain)|(?:parsing|field:) (?:the )?X-Amz-Credential|Invalid credentials => malformed-credential keys-swapped url-double-encoded
Invalid expiration|Expires.{0,60}(?:number|integer) => expires-format expires-range
Expires.{0,80}(?:less than|non-negative|week|604800) => expires-range expires-format
Expires error|seconds since epoch => signature-v2 expires-format
'basic format'\\. Got '(?<sent>[^']{0,100})' => date-format expires-format
date provided in .{1,30} \\((?<sent>[^()]{0,100})\\) didn't => date-format expires-format
ISO-?8601|date format|didn't parse|^MalformedDate|Invalid date:|invalid (?:amz date|(?:field|header): x-amz-date) => date-format expires-format
requires '(?<name>Credential|SignedHeaders|Signature)' parameter => malformed-authorization malformed-credential signed-headers missing-header
requires a valid Date|requires existence of either => missing-header date-format missing-param
Signature Version 2|Signature Version 4\\.|AwsAccessKeyId:signature|missing date => signature-v2 malformed-authorization missing-header
please use AWS4-HMAC|authorization method|Auth protocol => signature-v2 algorithm malformed-authorization
unsupported authorization type => algorithm malformed-authorization signature-v2 two-auths
Unsupported AWS 'algorithm': '(?<sent>[^']{0,100})' => algorithm
only (?:supports? .{0,40})?AWS4-HMAC|X-Amz-Algorithm|AWS4-ECDSA\\S{0,40} signing => algorithm

valid sha256|value of x-amz-content-sha256|invalid (?:content sha256|.{0,20}x-amz-content-sha256)|header: x-amz-content-sha256(?<!missing header: x-amz-content-sha256) => payload-hash
^XAmzContentSHA256Mismatch|content-sha256.{0,40}(?:does|did) not match|SHA256 checksum ver => payload-mismatch payload-hash not-supported
sdk-checksum-algorithm|Trailing checksums ~> checksum streaming header-missing
chunk signature|payload signature|No signature provided => streaming-chunk-signature streaming
chunk|trailer|trailing(?! header)|streaming|^LimitExceeded|how to validate ~> streaming checksum payload-hash
decoded-content-length|terminated unexpectedly|^IncompleteBody $ ~> streaming content-length
^IncompleteBody|^MissingContentLength|^ExcessData|^RequestTimeout|content-length exceeds ~> content-length streaming not-auth
missing (?:required )?header.{0,40}Content-MD5(?! or) => missing-header not-supported
Content-MD5 or ~> content-md5 checksum
Content-MD5 => content-md5
^(?:BadDigest|InvalidDigest) $ ~> content-md5 checksum payload-mismatch
^BadDigest|^InvalidDigest|checksum|header is invalid\\.$|algorithm is not supported ~> checksum content-md5 payload-mismatch

required header for this request: (?<name>x-amz-[\\w-]+) => missing-header date-format missing-param
missing (?:header: )?(?<name>x-amz-(?:content-sha256|date)) => missing-header date-format missing-param
gw-helper-deny|content-sha256|header: x-amz-|No date provided|Missing X-Amz-|Host header required => missing-header date-format missing-param
^MissingSecurityHeader ~> missing-header date-format missing-param not-auth
^Forbidden 403 ~> missing-header payload-hash not-auth
(?:missing|find) (?<name>Credential|SignedHeaders|Signature)\\b => malformed-authorization malformed-credential signed-headers missing-header
component .{1,80} malformed|requires three components|requires Credential|Authorization field|without value => malformed-authorization malformed-credential signed-headers missing-header
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

interface Row {
  readonly pattern: RegExp
  /** The names of its groups. */
  readonly names: readonly string[]
  readonly isVague: boolean
  readonly list: string
  /** The cause that the values belong to. */
  readonly stated: Cause
  readonly sentence: string | undefined
}

function readErrors(): Row[] {
  return ERRORS.split('\n').flatMap((line) => {
    const [, pattern, arrow, list, first, stated = first, sentence] =
      /^(.+) ([=~])> (([a-z\d-]+)[^|]*?)(?: \| ([a-z\d-]+)(?:: (.+))?)?$/.exec(line) ?? []
    if (pattern === undefined || list === undefined) return []
    // not every engine supports names
    const names = (pattern.match(/\(\?<\w+>/g) ?? []).map((start) => start.slice(3, -1))
    const plain = new RegExp(pattern.replace(/\(\?<\w+>/g, '('), 'gi')
    return [{ pattern: plain, names, isVague: arrow === '~', list, stated: stated as Cause, sentence }]
  })
}

/** The statement of a message about a cause. */
export interface Statement {
  /** The values in each of its sentences. */
  readonly values: readonly Readonly<Record<string, string | undefined>>[]
  /** Its meaning. @default the usual sentence of the cause */
  readonly sentence: string | undefined
}

/** The meaning of a response for the signature. */
export interface Reading {
  /**
   * `accepted`; `mismatch`: the service computed a different signature; `named`: it names `causes`; `elsewhere`: the
   * signature was correct; `ambiguous`: it may have been correct; `silent`: the response does not show it.
   */
  readonly kind: 'accepted' | 'mismatch' | 'named' | 'elsewhere' | 'ambiguous' | 'silent'
  /** The causes that the service names or suggests, the likeliest first. */
  readonly causes: readonly Cause[]
  /** Whether the service returns this error for other faults as well. */
  readonly isVague: boolean
  /** The statements of the message that contain values. */
  readonly statements: ReadonlyMap<Cause, Statement>
}

/** Reads the meaning of the error in a response. */
export function readMeaning({
  status = 0,
  code,
  message,
}: Pick<ServiceResponse, 'status' | 'code' | 'message'>): Reading {
  const plain = (kind: Reading['kind'], ...causes: Cause[]): Reading => ({
    kind,
    causes,
    isVague: true,
    statements: new Map(),
  })
  if (status < 300 ? status > 0 : status === 304) return plain('accepted')
  const text = `${code} ${ownWords(message)}`.slice(0, 4096)
  const row = ROWS.find(({ pattern }) => text.search(pattern) >= 0)
  if (!row) {
    const isLate =
      code === '' && (status === 404 || status === 405 || status === 409 || status === 412 || status === 416)
    return isLate ? plain('elsewhere', 'not-auth') : plain('silent')
  }
  const { list, isVague } = row
  if (list === 'mismatch') return plain('mismatch')
  const causes = list.split(' ') as Cause[]
  const isOther = list === 'not-auth' || list === 'cors'
  if (isOther && !isVague) return plain('elsewhere', ...causes)
  if (isOther || list === 'anonymous not-auth') return plain('ambiguous', ...causes)
  return { kind: 'named', causes, isVague, statements: statementsOf(text, row) }
}

/** Returns the statements with values: by the row that a message matches, and by others if it names several parts of the scope. */
function statementsOf(text: string, row: Row): Map<Cause, Statement> {
  const found = new Map<Cause, Statement>()
  const isScope = ({ stated }: Row): boolean => traitsOf(stated).isScope === true
  for (const { pattern, names, stated, sentence } of isScope(row) ? ROWS.filter(isScope) : [row]) {
    const values: Record<string, string | undefined>[] = []
    pattern.lastIndex = 0
    if (names.length > 0 || sentence)
      for (let match = pattern.exec(text); match; match = pattern.exec(text))
        values.push(Object.fromEntries(names.map((name, i) => [name, match![i + 1]])))
    if (values.length && !found.has(stated)) found.set(stated, { values, sentence })
  }
  return found
}

/** A message up to the strings that the service computed, or the header that it received. */
function ownWords(message: string): string {
  return /^.*?(?:should have been|Authorization(?:=| header: '(?:Bearer )?))/s.exec(message)?.[0] ?? message
}
