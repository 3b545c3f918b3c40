import { usage } from './failure.ts'
import type { WrittenRequest } from './http.ts'

// Answers as they were written down: saved bodies, logs of curl, HAR files.

/** An answer as it was written down. */
export interface WrittenAnswer {
  readonly status?: number | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  readonly body?: string | undefined
}

/** Reads an answer: the last one of a log that `curl -v` wrote, a raw one, or the body alone. */
export function parseAnswer(text: string): WrittenAnswer {
  const log = [...text.matchAll(/^< HTTP\/[\d.]+ (\d{3}).*$/gm)].at(-1)
  if (log) {
    const lines = text.slice(log.index).split('\n').slice(1)
    const end = lines.findIndex((line) => !line.startsWith('< ') || line.trim() === '<')
    const rest = lines.slice(end).filter((line) => !/^[*{}<] |^[*{}<]\r?$/.test(line))
    return {
      status: Number(log[1]),
      headers: headersOf(lines.slice(0, end).map((line) => line.slice(2))),
      body: bodyOf(rest),
    }
  }
  const raw = /^HTTP\/[\d.]+ (\d{3})[^\n]*\n/.exec(text)
  if (!raw) return { body: text }
  const [head = '', ...body] = text.slice(raw[0].length).split(/\r?\n\r?\n/)
  return { status: Number(raw[1]), headers: headersOf(head.split('\n')), body: body.join('\n\n') }
}

function headersOf(lines: readonly string[]): [string, string][] {
  return lines
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
    })
}

/** The answer of a log has curl's own words around it. */
function bodyOf(lines: readonly string[]): string {
  const text = lines.join('\n')
  return /<\?xml[\s\S]*|<Error>[\s\S]*|\{[\s\S]*\}/.exec(text)?.[0] ?? text
}

/** What of a HAR file is needed. */
interface HarEntry {
  readonly startedDateTime?: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly postData?: { readonly text?: string; readonly encoding?: string }
  }
  readonly response: {
    readonly status: number
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly content?: { readonly text?: string; readonly encoding?: string }
  }
}

/** The last request of a HAR file that was refused, else the last one. */
export function parseHar(text: string): { request: WrittenRequest; response: WrittenAnswer } {
  const { request, response } = lastEntry(text)
  const pairs = (headers: HarEntry['request']['headers']): [string, string][] =>
    headers.filter(({ name }) => !name.startsWith(':')).map(({ name, value }) => [name, value])
  const { text: body, encoding } = request.postData ?? {}
  return {
    request: {
      method: request.method,
      url: request.url,
      headers: pairs(request.headers),
      ...(body !== undefined && { body: Buffer.from(body, encoding === 'base64' ? 'base64' : 'utf8') }),
    },
    response: {
      status: response.status,
      headers: pairs(response.headers),
      body: Buffer.from(
        response.content?.text ?? '',
        response.content?.encoding === 'base64' ? 'base64' : 'utf8',
      ).toString(),
    },
  }
}

function lastEntry(text: string): HarEntry {
  try {
    const entries: HarEntry[] = JSON.parse(text).log.entries
    const found = entries.filter(({ response }) => response.status >= 400).at(-1) ?? entries.at(-1)
    if (
      typeof found?.request.url === 'string' &&
      Array.isArray(found.request.headers) &&
      Array.isArray(found.response.headers)
    )
      return found
  } catch {
    // said below
  }
  return usage('that is no HAR file with a request in it')
}
