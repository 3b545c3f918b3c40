/** How a server answered: the status, and the code of its error document or what is odd about a success. */
export interface Answer {
  status: number
  code?: string
}

/** What a server is known to answer where S3 answers otherwise, and what is behind it. */
export interface Difference extends Answer {
  why: string
}

/**
 * The differences of a server from S3, by the name of the case. Every case without an entry must end as on S3, every
 * case with one must end as the entry says: a server that became stricter or laxer shows either way.
 */
export type Differences = Readonly<Record<string, Difference>>

/** The code of a success after which the object is known by another key than the one it was stored under. */
export const OTHER_KEY = 'known by another key'
