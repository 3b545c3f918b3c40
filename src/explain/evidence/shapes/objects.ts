import { isObject } from '../../../core/kind.ts'
import {
  dedent,
  FENCE,
  type Found,
  headerOf,
  indentOf,
  lineAt,
  type Paste,
  pastedRequest,
  type Reader,
  straighten,
} from '../found.ts'
import { type Members, readLiteral } from '../literal.ts'
import { headersOf, member, type Part, readHar, textOf } from './har.ts'
import { numberOf, parseJson, readErrorObject } from './json-error.ts'
import { readHtml, readXmlError } from './xml.ts'

// Objects: HAR files, errors in JSON, and what programs print of errors and requests.

/** Reads an object that starts on a line. */
export const readObject: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /\{\s*(?:["'$[\w\u201c\u2018]|$|\})|^\s*\[\s*(?:[{"]|$)/.exec(line)
  if (paste.budget.left < 0) return undefined
  const quoted = /"\{\\"/.exec(line)
  if (quoted && (!start || start.index > quoted.index || /^\s*\{:/.test(line)))
    return readQuoted(paste, at, quoted.index)
  if (!start || /<(?:\?xml|Error\b)/.test(line.slice(0, start.index))) return undefined
  const from = paste.starts[at]! + start.index + (start[0].length - start[0].trimStart().length)
  const literal = parse(paste, from)
  if (!literal) return undefined
  const to = lineAt(paste, literal.end - 1)
  for (let i = at; i <= to; i++) if (paste.lines[i] === FENCE) return undefined
  const indent = indentOf(line)
  const shown = paste.text.slice(from, literal.end)
  const pasted = /^[[{\s]*[\u201c\u2018]/.test(shown) ? straighten(shown) : shown
  const text =
    indent === 0
      ? pasted
      : pasted
          .split('\n')
          .map((each, i) => (i ? dedent(each, indent) : each))
          .join('\n')
  const found = classify(literal.value, text)
  return found?.map((each) => ({ ...each, from: at, to, column: start.index }))
}

/** An object inside a string: `{:error, 403, "{\\"message\\":…}"}` of Elixir. */
function readQuoted(paste: Paste, at: number, column: number): Found[] | undefined {
  const literal = readLiteral(paste.lines[at]!, column)
  const value = typeof literal?.value === 'string' ? parseJson(literal.value) : undefined
  const found = classify(value, String(literal?.value))
  return found?.map((each) => ({ ...each, from: at, to: at, column }))
}

function parse(paste: Paste, from: number): { value: unknown; end: number } | undefined {
  const isWhole = from < 2000 && paste.text[from] === '{' && paste.text.trimEnd().endsWith('}')
  const whole = isWhole ? parseJson(paste.text.slice(from)) : undefined
  if (whole !== undefined) return { value: whole, end: paste.text.trimEnd().length }
  // typographic quotation marks do not change the length
  const isTypographic = /[\u201c\u201d\u2018\u2019]/.test(paste.text.slice(from, from + 10))
  const literal = readLiteral(isTypographic ? straighten(paste.text) : paste.text, from)
  paste.budget.left -= (literal ? literal.end : paste.text.length) - from
  return literal
}

/** What an object is about. */
function classify(value: unknown, text: string): Part[] | undefined {
  if (!isObject(value)) return undefined
  if (/The Canonical String for this request should have been *\n/.test(text) && !/^\s*\{\s*"/.test(text))
    return undefined
  return (
    readHar(value as Members) ??
    readExchange(value as Members) ??
    readRequest(value as Members) ??
    readErrorObject(value as Members, text)
  )
}

/** The error of axios, with its request and its response. */
function readExchange(value: Members): Part[] | undefined {
  const config = member(value, 'config') ?? member(value, 'response', 'config')
  const url = textOf(member(config, 'url'))
  if (url === undefined) return undefined
  const method = textOf(member(config, 'method'))?.toUpperCase()
  const base = textOf(member(config, 'baseURL')) ?? ''
  const whole = /^https?:/.test(url) ? url : base.replace(/\/$/, '') + url
  const headers = isObject(member(config, 'headers')) ? headersOf(member(config, 'headers')) : undefined
  const data = member(config, 'data')
  const body = typeof data === 'string' ? data : undefined
  const request = pastedRequest(method, whole, headers, body)
  const found: Part[] = [{ kind: 'request', description: `${method ?? 'A'} request from an error of axios`, request }]
  const answer = member(value, 'response')
  const status = numberOf(member(answer, 'status') ?? member(value, 'status'))
  if (status === undefined) return found
  const content = textOf(member(answer, 'data'))
  const response = {
    status,
    ...(isObject(answer) && { headers: headersOf(member(answer, 'headers')) }),
    ...(content !== undefined && { body: content }),
  }
  return [...found, { kind: 'response', description: `Response with status ${status}`, response }]
}

/** The options of a request, as a client has them before it sends it. */
function readRequest(value: Members): Part[] | undefined {
  if (isObject(value.fields) && Object.keys(value.fields).some((name) => /^(?:policy|x-amz-signature)$/i.test(name)))
    return [{ kind: 'request', description: 'Form of a presigned POST; the request that sent it is not part of it' }]
  const headers = headersOf(value.headers)
  if (headerOf(headers, 'authorization') === undefined && headerOf(headers, 'x-amz-date') === undefined)
    return undefined
  const path = textOf(value.path) ?? textOf(value.pathname)
  const host = textOf(value.hostname) ?? textOf(value.host) ?? headerOf(headers, 'host')
  const scheme = `${textOf(value.protocol) ?? 'https:'}//`.replace('////', '//')
  const port = Number(value.port) ? `:${value.port}` : ''
  const pairs = isObject(value.query)
    ? headersOf(value.query).map((pair) => pair.map(encodeURIComponent).join('='))
    : []
  const query = pairs.length && path !== undefined && !path.includes('?') ? `?${pairs.join('&')}` : ''
  const url =
    textOf(value.url) ??
    textOf(value.href) ??
    (path !== undefined && host !== undefined ? `${scheme}${host}${port}${path}${query}` : path)
  const method = textOf(value.method)?.toUpperCase()
  if (url === undefined) return undefined
  const body = textOf(value.body)
  return [
    {
      kind: 'request',
      description: `${method ?? 'A'} request that a program printed`,
      request: pastedRequest(method, url, headers, body),
    },
  ]
}

/** The body of a response that starts on a line: an error in XML or JSON, or a page. */
export function readServiceBody(paste: Paste, at: number): readonly Found[] | undefined {
  const found = readXmlError(paste, at) ?? readHtml(paste, at) ?? readObject(paste, at)
  return found?.[0]?.kind === 'error' ? found : undefined
}
