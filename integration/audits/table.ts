import { allCases, selectCases } from '../../packages/sigv4-tools/src/audit/select.ts'
import { FILES } from '../../suite/test/files.ts'
import type { Server } from '../../tools/servers.ts'
import type { AuditJson } from '../servers/audit.ts'
import known from './known.json' with { type: 'json' }

// Rows of the table in docs/suite.md. Of the server of others, a row contains only what known.json makes public, and
// nothing from which the number of other findings could be derived.

/** Findings that are public: where, for which releases of a server, and in which all of them are fixed. */
export interface Known {
  readonly server: string
  readonly versions: readonly string[]
  /** Classes and IDs, as `--only` and `--skip` of the audit have them. */
  readonly findings: readonly string[]
  readonly except?: readonly string[]
  /** What the row says instead of the classes. */
  readonly summary?: string
  readonly public: string
  readonly fixed?: string
}

export const KNOWN: readonly Known[] = known

export const HEADER = ['| server | configuration | date | findings of security |', '| --- | --- | --- | --- |']

const NOTHING = 'nothing public'

/** The server of this repository, whose counts may be public. */
export const OWN = 'sigv4-tools serve'
const OWN_COUNTS = /^right: \d+, accepted: \d+, rejected: \d+, untested: \d+, error: \d+$/

function textOf({ summary, findings, public: url, fixed }: Known): string {
  return `${summary ?? findings.join(', ')}: [public](${url})${fixed ? `, fixed in ${fixed}` : ''}`
}

const nameOf = ({ name, site }: Pick<Server, 'name' | 'site'>): string => `| [${name}](${site}) `

/** Returns a row. */
export function tableRow(
  server: Pick<Server, 'name' | 'site' | 'configuration' | 'args'>,
  version: string,
  date: string,
  report: AuditJson,
  list: readonly Known[] = KNOWN,
): string {
  const cell = server.name === OWN ? ownCounts(report) : publicFindings(server, version, report, list)
  return `${nameOf(server)}${version} | ${server.configuration} | ${date} | ${cell} |`
}

function ownCounts({ tests }: AuditJson): string {
  const count = (...verdicts: readonly string[]): number =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).length
  const rest = ['accepted', 'rejected', 'untested', 'error'].map((verdict) => `${verdict}: ${count(verdict)}`)
  return [`right: ${count('right', 'either')}`, ...rest].join(', ')
}

/** Returns the public findings that an audit has found, as known.json has them. */
function publicFindings(
  { name, args }: Pick<Server, 'name' | 'args'>,
  version: string,
  { verifies, tests }: AuditJson,
  list: readonly Known[],
): string {
  const cases = allCases(FILES, args !== undefined)
  const isFound = ({ findings: only, except: skip = [] }: Known): boolean => {
    if (!verifies) return only.includes('*')
    const ids = new Set(
      selectCases(cases, { only, skip }).flatMap(({ test, isSelected }) => (isSelected ? [test.id] : [])),
    )
    return tests.some(({ id, severity }) => severity === 'security' && ids.has(id))
  }
  return entriesOf(name, version, list).filter(isFound).map(textOf).join('; ') || NOTHING
}

function entriesOf(name: string, version: string, list: readonly Known[]): Known[] {
  return list.filter(({ server, versions }) => server === name && versions.includes(version))
}

/** Throws if a row contains anything that is not public. */
export function checkRow(row: string, list: readonly Known[] = KNOWN): void {
  const [, name = '', version = '', cell = ''] =
    /^\| \[([^\]]+)\]\(\S+\) (\S+) \| [^|]+ \| [\d-]{10} \| ([^|]+) \|$/.exec(row) ?? []
  const texts = entriesOf(name, version, list).map(textOf)
  const isPublic =
    name === OWN ? OWN_COUNTS.test(cell) : cell === NOTHING || cell.split('; ').every((part) => texts.includes(part))
  if (!isPublic) throw new Error(`This row contains something that known.json does not make public: ${row}`)
}

/** Returns the table with new rows in the place of those of the same server and version, and in the order of the servers. */
export function mergeRows(
  table: string,
  rows: readonly string[],
  servers: readonly Pick<Server, 'name' | 'site'>[],
  list: readonly Known[] = KNOWN,
): string {
  const startOf = (row: string): string => row.slice(0, row.indexOf(' |', 2))
  const isNew = new Set(rows.map(startOf))
  const kept = table.split('\n').filter((line) => line.startsWith('| [') && !isNew.has(startOf(line)))
  for (const row of [...kept, ...rows]) checkRow(row, list)
  const order = (row: string): number => servers.findIndex((server) => row.startsWith(nameOf(server)))
  const sorted = [...kept, ...rows]
    .filter((row) => order(row) >= 0)
    .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
  return [...HEADER, ...sorted].join('\n')
}
