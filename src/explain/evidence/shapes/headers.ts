import { FENCE, foundRequest, headerOf, type Reader, unescapeString } from '../found.ts'
import { readPart } from './messages.ts'

// Headers that stand alone, one per line: as in a message, as Envoy and PHP print them, or as a table of PowerShell.

const ROW =
  /^(?:["'](:?[\w-]{1,60})["'] ?(?:[,:]|=>) ?[bfu]?["'](.*)["'],?|([\w!#$%&'*+.^`|~-]{2,60}) *: *(?!\/\/)(\S.*)|([A-Za-z][\w-]{1,60}) {2,}(\S.*)|\[["']?([A-Za-z][\w-]{1,60})["']?\] ?=> ?(.*))$/
/** What PHP prints between the name of a header and its value. */
const OPEN = /^(?:array\(\d{1,9}\) \{|Array|[(){}]|)$/
/** A value on its own line. */
const ITEM = /^(?:\[0\] ?=> ?(.*)|string\(\d{1,9}\) "(.*)")$/
const AUTHORIZATION =
  /AWS4-HMAC-SHA256 +Credential= ?[^\s,]{1,300}, *SignedHeaders=[^\s,]{1,2000}, *Signature=[\da-f]{64}/
const [MOST_LINES, LONGEST] = [40, 20_000]

/** Reads lines of headers: of a request if one is Authorization, of a response if only a service sends them. */
export const readHeaders: Reader = (paste, at) => {
  const ahead = paste.text.slice(paste.starts[at], paste.starts[at + MOST_LINES])
  if (!/authorization|x-amzn?-|:path|:status|server/i.test(ahead)) return undefined
  const headers: [string, string][] = []
  let to = at
  let name: string | undefined
  for (let i = at; i < Math.min(at + MOST_LINES, paste.lines.length); i++) {
    const line = paste.lines[i]!.trim()
    if (line === FENCE || line.length > LONGEST) break
    const item = name === undefined ? null : ITEM.exec(line)
    const row = item
      ? undefined
      : ROW.exec(line)
          ?.slice(1)
          .filter((each) => each !== undefined)
    const value = item ? (item[1] ?? item[2]) : row?.[1]
    if (row) name = row[0]
    else if (!item && !(name !== undefined && OPEN.test(line))) break
    if (value !== undefined && name !== undefined && !OPEN.test(value)) {
      headers.push([name, value.trim()])
      to = i
    }
  }
  if (headers.length === 0) return undefined
  const get = (key: string): string | undefined => headerOf(headers, key)
  const found = { kind: 'request', from: at, to, description: 'Headers of a request' } as const
  const [method, path, status] = [get(':method'), get(':path'), get(':status')]
  if (method !== undefined && path !== undefined) {
    const kept = headers
      .filter(([key]) => !/^:(?:method|path|scheme)$/.test(key))
      .map(([key, each]): [string, string] => [key === ':authority' ? 'host' : key, each])
    return [foundRequest([at, to], 'a log', method, path, kept)]
  }
  if (/^AWS \S/.test(get('authorization') ?? '') || AUTHORIZATION.test(get('authorization') ?? ''))
    return [{ ...found, headers }]
  const isServer = /^(?:AmazonS3|MinIO|cloudflare|Server|UploadServer)$/i.test(get('server') ?? '')
  const isResponse =
    (isServer && get('date') !== undefined) ||
    ['x-amz-request-id', 'x-amzn-requestid', 'x-amz-id-2', 'x-amzn-errortype'].some((key) => get(key) !== undefined)
  if (status === undefined && (headers.length < 2 || !isResponse)) return undefined
  const response = { ...(status !== undefined && { status: Number(status) }), headers }
  return [{ ...found, kind: 'response', description: 'Headers of a response', response }]
}

/** An Authorization header anywhere in a line that is nothing else. */
export const readAuthorization: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const match = AUTHORIZATION.exec(line)
  if (!match) return undefined
  // a program that quotes a value escapes it
  const escaped = /["'`]/.test(line[match.index - 1] ?? '') ? unescapeString(match[0]) : match[0]
  const value = line[match.index - 2] === '\\' ? unescapeString(escaped) : escaped
  const found = { from: at, to: at, column: match.index, description: 'Authorization header' }
  return [
    { ...found, kind: 'request', headers: [['Authorization', value]] },
    ...readPart(paste, at, match.index + match[0].length),
  ]
}
