import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Bar, barChart, type Theme, themes } from './chart.ts'
import { regimes } from './regimes.ts'
import { runtimeVersions } from './runtimes.ts'
import { count, markdownTable, type Row, type Table, time, times } from './tables.ts'

/** What a run of a regime leaves behind. */
export interface Measured {
  /** When and where, one line. */
  circumstances: string
  tables: Table[]
}

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The machine and the versions of everything that is measured. */
export function environment(): string {
  const { dependencies } = JSON.parse(readFileSync(`${HERE}package.json`, 'utf8'))
  const peers = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`)
  const [cpu] = cpus()
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ${process.platform} ${process.arch}`
  return `${machine}. ${runtimeVersions()}. ${peers.join(', ')}.`
}

/** When a regime is measured, of which state of the sources, and how busy the machine is. */
export function circumstances(): string {
  let commit = 'unknown'
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: HERE, encoding: 'utf8' }).trim()
  } catch {} // not a clone
  return `Measured on ${new Date().toISOString().slice(0, 10)} at commit ${commit}, load average ${loadavg()[0]!.toFixed(1)} before.`
}

type Tables = ReadonlyMap<string, Table>
const rowOf = (tables: Tables, table: string, name: string, mode?: string): Row | undefined =>
  tables.get(table)?.rows.find((row) => row.name === name && (mode === undefined || row.mode === mode))

/** The speed in a few lines, which README quotes: the task, our time, and how many times as fast as others. */
export function summary(tables: Tables): string[] {
  const line = (task: string, table: string, ours: string, ...others: [name: string, mode?: string][]): string[] => {
    const own = rowOf(tables, table, ours)
    if (!own) return []
    const compared = others.flatMap(([name, mode]) => {
      const row = rowOf(tables, table, name, mode)
      return row ? [`${times(row.relative)} ${name}${mode ? ` (${mode})` : ''}`] : []
    })
    const value = typeof own.ns === 'number' ? time(own.ns) : time(Number(own.ms) * 1e6)
    return [`| ${task} | \`${ours}\` | ${value} | ${compared.join(', ')} |`]
  }
  return [
    '| Task | Entry | Time | Speed, compared with others |',
    '| --- | --- | ---: | --- |',
    ...line('Presign a PUT URL, credentials in each call, awaited, Node', 'inline', 'sigv4', ['aws4'], ['aws4fetch']),
    ...line('The same, credentials from a function', 'provider', 'sigv4', ['aws4']),
    ...line('The same, credentials in the call, Bun', 'bun-inline', 'sigv4', ['aws4'], ['aws4fetch']),
    ...line('The same, Deno', 'deno-inline', 'sigv4', ['aws4'], ['aws4fetch']),
    ...line('The same, Chromium', 'chromium-inline', 'sigv4', ['aws4fetch']),
    ...line('Sign a POST to DynamoDB, awaited', 'inline-json', 'sigv4', ['aws4']),
    ...line(
      'Presign a PUT URL, Node',
      'put',
      'sigv4/sync',
      ['aws4'],
      ['minio'],
      ['@smithy/signature-v4'],
      ['aws-sdk v3'],
    ),
    ...line('The same, a new second in each call', 'second', 'sigv4/sync', ['aws4'], ['aws-sdk v3']),
    ...line('The same, Bun', 'bun', 'sigv4/sync', ['aws4'], ['Bun.S3Client']),
    ...line('The same, Deno', 'deno', 'sigv4/sync', ['aws4']),
    ...line('The same, Chromium', 'chromium', 'sigv4/sync', ['aws4fetch']),
    ...line('The same, asynchronously, 128 at once', 'at-once', 'sigv4', ['aws4fetch']),
    ...line('10,000 URLs in a new process', 'fresh', 'sigv4/sync', ['aws4'], ['aws-sdk v3', 'one by one']),
    ...line('Sign a POST with 200 bytes of JSON', 'header-json', 'sigv4/sync', ['aws4'], ['@smithy/signature-v4']),
    ...line('Presign a POST form', 'form', 'sigv4/sync', ['minio'], ['aws-sdk v3']),
  ]
}

interface Chart {
  file: string
  title: string
  bars: (tables: Tables) => Bar[]
}

const bars = (rows: readonly Row[] | undefined, key: string): Bar[] =>
  (rows ?? [])
    .map((row) => {
      const value = Number(row[key])
      return { name: row.name.replaceAll('`', ''), value, label: count(value), isOurs: row.name.includes('sigv4') }
    })
    .sort((a, b) => b.value - a.value)

export const CHARTS: readonly Chart[] = [
  {
    file: 'presign',
    title: 'Presigned URLs per second, Node, one core',
    bars: (tables) =>
      bars(tables.get('put')?.rows, 'perSecond').map((bar) => ({ ...bar, isOurs: /^sigv4/.test(bar.name) })),
  },
  {
    file: 'bodies',
    title: 'Signing a body of 16 MiB, MB/s',
    bars: (tables) =>
      [
        ['bodies-bytes', ''],
        ['bodies-bytes-javascript', ', JavaScript alone'],
      ]
        .flatMap(([table, suffix]) => {
          const row = tables.get(table!)?.rows.find(({ name }) => name === '16 MiB')
          return Object.keys(row ?? {})
            .filter((key) => row?.[`${key} relative`] !== undefined)
            .map((key) => {
              const value = (Number(row!.size) / Number(row![key])) * 1e3
              const isOurs = key.startsWith('sigv4')
              return { name: isOurs ? key + suffix : key, value, label: count(value), isOurs }
            })
        })
        .sort((a, b) => b.value - a.value),
  },
  {
    file: 'serve',
    title: 'Requests per second, GET of 1 KiB, 16 connections',
    bars: (tables) =>
      bars(
        tables.get('serve')?.rows.filter(({ method, connections }) => method === 'GET' && connections === 16),
        'perSecond',
      ),
  },
]

export function charts(tables: Tables): { file: string; svg: string }[] {
  return CHARTS.flatMap(({ file, title, bars }) => {
    const drawn = bars(tables)
    return drawn.length
      ? themes.map((theme) => ({ file: `${file}-${theme}.svg`, svg: barChart(title, drawn, theme) }))
      : []
  })
}

const picture = ({ file, title, bars }: Chart, tables: Tables): string[] => {
  if (!bars(tables).length) return []
  const path = (theme: Theme) => `benchmarks/${file}-${theme}.svg`
  const dark = `<source media="(prefers-color-scheme: dark)" srcset="${path('dark')}">`
  return [`<picture>${dark}<img alt="${title}" src="${path('light')}"></picture>`]
}

/** docs/benchmarks.md, measured on this machine. */
export function page(measured: ReadonlyMap<string, Measured>, machine: string): string {
  const tables = new Map([...measured.values()].flatMap(({ tables }) => tables.map((table) => [table.table, table])))
  const parts = [
    '# Benchmarks',
    '<!-- Written by `npm run bench`. -->',
    'Run them with `npm run bench`, which takes 25 minutes and writes this page; `npm run bench -- --only signing` measures one section, and `npm run bench -- --gate` fails if a limit is missed. It includes versitygw and aws-sigv4-proxy if Go 1.26 is installed, and MinIO if `MINIO_BIN` is set.',
    'All libraries of a table run in one process, in short turns and shuffled order, and each result is checked with node:crypto before it is timed. Times are medians. Ratios are medians of the ratios of each round, because the speed of a machine drifts: compare ratios, not times of different tables. Differences below 10% are noise.',
    machine,
    '## Summary',
    '“5.0 × aws4” means five times as fast as aws4.',
    summary(tables).join('\n'),
    ...CHARTS.flatMap((chart) => picture(chart, tables)),
  ]
  for (const { name, title, about, tables: definitions } of regimes) {
    const result = measured.get(name)
    parts.push(`## ${title}`, about, result?.circumstances ?? 'Not measured.')
    for (const definition of definitions) parts.push(markdownTable(definition, tables.get(definition.id)))
  }
  return `${parts.join('\n\n')}\n`
}
