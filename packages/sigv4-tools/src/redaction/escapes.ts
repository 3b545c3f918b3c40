// Decodes the escapes in a string, and maps each character to its original location.

/** A string without escapes, and the original location of each character. */
export interface Plain {
  readonly text: string
  readonly origin: (index: number) => number
}

/**
 * Characters that are not part of a value, and escapes in it: invisible characters and colors, the end of a string
 * literal and the start of the next one, percent-encoding, the `=` of quoted-printable (unless it makes a signature or a
 * secret complete, which start with 3d), HTML entities, escapes of programs, line continuations.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colors consist of them
  /[\xad\u200b-\u200d\u2060\ufeff]+|\x1b\[[0-?]*[ -/]*[@-~]|(?<![\s=:,([{>])["'`](?:[\s\\_]|`(?=\r?\n))*(?:(?:\+\+?|\.\.?|&&?|~|\|\||<[<>]|\^|\)?\.\w{3,10}\()(?:[\s\\_]|`(?=\r?\n))*)?[a-z@$]{0,2}["'`]|=3D(?!(?:[\da-f]{62}|[\da-z+/]{38})(?![\da-z+/]))|%(?:25)*([2-6][\da-f]|7[\da-e]|0[9ad])|&(?:amp;)*(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,6}));|\\+(?:u\{([\da-f]{1,6})\}|u(?:0000)?([\da-f]{4})|x\{?([\da-f]{2})\}?|([0-3]?[0-7]{2})|\r?\n[ \t]*|(.))|\^\r?\n/gis

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  colon: ':',
  commat: '@',
  equals: '=',
  gt: '>',
  lt: '<',
  nbsp: ' ',
  period: '.',
  plus: '+',
  quot: '"',
  sol: '/',
}
const MARKS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Maximum number of levels of escapes: JSON in JSON in HTML. */
const LEVELS = 4

/** Returns whether a line break splits a value: what is before and after it on its lines, but not more than 200 characters. */
export type IsBroken = (before: string, after: string, lineBreak: string) => boolean

/**
 * Decodes the escapes in a string. With `isBroken`, removes line breaks inside values, too: at each level, because an
 * escape may be broken, and a line break escaped.
 */
export function withoutEscapes(text: string, isBroken?: IsBroken): Plain {
  let plain: Plain = { text, origin: (index) => index }
  for (let level = 0; level < LEVELS; level++) {
    const before = plain.text
    if (isBroken) plain = follow(plain, joinOnce(plain.text, isBroken))
    plain = follow(plain, unescapeOnce(plain.text))
    if (plain.text === before) break
  }
  return plain
}

/** Returns a string without escapes, and, if it has line breaks inside values, the same without these. */
export function formsOf(text: string, isBroken: IsBroken): Plain[] {
  const plain = withoutEscapes(text)
  const joined = /[\r\n]/.test(plain.text) ? withoutEscapes(text, isBroken) : plain
  return joined.text === plain.text ? [plain] : [plain, joined]
}

function follow({ text, origin }: Plain, next: Plain): Plain {
  return { text: next.text, origin: next.text === text ? origin : (index) => origin(next.origin(index)) }
}

/**
 * A line break, what quoted-printable, shells and HTML add before it, and the indentation and quotation marks after it.
 * An empty line ends a value.
 */
const BREAK = /(?<![ \t])[ \t]{0,8}(?:[=\\^`]|<br ?\/?>)?(?:\r\n?|\n)[ \t]*(?:(?:>|&gt;|\|)[ \t]*){0,8}(?![\s>|])/gi
/** Number of characters before and after a line break that show whether it splits a value. */
const AROUND = 200

function joinOnce(text: string, isBroken: IsBroken): Plain {
  let before = ''
  let last = 0
  return replaceAll(text, BREAK, (found, index) => {
    const at = Number(index)
    before = (before + text.slice(Math.max(last, at - AROUND), at)).slice(-AROUND)
    last = at + found.length
    const isJoined = isBroken(before.slice(before.lastIndexOf('\n') + 1), restOfLine(text, last), found)
    if (!isJoined) before = ''
    return isJoined ? '' : found
  })
}

function restOfLine(text: string, from: number): string {
  return text.slice(from, from + AROUND).split('\n', 1)[0]!
}

function unescapeOnce(text: string): Plain {
  return replaceAll(text, ESCAPES, (found, ...groups) => {
    const [percent, entity, decimal, name, brace, unicode, hex, octal, mark] = groups
    const digits = percent ?? entity ?? brace ?? unicode ?? hex
    const code = digits
      ? Number.parseInt(digits, 16)
      : octal
        ? Number.parseInt(octal, 8)
        : Number(decimal ?? Number.NaN)
    let value = code <= 0x10ffff ? String.fromCodePoint(code) : found.startsWith('=') ? '=' : ''
    if (mark !== undefined) value = MARKS[mark] ?? mark
    if (name !== undefined) value = ENTITIES[name.toLowerCase()] ?? found
    return value
  })
}

/** Replaces the matches of a pattern. `replace` receives the match, its groups, its index, and the string. */
function replaceAll(text: string, pattern: RegExp, replace: (found: string, ...groups: string[]) => string): Plain {
  const starts = [0]
  const shifts = [0]
  let shift = 0
  const result = text.replace(pattern, (found, ...groups: (string | number | undefined)[]) => {
    const value = replace(found, ...(groups as string[]))
    starts.push(Number(groups[groups.length - 2]) - shift + value.length)
    shift += found.length - value.length
    shifts.push(shift)
    return value
  })
  return {
    text: result,
    origin(index) {
      let low = 0
      let high = starts.length - 1
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if (starts[middle]! <= index) low = middle
        else high = middle - 1
      }
      return index + shifts[low]!
    },
  }
}
