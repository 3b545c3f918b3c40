import type { Comparison, Row } from './matrix.ts'
import { count } from './matrix.ts'

const COLUMNS = ['engine', 'package as', 'entries', 'passed', 'skipped']
const PRINTED = [...COLUMNS, 'version', 'ms', 'outputs']

/** Returns the cells that page and terminal share; `undefined` for a lane that did not run. */
function cells({ lane, outcome }: Row): string[] | undefined {
  if (!outcome || 'failure' in outcome) return undefined
  if ('compiled' in outcome) return [lane.engine, lane.how, outcome.compiled.map(specifier).join(', '), '', '']
  const { entries } = outcome.result
  const names = Object.keys(entries)
  const ran = names.filter((entry) => entries[entry]!.passed > entries[entry]!.skipped)
  const { passed, skipped } = count(outcome.result)
  const which = ran.length === names.length ? 'all' : ran.map(specifier).join(', ')
  return [lane.engine, lane.how, which, String(passed), String(skipped)]
}

function specifier(entry: string): string {
  return `\`${entry.replace(/^\.(?:\/index$)?/, 'sigv4')}\``
}

/** Formats the table for the terminal, with versions, times, and the digest of the outputs. */
export function printedTable(rows: readonly Row[], { digests }: Comparison): string {
  const lines = rows.map((row) => {
    const [version, ms] = row.outcome ? [row.outcome.version, String(row.outcome.ms)] : ['', '']
    const shared = cells(row) ?? [row.lane.engine, row.lane.how, row.missing ? 'NOT RUN' : 'FAILED', '', '']
    return [...shared, version, ms, digests.get(row)?.slice(0, 12) ?? '']
  })
  return markdown([PRINTED, ...lines])
}

const BEGIN = '<!-- runtimes: npm run runtimes -- --write -->\n\n'
const END = '\n\n<!-- runtimes end -->'

/** Path of the page with the table. */
export const PAGE = 'docs/runtimes.md'

/** Replaces the table on the page. */
export function withTable(page: string, rows: readonly Row[]): string {
  const [before, own, after] = split(page)
  const known = new Map(own.split('\n').map((line) => [line.split('|', 3).join('|').replace(/\s+/g, ' '), line]))
  const lines = rows.map((row) => {
    const made = cells(row)
    if (made) return made
    // A missing engine keeps its line.
    const line = known.get(`| ${row.lane.engine} | ${row.lane.how} `)
    return (
      line
        ?.split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()) ?? [row.lane.engine, row.lane.how, '?', '', '']
    )
  })
  return before + BEGIN + markdown([COLUMNS, ...lines]) + END + after
}

function split(page: string): [before: string, own: string, after: string] {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${PAGE} does not contain ${BEGIN.trim()} … ${END.trim()}`)
  return [page.slice(0, from), page.slice(from + BEGIN.length, to), page.slice(to + END.length)]
}

function markdown([head, ...lines]: string[][]): string {
  const widths = head!.map((_, column) => Math.max(...[head!, ...lines].map((line) => line[column]!.length)))
  const write = (line: string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [write(head!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.map(write)].join('\n')
}
