import { FENCE, type Found, foundRequest, lineAt, type Paste, type Reader } from '../found.ts'
import { type Literal, type Members, readLiteral } from '../literal.ts'
import { readCurl } from './curl.ts'

// Commands and calls that send a request: curl, PowerShell and fetch as browsers copy them, and calls of HTTP clients.

/** Reads a command or a call that starts on a line. */
export const readCommand: Reader = (paste, at) =>
  readCurl(paste, at) ?? readPowerShell(paste, at) ?? readCall(paste, at)

/** `Invoke-WebRequest`, as browsers copy it. */
function readPowerShell(paste: Paste, at: number): Found[] | undefined {
  const [, rest] = /\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b(.*)/is.exec(paste.lines[at]!) ?? []
  if (rest === undefined || !(rest.includes('-') || rest.trimEnd().endsWith('`'))) return undefined
  const isOpen = (i: number): boolean =>
    /[`{]\s*$|^\s*"[^"]*" *=/.test(paste.lines[i]!) || /^\s*(?:\}|-[A-Z]|"[^"]*" *=)/.test(paste.lines[i + 1] ?? '')
  let to = at
  while (to < at + 80 && isOpen(to) && (paste.lines[to + 1] ?? FENCE) !== FENCE) to++
  const text = paste.lines.slice(at, to + 1).join('\n')
  paste.budget.left -= text.length
  const plain = (value: string): string => value.replace(/`([\s\S])/g, '$1')
  const option = (name: string): string | undefined => {
    const from = text.toLowerCase().indexOf(`-${name} `)
    if (from < 0) return undefined
    const [, double, single, bare] =
      /^"((?:[^"`]|`[\s\S])*)"|^'([^']*)'|^(\S+)/.exec(text.slice(from + name.length + 2).trimStart()) ?? []
    return double === undefined ? (single ?? bare) : plain(double)
  }
  const url = option('uri') ?? /https?:\/\/[^\s"'`]+/.exec(text)?.[0]
  if (url === undefined || /^["']?\$/.test(url)) return undefined
  const [, table = '', end] = /-Headers @\{([^}]*)(\}?)/i.exec(text) ?? []
  const headers = [...(end ? table : '').matchAll(/"([^"\n]+)" *= *"((?:[^"`]|`[\s\S])*)"/g)]
    .map(([, name, value]): [string, string] => [name!, plain(value!)])
    .filter(([name]) => !/^(?:method|path|scheme|authority)$/i.test(name))
  const type = option('contenttype')
  if (type !== undefined) headers.push(['Content-Type', type])
  const body = option('body') ?? (/-InFile\b/i.test(text) ? undefined : '')
  const method = (option('method') ?? 'GET').toUpperCase()
  return [foundRequest([at, to], 'a PowerShell command', method, url, headers, body)]
}

/** `fetch("…", { … })`, and calls of axios, requests and their like. */
function readCall(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const call =
    /\b(?:(fetch)|(?:axios|requests|got|ky|http|session|client|superagent)(?:\.(get|put|post|head|delete|patch|request))?)\(\s*(?=["'`]|$)/i.exec(
      line,
    )
  if (!call || paste.budget.left < 0) return undefined
  const from = paste.starts[at]! + call.index + call[0].length
  const ahead = paste.text.slice(from, from + 100_000)
  paste.budget.left -= Math.min(ahead.length, 20_000)
  const url = readLiteral(ahead, 0)
  if (!url || typeof url.value !== 'string' || !/^(?:https?:)?\/\/[^${}\s]+$/.test(url.value)) return undefined
  const name = call[1] ? 'fetch' : call[0].split(/[.(]/)[0]
  const { options, end } =
    call[1] || /^(?:axios|got|ky)$/.test(name!) ? readOptions(ahead, url.end) : readNamed(ahead, url.end)
  const verb = call[2]?.toUpperCase()
  const isAny = verb === 'REQUEST'
  // a named argument, which is not read, may state the method
  const usual = isAny && Object.keys(options).length === 0 ? undefined : 'GET'
  const method = textOf(options.method)?.toUpperCase() ?? (isAny ? usual : (verb ?? usual))
  const given = options.headers
  const headers =
    typeof given === 'object' && given !== null
      ? Object.entries(given).filter((each): each is [string, string] => typeof each[1] === 'string')
      : undefined
  const isCopied = call[1] !== undefined && 'body' in options
  const body = isCopied ? (options.body === null ? '' : textOf(options.body)) : undefined
  return [foundRequest([at, lineAt(paste, from + end)], `a call to ${name}`, method, url.value, headers, body)]
}

/** The last object among the arguments of a call. */
function readOptions(text: string, from: number): { options: Members; end: number } {
  let [at, end] = [from, from]
  let options: Members = {}
  for (let i = 0; i < 3; i++) {
    const comma = /^\s*,\s*/.exec(text.slice(at, at + 200))
    const next: Literal | undefined = comma ? readLiteral(text, at + comma[0].length) : undefined
    if (!next || next.end <= at) break
    at = next.end
    if (typeof next.value === 'object' && next.value !== null) {
      options = next.value as Members
      end = at
    }
  }
  return { options, end }
}

/** The headers among the named arguments of a call in Python. */
function readNamed(text: string, from: number): { options: Members; end: number } {
  const named = /headers\s*=\s*\{/.exec(text.slice(from, from + 2000))
  const literal = named ? readLiteral(text, from + named.index + named[0].length - 1) : undefined
  return literal ? { options: { headers: literal.value }, end: literal.end } : { options: {}, end: from }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
