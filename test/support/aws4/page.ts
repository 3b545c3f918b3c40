import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Returns the first cell of each row of the table below a heading of a page in docs. */
export function tableRows(heading: string, file = 'aws4.md'): string[] {
  const page = readFileSync(fileURLToPath(new URL(`../../../docs/${file}`, import.meta.url)), 'utf8')
  const [, rest = ''] = page.split(`\n## ${heading}\n`)
  const lines = rest.split(/\n#+ /)[0]!.split('\n')
  const rows = lines.filter((line) => line.startsWith('|')).slice(2)
  return rows.map((row) => row.split('|')[1]!.trim())
}
