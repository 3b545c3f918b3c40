import { type Cause, type CauseText, fixesOf, rowOf } from './causes.ts'
import { meansOf } from './means.ts'

// The origin of each cause, and the way to confirm it. Findings do not contain these, so a program that only calls
// `explain` does not include them.

/**
 * The causes in the order of `causes.ts`, one per line: `code | happens | check`, and whether credentials can prove the cause,
 * and readers compare its values.
 */
const ORIGINS = `
wrong-secret | The key was rotated, or the secret belongs to a different access key ID or environment. | Check that the access key ID and the secret belong to the same key pair. | provable
unknown-access-key | The key was deleted or disabled, or belongs to a different account or provider. | Look for this access key ID among the account's keys.
keys-swapped | Two environment variables or form fields were filled in the wrong order. | Check that the credential starts with an access key ID.
secret-whitespace | The secret was read from a file or pasted with a trailing newline or space. | Print the length of the secret: an AWS secret access key has 40 characters. | provable
secret-encoding | The secret passed through a URL, a shell, YAML, base64, or an HTML form. | Print the length of the secret: an AWS secret access key has 40 characters. | provable
key-derivation | A hand-written signer derived the key from other strings or in a different order, or cached it past midnight UTC. | Derive the key of the example in the AWS documentation, and compare. | provable
canonical-request | A hand-written signer left out a line, or added one: the query string and the empty line after the headers are easily missed. | Compare the client's canonical request with the example in the AWS documentation, line by line. | provable
string-to-sign | A hand-written signer left out a line, or did not hash the canonical request. | Print the string to sign: it has four lines, and the last one is a hash. | provable
session-token | Temporary credentials expired, were copied without their token, or were combined with a different token. | Check that the key and the token belong together and have not expired.
expired | A presigned URL was stored, cached, or emailed, and used after its lifetime. | Compare the time of the request with X-Amz-Date plus X-Amz-Expires seconds.
expires-range | Milliseconds were passed as seconds, or a date as a duration. | Look at X-Amz-Expires in the URL.
expires-format | A string such as 15m, or a fraction, was written into the URL. | Look at X-Amz-Expires in the URL.
clock-past | The client's clock is slow, or a signed request was queued and sent later. | Compare the output of date -u with the Date header of the response.
clock-future | The client's clock is fast. | Compare the output of date -u with the Date header of the response.
clock-timezone | The date was formatted with local getters such as getHours(). | Compare X-Amz-Date with the current UTC time.
date-format | An ISO 8601 date with dashes and colons, or an HTTP date, was used. | Look at X-Amz-Date in the request.
date-mismatch | The clock was read twice, or a proxy replaced the Date header. | Compare X-Amz-Date with the second line of the string to sign.
scope-date | The scope was created in local time, or a signer was reused after midnight UTC. | Compare X-Amz-Date with the date in the credential.
scope-region | The client is configured for a different region than the bucket or endpoint. | Compare the region in the credential with the region of the bucket or endpoint.
scope-service | The client used its default, or the name in the host instead of the signing name. | Look up the signing name in the service's documentation.
scope-terminator | The scope was assembled by hand. | Look at the last part of the credential.
algorithm | The name was mistyped or belongs to a different cloud, or the host requires Signature Version 4a. | Look at X-Amz-Algorithm, or at the first word of the Authorization header.
signature-v2 | The client is outdated, or configured for the old version (signature_version = s3). | Look for AWSAccessKeyId in the URL, or for an Authorization header that starts with "AWS ".
anonymous | A redirect or a proxy dropped the Authorization header or the query string, or the request was never signed. | Look for an Authorization header or X-Amz-Signature in the request.
two-auths | The client added its own Authorization header to a presigned URL. | Look for both an Authorization header and X-Amz-Signature in the request.
malformed-authorization | The header was assembled by hand, truncated, or quoted, or contains a different kind of token. | Look at the Authorization header that the service receives. | compared
malformed-credential | A part of the credential is missing, or its slashes were encoded twice. | Count the parts of the credential: there are five. | compared
malformed-signature | The signature was truncated, followed by other characters, or encoded in base64. | Count the characters of the signature. | compared
tampered-signature | Characters were lost or changed when the URL or header was copied. | Compare the signature that was sent with the one that the client created. | provable, compared
signature-case | The hex function of the client returns uppercase digits. | Look for uppercase letters in the signature. | compared
missing-param | A shell cut the URL at an &, or the URL was rebuilt without some parameters. | Look for all X-Amz- parameters in the URL that was sent.
missing-header | The client did not add the header, or a proxy removed it. | Look at the headers that were sent.
param-case | A framework or a proxy converts parameter names to lowercase. | Look at the X-Amz- parameters of the URL that was sent. | compared
method | A URL presigned for GET was used for PUT or HEAD, or a redirect changed the method. | Compare the signed method with the method that was sent. | provable
host | A proxy, a container network, or a CDN changed the Host header. | Compare the signed host with the Host header that the service received. | provable, compared
host-port | A port is mapped, or the client added or dropped the default port. | Compare the signed host and port with the Host header that the service received. | provable, compared
path | A proxy added or stripped a prefix, or the URL was rebuilt. | Compare the signed path with the path in the service's log or error. | provable, compared
path-encoding | The client did not escape a character that AWS escapes (as encodeURI does), or wrote a space as +. | Try an object key that contains only letters. | provable, compared
path-encoding-case | The encoder writes %c3 instead of %C3. | Look for lowercase percent escapes in the path. | provable, compared
path-double-encoding | S3 encodes the path once and other services encode it twice; the client applied the wrong rule. | Look for %25 in the path of the canonical request. | provable, compared
path-normalization | S3 keeps // and .. in keys; other services, URL parsers, and proxies resolve them. | Look for //, /./ or /../ in the path. | provable, compared
path-trailing-slash | A router or a proxy added or removed the slash. | Compare the signed path with the path that was sent. | provable, compared
path-style-mismatch | The client and the endpoint are configured for different addressing styles. | Compare the signed host and path with the ones that were sent. | provable, compared
query-extra | An analytics tool, a cache buster, or a caller appended a parameter. | Compare the URL that was sent with the one that the client created. | provable, compared
query-removed | A proxy or a cache stripped the parameter. | Compare the URL that was sent with the one that the client created. | provable, compared
query-changed | The URL was parsed and serialized again, or edited. | Compare the URL that was sent with the one that the client created. | provable, compared
query-order | The client sorts complete pairs, ignores case, or does not sort. | Compare the third line of the canonical request with the sorted parameters. | provable, compared
query-duplicate | A signed URL was signed again, or a map kept only one of several values. | Look for a parameter that appears more than once in the URL. | provable, compared
query-plus | Form encoding writes a space as +, which some services decode as a space and others as a plus. | Look for a + in the query string that was sent. | provable, compared
query-encoding | A character that AWS escapes, such as ! or {, was not escaped, or an unreserved one was. | Compare the third line of the canonical request with the query string that was sent. | provable, compared
query-empty-value | The client signed ?acl as acl instead of acl=. | Look for a parameter without = in the URL. | provable, compared
url-html-escaped | The URL was copied from HTML or XML without unescaping. | Look for &amp; in the URL that was sent. | compared
url-double-encoded | The complete URL was encoded again, as if it were a single value. | Look for %25 in the URL that was sent. | compared
header-missing | The client did not set the header, or a proxy removed it. | Compare SignedHeaders with the headers that were sent, in the Network tab or with curl -v. | provable
header-changed | The browser, the HTTP library, or a proxy set its own value. | Compare the signed headers with the ones that were sent, in the Network tab or with curl -v. | provable, compared
header-whitespace | The value was signed with surrounding spaces or with consecutive spaces. | Look for leading, trailing, or repeated spaces in the signed headers. | provable, compared
signed-headers | Names are unsorted, uppercase, or missing, or host was not signed. | Compare SignedHeaders with the headers in the canonical request. | provable, compared
unsigned-header | The header was added after signing. | Compare the x-amz- headers that were sent with SignedHeaders.
content-length | The client sent a different body, or the body was truncated. | Compare Content-Length with the number of bytes that were sent.
content-md5 | The body changed after the digest was computed, or the digest is in hex instead of base64. | Compute the MD5 digest of the body, encode it in base64, and compare it with Content-MD5.
checksum | The checksum of an empty body was signed into the URL, or the body changed. | Compare the checksum of the body with the x-amz-checksum- header or parameter.
payload-hash | The client hashed an empty body, or signed UNSIGNED-PAYLOAD for a service that requires a hash, or the reverse. | Compare x-amz-content-sha256 with the last line of the canonical request. | provable
payload-mismatch | The body was compressed, serialized again, or modified after its hash was computed. | Compare the SHA-256 of the body that was sent with x-amz-content-sha256. | provable
streaming | x-amz-content-sha256 starts with STREAMING-, but the body is plain, a proxy decoded it, or the service does not support it. | Check that the body starts with a chunk size in hexadecimal, and that the service supports aws-chunked.
streaming-chunk-signature | The chunks were split again, or signed with the wrong previous signature. | Compare the first chunk's previous signature with the signature of the request.
policy-missing | The policy field is missing, misspelled, or follows the file. | Look at the fields of the form in the order they were sent.
policy-malformed | The policy is not base64-encoded JSON, or does not contain an expiration and conditions. | Decode the policy field from base64 and check that it is valid JSON.
policy-expired | The page with the form stayed open after the policy's expiration. | Decode the policy field from base64 and look at its expiration.
policy-condition | The form was submitted with a value other than the one in the policy. | Decode the policy field from base64 and compare its conditions with the fields. | compared
policy-extra-field | The field was added to the form after signing. | Decode the policy field from base64 and look for a condition for each field.
policy-too-large | The file exceeds the maximum of content-length-range. | Decode the policy field from base64 and look at content-length-range.
policy-too-small | The file is smaller than the minimum of content-length-range, or empty. | Decode the policy field from base64 and look at content-length-range.
tampered-policy | The policy was decoded and encoded again, or edited. | Compare the policy field with the string that was signed. | provable, compared
missing-field | The field is misspelled, or follows the file. | Look at the fields of the form in the order they were sent.
token-format | The token was sent as a URL, decoded, encoded again, padded, or created for a different action. | Compare the start of the token with the one that npx sigv4-tools token prints.
not-supported | A client sends checksums, trailers, chunks, conditions, or forms that S3 supports and an S3-compatible server does not. | Look up the server under "What servers do not support".
cors | The bucket does not allow the page's origin, method, or headers, or the service's error does not have CORS headers. | Run curl -i -X OPTIONS -H 'Origin: https://app.example' -H 'Access-Control-Request-Method: PUT' "$URL".
not-auth | The object or bucket does not exist, or the access key does not have permission. | Look up the error code of the response, and check the permissions of the access key.`

/** Returns the usual origin of a finding; `undefined` if it has a fix of its own, because the origin is that of the cause in general. */
export function originOf({ cause, fix }: { readonly cause: Cause; readonly fix: string }): string | undefined {
  const isGeneral = fixesOf(cause).some((usual) => {
    const parts = usual.split(/\{\w+\}/)
    return (
      fix.startsWith(parts[0]!) && fix.endsWith(parts[parts.length - 1]!) && parts.every((part) => fix.includes(part))
    )
  })
  return isGeneral ? causeText(cause).happens : undefined
}

/** Returns the description of a cause. Throws for an unknown code. */
export function causeText(cause: Cause): CauseText {
  const [happens = '', check = '', kinds = ''] = rowOf(ORIGINS, cause)
  const [fix = ''] = fixesOf(cause)
  const [isProvable, isCompared] = ['provable', 'compared'].map((kind) => kinds.includes(kind)) as [boolean, boolean]
  return { means: meansOf(cause).means, happens, fix, check, isProvable, isCompared }
}
