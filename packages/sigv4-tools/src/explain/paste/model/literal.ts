import { METHOD } from '../../../formats/canonical-request.ts'
import { unescapeString } from './found.ts'

// Values as programs write and print them: JSON, JavaScript, Node's inspect, Python, Ruby. None is evaluated.

/** A value, and its end. */
export interface Literal {
  readonly value: unknown
  readonly end: number
}

/** An object whose members were read. */
export type Members = Readonly<Record<string, unknown>>

const DEEPEST = 40

/** The value of valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads the value at an index; `undefined` if it is invalid or does not end. */
export function readLiteral(text: string, at: number, depth = 0): Literal | undefined {
  const start = skip(text, at)
  const mark = text[start]
  if (mark === undefined || depth > DEEPEST) return undefined
  if (mark === '"' || mark === "'" || mark === '`') return readText(text, start)
  if (mark === '{') return readObject(text, start, depth)
  if (mark === '[') return readArray(text, start, depth)
  return readWord(text, start, depth)
}

function skip(text: string, at: number): number {
  let i = at
  while (i < text.length && (text[i] === ' ' || text[i] === '\n' || text[i] === '\t' || text[i] === '\r')) i++
  return i
}

/** A string, and those that are joined to it. */
function readText(text: string, at: number): Literal | undefined {
  let value = ''
  let i = at
  for (;;) {
    const quote = text[i]!
    let end = i + 1
    while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1
    if (end >= text.length) return undefined
    const content = text.slice(i + 1, end)
    value += content.includes('\\') ? unescapeString(content) : content
    const isByte = text.startsWith(`b${quote}`, end + 1)
    const next = isByte ? end + 2 : skip(text, end + 1)
    // Python joins strings on consecutive lines, Rust prints strings of bytes without a separator
    const isJoined = isByte || (text[next] === quote && text.slice(end, next).includes('\n'))
    i = isJoined ? next : skip(text, next + 1)
    if (!isJoined && (text[next] !== '+' || !/['"`]/.test(text.charAt(i)))) return { value, end: end + 1 }
  }
}

function readObject(text: string, at: number, depth: number): Literal | undefined {
  const value: Record<string, unknown> = Object.create(null)
  let i = at + 1
  for (;;) {
    i = skip(text, i)
    while (text[i] === ',') i = skip(text, i + 1)
    if (i >= text.length) return undefined
    if (text[i] === '}') return { value, end: i + 1 }
    const key = readKey(text, i)
    if (!key) {
      i = endOfPart(text, i)
      continue
    }
    const member = readLiteral(text, key.end, depth + 1)
    if (!member) return undefined
    if (!Object.hasOwn(value, key.name)) value[key.name] = member.value
    i = member.end
  }
}

/** The name of a member, and the start of its value. */
function readKey(text: string, at: number): { name: string; end: number } | undefined {
  const quoted = text[at] === '"' || text[at] === "'" ? readText(text, at) : undefined
  const [bare = ''] = quoted ? [] : (/^:?[\w$@.[\]()-]{0,200}/.exec(text.slice(at, at + 201)) ?? [])
  const name = quoted ? String(quoted.value) : bare.replace(/^:|^\[|\]$/g, '')
  const end = skip(text, quoted ? quoted.end : at + bare.length)
  if (name === '') return undefined
  if (text.startsWith('=>', end)) return { name, end: end + 2 }
  return text[end] === ':' || text[end] === '=' ? { name, end: end + 1 } : undefined
}

function readArray(text: string, at: number, depth: number): Literal | undefined {
  // placeholders of Node: [Object], [Function: a], [Object: null prototype] {…}
  const [hidden] = /^\[[A-Z]\w{3,20}(?:: [^\]\n]{1,200})?\]/.exec(text.slice(at, at + 240)) ?? []
  if (hidden !== undefined) {
    const end = at + hidden.length
    return text.startsWith(' {', end) ? readLiteral(text, end, depth + 1) : { value: undefined, end }
  }
  const value: unknown[] = []
  let i = at + 1
  for (;;) {
    i = skip(text, i)
    while (text[i] === ',') i = skip(text, i + 1)
    if (i >= text.length) return undefined
    if (text[i] === ']') return { value, end: i + 1 }
    const item = readLiteral(text, i, depth + 1)
    if (!item || item.end === i) return undefined
    value.push(item.value)
    i = item.end
  }
}

/** A number, an object with the name of its class, or something whose value is unknown. */
function readWord(text: string, at: number, depth: number): Literal | undefined {
  const ahead = text.slice(at, at + 200)
  const [prefix = ''] =
    /^(?:<ref \*\d{1,6}> )?(?:[A-Za-z_$][\w$]{0,60} )?(?:\[[^\]\n]{1,60}\] )?(?=[{[])/.exec(ahead) ?? []
  if (prefix !== '') return readLiteral(text, at + prefix.length, depth + 1)
  if (/^[bur]['"]/.test(ahead)) return readText(text, at + 1)
  const [call = ''] = /^[A-Z]\w{1,40}\((?!\))/.exec(ahead) ?? []
  if (call !== '') return readWrapped(text, at + call.length, depth)
  const [buffer] = /^<[^>]{0,150}>/.exec(ahead) ?? []
  const end = buffer === undefined ? endOfPart(text, at) : at + buffer.length
  const content = text.slice(at, Math.min(end, at + 500)).trim()
  return { value: valueOfWord(content), end }
}

function valueOfWord(word: string): unknown {
  if (/^-?\d+(?:\.\d+)?$/.test(word)) return Number(word)
  return METHOD.test(word) ? word : word === 'null' ? null : undefined
}

/** The value in `Some(…)`, `Ipv4(…)`, or another constructor with one argument. */
function readWrapped(text: string, at: number, depth: number): Literal | undefined {
  const start = skip(text, at)
  // a bare word: an address, or a value of an enumeration
  const [word = ''] = /^[\w.:-]{1,100}(?=[\s,)])/.exec(text.slice(start, start + 101)) ?? []
  const inner =
    word === '' ? readLiteral(text, start, depth + 1) : { value: valueOfWord(word) ?? word, end: start + word.length }
  if (!inner) return undefined
  let end = skip(text, inner.end)
  if (text[end] === ',') end = skip(text, end + 1)
  return text[end] === ')' ? { value: inner.value, end: end + 1 } : undefined
}

/** Returns the end of a part that cannot be read: a comma, the end of the line, or the end of what contains it. */
function endOfPart(text: string, at: number): number {
  let i = at
  while (i < text.length && text[i] !== ',' && text[i] !== '\n' && text[i] !== '}' && text[i] !== ']') i++
  return i === at && text[i] === ']' ? i + 1 : i
}
