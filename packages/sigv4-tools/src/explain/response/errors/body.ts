import type { ErrorRow } from './row.ts'

/** The body, and its hashes. */
export const BODY: readonly ErrorRow[] = [
  {
    match:
      /valid sha256|value of x-amz-content-sha256|invalid (?:content sha256|.{0,20}x-amz-content-sha256)|header: x-amz-content-sha256(?<!missing header: x-amz-content-sha256)/gi,
    reading: 'named',
    causes: ['payload-hash'],
  },
  {
    match: /^XAmzContentSHA256Mismatch|content-sha256.{0,40}(?:does|did) not match|SHA256 checksum ver/gi,
    reading: 'named',
    causes: ['payload-mismatch', 'payload-hash', 'not-supported'],
  },
  {
    match: /sdk-checksum-algorithm|Trailing checksums/gi,
    reading: 'suggested',
    causes: ['checksum', 'streaming', 'header-missing'],
  },
  {
    match: /chunk signature|payload signature|No signature provided/gi,
    reading: 'named',
    causes: ['streaming-chunk-signature', 'streaming'],
  },
  {
    match: /chunk|trailer|trailing(?! header)|streaming|^LimitExceeded|how to validate/gi,
    reading: 'suggested',
    causes: ['streaming', 'checksum', 'payload-hash'],
  },
  {
    match: /decoded-content-length|terminated unexpectedly|^IncompleteBody $/gi,
    reading: 'suggested',
    causes: ['streaming', 'content-length'],
  },
  {
    match: /^IncompleteBody|^MissingContentLength|^ExcessData|^RequestTimeout|content-length exceeds/gi,
    reading: 'suggested',
    causes: ['content-length', 'streaming', 'not-auth'],
  },
  {
    match: /missing (?:required )?header.{0,40}Content-MD5(?! or)/gi,
    reading: 'named',
    causes: ['missing-header', 'not-supported'],
  },
  { match: /Content-MD5 or/gi, reading: 'suggested', causes: ['content-md5', 'checksum'] },
  { match: /Content-MD5/gi, reading: 'named', causes: ['content-md5'] },
  {
    match: /^(?:BadDigest|InvalidDigest) $/gi,
    reading: 'suggested',
    causes: ['content-md5', 'checksum', 'payload-mismatch'],
  },
  {
    match: /^BadDigest|^InvalidDigest|checksum|header is invalid\.$|algorithm is not supported/gi,
    reading: 'suggested',
    causes: ['checksum', 'content-md5', 'payload-mismatch'],
  },
]
