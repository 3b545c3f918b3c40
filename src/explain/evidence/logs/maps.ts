import { FENCE, type Found, headerOf, type Paste, type Reader, unescapeString } from '../found.ts'

// Headers as languages print their maps: Java and Kotlin, Dart, Swift, Objective-C, Python, PHP.

const AUTHORIZATION =
  /AWS4-HMAC-SHA256 Credential=[^\s,]{1,300}, ?SignedHeaders=[^\s,]{1,2000}, ?Signature=[^\s,"'\])};]{1,200}/
/** What stands for the value of Authorization, which has commas and equals signs of its own. */
const HELD = '\u0001'
const CLOSE: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' }
const MOST_LINES = 80
const LONGEST = 20_000

/** Reads headers that a program printed as a map. */
export const readMap: Reader = (paste, at) => readLine(paste, at) ?? readPhpDump(paste, at) ?? readTable(paste, at)

function foundHeaders(from: number, to: number, column: number, headers: readonly [string, string][]): Found[] {
  return [{ kind: 'request', from, to, column, description: 'Headers of a request that a program printed', headers }]
}

/** `{Host=…, Authorization=…}`, `{Host=[…]}`, `{host: …}`, `["Host": "…"]`, `[('Host', '…')]`, all on one line. */
function readLine(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const found = line.length > LONGEST ? null : AUTHORIZATION.exec(line)
  if (!found) return undefined
  const open = line.slice(0, found.index).search(/[{[(](?=[({"']{0,2}[A-Za-z][\w-]{1,60}["']?(?:=|: ?|, ?| -> ))/)
  if (open < 0) return undefined
  const held = line.slice(open).replace(found[0], HELD)
  const close = held.lastIndexOf(CLOSE[held[0]!]!)
  if (close < held.indexOf(HELD)) return undefined
  const value = /["']/.test(line[found.index - 1] ?? '') ? unescapeString(found[0]) : found[0]
  const headers = pairsOf(held.slice(1, close)).map(([name, text]): [string, string] => [
    name,
    text.includes(HELD) ? value : text,
  ])
  const isWhole = ['host', 'x-amz-date'].some((name) => headerOf(headers, name) !== undefined)
  return isWhole && headerOf(headers, 'authorization') === value ? foundHeaders(at, at, open, headers) : undefined
}

/** The pairs of a map. What has no name goes on with the value before it. */
function pairsOf(text: string): [string, string][] {
  const pairs: [string, string][] = []
  // tuples of Python, Haskell and Erlang
  if (/^[({]/.test(text)) {
    for (const [, name, value] of text.matchAll(/[({]['"]([\w-]{1,60})['"], ?(?:b|<<)?['"]([^'"]{0,8000})['"]/g))
      pairs.push([name!, value!])
    return pairs
  }
  for (const part of text.split(/, ?(?=\S)/)) {
    const [, quote, name, value] = /^\s{0,8}(["']?)([A-Za-z][\w-]{0,60})["']? ?(?:=|:|->) ?(.*)$/.exec(part) ?? []
    const last = pairs[pairs.length - 1]
    if (name !== undefined && value !== undefined) pairs.push([name, plain(value, quote === '' ? '[' : quote!)])
    else if (last) last[1] += `, ${part.replace(/["'\]]$/, '')}`
  }
  return pairs
}

/** A value without the quotation marks or the list around it. */
function plain(value: string, mark: string): string {
  const text = value.trim()
  if (mark === '[') return text.replace(/^\[(.*)\]$/, '$1')
  return text.replace(/^\[?["']/, '').replace(/["']\]?$/, '')
}

/** `[Host] => …` of `print_r` and `["Host"]=>`, `string(9) "…"` of `var_dump`, on lines of their own. */
function readPhpDump(paste: Paste, at: number): Found[] | undefined {
  if (!/^\s*\[["']?[A-Za-z][\w-]{1,60}["']?\] ?=>/.test(paste.lines[at]!)) return undefined
  const headers: [string, string][] = []
  let name: string | undefined
  let to = at
  for (let i = at; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const line = paste.lines[i]!.trim()
    if (line === FENCE || line.length > LONGEST) break
    const [, next, own = ''] = /^\[["']?([A-Za-z][\w-]{0,60})["']?\] ?=> ?(.*)$/.exec(line) ?? []
    const [, item, text] = /^\[0\] ?=> ?(.*)$|^string\(\d{1,9}\) "(.*)$/.exec(line) ?? []
    const isOpen = /^(?:array\(\d{1,9}\) \{|Array|)$/.test(own)
    if (next !== undefined) name = next
    const value = next !== undefined ? (isOpen ? undefined : own) : (text?.replace(/"$/, '') ?? (item || undefined))
    if (value !== undefined && name !== undefined) {
      headers.push([name, value])
      name = undefined
      to = i
    } else if (next === undefined && item === undefined && !/^(?:[(){}]|array\(\d{1,9}\) \{|Array|)$/.test(line)) break
  }
  return /^AWS4-/.test(headerOf(headers, 'authorization') ?? '') ? foundHeaders(at, to, 0, headers) : undefined
}

/** `Name` and `Value` in columns, as PowerShell shows a table. */
function readTable(paste: Paste, at: number): Found[] | undefined {
  if (!/^\s*-{4} +-{5}\s*$/.test(paste.lines[at]!)) return undefined
  const headers: [string, string][] = []
  let to = at
  while (to < at + MOST_LINES) {
    const line = (paste.lines[to + 1] ?? '').trim()
    const [, name, value] = (line.length < LONGEST && /^([A-Za-z][\w-]{1,60}) {2,}(\S.*)$/.exec(line)) || []
    if (name === undefined || value === undefined) break
    headers.push([name, value])
    to++
  }
  return /^AWS4-/.test(headerOf(headers, 'authorization') ?? '') ? foundHeaders(at, to, 0, headers) : undefined
}
