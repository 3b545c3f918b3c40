import { type Column, exponent, type TableDefinition, text, time } from '../tables.ts'
import type { Regime } from './regime.ts'

/** The largest exponent of linear growth. */
export const LIMIT = 1.1

function growthTable(id: string, title: string, sizes: Record<number, string>): TableDefinition {
  const columns: Column[] = Object.entries(sizes).map(([key, heading]) => ({ key, heading, format: time }))
  const name: Column = { key: 'name', heading: 'Input', format: text }
  return { id, title, columns: [name, ...columns, { key: 'exponent', heading: 'Exponent', format: exponent }] }
}

const MIB = 1024 ** 2

export const growth: Regime = {
  name: 'growth',
  title: 'Growth',
  about: `An input that is 10 times as large may take 10 times as long, which is an exponent of 1; quadratic growth is an exponent of 2. It is fitted to 100 parts and more, and to 1 MiB and more, where fixed costs matter least. A row above ${LIMIT} is measured up to three times, of which the fastest times count. This page also shows rows that stay above it; \`npm run bench -- --gate\` fails for them.`,
  tables: [
    growthTable('growth-counts', 'Number of parts of the input', {
      1: '1',
      10: '10',
      100: '100',
      1000: '1,000',
      10000: '10,000',
    }),
    growthTable('growth-bytes', 'Bytes of a body', {
      1024: '1 KiB',
      [MIB]: '1 MiB',
      [16 * MIB]: '16 MiB',
      [256 * MIB]: '256 MiB',
    }),
  ],
  programs: ({ rounds, largest }) => [
    {
      doing: 'growth',
      tables: ['growth-counts', 'growth-bytes'],
      file: 'growth.mjs',
      options: { rounds: Math.ceil(rounds / 5), largest, limit: LIMIT },
    },
  ],
}
