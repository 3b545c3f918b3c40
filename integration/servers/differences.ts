/** A server's response: the status, and its error code or the difference of a successful response. */
export interface Result {
  status: number
  code?: string
}

/** A known difference from S3, and its reason. */
export interface Difference extends Result {
  why: string
}

/**
 * A server's differences from S3 by case name. A case without an entry must have the same result as on S3, a case with
 * one must have the result in the entry, so a server that becomes stricter or more lenient is reported.
 */
export type Differences = Readonly<Record<string, Difference>>

/** The code of a success after which the object has a different key. */
export const OTHER_KEY = 'known by another key'
