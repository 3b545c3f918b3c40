import { RESPONSE_HEADERS } from '../../../../../../src/internal/errors.ts'
import { parseHeaders } from '../../../formats/message.ts'
import { foundResponse, headerOf, type Reader, unescapeString } from '../model/found.ts'
import { HEADER } from './http.ts'
import { readPart } from './messages.ts'

// Headers that stand alone, one per line, and Authorization headers in other text.

const AUTHORIZATION =
  /AWS4-(?:HMAC|ECDSA-P256)-SHA256 +Credential= ?[^\s,]{1,300}, *SignedHeaders=[^\s,]{1,2000}, *Signature=(?:[\w+/=.-]{20,200}|\*{3})/
const MOST_LINES = 40
const LONGEST = 20_000

/** Reads lines of headers: of a request if one is Authorization, of a response if only a service sends them. */
export const readHeaders: Reader = (paste, at) => {
  const lines: string[] = []
  for (const each of paste.lines.slice(at, at + MOST_LINES)) {
    const line = each.trim()
    if (!HEADER.test(line) || line.length > LONGEST || /^[\w-]+:\/\//.test(line)) break
    lines.push(line)
  }
  const to = at + lines.length - 1
  const headers = parseHeaders(lines)
  const isIn = (name: string): boolean => headerOf(headers, name) !== undefined
  const isDated = isIn('authorization') && isIn('x-amz-date')
  if (isDated || /^AWS/.test(headerOf(headers, 'authorization') ?? ''))
    return [{ kind: 'request', from: at, to, description: 'Headers of a request', headers }]
  const isResponse = RESPONSE_HEADERS.some(isIn)
  if (headers.length < 2 || !isResponse) return undefined
  return [{ ...foundResponse([at, to], undefined, headers), description: 'Headers of a response' }]
}

/** An Authorization header anywhere in a line that is nothing else. */
export const readAuthorization: Reader = (paste, at, line) => {
  const match = AUTHORIZATION.exec(line)
  if (!match) return undefined
  // a program that quotes a value escapes it
  const value = /["'`]/.test(line[match.index - 1] ?? '') ? unescapeString(match[0]) : match[0]
  const place = { from: at, to: at, column: match.index }
  const headers = [['Authorization', value]] as const
  return [
    { ...place, kind: 'request', description: 'Authorization header', headers },
    ...readPart(paste, at, line, match.index + match[0].length),
  ]
}
