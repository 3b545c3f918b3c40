import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDeep } from '../../test/support/depth.ts'
import { type Packed, pack, ROOT } from '../../test/support/packed.ts'
import { bundle } from './bundle.ts'
import { LAUNCHES as ALL, ESSENTIAL } from './lanes.ts'
import { absence, COMMON_OUTPUTS, compare, name, type Row, startMatrix } from './matrix.ts'
import { PAGE, printedTable, withTable } from './table.ts'

// Runs the suite over the packed files, in the essential engines, or in all of them.

declare module 'vitest' {
  interface TaskMeta {
    /** Printed after the run. */
    runtimes?: string
  }
}

const LAUNCHES = isDeep ? ALL : ESSENTIAL

let packed: Packed
let matrix: Promise<Row[]>[] = []

beforeAll(async () => {
  packed = await pack()
  await bundle(packed)
  matrix = startMatrix(packed.folder, LAUNCHES)
})

afterAll(async () => {
  await Promise.all(matrix)
  packed?.remove()
})

const LANES = LAUNCHES.flatMap(({ lanes }, launch) =>
  lanes.map((lane, at) => ({ title: `${lane.engine}, ${lane.how}`, launch, at })),
)

describe('the suite passes in', () => {
  it.for(LANES)('$title', async ({ launch, at }, { skip }) => {
    const row = (await matrix[launch]!)[at]!
    if (row.missing && !process.env.CI) skip(`NOT RUN: ${row.missing}`)
    expect([...row.problems, ...absence(row)]).toEqual([])
  })
})

describe('all lanes', () => {
  it('have unique names', () => {
    const titles = LANES.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.length).toBeGreaterThanOrEqual(isDeep ? 34 : 7)
  })

  it('have equal outputs', async ({ task }) => {
    const rows = (await Promise.all(matrix)).flat()
    const comparison = compare(rows)
    const absent = rows.filter(({ missing }) => missing).map((row) => `NOT RUN: ${name(row)} (${row.missing})`)
    task.meta.runtimes = [printedTable(rows, comparison), ...absent].join('\n')
    expect(comparison.differences).toEqual([])
    expect(new Set(comparison.digests.values()).size).toBe(1)
    expect(comparison.common).toBeGreaterThanOrEqual(COMMON_OUTPUTS)
  })

  it('sign forms like node:crypto', async () => {
    const rows = (await Promise.all(matrix)).flat()
    const { outcome } = rows.find(({ outcome }) => outcome && 'result' in outcome)!
    const { outputs } = (outcome as { result: { entries: Record<string, { outputs: [string, string][] }> } }).result
      .entries['./sync']!
    const forms = outputs.filter(([key]) => key.startsWith('a form ')).map(([, value]) => JSON.parse(value).fields)
    expect(forms.length).toBeGreaterThan(1)
    for (const fields of forms) {
      let key: Uint8Array = Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')
      for (const part of fields['x-amz-credential'].split('/').slice(1))
        key = createHmac('sha256', key).update(part).digest()
      expect(createHmac('sha256', key).update(fields.policy).digest('hex')).toBe(fields['x-amz-signature'])
    }
  })

  it.runIf(isDeep)('have their results in docs/runtimes.md: npm run runtimes -- --write', async () => {
    const rows = (await Promise.all(matrix)).flat()
    const page = readFileSync(join(ROOT, PAGE), 'utf8')
    expect(withTable(page, rows)).toBe(page)
  })
})
