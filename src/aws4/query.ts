/** Query parameters by name, as Node's `querystring` returns them: a repeated name has a list. */
export type Query = Record<string, string | string[]>

/** Maximum number of parameters that `querystring.parse()` reads; the rest are dropped. */
const MAX_PARAMETERS = 1000

/** Percent-encodes all but unreserved characters, `A-Z a-z 0-9 - . _ ~`. Throws URIError for a lone surrogate. */
export function encode(value: unknown): string {
  const string = typeof value === 'string' ? value : String(value)
  if (!/[^\w.~-]/.test(string)) return string
  const encoded = encodeURIComponent(string)
  return /[!'()*]/.test(encoded) ? encoded.replace(/[!'()*]/g, encodeMark) : encoded
}

/** Returns the escape of an ASCII character. */
export function encodeMark(mark: string): string {
  const hex = mark.charCodeAt(0).toString(16).toUpperCase()
  return hex.length < 2 ? `%0${hex}` : `%${hex}`
}

/** Pairs a surrogate with whatever follows it, as `url.parse()` and `querystring.stringify()` do. */
export function pairSurrogates(text: string): string {
  return text.replace(/[\ud800-\udfff]./gs, (pair) =>
    String.fromCodePoint(0x10000 + ((pair.charCodeAt(0) & 1023) << 10) + (pair.charCodeAt(1) & 1023)),
  )
}

/** Parses parameters as `querystring.parse()` does. */
export function parseQuery(string: string): Query {
  // not Object.create(null), which V8 turns into a slower dictionary
  const query: Query = Object.setPrototypeOf({}, null)
  for (const part of string ? string.split('&', MAX_PARAMETERS) : []) {
    if (!part) continue
    const end = part.indexOf('=')
    const name = decode(end < 0 ? part : part.slice(0, end))
    const value = end < 0 ? '' : decode(part.slice(end + 1))
    const known = query[name]
    if (known === undefined) query[name] = value
    else if (typeof known === 'string') query[name] = [known, value]
    else known.push(value)
  }
  return query
}

/** Decodes valid escapes: invalid ones are unchanged, invalid UTF-8 becomes U+FFFD. */
function decode(string: string): string {
  if (string.includes('+')) string = string.replaceAll('+', ' ')
  if (!string.includes('%')) return string
  try {
    return decodeURIComponent(string)
  } catch {
    const bytes = string.replace(/%[\da-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
    return bytes.replace(SEQUENCE, (all, character) => (character ? decodeURIComponent(escape(all)) : '\ufffd'))
  }
}

/** A non-ASCII character in UTF-8, otherwise its longest valid start (Unicode 15, table 3-7 and section 3.9). */
const SEQUENCE =
  /([\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2})|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]?|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|[\x80-\xff]/g

/** Parameters that signing adds: their names need no encoding. */
const OWN = /* @__PURE__ */ new Set([
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
])

/** The parts of a canonical query string. */
interface CanonicalParts {
  readonly names: readonly string[]
  readonly values: readonly unknown[]
  readonly encoded: readonly string[]
}

/** The parts by query. Parameters are sent as signed, and encoding them is expensive: unchanged ones are reused from here. */
const canonicalParts = /* @__PURE__ */ new WeakMap<Query, CanonicalParts>()

/** Formats parameters as `querystring.stringify()` does, with `!'()*` encoded as well. */
export function stringifyQuery(query: Query): string {
  const { names = [], values = [], encoded = [] } = canonicalParts.get(query) ?? {}
  let result = ''
  let i = 0
  for (const name of Object.keys(query)) {
    const value: unknown = query[name]
    const separator = result && '&'
    if (typeof value === 'string' && values[i] === value && names[i] === name) result += separator + encoded[i]
    else if (!Array.isArray(value)) result += `${separator}${encodePrimitive(name)}=${encodePrimitive(value)}`
    else for (const one of value) result += `${result && '&'}${encodePrimitive(name)}=${encodePrimitive(one)}`
    i++
  }
  return result
}

/** Encodes a string, finite number, bigint or boolean; anything else becomes an empty string. */
function encodePrimitive(value: unknown): string {
  if (typeof value === 'string') return encode(/[\ud800-\udfff]/.test(value) ? pairSurrogates(value) : value)
  const written = typeof value === 'number' ? Number.isFinite(value) : /^(?:bigint|boolean)$/.test(typeof value)
  return written ? encode(value) : ''
}

/**
 * Returns the canonical query string: by encoded name, then value. aws4 collects parameters in a plain object, which ignores
 * the name `__proto__`.
 */
export function canonicalQuery(query: Query, firstOnly: boolean): string {
  const names = Object.keys(query)
  const values: unknown[] = []
  const encoded: string[] = []
  const entries: [name: string, text: string][] = []
  for (const name of names) {
    const value: unknown = query[name]
    let text = ''
    if (name && name !== '__proto__') {
      const written = OWN.has(name) ? name : encode(name)
      text = encodeAll(`${written}=`, firstOnly && Array.isArray(value) ? value[0] : value)
      if (text) entries.push([written, text])
    }
    values.push(text ? value : undefined)
    encoded.push(text)
  }
  canonicalParts.set(query, { names, values, encoded })
  sortEntries(entries)
  let canonical = ''
  for (const entry of entries) canonical += (canonical && '&') + entry[1]
  return canonical
}

function encodeAll(start: string, value: unknown): string {
  if (!Array.isArray(value)) return start + encode(value)
  const values = value.map(encode).sort()
  return values.map((one) => start + one).join('&')
}

/** Sorts entries by name, keeping the order of equal names. Short lists do not need the engine's sort. */
export function sortEntries(entries: (readonly [name: string, value: string])[]): void {
  if (entries.length > 20) {
    entries.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0))
    return
  }
  for (let i = 1; i < entries.length; i++) {
    const entry = entries[i]!
    let at = i
    for (; at && entries[at - 1]![0] > entry[0]; at--) entries[at] = entries[at - 1]!
    entries[at] = entry
  }
}
