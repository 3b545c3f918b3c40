import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GATES, judge } from '../../integration/benchmarks/gates.ts'
import { CHARTS, charts, page, summary } from '../../integration/benchmarks/page.ts'
import { regimes, type Scale } from '../../integration/benchmarks/regimes.ts'
import { collect, type Table } from '../../integration/benchmarks/tables.ts'
import { ROOT } from '../../test/support/packed.ts'

// The benchmark itself is run by hand; this checks what it writes, and that its limits are compared correctly.

const PAGE = join(ROOT, 'docs/benchmarks.md')
const definitions = regimes.flatMap(({ tables }) => tables)
const scale: Scale = {
  ...{ rounds: 1, freshRounds: 1, startRounds: 1, largest: 1, uploadMebibytes: 1, uploadRounds: 1 },
  ...{ share: 1, seconds: 1, largeMebibytes: 1, long: 1, isGate: false },
}

const table = (name: string, rows: Table['rows']): Table => ({ table: name, rows, leftOut: [] })
const put = (aws4: number): Map<string, Table> =>
  new Map([
    [
      'put',
      table('put', [
        { name: 'sigv4/sync', ns: 4000, relative: 1 },
        { name: 'aws4', ns: 4000 * aws4, relative: aws4 },
      ]),
    ],
  ])
const gates = GATES.filter(({ name }) => name === 'put, × aws4')

describe('the gates of the benchmark', () => {
  it('each read a table that a program of the gates measures', () => {
    const measured = regimes
      .flatMap(({ programs }) => programs({ ...scale, isGate: true }))
      .flatMap(({ tables }) => tables)
    for (const { table } of GATES) expect(measured).toContain(table)
  })

  it('are missed by a number that is too small, and only by that', () => {
    expect(gates).toHaveLength(1)
    expect(judge(put(3.99), gates)).toMatchObject([{ value: 3.99, isMissed: true }])
    expect(judge(put(4), gates)).toMatchObject([{ value: 4, isMissed: false }])
    expect(judge(new Map(), gates)).toMatchObject([{ value: undefined, isMissed: false }])
  })

  it('are missed by growth that is faster than linear', () => {
    const growth = (exponent: number) =>
      judge(
        new Map([
          [
            'growth-counts',
            table('growth-counts', [
              { name: 'a', exponent: 1 },
              { name: 'b', exponent },
            ]),
          ],
        ]),
      )
    expect(growth(1.11).filter(({ isMissed }) => isMissed)).toHaveLength(1)
    expect(growth(1.1).filter(({ isMissed }) => isMissed)).toHaveLength(0)
  })
})

describe('the tables of the benchmark', () => {
  it('are each measured by a program', () => {
    const measured = regimes.flatMap(({ programs }) => programs(scale)).flatMap(({ tables }) => tables)
    expect([...new Set(measured)].sort()).toEqual(definitions.map(({ id }) => id).sort())
  })

  it('contain the median of what is measured repeatedly', () => {
    const rows = [3, 1, 2].map((ms) => table('fresh', [{ name: 'aws4', mode: 'one by one', ms }]))
    const other = table('fresh', [{ name: 'aws4', mode: 'all at once', ms: 9 }])
    expect(collect([...rows, other]).get('fresh')!.rows).toEqual([
      { name: 'aws4', mode: 'one by one', ms: 2 },
      { name: 'aws4', mode: 'all at once', ms: 9 },
    ])
  })

  it('are summarized in lines for the README', () => {
    expect(summary(put(5.04)).at(-1)).toBe('| Presign a PUT URL, Node | `sigv4/sync` | 4 µs | 5.0 × aws4 |')
  })

  it('are drawn for light and dark pages', () => {
    const tables = put(5)
    for (const row of tables.get('put')!.rows) row.perSecond = 1e9 / Number(row.ns)
    const drawn = charts(tables)
    expect(drawn.map(({ file }) => file)).toEqual(['presign-light.svg', 'presign-dark.svg'])
    for (const { svg } of drawn) expect(svg).toMatch(/^<svg [^>]*aria-label="[^"]*sigv4\/sync 250,000.*<\/svg>\n$/s)
  })

  it('are named on the page if they were not measured', () => {
    const text = page(new Map(), 'The machine of the tests.')
    expect(text).toContain('\n\nThe machine of the tests.\n\n## Summary\n')
    for (const { id, title } of definitions) expect(text).toContain(`### ${title}\n\n<!-- ${id} -->\n\nNot measured.`)
  })
})

describe.runIf(existsSync(PAGE))('docs/benchmarks.md', () => {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''

  it.each(definitions.map(({ id, title }) => [title, id]))('has figures in the table "%s"', (_, id) => {
    const [, content = ''] = text.split(`<!-- ${id} -->`)
    const rows = content.trim().split('\n\n')[0]!.split('\n')
    expect(rows.length).toBeGreaterThan(2)
    for (const row of rows.slice(2)) expect(row).toMatch(/^\| .+ \| .*\d/)
  })

  it('shows every chart in both themes', () => {
    for (const { file } of CHARTS)
      for (const theme of ['light', 'dark']) {
        const path = `benchmarks/${file}-${theme}.svg`
        expect(text).toContain(path)
        expect(existsSync(join(ROOT, 'docs', path))).toBe(true)
      }
  })

  it('names the versions of all contestants', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'integration/benchmarks/package.json'), 'utf8'))
    for (const [name, version] of Object.entries(dependencies)) expect(text).toContain(`${name} ${version}`)
  })
})
