import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../packed.ts'
import { FEATURES, size } from './features.ts'
import { PACKAGES } from './packages.ts'

// `npm run compare` prints the comparison of the README; `--write` also writes it there.

const README = join(ROOT, 'README.md')
const BEGIN = '<!-- compare: npm run compare -- --write -->\n\n'
const END = '\n\n<!-- compare end -->'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Returns the table, without the rows about speed, which `npm run bench` measures. */
export async function comparison(): Promise<string> {
  const lines = [row(['', ...PACKAGES.map(({ name }) => name)]), row(['---', ...PACKAGES.map(() => ':---:')])]
  lines.push(row(['Presigned PUT, gzipped', ...(await Promise.all(PACKAGES.map(size)))]))
  for (const [name, test] of FEATURES) {
    const cells: string[] = []
    for (const each of PACKAGES) cells.push((await test(each)) ? '✓' : '–')
    lines.push(row([name, ...cells]))
  }
  return lines.join('\n')
}

/** Returns where the table of the README begins and ends. */
function position(readme: string): [from: number, to: number] {
  const [from, to] = [readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)]
  if (from < BEGIN.length || to < from) throw new Error(`README.md does not contain ${BEGIN.trim()} … ${END.trim()}`)
  return [from, to]
}

/** Returns the table of the README. */
export function published(): string {
  const readme = readFileSync(README, 'utf8')
  return readme.slice(...position(readme))
}

async function main(): Promise<void> {
  const table = await comparison()
  console.log(table)
  if (!process.argv.includes('--write')) return
  const readme = readFileSync(README, 'utf8')
  const [from, to] = position(readme)
  writeFileSync(README, readme.slice(0, from) + table + readme.slice(to))
}

if (process.argv[1]?.endsWith('main.ts')) await main()
