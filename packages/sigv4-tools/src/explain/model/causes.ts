import { fail } from '../../../../../src/internal/errors.ts'
import { BODY } from '../causes/body.ts'
import type { Cause } from '../causes/cause.ts'
import { FORM } from '../causes/form.ts'
import { HEADERS } from '../causes/headers.ts'
import { KEYS } from '../causes/keys.ts'
import { PATH } from '../causes/path.ts'
import { QUERY } from '../causes/query.ts'
import type { CauseRow } from '../causes/row.ts'
import { SCOPE } from '../causes/scope.ts'
import { SERVICE } from '../causes/service.ts'
import { SIGNATURE } from '../causes/signature.ts'

export type { Cause } from '../causes/cause.ts'

/** The causes, in the order of docs/causes.md. */
const CAUSES = /* @__PURE__ */ readRows()

function readRows(): ReadonlyMap<string, CauseRow> {
  const rows: Readonly<Record<Cause, CauseRow>> = {
    ...KEYS,
    ...SCOPE,
    ...SIGNATURE,
    ...PATH,
    ...QUERY,
    ...HEADERS,
    ...BODY,
    ...FORM,
    ...SERVICE,
  }
  return new Map(Object.entries(rows))
}

/** The description of a cause. The documentation contains the same sentences. */
export interface CauseText {
  /** The problem. */
  readonly means: string
  /** Its usual origin. */
  readonly happens: string
  /** The fix. */
  readonly fix: string
  /** The way to confirm the cause if the evidence does not show it. */
  readonly check: string
  /** Whether credentials can prove the cause. */
  readonly isProvable: boolean
  /** Whether its values differ by characters that a reader compares. */
  readonly isCompared: boolean
}

/** Returns the row of a cause. Throws for an unknown code. */
export function rowOf(cause: Cause): CauseRow {
  const row = CAUSES.get(cause)
  if (row === undefined) fail('ERR_INVALID_ARG_VALUE', 'cause', 'invalid', 'Pass a value that causes() returns.')
  return row
}

/** Returns the codes of all causes. */
export function causes(): Cause[] {
  return [...CAUSES.keys()] as Cause[]
}

/** Returns the description of a cause. Throws for an unknown code. */
export function causeText(cause: Cause): CauseText {
  const { happens, fix, check, isProvable = false, isCompared = false } = rowOf(cause)
  return { means: meansOf(cause), happens, fix, check, isProvable, isCompared }
}

/** Returns the problem, as a sentence. Throws for an unknown code. */
export function meansOf(cause: Cause): string {
  return `${rowOf(cause).means}.`
}
