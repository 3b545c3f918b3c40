import type { ErrorRow } from './row.ts'

/** Signed headers, and parameters. */
export const HEADERS: readonly ErrorRow[] = [
  {
    match: /signed header .([\w-]+). is not present/gi,
    reading: 'named',
    causes: ['header-missing'],
    values: ['name'],
  },
  {
    match: /header '([\w-]+)' is listed in signed headers, but/gi,
    reading: 'named',
    causes: ['header-missing'],
    values: ['name'],
  },
  {
    match: /'([\w-]+)' is named as a SignedHeader, but/gi,
    reading: 'named',
    causes: ['header-missing'],
    values: ['name'],
  },
  {
    match: /'Host'(?: or ':authority')? must be a 'SignedHeader'|Host header not signed/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers'],
    about: 'signed-headers',
    stated: { always: 'The Host header was not signed.' },
  },
  {
    match: /.Host. should be signed/gi,
    reading: 'named',
    causes: ['signed-headers', 'unsigned-header'],
    stated: { always: 'The Host header was not signed.' },
  },
  {
    match: /which were not signed[:\s]+([\w-]+(?:, [\w-]+)*)/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers', 'header-missing'],
    values: ['name'],
  },
  {
    match: /Header\(s\) not signed: ([\w-]+(?:, [\w-]+)*)/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers', 'header-missing'],
    values: ['name'],
  },
  {
    match: /header .([\w-]+). should be signed/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers', 'header-missing'],
    values: ['name'],
  },
  {
    match: /'([\w-]+)' must be included in signature/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers', 'header-missing'],
    values: ['name'],
  },
  { match: /not in the request|Not all the signed headers/gi, reading: 'named', causes: ['header-missing'] },
  {
    match: /not signed|must be signed/gi,
    reading: 'named',
    causes: ['unsigned-header', 'signed-headers', 'header-missing'],
  },
  {
    match: /^MalformedSecurityHeader .{0,60}base64/gi,
    reading: 'named',
    causes: ['malformed-signature', 'signature-v2'],
  },
  {
    match: /^MalformedSecurityHeader/gi,
    reading: 'suggested',
    causes: ['unsigned-header', 'signed-headers', 'header-missing', 'date-format'],
  },
  { match: /conflicting values|duplicate header/gi, reading: 'named', causes: ['header-changed', 'query-changed'] },
  { match: /must come once|more than once|duplicate/gi, reading: 'named', causes: ['query-duplicate', 'two-auths'] },
  {
    match: /only one auth\w* mechanism|multiple auth|Found both|not support credentials/gi,
    reading: 'named',
    causes: ['two-auths', 'query-duplicate'],
  },
  {
    match: /required search parameters? ([\w-]+(?:, {1,2}[\w-]+)*) missing/gi,
    reading: 'named',
    causes: ['missing-param', 'param-case'],
    values: ['name'],
  },
  {
    match: /(X-Amz-\w+) not found in query/gi,
    reading: 'named',
    causes: ['missing-param', 'param-case'],
    values: ['name'],
  },
  {
    match: /query-string parameters must include '(X-Amz-\w+)'/gi,
    reading: 'named',
    causes: ['missing-param', 'param-case'],
    values: ['name'],
  },
  {
    match: /requires the Signature, Expires|url v2 fields/gi,
    reading: 'named',
    causes: ['signature-v2', 'missing-param', 'param-case'],
  },
  {
    match: /url v4 fields|query-string authentication .{0,40}requires/gi,
    reading: 'named',
    causes: [
      'missing-param',
      'param-case',
      'expires-format',
      'malformed-signature',
      'malformed-credential',
      'date-format',
      'url-html-escaped',
    ],
  },
  { match: /Unsupported search param/gi, reading: 'suggested', causes: ['query-extra', 'not-auth'] },
  {
    match: /query parameter value|query string contains/gi,
    reading: 'suggested',
    causes: ['query-changed', 'not-auth'],
  },
]
