import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Returns the first cell of each row of the table below a heading of docs/aws4.md. */
export function tableRows(heading: string): string[] {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/aws4.md', import.meta.url)), 'utf8')
  const [, rest = ''] = page.split(`\n## ${heading}\n`)
  const lines = rest.split(/\n#+ /)[0]!.split('\n')
  const rows = lines.filter((line) => line.startsWith('|')).slice(2)
  return rows.map((row) => row.split('|')[1]!.trim())
}
