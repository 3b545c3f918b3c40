// Decodes the escapes in a string, and maps each character to its original location.

/** A string without escapes, and the original location of each character. */
export interface Plain {
  readonly text: string
  readonly origin: (index: number) => number
}

/**
 * Characters that are not part of a value, and escapes in it: invisible characters and colors, the end of a string
 * literal and the start of the next one, percent-encoding, HTML entities, escapes of programs, line continuations.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colors consist of them
  /[\xad\u200b-\u200d\u2060\ufeff]+|\x1b\[[0-?]*[ -/]*[@-~]|(?<![\s=:,([{>])["'`](?:[\s\\_]|`(?=\r?\n))*(?:(?:\+\+?|\.\.?|&&?|~|\|\||<[<>]|\^|\)?\.\w{3,10}\()(?:[\s\\_]|`(?=\r?\n))*)?[a-z@$]{0,2}["'`]|%(?:25)*([2-6][\da-f]|7[\da-e]|0[9ad])|&(?:amp;)*(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,6}));|\\+(?:u\{([\da-f]{1,6})\}|u(?:0000)?([\da-f]{4})|x\{?([\da-f]{2})\}?|([0-3]?[0-7]{2})|\r?\n[ \t]*|(.))|\^\r?\n/gis

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

export function withoutEscapes(text: string): Plain {
  let plain: Plain = { text, origin: (index) => index }
  for (let level = 0; level < LEVELS; level++) {
    const next = unescapeOnce(plain.text)
    if (next.text === plain.text) break
    const { origin } = plain
    plain = { text: next.text, origin: (index) => origin(next.origin(index)) }
  }
  return plain
}

function unescapeOnce(text: string): Plain {
  const starts = [0]
  const shifts = [0]
  let shift = 0
  const result = text.replace(ESCAPES, (found, ...groups: (string | number | undefined)[]) => {
    const [percent, entity, decimal, name, brace, unicode, hex, octal, mark, at] = groups as string[]
    const digits = percent ?? entity ?? brace ?? unicode ?? hex
    const code = digits
      ? Number.parseInt(digits, 16)
      : octal
        ? Number.parseInt(octal, 8)
        : Number(decimal ?? Number.NaN)
    let value = code <= 0x10ffff ? String.fromCodePoint(code) : ''
    if (mark !== undefined) value = MARKS[mark] ?? mark
    if (name !== undefined) value = ENTITIES[name.toLowerCase()] ?? found
    starts.push(Number(at) - shift + value.length)
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
