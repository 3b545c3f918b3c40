import { SERVERS } from '../../tools/servers.ts'
import { OWN } from './table.ts'

// Finds counts of what the servers of others accept: their sum would show how much is not public.

const NAMES = [...new Set(SERVERS.map(({ name }) => name)), 'radosgw'].filter((name) => name !== OWN)
const NAMED = RegExp(`(?<![\\w/.-])(?:${NAMES.join('|')})(?![\\w/-])`, 'i')

const NUMBER =
  '(?:\\d[\\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds|several|many|most)'
const FINDING =
  '(?:findings?|holes|flaws|bypasses|vulnerabilities|gaps|(?:wrongly |incorrectly )?accepted|not rejected|wrong|untested|unpublished)'
const COUNTS = [
  // 17 findings, 17 of 620 requests are wrongly accepted
  RegExp(`(?<![\\w.-])${NUMBER}(?:[ -](?!and\\b|or\\b|but\\b)\\w+){0,7}[ -]${FINDING}\\b`, 'i'),
  // accepted: 17, accepts 17, findings (17)
  RegExp(
    `\\b(?:${FINDING}|accepts|rejects)(?: of (?:security|interoperability))?[:=]? \\(?${NUMBER}\\b(?![.-]?\\d)`,
    'i',
  ),
]
/** Titles of columns in which a number is a count. */
const COUNTED = /accept|reject|finding|wrong|untested|holes|not public/i
/** A number that is not a part of a version, a date, or a name. */
const PLAIN = /(?<![\w.#/-])\d[\d,]*(?![\w.-])/

const withoutLinks = (text: string): string => text.replace(/\]\([^)]*\)/g, ']')

const cellsOf = (row: string): string[] =>
  withoutLinks(row)
    .split(/(?<!\\)\|/)
    .slice(1, -1)

/** Returns the sentences, and rows of tables, that count what a server accepts or rejects. */
export function countsIn(markdown: string): string[] {
  const found: string[] = []
  let titles: readonly string[] = []
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) {
      titles = []
      const sentences = withoutLinks(line).split(/(?<=[.:;?!])\s+(?=[A-Z])/)
      found.push(...sentences.filter((text) => NAMED.test(text) && COUNTS.some((count) => count.test(text))))
      continue
    }
    const cells = cellsOf(line)
    if (titles.length === 0) titles = cells
    if (!NAMED.test(cells.join('|'))) continue
    const isCount = (cell: string, i: number): boolean => COUNTED.test(titles[i] ?? '') && PLAIN.test(cell)
    if (cells.some(isCount) || cells.some((cell) => COUNTS.some((count) => count.test(cell)))) found.push(line)
  }
  return found
}
