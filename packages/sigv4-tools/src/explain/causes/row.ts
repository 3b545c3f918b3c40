import type { Cause } from './cause.ts'

// What a cause is: the type of the rows in this folder, of which TypeScript checks every sentence and its values.

/**
 * A part of the evidence that may be missing. `headers`: at least those that were signed; `all headers`: the others too;
 * `key`: the access key ID; `sent`: that the request was sent; `time`: its time.
 */
export type Shown =
  | 'request'
  | 'method'
  | 'target'
  | 'headers'
  | 'all headers'
  | 'body'
  | 'key'
  | 'signature'
  | 'sent'
  | 'time'

/** A part of the signature that can be missing, repeated, or malformed. */
export type SignaturePart =
  | 'algorithm'
  | 'credential'
  | 'date'
  | 'expires'
  | 'signedheaders'
  | 'signature'
  | 'content-sha256'

/** Values of a sentence about a part that differs. */
export interface Difference {
  /** The part, at the start of a sentence and within one. */
  readonly subject: string
  readonly part: string
  /** The value that was signed. */
  readonly signed: string
  /** The value that was sent. */
  readonly sent: string
}

/** Values in the message of a service: of headers, parameters or fields the names, what was sent, and what is required. */
export type StatedValue = 'name' | 'sent' | 'required' | 'condition'

export type StatedValues = Readonly<Partial<Record<StatedValue, string | undefined>>>

/** Sentences about what a service states. Each is used if its value is known. */
export interface Stated {
  readonly always?: string
  readonly name?: (name: string) => string
  readonly sent?: (sent: string) => string
  /** In place of `sent`, if the required value is not known. */
  readonly sentAlone?: (sent: string) => string
  readonly required?: (required: string) => string
  readonly condition?: (condition: string) => string
  /** For all three values. */
  readonly values?: (values: Readonly<Record<'name' | 'sent' | 'required', string>>) => string
}

/** The name of a part, and as the specification of headers spells it. */
interface Named {
  readonly name: string
  readonly header: string
}

interface Expected {
  /** The value that was signed, or that is required. */
  readonly expected: string
}

interface Values extends Expected {
  /** The value that was received. */
  readonly actual: string
}

/** Better fixes, if values of a clue are known: the one with the most values is used. */
export interface FixWith {
  readonly named?: (part: Named) => string
  readonly expected?: (value: Expected) => string
  readonly values?: (values: Values) => string
  readonly namedExpected?: (part: Named & Expected) => string
  readonly namedValues?: (part: Named & Values) => string
}

/** The properties of a cause, other than its sentences. */
export interface Traits {
  /** The subject of the cause. `other`: not the signature, so a new one does not help. */
  readonly of?: 'form' | 'other' | 'query'
  /** The parts without which a request does not show it. */
  readonly needs?: Shown
  /** It differs in consequence if one of these parts is missing, repeated, or malformed. */
  readonly follows?: readonly SignaturePart[]
  /** As a fault, it explains differences: of these parts, of the part that it names as expected or actual, or all. */
  readonly hides?: readonly SignaturePart[] | 'expected' | 'actual' | 'query' | 'everything'
  /** As a fault, it makes services read a different request than was meant, so that any error can follow. */
  readonly isMisread?: true
  /** A request that shows only a part of its headers seems to have it. */
  readonly isPartial?: true
  /** It explains an error that is not about the signature. */
  readonly isOwn?: true
  /** The server did not read the signature. */
  readonly isUnread?: true
  /** It depends on the time. */
  readonly isTime?: true
  /** The lifetime is wrong, or has ended: only a new URL or token helps. */
  readonly isLifetime?: true
  /** The headers show it, as they were sent. */
  readonly isInHeaders?: true
  /** A part of the credential scope is not the one that the service requires. */
  readonly isScope?: true
  /** The Authorization header shows it on its own. */
  readonly isInAuthorization?: true
  /** A token shows it on its own. */
  readonly isInToken?: true
  /** The client assembled its strings incorrectly: they show it. */
  readonly isAssembly?: true
  /** A value changed after signing. */
  readonly isChange?: true
  /** A signed header was not sent, or not with its signed value. */
  readonly unsent?: 'missing' | 'changed'
  /** The kind of part that a service names with it. @default header */
  readonly names?: 'field' | 'parameter'
  /** Whether credentials can prove it. */
  readonly isProvable?: true
  /** Whether its values differ by characters that a reader compares. */
  readonly isCompared?: true
  /** Its place among the usual causes of a signature that does not match: of 75 public threads with no more evidence, 11 to 5 had it. */
  readonly prior?: number
}

/** A cause: its sentences and its properties. docs/causes.md contains the same sentences. */
export interface CauseRow extends Traits {
  /** The problem: a sentence without its period, because a longer one can continue with the values. */
  readonly means: string
  /** The problem within a sentence, without its period. @default the problem */
  readonly clause?: string
  /** The problem, if both values are known. @default a sentence for all causes */
  readonly difference?: (values: Difference) => string
  /** The problem, if the part was not sent. @default a sentence for all causes */
  readonly missing?: (values: Difference) => string
  /** The problem, if the part was not signed. @default a sentence for all causes */
  readonly unsigned?: (values: Difference) => string
  /** The problem, as a service states it. */
  readonly stated?: Stated
  /** The value that a service requires, if its message does not contain it. */
  readonly required?: string
  /** Its usual origin. */
  readonly happens: string
  /** The way to confirm it if the evidence does not show it. */
  readonly check: string
  readonly fix: string
  readonly fixWith?: FixWith
}

/** The rows of some causes. */
export type CauseRows = Readonly<Partial<Record<Cause, CauseRow>>>
