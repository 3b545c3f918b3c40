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
  const query: Query = Object.create(null)
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

/** Writes parameters as `querystring.stringify()` does, with `!'()*` encoded as well. */
export function stringifyQuery(query: Query): string {
  let text = ''
  for (const name of Object.keys(query)) {
    const value: unknown = query[name]
    const start = `${encode(name)}=`
    if (!Array.isArray(value)) text += `${text && '&'}${start}${encodePrimitive(value)}`
    else for (const one of value) text += `${text && '&'}${start}${encodePrimitive(one)}`
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
  const entries: [name: string, value: unknown][] = []
  for (const name of Object.keys(query)) {
    if (!name || name === unsigned) continue
    const value: unknown = query[name]
    insert(entries, [encode(name), firstOnly && Array.isArray(value) ? value[0] : value])
  }
  let text = ''
  for (const entry of entries) {
    const value = entry[1]
    const values = Array.isArray(value) ? value.map(encode).sort() : undefined
    if (!values) text += `${text && '&'}${entry[0]}=${encode(value)}`
    else for (const one of values) text += `${text && '&'}${entry[0]}=${one}`
  }
  return text
}

/** Puts an entry where its name belongs, behind those of the same name: few entries need no sort. */
export function insert<Entry extends readonly [name: string, value: unknown]>(sorted: Entry[], entry: Entry): void {
  const name = entry[0]
  let at = sorted.length
  sorted.push(entry)
  for (; at && sorted[at - 1]![0] > name; at--) sorted[at] = sorted[at - 1]!
  sorted[at] = entry
}
