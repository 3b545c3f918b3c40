import { allCases, ownFiles, selectCases } from '../../src/programs/suite/audit/select.ts'
import type { AuditJson } from '../../test/servers/audit.ts'
import type { Server } from '../servers.ts'
import known from './known.json' with { type: 'json' }

// Rows of the table in docs/suite.md. Findings of security are in it only if known.json names where they are public.

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

const FILES = ownFiles()

export const HEADER = [
  '| server | configuration | date | right | accepts, of security | accepts, other | rejects valid | untested | error |',
  '| --- | --- | --- | --: | --- | --: | --: | --: | --: |',
]

const linkOf = ({ public: url, fixed }: Known): string => `[public](${url})${fixed ? `, fixed in ${fixed}` : ''}`

const nameOf = ({ name, site }: Pick<Server, 'name' | 'site'>): string => `| [${name}](${site}) `

/** Returns a row. Of security, it names only what is public, and counts the rest. */
export function tableRow(
  server: Pick<Server, 'name' | 'site' | 'configuration' | 'args'>,
  version: string,
  date: string,
  { verifies, tests }: AuditJson,
  list: readonly Known[] = KNOWN,
): string {
  const start = `${nameOf(server)}${version} | ${server.configuration} | ${date} |`
  const own = list.filter(({ server: name, versions }) => name === server.name && versions.includes(version))
  if (!verifies) {
    const entry = own.find(({ summary, findings }) => summary && findings.includes('*'))
    return `${start} | ${entry ? `${entry.summary}: ${linkOf(entry)}` : 'not published'} | | | | |`
  }
  const count = (...verdicts: readonly string[]): number =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).length
  let left = tests.filter(({ severity }) => severity === 'security')
  const published: string[] = []
  const cases = allCases(FILES, server.args !== undefined)
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
    const summary = entry.summary && `${entry.summary}, in ${found.length} tests`
    if (found.length > 0) published.push(`${summary ?? classes.join(', ')}: ${linkOf(entry)}`)
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
  servers: readonly Pick<Server, 'name' | 'site'>[],
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
