import { adviceOn, type Cause, type CauseText, rowOf } from './causes.ts'

// How causes come about. Findings do not contain it, so a program that only calls `explain` does not include it.

/** The causes in the order of `causes.ts`, one per line: `code | happens`. */
const ORIGINS = `
wrong-secret | The key was rotated, or the secret belongs to a different access key ID or environment.
unknown-access-key | The key was deleted or disabled, or belongs to a different account or provider.
keys-swapped | Two environment variables or form fields were filled in the wrong order.
secret-whitespace | The secret was read from a file or pasted with a trailing newline or space.
secret-encoding | The secret passed through a URL, a shell, YAML, base64, or an HTML form.
key-derivation | A signing key was cached past midnight UTC, or derived from the wrong parts of the scope.
session-token | Temporary credentials expired, were copied without their token, or were combined with a different token.
expired | A presigned URL was stored, cached, or emailed, and used after its lifetime.
expires-range | Milliseconds were passed as seconds, or a date as a duration.
expires-format | A string such as 15m, or a fraction, was written into the URL.
clock-past | The client's clock is slow, or a signed request was queued and sent later.
clock-future | The client's clock is fast.
clock-timezone | The date was formatted with local getters such as getHours().
date-format | An ISO 8601 date with dashes and colons, or an HTTP date, was used.
date-mismatch | The clock was read twice, or a proxy replaced the Date header.
scope-date | The scope was created in local time, or a signer was reused after midnight UTC.
scope-region | The client is configured for a different region than the bucket or endpoint.
scope-service | The client used its default, or the name in the host instead of the signing name.
scope-terminator | The scope was assembled by hand.
algorithm | The name was mistyped, or belongs to a different cloud or to Signature Version 4A.
signature-v2 | The client is outdated, or configured for the old version (signature_version = s3).
anonymous | A redirect or a proxy dropped the Authorization header or the query string, or the request was never signed.
two-auths | The client added its own Authorization header to a presigned URL.
malformed-authorization | The header was assembled by hand, truncated, or quoted, or contains a different kind of token.
malformed-credential | A part of the credential is missing, or its slashes were encoded twice.
malformed-signature | The signature was truncated, followed by other characters, or encoded in base64.
tampered-signature | Characters were lost or changed when the URL or header was copied.
signature-case | The hex function of the client returns uppercase digits.
missing-param | A shell cut the URL at an &, or the URL was rebuilt without some parameters.
missing-header | The client did not add the header, or a proxy removed it.
param-case | A framework or a proxy converts parameter names to lowercase.
method | A URL presigned for GET was used for PUT or HEAD, or a redirect changed the method.
host | A proxy, a container network, or a CDN changed the Host header.
host-port | A port is mapped, or the client added or dropped the default port.
path | A proxy added or stripped a prefix, or the URL was rebuilt.
path-encoding | The client did not escape a character that AWS escapes (as encodeURI does), or wrote a space as +.
path-encoding-case | The encoder writes %c3 instead of %C3.
path-double-encoding | S3 encodes the path once and other services encode it twice; the client applied the wrong rule.
path-normalization | S3 keeps // and .. in keys; other services, URL parsers, and proxies resolve them.
path-trailing-slash | A router or a proxy added or removed the slash.
path-style-mismatch | The client and the endpoint are configured for different addressing styles.
query-extra | An analytics tool, a cache buster, or a caller appended a parameter.
query-removed | A proxy or a cache stripped the parameter.
query-changed | The URL was parsed and serialized again, or edited.
query-order | The client sorts complete pairs, ignores case, or does not sort.
query-duplicate | A signed URL was signed again, or a map kept only one of several values.
query-plus | Form encoding writes a space as +, which some services decode as a space and others as a plus.
query-encoding | A character that AWS escapes, such as ! or {, was not escaped, or an unreserved one was.
query-empty-value | The client signed ?acl as acl instead of acl=.
url-html-escaped | The URL was copied from HTML or XML without unescaping.
url-double-encoded | The complete URL was encoded again, as if it were a single value.
header-missing | The client did not set the header, or a proxy removed it.
header-changed | The browser, the HTTP library, or a proxy set its own value.
header-whitespace | The value was signed with surrounding spaces or with consecutive spaces.
signed-headers | Names are unsorted, uppercase, or missing, or host was not signed.
unsigned-header | The header was added after signing.
content-length | The client sent a different body, or the body was truncated.
content-md5 | The body changed after the digest was computed, or the digest is in hex instead of base64.
checksum | The checksum of an empty body was signed into the URL, or the body changed.
payload-hash | UNSIGNED-PAYLOAD was used for signing and a hash for sending, or the reverse.
payload-mismatch | The body was compressed, serialized again, or modified after its hash was computed.
streaming | x-amz-content-sha256 starts with STREAMING-, but the body is plain, a proxy decoded it, or the service does not support it.
streaming-chunk-signature | The chunks were split again, or signed with the wrong previous signature.
policy-missing | The policy field is missing, misspelled, or follows the file.
policy-malformed | The policy is not base64-encoded JSON, or does not contain an expiration and conditions.
policy-expired | The page with the form stayed open after the policy's expiration.
policy-condition | The form was submitted with a value other than the one in the policy.
policy-extra-field | The field was added to the form after signing.
policy-too-large | The file exceeds the maximum of content-length-range.
policy-too-small | The file is smaller than the minimum of content-length-range, or empty.
tampered-policy | The policy was decoded and encoded again, or edited.
missing-field | The field is misspelled, or follows the file.
not-auth | The object or bucket does not exist, or the access key does not have permission.`

/** Returns the description of a cause. Throws for an unknown code. */
export function causeText(cause: Cause): CauseText {
  const { means, fix, check } = adviceOn(cause)
  const [happens] = rowOf(ORIGINS, cause) as [string]
  return { means, happens, fix, check }
}
