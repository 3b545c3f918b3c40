import { uriReencode } from '../encoding/percent.ts'

/** A name and a value: of a header, of a form field, or, both encoded, of a query parameter. */
export type Pair = readonly [name: string, value: string]

/** Parses a query into encoded pairs, in their order. `+` is a space, and empty parts are skipped. */
export function parseQuery(query: string, argument?: string): Pair[] {
  const pairs: Pair[] = []
  for (const parameter of query.replaceAll('+', '%20').split('&')) {
    if (!parameter) continue
    const equals = `${parameter}=`.indexOf('=')
    pairs.push([uriReencode(parameter.slice(0, equals), argument), uriReencode(parameter.slice(equals + 1), argument)])
  }
  return pairs
}

/** Formats encoded pairs as a query. */
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
