import type { CanonicalRequest } from '../../../../src/internal/canonical-request.ts'
import type { Pair } from '../../../../src/internal/http.ts'

// Canonical requests that a service or a client shows, perhaps with placeholders for removed parts.

export const METHOD = /^(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)$/
/** The hash of a payload, part of which may have been replaced before it was shown. */
export const HASH =
  /^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+|[\da-f]{0,63}(?:\*\*|xxx|\.\.\.|…)[\w*.…]{0,64})$/i
/** The payload hash of a canonical request whose end was cut off. */
export const CUT_HASH = '…'

/** Returns whether a value was replaced by a placeholder, in whole or in part, before it was shown. */
export function isMasked(value = ''): boolean {
  const isHidden =
    /^(?:[*.xX…_-]+|.*(?:redact|hidden|masked|removed|censored|snip|\*{3}|x{6}|…|\.{3}).*|[<[{(](?!stdin\)=).*)$/i
  return value !== '' && isHidden.test(value.slice(0, 200))
}

/** Returns whether the lines are a canonical request. */
export function isCanonical(text: string): boolean {
  const lines = text.split('\n')
  const count = lines.length
  if (count < 6 || !METHOD.test(lines[0]!) || !lines[1]!.startsWith('/')) return false
  const names = lines[count - 2]!.split(';')
  return (
    lines[count - 3] === '' &&
    (HASH.test(lines[count - 1]!) || /^[A-Z\d-]*$/i.test(lines[count - 1]!)) &&
    names.length === count - 6 &&
    names.every((name, i) => lines[i + 3]!.startsWith(`${name}:`))
  )
}

/** Parses a canonical request; `undefined` if it is malformed. */
export function parseCanonicalRequest(text = ''): CanonicalRequest | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  if (lines.length < 6) return undefined
  const [method, uri, query] = lines as [string, string, string]
  const [signedHeaders, payloadHash] = lines.slice(-2) as [string, string]
  const shown = lines.slice(3, -2).filter((line) => line !== '')
  // a line may have been replaced by a placeholder
  const names = new Set(shown.map((line) => line.split(':', 1)[0]))
  const hidden = signedHeaders.split(';').filter((name) => !names.has(name))
  let at = 0
  const headers = shown.map((line): Pair => {
    const colon = line.indexOf(':')
    if (colon < 0) return isMasked(line) ? [hidden[at++] ?? line, line] : [line, '']
    return [line.slice(0, colon), line.slice(colon + 1)]
  })
  return { method, uri, query, headers, signedHeaders, payloadHash }
}

/** The start of a canonical request whose end was cut off: its lines up to the last complete header. */
export function findStart(text: string): string | undefined {
  const found =
    /^[\s'"]*(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)[ \t]*\n[ \t]*(\/\S*)[ \t]*\n(?:[ \t]*\n)?(?:[ \t]*([^\s:=]+(?:=\S*)?)[ \t]*\n)?((?:[ \t]*[a-z][\w-]{1,60}:[^\n]*\n){1,60})/.exec(
      text.slice(0, 20_000),
    )
  if (!found) return undefined
  const [, method, uri, query = '', lines = ''] = found
  const headers = lines
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
    // the last one may end in the middle of the date
    .filter((line, i, { length }) => i < length - 1 || !/^x-amz-date:(?!\d{8}T\d{6}Z$)/.test(line))
  const names = headers.map((line) => line.slice(0, line.indexOf(':'))).join(';')
  return [method, uri, query, ...headers, '', names, CUT_HASH].join('\n')
}
