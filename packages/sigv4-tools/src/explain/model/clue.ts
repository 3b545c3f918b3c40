import type { Cause } from './causes.ts'

/**
 * The support for a clue, the best first:
 * `reproduced`: a received signature, hash or canonical request was computed from it;
 * `compared`: what the service or the client computed differs from what the request contains;
 * `fault`: the evidence shows a fault that a service which checks it must reject;
 * `left`: everything else is known to be correct;
 * `either`: everything that could be tried is correct, but not everything could be tried;
 * `stated`: the service names it, with values;
 * `told`: the service returns its error for it;
 * `note`: the evidence shows it, but a service may tolerate it;
 * `trace`: the evidence shows something that often accompanies it;
 * `prior`: requests without a visible problem often fail for this reason.
 */
export type Ground =
  | 'reproduced'
  | 'compared'
  | 'fault'
  | 'left'
  | 'either'
  | 'stated'
  | 'told'
  | 'note'
  | 'trace'
  | 'prior'

/** A part of a request that differs: `{ of: 'header', name: 'host' }`. */
export interface Part {
  readonly of: PartKind
  /** The name of a header, parameter or field. */
  readonly name?: string
  /** The number of a chunk, from 1. */
  readonly number?: number
}

/** The kind of a part of a request or form that can differ. */
export type PartKind =
  | 'method'
  | 'host and path'
  | 'path'
  | 'query'
  | 'parameter'
  | 'header'
  | 'field'
  | 'SignedHeaders'
  | 'payload hash'
  | 'algorithm'
  | 'date'
  | 'scope'
  | 'scope date'
  | 'region'
  | 'service'
  | 'terminator'
  | 'secret'
  | 'signing key'
  | 'signature'
  | 'chunk'
  | 'canonical request'
  | 'string to sign'
  | 'policy'
  | 'URL'

/** An indication of a cause. Observers only add clues; `rank` drops and orders them; `report` describes them. */
export interface Clue {
  readonly cause: Cause
  readonly ground: Ground
  /** The problem, as a sentence. @default generated from the cause, the part and its values */
  readonly message?: string | undefined
  /** The same within a sentence. @default the message */
  readonly clause?: string | undefined
  /** The part that differs from the signed request. */
  readonly part?: Part | undefined
  /** The value that was signed, or that the service requires. */
  readonly expected?: string | undefined
  /** The value that was received. */
  readonly actual?: string | undefined
  /** Whether the part was not signed at all, or not received. */
  readonly absent?: 'signed' | 'received' | undefined
  /** The fix. @default that of the cause, with the values */
  readonly fix?: string | undefined
  /** The way to try a value that may have been signed. */
  readonly trial?: string | undefined
  /** The two views that differ: what was sent and what was received, or what was accepted and what was rejected. @default what was signed and what was sent or received */
  readonly between?: 'transit' | 'accepted' | undefined
}

/** A difference between what was signed and what the service computed. */
export type Difference = Omit<Clue, 'ground'> & { readonly part: Part }

/** The members of a clue other than its cause, ground and message. */
type Values = Omit<Clue, 'cause' | 'ground' | 'message'>

/** A fault for which a service that checks it must reject the request. */
export function fault(cause: Cause, message: string, values?: Values): Clue {
  return { cause, ground: 'fault', message, ...values }
}

/** Returns a clue that a service states. */
export function told(cause: Cause, message: string, values?: Values): Clue {
  return { cause, ground: 'stated', message, ...values }
}

/** Returns a clue that often accompanies a cause. */
export function trace(cause: Cause, message: string, values?: Values): Clue {
  return { cause, ground: 'trace', message, ...values }
}

/** The header with a name, as a part. */
export function header(name: string): Part {
  return { of: 'header', name }
}

/** The parameter with a name, as a part. */
export function parameterPart(name: string): Part {
  return { of: 'parameter', name }
}

/** The option of the command line that tries a value of a header. A name with other characters could end the quotation. */
export function signedOption(name: string): string {
  return `--signed '${/^[\w-]{1,100}$/.test(name) ? name : 'NAME'}: VALUE'`
}

/** A header as its specification spells it: `Content-Type`, `x-amz-date`. */
export function headerName(name = ''): string {
  if (name.startsWith('x-amz-')) return name
  return name.replace(/^te$|-md5$|(?:^|-)./g, (letters) => letters.toUpperCase())
}

/** Lists names in a sentence: `a`, `a and b`, `a, b, and c`. */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = names[names.length - 1] ?? ''
  if (names.length < 3) return names.join(` ${word} `)
  return `${names.slice(0, -1).join(', ')}, ${word} ${last}`
}
