import { type FormField, formRequest, isSignedForm } from '../forms/build.ts'
import { FENCE, type Found, headerOf, type Paste, pastedRequest, straighten, unescapeString } from '../found.ts'

// Commands of curl, for bash and for cmd.exe, as people write them and as browsers copy them.

/** Options of curl that have a value, by what it is. */
const VALUES: Readonly<Record<string, string>> = {
  X: 'method',
  request: 'method',
  method: 'method',
  'body-data': 'data',
  'post-data': 'data',
  H: 'header',
  header: 'header',
  d: 'data',
  data: 'data',
  'data-ascii': 'data',
  'data-raw': 'raw',
  'data-binary': 'data',
  'data-urlencode': 'encoded',
  'url-query': 'query',
  json: 'json',
  T: 'file',
  'upload-file': 'file',
  F: 'form',
  form: 'form',
  'form-string': 'form',
  url: 'url',
  A: 'agent',
  'user-agent': 'agent',
  e: 'referer',
  referer: 'referer',
  b: 'cookie',
  cookie: 'cookie',
  u: 'user',
  user: 'user',
}

/** Other options with a value. */
const OTHERS =
  /^(?:o|x|m|w|c|E|K|r|z|Y|y|C|output|proxy|max-time|write-out|cookie-jar|cert|key|cacert|capath|resolve|retry|retry-delay|connect-timeout|aws-sigv4|connect-to|limit-rate|range|interface|ciphers|tls-max|form-escape|dump-header|D)$/

/** Reads a command of curl that starts on a line. */
export function readCurl(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /(?:^|[\s`'"$>#])(?:curl(?:\.exe)?|wget)[ \t]+(?=\S)/.exec(line)
  if (
    !start ||
    !/^(?:-|\$?['"^\u201c\u2018]|https?:|[\w-]{1,63}[.:][\w-]|\\$)/.test(line.slice(start.index + start[0].length))
  )
    return undefined
  const to = commandEnd(paste, at)
  const text = straighten(
    paste.lines
      .slice(at, to + 1)
      .join('\n')
      .slice(start.index + start[0].length),
  )
  paste.budget.left -= text.length
  const words = shellWords(/\^["\n]/.test(text) ? fromCmd(text) : text)
  const form = formOf(words)
  if (isSignedForm(form)) {
    const request = formRequest(
      words.find((word) => /^https?:\/\//i.test(word)),
      form,
    )
    const description = 'Form of a presigned POST, sent by a curl command'
    return [{ kind: 'request', from: at, to, description, ...(request && { request }) }]
  }
  const isWget = /wget/.test(start[0])
  const request = curlRequest(words.map((word) => (isWget && word === '-O' ? '-o' : word)))
  return (
    request && [
      {
        kind: 'request',
        from: at,
        to,
        description: `${request.method} request of a ${isWget ? 'wget' : 'curl'} command`,
        request,
      },
    ]
  )
}

/** The fields that a command sends as a form. */
function formOf(words: readonly string[]): FormField[] {
  const fields: FormField[] = []
  for (const [i, word] of words.entries()) {
    const joined = /^(?:-F|--form(?:-string)?=)([^=]+=[\s\S]*)$/.exec(word)?.[1]
    const given = /^(?:-F|--form|--form-string)$/.test(word) ? words[i + 1] : joined
    const equals = given?.indexOf('=') ?? -1
    if (given === undefined || equals < 1) continue
    const [name, value] = [given.slice(0, equals), given.slice(equals + 1)]
    if (word.includes('form-string')) fields.push({ name, value })
    else if (value.startsWith('@')) {
      const type = /;type=([^;]+)/.exec(value)?.[1]
      fields.push({ name, value: '', filename: value.slice(1).replace(/;.*$/, ''), type })
    } else
      fields.push({ name, value: value.startsWith('<') ? undefined : value.replace(/;(?:type|encoder)=[^;]*$/, '') })
  }
  return fields
}

/** The last line of a command: the lines before it end with a backslash, a caret or a backtick, or the next is an option. */
function commandEnd(paste: Paste, at: number): number {
  let i = at
  for (; i + 1 < paste.lines.length && i < at + 120; i++) {
    const next = paste.lines[i + 1]!
    if (next === FENCE) break
    const isContinued = /[\\^`]\s*$/.test(paste.lines[i]!) || /^\s*-{1,2}[A-Za-z][\w-]*(?:[ =]|$)/.test(next)
    if (!isContinued && !isQuoteOpen(paste.lines.slice(at, i + 1))) break
    paste.budget.left -= next.length
    if (paste.budget.left < 0) break
  }
  return i
}

/** Whether a quotation mark is open at the end of some lines, within reason. */
function isQuoteOpen(lines: readonly string[]): boolean {
  const text = straighten(lines.join('\n')).slice(0, 20_000)
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!
    if (mark === '\\' && quote !== "'") i++
    else if (quote === '') {
      if (mark === '"' || mark === "'") quote = mark
    } else if (mark === quote) quote = ''
  }
  return quote !== ''
}

/** A command for cmd.exe: a caret escapes what follows it. */
function fromCmd(text: string): string {
  return text.replace(/\^(\r?\n|[\s\S])/g, (_, mark: string) => (/\n/.test(mark) ? ' ' : mark))
}

/** The words of a shell command, up to its end. */
function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const mark = text[i]!
    if (mark === "'" || (mark === '$' && text[i + 1] === "'")) {
      const isAnsi = mark === '$'
      const from = isAnsi ? i + 2 : i + 1
      let end = from
      while (end < text.length && text[end] !== "'") end += isAnsi && text[end] === '\\' ? 2 : 1
      const content = text.slice(from, end)
      word = (word ?? '') + (isAnsi ? unescapeString(content) : content)
      i = end
    } else if (mark === '"') {
      let end = i + 1
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
      word =
        (word ?? '') +
        text.slice(i + 1, end).replace(/\\(["\\$`\n])/g, (_, each: string) => (each === '\n' ? '' : each))
      i = end
    } else if (mark === '\\' || mark === '`') {
      if (mark === '`' && text[i + 1] !== '\n') break
      if (text[i + 1] !== '\n') word = (word ?? '') + (text[i + 1] ?? '')
      i++
    } else if (mark === ' ' || mark === '\t' || mark === '\n') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (
      mark === '|' ||
      (mark === ';' && word === undefined) ||
      (mark === '>' && word === undefined) ||
      (mark === '&' && /\s|&/.test(text[i + 1] ?? ' '))
    )
      break
    else word = (word ?? '') + mark
  }
  if (word !== undefined) words.push(word)
  return words
}

function curlRequest(words: readonly string[]): ({ method?: string } & ReturnType<typeof pastedRequest>) | undefined {
  const found: Record<string, string[]> = {}
  const flags = new Set<string>()
  const urls: string[] = []
  const take = (kind: string, value: string | undefined): void => {
    found[kind] ??= []
    if (value !== undefined) found[kind]!.push(value)
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.replace(/^[\u2013\u2014](?=[A-Za-z])/, (dash) => (dash === '\u2014' ? '--' : '-'))
    const [, long, value] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (long !== undefined) {
      const kind = VALUES[long]
      if (kind) take(kind, value ?? words[++i])
      else if (OTHERS.test(long)) i += value === undefined ? 1 : 0
      else flags.add(long)
    } else if (/^-[A-Za-z#]/.test(word)) {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word[letter]!
        const rest = word.slice(letter + 1)
        const kind = VALUES[name]
        if (!kind && !OTHERS.test(name)) {
          flags.add(name)
          continue
        }
        const given = rest === '' ? words[++i] : rest
        if (kind) take(kind, given)
        break
      }
    } else urls.push(word)
  }
  const url =
    found.url?.[0] ??
    urls.find((each) => /^https?:\/\//i.test(each)) ??
    urls.find((each) => /[./]/.test(each) && /^[\w.-]+[:/]/.test(each))
  if (url === undefined) return undefined
  const headers = (found.header ?? []).flatMap((header): [string, string][] => {
    const colon = header.indexOf(':')
    if (colon > 0)
      return header.slice(colon + 1).trim() === '' ? [] : [[header.slice(0, colon), header.slice(colon + 1).trim()]]
    return header.endsWith(';') ? [[header.slice(0, -1), '']] : []
  })
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && headerOf(headers, name.toLowerCase()) === undefined) headers.push([name, value])
  }
  const unset = (name: string): boolean =>
    (found.header ?? []).some((header) => new Set([`${name}:`]).has(header.trim().toLowerCase()))
  add('User-Agent', found.agent?.[0])
  add('Referer', found.referer?.[0])
  add('Cookie', found.cookie?.[0])
  const data = [...(found.data ?? []), ...(found.raw ?? []), ...(found.encoded ?? []), ...(found.json ?? [])]
  const isPost = data.length > 0 && !flags.has('G') && !flags.has('get')
  if (isPost && !unset('content-type'))
    add('Content-Type', found.json ? 'application/json' : 'application/x-www-form-urlencoded')
  const isFile = (found.data ?? []).some((each) => each.startsWith('@')) || found.encoded !== undefined
  const method =
    found.method?.[0]?.toUpperCase() ??
    (found.file
      ? 'PUT'
      : isPost || found.form
        ? 'POST'
        : flags.has('I') || flags.has('head') || flags.has('spider')
          ? 'HEAD'
          : 'GET')
  const body = isPost ? (isFile ? undefined : data.join('&')) : found.file || found.form ? undefined : ''
  return pastedRequest(method, withQuery(url, found.query ?? []), headers, body) as { method?: string } & ReturnType<
    typeof pastedRequest
  >
}

/** A URL with the parameters of `--url-query`, of which curl escapes the values. */
function withQuery(url: string, given: readonly string[]): string {
  const query = given.map((each) => {
    const equals = each.indexOf('=')
    if (each.startsWith('+')) return each.slice(1)
    return equals < 0
      ? encodeURIComponent(each)
      : `${each.slice(0, equals + 1)}${encodeURIComponent(each.slice(equals + 1))}`
  })
  return query.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`
}
