import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  ALGORITHM,
  encode,
  joinParameters,
  sha256,
  signatureOf,
  sortParameters,
  stringToSignOf,
  UNSIGNED_PAYLOAD,
} from '../../../../../test/support/oracle.ts'
import { headerOf, type Keys, type Pair } from './generator/signing.ts'
import { bodyBytes, type RecordedCase, type RecordedRequest, type Recording } from './recorded.ts'

// Which recorded requests show nothing of their fault: computed from what was sent, without any code of the library, and
// without a look at the cause.

/**
 * A request is sound as sent if nothing but its signature is wrong: a correct client could have sent every byte of it.
 * That is so if all of this holds.
 *
 * 1. The server compared signatures: its code is `SignatureDoesNotMatch`, or Garage’s `Invalid signature`. It says no more.
 * 2. The string to sign that the server shows is the one that a correct client signs for the request as it was sent,
 *    built here with node:crypto. So the request, signed anew with the right secret over the server's own string, would
 *    have been accepted; and the signature that was sent is not that one.
 * 3. The request has no trace of anything else. `traceOf` lists what counts as a trace: each piece has to be written
 *    as a correct client writes it, and has to be something that S3 has.
 *
 * Then only what the client signed, or its secret, tells more, and the response and the request have neither. A trace
 * that a reader could see counts against the request, even if a correct client might by chance have sent it: a slash at
 * the end, a key with an escape in it, two spaces. Forms never count as sound: what they sign is what they send.
 */
export function isSoundAsSent(recorded: RecordedCase, recording: Recording): boolean {
  return isCompared(recorded) && traceOf(recorded, recording) === undefined
}

/** Whether the server says that it compared signatures, and nothing else. */
export const isCompared = ({ response }: RecordedCase): boolean =>
  /<Code>SignatureDoesNotMatch<|<Message>Forbidden: Invalid signature</.test(response.body)

/** S3 parameters, without the signature's; in lowercase. */
const S3_PARAMETERS = new Set(
  `acl cors delete delimiter encoding-type location list-type marker max-keys max-parts partnumber prefix
  start-after tagging uploadid uploads versionid versioning versions website policy lifecycle logging notification
  continuation-token fetch-owner key-marker upload-id-marker response-content-disposition response-content-type
  response-cache-control response-content-encoding response-content-language response-expires`.split(/\s+/),
)

const SIGNING = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders']
const QUARTER = 15 * 60_000

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Whether a piece of a URL is written as a correct client writes it, and holds no escape once it is read. */
function isEscapedOnce(text: string): boolean {
  const plain = decode(text)
  return plain !== undefined && encode(plain) === text && !/%[0-9a-f]{2}/i.test(plain)
}

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const isTwice = (names: readonly string[]): boolean => new Set(names).size < names.length

function timeOf(date: string): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const [year, month, day, hour, minute, second] = parts.map(Number)
  return parts.length ? Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) : Number.NaN
}

interface Signature {
  accessKeyId: string
  scope: string[]
  date: string
  signedHeaders: string[]
  signature: string
  /** In a URL alone. */
  expires?: string
}

/** The signature of a request, if it is written exactly as it should be. */
function writtenSignature({ headers }: RecordedRequest, query: Pair[]): Signature | undefined {
  const authorization = headerOf(headers, 'authorization')
  const own = query.filter(([name]) => /^x-amz-/i.test(name))
  const read = (credential: string, date: string, list: string, signature: string): Signature | undefined => {
    const [accessKeyId, ...scope] = credential.split('/')
    if (!accessKeyId || scope.length !== 4 || !/^[0-9a-f]{64}$/.test(signature)) return undefined
    return { accessKeyId, scope, date, signedHeaders: list.split(';'), signature }
  }
  if (authorization !== undefined) {
    const [, ...parts] =
      /^AWS4-HMAC-SHA256 Credential=([^\s,]+), SignedHeaders=([^\s,]+), Signature=(\w+)$/.exec(authorization) ?? []
    if (own.length > 0 || !parts.length) return undefined
    return read(parts[0]!, headerOf(headers, 'x-amz-date') ?? '', parts[1]!, parts[2]!)
  }
  const [algorithm, credential, date, expires, list] = SIGNING.map(
    (name) => decode(own.find(([other]) => other === name)?.[1] ?? '') ?? '',
  )
  const [name, signature] = query.at(-1) ?? ['', '']
  // nothing follows the signature, and nothing else is called X-Amz-…
  const rest = own.filter(([other]) => ![...SIGNING, 'X-Amz-Signature', 'X-Amz-Security-Token'].includes(other))
  if (name !== 'X-Amz-Signature' || algorithm !== ALGORITHM || rest.length) return undefined
  const found = read(credential!, date!, list!, signature)
  return found && { ...found, expires: expires! }
}

/** What a correct client would not have sent; undefined if there is no such thing. */
export function traceOf(recorded: RecordedCase, recording: Recording): string | undefined {
  const { request, now, location, response } = recorded
  if (location === 'post') return 'a form'
  const keys: Keys = recording.credentials[recorded.credentials]!
  const { method, target, headers } = request
  const [path, ...rest] = target.split('?') as [string, ...string[]]
  const pairs = rest.length ? rest.join('?').split('&') : []
  const query = pairs.map((pair): Pair => [pair.split('=')[0]!, pair.split('=').slice(1).join('=')])
  const signed = writtenSignature(request, query)
  if (!signed) return 'the signature is not written as it should be'
  return (
    traceInPath(path) ??
    traceInQuery(pairs, query, method) ??
    traceInHeaders(headers, signed) ??
    traceInBody(request) ??
    traceInScope(signed, recording.region, now, keys, tokenOf(headers, query)) ??
    traceInAnswer(recorded, signed, toSign(request, path, query, signed), keys, response.body)
  )
}

function traceInPath(path: string): string | undefined {
  const segments = path.split('/').slice(1)
  if (!segments.every(isEscapedOnce)) return 'the path is escaped otherwise'
  if (path !== '/' && segments.some((segment) => /^\.{0,2}$/.test(segment))) return 'the path has empty or dot segments'
  return undefined
}

function traceInQuery(pairs: string[], query: Pair[], method: string): string | undefined {
  const names = query.map(([name]) => name)
  if (!pairs.every((pair) => pair.includes('='))) return 'a parameter has no equals sign'
  if (!query.flat().every(isEscapedOnce)) return 'the query is escaped otherwise'
  if (isTwice(names.map((name) => name.toLowerCase()))) return 'a parameter is there twice'
  const unknown = names.find((name) => !/^x-amz-/i.test(name) && !S3_PARAMETERS.has(name.toLowerCase()))
  if (unknown) return `${unknown} is no parameter of S3`
  if (names.some((name) => /^response-/.test(name)) && !/^(?:GET|HEAD)$/.test(method))
    return 'parameters of another method'
  if (method === 'POST' && !names.some((name) => /^(?:uploads|uploadId|delete)$/.test(name)))
    return 'S3 has no such POST'
  return undefined
}

function traceInHeaders(headers: Pair[], { signedHeaders, expires }: Signature): string | undefined {
  const names = headers.map(([name]) => name.toLowerCase())
  if (isTwice(names)) return 'a header is there twice'
  const odd = headers.find(([, value]) => value !== value.trim() || /^(?:|undefined|null)$|\s{2}/.test(value))
  if (odd) return `${odd[0]} has an odd value`
  if (headers.some(([name, value]) => /^if-(?:none-)?match$/i.test(name) && !/^(?:\*|"[^"]*")$/.test(value)))
    return 'an ETag without quotes'
  if (signedHeaders.join(';') !== [...new Set(signedHeaders)].sort(byCode).join(';')) return 'signed headers not sorted'
  if (!signedHeaders.includes('host')) return 'host is not signed'
  const absent = signedHeaders.find((name) => !names.includes(name))
  if (absent !== undefined) return `${absent} is signed and not there`
  const unsigned = names.find((name) => name.startsWith('x-amz') && !signedHeaders.includes(name))
  if (unsigned) return `${unsigned} is not signed`
  if (expires === undefined && !names.includes('x-amz-content-sha256')) return 'no x-amz-content-sha256'
  return undefined
}

function traceInBody(request: RecordedRequest): string | undefined {
  const { method, headers } = request
  const body = bodyBytes(request)
  if (body.length > 0 && /^(?:GET|HEAD|DELETE)$/.test(method)) return 'a body where none belongs'
  const digest = (algorithm: string) => createHash(algorithm).update(body).digest('base64')
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(body))
  const payload = headerOf(headers, 'x-amz-content-sha256')
  const expected: [name: string, value: string][] = [
    ['content-length', String(body.length)],
    ['content-md5', digest('md5')],
    ['x-amz-checksum-sha256', digest('sha256')],
    ['x-amz-checksum-crc32', crc.toString('base64')],
    ['x-amz-content-sha256', payload === UNSIGNED_PAYLOAD ? UNSIGNED_PAYLOAD : sha256(body)],
  ]
  const other = expected.find(([name, value]) => (headerOf(headers, name) ?? value) !== value)
  return other && `${other[0]} is not that of the body`
}

function tokenOf(headers: Pair[], query: Pair[]): string | undefined {
  const inQuery = query.find(([name]) => name === 'X-Amz-Security-Token')?.[1]
  return headerOf(headers, 'x-amz-security-token') ?? (inQuery && decode(inQuery))
}

function traceInScope(
  { accessKeyId, scope, date, expires }: Signature,
  region: string,
  now: number,
  keys: Keys,
  token: string | undefined,
): string | undefined {
  if (accessKeyId !== keys.accessKeyId) return 'another key id'
  if (scope.join('/') !== [date.slice(0, 8), region, 's3', 'aws4_request'].join('/')) return 'another scope'
  if (token !== undefined && token !== keys.sessionToken) return 'another token'
  const time = timeOf(date)
  if (!(time < now + QUARTER)) return 'another date'
  if (expires === undefined) return time > now - QUARTER ? undefined : 'another date'
  const seconds = /^[1-9]\d{0,5}$/.test(expires) ? Number(expires) : Number.NaN
  return seconds <= 604_800 && time + seconds * 1000 > now ? undefined : 'it is expired'
}

/** The string to sign of a request as it was sent, by the rules for S3. */
function toSign(
  { method, headers }: RecordedRequest,
  path: string,
  query: Pair[],
  { date, scope, signedHeaders, expires }: Signature,
): string {
  const canonical = [
    method,
    path,
    joinParameters(sortParameters(query.filter(([name]) => name !== 'X-Amz-Signature'))),
    ...signedHeaders.map((name) => `${name}:${headerOf(headers, name)}`),
    '',
    signedHeaders.join(';'),
    headerOf(headers, 'x-amz-content-sha256') ?? (expires === undefined ? '' : UNSIGNED_PAYLOAD),
  ].join('\n')
  return stringToSignOf(canonical, date, scope.join('/'))
}

function traceInAnswer(
  { refused }: RecordedCase,
  { scope, signature }: Signature,
  right: string,
  { secretAccessKey }: Keys,
  body: string,
): string | undefined {
  const shown = /<StringToSign>([^<]*)</.exec(body)?.[1]?.replaceAll('&#xA;', '\n')
  if (shown !== undefined && shown !== right) return 'the server computed another string'
  return refused && signature === signatureOf(secretAccessKey, scope, right) ? 'the signature is right' : undefined
}
