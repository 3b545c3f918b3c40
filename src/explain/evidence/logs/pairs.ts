import { foundRequest, headerOf, type Reader, unescapeString } from '../found.ts'

// Headers as languages print their maps, in one line: Java, Kotlin, Dart, Swift, Rust, Go, Python, Erlang, Scala.

const AUTHORIZATION =
  /AWS4-HMAC-SHA256 Credential=[^\s,]{1,300}, ?SignedHeaders=[^\s,]{1,2000}, ?Signature=[^\s,"'\])};]{1,200}/
/** Stands for the value of Authorization, which contains commas and equals signs. */
const HELD = '\u0001'
const LONGEST = 20_000

/** The names and values of a map, with or without quotation marks and lists around them. */
export function pairsOf(map: string): [string, string][] {
  const [authorization = ''] = AUTHORIZATION.exec(map) ?? []
  const pairs: [string, string][] = []
  const held = map.slice(0, LONGEST).replace(authorization || HELD, HELD)
  const parts = held
    .slice(0, endOf(held))
    // tuples, and maps of Go, which have no commas
    .replace(/([({]["'][\w-]{1,60}["']), ?/g, '$1:')
    .replace(/\] (?=[A-Z][\w-]{1,60}:\[)/g, '], ')
    .split(/, ?(?=\S)/)
  for (const part of parts) {
    const [, name, value] = /^[\s{[(]{0,8}["']?([A-Za-z][\w-]{0,60})["']? ?(?:=>|->|[=:]) ?(.*)$/.exec(part) ?? []
    const last = pairs[pairs.length - 1]
    if (name !== undefined && value !== undefined) pairs.push([name, plain(value)])
    else if (last) last[1] += `, ${plain(part)}`
  }
  return pairs.map(([name, value]) => [name, value.replace(HELD, () => authorization)])
}

/** The index at which the first bracket is closed. */
function endOf(text: string): number {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!
    if (mark === '"' || mark === "'") i = Math.max(text.indexOf(mark, i + 1), i)
    else if ('{[('.includes(mark)) depth++
    else if ('}])'.includes(mark) && --depth === 0) return i
  }
  return text.length
}

/** A value without what is around it. */
function plain(value: string): string {
  const [, double, single, list] = /^(?:[bu]|<<)?(?:"([^"]*)"|'([^']*)'|\[([^\]]*)\])/.exec(value.trim()) ?? []
  return double ?? single ?? list ?? value.replace(/[\])}>"']{1,4}$/, '').trim()
}

/** Reads headers that a program printed as a map, and the request if the line names it. */
export const readMap: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const found = line.length > LONGEST ? null : AUTHORIZATION.exec(line)
  if (!found) return undefined
  const column = line
    .slice(0, found.index)
    .search(/[{[(](?=[({"']{0,2}[A-Za-z][\w-]{1,60}["']?(?:=|: ?|, ?| -> )["'[{<b]{0,3}\S)/)
  if (column < 0) return undefined
  const headers = pairsOf(line.slice(column)).map(([name, value]): [string, string] => [
    name,
    /["']/.test(line[found.index - 1] ?? '') ? unescapeString(value) : value,
  ])
  const isWhole = ['host', 'x-amz-date'].some((name) => headerOf(headers, name) !== undefined)
  if (!isWhole || !headerOf(headers, 'authorization')?.startsWith('AWS4-')) return undefined
  const before = line.slice(0, column)
  const url = /https?:\/\/[^\s"'`{}&,]{3,8000}/.exec(before)?.[0]
  if (url === undefined)
    return [{ kind: 'request', from: at, to: at, column, description: 'Headers of a request', headers }]
  const method = /\b(?:GET|PUT|POST|HEAD|DELETE|PATCH)\b/.exec(before)?.[0]
  return [{ ...foundRequest([at, at], 'a log', method, url, headers), isPartial: true }]
}
