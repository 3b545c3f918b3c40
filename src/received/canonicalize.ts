import type { HeaderRecord } from '../core/http/headers.ts'
import { formatQuery, type Pair, sortPairs } from '../core/http/query.ts'
import {
  type CanonicalRequest,
  canonicalHeaders,
  canonicalUri,
  type PathEncoding,
  type PathNormalization,
} from '../core/signing/canonical-request.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { readPathRules } from '../core/signing/target.ts'
import type { Location } from './claim.ts'

// How a service reads a received request for its canonical request: the same rules for everything that verifies, explains,
// traces or forwards one.

/** Rules for the path that differ from those of the service. */
export interface PathRules {
  readonly pathEncoding?: PathEncoding | undefined
  readonly pathNormalization?: PathNormalization | undefined
}

/** What a signature covers. */
export interface Coverage {
  /** Whether the service follows S3's rules. */
  readonly s3: boolean
  /** The parameters as `parseQuery` returns them, without the signature. */
  readonly query: readonly Pair[]
  readonly signedHeaders: readonly string[]
}

/** Returns the canonical request that a service computes for a request. */
export function canonicalRequestOf(
  { method, path, headers }: { readonly method: string; readonly path: string; readonly headers: HeaderRecord },
  { s3, query, signedHeaders }: Coverage,
  payloadHash: string,
  rules: PathRules = {},
): CanonicalRequest {
  return {
    method,
    uri: receivedUri(path, s3, rules),
    query: formatQuery(sortPairs([...query])),
    headers: canonicalHeaders(headers, signedHeaders),
    signedHeaders: signedHeaders.join(';'),
    payloadHash,
  }
}

/** Returns the canonical URI of a path as received: S3 decodes a `+` in it as a space. */
export function receivedUri(path: string, s3: boolean, rules: PathRules = {}): string {
  return canonicalUri(s3 ? path.replaceAll('+', '%20') : path, ...readPathRules(rules, s3))
}

/**
 * Returns the payload hash that a request states, or that its service assumes; `undefined`: the hash of its body. A header
 * beside a signature in the query counts only if it is signed.
 */
export function statedHash(
  headers: HeaderRecord,
  location: Location,
  { s3, query, signedHeaders }: Coverage,
): string | undefined {
  const name = 'x-amz-content-sha256'
  if (location === 'header') return headers[name]
  const parameter = query.find(([name]) => name === 'X-Amz-Content-Sha256')?.[1]
  return parameter ?? (signedHeaders.includes(name) ? headers[name] : undefined) ?? (s3 ? UNSIGNED_PAYLOAD : undefined)
}
