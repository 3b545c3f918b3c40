/** What a cause means, how it happens, and how to mend it. The documentation is made of the same words. */
export interface CauseText {
  readonly means: string
  readonly happens: string
  readonly fix: string
}

/** Reads a table of causes, a line each: `code | means | happens | fix`. */
const TABLE = `
wrong-secret | The signature was made with another secret access key. | A key was rotated, a stage was mixed up, or the secret of one key id is used with another id. | Use the secret that belongs to this access key id.
unknown-access-key | The service does not know the access key id. | The key was deleted, belongs to another account or provider, or the client talks to a local server with the keys of AWS. | Use a key of this service, or create one there.
keys-swapped | Access key id and secret access key have changed places. | Two variables or two fields of a form were filled in the wrong way round. | Put the id (AKIA…, ASIA…) first and the secret second.
secret-whitespace | The secret was used with white space around it. | It was read from a file or pasted with its line end. | Trim the secret when it is read.
secret-encoding | The secret was changed by an encoding before it was used. | It passed through a URL, a shell, YAML, base64 or an HTML form. | Pass the secret as it was issued, without encoding or quoting it.
key-derivation | The signing key was derived from other parts than the credential scope says. | A signing key was kept past midnight, or its parts were taken in another order, or from another region or service. | Derive the key from the date, region, service and aws4_request of the scope, in that order.
session-token | The session token is missing, is not that of the key, or was added without being signed. | Temporary credentials were copied without their token, or a token is used with another key. | Send the session token of these credentials and sign it.
expired | The request came after it had expired. | A presigned URL was kept or cached for longer than it lives. | Make a new URL, or presign with a longer expires.
expires-range | The expiry is not between 1 second and 7 days. | Milliseconds were given as seconds, or a date as a duration. | Presign for 1 to 604800 seconds.
expires-format | X-Amz-Expires is not a whole number. | A text such as 15m, or a fraction, was written into the URL. | Write whole seconds.
clock-past | The clock of the signer is behind. | The clock has not been synchronised, or a signed request was kept and sent later. | Synchronise the clock and sign when the request is sent.
clock-future | The clock of the signer is ahead. | The clock has not been synchronised. | Synchronise the clock of the signer.
clock-timezone | The time was signed in local time as if it were UTC. | The date was formatted with local getters. | Format the date in UTC.
date-format | The date is not written as yyyyMMddTHHmmssZ. | An ISO date with dashes and colons, or an HTTP date, was used. | Write X-Amz-Date like 20150830T123600Z.
date-mismatch | The date that was signed is not the date that was sent. | The clock was read twice, or a proxy wrote another Date header. | Read the clock once and use it for scope, string to sign and header.
scope-date | The day of the credential scope is not the day of the request. | The scope was made in local time, or kept past midnight. | Use the first eight characters of X-Amz-Date as the day.
scope-region | The request was signed for another region. | The region of the client is not that of the bucket or the endpoint. | Sign for the region of the endpoint.
scope-service | The request was signed for another service. | The name of the endpoint was used instead of the signing name, or the service was guessed. | Sign for the service of the endpoint, s3 for storage.
scope-terminator | The credential scope does not end with aws4_request. | The scope was put together by hand. | End the scope with aws4_request.
algorithm | The algorithm is not AWS4-HMAC-SHA256. | It was mistyped, or belongs to another cloud. | Use AWS4-HMAC-SHA256.
signature-v2 | The request is signed with Signature Version 2. | An old client signed it, or one that is set to do so (signature_version = s3). | Sign with Signature Version 4.
anonymous | The request is not signed. | The signature was lost in a redirect, or the client drops the Authorization header or the query. | Sign the request, and send the query and the Authorization header as they were made.
two-auths | The request is signed in its query and has an Authorization header too. | A client adds its own Authorization header to a presigned URL. | Send a presigned URL without an Authorization header.
malformed-authorization | The Authorization header cannot be read. | It was put together by hand, cut or put in quotes. | Write Credential, SignedHeaders and Signature once each, with commas between them.
malformed-credential | The credential cannot be read. | A part is missing, or its slashes were encoded twice. | Write key id, day, region, service and aws4_request with slashes between them.
malformed-signature | The signature is not 64 hex digits. | It was cut, or encoded in base64. | Write the HMAC in lower-case hex, all 64 digits of it.
tampered-signature | The signature is the right one, damaged on the way. | Characters were lost or changed when it was copied. | Copy the signature or the URL again, whole.
signature-case | The signature is written in upper-case hex. | The hex function writes upper case. | Write the signature in lower case.
missing-param | A parameter that presigned URLs need is missing. | The URL was cut at an & by a shell, or rebuilt without some parameters. | Use the URL whole, in quotes on a command line.
missing-header | A header that signed requests need is missing. | A client or a proxy dropped it. | Send x-amz-date and, for S3, x-amz-content-sha256.
param-case | A parameter of the signature is written in another case. | A framework or a proxy lower-cases parameters. | Send the parameters in the case in which they were signed.
method | The request was signed for another method. | A URL for GET is used for HEAD or PUT, or a redirect changed the method. | Presign for the method that is sent.
host | The request was signed for another host. | A proxy, a container network or a CDN changes the Host header. | Sign the host that the server receives, or let the proxy keep the Host header.
host-port | The request was signed for the host with another port. | A port is mapped, or the client adds or drops the default port. | Sign the port that the server receives.
path | The request was signed for another path. | A proxy adds or strips a prefix, or the URL was rebuilt. | Sign the path that the server receives.
path-encoding | The path was encoded in another way when it was signed. | A character that AWS escapes was left as it is (encodeURI does so), or a blank was written as +. | Encode every octet but A-Z a-z 0-9 - . _ ~ once, for signing and for sending.
path-encoding-case | The escapes of the path are in lower-case hex. | The encoder writes %c3 instead of %C3. | Write escapes with upper-case digits, for signing and for sending.
path-double-encoding | The path was encoded once too often, or once too seldom. | S3 encodes the path once and other services encode it twice; the client took one for the other. | Use single encoding for S3 and double encoding elsewhere.
path-normalization | Empty or dot segments of the path were resolved on one side only. | S3 keeps them and other services resolve them; URL parsers and proxies resolve them on the way. | Leave paths for S3 as they are, and send the path that was signed.
path-trailing-slash | The path was signed with a last slash and sent without it, or the reverse. | A router or a proxy adds or strips it. | Send the path that was signed.
path-style-mismatch | The bucket was signed in the host and sent in the path, or the reverse. | Client and endpoint disagree about path style. | Choose path style or virtual hosts for both, signing and sending.
query-extra | A parameter was added after signing. | A tracker, a cache buster or a caller appended it. | Sign the parameter, or send the URL as it was made.
query-removed | A parameter that was signed is missing. | A proxy or a cache stripped it. | Send the URL as it was made.
query-changed | A parameter was changed after signing. | The URL was parsed and written again, or edited. | Send the URL as it was made.
query-order | The parameters were signed in another order. | The client sorts whole pairs, or ignores case, or does not sort. | Sort by encoded name, then by encoded value.
query-duplicate | A parameter comes more than once and was signed another number of times. | A URL was signed twice, or a map kept only one of the values. | Sign every value; do not sign a signed URL again.
query-plus | A + in the query was signed as something else than a blank. | Form encoding was used where percent encoding is needed. | Write %20 for a blank and %2B for a plus.
query-encoding | The query was encoded differently when it was signed. | A character that AWS escapes, such as ! or {, was left unescaped, or one that it does not escape was escaped. | Percent-encode every octet of names and values except A-Z a-z 0-9 - . _ ~ for signing.
query-empty-value | A parameter without a value was signed without its =. | The = was left out of the canonical query string, where ?acl is acl=. | Sign a parameter without a value as name=.
url-html-escaped | The URL has &amp; where & should be. | It was taken out of HTML or XML without being unescaped. | Unescape the URL before it is used.
url-double-encoded | The URL was percent-encoded a second time. | It was encoded as if it were a single value. | Use the URL as it was made.
header-missing | A signed header was not sent. | The sender did not set it, or a proxy removed it. | Send every header that SignedHeaders names, with the value that was signed.
header-changed | A signed header has another value than was signed. | The client or a proxy sets its own value. | Send the value that was signed, or do not sign the header.
header-whitespace | White space of a header was signed in another way. | The value was signed with the blanks around it, or with runs of blanks in it. | Trim the value and make each run of blanks one blank, for signing.
signed-headers | The list of signed headers is not the list that was signed. | Names are unsorted, in upper case or left out, or host is missing. | Sign host and every x-amz- header, with names in lower case and sorted.
unsigned-header | An x-amz- header was sent without being signed. | It was added after signing. | Sign the header: pass it when the URL is made.
content-length | The length of the body is not the one that was signed or sent. | Another body is sent, or the client sets the length by itself. | Sign the length of the body that is sent.
content-md5 | Content-MD5 is not that of the body. | The body was changed, or the digest is in hex instead of base64. | Send the MD5 of the body in base64.
checksum | A checksum header is not that of the body. | The checksum of an empty body was signed into the URL, or the body was changed. | Send the checksum of the body, or none.
payload-hash | The payload hash that was signed is of another kind than the one that was sent. | UNSIGNED-PAYLOAD was used on one side and a hash on the other. | Send x-amz-content-sha256 with the value that was signed.
payload-mismatch | The body is not the one that was signed. | The body was changed, compressed or written again after signing. | Send the bytes that were hashed.
streaming | The body is not made of the chunks that its headers promise. | The headers say STREAMING- and the body is plain, or a proxy has decoded it. | Send an aws-chunked body, or sign its hash or UNSIGNED-PAYLOAD.
streaming-chunk-signature | The signature of a chunk is wrong. | Chunks were cut in another way, or signed from another seed. | Sign each chunk with the signature of the one before it in its string to sign.
policy-missing | The form has no policy. | The field is missing, misspelled, or behind the file. | Send the fields of the policy before the file.
policy-malformed | The policy cannot be read. | It is not JSON in base64, or it lacks expiration or conditions. | Send the policy as it was made.
policy-expired | The policy has expired. | The form was kept for longer than it lives. | Make a new form.
policy-condition | A field does not meet a condition of the policy. | The form was filled with another value than was signed. | Send the value that the condition asks for.
policy-extra-field | A field has no condition in the policy. | It was added to the form after signing. | Add a condition for the field, or do not send it.
policy-too-large | The file is larger than the policy allows. | content-length-range is smaller than the file. | Send a smaller file, or sign a larger content-length-range.
policy-too-small | The file is smaller than the policy asks for. | content-length-range starts above the size of the file. | Send the whole file.
tampered-policy | The policy is not the one that was signed. | It was decoded and written again, or changed. | Send the base64 text that was signed, as it is.
missing-field | A field of the form is missing. | The field comes behind the file, or is misspelled. | Send every field of the signature before the file.
not-auth | The signature is fine; the service refuses for another reason. | The object or the bucket does not exist, or a permission is missing. | Look at the code of the answer, not at the signature.`

/** A cause of a refusal: a stable code. */
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

/** The text of a cause. */
export function causeText(cause: Cause): CauseText {
  for (const line of TABLE.split('\n')) {
    const [code, means, happens, fix] = line.split(' | ') as [string, string, string, string]
    if (code === cause) return { means, happens, fix }
  }
  throw new TypeError(`There is no cause ${cause}`)
}

/** The codes of all causes. */
export function causes(): Cause[] {
  return TABLE.trim()
    .split('\n')
    .map((line) => line.split(' | ')[0] as Cause)
}
