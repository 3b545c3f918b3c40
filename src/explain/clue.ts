import type { Cause } from './causes.ts'

/**
 * What supports a clue, in the order of its weight:
 * `reproduced`: a received signature, hash or canonical request was computed from it;
 * `compared`: what the service or the client computed differs from what the request contains;
 * `visible`: the evidence shows a fault that a service which checks it must reject;
 * `left`: everything else is known to be correct;
 * `told`: the service names it;
 * `tolerable`: the evidence shows it, but it may not be the reason;
 * `common`: requests without a visible problem often fail for this reason.
 */
export type Ground = 'reproduced' | 'compared' | 'visible' | 'left' | 'told' | 'tolerable' | 'common'

/** A sign of a cause. */
export interface Clue {
  readonly cause: Cause
  readonly ground: Ground
  /** What happened, as a sentence. @default generated from `cause`, `part`, `expected` and `actual` */
  readonly message?: string | undefined
  /** What differs, as a noun: `the header host`. */
  readonly part?: string | undefined
  /** Name of the header or parameter that differs. */
  readonly name?: string | undefined
  /** Whether the request was received without it. */
  readonly isMissing?: boolean | undefined
  /** The value that was signed, or that the service requires. */
  readonly expected?: string | undefined
  /** The value that was received. */
  readonly actual?: string | undefined
  /** What to do. @default the fix of the cause, with the values */
  readonly fix?: string | undefined
}

/** An anomaly in a request. `breaks`: a service that checks it must reject the request. */
export interface Symptom extends Omit<Clue, 'ground'> {
  readonly message: string
  readonly breaks: boolean
}

/** A difference between what was signed and what the service computed. */
export interface Difference extends Omit<Clue, 'ground'> {
  readonly part: string
  readonly expected: string
  readonly actual: string
}

/** What a service states about a cause. */
export type Told = Omit<Clue, 'ground'>

/** A clue with its values. */
export function clue(
  cause: Cause,
  message: string,
  expected?: string | undefined,
  actual?: string | undefined,
  name?: string | undefined,
): Told & { readonly message: string } {
  return { cause, message, expected, actual, name }
}

/** An anomaly for which a service that checks it must reject the request. */
export function fault(
  cause: Cause,
  message: string,
  expected?: string | undefined,
  actual?: string | undefined,
): Symptom {
  return { cause, message, expected, actual, breaks: true }
}

/** Replaces the names in braces in a sentence by their values. */
export function fill(sentence: string, values: Readonly<Record<string, string | undefined>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}
