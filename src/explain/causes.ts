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

/** The causes, one per line: `code | means | fix | check`. */
const TABLE = `
wrong-secret | The request was signed with the wrong secret access key. | Use the secret access key that belongs to this access key ID. | Check that the access key ID and the secret belong to the same key pair.
unknown-access-key | The service did not recognize the access key ID. | Use an access key of this service, or create one there. | Look for this access key ID among the account's keys.
keys-swapped | The access key ID and secret access key were swapped. | Swap them back: an AWS access key ID starts with AKIA or ASIA. | Check that the credential starts with an access key ID.
secret-whitespace | The secret access key was used with extra whitespace. | Trim the secret when you read it. | Print the length of the secret: an AWS secret access key has 40 characters.
secret-encoding | The secret access key was changed by an encoding before it was used. | Pass the secret exactly as it was issued, without encoding or quotes. | Print the length of the secret: an AWS secret access key has 40 characters.
key-derivation | The signing key was derived incorrectly. | Derive the key from the four parts of the credential scope, in their order. | Compare the signing key for the example in the AWS documentation.
session-token | The session token was missing, expired, or not valid for the access key. | Sign the current session token of these credentials, and send it as X-Amz-Security-Token. | Check that the key and the token belong together and have not expired.
expired | The request arrived after its signature had expired. | Create a new URL, or presign with a longer expires option. | Compare the time of the request with X-Amz-Date plus X-Amz-Expires seconds.
expires-range | The lifetime was not between 1 second and 7 days. | Presign for 1 to 604800 seconds. | Look at X-Amz-Expires in the URL.
expires-format | X-Amz-Expires was not an integer. | Set X-Amz-Expires to an integer number of seconds. | Look at X-Amz-Expires in the URL.
clock-past | The request was signed with a time too far in the past. | Synchronize the client's clock, and sign each request just before sending it. | Compare the output of date -u with the Date header of the response.
clock-future | The request was signed with a time in the future. | Synchronize the client's clock. | Compare the output of date -u with the Date header of the response.
clock-timezone | The request was signed with local time marked as UTC. | Format the signing date in UTC. | Compare X-Amz-Date with the current UTC time.
date-format | The signing date was not in the format yyyyMMddTHHmmssZ. | Write X-Amz-Date as 20150830T123600Z. | Look at X-Amz-Date in the request.
date-mismatch | The signed date differed from the date that was sent. | Read the clock once for the scope, the string to sign, and the header. | Compare X-Amz-Date with the second line of the string to sign.
scope-date | The date in the credential scope differed from the date of the request. | Use the first eight characters of X-Amz-Date as the date of the scope. | Compare X-Amz-Date with the date in the credential.
scope-region | The request was signed for the wrong region. | Sign for the region of the endpoint. | Compare the region in the credential with the region of the bucket or endpoint.
scope-service | The request was signed for the wrong service. | Sign for the endpoint's service, which is s3 for object storage. | Look up the signing name in the service's documentation.
scope-terminator | The credential scope did not end with aws4_request. | End the credential scope with /aws4_request. | Look at the last part of the credential.
algorithm | The algorithm was not AWS4-HMAC-SHA256. | Set the algorithm to AWS4-HMAC-SHA256. | Look at X-Amz-Algorithm, or at the first word of the Authorization header.
signature-v2 | The request was signed with Signature Version 2. | Sign with Signature Version 4. | Look for AWSAccessKeyId in the URL, or for an Authorization header that starts with "AWS ".
anonymous | The request was not signed. | Sign the request, and send its Authorization header or query string unchanged. | Look for an Authorization header or X-Amz-Signature in the request.
two-auths | The request contained two signatures or credentials. | Remove the Authorization header from requests to presigned URLs. | Look for both an Authorization header and X-Amz-Signature in the request.
malformed-authorization | The Authorization header was malformed. | Send Credential, SignedHeaders, and Signature once each, separated by commas. | Look at the Authorization header that the service receives.
malformed-credential | The credential was malformed. | Write the credential as ACCESS_KEY_ID/20150830/us-east-1/s3/aws4_request. | Count the parts of the credential: there are five.
malformed-signature | The signature was not 64 hexadecimal digits. | Copy the complete URL or header again: the signature is the HMAC as 64 lowercase hexadecimal digits. | Count the characters of the signature.
tampered-signature | The signature was altered after signing. | Copy the complete URL or header again. | Compare the signature that was sent with the one that the client created.
signature-case | The signature was sent in uppercase. | Write the signature in lowercase. | Look for uppercase letters in the signature.
missing-param | A parameter that a presigned URL requires was missing. | Use the complete URL, and quote it on a command line. | Look for all X-Amz- parameters in the URL that was sent.
missing-header | A header that a signed request requires was missing. | Send x-amz-date and, for S3, x-amz-content-sha256. | Look at the headers that were sent.
param-case | A parameter of the signature was sent with the wrong case. | Send parameter names unchanged, such as X-Amz-Signature. | Look at the X-Amz- parameters of the URL that was sent.
method | The request was sent with a different method than it was signed for. | Presign for the method that you send. | Compare the signed method with the method that was sent.
host | The request reached the service with a different host than it was signed for. | Sign for the host that the service receives, or configure the proxy to preserve the Host header. | Compare the signed host with the Host header that the service received.
host-port | The request reached the service with a different port than it was signed for. | Sign for the host and port that the service receives. | Compare the signed host and port with the Host header that the service received.
path | The path changed after signing. | Sign the path that the service receives. | Compare the signed path with the path in the service's log or error.
path-encoding | The path was encoded differently for signing. | Percent-encode everything except A-Z a-z 0-9 - . _ ~ and / exactly once, for signing and sending. | Try an object key that contains only letters.
path-encoding-case | The path was signed with lowercase percent escapes. | Write percent escapes in uppercase, for signing and sending. | Look for lowercase percent escapes in the path.
path-double-encoding | The path was encoded one time too many or too few for signing. | Encode the path once for S3 and twice for all other services. | Look for %25 in the path of the canonical request.
path-normalization | Empty or dot segments of the path were handled differently for signing. | Do not normalize S3 paths, and send the path that was signed. | Look for //, /./ or /../ in the path.
path-trailing-slash | A trailing slash was added to or removed from the path. | Send the path that was signed. | Compare the signed path with the path that was sent.
path-style-mismatch | The bucket was signed in the host and sent in the path, or the reverse. | Use the same addressing style for signing and sending. | Compare the signed host and path with the ones that were sent.
query-extra | A query parameter was added after signing. | Sign the parameter, or send the URL unchanged. | Compare the URL that was sent with the one that the client created.
query-removed | A signed query parameter was removed. | Send the URL unchanged. | Compare the URL that was sent with the one that the client created.
query-changed | A query parameter changed after signing. | Send the URL unchanged. | Compare the URL that was sent with the one that the client created.
query-order | The query parameters were signed in the wrong order. | Sort the parameters by encoded name, then by encoded value. | Compare the third line of the canonical request with the sorted parameters.
query-duplicate | A query parameter appeared more times than it was signed. | Sign every value of the parameter, and do not sign a signed URL again. | Look for a parameter that appears more than once in the URL.
query-plus | A + in the query string was interpreted differently for signing. | Write a space as %20 and a plus as %2B. | Look for a + in the query string that was sent.
query-encoding | The query string was encoded differently for signing. | Percent-encode everything in names and values except A-Z a-z 0-9 - . _ ~ exactly once, for signing and sending. | Compare the third line of the canonical request with the query string that was sent.
query-empty-value | A parameter without a value was signed without =. | Sign a parameter without a value as name=. | Look for a parameter without = in the URL.
url-html-escaped | The URL contained &amp; instead of &. | Unescape the URL before using it. | Look for &amp; in the URL that was sent.
url-double-encoded | The URL was percent-encoded twice. | Use the URL exactly as it was created. | Look for %25 in the URL that was sent.
header-missing | A signed header was not sent. | Send every header in SignedHeaders with its signed value. | Compare SignedHeaders with the headers that were sent, in the Network tab or with curl -v.
header-changed | A header was changed after signing. | Send the signed value, or do not sign the header. | Compare the signed headers with the ones that were sent, in the Network tab or with curl -v.
header-whitespace | The whitespace in a header was signed incorrectly. | For signing, trim the value and replace each run of spaces with one space. | Look for leading, trailing, or repeated spaces in the signed headers.
signed-headers | The list of signed headers was incorrect. | Sign host and every x-amz- header, with lowercase, sorted names. | Compare SignedHeaders with the headers in the canonical request.
unsigned-header | An x-amz- header was sent without being signed. | Sign the header, or do not send it. | Compare the x-amz- headers that were sent with SignedHeaders.
content-length | The length of the body differed from the Content-Length header. | Sign and send the actual length of the body. | Compare Content-Length with the number of bytes that were sent.
content-md5 | Content-MD5 did not match the body. | Send the base64-encoded MD5 digest of the body, or omit the header. | Compute the digest of the body: openssl md5 -binary FILE piped to base64.
checksum | A checksum header did not match the body. | Send the checksum of the body, or omit it. | Compare the checksum of the body with the x-amz-checksum- header or parameter.
payload-hash | The signed payload hash differed from x-amz-content-sha256. | Send the signed payload hash as x-amz-content-sha256. | Compare x-amz-content-sha256 with the last line of the canonical request.
payload-mismatch | The body changed after signing. | Send exactly the bytes that were hashed. | Compare the SHA-256 of the body that was sent with x-amz-content-sha256.
streaming | The body was not in the chunked format that its headers announce. | Send an aws-chunked body, or sign its hash or UNSIGNED-PAYLOAD instead. | Check that the body starts with a chunk size in hexadecimal, and that the service supports aws-chunked.
streaming-chunk-signature | The signature of a chunk was incorrect. | Include the previous chunk's signature in each chunk's string to sign. | Compare the first chunk's previous signature with the signature of the request.
policy-missing | The form did not contain a policy. | Send the policy and the other fields before the file. | Look at the fields of the form in the order they were sent.
policy-malformed | The policy was malformed. | Send the policy exactly as it was created. | Decode the policy field from base64 and check that it is valid JSON.
policy-expired | The form was used after it expired. | Create a new form. | Decode the policy field from base64 and look at its expiration.
policy-condition | A form field did not meet a condition of the policy. | Send the value that the condition requires. | Decode the policy field from base64 and compare its conditions with the fields.
policy-extra-field | A form field was not covered by a condition of the policy. | Add a condition for the field to the policy, or do not send the field. | Decode the policy field from base64 and look for a condition for each field.
policy-too-large | The file was larger than the policy allows. | Upload a smaller file, or raise the maximum in the policy. | Decode the policy field from base64 and look at content-length-range.
policy-too-small | The file was smaller than the policy allows. | Upload the complete file, or lower the minimum in the policy. | Decode the policy field from base64 and look at content-length-range.
tampered-policy | The policy was changed after signing. | Send the base64 string that was signed, unchanged. | Compare the policy field with the string that was signed.
missing-field | A required form field was missing. | Send every field of the signature before the file. | Look at the fields of the form in the order they were sent.
not-auth | The signature was not the problem: the service rejected the request for a different reason. | Follow the error code of the response instead of changing the signature. | Look up the error code of the response, and check the permissions of the access key.`

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
export function adviceOn(cause: Cause): Omit<CauseText, 'happens'> {
  const [means, fix, check] = rowOf(TABLE, cause) as [string, string, string]
  return { means, fix, check }
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
