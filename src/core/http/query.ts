import { uriReencode } from '../encoding/percent.ts'

/** A name and a value: of a header, of a form field, or, both encoded, of a query parameter. */
export type Pair = readonly [name: string, value: string]

/** Splits a request target, or a URL, into what precedes the query, and the query without its question mark. */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const mark = `${target}?`.indexOf('?')
  return [target.slice(0, mark), target.slice(mark + 1)]
}

/** Splits a query into pairs, in their order. Empty parts are skipped. `read` converts names and values. */
export function splitQuery(query: string, read = (text: string): string => text): Pair[] {
  const pairs: Pair[] = []
  for (const parameter of query.split('&')) {
    if (!parameter) continue
    const equals = `${parameter}=`.indexOf('=')
    pairs.push([read(parameter.slice(0, equals)), read(parameter.slice(equals + 1))])
  }
  return pairs
}

/** Parses a query into encoded pairs. `+` is a space. */
export function parseQuery(query: string, argument?: string): Pair[] {
  return splitQuery(query.replaceAll('+', '%20'), (text) => uriReencode(text, argument))
}

export function formatQuery(pairs: readonly Pair[]): string {
  let query = ''
  for (const pair of pairs) query += `${query && '&'}${pair[0]}=${pair[1]}`
  return query
}

/** Sorts encoded pairs by name, then by value, as a canonical query string requires. */
export function sortPairs(pairs: Pair[]): Pair[] {
  return pairs.sort((one, other) => compare(one[0], other[0]) || compare(one[1], other[1]))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
