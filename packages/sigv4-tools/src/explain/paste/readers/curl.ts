import { FENCE, type Found, foundRequest, headerOf, type Paste, unescapeString } from '../model/found.ts'

// Commands of curl and wget, for bash and for cmd.exe, as people write them and as browsers copy them.

/** Options that have a value, by its kind. */
const VALUES: Readonly<Record<string, string>> = {
  method: 'X request method',
  header: 'H header',
  data: 'd data data-ascii data-binary data-raw body-data post-data',
  unknown: 'data-urlencode F form form-string',
  json: 'json',
  query: 'url-query',
  file: 'T upload-file',
  url: 'url',
  'User-Agent': 'A user-agent',
  Referer: 'e referer',
  Cookie: 'b cookie',
  other:
    'u user o output x proxy m max-time w write-out c cookie-jar E cert key K r range z Y y C D dump-header cacert capath resolve retry connect-timeout connect-to aws-sigv4 limit-rate interface ciphers',
}

const KINDS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(VALUES).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])),
)

/** Reads a command of curl that starts on a line. */
export function readCurl(paste: Paste, at: number, line: string): Found[] | undefined {
  const start = /(?:^|[\s`'"$>#])(?:curl(?:\.exe)?|wget)[ \t]+(?=\S)/.exec(line)
  const from = start ? start.index + start[0].length : 0
  if (!start || !/^(?:-|\$?['"^]|https?:|[\w-]{1,63}[.:][\w-]|\\$)/.test(line.slice(from))) return undefined
  const to = commandEnd(paste, at)
  const text = paste.lines
    .slice(at, to + 1)
    .join('\n')
    .slice(from)
  paste.budget.left -= text.length
  // for cmd.exe, a caret escapes the next character
  const isCmd = /\^["\n]/.test(text)
  const { words } = shellWords(isCmd ? text.replace(/\^([\s\S])/g, (_, mark) => (mark === '\n' ? ' ' : mark)) : text)
  const name = /wget/.test(start[0]) ? 'wget' : 'curl'
  const options = readOptions(words.map((word) => (name === 'wget' && word === '-O' ? '-o' : word)))
  return curlRequest([at, to], `a ${name} command`, options)
}

/** The last line of a command: the lines before it end with a backslash or a caret, or the next one is an option. */
function commandEnd(paste: Paste, at: number): number {
  let i = at
  for (; i + 1 < paste.lines.length && i < at + 120 && paste.budget.left > 0; i++) {
    const next = paste.lines[i + 1]!
    if (next === FENCE) break
    const isContinued = /[\\^`]\s*$/.test(paste.lines[i]!) || /^\s*-{1,2}[A-Za-z][\w-]*(?:[ =]|$)/.test(next)
    const text = isContinued ? '' : paste.lines.slice(at, i + 1).join('\n')
    if (!isContinued && (text.length > 20_000 || !shellWords(text).isOpen)) break
    paste.budget.left -= next.length
  }
  return i
}

/** The words of a shell command, up to its end, and whether a quotation mark is open there. */
function shellWords(text: string): { words: string[]; isOpen: boolean } {
  const words: string[] = []
  let word: string | undefined
  let isOpen = false
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!
    const isAnsi = mark === '$' && text[i + 1] === "'"
    if (mark === "'" || mark === '"' || isAnsi) {
      const from = isAnsi ? i + 2 : i + 1
      const quote = text[from - 1]!
      let end = from
      while (end < text.length && text[end] !== quote) end += (isAnsi || quote === '"') && text[end] === '\\' ? 2 : 1
      const content = text.slice(from, end)
      word ??= ''
      if (isAnsi) word += unescapeString(content)
      else word += quote === "'" ? content : content.replace(/\\\n/g, '').replace(/\\(["\\$`])/g, '$1')
      isOpen = end >= text.length
      i = end
    } else if (mark === '\\' || (mark === '`' && text[i + 1] === '\n')) {
      if (text[i + 1] !== '\n') word = (word ?? '') + (text[i + 1] ?? '')
      i++
    } else if (/\s/.test(mark)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (
      /[|`]/.test(mark) ||
      (/[;>]/.test(mark) && word === undefined) ||
      (mark === '&' && /\s|&/.test(text[i + 1] ?? ' '))
    )
      break
    else word = (word ?? '') + mark
  }
  if (word !== undefined) words.push(word)
  return { words, isOpen }
}

/** Options by the kind of their value; `flags` are those without a value, `urls` the other words. */
type Options = Readonly<Record<string, string[]>>

function readOptions(words: readonly string[]): Options {
  const flags: string[] = []
  const urls: string[] = []
  const found: Record<string, string[]> = { flags, urls }
  let i = 0
  const take = (name: string, value: string | undefined): boolean => {
    const kind = KINDS.get(name)
    if (kind === undefined) flags.push(name)
    else {
      found[kind] ??= []
      found[kind].push(value || (words[++i] ?? ''))
    }
    return kind !== undefined
  }
  for (; i < words.length; i++) {
    const word = words[i]!
    const [, long, value] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (long !== undefined) take(long, value)
    else if (/^-[A-Za-z#]/.test(word)) {
      for (let at = 1; at < word.length; at++) if (take(word[at]!, word.slice(at + 1))) break
    } else urls.push(word)
  }
  return found
}

function curlRequest(lines: [number, number], what: string, found: Options): Found[] | undefined {
  const { urls = [], flags = [], header = [], data = [], json = [], unknown = [] } = found
  const absolute = found.url?.[0] ?? urls.find((each) => /^https?:\/\//i.test(each))
  const url = absolute ?? urls.find((each) => /^[\w.-]+[:/]/.test(each))
  if (url === undefined) return undefined
  const headers = header.flatMap((each): [string, string][] => {
    const [, name, mark, text = ''] = /^([^:;]+)([:;])(.*)$/s.exec(each) ?? []
    const value = text.trim()
    return name !== undefined && (value !== '' || mark === ';') ? [[name, value]] : []
  })
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && headerOf(headers, name.toLowerCase()) === undefined) headers.push([name, value])
  }
  for (const name of ['User-Agent', 'Referer', 'Cookie']) add(name, found[name]?.[0])
  const isFlag = (...names: string[]): boolean => names.some((name) => flags.includes(name))
  const content = [...data, ...json]
  const isQuery = isFlag('G', 'get')
  const isPost = content.length > 0 && !isQuery
  if (isPost && !header.some((each) => /^content-type:\s*$/i.test(each)))
    add('Content-Type', json.length ? 'application/json' : 'application/x-www-form-urlencoded')
  const usual = isPost || (unknown.length && !isQuery) ? 'POST' : isFlag('I', 'head', 'spider') ? 'HEAD' : 'GET'
  const isUnknown = unknown.length > 0 || found.file !== undefined || data.some((each) => each.startsWith('@'))
  const body = isUnknown ? undefined : isPost ? content.join('&') : ''
  // curl escapes the values of --url-query
  const added = (found.query ?? []).map((each) =>
    each.replace(/^(\+|[^=]*=)?(.*)$/s, (_, name = '', value) =>
      name === '+' ? value : name + encodeURIComponent(value),
    ),
  )
  const target = [url, ...added].join('&').replace(/^([^?]*?)&/, '$1?')
  const method = found.method?.[0]?.toUpperCase() ?? (found.file ? 'PUT' : usual)
  return [foundRequest(lines, what, method, target, unknown.length && !isQuery ? undefined : headers, body)]
}
