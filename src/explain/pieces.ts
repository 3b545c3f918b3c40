import { canonicalUri } from '../core/canonical.ts'
import { EMPTY_HASH } from '../core/request.ts'
import { isS3 } from '../core/services.ts'
import { sha256Hex } from '../crypto/sha256.ts'
import { decode, type Facts, type Parameter } from './facts.ts'

// A signature in pieces: what stands in the canonical request and in the string to sign, each of which may be the wrong one.

/** The six parts of a canonical request. */
export interface CanonicalPieces {
  readonly method: string
  readonly uri: string
  readonly query: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly signedHeaders: string
  readonly payloadHash: string
}

/** And what stands before its hash in the string to sign. */
export interface Pieces extends CanonicalPieces {
  readonly algorithm: string
  readonly amzDate: string
  /** `20150830/us-east-1/s3/aws4_request` */
  readonly scope: string
}

/** Writes a canonical request. */
export function formatCanonical({ method, uri, query, headers, signedHeaders, payloadHash }: CanonicalPieces): string {
  return `${method}\n${uri}\n${query}\n${headers.map(([name, value]) => `${name}:${value}\n`).join('')}\n${signedHeaders}\n${payloadHash}`
}

/** Takes a canonical request apart; `undefined` if it is none. */
export function parseCanonical(text: string): CanonicalPieces | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  if (lines.length < 6) return undefined
  const [method, uri, query] = lines as [string, string, string]
  const [signedHeaders, payloadHash] = lines.slice(-2) as [string, string]
  const headers = lines
    .slice(3, -2)
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const colon = line.indexOf(':')
      return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
    })
  return { method, uri, query, headers, signedHeaders, payloadHash }
}

/** The lines of a string to sign; `undefined` if it is none. */
export function parseStringToSign(
  text: string,
): { algorithm: string; amzDate: string; scope: string; hash: string } | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  if (lines.length !== 4) return undefined
  const [algorithm, amzDate, scope, hash] = lines as [string, string, string, string]
  return { algorithm, amzDate, scope, hash }
}

/** Writes a string to sign. */
export function formatStringToSign(
  { algorithm, amzDate, scope }: Omit<Pieces, keyof CanonicalPieces>,
  hash: string,
): string {
  return `${algorithm}\n${amzDate}\n${scope}\n${hash}`
}

/** The string to sign of all pieces. */
export function stringToSign(pieces: Pieces): string {
  return formatStringToSign(pieces, sha256Hex(formatCanonical(pieces)))
}

/** Percent-encodes every octet that is not unreserved. Never throws. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The canonical form of a parameter's name or value. */
export function reencode(text: string): string {
  return encode(decode(text.replaceAll('+', '%20')))
}

/** Writes a canonical query string, sorted as AWS sorts. */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .filter(({ name, value }) => name !== '' || value !== undefined)
    .map(({ name, value = '' }) => [reencode(name), reencode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether a parameter is the signature itself, which is never signed. */
export function isSignature({ name }: Parameter): boolean {
  return decode(name).toLowerCase() === 'x-amz-signature'
}

/** The value of a header as it is signed. */
export function canonicalValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}

/** Whether the request is for S3 or one of its kind, by its credential scope. */
export function isForS3({ claim }: Facts): boolean {
  return isS3(claim.scope[2] ?? 's3')
}

/** The canonical URI of a path, or the path itself where it has none. */
export function uriOf(path: string, s3: boolean): string {
  try {
    return canonicalUri(s3 ? path.replaceAll('+', '%20') : path, s3 ? 'single' : 'double', s3 ? 'none' : 'rfc3986')
  } catch {
    return path
  }
}

/** What a service computes from a request as it is sent; by the rules of S3, or of the others. */
export function piecesOf(facts: Facts, s3 = isForS3(facts)): Pieces {
  const { method, path, parameters, headers, location, claim, body } = facts
  const stated = headers['x-amz-content-sha256']
  const parameter = parameters.find(({ name }) => name === 'X-Amz-Content-Sha256')?.value
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  const unstated = location === 'query' && s3 ? 'UNSIGNED-PAYLOAD' : body ? sha256Hex(body) : EMPTY_HASH
  return {
    method,
    uri: uriOf(path, s3),
    query: canonicalQuery(parameters.filter((each) => !isSignature(each))),
    // each once: a long value may be named a million times
    headers: [...new Set(claim.signedHeaders)].map((name) => [name, canonicalValue(headers[name] ?? '')]),
    signedHeaders: claim.signedHeaders.join(';'),
    payloadHash: parameter ?? (isStated ? (stated ?? unstated) : unstated),
    algorithm: claim.algorithm ?? 'AWS4-HMAC-SHA256',
    amzDate: claim.date ?? '',
    scope: claim.scope.join('/'),
  }
}
