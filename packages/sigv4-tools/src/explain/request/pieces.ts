import {
  ALGORITHM,
  type CanonicalRequest,
  EMPTY_HASH,
  type SigningContext,
} from '../../../../../src/internal/canonical-request.ts'
import { formatAmzDate, uriEncode, uriReencode, wellFormed } from '../../../../../src/internal/encoding.ts'
import { formatQuery, parseQuery, sortPairs } from '../../../../../src/internal/http.ts'
import { type Coverage, canonicalRequestOf, parseHeaderDate, statedHash } from '../../../../../src/internal/received.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { type Claim, hashOfBody, type Parameter, type ParsedRequest } from './facts.ts'
import { signedNames } from './signed-headers.ts'

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

/** The credential scope, in which Signature Version 4a has no region. */
export function scopeOf({ scope, is4a }: Claim): string {
  return (is4a ? scope.filter((_, i) => i !== 1) : scope).join('/')
}

/** What the signature covers, as far as it is known. */
function coverageOf({ parameters, claim }: ParsedRequest, s3: boolean): Coverage {
  const signed = parameters.filter((each) => !isSignature(each))
  const query = signed.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join('&')
  return { s3, query: parseQuery(wellFormed(query)), signedHeaders: signedNames({ claim }) }
}

/** The payload hash that a request states, or that its service assumes; `undefined` if it is that of the body. */
function hashIn({ headers, location }: ParsedRequest, coverage: Coverage): string | undefined {
  return location === undefined || location === 'post' ? undefined : statedHash(headers, location, coverage)
}

/** Returns whether the signature depends on the bytes of the body, because nothing in the request states their hash. */
export function isBodySigned(facts: ParsedRequest): boolean {
  const { location } = facts
  const isSigned = location !== undefined && location !== 'post'
  return isSigned && hashIn(facts, coverageOf(facts, isForS3(facts))) === undefined
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
  const { method, path, headers, location, claim } = facts
  const coverage = coverageOf(facts, s3)
  const payloadHash = hashIn(facts, coverage) ?? hashOfBody(facts) ?? EMPTY_HASH
  const { date = '' } = claim
  const time = location === 'header' ? parseHeaderDate(date) : undefined
  return {
    ...canonicalRequestOf({ method, path: wellFormed(path), headers }, coverage, payloadHash),
    signedHeaders: claim.signedHeaders.join(';'),
    algorithm: claim.algorithm ?? ALGORITHM,
    amzDate: time === undefined ? date : formatAmzDate(time),
    scope: scopeOf(claim),
  }
}
