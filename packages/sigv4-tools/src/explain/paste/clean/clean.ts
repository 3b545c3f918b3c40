import { unescapeXml } from '../../../../../../src/internal/xml.ts'
import { FENCE, type Found, type Paste } from '../model/found.ts'
import { maskSecrets } from './secrets.ts'
import { unwrap } from './unwrap.ts'

// Removes the additions of mail, Markdown, HTML, terminals and logs, and masks secrets.

/** Placeholders in a URL or a signature: brackets would end it. */
const PLACEHOLDER =
  /(https?:\/\/[\w.-]{0,60}|\/|%2F|[?&][\w.-]{1,40}=|(?:Credential|Signature)=)(?!<br)(?:<{1,2}[*_]{0,2}[\w .-]{1,40}[*_]{0,2}>{1,2}|(?<=(?:=|:\/\/)[\w.-]{0,60})\$?\{{1,2}[\w .-]{1,40}\}{1,2})(?=[\w./:%&,;"'`) -]|$)/gm
/** An access key ID or a signature that was removed. */
const REMOVED = /(Credential=(?=\/|%2F)|(?:Credential|Signature)=(?=["'`& ]|\s{0,9}$|\n(?!\s{0,40}[\da-f]{8})))/g
const MARK = /^[ \t]*(?:>|&gt;) ?/
const DEEPEST_QUOTE = 8
/** Prefixes that logs add to the first line of a message. */
const LOGGED =
  /^(?!\s*[<>*|]).{0,120}\S (?=(?:[A-Z]{3,7} \/\S* HTTP\/1\.[01]|HTTP\/[12](?:\.\d)? \d{3}(?: [A-Za-z ]{0,40})?)$)/

/** Cleans a pasted text, line by line. */
export function clean(text: string): { paste: Paste; secrets: Found[] } {
  const plain = text
    .replace(PLACEHOLDER, '$1***')
    .replace(REMOVED, '$1***')
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u2018\u2019\u201a]/g, "'")
    .replace(/\\(?=[_*-])|<br *\/?>(?=\n)/gi, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what colors are made of
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g, '')
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u00a0\u202f\u2007]/g, ' ')
  const end = plain.includes('\n') ? '\n' : '\r'
  const shown = unescapeTags(unquote(plain.split(end).map(withoutReturns)))
  const { lines: messages, origins } = unwrap(withoutPrefixes(shown))
  const lines = messages.map((line, i) => {
    if (isFence(line)) return FENCE
    return /^\s*[\w-]{2,60}: /.test(messages[i + 1] ?? '') ? line.replace(LOGGED, '') : line
  })
  const secrets = maskSecrets(lines)
  const starts: number[] = []
  let start = 0
  for (const line of lines) {
    starts.push(start)
    start += line.length + 1
  }
  const budget = { left: text.length * 6 + 1_000_000 }
  return { paste: { lines, text: lines.join('\n'), starts, origins, budget }, secrets }
}

/** Returns a line as a terminal shows it: the text after its last carriage return, without curl's progress meter. */
function withoutReturns(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  const shown = line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
  const meter = shown.slice(0, 120).lastIndexOf('--:--:-- ')
  if (meter < 0) return shown
  const rest = shown.slice(meter + 9).replace(/^ *[\d.]+[kMG]?(?=[*<>{}]|$)/, '')
  return /^[*<>{}]/.test(rest) ? rest : shown
}

/** Removes the `>` of quoted text, which is not that of a request in a log of curl. */
function unquote(lines: string[]): string[] {
  for (let depth = 0, isChanged = true; isChanged && depth < DEEPEST_QUOTE; depth++) {
    isChanged = false
    for (let from = 0; from < lines.length; from++) {
      const contents: string[] = []
      for (let i = from; i < lines.length && MARK.test(lines[i]!); i++) contents.push(lines[i]!.replace(MARK, ''))
      if (contents.length > 0 && !isHead(contents, lines[from - 1])) {
        for (const [i, line] of contents.entries()) lines[from + i] = line
        isChanged = true
      }
      from += contents.length
    }
  }
  return lines
}

/** Returns whether marked lines are a request head in a log of curl, or the rest of one after a note of curl. */
function isHead(contents: readonly string[], before = ''): boolean {
  const isRest = /^\s*[*{}]/.test(before) && contents.every((line) => /^[\w-]+:|^\s*$/.test(line))
  const end = contents.findIndex((line) => line.trim() === '')
  const isStart = /^[A-Z]{3,10} +\S+ +HTTP\/[\d.]+\s*$/.test(contents[0] ?? '')
  return isRest || (isStart && (end < 0 || contents.slice(end).every((line) => line.trim() === '')))
}

/** Lines without the escapes of HTML, if all tags have them. */
function unescapeTags(lines: string[]): string[] {
  const text = lines.join('\n')
  return /&lt;[?\w]/.test(text) && !/<(?:\?xml|\w*Error|Code|Message)/.test(text) ? lines.map(unescapeXml) : lines
}

/** Lines without the prefix that a log adds to each: a time, a level, the name of a container. */
function withoutPrefixes(lines: readonly string[]): string[] {
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
    const heads = rests.filter((rest) => /^[ <>]{0,2}(?:[\w-]{2,40}: ?\S|[A-Z]{3,7}(?: \/|$)|HTTP\/\d|<\w)/.test(rest))
    const isLog = heads.length > 1 || /^[\w./-]+ *\| $/.test(common.slice(0, length))
    if (to - from > 2 && length > 5 && isLog) for (const [i, rest] of rests.entries()) result[from + i] = rest
  }
  return result
}

function isFence(line: string): boolean {
  return /^[ \t]*(?:```|~~~)[\w+-]*[ \t]*$/.test(line)
}
