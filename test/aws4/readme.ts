import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The first cells of the table under a heading of the README. */
export function readmeRows(heading: string): string[] {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  const [, rest = ''] = readme.split(`\n### ${heading}\n`)
  const lines = rest.split(/\n#+ /)[0]!.split('\n')
  const rows = lines.filter((line) => line.startsWith('|')).slice(2)
  return rows.map((row) => row.split('|')[1]!.trim())
}
