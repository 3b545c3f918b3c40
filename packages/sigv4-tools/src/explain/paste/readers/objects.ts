import { isObject } from '../../../../../../src/internal/options.ts'
import { METHOD } from '../../../formats/canonical-request.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import { formOf, isForm } from '../model/form.ts'
import { FENCE, type Found, headerOf, lineAt, type Paste, pastedRequest, type Reader } from '../model/found.ts'
import { type Members, parseJson, readLiteral } from '../model/literal.ts'
import { type Place, readErrorObject } from './errors.ts'
import { headersOf, readHar } from './har.ts'

// Objects: HAR files, errors in JSON, and errors and requests that programs print.

/** Maximum number of lines of an error without an end. */
const MOST_LINES = 12

/** Reads an object that starts on a line. */
export const readObject: Reader = (paste, at, line) => {
  const start = /\{\s*(?:["'$\w]|\[(?!\d+ bytes data)|:\w+ *=>|$|\})|^\s*\[\s*(?:[{"[]|$)/.exec(line)
  if (!start || paste.budget.left < 0 || /<(?:\?xml|Error\b)/.test(line.slice(0, start.index))) return undefined
  const column = start.index + (start[0].length - start[0].trimStart().length)
  const from = paste.starts[at]! + column
  const literal = parse(paste, from)
  if (!literal) return readCut(paste, at, column)
  const form = readForm(literal.value, { from: at, to: lineAt(paste, literal.end - 1), column })
  if (form) return form
  if (!isObject(literal.value)) return undefined
  const to = lineAt(paste, literal.end - 1)
  for (let i = at; i <= to; i++) if (paste.lines[i] === FENCE) return undefined
  const value = literal.value as Members
  const har = readHar(value, [at, to])
  if (har) return har
  const place = { from: at, to, column }
  const [indent = ''] = /^[ \t]*/.exec(line) ?? []
  const text = paste.text.slice(from, literal.end).replaceAll(`\n${indent}`, '\n')
  const before = `${paste.lines[at - 1] ?? ''} ${line.slice(0, column)}`.slice(-LONGEST_TARGET)
  const strings = readStrings(value, place)
  const read = readRequest(value, place, before) ?? readErrorObject(value, text, place)
  return strings.length > 0 ? [...strings, ...(read ?? [])] : read
}

/** The fields of a signed form: an object, a list of pairs, or the member of an object beside the URL. */
function readForm(value: unknown, place: Place): Found[] | undefined {
  const [inner, url] = isObject(value) ? [(value as Members).fields, (value as Members).url] : [undefined, undefined]
  const fields = [pairsOf(value), pairsOf(inner)].find(isForm)
  if (!fields) return undefined
  const request = formOf(fields, typeof url === 'string' ? url : '/')
  return [{ ...place, kind: 'request', description: 'Form that a program printed', request }]
}

function pairsOf(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return headersOf(value)
  return value.flatMap((each): [string, string][] => {
    const [name, text] = Array.isArray(each) ? each : []
    return typeof name === 'string' && typeof text === 'string' ? [[name, text]] : headersOf([each])
  })
}

/** Strings that were signed, as members of an object: of an error, they are the service's. */
function readStrings(value: Members, place: Place): Found[] {
  const names = Object.keys(value)
  if (names.some((name) => /^(?:code|message|error|__type)$/i.test(name))) return []
  return names.flatMap((name): Found[] => {
    const text = value[name]
    if (typeof text !== 'string' || !/^(?:canonical_?(?:request|string)?|string_?to_?sign)$/i.test(name)) return []
    const side = 'client'
    if (!/sign/i.test(name))
      return [
        { ...place, kind: 'canonical-request', side, description: CLIENTS, canonicalRequest: text, written: text },
      ]
    return [
      {
        ...place,
        kind: 'string-to-sign',
        side,
        description: 'String to sign that the client computed',
        stringToSign: text,
      },
    ]
  })
}

const CLIENTS = 'Canonical request that the client computed'

function parse(paste: Paste, from: number): { value: unknown; end: number } | undefined {
  const rest = from < 2000 && paste.text[from] === '{' ? paste.text.slice(from).trimEnd() : ''
  const value = rest.endsWith('}') ? parseJson(rest) : undefined
  if (value !== undefined) return { value, end: from + rest.length }
  const literal = readLiteral(paste.text, from)
  paste.budget.left -= (literal ? literal.end : paste.text.length) - from
  return literal
}

/** An error in JSON whose end was cut off: up to an empty line. */
function readCut({ lines, starts, text }: Paste, at: number, column: number): Found[] | undefined {
  const from = starts[at]! + column
  if (!/^\{\s*"(?:__type|[Cc]ode|[Mm]essage)"\s*:\s*"/.test(text.slice(from, from + 200))) return undefined
  let to = at
  while (to < at + MOST_LINES && (lines[to + 1] ?? FENCE) !== FENCE && lines[to + 1]!.trim() !== '') to++
  const body = text.slice(from, starts[to]! + lines[to]!.length)
  return [{ kind: 'error', from: at, to, column, description: 'JSON error, cut off', response: { body } }]
}

export const LONGEST_TARGET = 4200

/** The method and the URL or path that a program prints before the headers. */
function targetOf(before: string): { method?: string | undefined; target?: string | undefined } {
  const [target = '', method = ''] = before
    .split(/[\s'"`,()]+/)
    .filter((word) => word !== '' && word !== ':')
    .reverse()
  return METHOD.test(method.replace(':', '')) && /^(?:https?:\/)?\//.test(target)
    ? { method: method.replace(':', ''), target: target.replace(/:$/, '') }
    : {}
}

/** A presigned request whose parameters are the members of an object, in any case. */
function presignedBy(value: Members): RequestAsSent | undefined {
  const host = Object.entries(value).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const names = Object.keys(value).filter((name) => /^(?:x-amz-[\w-]+|action)$/i.test(name))
  const parameters = names.filter((name) => typeof value[name] === 'string')
  // a form has a signature without signed headers
  if (
    !['signature', 'signedheaders'].every((part) => parameters.some((name) => name.toLowerCase() === `x-amz-${part}`))
  )
    return undefined
  const query = parameters.map((name) => {
    const spelled = name.toLowerCase().replace(/(?:^|-|(?<=signed))[a-z]/g, (letter) => letter.toUpperCase())
    return `${spelled}=${encodeURIComponent(String(value[name]))}`
  })
  return pastedRequest('GET', `${typeof host === 'string' ? `https://${host}` : ''}/?${query.join('&')}`)
}

/** A URL as an object: of JavaScript, or of Rust. */
function writtenUrl(url: unknown): string | undefined {
  if (!isObject(url)) return undefined
  const { href, scheme, host, port, path, query } = url as Members
  if (typeof href === 'string') return href
  if (typeof host !== 'string' || typeof path !== 'string') return undefined
  const search = typeof query === 'string' ? `?${query}` : ''
  return `${scheme === 'http' ? 'http' : 'https'}://${host}${typeof port === 'number' ? `:${port}` : ''}${path}${search}`
}

/** A request as a client or a signer has it: its headers, or its options with them. `before`: the text printed before it. */
export function readRequest(value: Members, place: Place, before: string): Found[] | undefined {
  const presigned = presignedBy(value)
  if (presigned)
    return [{ ...place, kind: 'url', description: 'Presigned request that a program printed', request: presigned }]
  const own = headersOf(value.headers ?? value.header)
  const given = own.length > 0 ? own : headersOf(value).filter(([, text]) => !text.includes('\n'))
  const signed = headerOf(given, 'authorization') ?? ''
  // logs replace the hyphens of names
  const headers = given.map(([name, text]): [string, string] => [
    signed.includes(name) ? name : name.replaceAll('_', '-'),
    text,
  ])
  const isIn = (name: string): boolean => headerOf(headers, name) !== undefined
  const isForSigning = isIn('x-amz-date') && (isIn('host') || isIn('authorization'))
  if (!/^AWS/.test(headerOf(headers, 'authorization') ?? '') && !isForSigning) return undefined
  const found = { ...place, kind: 'request', description: 'Request that a program printed' } as const
  const textOf = (...names: string[]): string | undefined =>
    names.map((name) => value[name]).find((each): each is string => typeof each === 'string' && each !== '')
  const { method, target } = targetOf(before)
  const path =
    writtenUrl(value.url ?? value.uri) ?? textOf('url', 'href', 'uri', 'path', 'pathname', 'reqURI') ?? target
  const host = textOf('hostname', 'host') ?? headerOf(headers, 'host')
  const origin = `https://${host}${Number(value.port) ? `:${value.port}` : ''}`
  const url = path?.startsWith('http') || host === undefined ? path : `${origin}${path ?? '/'}`
  if (url === undefined || (own.length === 0 && target === undefined)) return [{ ...found, headers }]
  const sent = textOf('method')?.toUpperCase() ?? method
  return [{ ...found, request: pastedRequest(sent, url, headers, textOf('body')) }]
}
