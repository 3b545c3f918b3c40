/** Query parameters by name, as Node's `querystring` gives them: a name that comes twice has a list. */
export type Query = Record<string, string | string[]>

/** As many as `querystring.parse()` reads; the rest of the parameters is dropped. */
const MOST = 1000

/** Percent-encodes everything that is not unreserved, `A-Z a-z 0-9 - . _ ~`. A lone surrogate is a URIError. */
export function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value)
  if (!/[^\w.~-]/.test(text)) return text
  const encoded = encodeURIComponent(text)
  return /[!'()*]/.test(encoded) ? encoded.replace(/[!'()*]/g, encodeMark) : encoded
}

/** The escape of a character of ASCII. */
export function encodeMark(mark: string): string {
  const hex = mark.charCodeAt(0).toString(16).toUpperCase()
  return hex.length < 2 ? `%0${hex}` : `%${hex}`
}

/** Reads parameters as `querystring.parse()` does. */
export function parseQuery(text: string, most = MOST): Query {
  // unlike Object.create(null), which V8 makes a dictionary
  const query: Query = Object.setPrototypeOf({}, null)
  for (const part of text ? text.split('&', most) : []) {
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

/** Decodes what can be decoded: bad escapes stay, bytes that are no UTF-8 become U+FFFD. */
function decode(text: string): string {
  if (text.includes('+')) text = text.replaceAll('+', ' ')
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    const bytes = text.replace(/%[\da-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
    return bytes.replace(SEQUENCE, (all, character) => (character ? decodeURIComponent(escape(all)) : '\ufffd'))
  }
}

/** A character of UTF-8 beyond ASCII, or else the longest start of one (Unicode 15, table 3-7 and section 3.9). */
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

/**
 * What the last canonical query string was made of. Parameters are sent as they are signed, and encoding them is what
 * costs: each is taken from here if it is the same still. Let go when they are written.
 */
const last: { query?: Query | undefined; names: string[]; values: unknown[]; texts: string[] } = {
  names: [],
  values: [],
  texts: [],
}

function remember(query: Query | undefined, names: string[], values: unknown[], texts: string[]): void {
  last.query = query
  last.names = names
  last.values = values
  last.texts = texts
}

/** Writes parameters as `querystring.stringify()` does, with `!'()*` encoded as well. */
export function stringifyQuery(query: Query): string {
  const { names, values, texts } = last
  const isLast = last.query === query
  remember(undefined, [], [], [])
  let text = ''
  let i = 0
  for (const name of Object.keys(query)) {
    const value: unknown = query[name]
    const separator = text && '&'
    if (isLast && typeof value === 'string' && values[i] === value && names[i] === name) text += separator + texts[i]
    else if (!Array.isArray(value)) text += `${separator}${encode(name)}=${encodePrimitive(value)}`
    else for (const one of value) text += `${text && '&'}${encode(name)}=${encodePrimitive(one)}`
    i++
  }
  return text
}

/** What is no primitive with a value of its own is written as nothing. */
function encodePrimitive(value: unknown): string {
  if (typeof value === 'string') return encode(value)
  const written = typeof value === 'number' ? Number.isFinite(value) : /^(?:bigint|boolean)$/.test(typeof value)
  return written ? encode(value) : ''
}

/**
 * The canonical query string: by encoded name, then value, without the parameter `unsigned`. aws4 collects parameters in
 * a plain object, where `__proto__` is no name.
 */
export function canonicalQuery(query: Query, firstOnly: boolean, unsigned = '__proto__'): string {
  const names = Object.keys(query)
  const values: unknown[] = []
  const texts: string[] = []
  const entries: [name: string, text: string][] = []
  for (const name of names) {
    const value: unknown = query[name]
    let text = ''
    if (name && name !== unsigned) {
      const encoded = OWN.has(name) ? name : encode(name)
      text = encodeAll(`${encoded}=`, firstOnly && Array.isArray(value) ? value[0] : value)
      if (text) entries.push([encoded, text])
    }
    values.push(text ? value : undefined)
    texts.push(text)
  }
  remember(query, names, values, texts)
  sortEntries(entries)
  let canonical = ''
  for (const entry of entries) canonical += (canonical && '&') + entry[1]
  return canonical
}

/** A value, or some, behind their name. */
function encodeAll(start: string, value: unknown): string {
  if (!Array.isArray(value)) return start + encode(value)
  const values = value.map(encode).sort()
  return values.map((one) => start + one).join('&')
}

/** Sorts entries by name; those of the same name stay in their order. Few need no sort of the engine's. */
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
