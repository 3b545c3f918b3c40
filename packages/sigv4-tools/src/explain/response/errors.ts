import type { Stated, StatedValues } from '../causes/row.ts'
import type { Cause } from '../model/causes.ts'
import { traitsOf } from '../model/traits.ts'
import { BODY } from './errors/body.ts'
import { FIRST } from './errors/first.ts'
import { FORM } from './errors/form.ts'
import { HEADERS } from './errors/headers.ts'
import { KEYS, UNSIGNED } from './errors/keys.ts'
import { ADDRESS, CODES, MISSING } from './errors/rest.ts'
import type { ErrorRow, NamingRow } from './errors/row.ts'
import { SCOPE } from './errors/scope.ts'
import { SYNTAX } from './errors/syntax.ts'
import { LIFETIMES, TIMES } from './errors/times.ts'
import type { ServiceResponse } from './response.ts'

/**
 * The meanings of services' errors. The first pattern that matches counts.
 *
 * A mismatch with the code `SignatureDoesNotMatch` needs no row: the last list has its code. Other words for a mismatch
 * belong to the same row; words that a row before it matches belong to the `mismatch` row of the first list.
 */
export const ERRORS: readonly ErrorRow[] = /* @__PURE__ */ [
  FIRST,
  TIMES,
  FORM,
  LIFETIMES,
  UNSIGNED,
  KEYS,
  HEADERS,
  SCOPE,
  SYNTAX,
  BODY,
  MISSING,
  ADDRESS,
  CODES,
].flat()

/** The statement of a message about a cause. */
export interface Statement {
  /** The values in each of its sentences. */
  readonly values: readonly StatedValues[]
  /** Its sentences. @default those of the cause */
  readonly stated: Stated | undefined
}

/** The meaning of a response for the signature. */
export interface Reading {
  /**
   * `accepted`; `mismatch`: the service computed a different signature; `named`: it names `causes`; `elsewhere`: the
   * signature was correct; `ambiguous`: it may have been correct; `silent`: the response does not show it.
   */
  readonly kind: 'accepted' | 'mismatch' | 'named' | 'elsewhere' | 'ambiguous' | 'silent'
  /** The causes that the service names or suggests, the likeliest first. */
  readonly causes: readonly Cause[]
  /** Whether the service returns this error for other faults as well. */
  readonly isVague: boolean
  /** The statements of the message that contain values. */
  readonly statements: ReadonlyMap<Cause, Statement>
}

/** Reads the meaning of the error in a response. */
export function readMeaning({
  status = 0,
  code,
  message,
}: Pick<ServiceResponse, 'status' | 'code' | 'message'>): Reading {
  const plain = (kind: Reading['kind'], causes: readonly Cause[] = []): Reading => ({
    kind,
    causes,
    isVague: true,
    statements: new Map(),
  })
  if (status < 300 ? status > 0 : status === 304) return plain('accepted')
  const text = `${code} ${ownWords(message)}`.slice(0, 4096)
  const row = ERRORS.find(({ match }) => text.search(match) >= 0)
  if (!row) {
    const isLate =
      code === '' && (status === 404 || status === 405 || status === 409 || status === 412 || status === 416)
    return isLate ? plain('elsewhere', ['not-auth']) : plain('silent')
  }
  if (row.reading === 'mismatch') return plain('mismatch')
  if (!isNaming(row)) return plain(row.reading, row.causes)
  const { reading, causes } = row
  return { kind: 'named', causes, isVague: reading === 'suggested', statements: statementsOf(text, row) }
}

/** Returns the statements with values: by the row that a message matches, and by others if it names several parts of the scope. */
function statementsOf(text: string, row: NamingRow): Map<Cause, Statement> {
  const found = new Map<Cause, Statement>()
  for (const each of isScope(row) ? ERRORS.filter(isScope) : [row]) {
    const { match, values: names = [], stated } = each
    if (names.length === 0 && stated === undefined) continue
    const values = [...text.matchAll(match)].map(
      ([, ...groups]): StatedValues => Object.fromEntries(names.map((name, i) => [name, groups[i]])),
    )
    const { about = each.causes[0] } = each
    if (values.length && !found.has(about)) found.set(about, { values, stated })
  }
  return found
}

function isNaming(row: ErrorRow): row is NamingRow {
  return row.reading === 'named' || row.reading === 'suggested'
}

function isScope(row: ErrorRow): row is NamingRow {
  return isNaming(row) && traitsOf(row.about ?? row.causes[0]).isScope === true
}

/** A message up to the strings that the service computed, or the header that it received. */
function ownWords(message: string): string {
  return /^.*?(?:should have been|Authorization(?:=| header: '(?:Bearer )?))/s.exec(message)?.[0] ?? message
}
