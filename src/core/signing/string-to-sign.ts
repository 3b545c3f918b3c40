import type { CanonicalRequest } from './canonical-request.ts'

/** The algorithm of Signature Version 4. */
export const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The algorithm of Signature Version 4a. */
export const ALGORITHM_4A = 'AWS4-ECDSA-P256-SHA256'

/** The first three lines of a string to sign. */
export interface SigningContext {
  readonly algorithm: string
  readonly amzDate: string
  /** Credential scope, `date/region/service/aws4_request`. */
  readonly scope: string
}

/** The time and scope that a request is signed with. */
export interface RequestContext<Region extends string | undefined = string> extends SigningContext {
  /** The parts of the scope. Signature Version 4a has no region. */
  readonly date: string
  readonly region: Region
  readonly service: string
  /** Signing time in seconds since 1970. */
  readonly time: number
  /** The same before it was rounded down to a window. */
  readonly actualTime: number
}

/** A context with or without a region. */
export type AnyContext = RequestContext<string | undefined>

/** A request that is complete except for its signature. */
export interface Unsigned<Context extends AnyContext = RequestContext> {
  readonly context: Context
  readonly parts: CanonicalRequest
}

/** Formats a string to sign. The last line is the hash of the canonical request. */
export function formatStringToSign({ algorithm, amzDate, scope }: SigningContext, hash: string): string {
  return `${algorithm}\n${amzDate}\n${scope}\n${hash}`
}
