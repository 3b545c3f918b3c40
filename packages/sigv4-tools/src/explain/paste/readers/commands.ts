import { FENCE, type Found, foundRequest, known, lineAt, type Paste, type Reader } from '../model/found.ts'
import { type Members, readLiteral } from '../model/literal.ts'
import { readCurl } from './curl.ts'
import { headersOf } from './har.ts'

// Commands and calls that send a request: curl, PowerShell and fetch as browsers copy them, and calls of HTTP clients.

const MOST_LINES = 80
/** A call of an HTTP client whose first argument is a URL, or the name of one. */
const CALL =
  /\b(?:(fetch)|(?:axios|requests|got|ky|httpx?|session|client|\$http|superagent|request|needle)(?:\.(get|put|post|head|delete|patch))?)\(\s*(?=["'`]|$|([A-Za-z_$][\w$.[\]'"]{0,60})\s*[,)])/i

/** Reads a command or a call that starts on a line. */
export const readCommand: Reader = (paste, at, line) =>
  // a HAR file may contain commands
  /^\s*[{[]/.test(line)
    ? undefined
    : (readCurl(paste, at, line) ??
      readPowerShell(paste, at, line) ??
      readCall(paste, at, line) ??
      readStatement(at, line))

function readPowerShell(paste: Paste, at: number, line: string): Found[] | undefined {
  const start = line.search(/\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\s/i)
  if (start < 0 || !/ -|`\s*$/.test(line.slice(start, start + 20_000))) return undefined
  const isOpen = (i: number): boolean =>
    /[`{]\s*$/.test(paste.lines[i]!) || /^\s*(?:\}|-[A-Z]|"[^"]*" *=)/.test(paste.lines[i + 1] ?? '')
  let to = at
  while (to < at + MOST_LINES && isOpen(to) && (paste.lines[to + 1] ?? FENCE) !== FENCE) to++
  const text = paste.lines.slice(at, to + 1).join('\n')
  paste.budget.left -= text.length
  const plain = (value: string): string => value.replace(/`([\s\S])/g, '$1')
  const option = (name: string): string | undefined => {
    const from = text.toLowerCase().indexOf(`-${name} `)
    const value = from < 0 ? '' : text.slice(from + name.length + 2).trimStart()
    const [, double, single, bare] = /^"((?:[^"`]|`[\s\S])*)"|^'([^']*)'|^(\S+)/.exec(value) ?? []
    return double === undefined ? (single ?? bare) : plain(double)
  }
  const url = option('uri') ?? /https?:\/\/[^\s"'`]+/.exec(text)?.[0]
  if (url === undefined || url.startsWith('$')) return undefined
  const [, table = ''] = /-Headers @\{([^{}]*)\}/i.exec(text) ?? []
  const headers = [...table.matchAll(/"([^"\n]+)" *= *"((?:[^"`]|`[\s\S])*)"/g)]
    .map(([, name = '', value = '']): [string, string] => [name, plain(value)])
    .filter(([name]) => !/^(?:method|path|scheme|authority)$/i.test(name))
  const type = option('contenttype')
  if (type !== undefined) headers.push(['Content-Type', type])
  const body = option('body') ?? (/-InFile\b/i.test(text) ? undefined : '')
  return [foundRequest([at, to], 'a PowerShell command', (option('method') ?? 'GET').toUpperCase(), url, headers, body)]
}

/** `fetch("…", { … })`, `axios.put(url, data, { headers: … })`, and calls of similar clients. */
function readCall(paste: Paste, at: number, line: string): Found[] | undefined {
  const call = CALL.exec(line)
  if (!call || paste.budget.left < 0) return undefined
  const from = paste.starts[at]! + call.index + call[0].length
  const ahead = paste.text.slice(from, from + 100_000)
  paste.budget.left -= Math.min(ahead.length, 20_000)
  const [, isFetch, verb, variable] = call
  const url = variable === undefined ? readLiteral(ahead, 0) : { value: undefined, end: variable.length }
  if (!url || (variable === undefined && (typeof url.value !== 'string' || !/^https?:\/\/[^${}\s]+$/.test(url.value))))
    return undefined
  // the object after the URL and perhaps the body, or the named argument of Python
  const next = /^\s*,\s*(?=\{)|^\s*,\s*[\w$.]{1,60}\s*,\s*(?=\{)|^[^{}]{0,300}\bheaders\s{0,9}=\s{0,9}(?=\{)/.exec(
    ahead.slice(url.end, url.end + 2000),
  )
  const literal = next ? readLiteral(ahead, url.end + next[0].length) : undefined
  const given = (literal?.value ?? {}) as Members
  const options: Members = next && /=/.test(next[0]) ? { headers: given } : given
  const method = String(options.method ?? verb ?? 'GET').toUpperCase()
  const headers = options.headers ? headersOf(options.headers) : undefined
  const to = lineAt(paste, from + (literal?.end ?? url.end))
  const name = isFetch ?? call[0].split(/[.(]/, 1)[0]
  if (typeof url.value !== 'string') {
    // without a method or headers, it shows nothing
    if (verb === undefined && !literal) return undefined
    return [
      { kind: 'request', from: at, to, description: `${method} call to ${name}`, parts: known({ method, headers }) },
    ]
  }
  const { body } = options
  const sent = body === null ? '' : typeof body === 'string' && isFetch ? body : undefined
  return [foundRequest([at, to], `a call to ${name}`, method, url.value, headers, sent)]
}

/** A method or a header that a statement sets, in most languages. */
const STATEMENT =
  /\.open\(\s*["'](GET|PUT|POST|HEAD|DELETE)["']|NewRequest(?:WithContext)?\((?:ctx, )?(?:"(GET|PUT|POST|HEAD|DELETE)"|http\.Method(Get|Put|Post|Head|Delete))|CURLOPT_CUSTOMREQUEST,\s*["']([A-Z]{3,7})["']/
const SET_HEADER =
  /(?:setRequestHeader|setHeader|Headers?\.(?:Set|Add|append)|\.(?:header|addHeader|add_header))\(\s*["']([\w-]{2,80})["']\s*,\s*["']([^"'\n]{1,500})["']/i

function readStatement(at: number, line: string): Found[] | undefined {
  if (line.length > 2000) return undefined
  const [, open, go, goName, php] = STATEMENT.exec(line) ?? []
  const method = (open ?? go ?? goName ?? php)?.toUpperCase()
  const [, name, value] = SET_HEADER.exec(line) ?? []
  const headers = name !== undefined && value !== undefined ? ([[name, value]] as const) : undefined
  if (method === undefined && headers === undefined) return undefined
  const description = method === undefined ? 'Header that code sets' : 'Method that code sets'
  return [{ kind: 'request', from: at, to: at, description, parts: known({ method, headers }) }]
}
