import { MAX_EXPIRES } from '../core/encoding/time.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { ALGORITHM, ALGORITHM_4A } from '../core/signing/string-to-sign.ts'
import type { OptionalSigV4aSigner } from './options.ts'

// The constants of @smithy/signature-v4: other packages import them.

export { UNSIGNED_PAYLOAD }

export const ALGORITHM_QUERY_PARAM = 'X-Amz-Algorithm'
export const CREDENTIAL_QUERY_PARAM = 'X-Amz-Credential'
export const AMZ_DATE_QUERY_PARAM = 'X-Amz-Date'
export const SIGNED_HEADERS_QUERY_PARAM = 'X-Amz-SignedHeaders'
export const EXPIRES_QUERY_PARAM = 'X-Amz-Expires'
export const SIGNATURE_QUERY_PARAM = 'X-Amz-Signature'
export const TOKEN_QUERY_PARAM = 'X-Amz-Security-Token'
export const REGION_SET_PARAM = 'X-Amz-Region-Set'

export const AUTH_HEADER = 'authorization'
export const AMZ_DATE_HEADER = 'x-amz-date'
export const DATE_HEADER = 'date'
/** The headers that signing replaces. */
export const GENERATED_HEADERS: string[] = [AUTH_HEADER, AMZ_DATE_HEADER, DATE_HEADER]
export const SIGNATURE_HEADER = 'x-amz-signature'
export const SHA256_HEADER = 'x-amz-content-sha256'
export const TOKEN_HEADER = 'x-amz-security-token'
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
export const PROXY_HEADER_PATTERN = /^proxy-/
export const SEC_HEADER_PATTERN = /^sec-/
export const UNSIGNABLE_PATTERNS: RegExp[] = [/^proxy-/i, /^sec-/i]

export const ALGORITHM_IDENTIFIER: string = ALGORITHM
export const ALGORITHM_IDENTIFIER_V4A: string = ALGORITHM_4A
export const EVENT_ALGORITHM_IDENTIFIER = 'AWS4-HMAC-SHA256-PAYLOAD'
export const KEY_TYPE_IDENTIFIER = 'aws4_request'
/** How many derived keys are kept. */
export const MAX_CACHE_SIZE = 50
/** Maximum lifetime of a presigned URL, in seconds: 7 days. */
export const MAX_PRESIGNED_TTL: number = MAX_EXPIRES

/** Where @smithy/signature-v4a, once it is loaded, puts its class, and the AWS SDK looks for it. */
export const signatureV4aContainer: { SignatureV4a: OptionalSigV4aSigner | null } = { SignatureV4a: null }
