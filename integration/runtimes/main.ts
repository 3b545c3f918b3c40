import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack, ROOT } from '../../test/support/packed.ts'
import { bundle } from './bundle.ts'
import { absence, COMMON_OUTPUTS, compare, count, name, type Row, startMatrix } from './matrix.ts'
import { PAGE, printedTable, withTable } from './table.ts'

// `npm run runtimes` prints the table; `--write` also writes it to docs/runtimes.md.

async function main(): Promise<void> {
  const packed = await pack()
  const rows: Row[] = []
  try {
    await bundle(packed)
    for (const row of await Promise.all(startMatrix(packed.folder))) rows.push(...row)
  } finally {
    packed.remove()
  }
  const comparison = compare(rows)
  const table = printedTable(rows, comparison)
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  writeFileSync(join(ROOT, '.cache/runtimes.md'), `${table}\n`)
  console.log(table)
  const absent = rows.filter(({ missing }) => missing)
  for (const row of absent) console.log(`NOT RUN: ${name(row)} (${row.missing})`)
  const problems = rows.flatMap((row) =>
    [...row.problems, ...absence(row)].map((problem) => `${name(row)}: ${problem}`),
  )
  problems.push(...comparison.differences)
  if (comparison.common < COMMON_OUTPUTS && absent.length < rows.length)
    problems.push(`${comparison.common} outputs are equal in all lanes, fewer than ${COMMON_OUTPUTS}`)
  for (const problem of problems) console.log(`FAILED: ${problem.slice(0, 1000)}`)
  console.log(`${comparison.common} outputs, equal in ${comparison.digests.size} lanes`)
  if (process.argv.includes('--write')) {
    const page = join(ROOT, PAGE)
    writeFileSync(page, withTable(readFileSync(page, 'utf8'), rows))
  }
  let [passed, skipped] = [0, 0]
  for (const { outcome } of rows)
    if (outcome && 'result' in outcome) {
      passed += count(outcome.result).passed
      skipped += count(outcome.result).skipped
    }
  console.log(`${passed} passed, ${problems.length} failed, ${skipped} skipped`)
  process.exitCode = problems.length ? 1 : 0
}

main()
