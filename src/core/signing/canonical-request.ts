import { encodePath, reencodePath } from '../encoding/percent.ts'
import type { HeaderRecord } from '../http/headers.ts'
import { resolveDots } from '../http/path.ts'
import type { Pair } from '../http/query.ts'

/** Percent-encoding of the path in the canonical request: once for S3, twice for all other services. */
export type PathEncoding = 'single' | 'double'

/** Resolution of empty and dot segments in the canonical request: `'none'` for S3, where they name objects. */
export type PathNormalization = 'rfc3986' | 'none'

/** SHA-256 of the empty body. */
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * A canonical request in its six parts.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
export interface CanonicalRequest {
  readonly method: string
  readonly uri: string
  readonly query: string
  /** The signed headers, sorted by name. */
  readonly headers: readonly Pair[]
  /** Their names, separated by semicolons. */
  readonly signedHeaders: string
  readonly payloadHash: string
}

export function formatCanonicalRequest(parts: CanonicalRequest): string {
  let headers = ''
  for (const header of parts.headers) headers += `${header[0]}:${header[1]}\n`
  return `${parts.method}\n${parts.uri}\n${parts.query}\n${headers}\n${parts.signedHeaders}\n${parts.payloadHash}`
}

/**
 * Returns the canonical URI of a path as sent.
 *
 * - `'double'`: every octet of the sent path is encoded once more, `%` included (`/a%20b` → `/a%2520b`).
 * - `'single'`: S3 decodes the path, `%2F` too, and encodes it once (`/a%20b` → `/a%20b`, `/a%2Fb` → `/a/b`).
 */
export function canonicalUri(path: string, encoding: PathEncoding, normalization: PathNormalization): string {
  if (normalization === 'rfc3986') path = resolveDots(path, true)
  return encoding === 'double' ? encodePath(path) : reencodePath(path).replaceAll('%2F', '/')
}

/** Returns the named headers with their values as signed: trimmed, inner whitespace as one space; a missing one is empty. */
export function canonicalHeaders(headers: HeaderRecord, names: readonly string[], host?: string): Pair[] {
  return names.map((name) => [name, name === 'host' && host ? host : canonicalValue(headers[name] ?? '')])
}

/** Returns a value as signed. */
export function canonicalValue(value: string): string {
  // not \s, which also matches Unicode spaces: they are part of the value
  return /[\t-\r ]/.test(value) ? value.replace(/[\t-\r ]+/g, ' ').replace(/^ | $/g, '') : value
}
