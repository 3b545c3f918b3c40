import type { ErrorRow } from './row.ts'

/** Malformed values, and the algorithm. */
export const SYNTAX: readonly ErrorRow[] = [
  { match: /non-empty access key/gi, reading: 'named', causes: ['malformed-credential'] },
  {
    match: /at least (\d+) slash-separated parts, not (\d+)/gi,
    reading: 'named',
    causes: ['malformed-credential', 'keys-swapped', 'url-double-encoded'],
    values: ['required', 'sent'],
  },
  {
    match: /slash-delimited.{0,80}got '(?!A[KS]IA)[\w+]{0,39}\/[\w+/]{1,39}\/\d{8}\//gi,
    reading: 'named',
    causes: ['malformed-credential', 'keys-swapped', 'url-double-encoded'],
    about: 'keys-swapped',
    stated: { always: 'The access key ID contains a slash, as secret access keys often do.' },
  },
  {
    match:
      /Credentials? (?:is mal-?formed|must have|sigv4 header|does not contain)|(?:parsing|field:) (?:the )?X-Amz-Credential|Invalid credentials/gi,
    reading: 'named',
    causes: ['malformed-credential', 'keys-swapped', 'url-double-encoded'],
  },
  {
    match: /Invalid expiration|Expires.{0,60}(?:number|integer)/gi,
    reading: 'named',
    causes: ['expires-format', 'expires-range'],
  },
  {
    match: /Expires.{0,80}(?:less than|non-negative|week|604800)/gi,
    reading: 'named',
    causes: ['expires-range', 'expires-format'],
  },
  { match: /Expires error|seconds since epoch/gi, reading: 'named', causes: ['signature-v2', 'expires-format'] },
  {
    match: /'basic format'\. Got '([^']{0,100})'/gi,
    reading: 'named',
    causes: ['date-format', 'expires-format'],
    values: ['sent'],
  },
  {
    match: /date provided in .{1,30} \(([^()]{0,100})\) didn't/gi,
    reading: 'named',
    causes: ['date-format', 'expires-format'],
    values: ['sent'],
  },
  {
    match:
      /ISO-?8601|date format|didn't parse|^MalformedDate|Invalid date:|invalid (?:amz date|(?:field|header): x-amz-date)/gi,
    reading: 'named',
    causes: ['date-format', 'expires-format'],
  },
  {
    match: /requires '(Credential|SignedHeaders|Signature)' parameter/gi,
    reading: 'named',
    causes: ['malformed-authorization', 'malformed-credential', 'signed-headers', 'missing-header'],
    values: ['name'],
  },
  {
    match: /requires a valid Date|requires existence of either/gi,
    reading: 'named',
    causes: ['missing-header', 'date-format', 'missing-param'],
  },
  { match: /SigV2.{0,40}not supported/gi, reading: 'named', causes: ['signature-v2'] },
  {
    match: /Signature Version 2|Signature Version 4\.|AwsAccessKeyId:signature|missing date/gi,
    reading: 'named',
    causes: ['signature-v2', 'malformed-authorization', 'missing-header'],
  },
  {
    match: /please use AWS4-HMAC|authorization method|Auth protocol/gi,
    reading: 'named',
    causes: ['signature-v2', 'algorithm', 'malformed-authorization'],
  },
  {
    match: /unsupported authorization type/gi,
    reading: 'named',
    causes: ['algorithm', 'malformed-authorization', 'signature-v2', 'two-auths'],
  },
  {
    match: /Unsupported AWS 'algorithm': '([^']{0,100})'/gi,
    reading: 'named',
    causes: ['algorithm'],
    values: ['sent'],
  },
  {
    match: /only (?:supports? .{0,40})?AWS4-HMAC|X-Amz-Algorithm|AWS4-ECDSA\S{0,40} signing/gi,
    reading: 'named',
    causes: ['algorithm'],
  },
]
