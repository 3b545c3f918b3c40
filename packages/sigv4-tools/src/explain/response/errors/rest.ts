import type { ErrorRow } from './row.ts'

/** Parts of the signature that are missing. */
export const MISSING: readonly ErrorRow[] = [
  {
    match: /required header for this request: (x-amz-[\w-]+)/gi,
    reading: 'named',
    causes: ['missing-header', 'date-format', 'missing-param'],
    values: ['name'],
  },
  {
    match: /missing (?:header: )?(x-amz-(?:content-sha256|date))/gi,
    reading: 'named',
    causes: ['missing-header', 'date-format', 'missing-param'],
    values: ['name'],
  },
  {
    match: /gw-helper-deny|content-sha256|header: x-amz-|No date provided|Missing X-Amz-|Host header required/gi,
    reading: 'named',
    causes: ['missing-header', 'date-format', 'missing-param'],
  },
  {
    match: /^MissingSecurityHeader/gi,
    reading: 'suggested',
    causes: ['missing-header', 'date-format', 'missing-param', 'not-auth'],
  },
  { match: /^Forbidden 403/gi, reading: 'suggested', causes: ['missing-header', 'payload-hash', 'not-auth'] },
  {
    match: /(?:missing|find) (Credential|SignedHeaders|Signature)\b/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'malformed-credential', 'signed-headers', 'missing-header'],
    values: ['name'],
  },
  {
    match: /component .{0,10}Signature=.{1,200} malformed/gi,
    reading: 'named',
    causes: ['malformed-signature', 'malformed-authorization'],
  },
  {
    match:
      /component .{1,80} malformed|requires three components|requires Credential|Authorization field|without value/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'malformed-credential', 'signed-headers', 'missing-header'],
  },
  {
    match: /^MissingFields|Invalid signature format/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'missing-param', 'missing-field'],
  },
  {
    match: /AuthorizationHeaderMalformed|IncompleteSignature|authorization header|header: authorization/gi,
    reading: 'suggested',
    causes: [
      'malformed-authorization',
      'malformed-credential',
      'scope-terminator',
      'scope-date',
      'signed-headers',
      'missing-header',
    ],
  },
  {
    match: /^AuthorizationQueryParametersError/gi,
    reading: 'suggested',
    causes: ['missing-param', 'param-case', 'malformed-credential', 'url-double-encoded', 'algorithm', 'scope-date'],
  },
]

/** The host and the path. */
export const ADDRESS: readonly ErrorRow[] = [
  {
    match: /Host header|Forwarded-Host|header: Host|host region|Authority .{0,300}format|^TenantNotFound/gi,
    reading: 'suggested',
    causes: ['host'],
  },
  { match: /^(?:Temporary)?Redirect|Transfer Acceleration/gi, reading: 'suggested', causes: ['host', 'not-auth'] },
  { match: /leading slash|bad components/gi, reading: 'suggested', causes: ['not-auth', 'path-normalization'] },
  {
    match: /^InvalidURI|invalid UTF-8/gi,
    reading: 'suggested',
    causes: ['path-encoding', 'path', 'host', 'path-style-mismatch'],
  },
  {
    match: /unsupported API call for method: \w+/gi,
    reading: 'suggested',
    causes: ['path-style-mismatch', 'method', 'not-auth'],
  },
  {
    match: /No bucket specified|contain a bucket name|unsupported API call/gi,
    reading: 'suggested',
    causes: ['path-style-mismatch', 'not-auth'],
  },
  { match: /proxy_path/gi, reading: 'named', causes: ['path'] },
  { match: /invalid header name/gi, reading: 'suggested', causes: ['signed-headers', 'query-changed'] },
]

/** Codes with many messages. */
export const CODES: readonly ErrorRow[] = [
  { match: /^InvalidRequest Bad request: Invalid signature/gi, reading: 'named', causes: ['malformed-signature'] },
  {
    match:
      /SignatureDoesNotMatch|InvalidSignature|Invalid signature|signature.{0,20}not match|access key \/ signature/gi,
    reading: 'mismatch',
  },
  {
    match:
      /^(?:NoSuch\w+|NotFound|RouteNotFound|MethodNotAllowed|PreconditionFailed|NotModified|InvalidRange|InvalidPart\w*|Bucket\w+|InvalidBucketName|KeyTooLong\w*|NotImplemented|InvalidObjectState|QuotaExceeded|InsufficientStorage|SlowDown|UnauthorizedOperation)/gi,
    reading: 'elsewhere',
    causes: ['not-auth'],
  },
  { match: /^InvalidArgument/gi, reading: 'ambiguous', causes: ['not-auth'] },
  {
    match: /^(?:AccessDenied|Forbidden|Unauthorized) ?|^ Unauthorized$/gi,
    reading: 'ambiguous',
    causes: ['anonymous', 'not-auth'],
  },
]
