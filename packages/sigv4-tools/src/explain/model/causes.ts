import { fail } from '../../../../../src/internal/errors.ts'

/** The description of a cause. The documentation contains the same sentences. */
export interface CauseText {
  /** The problem. */
  readonly means: string
  /** Its usual origin. */
  readonly happens: string
  /** The fix. */
  readonly fix: string
  /** The way to confirm the cause if the evidence does not show it. */
  readonly check: string
  /** Whether credentials can prove the cause. */
  readonly isProvable: boolean
  /** Whether its values differ by characters that a reader compares. */
  readonly isCompared: boolean
}

/**
 * The causes, and the fix of each, one per line: `code | fix`, then fixes with the values of a clue, which are better if
 * these are known.
 */
const FIXES = `
wrong-secret | Use the secret access key that belongs to this access key ID.
unknown-access-key | Use an access key of this service, or create one there.
keys-swapped | Swap them back: an AWS access key ID starts with AKIA or ASIA.
secret-whitespace | Trim the secret when you read it.
secret-encoding | Pass the secret exactly as it was issued, without encoding or quotes.
key-derivation | Start with AWS4 and the secret access key as the first key, then use the date, the region, the service, and aws4_request, in this order.
canonical-request | Write method, path, query string, signed headers, an empty line, their names, and the payload hash, separated by line feeds.
string-to-sign | Write the algorithm, X-Amz-Date, the credential scope, and the hash of the canonical request, separated by line feeds.
session-token | Sign the session token that was issued with the access key, and send it as X-Amz-Security-Token.
expired | Create a new URL, or presign with a longer expires option.
expires-range | Presign for 1 to 604800 seconds.
expires-format | Set X-Amz-Expires to an integer number of seconds.
clock-past | Synchronize the client's clock, and sign each request just before sending it.
clock-future | Synchronize the client's clock.
clock-timezone | Format the signing date in UTC.
date-format | Write X-Amz-Date in the format 20150830T123600Z.
date-mismatch | Read the clock once for the scope, the string to sign, and the header.
scope-date | Use the first eight characters of X-Amz-Date as the date of the scope. | Use "{expected}" as the date of the credential scope.
scope-region | Sign for the region of the endpoint. | Sign for the region "{expected}".
scope-service | Sign for the endpoint's service, which is s3 for object storage. | Sign for the service "{expected}".
scope-terminator | End the credential scope with /aws4_request.
algorithm | Set the algorithm to AWS4-HMAC-SHA256, or sign with sigv4/sigv4a where Signature Version 4a is required.
signature-v2 | Sign with Signature Version 4: in boto3, Config(signature_version='s3v4'); AWS CLI: aws configure set default.s3.signature_version s3v4.
anonymous | Sign the request, and send its Authorization header or query string unchanged.
two-auths | Remove the Authorization header from requests to presigned URLs.
malformed-authorization | Send Credential, SignedHeaders, and Signature once each, separated by commas.
malformed-credential | Write the credential as ACCESS_KEY_ID/20150830/us-east-1/s3/aws4_request.
malformed-signature | Copy the complete URL or header again: the signature is written in lowercase hexadecimal digits.
tampered-signature | Copy the complete URL or header again.
signature-case | Write the signature in lowercase hexadecimal digits.
missing-param | Use the complete URL, and quote it on a command line.
missing-header | Sign and send x-amz-date and, for S3 and OpenSearch Serverless, x-amz-content-sha256. | Sign and send the header {expected}. | Sign and send the header {name}.
param-case | Send parameter names unchanged, such as X-Amz-Signature. | Send the parameter as "{expected}".
method | Presign for the method that you send. | Send the request with "{expected}", or sign it for "{actual}". | Send the request with "{expected}", or sign it for the method that you send.
host | Sign for the host that the service receives, or configure the proxy to preserve the Host header. | Sign for the host "{actual}", which the service receives, or send "Host: {expected}" and make proxies preserve it.
host-port | Sign for the host and port that the service receives. | Sign for the host "{actual}", which the service receives, or send "Host: {expected}" and make proxies preserve it.
path | Sign the path that the service receives. | Sign the path "{actual}", which the service receives, or send "{expected}".
path-encoding | Percent-encode everything except A-Z a-z 0-9 - . _ ~ and / exactly once, for signing and sending.
path-encoding-case | Write percent escapes in uppercase, for signing and sending.
path-double-encoding | Encode the path once for S3 and twice for all other services.
path-normalization | Do not normalize S3 paths, and send the path that was signed.
path-trailing-slash | Send the path that was signed.
path-style-mismatch | Use the same addressing style for signing and sending.
query-extra | Sign the parameter, or send the URL unchanged. | Sign the parameter {name} with the others, or do not send it.
query-removed | Send the URL unchanged. | Send the parameter {name} with the value "{expected}".
query-changed | Send the URL unchanged.
query-order | Sort the parameters by encoded name, then by encoded value.
query-duplicate | Sign every value of the parameter, and do not sign a signed URL again.
query-plus | Write a space as %20 and a plus as %2B.
query-encoding | Percent-encode everything in names and values except A-Z a-z 0-9 - . _ ~ exactly once, for signing and sending.
query-empty-value | Sign a parameter without a value as name=.
url-html-escaped | Unescape the URL before using it. | Replace "{actual}" with "{expected}" in the URL.
url-double-encoded | Use the URL exactly as it was created.
header-missing | Send every header in SignedHeaders with its signed value. | Send "{header}: {expected}", or do not sign the header. | Send the {header} header with its signed value, or do not sign it.
header-changed | Send the signed value, or do not sign the header. | Send "{header}: {expected}", or create the signature for "{actual}". | Send "{header}: {expected}", or do not sign the header. | Send the {header} header with its signed value, or do not sign it.
header-whitespace | For signing, trim the value and replace each run of spaces with one space.
signed-headers | Sign host and every x-amz- header, with lowercase, sorted names.
unsigned-header | Sign the header, or do not send it. | Sign the {header} header, or do not send it.
content-length | Sign and send the actual length of the body.
content-md5 | Send the base64-encoded MD5 digest of the body as Content-MD5.
checksum | Send the checksum of the body, or omit it.
payload-hash | Sign one payload hash and send it as x-amz-content-sha256: the SHA-256 of the body, or UNSIGNED-PAYLOAD.
payload-mismatch | Send exactly the bytes that were hashed.
streaming | Send an aws-chunked body, or sign its hash or UNSIGNED-PAYLOAD instead.
streaming-chunk-signature | Include the previous chunk's signature in each chunk's string to sign.
policy-missing | Send the policy and the other fields before the file.
policy-malformed | Send the policy exactly as it was created.
policy-expired | Create a new form.
policy-condition | Send the value that the condition requires.
policy-extra-field | Add a condition for the field to the policy, or do not send the field.
policy-too-large | Upload a smaller file, or raise the maximum in the policy.
policy-too-small | Upload the complete file, or lower the minimum in the policy.
tampered-policy | Send the base64 string that was signed, unchanged.
missing-field | Send every field of the signature before the file.
token-format | Send the token as npx sigv4-tools token prints it.
not-supported | Turn the feature off in the client, or use a server that supports it.
cors | Send the request with curl -v, which ignores CORS. If it succeeds, add a CORS rule for the origin, the method, and the headers.
not-auth | Follow the error code of the response instead of changing the signature.`

/** The stable code of a cause. */
export type Cause =
  | 'wrong-secret'
  | 'unknown-access-key'
  | 'keys-swapped'
  | 'secret-whitespace'
  | 'secret-encoding'
  | 'key-derivation'
  | 'canonical-request'
  | 'string-to-sign'
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
  | 'token-format'
  | 'not-supported'
  | 'cors'
  | 'not-auth'

/** Returns the fix for a cause, followed by the fixes with values. Throws for an unknown code. */
export function fixesOf(cause: Cause): string[] {
  return rowOf(FIXES, cause)
}

/** Returns the columns of a cause in a table. Throws for an unknown code. */
export function rowOf(table: string, cause: Cause): string[] {
  const row = table.split('\n').find((line) => line.startsWith(`${cause} | `))
  if (row === undefined) fail('ERR_INVALID_ARG_VALUE', 'cause', 'invalid', 'Pass a value that causes() returns.')
  return row.split(' | ').slice(1)
}

/** Returns the codes of all causes. */
export function causes(): Cause[] {
  return FIXES.trim()
    .split('\n')
    .map((line) => line.split(' | ')[0] as Cause)
}
