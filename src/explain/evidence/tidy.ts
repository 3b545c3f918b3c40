import { unescapeXml } from '../../core/encoding/xml.ts'

// Undoes what editors, forums and logs do to all lines that they show.

/** Lines, and where each was before some were joined or removed. */
export interface Numbered {
  readonly lines: readonly string[]
  readonly numbers: readonly number[]
}

/** Placeholders in a URL or a signature: brackets would end it. */
const PLACEHOLDER =
  /(https?:\/\/[\w.-]{0,60}|\/|%2F|[?&][\w.-]{1,40}=|(?:Credential|Signature)=)(?!<br)(?:<{1,2}[*_]{0,2}[\w .-]{1,40}[*_]{0,2}>{1,2}|(?<=(?:=|:\/\/)[\w.-]{0,60})\$?\{{1,2}[\w .-]{1,40}\}{1,2})(?=[\w./:%&,;"'`) -]|$)/gm

/** An access key ID or a signature that was removed. */
const REMOVED = /((?:Credential|Signature)=)(?=\/|%2F|["'`& ]|\s{0,9}$|\n(?!\s{0,40}[\da-f]{8}))/g

/** Text without typographic quotation marks, the escapes of Markdown, and the brackets of placeholders. */
export function unescapeMarkdown(text: string): string {
  return text
    .replace(PLACEHOLDER, '$1***')
    .replace(REMOVED, '$1***')
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u2018\u2019\u201a]/g, "'")
    .replace(/\\(?=[_*-])|<br *\/?>(?=\n)/gi, '')
}

/** Lines without what a log puts in front of them, and without the escapes of HTML if all tags have them. */
export function unwrapLines(lines: readonly string[]): string[] {
  const text = lines.join('\n')
  const isEscaped = /&lt;[?\w]/.test(text) && !/<(?:\?xml|\w*Error|Code|Message)/.test(text)
  return unprefix(isEscaped ? lines.map(unescapeXml) : lines)
}

/** Lines without numbers, blank lines, trailing spaces and the marks of lists and tables, where they are those of an editor. */
export function tidy({ lines, numbers }: Numbered): Numbered {
  const shown = undecorate(unnumber(lines))
  const filled = [...shown.keys()].filter((i) => shown[i]!.trim() !== '')
  const isSpaced = filled.length > 5 && filled.every((at, i) => i === 0 || at > filled[i - 1]! + 1)
  if (!isSpaced) return { lines: shown, numbers }
  const kept = [...shown.keys()].filter((i) => shown[i]!.trim() !== '' || shown[i - 1]?.trim() === '')
  return { lines: kept.map((i) => shown[i]!), numbers: kept.map((i) => numbers[i]!) }
}

/** The names of headers that a list or a table shows in a style of its own. */
const STYLED =
  /^\s*(?:[-*•] +)?(?:\*\*|`|\| *)?(authorization|host|date|server|(?:content|x-amzn?)-[\w-]{1,60})(?:\*\*|`)?(?: *[:|] *|\t)(?:\*\*)?(?: *`)?(.*?)(?:`|\*\*|\|)?$/is

function undecorate(lines: readonly string[]): string[] {
  const isTrailing = lines.length > 2 && lines.every((line) => line.endsWith('  '))
  return lines.map((line) => {
    const text = isTrailing ? line.slice(0, -2) : line
    const [, name, value = ''] =
      text.length > 6 && /^\s*(?:[-*•] |\*\*|`|\||[\w-]{4,60}\t)/.test(text) ? (STYLED.exec(text) ?? []) : []
    return name === undefined ? text : `${name}: ${value.trim()}`
  })
}

/** Removes the numbers of lines. */
function unnumber(lines: readonly string[]): readonly string[] {
  if (!/^\s*\d/.test(lines.find((line) => line !== '') ?? '')) return lines
  const found = lines.map((line) => /^\s*(\d{1,5})(?:(?:[.:)]| *\|)?(?: {1,2}|\t|$))/.exec(line))
  const isNext = (i: number): boolean => Number(found[i]?.[1]) === Number(found[i - 1]?.[1]) + 1
  const count = [...lines.keys()].filter(isNext).length
  if (count < 3 || count < lines.length * 0.7) return lines
  return lines.map((line, i) => line.slice(found[i]?.[0].length ?? 0))
}

/** Removes what a log puts in front of its lines: a time, a level, the name of a container. */
function unprefix(lines: readonly string[]): string[] {
  const starts = lines.map((line) => (line.length < 6 ? '' : `${line.slice(0, 160)} `.replace(/\d/g, '0')))
  const result = [...lines]
  for (let from = 0, to = 0; from < lines.length; from = to) {
    let common = starts[from]!
    for (to = from + 1; to < lines.length; to++) {
      let length = 0
      while (length < common.length && common[length] === starts[to]![length]) length++
      if (length < 6) break
      common = common.slice(0, length)
    }
    const { length } = /^.*(?:[:\])-]|\|) /.exec(common)?.[0] ?? ''
    const rests = lines.slice(from, to).map((line) => line.slice(length))
    const isHead =
      rests.filter((rest) => /^[ <>]{0,2}(?:[\w-]{2,40}: ?\S|[A-Z]{3,7}(?: \/|$)|HTTP\/\d|<\w)/.test(rest)).length > 1
    if (to - from > 2 && length > 5 && (isHead || /^[\w./-]+ *\| $/.test(common.slice(0, length))))
      for (const [i, rest] of rests.entries()) result[from + i] = rest
  }
  return result
}
