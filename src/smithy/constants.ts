import { MAX_EXPIRES } from '../core/encoding/time.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { ALGORITHM, ALGORITHM_4A } from '../core/signing/string-to-sign.ts'
import type { OptionalSigV4aSigner } from './options.ts'

// The constants of @smithy/signature-v4: other packages import them.

export { UNSIGNED_PAYLOAD }

/** The parameter with the algorithm. */
export const ALGORITHM_QUERY_PARAM = 'X-Amz-Algorithm'
/** The parameter with the access key ID and the scope. */
export const CREDENTIAL_QUERY_PARAM = 'X-Amz-Credential'
/** The parameter with the date. */
export const AMZ_DATE_QUERY_PARAM = 'X-Amz-Date'
/** The parameter with the names of the signed headers. */
export const SIGNED_HEADERS_QUERY_PARAM = 'X-Amz-SignedHeaders'
/** The parameter with the lifetime in seconds. */
export const EXPIRES_QUERY_PARAM = 'X-Amz-Expires'
/** The parameter with the signature. */
export const SIGNATURE_QUERY_PARAM = 'X-Amz-Signature'
/** The parameter with the session token. */
export const TOKEN_QUERY_PARAM = 'X-Amz-Security-Token'
/** The parameter with the region set of Signature Version 4a. */
export const REGION_SET_PARAM = 'X-Amz-Region-Set'

/** The header with the signature. */
export const AUTH_HEADER = 'authorization'
/** The header with the date. */
export const AMZ_DATE_HEADER = 'x-amz-date'
/** The header that the date replaces. */
export const DATE_HEADER = 'date'
/** The headers that signing replaces. */
export const GENERATED_HEADERS: string[] = [AUTH_HEADER, AMZ_DATE_HEADER, DATE_HEADER]
/** The parameter with the signature, in lowercase. */
export const SIGNATURE_HEADER = 'x-amz-signature'
/** The header with the payload hash. */
export const SHA256_HEADER = 'x-amz-content-sha256'
/** The header with the session token. */
export const TOKEN_HEADER = 'x-amz-security-token'
/** The header with the host. */
export const HOST_HEADER = 'host'

/** The headers that are not signed unless `signableHeaders` contains them. */
export const ALWAYS_UNSIGNABLE_HEADERS: Record<string, boolean> = {
  authorization: true,
  'cache-control': true,
  connection: true,
  expect: true,
  from: true,
  'keep-alive': true,
  'max-forwards': true,
  pragma: true,
  referer: true,
  te: true,
  trailer: true,
  'transfer-encoding': true,
  upgrade: true,
  'user-agent': true,
  'x-amzn-trace-id': true,
}
/** Matches other headers that are not signed: those for proxies. */
export const PROXY_HEADER_PATTERN = /^proxy-/
/** Matches other headers that are not signed: those of browsers. */
export const SEC_HEADER_PATTERN = /^sec-/
/** Both patterns, in any case. */
export const UNSIGNABLE_PATTERNS: RegExp[] = [/^proxy-/i, /^sec-/i]

/** The algorithm of Signature Version 4. */
export const ALGORITHM_IDENTIFIER: string = ALGORITHM
/** The algorithm of Signature Version 4a. */
export const ALGORITHM_IDENTIFIER_V4A: string = ALGORITHM_4A
/** The algorithm of an event. */
export const EVENT_ALGORITHM_IDENTIFIER = 'AWS4-HMAC-SHA256-PAYLOAD'
/** The last part of a scope. */
export const KEY_TYPE_IDENTIFIER = 'aws4_request'
/** How many derived keys are kept. */
export const MAX_CACHE_SIZE = 50
/** Maximum lifetime of a presigned URL, in seconds: 7 days. */
export const MAX_PRESIGNED_TTL: number = MAX_EXPIRES

/** Where @smithy/signature-v4a, once it is loaded, puts its class, and the AWS SDK looks for it. */
export const signatureV4aContainer: { SignatureV4a: OptionalSigV4aSigner | null } = { SignatureV4a: null }
