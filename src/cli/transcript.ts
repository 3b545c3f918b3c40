import { usage } from './failure.ts'
import type { WrittenRequest } from './http.ts'
import { parseHeader } from './values.ts'

// Answers as they were written down: saved bodies, logs of curl, HAR files.

/** An answer as it was written down. */
export interface WrittenAnswer {
  readonly status?: number | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  readonly body?: string | undefined
}

/** Reads an answer: that to the last request of a log that `curl -v` wrote, a raw one, or the body alone. */
export function parseAnswer(text: string): WrittenAnswer {
  const asked = [...text.matchAll(/^> \S+ \S+ HTTP\/[\d.]+\r?$/gm)].at(-1)?.index ?? 0
  const log = [...text.slice(asked).matchAll(/^< HTTP\/[\d.]+ (\d{3}).*$/gm)].at(-1)
  if (log) {
    const lines = text
      .slice(asked + log.index)
      .split('\n')
      .slice(1)
    const end = lines.findIndex((line) => !line.startsWith('< ') || line.trim() === '<')
    const head = end < 0 ? lines : lines.slice(0, end)
    const rest = lines.slice(head.length).filter((line) => !/^[*<] |^<\r?$|^[{}] \[\d+ bytes data\]/.test(line))
    return {
      status: Number(log[1]),
      headers: headersOf(head.map((line) => line.slice(2))),
      body: bodyOf(rest),
    }
  }
  if (!/^\s*HTTP\/[\d.]+ \d{3}[^\n]*\n/.test(text)) return { body: text }
  const parts = text.trimStart().split(/\r?\n\r?\n/)
  // before the last head: 100 Continue, or what a proxy said to CONNECT
  let at = 0
  while (/^HTTP\/[\d.]+ \d{3}/.test(parts[at + 1] ?? '')) at++
  const [first = '', ...headers] = parts[at]!.split('\n')
  const rest = parts.slice(at + 1).join('\n\n')
  return { status: Number(/ (\d{3})/.exec(first)![1]), headers: headersOf(headers), body: rest }
}

function headersOf(lines: readonly string[]): [string, string][] {
  return lines.filter((line) => line.indexOf(':') > 0).map(parseHeader)
}

/** The answer of a log has curl's own words around it. */
function bodyOf(lines: readonly string[]): string {
  const text = lines.join('\n')
  const start = text.search(/<\?xml|<Error|\{/)
  if (start < 0 || text[start] === '<') return start < 0 ? text : text.slice(start)
  const end = text.lastIndexOf('}')
  if (end > start) return text.slice(start, end + 1)
  const xml = text.search(/<\?xml|<Error/) // no brace is closed
  return xml < 0 ? text : text.slice(xml)
}

/** What of a HAR file is needed. */
interface HarEntry {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: readonly HarHeader[]
    readonly bodySize?: number
    readonly postData?: { readonly text?: string; readonly encoding?: string }
  }
  readonly response: {
    readonly status: number
    readonly headers: readonly HarHeader[]
    readonly content?: { readonly text?: string; readonly encoding?: string }
  }
}

interface HarHeader {
  readonly name: string
  readonly value: string
}

/** The last signed request of a HAR file that was refused, else the last that was refused, else the last one. */
export function parseHar(text: string): { request: WrittenRequest; response: WrittenAnswer; isSigned: boolean } {
  const entry = chosenEntry(text)
  const { request, response } = entry
  // HTTP/2 has :authority and its like, which the URL says too
  const pairs = (headers: readonly HarHeader[]): [string, string][] =>
    headers.filter(({ name }) => !name.startsWith(':')).map(({ name, value }) => [name, value])
  const body = sentBody(entry)
  return {
    isSigned: isSigned(entry),
    request: { method: request.method, url: request.url, headers: pairs(request.headers), ...(body && { body }) },
    response: {
      // a browser shows no status of an answer that its page may not read
      status: response.status || undefined,
      headers: pairs(response.headers),
      body: decoded(response.content?.text ?? '', response.content?.encoding).toString(),
    },
  }
}

function decoded(text: string, encoding: string | undefined): Buffer {
  return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8')
}

/** The body, unless the file has it as text that it was not: of bytes that are no UTF-8, or cut. */
function sentBody({ request: { headers, bodySize = -1, postData } }: HarEntry): Buffer | undefined {
  if (typeof postData?.text !== 'string') return bodySize === 0 ? Buffer.alloc(0) : undefined
  const body = decoded(postData.text, postData.encoding)
  const header = (name: string) => headers.find((each) => each.name.toLowerCase() === name)?.value
  const length = Number(header('content-length') ?? (bodySize > 0 ? bodySize : body.length))
  const isForm = /^multipart\/form-data/i.test(header('content-type') ?? '')
  return isForm || length === body.length ? body : undefined
}

function isSigned({ request: { url, headers, postData } }: HarEntry): boolean {
  return (
    /[?&](?:amp;)?X-Amz-(?:Signature|Credential)=/i.test(url) ||
    headers.some(({ name, value }) => /^authorization$/i.test(name) && /^AWS/.test(value)) ||
    /name="x-amz-(?:signature|credential)"/i.test(postData?.text ?? '')
  )
}

function chosenEntry(text: string): HarEntry {
  try {
    const entries: HarEntry[] = JSON.parse(text).log.entries
    const refused = entries.filter(({ response }) => response.status >= 400 || response.status === 0)
    const found = refused.filter(isSigned).at(-1) ?? refused.at(-1) ?? entries.at(-1)
    const isRead = (headers: readonly HarHeader[]): boolean =>
      headers.every(({ name, value }) => typeof name === 'string' && typeof value === 'string')
    if (
      typeof found?.request.url === 'string' &&
      typeof found.request.method === 'string' &&
      isRead(found.request.headers) &&
      isRead(found.response.headers)
    )
      return found
  } catch {
    // said below
  }
  return usage('that is no HAR file with a request in it')
}
