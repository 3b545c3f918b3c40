import { type Found, foundRequest, lineAt, type Paste, type Reader, straighten } from '../found.ts'
import { type Literal, type Members, readLiteral } from '../literal.ts'
import { readCurl } from './curl.ts'

// Commands and calls that send a request: curl and fetch as browsers copy them, and calls of HTTP clients.

/** Reads a command or a call that starts on a line. */
export const readCommand: Reader = (paste, at) => readCurl(paste, at) ?? readCall(paste, at)

/** `fetch("…", { … })`, and calls of axios, requests and their like. */
function readCall(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const call =
    /\b(?:(fetch)|(?:axios|requests|got|ky|http|session|client|superagent)(?:\.(get|put|post|head|delete|patch|request))?)\(\s*(?=["'`\u201c\u2018]|$)/i.exec(
      line,
    )
  if (!call || paste.budget.left < 0) return undefined
  const from = paste.starts[at]! + call.index + call[0].length
  const ahead = straighten(paste.text.slice(from, from + 100_000))
  paste.budget.left -= Math.min(ahead.length, 20_000)
  const url = readLiteral(ahead, 0)
  if (!url || typeof url.value !== 'string' || !/^(?:https?:)?\/\/[^${}\s]+$/.test(url.value)) return undefined
  const name = call[1] ? 'fetch' : call[0].split(/[.(]/)[0]
  const { options, end } =
    call[1] || /^(?:axios|got|ky)$/.test(name!) ? readOptions(ahead, url.end) : readNamed(ahead, url.end)
  const method = textOf(options.method)?.toUpperCase() ?? call[2]?.toUpperCase().replace('REQUEST', 'GET') ?? 'GET'
  const given = options.headers
  const headers =
    typeof given === 'object' && given !== null
      ? Object.entries(given).filter((each): each is [string, string] => typeof each[1] === 'string')
      : undefined
  const isCopied = call[1] !== undefined && 'body' in options
  const body = isCopied ? (options.body === null ? '' : textOf(options.body)) : undefined
  return [foundRequest([at, lineAt(paste, from + end)], `a call of ${name}`, method, url.value, headers, body)]
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
