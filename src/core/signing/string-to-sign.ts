import type { Scope } from './scope.ts'

/** The algorithm of Signature Version 4. */
export const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The first three lines of a string to sign. */
export interface SigningContext {
  readonly algorithm: string
  readonly amzDate: string
  /** Credential scope, `date/region/service/aws4_request`. */
  readonly scope: string
}

/** Algorithm, time and scope of a request. */
export interface RequestContext extends Scope {
  readonly algorithm: string
  readonly amzDate: string
}

/** A request that is complete except for its signature. */
export interface Unsigned<Result = unknown> {
  readonly context: RequestContext
  readonly canonicalRequest: string
  /** Adds the signature. */
  readonly finish: (signature: string) => Result
}

/** Formats a string to sign. The last line is the hash of the canonical request. */
export function formatStringToSign(
  { algorithm, amzDate }: Pick<SigningContext, 'algorithm' | 'amzDate'>,
  scope: string,
  hash: string,
): string {
  return `${algorithm}\n${amzDate}\n${scope}\n${hash}`
}
