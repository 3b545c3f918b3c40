import { type FormField, formRequest, isSignedForm } from '../forms/build.ts'
import { FENCE, type Found, foundRequest, headerOf, type Paste, unescapeString } from '../found.ts'

// Commands of curl and wget, for bash and for cmd.exe, as people write them and as browsers copy them.

/** Options that have a value, by what it is. */
const VALUES: Readonly<Record<string, string>> = {
  method: 'X request method',
  header: 'H header',
  data: 'd data data-ascii data-binary body-data post-data',
  raw: 'data-raw',
  encoded: 'data-urlencode',
  json: 'json',
  query: 'url-query',
  file: 'T upload-file',
  form: 'F form form-string',
  url: 'url',
  'User-Agent': 'A user-agent',
  Referer: 'e referer',
  Cookie: 'b cookie',
  other:
    'u user o output x proxy m max-time w write-out c cookie-jar E cert key K r range z Y y C D dump-header cacert capath resolve retry retry-delay connect-timeout connect-to aws-sigv4 limit-rate interface ciphers tls-max form-escape',
}

const KINDS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(VALUES).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])),
)

/** Reads a command of curl that starts on a line. */
export function readCurl(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /(?:^|[\s`'"$>#])(?:curl(?:\.exe)?|wget)[ \t]+(?=\S)/.exec(line)
  const from = start ? start.index + start[0].length : 0
  if (!start || !/^(?:-|\$?['"^]|https?:|[\w-]{1,63}[.:][\w-]|\\$)/.test(line.slice(from))) return undefined
  const to = commandEnd(paste, at)
  const text = paste.lines
    .slice(at, to + 1)
    .join('\n')
    .slice(from)
  paste.budget.left -= text.length
  // for cmd.exe, a caret escapes what follows it
  const isCmd = /\^["\n]/.test(text)
  const { words } = shellWords(isCmd ? text.replace(/\^([\s\S])/g, (_, mark) => (mark === '\n' ? ' ' : mark)) : text)
  const isWget = /wget/.test(start[0])
  const found = curlRequest(
    [at, to],
    isWget ? 'a wget command' : 'a curl command',
    readOptions(words.map((word) => (isWget && word === '-O' ? '-o' : word))),
  )
  return found && [found]
}

/** The last line of a command: the lines before it end with a backslash, a caret or a backtick, or the next is an option. */
function commandEnd(paste: Paste, at: number): number {
  let i = at
  for (; i + 1 < paste.lines.length && i < at + 120; i++) {
    const next = paste.lines[i + 1]!
    if (next === FENCE) break
    const isContinued = /[\\^`]\s*$/.test(paste.lines[i]!) || /^\s*-{1,2}[A-Za-z][\w-]*(?:[ =]|$)/.test(next)
    if (!isContinued) {
      const text = paste.lines.slice(at, i + 1).join('\n')
      if (text.length > 20_000 || !shellWords(text).isOpen) break
    }
    paste.budget.left -= next.length
    if (paste.budget.left < 0) break
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
    } else if (mark === '\\' || mark === '`') {
      if (mark === '`' && text[i + 1] !== '\n') break
      if (text[i + 1] !== '\n') word = (word ?? '') + (text[i + 1] ?? '')
      i++
    } else if (/\s/.test(mark)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (
      mark === '|' ||
      (/[;>]/.test(mark) && word === undefined) ||
      (mark === '&' && /\s|&/.test(text[i + 1] ?? ' '))
    )
      break
    else word = (word ?? '') + mark
  }
  if (word !== undefined) words.push(word)
  return { words, isOpen }
}

/** Marks a value of `--form-string`. */
const LITERAL = '\0'

/** Options by what their value is; `flags` are the ones without a value, `urls` the other words. */
type Options = Readonly<Record<string, string[]>>

function readOptions(words: readonly string[]): Options {
  const found: Record<string, string[]> = { flags: [], urls: [] }
  const take = (name: string, value: string | undefined, next: () => string | undefined): boolean => {
    const kind = KINDS.get(name)
    const given = kind === undefined ? name : value || (next() ?? '')
    found[kind ?? 'flags'] ??= []
    // a value that is not a file, whatever it starts with
    found[kind ?? 'flags']!.push(name === 'form-string' ? given.replace('=', `=${LITERAL}`) : given)
    return kind !== undefined
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.replace(/^[\u2013\u2014](?=[A-Za-z])/, (dash) => (dash === '\u2014' ? '--' : '-'))
    const next = (): string | undefined => words[++i]
    const [, long, value] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (long !== undefined) take(long, value, next)
    else if (/^-[A-Za-z#]/.test(word)) {
      for (let at = 1; at < word.length; at++) if (take(word[at]!, word.slice(at + 1), next)) break
    } else found.urls!.push(word)
  }
  return found
}

/** The fields that a command sends as a form. */
function formOf({ form = [] }: Options): FormField[] {
  return form.map((given): FormField => {
    const equals = given.indexOf('=')
    const [name, value] = [given.slice(0, equals), given.slice(equals + 1)]
    if (value.startsWith(LITERAL)) return { name, value: value.slice(1) }
    if (value.startsWith('@'))
      return { name, value: '', filename: value.slice(1).split(';', 1)[0]!, type: /;type=([^;]+)/.exec(value)?.[1] }
    return { name, value: value.startsWith('<') ? undefined : value.replace(/;(?:type|encoder)=[^;]*$/, '') }
  })
}

function curlRequest(lines: [number, number], what: string, found: Options): Found | undefined {
  const { urls = [], flags = [], header = [], data = [], raw = [], encoded = [], json = [], query = [] } = found
  const form = formOf(found)
  const absolute = found.url?.[0] ?? urls.find((each) => /^https?:\/\//i.test(each))
  if (isSignedForm(form)) {
    const request = formRequest(absolute, form)
    const description = `Form of a presigned POST, sent by ${what}`
    return { kind: 'request', from: lines[0], to: lines[1], description, ...(request && { request }) }
  }
  const url = absolute ?? urls.find((each) => /[./]/.test(each) && /^[\w.-]+[:/]/.test(each))
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
  const content = [...data, ...raw, ...encoded, ...json]
  const isPost = content.length > 0 && !flags.includes('G') && !flags.includes('get')
  if (isPost && !header.some((each) => /^content-type:\s*$/i.test(each)))
    add('Content-Type', json.length ? 'application/json' : 'application/x-www-form-urlencoded')
  const isHead = ['I', 'head', 'spider'].some((flag) => flags.includes(flag))
  const usual = found.file ? 'PUT' : isPost || form.length ? 'POST' : isHead ? 'HEAD' : 'GET'
  const isUnknown = isPost ? encoded.length > 0 || data.some((each) => each.startsWith('@')) : found.file || form.length
  const body = isUnknown ? undefined : isPost ? content.join('&') : ''
  // curl escapes the values of --url-query
  const added = query.map((each) =>
    each.startsWith('+')
      ? each.slice(1)
      : each.replace(/(^[^=]*=)?(.*)$/s, (_, name = '', value) => name + encodeURIComponent(value)),
  )
  const target = added.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${added.join('&')}`
  return foundRequest(lines, what, found.method?.[0]?.toUpperCase() ?? usual, target, headers, body)
}
