import { type Found, headerOf, type Paste, type PastedHeaders, unescapeString } from '../model/found.ts'
import { readLiteral } from '../model/literal.ts'

// The signed headers of a request in any notation: an Authorization header names them, so they are sought by name.

/** Lines that are searched before and after an Authorization header. */
const MOST_LINES = 60
const LONGEST_LINE = 20_000
/** Maximum number of Authorization headers around which is searched. */
const MOST = 20
/** Headers that a signature needs although it may not cover them, and those that show the body. */
const USUAL = 'host date x-amz-date x-amz-content-sha256 x-amz-security-token content-type content-length content-md5'
/** What separates a name from its value: `: `, `=`, `=>`, `", "`, or the space between columns. */
const SEPARATOR = /^["'`\])]{0,3}(?:\s{0,9}(?:=>|:=|->|[:=,])\s{0,9}|\s{2,80}|\t)(?:Some\()?/

/** A name after a value on the same line. */
const NEXT = /[,;]?\s{1,9}["'[(]?(?!charset|boundary)[A-Za-z][\w-]{1,60}["'\])]?\s{0,3}(?:=>|:=|[:=])/

/** Adds the signed headers that are around an Authorization header which stands alone, in any notation. */
export function completeHeaders(paste: Paste, found: readonly Found[]): Found[] {
  let left = MOST
  return found.map((each, i) => {
    const { headers } = each
    const listed = /SignedHeaders=\s?([^,\s]{1,2000})/.exec(headerOf(headers ?? [], 'authorization') ?? '')?.[1]
    if (!headers || listed === undefined || left-- <= 0) return each
    const isIn = (name: string): boolean => headerOf(headers, name) !== undefined
    const names = [...new Set([...listed.toLowerCase().split(';'), ...USUAL.split(' ')])]
    const missing = names.filter((name) => /^[\w-]{2,80}$/.test(name) && !isIn(name))
    const own = linesAround(paste, found, i)
    const added = missing.flatMap((name) => {
      const value = own.reduce<string | undefined>(
        (value, line) => value ?? valueIn(paste.lines[line]!, name),
        undefined,
      )
      // a program prints the date by the name of its variable
      const plain = name === 'x-amz-date' ? dateIn(own.map((line) => paste.lines[line]!)) : undefined
      return (value ?? plain) === undefined ? [] : [[name, (value ?? plain)!] as const]
    })
    paste.budget.left -= own.length * (missing.length + 20)
    return added.length > 0 ? { ...each, headers: [...headers, ...added] as PastedHeaders } : each
  })
}

function dateIn(lines: readonly string[]): string | undefined {
  const [date, other] = new Set(lines.flatMap((line) => line.match(/(?<![\w-])\d{8}T\d{6}Z(?!\w)/g) ?? []))
  return other === undefined ? date : undefined
}

/** The lines around a finding that are not part of a string, a response, or a different request; the nearest first. */
function linesAround({ lines }: Paste, found: readonly Found[], index: number): number[] {
  const { from, to } = found[index]!
  const other = (each: Found): boolean =>
    each !== found[index] &&
    (each.response !== undefined || each.request?.headers !== undefined || isAuthorization(each))
  const first = Math.max(
    from - MOST_LINES,
    ...found.filter((each) => other(each) && each.to < from).map((each) => each.to + 1),
    0,
  )
  const last = Math.min(
    to + MOST_LINES,
    ...found.filter((each) => other(each) && each.from > to).map((each) => each.from - 1),
    lines.length - 1,
  )
  const strings = found.filter(({ canonicalRequest, stringToSign }) => (canonicalRequest ?? stringToSign) !== undefined)
  const all = Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i)
  const distance = (line: number): number => Math.max(from - line, line - to, 0)
  return all
    .filter(
      (line) => lines[line]!.length <= LONGEST_LINE && !strings.some((each) => each.from <= line && line <= each.to),
    )
    .sort((a, b) => distance(a) - distance(b))
}

function isAuthorization({ headers }: Found): boolean {
  return headerOf(headers ?? [], 'authorization') !== undefined
}

/** The value of a header in a line of any notation. */
function valueIn(line: string, name: string): string | undefined {
  const lower = line.toLowerCase()
  for (const spelling of new Set([name, name.replaceAll('-', '_')]))
    for (let at = lower.indexOf(spelling); at >= 0; at = lower.indexOf(spelling, at + 1)) {
      if (/[\w;-]/.test(line[at - 1] ?? ' ')) continue
      const rest = line.slice(at + spelling.length)
      const separator = SEPARATOR.exec(rest)
      const value = separator ? valueAt(rest.slice(separator[0].length), separator[0]) : undefined
      if (value !== undefined) return value
    }
  return undefined
}

function valueAt(text: string, separator: string): string | undefined {
  const inner = text.replace(/^[[(]\s{0,3}/, '')
  const isList = inner.length < text.length
  if (/^b?["'`]/.test(inner)) {
    const literal = readLiteral(inner, inner[0] === 'b' ? 1 : 0)
    return typeof literal?.value === 'string' ? literal.value : undefined
  }
  // a name in a list of names has no value
  if (/^\s*$|^[;&|)]/.test(inner) || (separator.includes(',') && !isList)) return undefined
  if (isList) return /^[^\]]{1,4000}/.exec(inner)?.[0].trim()
  // up to the next name, or to the end of what contains it
  const next = inner.search(NEXT)
  let end = next < 0 ? inner.length : next
  while (end > 0 && ' \t"\')]},;'.includes(inner[end - 1]!)) end--
  const value = inner.slice(0, end)
  return value.includes('\\') ? unescapeString(value) : value
}
