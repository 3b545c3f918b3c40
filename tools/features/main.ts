import { readBlock, writeBlock } from '../../test/support/docs/markdown.ts'
import { FEATURES, installedSize, SIZES, size } from './features.ts'
import { PACKAGES } from './packages.ts'

// `npm run compare` prints the comparison of docs/comparison.md; `--write` also writes it there.

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Returns the table, without the rows about speed, which `npm run bench` measures. */
export async function comparison(): Promise<string> {
  const lines = [row(['', ...PACKAGES.map(({ name }) => name)]), row(['---', ...PACKAGES.map(() => ':---:')])]
  for (const compared of SIZES)
    lines.push(row([compared[0], ...(await Promise.all(PACKAGES.map((each) => size(each, compared))))]))
  lines.push(row(['Installed', ...PACKAGES.map(installedSize)]))
  for (const [name, test] of FEATURES) {
    const cells: string[] = []
    for (const each of PACKAGES) cells.push((await test(each)) ? '✓' : '–')
    lines.push(row([name, ...cells]))
  }
  return lines.join('\n')
}

/** Returns the table of the page. */
export const published = (): string => readBlock('docs/comparison.md', 'compare')

async function main(): Promise<void> {
  const table = await comparison()
  console.log(table)
  if (process.argv.includes('--write')) writeBlock('docs/comparison.md', 'compare', table)
}

if (process.argv[1]?.endsWith('main.ts')) await main()
