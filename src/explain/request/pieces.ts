import { uriEncode, uriReencode } from '../../core/encoding/percent.ts'
import { wellFormed } from '../../core/encoding/utf8.ts'
import { formatQuery, type Pair, sortPairs } from '../../core/http/query.ts'
import {
  type CanonicalRequest,
  canonicalHeaders,
  canonicalUri,
  EMPTY_HASH,
} from '../../core/signing/canonical-request.ts'
import { isS3 } from '../../core/signing/scope.ts'
import { ALGORITHM, type SigningContext } from '../../core/signing/string-to-sign.ts'
import { sha256Hex } from '../../crypto/sha256.ts'
import { isMasked, type Parameter, type ParsedRequest } from './facts.ts'

/** Everything that a signature is computed from, except the key. */
export type Pieces = CanonicalRequest & SigningContext

export const METHOD = /^(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)$/
/** The hash of a payload, of which a part may have been replaced before it was shown. */
export const HASH =
  /^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+|[\da-f]{0,63}(?:\*\*|xxx|\.\.\.|…)[\w*.…]{0,64})$/i
/** The payload hash of a canonical request whose end was cut off. */
export const CUT_HASH = '…'

/** Whether the lines are a canonical request. */
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

/** Parses a string to sign; `undefined` if it is malformed. */
export function parseStringToSign(text = ''): (SigningContext & { readonly hash: string }) | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  if (lines.length !== 4) return undefined
  const [algorithm, amzDate, scope, hash] = lines as [string, string, string, string]
  return { algorithm, amzDate, scope, hash }
}

/** Percent-encodes every octet that is not unreserved. Never throws. */
export function encode(text: string): string {
  return uriEncode(wellFormed(text))
}

/** The canonical form of a parameter's name or value. */
export function reencode(text: string): string {
  return uriReencode(wellFormed(text.replaceAll('+', '%20')))
}

/** The canonical query string of parameters as they were sent. */
export function canonicalQuery(parameters: readonly Pick<Parameter, 'name' | 'value'>[]): string {
  const given = parameters.filter(({ name, value }) => name !== '' || value !== undefined)
  return formatQuery(sortPairs(given.map(({ name, value = '' }) => [reencode(name), reencode(value)])))
}

/** Whether a parameter is the signature itself, which is never signed. */
export function isSignature({ decoded }: Parameter): boolean {
  return decoded.toLowerCase() === 'x-amz-signature'
}

/** Whether the credential scope is for S3 or a related service. */
export function isForS3({ claim }: ParsedRequest): boolean {
  return isS3(claim.scope[2] ?? 's3')
}

/** The canonical URI of a path; S3 decodes a `+` in it as a space. */
function uriOf(path: string, s3: boolean): string {
  const text = wellFormed(path)
  return s3 ? canonicalUri(text.replaceAll('+', '%20'), 'single', 'none') : canonicalUri(text, 'double', 'rfc3986')
}

/** Computes what a service signs for a request, by the rules for S3 or for other services. */
export function piecesOf(facts: ParsedRequest, s3 = isForS3(facts)): Pieces {
  const { method, path, parameters, headers, location, claim, body } = facts
  const stated = headers['x-amz-content-sha256']
  const parameter = parameters.find(({ name }) => name === 'X-Amz-Content-Sha256')?.value
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  const unstated = location === 'query' && s3 ? 'UNSIGNED-PAYLOAD' : body ? sha256Hex(body) : EMPTY_HASH
  const names = [...new Set(claim.signedHeaders)] // unique: a long value may be listed a million times
  const values = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']))
  return {
    method,
    uri: uriOf(path, s3),
    query: canonicalQuery(parameters.filter((each) => !isSignature(each))),
    headers: canonicalHeaders(values, names),
    signedHeaders: claim.signedHeaders.join(';'),
    payloadHash: parameter ?? (isStated ? (stated ?? unstated) : unstated),
    algorithm: claim.algorithm ?? ALGORITHM,
    amzDate: claim.date ?? '',
    scope: claim.scope.join('/'),
  }
}
