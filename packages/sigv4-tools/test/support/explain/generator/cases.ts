import { BASES } from './bases.ts'
import type { Cause } from './causes.ts'
import { AUTHORIZATION_FAULTS } from './faults-authorization.ts'
import { CREDENTIAL_FAULTS } from './faults-credentials.ts'
import { HEADER_FAULTS } from './faults-headers.ts'
import { PATH_FAULTS } from './faults-path.ts'
import { PAYLOAD_FAULTS } from './faults-payload.ts'
import { QUERY_FAULTS } from './faults-query.ts'
import { TIME_FAULTS } from './faults-time.ts'
import type { Row } from './row.ts'
import { type Base, type Hooks, type Produced, produce, type Scene } from './signing.ts'

export const FAULTS: readonly Row[] = [
  ...CREDENTIAL_FAULTS,
  ...TIME_FAULTS,
  ...AUTHORIZATION_FAULTS,
  ...PATH_FAULTS,
  ...QUERY_FAULTS,
  ...HEADER_FAULTS,
  ...PAYLOAD_FAULTS,
]

/** A request that is broken in one way, ready to be made for a server. */
export interface FaultCase {
  cause: Cause
  alternatives: readonly Cause[]
  because?: string
  lost?: true
  notOn: readonly string[]
  location: 'header' | 'query'
  /** The name of the row, and that of the request it breaks. */
  row: string
  base: Base
  hooks: Hooks
}

export const baseOf = (base: Row['bases'][number]): Base => (typeof base === 'string' ? BASES[base]! : base)

/** Every fault on every request that it is meant for. */
export const ALL_FAULT_CASES: readonly FaultCase[] = FAULTS.flatMap((row) =>
  row.in.flatMap((location) => row.bases.map((base) => faultCase(row, location, baseOf(base)))),
)

const ENOUGH = 2

/** What is recorded: where a cause has many rows, each of them on one request, and on another one in each location. */
export const FAULT_CASES: readonly FaultCase[] = FAULTS.flatMap((row) =>
  row.in.flatMap((location) => {
    const rows = FAULTS.filter((other) => other.cause === row.cause && other.in.includes(location)).length
    const bases = rows < ENOUGH ? row.bases : [row.bases.at(location === 'header' ? 0 : -1)!]
    return bases.map((base) => faultCase(row, location, baseOf(base)))
  }),
)

function faultCase(row: Row, location: 'header' | 'query', base: Base): FaultCase {
  const { cause, name, hooks, lost, notOn = [] } = row
  const alternatives = (row.alternatives ?? []).filter((other) => makesSense(other, cause, location))
  const because = alternatives.length > 0 ? row.because : undefined
  return {
    ...{ cause, alternatives, location, row: name, base, hooks, notOn },
    ...(because ? { because } : {}),
    ...(lost ? { lost } : {}),
  }
}

/** An alternative of one location is none of the other: what is a header in the one is a parameter in the other. */
function makesSense(alternative: Cause, cause: Cause, location: 'header' | 'query'): boolean {
  if (/^(?:unsigned-header|payload-mismatch|malformed-authorization)$/.test(alternative)) return location === 'header'
  if (alternative === 'expired') return location === 'query'
  if (cause !== 'session-token' && cause !== 'date-mismatch') return true
  return alternative.startsWith('header-') === (location === 'header')
}

/**
 * Makes the request of a case. Undefined where the fault changes nothing: a secret without anything to escape is the
 * same when it is escaped.
 */
export function makeFault(scene: Scene, { base, location, hooks, cause }: FaultCase): Produced | undefined {
  const broken = produce(scene, base, location, hooks)
  if (cause === 'not-auth') return broken
  const right = produce(scene, base, location)
  return sameRequest(broken, right) ? undefined : broken
}

/** Whether two requests are the same on the wire. */
export function sameRequest(a: Produced, b: Produced): boolean {
  const text = ({ request }: Produced) => JSON.stringify({ ...request, body: request.body.toString('latin1') })
  return text(a) === text(b)
}
