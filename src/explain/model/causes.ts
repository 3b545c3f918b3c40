/** The description of a cause. The documentation contains the same sentences. */
export interface CauseText {
  /** What happened. */
  readonly means: string
  /** How it comes about. */
  readonly happens: string
  /** What to do about it. */
  readonly fix: string
  /** How to confirm the cause if the evidence does not show it. */
  readonly check: string
}

/** The causes, one per line: `code | means | fix`. */
const TABLE = `
wrong-secret | The request was signed with the wrong secret access key. | Use the secret access key that belongs to this access key ID.
unknown-access-key | The service did not recognize the access key ID. | Use an access key of this service, or create one there.
keys-swapped | The access key ID and secret access key were swapped. | Swap them back: an AWS access key ID starts with AKIA or ASIA.
secret-whitespace | The secret access key was used with extra whitespace. | Trim the secret when you read it.
secret-encoding | The secret access key was changed by an encoding before it was used. | Pass the secret exactly as it was issued, without encoding or quotes.
key-derivation | The signing key was derived incorrectly. | Derive the key from the four parts of the credential scope, in their order.
session-token | The session token was missing, expired, or not valid for the access key. | Sign the current session token of these credentials, and send it as X-Amz-Security-Token.
expired | The request arrived after its signature had expired. | Create a new URL, or presign with a longer expires option.
expires-range | The lifetime was not between 1 second and 7 days. | Presign for 1 to 604800 seconds.
expires-format | X-Amz-Expires was not an integer. | Set X-Amz-Expires to an integer number of seconds.
clock-past | The request was signed with a time too far in the past. | Synchronize the client's clock, and sign each request just before sending it.
clock-future | The request was signed with a time in the future. | Synchronize the client's clock.
clock-timezone | The request was signed with local time marked as UTC. | Format the signing date in UTC.
date-format | The signing date was not in the format yyyyMMddTHHmmssZ. | Write X-Amz-Date as 20150830T123600Z.
date-mismatch | The signed date differed from the date that was sent. | Read the clock once for the scope, the string to sign, and the header.
scope-date | The date in the credential scope differed from the date of the request. | Use the first eight characters of X-Amz-Date as the date of the scope.
scope-region | The request was signed for the wrong region. | Sign for the region of the endpoint.
scope-service | The request was signed for the wrong service. | Sign for the endpoint's service, which is s3 for object storage.
scope-terminator | The credential scope did not end with aws4_request. | End the credential scope with /aws4_request.
algorithm | The algorithm was not AWS4-HMAC-SHA256. | Set the algorithm to AWS4-HMAC-SHA256.
signature-v2 | The request was signed with Signature Version 2. | Sign with Signature Version 4.
anonymous | The request was not signed. | Sign the request, and send its Authorization header or query string unchanged.
two-auths | The request contained two signatures or credentials. | Remove the Authorization header from requests to presigned URLs.
malformed-authorization | The Authorization header was malformed. | Send Credential, SignedHeaders, and Signature once each, separated by commas.
malformed-credential | The credential was malformed. | Write the credential as ACCESS_KEY_ID/20150830/us-east-1/s3/aws4_request.
malformed-signature | The signature was not 64 hexadecimal digits. | Copy the complete URL or header again: the signature is the HMAC as 64 lowercase hexadecimal digits.
tampered-signature | The signature was altered after signing. | Copy the complete URL or header again.
signature-case | The signature was sent in uppercase. | Write the signature in lowercase.
missing-param | A parameter that a presigned URL requires was missing. | Use the complete URL, and quote it on a command line.
missing-header | A header that a signed request requires was missing. | Send x-amz-date and, for S3, x-amz-content-sha256.
param-case | A parameter of the signature was sent with the wrong case. | Send parameter names unchanged, such as X-Amz-Signature.
method | The request was sent with a different method than it was signed for. | Presign for the method that you send.
host | The request reached the service with a different host than it was signed for. | Sign for the host that the service receives, or configure the proxy to preserve the Host header.
host-port | The request reached the service with a different port than it was signed for. | Sign for the host and port that the service receives.
path | The path changed after signing. | Sign the path that the service receives.
path-encoding | The path was encoded differently for signing. | Percent-encode everything except A-Z a-z 0-9 - . _ ~ and / exactly once, for signing and sending.
path-encoding-case | The path was signed with lowercase percent escapes. | Write percent escapes in uppercase, for signing and sending.
path-double-encoding | The path was encoded one time too many or too few for signing. | Encode the path once for S3 and twice for all other services.
path-normalization | Empty or dot segments of the path were handled differently for signing. | Do not normalize S3 paths, and send the path that was signed.
path-trailing-slash | A trailing slash was added to or removed from the path. | Send the path that was signed.
path-style-mismatch | The bucket was signed in the host and sent in the path, or the reverse. | Use the same addressing style for signing and sending.
query-extra | A query parameter was added after signing. | Sign the parameter, or send the URL unchanged.
query-removed | A signed query parameter was removed. | Send the URL unchanged.
query-changed | A query parameter changed after signing. | Send the URL unchanged.
query-order | The query parameters were signed in the wrong order. | Sort the parameters by encoded name, then by encoded value.
query-duplicate | A query parameter appeared more times than it was signed. | Sign every value of the parameter, and do not sign a signed URL again.
query-plus | A + in the query string was interpreted differently for signing. | Write a space as %20 and a plus as %2B.
query-encoding | The query string was encoded differently for signing. | Percent-encode everything in names and values except A-Z a-z 0-9 - . _ ~ exactly once, for signing and sending.
query-empty-value | A parameter without a value was signed without =. | Sign a parameter without a value as name=.
url-html-escaped | The URL contained &amp; instead of &. | Unescape the URL before using it.
url-double-encoded | The URL was percent-encoded twice. | Use the URL exactly as it was created.
header-missing | A signed header was not sent. | Send every header in SignedHeaders with its signed value.
header-changed | A header was changed after signing. | Send the signed value, or do not sign the header.
header-whitespace | The whitespace in a header was signed incorrectly. | For signing, trim the value and replace each run of spaces with one space.
signed-headers | The list of signed headers was incorrect. | Sign host and every x-amz- header, with lowercase, sorted names.
unsigned-header | An x-amz- header was sent without being signed. | Sign the header, or do not send it.
content-length | The length of the body differed from the Content-Length header. | Sign and send the actual length of the body.
content-md5 | Content-MD5 did not match the body. | Send the base64-encoded MD5 digest of the body, or omit the header.
checksum | A checksum header did not match the body. | Send the checksum of the body, or omit it.
payload-hash | The signed payload hash differed from x-amz-content-sha256. | Send the signed payload hash as x-amz-content-sha256.
payload-mismatch | The body changed after signing. | Send exactly the bytes that were hashed.
streaming | The body was not in the chunked format that its headers announce. | Send an aws-chunked body, or sign its hash or UNSIGNED-PAYLOAD instead.
streaming-chunk-signature | The signature of a chunk was incorrect. | Include the previous chunk's signature in each chunk's string to sign.
policy-missing | The form did not contain a policy. | Send the policy and the other fields before the file.
policy-malformed | The policy was malformed. | Send the policy exactly as it was created.
policy-expired | The form was used after it expired. | Create a new form.
policy-condition | A form field did not meet a condition of the policy. | Send the value that the condition requires.
policy-extra-field | A form field was not covered by a condition of the policy. | Add a condition for the field to the policy, or do not send the field.
policy-too-large | The file was larger than the policy allows. | Upload a smaller file, or raise the maximum in the policy.
policy-too-small | The file was smaller than the policy allows. | Upload the complete file, or lower the minimum in the policy.
tampered-policy | The policy was changed after signing. | Send the base64 string that was signed, unchanged.
missing-field | A required form field was missing. | Send every field of the signature before the file.
not-auth | The signature was not the problem: the service rejected the request for a different reason. | Follow the error code of the response instead of changing the signature.`

/** The stable code of a cause. */
export type Cause =
  | 'wrong-secret'
  | 'unknown-access-key'
  | 'keys-swapped'
  | 'secret-whitespace'
  | 'secret-encoding'
  | 'key-derivation'
  | 'session-token'
  | 'expired'
  | 'expires-range'
  | 'expires-format'
  | 'clock-past'
  | 'clock-future'
  | 'clock-timezone'
  | 'date-format'
  | 'date-mismatch'
  | 'scope-date'
  | 'scope-region'
  | 'scope-service'
  | 'scope-terminator'
  | 'algorithm'
  | 'signature-v2'
  | 'anonymous'
  | 'two-auths'
  | 'malformed-authorization'
  | 'malformed-credential'
  | 'malformed-signature'
  | 'tampered-signature'
  | 'signature-case'
  | 'missing-param'
  | 'missing-header'
  | 'param-case'
  | 'method'
  | 'host'
  | 'host-port'
  | 'path'
  | 'path-encoding'
  | 'path-encoding-case'
  | 'path-double-encoding'
  | 'path-normalization'
  | 'path-trailing-slash'
  | 'path-style-mismatch'
  | 'query-extra'
  | 'query-removed'
  | 'query-changed'
  | 'query-order'
  | 'query-duplicate'
  | 'query-plus'
  | 'query-encoding'
  | 'query-empty-value'
  | 'url-html-escaped'
  | 'url-double-encoded'
  | 'header-missing'
  | 'header-changed'
  | 'header-whitespace'
  | 'signed-headers'
  | 'unsigned-header'
  | 'content-length'
  | 'content-md5'
  | 'checksum'
  | 'payload-hash'
  | 'payload-mismatch'
  | 'streaming'
  | 'streaming-chunk-signature'
  | 'policy-missing'
  | 'policy-malformed'
  | 'policy-expired'
  | 'policy-condition'
  | 'policy-extra-field'
  | 'policy-too-large'
  | 'policy-too-small'
  | 'tampered-policy'
  | 'missing-field'
  | 'not-auth'

/** Returns the part of a cause's description that findings contain. Throws for an unknown code. */
export function adviceOn(cause: Cause): Pick<CauseText, 'means' | 'fix'> {
  const [means, fix] = rowOf(TABLE, cause) as [string, string]
  return { means, fix }
}

/** Returns the row of a cause in a table of causes. Throws for an unknown code. */
export function rowOf(table: string, cause: Cause): string[] {
  const row = table.split('\n').find((line) => line.startsWith(`${cause} | `))
  if (row === undefined) throw new TypeError(`Unknown cause: ${cause}`)
  return row.split(' | ').slice(1)
}

/** Returns the codes of all causes. */
export function causes(): Cause[] {
  return TABLE.trim()
    .split('\n')
    .map((line) => line.split(' | ')[0] as Cause)
}
