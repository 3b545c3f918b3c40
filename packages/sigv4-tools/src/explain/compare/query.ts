import { decode, parseAmzDate } from '../../../../../src/internal/encoding.ts'
import type { Cause } from '../model/causes.ts'
import { type Difference, parameterPart } from '../model/clue.ts'
import { encode } from '../request/pieces.ts'

// Compares two canonical query strings.

/** A parameter of a canonical query string. */
interface SentPair {
  readonly name: string
  readonly value: string
  readonly text: string
}

function pairOf(text: string): SentPair {
  const equals = `${text}=`.indexOf('=')
  return { name: decode(text.slice(0, equals)), value: decode(text.slice(equals + 1)), text }
}

function pairsOf(query: string): SentPair[] {
  return query === '' ? [] : query.split('&').map(pairOf)
}

/** Compares what was signed with what the service computed, parameter by parameter. */
export function compareQuery(signed: string, computed: string): Difference[] {
  const causes = wholeCauses(signed, computed)
  if (causes.length > 0)
    return causes.map((cause) => ({ cause, part: { of: 'query' }, expected: signed, actual: computed }))
  const ours = pairsOf(signed)
  const theirs = pairsOf(computed)
  const signedTimes = timesByName(ours)
  const computedTimes = timesByName(theirs)
  const gone = minus(ours, theirs)
  const added = new Map<string, SentPair[]>()
  for (const pair of minus(theirs, ours)) {
    const list = added.get(alike(pair.name))
    if (list) list.push(pair)
    else added.set(alike(pair.name), [pair])
  }
  for (const list of added.values()) list.reverse() // pop returns the first
  const found: Difference[] = []
  for (const pair of gone) {
    const { name, value } = pair
    const other = added.get(alike(name))?.pop()
    const isRenamed = other !== undefined && other.name !== name
    const isRepeated = other
      ? !isRenamed && signedTimes.get(name) !== computedTimes.get(name)
      : (signedTimes.get(name) ?? 0) > 1 && computedTimes.has(name)
    const cause = other ? changedCause(pair, other) : ownCause(name, 'query-removed')
    const shown = isRenamed ? 'name' : value === other?.value ? 'text' : 'value'
    found.push({
      cause: isRepeated ? 'query-duplicate' : cause,
      part: parameterPart(name),
      expected: pair[shown],
      ...(other ? { actual: other[shown] } : { absent: 'received' }),
    })
  }
  for (const { name, value } of [...added.values()].flatMap((list) => list.reverse())) {
    const isRepeated = (computedTimes.get(name) ?? 0) > 1 && signedTimes.has(name)
    const cause = isRepeated ? 'query-duplicate' : ownCause(name, 'query-extra')
    found.push({ cause, part: parameterPart(name), absent: 'signed', actual: value })
  }
  return found
}

/** The name as it may be misspelled. */
function alike(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

/** Finds the causes if both contain the same parameters, in a different order, written differently, or both. */
function wholeCauses(signed: string, computed: string): Cause[] {
  if (sorted(signed) === sorted(computed)) return ['query-order']
  const written = writtenCause(signed, computed)
  return written === undefined ? [] : isSorted(signed) ? [written] : [written, 'query-order']
}

/** Finds the cause if both contain the same parameters, or the same parameter, written differently. */
function writtenCause(signed: string, computed: string): Cause | undefined {
  const same = (map: (pair: string) => string): boolean => sorted(signed, map) === sorted(computed, map)
  const isEscaped = (query: string): boolean => /(?:^|&)amp(?:;|%3B)/i.test(query)
  if (same((pair) => (pair.includes('=') ? pair : `${pair}=`))) return 'query-empty-value'
  if (isEscaped(signed) !== isEscaped(computed)) return 'url-html-escaped'
  if (same((pair) => pair.replace(/\+|%2B/g, '%20'))) return 'query-plus'
  if (same((pair) => JSON.stringify({ ...pairOf(pair), text: '' }))) return 'query-encoding'
  const isTwice = sorted(decode(signed)) === sorted(computed) || sorted(decode(computed)) === sorted(signed)
  return isTwice && /%25/.test(signed + computed) ? 'url-double-encoded' : undefined
}

/** The pairs of a query string in an order that depends on nothing else. */
function sorted(query: string, map = (pair: string) => pair): string {
  return query.split('&').map(map).sort().join('&')
}

/** Returns whether the names of the parameters are in the order in which AWS sorts them, in whatever way they are written. */
function isSorted(query: string): boolean {
  const names = pairsOf(query).map(({ name }) => encode(name))
  return names.every((name, i) => i === 0 || names[i - 1]! <= name)
}

function changedCause({ name, value, text }: SentPair, other: SentPair): Cause {
  if (other.name !== name) return other.name.toLowerCase() === name.toLowerCase() ? 'param-case' : 'query-changed'
  if (name === 'X-Amz-SignedHeaders') return 'signed-headers'
  const isWhole = (credential: string): boolean => /^[^/].*\/\d{8}\/[^/]+\/[^/]+\/aws4_request$/.test(credential)
  if (name === 'X-Amz-Credential' && isWhole(value) !== isWhole(other.value)) return 'malformed-credential'
  const isDate = name === 'X-Amz-Date' && (parseAmzDate(value) === undefined || parseAmzDate(other.value) === undefined)
  return isDate ? 'date-format' : ownCause(name, writtenCause(text, other.text) ?? 'query-changed')
}

function ownCause(name: string, cause: Cause): Cause {
  if (name === 'X-Amz-Security-Token') return 'session-token'
  return name === 'X-Amz-Date' ? 'date-mismatch' : cause
}

function timesByName(pairs: readonly SentPair[]): Map<string, number> {
  return countTexts(pairs.map(({ name }) => name))
}

function countTexts(texts: readonly string[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1)
  return times
}

/** Removes the pairs of a different query string, each as often as it appears there. */
function minus(pairs: readonly SentPair[], other: readonly SentPair[]): SentPair[] {
  const rest = countTexts(other.map(({ text }) => text))
  return pairs.filter(({ text }) => {
    const left = rest.get(text) ?? 0
    rest.set(text, left - 1)
    return left <= 0
  })
}
