import { unescapeString } from './found.ts'

// Values as programs write and print them: JSON, JavaScript, what Node's inspect shows, Python, Ruby. None is evaluated.

/** A value, and where it ends. */
export interface Literal {
  readonly value: unknown
  readonly end: number
}

/** An object whose members were read. */
export type Members = Readonly<Record<string, unknown>>

const DEEPEST = 40

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

/** The index of the next character that is not whitespace. */
function skip(text: string, at: number): number {
  let i = at
  while (i < text.length && (text[i] === ' ' || text[i] === '\n' || text[i] === '\t' || text[i] === '\r')) i++
  return i
}

/** A string, and what is joined to it by `+` or, in Python, follows it on the next line. */
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
    const plus = skip(text, end + 1)
    const next = text[plus] === '+' ? skip(text, plus + 1) : nextPart(text, end + 1, plus)
    if (next < 0 || !/['"`]/.test(text.charAt(next))) return { value, end: end + 1 }
    i = next
  }
}

/** Where a string on the next line starts that Python joins to the one before it: it is not the name of a member. */
function nextPart(text: string, from: number, at: number): number {
  const start = text[at] === 'b' ? at + 1 : at
  const quote = text[start]
  if ((quote !== "'" && quote !== '"') || !text.slice(from, Math.min(at, from + 200)).includes('\n')) return -1
  let end = start + 1
  while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1
  const mark = text[skip(text, end + 1)]
  return mark === ':' || mark === '=' ? -1 : start
}

function readObject(text: string, at: number, depth: number): Literal | undefined {
  const value: Record<string, unknown> = Object.create(null)
  let i = at + 1
  for (;;) {
    i = skip(text, i)
    while (text[i] === ',' || text[i] === ';') i = skip(text, i + 1)
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

/** The name of a member, and where its value starts. */
function readKey(text: string, at: number): { name: string; end: number } | undefined {
  let name: string
  let i = at
  if (text[i] === '"' || text[i] === "'") {
    const read = readText(text, i)
    if (!read) return undefined
    name = String(read.value)
    i = read.end
  } else {
    while (
      i < text.length &&
      i < at + 200 &&
      /[\w$:@.[\]()-]/.test(text[i]!) &&
      !(text[i] === ':' && i > at && /[\s'"{[]/.test(text[i + 1] ?? ' '))
    )
      i++
    name = text.slice(at, i).replace(/^\[|\]$/g, '')
  }
  i = skip(text, i)
  if (name === '') return undefined
  if (text[i] === ':' || (text[i] === '=' && text[i + 1] !== '>')) return { name, end: i + 1 }
  return text.startsWith('=>', i) ? { name: name.replace(/^:/, ''), end: i + 2 } : undefined
}

function readArray(text: string, at: number, depth: number): Literal | undefined {
  if (/^\[(?:Object|Array|Function|Circular|Getter|Symbol|Class|AsyncFunction|native)/.test(text.slice(at, at + 24))) {
    const end = text.indexOf(']', at)
    if (end < 0 || end > at + 300) return undefined
    return text.startsWith(' {', end + 1) ? readLiteral(text, end + 2, depth + 1) : { value: undefined, end: end + 1 }
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

/** A number, a word, an object of a class, or the bytes of a Buffer, whose value is unknown. */
function readWord(text: string, at: number, depth: number): Literal | undefined {
  const [prefix = ''] =
    /^(?:<ref \*\d{1,6}> )?(?:[A-Za-z_$][\w$]{0,60} ?)?(?:\[[^\]\n]{1,60}\] )?(?:\(\d{1,9}\) ?)?(?=[{[])/.exec(
      text.slice(at, at + 200),
    ) ?? []
  if (prefix !== '') return readLiteral(text, at + prefix.length, depth + 1)
  if (text[at] === '<') {
    const end = text.indexOf('>', at)
    return end < 0 || end > at + 400 ? undefined : { value: undefined, end: end + 1 }
  }
  const [word] = /^[\w$.+-]{0,60}(?:\(\d{0,9}\))?/.exec(text.slice(at, at + 80))!
  const next = at + word.length
  if (/^(?:b|u|r|f|rb|br)$/.test(word) && /['"]/.test(text.charAt(next))) return readText(text, next)
  const end = endOfPart(text, at)
  const content = text
    .slice(at, Math.min(end, at + 500))
    .trim()
    .replace(/;$/, '')
  // Objective-C quotes no value that is letters and digits
  if (/^\d{8}T\d{6}Z$/.test(content)) return { value: content, end }
  if (/^-?\d+(?:\.\d+)?$/.test(content)) return { value: Number(content), end }
  if (/^(?:null|None|nil)$/.test(content)) return { value: null, end }
  return { value: /^(?:true|True)$/.test(content) ? true : undefined, end: Math.max(end, at) }
}

/** Where a part that cannot be read ends: at a comma, the end of the line, or the end of what it is in. */
function endOfPart(text: string, at: number): number {
  let i = at
  while (i < text.length && text[i] !== ',' && text[i] !== '\n' && text[i] !== '}' && text[i] !== ']') i++
  return i === at && text[i] === ']' ? i + 1 : i
}
