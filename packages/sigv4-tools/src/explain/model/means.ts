import { type Cause, rowOf } from './causes.ts'

// The problem, by cause. Faults have their own sentences, so a program that only calls `inspect` does not include this.

/**
 * The causes in the order of `causes.ts`, one per line: `code | means | difference | stated`. `difference`: the sentence if
 * the values that were signed and sent are known; `stated`: if a service states values.
 */
const MEANS = `
wrong-secret | The request was signed with the wrong secret access key.
unknown-access-key | The service did not recognize the access key ID. |  | The access key ID has {sent} characters. The service requires {required}.
keys-swapped | The access key ID and secret access key were swapped. |  | The access key ID has {sent} characters. The service requires {required}.
secret-whitespace | The secret access key was used with extra whitespace.
secret-encoding | The secret access key was changed by an encoding before it was used.
key-derivation | The signing key was derived incorrectly.
canonical-request | The canonical request was assembled incorrectly.
string-to-sign | The string to sign was assembled incorrectly.
session-token | The session token was missing, expired, or not valid for the access key.
expired | The request arrived after its signature had expired.
expires-range | The lifetime was not between 1 second and 7 days.
expires-format | X-Amz-Expires was not an integer.
clock-past | The request was signed with a time too far in the past.
clock-future | The request was signed with a time in the future.
clock-timezone | The request was signed with local time marked as UTC.
date-format | The signing date was not in the format yyyyMMddTHHmmssZ. |  | The date is "{sent}". The required format is {required}.
date-mismatch | The signed date differed from the date that was sent.
scope-date | The date in the credential scope differed from the date of the request. |  | The request was signed for the date "{sent}". The service requires the date "{required}".
scope-region | The request was signed for the wrong region. | The client signed the region {signed}, but the credential scope contained {sent}. | The request was signed for the region "{sent}". The service requires the region "{required}".
scope-service | The request was signed for the wrong service. | The client signed the service {signed}, but the credential scope contained {sent}. | The request was signed for the service "{sent}". The endpoint belongs to the service "{required}".
scope-terminator | The credential scope did not end with aws4_request. |  | The credential scope ended with "{sent}". It must end with "{required}".
algorithm | The algorithm was not the one that the service requires. |  | The algorithm is "{sent}". The service requires {required}.
signature-v2 | The request was signed with Signature Version 2.
anonymous | The request was not signed.
two-auths | The request contained two signatures or credentials.
malformed-authorization | The Authorization header was malformed. |  | The Authorization header did not contain {name}.
malformed-credential | The credential was malformed. |  | The credential has {sent} parts. It must have {required}.
malformed-signature | The signature was not 64 hexadecimal digits. | The signature was followed by other characters: the client created {signed}, and the request contained {sent}.
tampered-signature | The signature was altered after signing.
signature-case | The signature was written in uppercase hexadecimal digits.
missing-param | A parameter that a presigned URL requires was missing. |  | The URL did not contain {name}.
missing-header | A header that a signed request requires was missing. |  | The request did not contain the header {name}.
param-case | A parameter of the signature was sent with the wrong case.
method | The request was sent with a different method than it was signed for. | The request was signed for the method {signed}, but it was sent with {sent}.
host | The request reached the service with a different host than it was signed for. | The request was signed for the host {signed}, but the service received the host {sent}.
host-port | The request reached the service with a different port than it was signed for. | The request was signed for the host {signed}, but the service received the host {sent}.
path | The path changed after signing.
path-encoding | The path was encoded differently for signing.
path-encoding-case | The path was signed with lowercase percent escapes.
path-double-encoding | The path was encoded one time too many or too few for signing.
path-normalization | Empty or dot segments of the path were handled differently for signing.
path-trailing-slash | A trailing slash was added to or removed from the path.
path-style-mismatch | The bucket was signed in the host and sent in the path, or the reverse.
query-extra | A query parameter was added after signing.
query-removed | A signed query parameter was removed.
query-changed | A query parameter changed after signing.
query-order | The query parameters were signed in the wrong order.
query-duplicate | A query parameter appeared more times than it was signed.
query-plus | A + in the query string was interpreted differently for signing.
query-encoding | The query string was encoded differently for signing.
query-empty-value | A parameter without a value was signed without =.
url-html-escaped | The URL contained &amp; instead of &.
url-double-encoded | The URL was percent-encoded twice.
header-missing | A signed header was not sent. |  | The request did not contain the signed header {name}.
header-changed | A header was changed after signing.
header-whitespace | The whitespace in a header was signed incorrectly.
signed-headers | The list of signed headers was incorrect.
unsigned-header | An x-amz- header was sent without being signed. |  | The request contained headers that were not signed: {name}.
content-length | The length of the body differed from the Content-Length header.
content-md5 | Content-MD5 did not match the body.
checksum | A checksum header did not match the body.
payload-hash | The signed payload hash differed from x-amz-content-sha256. | The client signed the payload hash {signed}, but the request contained {sent}.
payload-mismatch | The body changed after signing. | The body changed after signing: its signed hash was {signed}, and the received hash was {sent}.
streaming | The body was not in the chunked format that its headers announce.
streaming-chunk-signature | The signature of a chunk was incorrect.
policy-missing | The form did not contain a policy. |  | The form did not contain a {name} field before the file.
policy-malformed | The policy was malformed.
policy-expired | The form was used after it expired.
policy-condition | A form field did not meet a condition of the policy. |  | The policy does not allow the value of the {name} field.
policy-extra-field | A form field was not covered by a condition of the policy. |  | The policy does not contain a condition for the field {name}.
policy-too-large | The file was larger than the policy allows.
policy-too-small | The file was smaller than the policy allows.
tampered-policy | The policy was changed after signing. | The policy changed after signing: the client signed {signed}, and the form contained {sent}.
missing-field | A required form field was missing. |  | The form did not contain a {name} field before the file.
token-format | The token was not in the form that its service expects.
not-supported | The request contained a feature that the server does not support.
cors | Either a CORS rule was missing, or the service rejected the request: the browser hides its response.
not-auth | The signature was not the problem: the service rejected the request for a different reason.`

/** Sentences that describe the problem. */
export interface Means {
  readonly means: string
  /** Contains `{signed}` and `{sent}`. @default a sentence for all causes */
  readonly difference: string
  /** Contains `{name}`, `{sent}`, and `{required}`. */
  readonly stated: string
}

/** Returns the sentences for a cause. Throws for an unknown code. */
export function meansOf(cause: Cause): Means {
  const [means = '', difference = '', stated = ''] = rowOf(MEANS, cause)
  return { means, difference, stated }
}
