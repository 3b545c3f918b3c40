import { LIMIT } from './regimes.ts'
import type { Table } from './tables.ts'

/** A number that this library is held to. */
interface Gate {
  name: string
  /** The table that shows it. */
  table: string
  value: (tables: ReadonlyMap<string, Table>) => number | undefined
  /** What must be reached. */
  gate: number
  /** What is aimed at. */
  aim: number
  /** Whether smaller is better. */
  isMost?: boolean
}

const cell =
  (table: string, key: string, name: string, mode?: string) =>
  (tables: ReadonlyMap<string, Table>): number | undefined =>
    tables.get(table)?.rows.find((row) => row.name === name && (mode === undefined || row.mode === mode))?.[key] as
      | number
      | undefined

/** How many times as fast as a contestant. */
const faster = (table: string, than: string, gate: number, aim: number): Gate => ({
  name: `${table}, × ${than}`,
  table,
  value: cell(table, 'relative', than),
  gate,
  aim,
})
const fresh = (than: string, mode: string, gate: number, aim: number): Gate => ({
  name: `fresh process, × ${than}, ${mode}`,
  table: 'fresh',
  value: cell('fresh', 'relative', than, mode),
  gate,
  aim,
})
const start = (runtime: string, key: string, gate: number, aim: number): Gate => ({
  name: `${key === 'first' ? 'first URL' : 'start'}, ${runtime}, ms`,
  table: 'startup',
  value: cell('startup', key, `${runtime}, sigv4/sync`),
  gate,
  aim,
  isMost: true,
})
const largest = (table: string): Gate => ({
  name: `${table}, largest exponent`,
  table,
  value: (tables) => {
    const rows = tables.get(table)?.rows.map(({ exponent }) => Number(exponent)) ?? []
    return rows.length ? Math.max(...rows) : undefined
  },
  gate: LIMIT,
  aim: 1.05,
  isMost: true,
})

export const GATES: readonly Gate[] = [
  // half of what is measured
  faster('inline', 'aws4', 1, 1.4),
  faster('inline', 'aws4fetch', 12, 20),
  faster('provider', 'aws4', 0.9, 1.3),
  faster('inline-json', 'aws4', 0.45, 0.9),
  ...['put', 'options', 'second', 'object'].map((table) => faster(table, 'aws4', 4, 5.5)),
  faster('deno', 'aws4', 4, 5.5),
  faster('bun', 'aws4', 3, 4.5),
  faster('bun', 'Bun.S3Client', 1.3, 2),
  faster('chromium', 'aws4fetch', 10, 15),
  faster('put', '@smithy/signature-v4', 6, 9),
  faster('put', 'minio', 6, 9),
  faster('put', 'aws-sdk v3', 80, 120),
  faster('cold', 'aws4', 2.3, 3.2),
  faster('await', 'aws4fetch', 2, 2.4),
  {
    name: 'chromium, awaited, × aws4fetch',
    table: 'chromium',
    value: (tables) => {
      const [ours, theirs] = ['sigv4', 'aws4fetch'].map((name) => cell('chromium', 'ns', name)(tables))
      return ours && theirs && theirs / ours
    },
    gate: 3.5,
    aim: 4,
  },
  faster('at-once', 'aws4fetch', 2.6, 3.6),
  fresh('aws-sdk v3', 'all at once', 52, 70),
  fresh('aws-sdk v3', 'one by one', 38, 55),
  fresh('aws4', 'one by one', 3.3, 4.5),
  {
    name: 'fresh process, peak memory, MiB',
    table: 'fresh',
    value: (tables) => {
      const added = cell('fresh', 'added', 'sigv4/sync')(tables)
      return added && added / 1024 ** 2
    },
    gate: 16,
    aim: 10,
    isMost: true,
  },
  faster('header-put', 'aws4', 1.8, 2.8),
  faster('header-json', 'aws4', 1.4, 2.5),
  faster('form', 'minio', 3, 5),
  faster('form', 'aws-sdk v3', 7, 12),
  start('Node', 'over', 6, 4),
  start('Bun', 'over', 6, 4),
  start('Deno', 'over', 7, 4),
  start('Node', 'first', 2, 1.2),
  largest('growth-counts'),
  largest('growth-bytes'),
]

export interface Verdict {
  gate: Gate
  value: number | undefined
  isMissed: boolean
}

/** Compares measured tables with the gates. A contestant that does not exist here is not a miss. */
export function judge(tables: ReadonlyMap<string, Table>, gates: readonly Gate[] = GATES): Verdict[] {
  return gates.map((gate) => {
    const value = gate.value(tables)
    const isMissed = value !== undefined && !(gate.isMost ? value <= gate.gate : value >= gate.gate)
    return { gate, value, isMissed }
  })
}

export function verdictLine({ gate: { name, gate, aim, isMost }, value, isMissed }: Verdict): string {
  const limit = `${isMost ? 'at most' : 'at least'} ${gate}, aim ${aim}`
  const isAim = value !== undefined && (isMost ? value <= aim : value >= aim)
  const state = value === undefined ? 'not measured' : isMissed ? 'MISSED' : isAim ? 'ok, aim reached' : 'ok'
  return `${name.padEnd(48)} ${value?.toFixed(2).padStart(8) ?? '       –'}  (${limit})  ${state}`
}
