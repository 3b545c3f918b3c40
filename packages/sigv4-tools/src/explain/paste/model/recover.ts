import { findStart, HASH, isCanonical, METHOD } from '../../../formats/canonical-request.ts'

// Canonical requests and strings to sign whose line ends were lost: their grammar shows where the lines ended.

const LONGEST = 60_000
const MOST_TRIES = 8

/** Recovers a canonical request whose lines were indented or joined by spaces; `undefined` if it is not one. */
export function recoverCanonical(copy: string): string | undefined {
  const text = copy.replaceAll('\r\n', '\n')
  if (isCanonical(text)) return text
  const tokens = text.trim().split(/\s+/)
  const hash = tokens.pop() ?? ''
  const list = tokens.pop() ?? ''
  const [method = '', uri = ''] = tokens
  if (!METHOD.test(method) || !uri.startsWith('/') || tokens.length < 3 || !HASH.test(hash)) return undefined
  const starts: number[] = []
  let at = 2
  for (const name of list.split(';')) {
    while (at < tokens.length && !tokens[at]!.toLowerCase().startsWith(`${name.toLowerCase()}:`)) at++
    if (at === tokens.length) return undefined
    starts.push(at++)
  }
  const target = tokens.slice(1, starts[0])
  const query = target.findIndex((token, i) => i > 0 && /=|^[\w.~-]+&/.test(token))
  const path = query < 0 ? target : target.slice(0, query)
  const headers = starts.map((start, i) => tokens.slice(start, starts[i + 1]).join(' '))
  return [method, path.join(''), query < 0 ? '' : target.slice(query).join(''), ...headers, '', list, hash].join('\n')
}

/** Recovers a string to sign from a copy; `undefined` if it is not one. */
export function recoverToSign(copy: string): string | undefined {
  const [, algorithm, date, scope, hash] =
    /^\s*(AWS4-[A-Z\d-]+)\s+(\d{8}T\d{6}Z)\s+(\d{8}\/\S+?\/aws4_request)\s+([\da-f]{64}|[\w*.…]{3,64})\s*$/i.exec(
      copy,
    ) ?? []
  return HASH.test(hash ?? '') ? [algorithm, date, scope, hash].join('\n') : undefined
}

/** Finds a canonical request in a string. */
export function findCanonical(text: string, from = 0): string | undefined {
  const start = /(?:^|[^A-Z])(?=(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)\s+\/)/.exec(text.slice(from))
  if (!start) return undefined
  const rest = text.slice(from + start.index + start[0].length)
  let tries = 0
  for (const end of rest.matchAll(
    /\s(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]{5,60}|[\da-f]{0,63}(?:\*\*|xxx|\.\.\.|…)[\w*.…]{0,64}(?=['"\\\s]|$))/gi,
  )) {
    const to = end.index + end[0].length
    const found = to > LONGEST ? undefined : recoverCanonical(rest.slice(0, to))
    if (found !== undefined) return found
    if (++tries > MOST_TRIES || to > LONGEST) break
  }
  return undefined
}

/** The strings in the message of a service, from "The Canonical String for this request" on. */
export function recoverProse(text: string): { canonicalRequest: string; stringToSign?: string } | undefined {
  const middle = text.search(/The String-to-Sign should/i)
  const first = middle < 0 ? text : text.slice(0, middle)
  const canonicalRequest = findCanonical(first) ?? findStart(first.slice(first.indexOf('\n') + 1))
  if (canonicalRequest === undefined) return undefined
  const stringToSign = middle < 0 ? undefined : recoverToSign(/AWS4-[^'"]*/.exec(text.slice(middle))?.[0] ?? '')
  return { canonicalRequest, ...(stringToSign !== undefined && { stringToSign }) }
}
