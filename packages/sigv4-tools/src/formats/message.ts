// Requests as HTTP writes them, and as the logs of curl show them.

/** The first line of a request and its headers. */
export interface MessageHead {
  readonly method: string
  /** The target or URL, unchanged. */
  readonly url: string
  readonly headers: [name: string, value: string][]
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) +(\S+)(?: +HTTP\/[\d.]+)?[ \t]*$/
const LOGGED_LINE = /^> ?\S+ +\S+ +HTTP\/[\d.]+$/

/** Parses the first line of a request and its headers; `undefined` if the first line is not one. */
export function parseHead([first = '', ...lines]: readonly string[]): MessageHead | undefined {
  const [, method, url = ''] = REQUEST_LINE.exec(first) ?? []
  return method === undefined || !/^(?:\/|https?:)/i.test(url)
    ? undefined
    : { method, url, headers: parseHeaders(lines) }
}

/** Parses lines of headers. A line that is folded, or that has no colon, continues the one before it. */
export function parseHeaders(lines: readonly string[]): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (const line of lines) {
    const colon = line.indexOf(':', 1)
    const before = headers[headers.length - 1]
    if (before && (colon < 0 || /^[ \t]/.test(line))) before[1] += ` ${line.trim()}`
    else if (colon > 0) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()])
  }
  return headers
}

/** The lines of a request head in a log of curl, up to its last one; `isComplete`: the empty line at its end is shown. */
export interface LoggedHead {
  readonly lines: readonly string[]
  readonly to: number
  readonly isComplete: boolean
}

/** Reads the head of a request that starts on a line of a log of curl; `undefined` if none does. */
export function readLoggedHead(log: readonly string[], at: number): LoggedHead | undefined {
  if (!LOGGED_LINE.test(log[at]!.trim())) return undefined
  const lines: string[] = []
  let to = at
  for (let i = at; i < log.length; i++) {
    const line = log[i]!.trim()
    // curl prints notes between the headers
    if (/^[*{}]/.test(line)) continue
    if (!line.startsWith('>') || (i > at && LOGGED_LINE.test(line))) break
    to = i
    const content = line.replace(/^> ?/, '')
    if (content === '') return { lines, to, isComplete: true }
    lines.push(content)
  }
  return { lines, to, isComplete: false }
}

/** The length of the body that headers announce; `undefined` if it is unknown. */
export function bodyLength(headers: readonly (readonly [name: string, value: string])[]): number | undefined {
  const value = (name: string): string | undefined => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  const length = value('content-length')
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : undefined
  return value('transfer-encoding') === undefined ? 0 : undefined
}

// The notes of a proxy and of a server around a request that they received, as curl writes notes.

const RECEIVED = /^\* Received by sigv4-tools (?:serve|proxy for (\S{1,300})):$/
const BODY = /^\* Body: \d{1,15} bytes, SHA-256 ([\da-f]{64})$/

/** Formats the line before a request that a program has received. `upstream`: the host to which a proxy forwards it. */
export function formatReceived(upstream: string | undefined): string {
  return `* Received by sigv4-tools ${upstream === undefined ? 'serve' : `proxy for ${upstream}`}:`
}

/** Reads the line before a request that a program has received; `undefined` if it is not one. */
export function readReceived(line = ''): { readonly upstream: string | undefined } | undefined {
  const found = RECEIVED.exec(line.trim())
  return found ? { upstream: found[1] } : undefined
}

/** Formats the line that shows the body of a request, and is not the body. */
export function formatBody(length: number, hash: string): string {
  return `* Body: ${length} bytes, SHA-256 ${hash}`
}

/** Reads the hash in that line, from one of the notes at an index; `undefined` if there is none. */
export function readBodyHash(log: readonly string[], from: number): string | undefined {
  for (let i = from; log[i]?.trim().startsWith('*'); i++) {
    const [, hash] = BODY.exec(log[i]!.trim()) ?? []
    if (hash !== undefined) return hash
  }
  return undefined
}
