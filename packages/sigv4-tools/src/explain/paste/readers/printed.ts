import { type Found, type Paste, type Reader, region } from '../model/found.ts'
import { LONGEST_TARGET, readRequest } from './objects.ts'

// Requests and headers as PHP, Go, and Java print them, without quotation marks that end a value.

/** Maximum number of lines of a PHP array. */
const MOST_LINES = 200

type Pairs = (readonly [name: string, value: string])[]

/** Reads an object that a program printed on one line or, in PHP, on several. */
export const readPrinted: Reader = (paste, at, line) => {
  const [start] = /(?:\bmap\[|&?\{)(?=[\w-]{1,100}[:=])/.exec(line) ?? []
  if (start !== undefined) return found(paste, at, line.indexOf(start), at, readMap(line.slice(line.indexOf(start))))
  return /^\s*array(?:\(\d+\) \{)?\s*$/i.test(line) ? readArray(paste, at) : undefined
}

/** `map[Host:[a]]` in Go, `{host=[a]}` or `{host=a}` in Java, and a request of Go, which contains its headers. */
function readMap(text: string): Pairs {
  const lists = [...text.matchAll(/([\w-]{1,100})[:=]\[([^[\]]+)\]/g)]
  const [, method, url] = /^&?\{Method:(\w+) URL:(\S+) /.exec(text) ?? []
  const [, host] = method === undefined ? [] : (/ Host:([^\s[]+) /.exec(text) ?? [])
  const own: [string, string | undefined][] = [
    ['method', method],
    ['url', url],
    ['Host', host],
  ]
  const known = own.filter((pair): pair is [string, string] => pair[1] !== undefined)
  if (lists.length > 0) return [...lists.map(([, name = '', value = '']) => [name, value] as const), ...known]
  const [, content = ''] = /^\{([^{}]*)\}/.exec(text) ?? []
  // the parts of an Authorization header look like members
  return content.split(/, (?!SignedHeaders=|Signature=)(?=[\w-]{1,100}=)/).map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
}

/** Reads the output of `print_r` and `var_dump`: `[Host] => a`, or `["Host"]=>` and `string(1) "a"` on the next line. */
function readArray(paste: Paste, at: number): Found[] | undefined {
  const pairs: Pairs = []
  let name = ''
  let depth = 0
  for (let to = at; to < Math.min(at + MOST_LINES, paste.lines.length) && paste.budget.left > 0; to++) {
    const line = paste.lines[to]!.trim()
    paste.budget.left -= line.length + 20
    const [, key, after = line] = /^\["?([\w-]{1,100})"?\]\s*=>\s*(\S.*|)$/.exec(line) ?? []
    // a list of values has the name of the member that it is in
    if (key !== undefined && !/^\d+$/.test(key)) name = key
    if (/^(?:\(|array\(\d+\) \{)$/.test(after)) depth++
    else if (/^[)}]$/.test(after)) depth--
    else if (after !== '' && after !== 'Array') pairs.push([name, /^string\(\d+\) "(.*)"$/.exec(after)?.[1] ?? after])
    if (depth === 0 && to > at) return found(paste, at, 0, to, pairs)
  }
  return undefined
}

function found(paste: Paste, from: number, column: number, to: number, pairs: Pairs): Found[] | undefined {
  const headers = Object.fromEntries(pairs)
  const { method, url, ...others } = headers
  const before = `${paste.lines[from - 1] ?? ''} ${region(paste, from, from).slice(0, column)}`.slice(-LONGEST_TARGET)
  return readRequest(url === undefined ? headers : { method, url, headers: others }, { from, to, column }, before)
}
