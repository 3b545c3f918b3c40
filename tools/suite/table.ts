import { allCases, ownFiles, selectCases } from '../../src/programs/suite/audit/select.ts'
import known from './known.json' with { type: 'json' }
import type { AuditedServer } from './servers.ts'

// Rows of the table in docs/suite.md. Findings of security are in it only if known.json names where they are public.

/** What `sigv4 audit --json` prints, as far as the table shows it. */
export interface AuditJson {
  readonly verifies: boolean
  readonly requests: number
  readonly stopped?: string
  readonly tests: readonly {
    readonly id: string
    readonly flags: readonly string[]
    readonly verdict: string
    readonly severity?: string
    readonly hasEffect?: boolean
  }[]
}

/** A finding that is public: where, for which releases of a server, and since which it is fixed. */
export interface Known {
  readonly server: string
  readonly versions: readonly string[]
  /** Classes and IDs, as `--only` and `--skip` of the audit have them. */
  readonly findings: readonly string[]
  readonly except?: readonly string[]
  readonly public: string
  readonly fixed?: string
}

export const KNOWN: readonly Known[] = known

export const HEADER = [
  '| server | configuration | date | right | accepts, of security | accepts, other | rejects valid | untested | error |',
  '| --- | --- | --- | --: | --- | --: | --: | --: | --: |',
]

const linkOf = ({ public: url, fixed }: Known): string => `[public](${url})${fixed ? `, not since ${fixed}` : ''}`

const nameOf = ({ name, site }: Pick<AuditedServer, 'name' | 'site'>): string => `| [${name}](${site}) `

/** Returns a row. Of security, it names only what is public, and counts the rest. */
export function tableRow(
  server: Pick<AuditedServer, 'name' | 'site' | 'configuration' | 'args'>,
  version: string,
  date: string,
  { verifies, tests }: AuditJson,
  list: readonly Known[] = KNOWN,
): string {
  const start = `${nameOf(server)}${version} | ${server.configuration} | ${date} |`
  const own = list.filter(({ server: name, versions }) => name === server.name && versions.includes(version))
  if (!verifies) {
    const entry = own.find(({ findings }) => findings.includes('*'))
    return `${start} | ${entry ? `does not verify signatures (${linkOf(entry)})` : 'not published'} | | | | |`
  }
  const count = (...verdicts: readonly string[]): number =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).length
  let left = tests.filter(({ severity }) => severity === 'security')
  const published: string[] = []
  const cases = allCases(ownFiles(), server.args !== undefined)
  for (const entry of own) {
    const only = selectCases(cases, { only: entry.findings, skip: entry.except ?? [] })
    const ids = new Set(only.filter(({ isSelected }) => isSelected).map(({ test }) => test.id))
    const found = left.filter(({ id }) => ids.has(id))
    left = left.filter(({ id }) => !ids.has(id))
    const classes = [...new Set(found.map(({ flags }) => flags[0]!))].map((flag) => {
      const of = found.filter(({ flags }) => flags[0] === flag)
      const effects = of.filter(({ hasEffect }) => hasEffect).length
      return `${flag} ${of.length}${effects > 0 ? ` (${effects} with an effect)` : ''}`
    })
    if (found.length > 0) published.push(`${classes.join(', ')}: ${linkOf(entry)}`)
  }
  if (left.length > 0) published.push(`${left.length} not published`)
  const other = tests.filter(
    ({ severity, verdict }) => severity === 'interoperability' && verdict === 'accepted',
  ).length
  const counts = [other, count('rejected'), count('untested'), count('error')]
  return `${start} ${count('right', 'either')} | ${published.join('; ') || '0'} | ${counts.join(' | ')} |`
}

/** Returns the table with new rows in the place of those of the same server and version, and in the order of the servers. */
export function mergeRows(
  table: string,
  rows: readonly string[],
  servers: readonly Pick<AuditedServer, 'name' | 'site'>[],
): string {
  const startOf = (row: string): string => row.slice(0, row.indexOf(' |', 2))
  const isNew = new Set(rows.map(startOf))
  const kept = table.split('\n').filter((line) => line.startsWith('| [') && !isNew.has(startOf(line)))
  const order = (row: string): number => servers.findIndex((server) => row.startsWith(nameOf(server)))
  const sorted = [...kept, ...rows]
    .filter((row) => order(row) >= 0)
    .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
  return [...HEADER, ...sorted].join('\n')
}
