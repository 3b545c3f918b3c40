import { PROJECTS, type Project } from './projects.ts'
import type { Counts } from './results.ts'
import type { Outcome } from './run.ts'

// Rows of the table in docs/testing.md.

const HEADER = [
  '| project | version | license | instead of | before | after | signatures | remark |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
]

function nameOf(project: Project): string {
  const { name } = project
  const { site, version } =
    'repository' in project
      ? { site: `https://github.com/${project.repository}`, version: project.commit.slice(0, 8) }
      : { site: `https://www.npmjs.com/package/${name}`, version: project.packages[0]!.replace(/^.*@/, '') }
  return `| [${name}](${site}) | ${version} | ${project.license} |`
}

/** Returns a row. */
export function tableRow(project: Project, { before, after, signatures, versions }: Outcome): string {
  const unit = 'repository' in project ? 'tests' : 'requests'
  const replaced = `${project.replaces} ${versions.join(', ')}`
  const remarks = [project.remark, signatures === 0 ? 'signs nothing, so it proves nothing' : undefined]
  const remark = remarks.filter((each) => each !== undefined).join('; ')
  const cells = [replaced, countsText(before, unit), countsText(after, unit), signatures, remark]
  return `${nameOf(project)} ${cells.join(' | ')} |`
}

function countsText({ passed, failed }: Counts, unit: string): string {
  return `${passed} ${unit}${failed > 0 ? `, ${failed} failed` : ''}`
}

/** Returns the table with new rows in the place of those of the same projects, in the order of `PROJECTS`. */
export function mergeRows(table: string, rows: readonly string[]): string {
  const all = new Map([...table.split('\n'), ...rows].map((row) => [row.slice(0, row.indexOf(' |', 2)), row]))
  const ordered = PROJECTS.flatMap((project) => {
    const name = nameOf(project)
    const row = all.get(name.slice(0, name.indexOf(' |', 2)))
    return row?.startsWith(name) ? [row] : [] // not those of other versions
  })
  return [...HEADER, ...ordered].join('\n')
}

/** Returns a sentence with the sums. */
export function summary(table: string): string {
  const rows = table.split('\n').slice(HEADER.length)
  const sum = (pattern: RegExp): string =>
    rows.reduce((total, row) => total + Number(pattern.exec(row)?.[1] ?? 0), 0).toLocaleString('en-US')
  const tests = sum(/^(?:\|[^|]*){5}\| (\d+) tests/)
  const requests = sum(/^(?:\|[^|]*){5}\| (\d+) requests/)
  const signatures = sum(/\| (\d+) \| [^|]*\|$/)
  const signing = rows.filter((row) => !/\| 0 \| [^|]*\|$/.test(row)).length
  return `${signing} projects signed with our packages: ${tests} tests passed, ${requests} requests were the same, and ${signatures} signatures were made.`
}
