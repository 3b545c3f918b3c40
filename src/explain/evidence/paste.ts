import { type Plain, withoutEscapes } from '../../core/secrets/escapes.ts'
import { isSecretShaped } from '../../core/secrets/find.ts'
import { type HiddenPlace, hideParts, placesOf, SECRET } from '../../core/secrets/hide.ts'
import { endOf, isComplete, namedValues, restOfLine } from '../../core/secrets/named.ts'
import { dedent, FENCE, type Found, indentOf, type Paste } from './found.ts'
import { type Numbered, tidy, unescapeMarkdown, unwrapLines } from './tidy.ts'

// Removes email quotation marks, Markdown and terminal colors from a paste, and masks its secrets.

/** Cleans a pasted text, line by line: the numbers of lines do not change. Secrets are masked. */
export function readPaste(text: string): { paste: Paste; secrets: Found[] } {
  const clean = unescapeMarkdown(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what colors are made of
    .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g, '')
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u00a0\u202f\u2007]/g, ' ')
  const ends = clean.includes('\n') ? '\n' : /\r/.test(clean) ? '\r' : '\n'
  const shown = clean.split(ends).map(withoutReturns)
  const first = unwrap(tidy({ lines: shown, numbers: shown.map((_, i) => i) }))
  const { lines: plain, numbers } = unwrap({ ...first, lines: unwrapLines(unquote([...first.lines])) })
  const lines = plain.map((line, i) => (isFence(line) ? FENCE : unlog(unwire(line), plain[i + 1])))
  const secrets = maskSecrets(lines)
  const starts: number[] = []
  let start = 0
  for (const line of lines) {
    starts.push(start)
    start += line.length + 1
  }
  return {
    paste: {
      lines,
      numbers: [...numbers, shown.length],
      text: lines.join('\n'),
      starts,
      budget: { left: text.length * 6 + 1_000_000 },
    },
    secrets,
  }
}

/** Widths that terminals and mail break lines at. */
const [NARROWEST, WIDEST] = [60, 132]

/** Widths at which a single line may have been broken. */
const COMMON = [72, 76, 80, 120]

/** Joins lines that were broken at a width, in the middle of words. */
function unwrap({ lines, numbers }: Numbered): Numbered {
  let width = 0
  for (const line of lines) if (line.length > width) width = line.length
  const isBroken = (i: number): boolean => lines[i]!.length === width && i + 1 < lines.length && isRest(lines[i + 1]!)
  let count = 0
  if (width >= NARROWEST && width <= WIDEST) for (const [i] of lines.entries()) if (isBroken(i)) count++
  if (count === 0 || (count === 1 && !COMMON.includes(width))) return { lines, numbers }
  const [joined, kept]: [string[], number[]] = [[], []]
  let indent = width
  for (const line of lines) if (line.trim() !== '') indent = Math.min(indent, indentOf(line))
  for (const [i, line] of lines.entries())
    if (i > 0 && isBroken(i - 1)) joined[joined.length - 1] += dedent(line, indent)
    else {
      joined.push(line)
      kept.push(numbers[i]!)
    }
  return { lines: joined, numbers: kept }
}

/** Whether a line may be the rest of another: it does not start like one of its own. */
function isRest(line: string): boolean {
  return (
    line.trim() !== '' &&
    !isFence(line) &&
    !/^(?:[<>*|][ <>*]|>|[\w-]{2,40}: |[A-Z]{3,10} \/|HTTP\/\d|\d{4}-\d\d-\d\d)/.test(line)
  )
}

/** What a terminal shows of a line: what follows its last carriage return, without the progress meter of curl. */
function withoutReturns(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  const shown = line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
  const meter = shown.slice(0, 120).lastIndexOf('--:--:-- ')
  if (meter < 0) return shown
  const rest = shown.slice(meter + 9).replace(/^ *[\d.]+[kMG]?(?=[*<>{}]|$)/, '')
  return /^[*<>{}]/.test(rest) ? rest : shown
}

/** A line of the wire log of Apache's HttpClient, of Ruby's Net::HTTP or of OkHttp on Android, as curl would write it. */
function unwire(line: string): string {
  const [, received] = /^\s*-> "(.*)\\r\\n"$/s.exec(line) ?? []
  if (received !== undefined) return `< ${received}`
  const [, tagged] = /^.{0,80}\b[Oo]k[Hh]ttp[\w.]{0,40} *(?:\(\s*\d{1,9}\))? ?: (.*)$/s.exec(line) ?? []
  if (tagged !== undefined) return tagged
  const [, way, content] = /http-outgoing-\d{1,9} (>>|<<) (.*)$/s.exec(line) ?? []
  if (way === undefined || content === undefined) return line
  const text = /^".*"$/.test(content) ? content.slice(1, -1) : content
  const end = text.lastIndexOf('[\\r][\\n]')
  const isHead = (end >= 0 && /^(?:[\w-]{1,60}:|HTTP\/|[A-Z]{3,10} |$|\[\\r\])/.test(text)) || !content.startsWith('"')
  // the size of a chunk is not part of the body
  if (end >= 0 && /^[\da-f]{1,8}\[/i.test(text)) return ''
  return isHead ? `${way[0]} ${end < 0 ? text : text.slice(0, end)}` : text.replace(/(?:\[\\r\])?\[\\n\]$/, '')
}

/** The first line of a message without what a log puts in front of it, if a header is on the next line. */
function unlog(line: string, next = ''): string {
  if (line.length > 20_000 || !/^[\w-]{2,60}: /.test(next)) return line
  const start =
    /[\s>] ?(?:(?:GET|PUT|POST|HEAD|DELETE|PATCH) \/\S* HTTP\/1\.[01]|HTTP\/[12](?:\.[01])? \d{3}(?: [A-Za-z ]{0,40})?)$/.exec(
      line,
    )
  if (
    !start ||
    start.index > 120 ||
    /^\s*[<>*|]?$/.test(line.slice(0, start.index + 1).trim()) ||
    /["'<>]$/.test(line.slice(0, start.index))
  )
    return line
  return line.slice(start.index + 1).trimStart()
}

function isFence(line: string): boolean {
  return /^[ \t]*(?:```|~~~)[\w+-]*[ \t]*$/.test(line)
}

/** Removes the `>` of quoted text, which is not that of a request in a log of curl. */
function unquote(lines: string[]): string[] {
  let current = lines
  for (let depth = 0; depth < 8; depth++) {
    let isChanged = false
    const next = [...current]
    let isOpen = false
    for (let from = 0; from < current.length; from++) {
      const first = current[from]!
      if (!isMarked(first)) {
        if (!/^\s*[*{}]/.test(first)) isOpen = false
        continue
      }
      let to = from
      while (to + 1 < current.length && isMarked(current[to + 1]!)) to++
      const contents = current.slice(from, to + 1).map(unmark)
      const isLog: boolean = isOpen ? contents.every((line) => /^(?:[\w-]+:.*|\s*)$/.test(line)) : isRequest(contents)
      isOpen = isLog && contents.every((line) => line.trim() !== '')
      if (!isLog) {
        for (const [i, line] of contents.entries()) next[from + i] = line
        isChanged = true
      }
      from = to
    }
    if (!isChanged) break
    current = next
  }
  return current
}

function isMarked(line: string): boolean {
  return /^[ \t]*(?:>|&gt;)/.test(line)
}

function unmark(line: string): string {
  return line.replace(/^[ \t]*(?:>|&gt;) ?/, '')
}

/** Whether marked lines are one request head of a log of curl, and nothing else. */
function isRequest(contents: readonly string[]): boolean {
  if (!/^[A-Z]{3,10} +\S+ +HTTP\/[\d.]+\s*$/.test(contents[0]!)) return false
  const end = contents.findIndex((line) => line.trim() === '')
  return end < 0 || contents.slice(end).every((line) => line.trim() === '')
}

/** What a line contains in which a secret may be. */
const SUSPECT = /secret|passw|(?:session|security)_?-?token|\s--?u|A[KS]IA[A-Z\d]{16}/i
const KEYS = /secret(?:[ _-]?access)?(?:[ _-]?key)?\w{0,20}|passw(?:or)?d\w{0,20}/gi
const USERS = /(?:\s-u|\s--user)[ =]["']?[A-Z\d]{16,32}:([\w/+=.-]{16,})/g
const JOINED = /A[KS]IA[A-Z\d]{16}["']?[^\s\w&=]([A-Za-z\d/+=]{30,})/g
const TOKENS = /(?:session_?-?token|security_?-?token)["'`]* *(?:=>|[:=]) *["'`(]*([\w/+=.%-]{16,})/gi
/** A string in an expression that may be a part of a secret. */
const PART = /["'`](?=[A-Za-z\d+/]*[A-Z])(?=[A-Za-z\d+/]*[\d+/])[A-Za-z\d+/]{9,80}/
const SECRET_LENGTH = 40
/** Lines that are read with one that may contain a secret: a string may go on there. */
const MOST_LINES = 4
/** Most secrets that are looked for outside of their own line. */
const MOST_SECRETS = 20

/** Masks secret access keys and session tokens; a token in a request is needed, so it is only reported. */
function maskSecrets(lines: string[]): Found[] {
  const found: Found[] = []
  const keys = new Set<string>()
  for (const [at, line] of lines.entries()) {
    if (!SUSPECT.test(line)) continue
    const text = lines.slice(at, at + MOST_LINES).join('\n')
    const plain = withoutEscapes(text)
    const inLine = (values: Value[]): Value[] => values.filter((each) => plain.origin(each.at) < line.length)
    const secrets = inLine(secretsIn(plain.text))
    const tokens = inLine(matchesIn(plain.text, TOKENS))
    if (secrets.length + tokens.length === 0) continue
    for (const { value } of secrets) keys.add(value)
    const isSent = /x-amz-security-token/i.test(line)
    const masked = [...secrets, ...tokens.filter(({ name }) => !(isSent && /^security-token/i.test(name)))]
    lines.splice(at, MOST_LINES, ...maskParts(text, plain, masked))
    const what = secrets.length
      ? tokens.length
        ? 'A secret access key and a session token'
        : 'A secret access key'
      : 'A session token'
    found.push({ kind: 'credentials', from: at, to: at, description: `${what}, do not share this line` })
  }
  if (keys.size > 0) {
    const text = lines.join('\n')
    const plain = withoutEscapes(text)
    const places = [...keys].slice(0, MOST_SECRETS).flatMap((key) => placesOf(plain.text, key))
    for (const [at, line] of maskParts(text, plain, places).entries()) lines[at] = line
  }
  return found
}

function maskParts(text: string, plain: Plain, places: readonly HiddenPlace[]): string[] {
  const parts = places.map(({ from, to }) => ({ from, to, mask: SECRET }))
  return hideParts(text, plain, parts).split('\n')
}

interface Value extends HiddenPlace {
  /** Where its name starts. */
  readonly at: number
  readonly name: string
  readonly value: string
}

/** Secrets that a name or a key ID precedes, with everything that may belong to them. */
function secretsIn(text: string): Value[] {
  const found = [USERS, JOINED].flatMap((pattern) => matchesIn(text, pattern))
  let last = 0
  for (const { at, from, value: given, separator } of namedValues(text, KEYS)) {
    if (at < last || !/[=:>]|\bis\b/i.test(separator)) continue
    const value = given.trimEnd()
    const end = from + value.length
    const to = endOfSecret(text, { from, to: end }, isReal(value))
    if (to === undefined) continue
    found.push({ at, name: '', value, from, to })
    last = to
  }
  return found
}

/** Where a secret ends; `undefined` if it is not one. A line that seems to continue it may be evidence. */
function endOfSecret(text: string, place: HiddenPlace, isLikely: boolean): number | undefined {
  const { from, to } = place
  const line = restOfLine(text, to)
  if (!isComplete(text, place)) return PART.test(line) ? endOf(text, place) : isLikely ? to + line.length : undefined
  const end = to - from < SECRET_LENGTH ? endOf(text, place) : to
  if (isSecretShaped(text.slice(from, end).replace(/\s+/g, ''))) return end
  return isLikely ? to : undefined
}

function matchesIn(text: string, pattern: RegExp): Value[] {
  return [...text.matchAll(pattern)].flatMap(({ 0: name, 1: value = '', index }) => {
    const to = index + name.length
    return isReal(value) ? [{ at: index, name, value, from: to - value.length, to }] : []
  })
}

/** Whether a value is a secret, and not a placeholder or an expression of a program. */
function isReal(value: string): boolean {
  return (
    value.length >= 16 &&
    /\d/.test(value) &&
    new Set(value.slice(0, 100)).size > 7 &&
    !/^(?:process\.|os\.|env\.|YOUR|x{6}|\*)/i.test(value)
  )
}
