import { uriEncode, uriReencode } from '../../core/encoding/percent.ts'
import { wellFormed } from '../../core/encoding/utf8.ts'
import { formatQuery, sortPairs } from '../../core/http/query.ts'
import { isS3 } from '../../core/services.ts'
import {
  type CanonicalRequest,
  canonicalHeaders,
  canonicalUri,
  EMPTY_HASH,
} from '../../core/signing/canonical-request.ts'
import { ALGORITHM, type SigningContext } from '../../core/signing/string-to-sign.ts'
import { type Claim, hashOfBody, type Parameter, type ParsedRequest } from './facts.ts'

/** Everything that a signature is computed from, except the key. */
export type Pieces = CanonicalRequest & SigningContext

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

/** Returns whether a parameter is the signature itself, which is never signed. */
export function isSignature({ decoded }: Parameter): boolean {
  return decoded.toLowerCase() === 'x-amz-signature'
}

/** Returns whether the credential scope is for S3 or a related service. */
export function isForS3({ claim }: ParsedRequest): boolean {
  return isS3(claim.scope[2] ?? 's3')
}

/** The canonical URI of a path; S3 decodes a `+` in it as a space. */
function uriOf(path: string, s3: boolean): string {
  const text = wellFormed(path)
  return s3 ? canonicalUri(text.replaceAll('+', '%20'), 'single', 'none') : canonicalUri(text, 'double', 'rfc3986')
}

/** The credential scope, in which Signature Version 4a has no region. */
export function scopeOf({ scope, is4a }: Claim): string {
  return (is4a ? scope.filter((_, i) => i !== 1) : scope).join('/')
}

/** The payload hash that a request states, or that its service assumes; `undefined` if it is that of the body. */
function statedHash({ parameters, headers, location, claim }: ParsedRequest, s3: boolean): string | undefined {
  const parameter = parameters.find(({ name }) => name === 'X-Amz-Content-Sha256')?.value
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  const stated = parameter ?? (isStated ? headers['x-amz-content-sha256'] : undefined)
  return stated ?? (location === 'query' && s3 ? 'UNSIGNED-PAYLOAD' : undefined)
}

/** Returns whether the signature depends on the bytes of the body, because nothing in the request states their hash. */
export function isBodySigned(facts: ParsedRequest): boolean {
  const { location } = facts
  return location !== undefined && location !== 'post' && statedHash(facts, isForS3(facts)) === undefined
}

/** Returns whether the headers of a request announce a body. */
export function hasBodyHeaders({ headers }: Pick<ParsedRequest, 'headers'>): boolean {
  return Number(headers['content-length']) > 0 || headers['transfer-encoding'] !== undefined
}

/** Returns whether the signature depends on a body that the evidence does not show: an empty one would be a guess. */
export function isBodyMissing(facts: ParsedRequest): boolean {
  const { method, headers } = facts
  const hasType = headers['content-type'] !== undefined && !/^(?:GET|HEAD|DELETE|OPTIONS)$/i.test(method)
  return hashOfBody(facts) === undefined && isBodySigned(facts) && (hasType || hasBodyHeaders(facts))
}

/** Computes what a service signs for a request, by the rules for S3 or for other services. */
export function piecesOf(facts: ParsedRequest, s3 = isForS3(facts)): Pieces {
  const { method, path, parameters, headers, claim } = facts
  const names = [...new Set(claim.signedHeaders)] // unique: a long value may be listed a million times
  const values = Object.fromEntries(names.map((name) => [name, headers[name.toLowerCase()] ?? '']))
  return {
    method,
    uri: uriOf(path, s3),
    query: canonicalQuery(parameters.filter((each) => !isSignature(each))),
    headers: canonicalHeaders(values, names),
    signedHeaders: claim.signedHeaders.join(';'),
    payloadHash: statedHash(facts, s3) ?? hashOfBody(facts) ?? EMPTY_HASH,
    algorithm: claim.algorithm ?? ALGORITHM,
    amzDate: claim.date ?? '',
    scope: scopeOf(claim),
  }
}
