// What the programs report, and how it is printed.

export interface Row {
  name: string
  [key: string]: string | number | undefined
}

export interface Table {
  table: string
  rows: Row[]
  leftOut: string[]
}

export type Format = (value: string | number | undefined) => string

export interface Column {
  key: string
  heading: string
  format: Format
}

/** A table of the page. */
export interface TableDefinition {
  id: string
  title: string
  columns: readonly Column[]
  /** Sorts the rows by this column. */
  sortBy?: string
}

const number =
  (format: (value: number) => string): Format =>
  (value) =>
    typeof value === 'number' && Number.isFinite(value) ? format(value) : '–'

/** Three significant digits, at most, with thousands separators. */
const digits = (value: number): string =>
  Number(value.toPrecision(value >= 1000 ? 3 : value >= 100 ? 3 : 2)).toLocaleString('en-US')

export const text: Format = (value) => String(value ?? '–')
export const count = number(digits)
/** Nanoseconds. */
export const time: Format = number((ns) => {
  if (ns < 0) return `-${time(-ns)}`
  const [unit, size] = ns < 1e3 ? ['ns', 1] : ns < 1e6 ? ['µs', 1e3] : ns < 1e9 ? ['ms', 1e6] : ['s', 1e9]
  return `${digits(ns / size)} ${unit}`
})
export const milliseconds = number((ms) => time(ms * 1e6))
export const times = number((value) => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ×`)
export const percent = number((value) => `${Math.round(value * 100)}%`)
export const mebibytes = number((bytes) => `${digits(bytes / 1024 ** 2)} MiB`)
export const exponent = number((value) => value.toFixed(2))

/** The formats of members whose columns do not name one, such as `ns`; of all others, it is `count`. */
const OF_MEMBER: Readonly<Record<string, Format>> = {
  ...{ name: text, mode: text, method: text, body: text },
  ...{ ns: time, low: time, high: time },
  ...{ ms: milliseconds, total: milliseconds, over: milliseconds, first: milliseconds, median: milliseconds },
  ...{ p50: milliseconds, p99: milliseconds, slowest: milliseconds, cpu: milliseconds },
  ...{ added: mebibytes, peak: mebibytes, before: mebibytes, after: mebibytes },
  ...{ relative: times, share: percent, exponent },
}
const FORMATS: Readonly<Record<string, Format>> = { count, time, times }

/** Columns from a list such as `name Library | ns Time | peer:time aws4`: the member (or `key`), its format, and the heading. */
export function columns(list: string, key?: string): Column[] {
  return list.split(' | ').map((each) => {
    const [, member, format, heading] = /^([^ :]*)(?::(\w+))? (.+)$/.exec(each)!
    const own = key ?? member!
    return { key: own, heading: heading!, format: format ? FORMATS[format]! : (OF_MEMBER[own] ?? count) }
  })
}

const name = (row: Row, column: Column): string => column.format(row[column.key])

/** A Markdown table with its title, and what was left out. */
export function markdownTable({ id, title, columns, sortBy }: TableDefinition, table: Table | undefined): string {
  const rows = [...(table?.rows ?? [])]
  if (sortBy) rows.sort((a, b) => Number(a[sortBy]) - Number(b[sortBy]))
  const lines = [
    `| ${columns.map(({ heading }) => heading).join(' | ')} |`,
    `| ${columns.map((_, i) => (i ? '---:' : '---')).join(' | ')} |`,
    ...rows.map((row) => `| ${columns.map((column) => name(row, column)).join(' | ')} |`),
  ]
  const missing = (table?.leftOut ?? []).map((line) => `- Left out: ${line}`)
  const parts = [`### ${title}`, `<!-- ${id} -->`, rows.length ? lines.join('\n') : 'Not measured.']
  return [...parts, ...(missing.length ? [missing.join('\n')] : [])].join('\n\n')
}

/** Adds reported rows to tables. The numbers of rows that are measured repeatedly become lists. */
export function collect(reported: readonly Table[]): Map<string, Table> {
  const tables = new Map<string, Table>()
  const groups = new Map<string, Row[]>()
  for (const { table, rows, leftOut } of reported) {
    const whole = tables.get(table) ?? { table, rows: [], leftOut: [] }
    tables.set(table, whole)
    whole.leftOut = [...new Set([...whole.leftOut, ...leftOut])]
    for (const row of rows) {
      const key = JSON.stringify([
        table,
        ...Object.values(row).filter((value) => typeof value === 'string'),
        row.connections,
      ])
      const group = groups.get(key) ?? []
      if (!groups.has(key)) whole.rows.push(row)
      groups.set(key, [...group, row])
    }
  }
  for (const table of tables.values())
    table.rows = table.rows.map((row) => {
      const group = [...groups.values()].find(([first]) => first === row)!
      return group.length > 1 ? medianRow(group) : row
    })
  return tables
}

function medianRow(group: readonly Row[]): Row {
  const row = { ...group[0]! }
  for (const key of Object.keys(row))
    if (typeof row[key] === 'number')
      row[key] = group.map((each) => each[key] as number).sort((a, b) => a - b)[group.length >> 1]!
  return row
}
